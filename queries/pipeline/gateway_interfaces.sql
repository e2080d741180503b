-- title: The interfaces whose records are those of a NAT gateway or of an interface of an endpoint
-- reads: inventory.nat_addresses, nat_facts, nat_interfaces, traffic_flows, inventory.endpoint_interfaces
-- columns: gateway = nat:ID or endpoint:INTERFACE, interface_id (a regional NAT gateway's own id), endpoint_id, is_regional
SELECT concat('nat:', a.nat_gateway_id) AS gateway, a.interface_id, CAST(NULL AS VARCHAR) AS endpoint_id, false AS is_regional
FROM inventory.nat_addresses a
WHERE a.interface_id IS NOT NULL
UNION
SELECT concat('nat:', nat_gateway_id), entity, CAST(NULL AS VARCHAR), false FROM nat_interfaces WHERE NOT is_regional
UNION
SELECT concat('nat:', nat_gateway_id), nat_gateway_id, CAST(NULL AS VARCHAR), true FROM nat_facts WHERE is_regional
UNION
SELECT concat('endpoint:', interface_id), interface_id, endpoint_id, false FROM inventory.endpoint_interfaces
UNION
SELECT concat('endpoint:', t.endpoint_interface), t.endpoint_interface, t.endpoint_id, false
FROM traffic_flows t
LEFT JOIN inventory.endpoint_interfaces i ON i.interface_id = t.endpoint_interface
WHERE t.endpoint_interface IS NOT NULL AND i.interface_id IS NULL
