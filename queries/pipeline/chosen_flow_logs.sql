-- title: The one flow log that speaks for an interface in an hour
-- reads: coverage
-- columns: interface_id, hour, flow_log_id, covered, slots, skipped
-- rules: records, "one flow log per ENI". Candidates carry at least 98 % of the largest flow log's ACCEPT bytes; of these the one
--   with most fields, then the lowest id; per UTC day, and per hour only where the day's choice has no covered hour.
WITH days AS (
    SELECT interface_id, hour / 86400 AS day, flow_log_id, max(fields) AS fields, sum(accept_bytes) AS accept_bytes
    FROM coverage
    GROUP BY interface_id, hour / 86400, flow_log_id
),
compared AS (
    SELECT *, max(accept_bytes) OVER (PARTITION BY interface_id, day) AS largest FROM days
),
day_choice AS (
    SELECT interface_id, day, flow_log_id,
        row_number() OVER (
            PARTITION BY interface_id, day
            ORDER BY accept_bytes >= 0.98 * largest DESC, fields DESC, flow_log_id
        ) AS preference
    FROM compared
),
hour_choice AS (
    SELECT c.*, d.preference,
        row_number() OVER (
            PARTITION BY c.interface_id, c.hour
            -- The day's choice first if it covers the hour; else whichever covers it; else the day's choice.
            ORDER BY d.preference = 1 AND c.covered DESC, c.covered DESC, d.preference
        ) AS choice
    FROM coverage c
    JOIN day_choice d ON d.interface_id = c.interface_id AND d.day = c.hour / 86400 AND d.flow_log_id = c.flow_log_id
)
SELECT interface_id, hour, flow_log_id, covered, slots, skipped, account_id, region, vpc_id
FROM hour_choice
WHERE choice = 1
