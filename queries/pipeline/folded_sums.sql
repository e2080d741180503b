-- title: Records, packets and bytes per flow as the scan numbers it, and hour
-- reads: folded_hours
-- columns: flow_id (of folded_flows), hour (Unix seconds of its start), the sums; slots = bit mask of 10-minute slots from the hour's start
-- rules: the rollup. This is the only statement that reads the logs.
SELECT flow_id, hour, sum(records) AS records, sum(packets) AS packets, sum(bytes) AS bytes,
    min(start) AS min_start, max(finish) AS max_end, max(last_start) AS last_start, bit_or(slots) AS slots
FROM folded_hours
GROUP BY flow_id, hour
