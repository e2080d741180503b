-- title: Bytes per hour, interface, client, peer network and direction
-- reads: flows, flow_hours
-- columns: the key, then records, packets, bytes, min_start, max_end (Unix seconds), slots (bit mask from the hour's start)
-- rules: the rollup, as one table to read. The pipeline works on flows and flow_hours, which hold the same.
--   Rows of vantage transit_gateway_log repeat bytes of others and are counted nowhere.
SELECT
    h.hour, f.flow_log_id, f.account_id, f.region, f.vpc_id, f.subnet_id, f.az_id, f.interface_id, f.resource_id, f.vantage, f.identified,
    f.nat_gateway_id, f.row_class, f.leg, f.own_side, f.initiator, f.direction, f.client_addr, f.peer_key,
    f.service_code, f.traffic_path, f.next_hop_interface_type, f.next_hop_interface_id, f.next_hop_az_id,
    h.records, h.packets, h.bytes, h.min_start, h.max_end, h.last_start, h.slots
FROM flow_hours h
JOIN flows f ON f.flow_id = h.flow_id
