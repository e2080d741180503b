-- title: Every NAT gateway: bytes, cost, what could move, and two checks of the log against itself
-- reads: nat_facts, traffic_monthly, traffic_hourly, nat_legs, nat_vantages, move_rows, moves, scopes, gateway_slots, gateway_lives,
--   report_window, prices
-- columns: as in the report. leg_ratio = internet leg over client leg; vantage_ratio = workload rows over NAT rows of the same
--   exchanges; both over covered hours only; covered_hours and window_share (of its life) = what the monthly figures rest on; life_hours =
--   hours of the window in which it existed; run_rate_usd_month = a month of it as it is now, where it is younger than the window;
--   bound = at_least where a price is missing: a charge that is null is then not in any sum
WITH carried AS (
    SELECT nat_gateway_id, sum(bytes) AS bytes, sum(gib_month) AS gib_month, sum(gib) AS gib,
        min(coalesce(covered_hours, 0.0)) AS covered_hours, min(coalesce(window_share, 0.0)) AS window_share,
        -- The known part of a charge; null where nothing of it is known, never 0.
        CASE WHEN bool_and(nat_rate IS NOT NULL) THEN sum(gib_month * nat_rate) ELSE nullif(sum(gib_month * nat_rate), 0) END AS processing_usd,
        CASE WHEN bool_and(inter_az_rate IS NOT NULL) THEN sum(gib_month * inter_az_rate) ELSE nullif(sum(gib_month * inter_az_rate), 0) END AS inter_az_usd,
        CASE WHEN bool_and(transit_gateway_rate IS NOT NULL) THEN sum(gib_month * transit_gateway_rate)
            ELSE nullif(sum(gib_month * transit_gateway_rate), 0) END AS transit_gateway_usd,
        sum(gib * usd_per_gib) AS observed_usd, bool_or(missing_prices IS NOT NULL) AS lacks_price
    FROM traffic_monthly
    WHERE path = 'nat_gateway' AND nat_gateway_id IS NOT NULL
    GROUP BY nat_gateway_id
),
-- Without packet fields the client leg still tells what the gateway processed, hour by hour; in an hour that it does not cover,
-- the larger of it and what was counted elsewhere.
carried_hours AS (
    SELECT nat_gateway_id, hour, sum(bytes) AS bytes FROM traffic_hourly WHERE path = 'nat_gateway' AND nat_gateway_id IS NOT NULL
    GROUP BY nat_gateway_id, hour
),
blind_hours AS (
    SELECT nat_gateway_id, hour, blind_bytes AS bytes, covered FROM nat_legs WHERE is_blind
),
-- Hours that its own log without packet fields covers: what it does not show there is not added from elsewhere.
own_hours AS (
    SELECT DISTINCT gateway, hour FROM gateway_slots WHERE covered_blindly
),
blind AS (
    SELECT coalesce(b.nat_gateway_id, c.nat_gateway_id) AS nat_gateway_id,
        sum(CASE WHEN b.hour IS NULL THEN CASE WHEN o.hour IS NULL THEN c.bytes ELSE 0 END WHEN b.covered THEN b.bytes ELSE greatest(b.bytes, coalesce(c.bytes, 0)) END) AS bytes
    FROM carried_hours c
    FULL OUTER JOIN blind_hours b ON b.nat_gateway_id = c.nat_gateway_id AND b.hour = c.hour
    LEFT JOIN own_hours o ON o.gateway = concat('nat:', c.nat_gateway_id) AND o.hour = c.hour
    GROUP BY coalesce(b.nat_gateway_id, c.nat_gateway_id)
    HAVING count(b.hour) > 0
),
-- AWS waives hours and GB of a NAT gateway that Network Firewall stands before, an hour for an hour of the firewall's endpoint.
firewalled AS (
    SELECT DISTINCT nat_gateway_id FROM traffic_monthly WHERE path = 'nat_gateway' AND via LIKE '%network_firewall%'
),
legs_in AS (
    SELECT nat_gateway_id, sum(client_bytes) AS client_bytes, sum(internet_bytes) AS internet_bytes FROM nat_legs GROUP BY nat_gateway_id
),
existed AS (
    SELECT n.nat_gateway_id, coalesce(l.hours, w.hours) AS life_hours, coalesce(l.is_partial AND l.alive, false) AS is_young
    FROM nat_facts n
    CROSS JOIN report_window w
    LEFT JOIN gateway_lives l ON l.gateway = concat('nat:', n.nat_gateway_id)
),
movable AS (
    SELECT m.nat_gateway_id, sum(m.bytes) AS bytes
    FROM move_rows m
    JOIN moves o ON o.opportunity = m.opportunity AND o.decision IN ('adopt', 'consider')
    WHERE m.nat_gateway_id IS NOT NULL AND m.kind NOT LIKE '%idle%' AND m.kind NOT LIKE 'replace%'
    GROUP BY m.nat_gateway_id
),
priced AS (
    SELECT
        n.nat_gateway_id, n.account_id, n.region, n.vpc_id, n.az_id,
        coalesce(b.bytes, c.bytes, 0) AS processed_bytes,
        CASE WHEN b.bytes IS NOT NULL THEN b.bytes / 1073741824.0 * a.factor ELSE coalesce(c.gib_month, 0) END AS monthly_gib,
        CASE WHEN f.nat_gateway_id IS NULL AND n.state <> 'failed' THEN n.az_count * h.usd * 730.0 * coalesce(l.life_hours / nullif(w.hours, 0), 1.0) ELSE 0 END AS hours_usd,
        CASE
            WHEN b.bytes IS NOT NULL AND f.nat_gateway_id IS NULL THEN b.bytes / 1073741824.0 * a.factor * g.usd
            WHEN c.bytes IS NULL THEN 0
            ELSE c.processing_usd
        END AS processing_usd,
        CASE WHEN c.bytes IS NULL THEN 0 ELSE c.inter_az_usd END AS inter_az_usd,
        CASE WHEN c.bytes IS NULL THEN 0 ELSE c.transit_gateway_usd END AS transit_gateway_usd,
        CASE WHEN b.bytes IS NOT NULL AND f.nat_gateway_id IS NULL THEN b.bytes / 1073741824.0 * g.usd WHEN c.bytes IS NULL THEN 0 ELSE c.observed_usd END AS observed_usd,
        coalesce(m.bytes, 0) AS movable_bytes,
        CASE WHEN i.client_bytes > 0 AND i.internet_bytes > 0 THEN CAST(i.internet_bytes AS DOUBLE) / i.client_bytes END AS leg_ratio,
        CASE WHEN v.nat_bytes > 0 THEN CAST(v.workload_bytes AS DOUBLE) / v.nat_bytes END AS vantage_ratio,
        n.observed OR coalesce(c.bytes, 0) > 0 AS observed,
        coalesce(c.covered_hours, s.covered_hours, 0.0) AS covered_hours, coalesce(c.window_share, s.share, 0.0) AS window_share,
        l.life_hours, l.is_young, w.hours AS window_hours, coalesce(c.lacks_price, false) AS lacks_price
    FROM nat_facts n
    CROSS JOIN report_window w
    LEFT JOIN carried c ON c.nat_gateway_id = n.nat_gateway_id
    LEFT JOIN blind b ON b.nat_gateway_id = n.nat_gateway_id
    LEFT JOIN scopes s ON s.scope = concat('nat:', n.nat_gateway_id)
    LEFT JOIN scopes a ON a.scope = concat('nat:', n.nat_gateway_id, ' and its clients')
    LEFT JOIN existed l ON l.nat_gateway_id = n.nat_gateway_id
    LEFT JOIN legs_in i ON i.nat_gateway_id = n.nat_gateway_id
    LEFT JOIN nat_vantages v ON v.nat_gateway_id = n.nat_gateway_id
    LEFT JOIN firewalled f ON f.nat_gateway_id = n.nat_gateway_id
    LEFT JOIN movable m ON m.nat_gateway_id = n.nat_gateway_id
    LEFT JOIN prices h ON h.region = n.region AND h.charge = CASE WHEN n.is_regional THEN 'regional_nat_az_hour' ELSE 'nat_hour' END
    LEFT JOIN prices g ON g.region = n.region AND g.charge = CASE WHEN n.is_regional THEN 'regional_nat_gib' ELSE 'nat_gib' END
)
SELECT nat_gateway_id, account_id, region, vpc_id, az_id, processed_bytes, monthly_gib, hours_usd, processing_usd, inter_az_usd, transit_gateway_usd,
    observed_usd, CASE WHEN lacks_price OR hours_usd IS NULL OR processing_usd IS NULL THEN 'at_least' ELSE 'exact' END AS bound,
    movable_bytes, leg_ratio, vantage_ratio, observed, covered_hours, window_share, life_hours,
    CASE WHEN is_young AND life_hours > 0 THEN (hours_usd + processing_usd + inter_az_usd + transit_gateway_usd) * window_hours / life_hours END AS run_rate_usd_month
FROM priced
ORDER BY processed_bytes DESC, nat_gateway_id
