-- title: The bytes that each moving opportunity would take, per hour and scope
-- reads: traffic_hourly, candidates, endpoint_candidates, endpoints, inventory.endpoint_interfaces
-- columns: opportunity, scope, hour, bytes
SELECT concat(c.kind, '|', c.vpc_id, '|', c.service) AS opportunity, t.scope, t.hour, sum(t.bytes) AS bytes
FROM traffic_hourly t
JOIN candidates c ON c.move_key = t.move_key AND c.kind IS NOT NULL
WHERE t.path = 'nat_gateway'
GROUP BY concat(c.kind, '|', c.vpc_id, '|', c.service), t.scope, t.hour
UNION ALL
SELECT concat(e.kind, '|', e.endpoint_id), t.scope, t.hour, sum(t.bytes)
FROM traffic_hourly t
JOIN endpoint_candidates e ON e.endpoint_id = t.endpoint_id
JOIN endpoints v ON v.endpoint_id = e.endpoint_id
WHERE t.path = 'interface_endpoint' AND (e.kind = 'delete_idle_interface_endpoint' OR t.vpc_id = v.vpc_id)
GROUP BY concat(e.kind, '|', e.endpoint_id), t.scope, t.hour
UNION ALL
-- An endpoint without a byte has quiet days, not unknown ones: its interfaces' coverage counts.
SELECT concat(e.kind, '|', e.endpoint_id), concat('endpoint:', i.interface_id), 0, 0
FROM endpoint_candidates e
JOIN inventory.endpoint_interfaces i ON i.endpoint_id = e.endpoint_id
WHERE e.kind = 'delete_idle_interface_endpoint'
