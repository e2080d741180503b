-- title: Records, packets and bytes per flow and hour
-- reads: folded_sums, flow_members
-- columns: flow_id (of flows), hour, the sums
SELECT m.flow_id, s.hour, sum(s.records) AS records, sum(s.packets) AS packets, sum(s.bytes) AS bytes,
    min(s.min_start) AS min_start, max(s.max_end) AS max_end, max(s.last_start) AS last_start, bit_or(s.slots) AS slots
FROM folded_sums s
JOIN flow_members m ON m.folded_id = s.flow_id
GROUP BY m.flow_id, s.hour
