-- title: Workload and appliance legs hour by hour, each with what it is: bytes of its own, or evidence for bytes counted at a gateway
-- reads: workload_hours, leg_flows, path_evidence, gateways
-- columns: as observed, with standing = counts | evidence | forwarded | stands_in (for gateway_entity, whose hour is not covered), gateway_role,
--   gateway_nat_id
SELECT
    f.flow_id * 10000000 + w.hour / 3600 AS leg_id, w.flow_id, w.hour, f.flow_log_id, f.entity, w.covered, f.role, f.vantage, f.nat_gateway_id, f.own_side,
    f.account_id, f.region, f.vpc_id, f.subnet_id, f.az_id, f.client_addr, f.client_standing, f.client_interface, f.client_account,
    f.client_region, f.client_vpc, f.client_subnet, f.client_az, f.client_key, f.peer_key, f.peer_kind, f.peer_standing, f.peer_vpc,
    f.peer_subnet, f.peer_interface, f.peer_interface_kind, f.peer_endpoint_id, f.service, f.service_evidence, f.peer_region,
    f.gateway_service, f.initiator, f.direction, e.traffic_path, e.next_hop_interface_type, e.next_hop_interface_id, e.next_hop_az_id,
    w.records, w.packets, w.bytes, w.min_start, w.max_end, w.slots,
    w.standing, g.entity AS gateway_entity, g.role AS gateway_role, g.gateway_nat_id
FROM workload_hours w
JOIN leg_flows f ON f.flow_id = w.flow_id
JOIN path_evidence e ON e.evidence_id = w.evidence_id
LEFT JOIN gateways g ON g.entity_id = w.gateway_entity_id
