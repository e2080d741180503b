-- title: The legs hour by hour with the path evidence that holds for them
-- reads: observed_hours, leg_flows, path_evidence
-- columns: those of leg_flows with traffic_path and next_hop_* filled; path_seen = next_hop | traffic_path | reverse_flow | null
SELECT
    f.flow_id * 10000000 + h.hour / 3600 AS leg_id, h.flow_id, h.hour, f.flow_log_id, f.entity, h.covered, f.role, f.vantage, f.inferred_nat, f.nat_gateway_id, f.own_side,
    f.account_id, f.region, f.vpc_id, f.subnet_id, f.az_id,
    f.client_addr, f.client_standing, f.client_interface, f.client_account, f.client_region, f.client_vpc, f.client_subnet,
    f.client_az, f.client_key, f.peer_key, f.peer_kind, f.peer_standing, f.peer_vpc, f.peer_subnet, f.peer_interface,
    f.peer_interface_kind, f.peer_endpoint_id, f.service, f.service_evidence, f.peer_region, f.gateway_service,
    f.initiator, f.direction, e.traffic_path, e.next_hop_interface_type, e.next_hop_interface_id, e.next_hop_az_id,
    CASE
        WHEN f.next_hop_interface_type IS NOT NULL THEN 'next_hop'
        WHEN f.traffic_path IS NOT NULL THEN 'traffic_path'
        WHEN e.shows_path THEN 'reverse_flow'
    END AS path_seen,
    h.records, h.packets, h.bytes, h.min_start, h.max_end, h.slots
FROM observed_hours h
JOIN leg_flows f ON f.flow_id = h.flow_id
JOIN path_evidence e ON e.evidence_id = h.evidence_id
