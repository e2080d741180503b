-- title: The kinds of path evidence that the log itself carries
-- reads: leg_flows
-- columns: evidence_id, traffic_path, next_hop_*, shows_path
SELECT evidence_id, traffic_path, next_hop_interface_type, next_hop_interface_id, next_hop_az_id, bool_or(shows_path) AS shows_path
FROM leg_flows
GROUP BY evidence_id, traffic_path, next_hop_interface_type, next_hop_interface_id, next_hop_az_id
