-- title: The counted hours with their paths, and whether they were seen where they should have been
-- reads: counted_hours, paths, chosen_flow_logs, nat_interfaces, inventory.nat_addresses, inventory.nat_gateways
-- columns: path_id, hour, is_partial, nat_unmatched, endpoint_unmatched, the sums
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
),
expected AS (
    SELECT path_id, hour, role
    FROM (
        SELECT path_id, may_be_unmatched AS role, CASE may_be_unmatched WHEN 'nat' THEN nat_gateway_id ELSE endpoint_interface END AS gateway
        FROM paths
        WHERE may_be_unmatched IS NOT NULL
    ) p
    JOIN covered_hours USING (role, gateway)
)
SELECT
    p.path_id, c.hour, c.is_partial,
    coalesce(x.role = 'nat', false) AS nat_unmatched, coalesce(x.role = 'endpoint', false) AS endpoint_unmatched,
    c.records, c.packets, c.bytes, c.min_start, c.slots
FROM counted_hours c
JOIN paths p ON p.flow_id = c.flow_id AND p.client_flow_id = c.client_flow_id AND p.evidence_id = c.evidence_id
    AND p.gateway_entity_id = c.gateway_entity_id AND p.era = c.era AND p.hop_key = c.hops
LEFT JOIN expected x ON x.path_id = p.path_id AND x.hour = c.hour
