-- title: The 10-minute slots that each flow log, NAT gateway and endpoint interface itself speaks for
-- reads: coverage, chosen_flow_logs, nat_facts, gateway_interfaces, inventory.endpoint_interfaces, inventory.vpc_endpoints
-- columns: kind (flow_log | nat_gateway | endpoint), id, interface_id (endpoints: one row set an interface), owner, hour, slots (mask),
--   skipped (slots with SKIPDATA, not in slots of gateways and endpoints), has_packet_fields
SELECT 'flow_log' AS kind, flow_log_id AS id, CAST(NULL AS VARCHAR) AS interface_id, account_id, region, vpc_id, hour,
    bit_or(slots) AS slots, sum(slot_count(skipped)) AS skipped, bool_and(has_packet_fields) AS has_packet_fields
FROM coverage
WHERE speaks
GROUP BY flow_log_id, account_id, region, vpc_id, hour
UNION ALL
SELECT 'nat_gateway', n.nat_gateway_id, CAST(NULL AS VARCHAR), n.account_id, n.region, n.vpc_id, c.hour,
    bit_or(c.slots - (c.slots & c.skipped)), sum(slot_count(c.skipped)), bool_and(c.has_packet_fields)
FROM nat_facts n
JOIN gateway_interfaces i ON i.gateway = concat('nat:', n.nat_gateway_id)
JOIN chosen_flow_logs c ON c.interface_id = i.interface_id
GROUP BY n.nat_gateway_id, n.account_id, n.region, n.vpc_id, c.hour
UNION ALL
SELECT 'endpoint', e.endpoint_id, i.interface_id, e.account_id, e.region, e.vpc_id, c.hour,
    c.slots - (c.slots & c.skipped), slot_count(c.skipped), c.has_packet_fields
FROM inventory.vpc_endpoints e
JOIN inventory.endpoint_interfaces i ON i.endpoint_id = e.endpoint_id
JOIN chosen_flow_logs c ON c.interface_id = i.interface_id
