-- title: NAT gateways and their interfaces, as the logs show them
-- reads: leg_flows
-- columns: nat_gateway_id, entity (the interface, or the regional NAT gateway itself), role = nat | nat_internet | nat_blind_*, the place
SELECT DISTINCT nat_gateway_id, entity, role, account_id, region, vpc_id, subnet_id, az_id, vantage = 'regional_nat_gateway' AS is_regional
FROM leg_flows
WHERE role LIKE 'nat%' AND nat_gateway_id IS NOT NULL
