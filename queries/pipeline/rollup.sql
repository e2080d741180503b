-- title: Bytes per hour, interface, client, peer network and direction
-- reads: observations
-- columns: the key, then records, packets, bytes, min_start, max_end (Unix seconds), slots (bit mask from the hour's start)
-- rules: the rollup. Everything after this works on these rows; the logs are not read again.
--   Rows of vantage transit_gateway_log repeat bytes of others and are counted nowhere.
SELECT
    hour, flow_log_id, account_id, region, vpc_id, subnet_id, az_id, interface_id, resource_id, vantage, identified,
    nat_gateway_id, row_class, leg, own_side, initiator, direction, client_addr,
    peer_key(peer_addr, peer_port) AS peer_key,
    service_code, traffic_path, next_hop_interface_type, next_hop_interface_id, next_hop_az_id,
    sum(records) AS records,
    sum(packets) AS packets,
    sum(bytes) AS bytes,
    min(start) AS min_start,
    max(finish) AS max_end,
    max(last_start) AS last_start,
    bit_or(slots) AS slots
FROM observations
GROUP BY ALL
