-- title: What the log's own fields say of the path, at the clients' interfaces
-- reads: observed, asked_legs
-- columns: path_seen = next_hop | traffic_path | reverse_flow | null (the log has no such field), traffic_path,
--   next_hop_interface_type, next_hop_interface_id, direction, records, bytes
-- rules: path evidence 3 to 5
SELECT o.path_seen, o.traffic_path, o.next_hop_interface_type, o.next_hop_interface_id, o.direction,
    sum(o.records) AS records, sum(o.bytes) AS bytes
FROM observed o
JOIN asked_legs l ON l.leg_id = o.leg_id
WHERE o.role IN ('workload', 'appliance')
GROUP BY o.path_seen, o.traffic_path, o.next_hop_interface_type, o.next_hop_interface_id, o.direction
ORDER BY bytes DESC, o.path_seen, o.traffic_path, o.next_hop_interface_type, o.next_hop_interface_id, o.direction
LIMIT 20
