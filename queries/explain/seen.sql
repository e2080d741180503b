-- title: All bytes of the rows that have to do with the question, and those of the report's number
-- reads: asked_legs, asked_rest, asked_traffic
-- columns: seen_records, seen_bytes, counted_records, counted_bytes
SELECT
    (SELECT coalesce(sum(records), 0) FROM asked_legs) + (SELECT coalesce(sum(records), 0) FROM asked_rest) AS seen_records,
    (SELECT coalesce(sum(bytes), 0) FROM asked_legs) + (SELECT coalesce(sum(bytes), 0) FROM asked_rest) AS seen_bytes,
    coalesce(sum(records), 0) AS counted_records, coalesce(sum(bytes), 0) AS counted_bytes
FROM asked_traffic
