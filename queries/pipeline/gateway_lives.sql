-- title: For which part of the window each NAT gateway and each interface of an endpoint existed
-- reads: gateway_interfaces, gateway_slots, chosen_flow_logs, coverage, nat_facts, inventory.vpc_endpoints, report_window
-- columns: gateway (of gateway_interfaces), since, until (Unix seconds, within the window), hours, slots = 10-minute slots touched,
--   is_partial = shorter than the window, alive = exists at its end
-- rules: money, "life": from CreateTime to DeleteTime; without these from its first to its last record, but only where its flow log goes
--   on delivering for other interfaces outside that span: a flow log that was switched on late is no birth. Own records outside of what
--   the inventory says make the life longer. Two aggregation intervals are allowed for.
WITH own AS (
    SELECT gateway, min(hour + 600 * first_slot(slots)) AS first_seen, max(hour + 600 * (last_slot(slots) + 1)) AS last_seen
    FROM gateway_slots
    WHERE slots <> 0
    GROUP BY gateway
),
delivering AS (
    SELECT flow_log_id, min(hour + 600 * first_slot(slots)) AS first_seen, max(hour + 600 * (last_slot(slots) + 1)) AS last_seen
    FROM coverage
    WHERE slots <> 0
    GROUP BY flow_log_id
),
-- Its flow logs as long as they deliver for any interface.
around AS (
    SELECT g.gateway, min(d.first_seen) AS first_seen, max(d.last_seen) AS last_seen
    FROM (
        SELECT DISTINCT g.gateway, c.flow_log_id
        FROM gateway_interfaces g
        JOIN chosen_flow_logs c ON c.interface_id = g.interface_id
        WHERE NOT g.is_regional
    ) g
    JOIN delivering d ON d.flow_log_id = g.flow_log_id
    GROUP BY g.gateway
),
named AS (
    SELECT concat('nat:', nat_gateway_id) AS gateway, created, deleted, in_inventory, state IN ('available', 'pending') AS stands FROM nat_facts
    UNION ALL
    SELECT g.gateway, e.created, CAST(NULL AS BIGINT), e.endpoint_id IS NOT NULL, coalesce(e.state NOT IN ('deleted', 'deleting', 'failed', 'rejected'), true)
    FROM (SELECT DISTINCT gateway, endpoint_id FROM gateway_interfaces WHERE gateway LIKE 'endpoint:%') g
    LEFT JOIN inventory.vpc_endpoints e ON e.endpoint_id = g.endpoint_id
),
bounds AS (
    SELECT n.gateway, r.since AS window_since, r.until AS window_until, o.first_seen, o.last_seen,
        coalesce(n.created, CASE WHEN a.first_seen < o.first_seen - 1200 THEN o.first_seen END, r.since) AS since,
        CASE
            WHEN n.deleted IS NOT NULL THEN n.deleted
            WHEN n.in_inventory AND n.stands THEN r.until
            WHEN n.in_inventory THEN coalesce(o.last_seen, r.since)
            WHEN a.last_seen > o.last_seen + 1200 THEN o.last_seen
            ELSE r.until
        END AS until
    FROM named n
    LEFT JOIN own o ON o.gateway = n.gateway
    LEFT JOIN around a ON a.gateway = n.gateway
    CROSS JOIN report_window r
),
lives AS (
    SELECT gateway, window_since, window_until,
        greatest(least(since, coalesce(first_seen, since)), window_since) AS since,
        least(greatest(until, coalesce(last_seen, until)), window_until) AS until
    FROM bounds
)
SELECT gateway, since, greatest(until, since) AS until,
    greatest(until - since, 0) / 3600.0 AS hours,
    CASE WHEN until > since THEN (until + 599) / 600 - since / 600 ELSE 0 END AS slots,
    since > window_since OR until < window_until AS is_partial,
    until >= window_until AS alive
FROM lives
