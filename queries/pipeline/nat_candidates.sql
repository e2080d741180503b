-- title: NAT gateways that could go, or whose clients' zones deserve one of their own; one kind for each
-- reads: nat_left, nat_facts, gateway_slots, report_window, unmatched_gateways, traffic_monthly, prices, nat_legs
-- columns: kind, nat_gateway_id, crossing (zones worth it), money, undone = what else may move would make it a loss; only gateways of which
--   the own logs of every interface prove bytes and silence for 95 % of the window
-- rules: opportunities remove_nat_gateway and nat_per_az: what is left after adopt is nothing, or crosses zones for more than the
--   hours of a NAT gateway; the second also once everything else that may move is gone. Nothing is left over while unmatched bytes point at it.
WITH interface_slots AS (
    SELECT gateway, interface_id, sum(slot_count(silence_slots)) AS slots FROM gateway_slots GROUP BY gateway, interface_id
),
proven AS (
    SELECT s.gateway
    FROM interface_slots s
    CROSS JOIN report_window w
    GROUP BY s.gateway
    HAVING min(s.slots) >= 0.95 * max(w.slots)
),
zones AS (
    SELECT l.nat_gateway_id, l.az_id, bool_or(l.zone_has_nat) AS zone_has_nat, sum(l.bytes) AS bytes, sum(l.gib_month) AS gib,
        CASE WHEN bool_and(l.priced) THEN sum(l.inter_az_usd) END AS inter_az_usd,
        coalesce(sum(l.inter_az_usd) FILTER (WHERE NOT l.may_move), 0) AS lasting_inter_az_usd
    FROM nat_left l
    WHERE l.crosses_az AND NOT l.moves_away
    GROUP BY l.nat_gateway_id, l.az_id
),
rates AS (
    -- Hours that Network Firewall before the gateway has waived are not saved again.
    SELECT n.nat_gateway_id, CASE WHEN f.nat_gateway_id IS NULL THEN 730 * h.usd ELSE 0 END AS hours_usd, 730 * i.usd AS ipv4_usd
    FROM nat_facts n
    LEFT JOIN prices h ON h.region = n.region AND h.charge = CASE WHEN n.is_regional THEN 'regional_nat_az_hour' ELSE 'nat_hour' END
    LEFT JOIN prices i ON i.region = n.region AND i.charge = 'public_ipv4_hour'
    LEFT JOIN (SELECT DISTINCT nat_gateway_id FROM traffic_monthly WHERE path = 'nat_gateway' AND via LIKE '%network_firewall%') f
        ON f.nat_gateway_id = n.nat_gateway_id
),
worth AS (
    SELECT z.nat_gateway_id, sum(z.bytes) AS bytes, sum(z.gib) AS gib, sum(z.inter_az_usd) AS inter_az_usd, count(*) AS zones,
        array_agg(z.az_id) AS az_ids, bool_or(z.lasting_inter_az_usd <= z.zone_usd) AS undone,
        sum(CASE WHEN z.zone_has_nat THEN 0 ELSE 1 END) AS new_gateways
    FROM (
        SELECT z.*, CASE WHEN z.zone_has_nat THEN 0 ELSE r.hours_usd + CASE WHEN n.is_public THEN coalesce(r.ipv4_usd, 0) ELSE 0 END END AS zone_usd
        FROM zones z
        JOIN rates r ON r.nat_gateway_id = z.nat_gateway_id
        JOIN nat_facts n ON n.nat_gateway_id = z.nat_gateway_id
    ) z
    WHERE z.inter_az_usd > z.zone_usd
    GROUP BY z.nat_gateway_id
),
remaining AS (
    SELECT nat_gateway_id, sum(CASE WHEN moves_away THEN 0 ELSE bytes END) AS bytes_left FROM nat_left GROUP BY nat_gateway_id
),
blind AS (
    SELECT DISTINCT nat_gateway_id FROM nat_legs WHERE is_blind
)
SELECT n.nat_gateway_id, n.account_id, n.region, n.vpc_id, n.az_id, n.is_regional, n.is_public, n.az_count, n.public_address_count,
    r.hours_usd, r.ipv4_usd, w.bytes, w.gib, w.inter_az_usd, w.new_gateways, w.zones, w.az_ids, coalesce(w.undone, false) AS undone,
    CASE WHEN coalesce(m.bytes_left, 0) = 0 THEN 'remove_nat_gateway' ELSE 'nat_per_az' END AS kind
FROM nat_facts n
JOIN proven p ON p.gateway = concat('nat:', n.nat_gateway_id)
LEFT JOIN rates r ON r.nat_gateway_id = n.nat_gateway_id
LEFT JOIN remaining m ON m.nat_gateway_id = n.nat_gateway_id
LEFT JOIN worth w ON w.nat_gateway_id = n.nat_gateway_id
LEFT JOIN blind b ON b.nat_gateway_id = n.nat_gateway_id
LEFT JOIN unmatched_gateways u ON u.nat_gateway_id = n.nat_gateway_id
WHERE n.observed AND n.in_inventory AND n.state = 'available' AND b.nat_gateway_id IS NULL AND u.nat_gateway_id IS NULL
    AND (coalesce(m.bytes_left, 0) = 0 OR w.nat_gateway_id IS NOT NULL)
