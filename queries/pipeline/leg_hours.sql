-- title: Accepted hours of each flow in the chosen flow logs
-- reads: flow_hours, flows, chosen_flow_logs
-- columns: flow_id, hour, covered = the hour of the recorded interface is covered, the sums
-- rules: records, "one flow log per ENI".
SELECT h.flow_id, h.hour, c.covered, h.records, h.packets, h.bytes, h.min_start, h.max_end, h.slots
FROM flow_hours h
JOIN flows f ON f.flow_id = h.flow_id AND f.row_class = 'accept'
JOIN chosen_flow_logs c ON c.watch_id = f.watch_id AND c.hour = h.hour
