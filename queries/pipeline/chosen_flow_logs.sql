-- title: The one flow log that speaks for an interface in an hour
-- reads: coverage
-- columns: interface_id, hour, flow_log_id, covered, has_packet_fields, slots, skipped, proves_silence
-- rules: records, "one flow log per ENI". Candidates carry at least 98 % of the largest flow log's ACCEPT bytes; of these the one
--   with most fields, then the lowest id; per UTC day, and per hour only where the day's choice has no covered hour. A flow log of
--   rejected traffic is none; one that may be gives way to one that is known to record accepted traffic.
WITH days AS (
    SELECT interface_id, hour / 86400 AS day, flow_log_id, max(fields) AS fields, bool_or(proves_silence) AS proves_silence,
        sum(accept_bytes) AS accept_bytes
    FROM coverage
    WHERE speaks
    GROUP BY interface_id, hour / 86400, flow_log_id
),
largest AS (
    SELECT interface_id, day, max(accept_bytes) AS accept_bytes FROM days GROUP BY interface_id, day
),
compared AS (
    SELECT d.*, CASE WHEN d.accept_bytes >= 0.98 * l.accept_bytes THEN 0 ELSE 1 END AS rank
    FROM days d
    JOIN largest l ON l.interface_id = d.interface_id AND l.day = d.day
),
day_choice AS (
    SELECT interface_id, day, flow_log_id,
        row_number() OVER (PARTITION BY interface_id, day ORDER BY rank, proves_silence DESC, fields DESC, flow_log_id) AS preference
    FROM compared
),
hours AS (
    SELECT c.*, d.preference, CASE WHEN c.covered THEN 0 ELSE 1 END AS rank
    FROM coverage c
    JOIN day_choice d ON d.interface_id = c.interface_id AND d.day = c.hour / 86400 AND d.flow_log_id = c.flow_log_id
),
-- Whichever covers the hour, in the day's order of preference; if none does, the day's choice.
hour_choice AS (
    SELECT *, row_number() OVER (PARTITION BY interface_id, hour ORDER BY rank, preference) AS choice
    FROM hours
)
SELECT watch_id, entity_id, interface_id, hour, flow_log_id, covered, has_packet_fields, slots, skipped, proves_silence, account_id, region, vpc_id
FROM hour_choice
WHERE choice = 1
