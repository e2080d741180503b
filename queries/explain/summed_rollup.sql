-- title: The rollup out of the one with reasons
-- reads: reasoned_rollup
-- columns: as rollup
SELECT * EXCLUDE (oriented_by, opened_from, records, packets, bytes, min_start, max_end, last_start, slots),
    sum(records) AS records,
    sum(packets) AS packets,
    sum(bytes) AS bytes,
    min(min_start) AS min_start,
    max(max_end) AS max_end,
    max(last_start) AS last_start,
    bit_or(slots) AS slots
FROM reasoned_rollup
GROUP BY ALL
