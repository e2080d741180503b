-- title: The time that the report is about
-- reads: record_times
-- params: since, until
-- columns: since and until (Unix seconds; until is not part of it), hours, slots = 10-minute slots that it touches
-- rules: money. The window is the one asked for, else the first to the last 10-minute slot in which a record starts. One row; null
--   where nothing was asked for and nothing read.
SELECT since, until, (until - since) / 3600.0 AS hours, (until + 599) / 600 - since / 600 AS slots
FROM (
    SELECT coalesce($since, first_start - first_start % 600) AS since, coalesce($until, last_start - last_start % 600 + 600) AS until
    FROM record_times
)
