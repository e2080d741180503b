-- title: All bytes of the rows that have to do with the question, and those of the report's number
-- reads: asked_legs, asked_rest, asked_traffic
-- columns: seen_*, counted_*; from_hour and until_hour of the counted ones (Unix seconds)
SELECT
    (SELECT coalesce(sum(records), 0) FROM asked_legs) + (SELECT coalesce(sum(records), 0) FROM asked_rest) AS seen_records,
    (SELECT coalesce(sum(bytes), 0) FROM asked_legs) + (SELECT coalesce(sum(bytes), 0) FROM asked_rest) AS seen_bytes,
    coalesce(sum(records), 0) AS counted_records, coalesce(sum(bytes), 0) AS counted_bytes,
    min(hour) AS from_hour, max(hour) + 3600 AS until_hour
FROM asked_traffic
