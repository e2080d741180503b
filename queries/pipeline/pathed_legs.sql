-- title: Counted legs hour by hour with path, evidence and the hops before it
-- reads: pathed_hours, paths
-- columns: path, path_evidence, via, onward, nat_gateway_id, endpoint_id, endpoint_interface, route_table_id (the client's), conflict,
--   nat_unmatched, endpoint_unmatched, and the columns of the leg
SELECT
    h.path_id, h.hour, p.counted_at, p.entity, p.role, p.vantage, p.client_addr, p.client_interface, p.client_account, p.client_region,
    p.client_vpc, p.client_subnet, p.client_az, p.client_key, p.peer_key, p.peer_kind, p.initiator, p.direction, p.gateway_service,
    h.is_partial, p.peer_service, p.peer_service_evidence, p.peer_region,
    -- Resolved to a covered NAT gateway but not seen there: it did not pass it.
    CASE WHEN h.nat_unmatched THEN 'unknown' ELSE p.path END AS path,
    CASE WHEN NOT h.nat_unmatched THEN p.path_evidence END AS path_evidence,
    CASE WHEN NOT h.nat_unmatched THEN p.via END AS via,
    CASE WHEN NOT h.nat_unmatched THEN p.onward END AS onward,
    CASE WHEN NOT h.nat_unmatched THEN p.nat_gateway_id END AS nat_gateway_id,
    CASE WHEN NOT h.nat_unmatched THEN p.border_az END AS border_az,
    p.endpoint_id, p.endpoint_interface, p.route_table_id, p.conflict, h.nat_unmatched, h.endpoint_unmatched,
    h.records, h.packets, h.bytes, h.min_start, h.slots
FROM pathed_hours h
JOIN paths p ON p.path_id = h.path_id
