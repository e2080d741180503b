-- title: Hours in which bytes on a path must also be seen at its NAT gateway or endpoint interface, since its log covers them
-- reads: paths, chosen_flow_logs, nat_interfaces, inventory.nat_addresses, inventory.nat_gateways
-- columns: path_id, hour, role = nat | endpoint
-- rules: vantage, "rows that resolve to a covered NAT but match no NAT row were not on it". A NAT log without packet fields covers
--   nothing.
WITH gateway_interfaces AS (
    SELECT DISTINCT nat_gateway_id, interface_id FROM inventory.nat_addresses WHERE interface_id IS NOT NULL
    UNION SELECT nat_gateway_id, nat_gateway_id AS interface_id FROM inventory.nat_gateways WHERE is_regional
    UNION SELECT nat_gateway_id, entity FROM nat_interfaces WHERE role IN ('nat', 'nat_internet')
),
covered_hours AS (
    SELECT 'nat' AS role, g.nat_gateway_id AS gateway, c.hour
    FROM gateway_interfaces g
    JOIN chosen_flow_logs c ON c.interface_id = g.interface_id AND c.covered AND c.has_packet_fields
    GROUP BY g.nat_gateway_id, c.hour
    UNION ALL
    SELECT 'endpoint' AS role, interface_id, hour FROM chosen_flow_logs WHERE covered
)
SELECT path_id, hour, role
FROM (
    SELECT path_id, may_be_unmatched AS role, CASE may_be_unmatched WHEN 'nat' THEN nat_gateway_id ELSE endpoint_interface END AS gateway
    FROM paths
    WHERE may_be_unmatched IS NOT NULL
) p
JOIN covered_hours USING (role, gateway)
