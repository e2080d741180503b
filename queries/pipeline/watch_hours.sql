-- title: Records of each flow log at each interface, by hour and class
-- reads: flow_hours, flows
-- columns: watch_id (of flows), row_class, is_transit_gateway_log, hour, records, bytes, slots (mask from the hour's start), first_start
--   and last_start (Unix seconds), longest = seconds of the longest record that is alone in its flow and hour
SELECT f.watch_id, f.row_class, f.vantage = 'transit_gateway_log' AS is_transit_gateway_log, h.hour,
    sum(h.records) AS records, sum(h.bytes) AS bytes, bit_or(h.slots) AS slots,
    min(h.min_start) AS first_start, max(h.last_start) AS last_start,
    max(CASE WHEN h.records = 1 THEN h.max_end - h.min_start END) AS longest
FROM flow_hours h
JOIN flows f ON f.flow_id = h.flow_id
GROUP BY f.watch_id, f.row_class, f.vantage = 'transit_gateway_log', h.hour
