-- title: The bytes that each moving opportunity would take, per hour and scope
-- reads: traffic_hourly, candidates, endpoint_candidates, endpoints, inventory.endpoint_interfaces
-- columns: opportunity, scope, hour, bytes
SELECT c.opportunity, t.scope, t.hour, sum(t.bytes) AS bytes
FROM traffic_hourly t
JOIN candidates c ON c.move_key = t.move_key AND c.kind IS NOT NULL
WHERE t.path = 'nat_gateway' OR (t.path = 'transit_gateway' AND c.kind IN ('create_gateway_endpoint', 'associate_route_table'))
GROUP BY c.opportunity, t.scope, t.hour
UNION ALL
SELECT e.opportunity, t.scope, t.hour, sum(t.bytes)
FROM traffic_hourly t
JOIN endpoint_candidates e ON e.endpoint_id = t.endpoint_id
JOIN endpoints v ON v.endpoint_id = e.endpoint_id
WHERE t.path = 'interface_endpoint' AND (e.kind = 'delete_idle_interface_endpoint' OR t.vpc_id = v.vpc_id)
GROUP BY e.opportunity, t.scope, t.hour
UNION ALL
-- An endpoint without a byte has quiet days, not unknown ones: its interfaces' coverage counts.
SELECT e.opportunity, concat('endpoint:', i.interface_id), 0, 0
FROM endpoint_candidates e
JOIN inventory.endpoint_interfaces i ON i.endpoint_id = e.endpoint_id
WHERE e.kind = 'delete_idle_interface_endpoint'
