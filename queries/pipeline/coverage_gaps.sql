-- title: Stretches of the window for which a flow log, NAT gateway or endpoint interface has no record of its own
-- reads: coverage_slots, record_times
-- params: since, until
-- columns: kind, id, interface_id, owner, start and end (Unix seconds, end not part of it)
-- rules: the window is the one asked for, else the first to the last 10-minute slot in which a record starts. What was never logged
--   at all is no gap: coverage_gateways has it with 0 hours.
WITH edges AS (
    SELECT coalesce($since, first_start - first_start % 600) AS since, coalesce($until, last_start - last_start % 600 + 600) AS until
    FROM record_times
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
    SELECT p.*, e.since FROM pieces p CROSS JOIN edges e WHERE p.start < e.until AND p.finish > e.since
    -- The end of the window closes the last gap.
    UNION ALL
    SELECT DISTINCT s.kind, s.id, s.interface_id, s.account_id, s.region, s.vpc_id, e.until AS start, e.until AS finish, e.since
    FROM coverage_slots s
    CROSS JOIN edges e
),
ordered AS (
    SELECT *, lag(finish) OVER (PARTITION BY kind, id, interface_id, account_id, region, vpc_id ORDER BY start) AS before FROM bounded
)
SELECT kind, id, interface_id, account_id, region, vpc_id, coalesce(before, since) AS start, start AS "end"
FROM ordered
WHERE start > coalesce(before, since)
ORDER BY kind, account_id, region, vpc_id, id, interface_id, start
