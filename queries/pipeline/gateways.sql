-- title: NAT gateways and endpoint interfaces whose logs carry client legs
-- reads: leg_flows
-- columns: entity_id, entity, role = nat | endpoint, gateway_nat_id = the NAT gateway, if it is one
SELECT entity_id, max(entity) AS entity, max(role) AS role, CASE WHEN max(role) = 'nat' THEN max(nat_gateway_id) END AS gateway_nat_id
FROM leg_flows
WHERE role IN ('nat', 'endpoint')
GROUP BY entity_id
