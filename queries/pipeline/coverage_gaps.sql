-- title: Stretches of the window for which a flow log, NAT gateway or endpoint interface has no record of its own
-- reads: coverage_slots, report_window, gateway_lives
-- columns: kind, id, interface_id, owner, start and end (Unix seconds, end not part of it)
-- rules: what was never logged at all is no gap: coverage_gateways has it with 0 hours. Nor is the time before a gateway's birth or after
--   its end.
WITH known AS (
    SELECT DISTINCT kind, id, interface_id, account_id, region, vpc_id,
        CASE kind WHEN 'nat_gateway' THEN concat('nat:', id) WHEN 'endpoint' THEN concat('endpoint:', interface_id) END AS gateway
    FROM coverage_slots
),
edges AS (
    SELECT k.kind, k.id, k.interface_id, k.account_id, k.region, k.vpc_id, coalesce(l.since, w.since) AS since, coalesce(l.until, w.until) AS until,
        concat_ws('/', k.kind, k.id, k.interface_id, k.account_id, k.region, k.vpc_id) AS key
    FROM known k
    CROSS JOIN report_window w
    LEFT JOIN gateway_lives l ON l.gateway = k.gateway AND l.slots > 0
),
-- Whole hours in one piece, others slot by slot.
pieces AS (
    SELECT kind, id, interface_id, account_id, region, vpc_id, hour AS start, hour + 3600 AS finish
    FROM coverage_slots
    WHERE slots = 63
    UNION ALL
    SELECT kind, id, interface_id, account_id, region, vpc_id, hour + 600 * slot.value, hour + 600 * slot.value + 600
    FROM coverage_slots
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5)) AS slot(value)
    WHERE slots <> 63 AND (slots >> slot.value) & 1 = 1
),
bounded AS (
    SELECT p.*, e.since
    FROM pieces p
    JOIN edges e ON e.key = concat_ws('/', p.kind, p.id, p.interface_id, p.account_id, p.region, p.vpc_id)
    WHERE p.start < e.until AND p.finish > e.since
    -- The end of the window, or of the gateway, closes the last gap.
    UNION ALL
    SELECT kind, id, interface_id, account_id, region, vpc_id, until AS start, until AS finish, since FROM edges
),
ordered AS (
    SELECT *, lag(finish) OVER (PARTITION BY kind, id, interface_id, account_id, region, vpc_id ORDER BY start) AS before FROM bounded
)
SELECT kind, id, interface_id, account_id, region, vpc_id, coalesce(before, since) AS start, start AS "end"
FROM ordered
WHERE start > coalesce(before, since)
ORDER BY kind, account_id, region, vpc_id, id, interface_id, start
