-- title: What stays on each NAT gateway once every adopted move is made, and once every other move is made too
-- reads: traffic_monthly, move_rows, moves, nat_facts
-- columns: nat_gateway_id, client zone, bytes and money; moves_away = an adopted move takes them; may_move = an adopted move, one worth
--   considering or without a price, or a name for their range might take them; zone_has_nat = the zone has a NAT gateway of its own
WITH moving AS (
    SELECT m.move_key, bool_or(o.decision = 'adopt') AS adopted
    FROM move_rows m
    JOIN moves o ON o.opportunity = m.opportunity AND o.decision IN ('adopt', 'consider', 'unpriced')
    WHERE m.nat_gateway_id IS NOT NULL
    GROUP BY m.move_key
)
SELECT t.nat_gateway_id, t.az_id, t.crosses_az, t.scope, t.move_key,
    coalesce(a.adopted, false) AS moves_away, a.move_key IS NOT NULL OR t.service LIKE 'range:%' AS may_move,
    own.nat_gateway_id IS NOT NULL AS zone_has_nat,
    sum(t.bytes) AS bytes, sum(t.gib_month) AS gib_month, sum(t.gib_month * t.inter_az_rate) AS inter_az_usd,
    bool_and(t.inter_az_rate IS NOT NULL) AS priced
FROM traffic_monthly t
LEFT JOIN moving a ON a.move_key = t.move_key
LEFT JOIN (SELECT vpc_id, az_id, min(nat_gateway_id) AS nat_gateway_id FROM nat_facts WHERE NOT is_regional AND state = 'available' AND is_public GROUP BY vpc_id, az_id) own
    ON own.vpc_id = t.nat_vpc_id AND own.az_id = t.az_id
WHERE t.path = 'nat_gateway' AND t.nat_gateway_id IS NOT NULL
GROUP BY t.nat_gateway_id, t.az_id, t.crosses_az, t.scope, t.move_key, coalesce(a.adopted, false),
    a.move_key IS NOT NULL OR t.service LIKE 'range:%', own.nat_gateway_id IS NOT NULL
