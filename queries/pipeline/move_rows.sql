-- title: The monthly traffic rows of each opportunity that moves bytes
-- reads: traffic_monthly, candidates, endpoint_candidates, endpoints
-- columns: opportunity (kind|VPC|service, or kind|endpoint), kind, then the traffic_monthly columns used for money and lists
SELECT c.opportunity, c.kind, c.endpoint_id AS means_id, c.shared, c.uncovered, c.nat64, c.list_unknown,
    t.scope, t.move_key, t.account_id, t.region, t.vpc_id, t.subnet_id, t.az_id, t.service, t.path, t.path_evidence, t.via, t.nat_gateway_id, t.nat_region,
    t.direction, t.route_table_id, t.blind, t.bytes, t.gib_month, t.nat_rate, t.inter_az_rate, t.transit_gateway_rate, t.endpoint_rate, t.gwlb_rate,
    t.firewall_rate, t.missing_prices
FROM traffic_monthly t
JOIN candidates c ON c.move_key = t.move_key AND c.kind IS NOT NULL
WHERE t.path = 'nat_gateway' OR (t.path = 'transit_gateway' AND c.kind IN ('create_gateway_endpoint', 'associate_route_table'))
UNION ALL
SELECT e.opportunity, e.kind, e.endpoint_id, false, false, false, false,
    t.scope, t.move_key, t.account_id, t.region, t.vpc_id, t.subnet_id, t.az_id, t.service, t.path, t.path_evidence, t.via, t.nat_gateway_id, t.nat_region,
    t.direction, t.route_table_id, t.blind, t.bytes, t.gib_month, t.nat_rate, t.inter_az_rate, t.transit_gateway_rate, t.endpoint_rate, t.gwlb_rate,
    t.firewall_rate, t.missing_prices
FROM traffic_monthly t
JOIN endpoint_candidates e ON e.endpoint_id = t.endpoint_id
JOIN endpoints v ON v.endpoint_id = e.endpoint_id
WHERE t.path = 'interface_endpoint' AND (e.kind = 'delete_idle_interface_endpoint' OR t.vpc_id = v.vpc_id)
