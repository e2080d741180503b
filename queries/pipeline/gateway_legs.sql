-- title: Client legs of NAT gateways and interface endpoints hour by hour, with their clients
-- reads: gateway_hours, leg_flows
-- columns: as observed, for the roles nat and endpoint
SELECT
    f.flow_id * 10000000 + g.hour / 3600 AS leg_id, g.flow_id, g.hour, f.entity, g.covered, f.role, f.vantage, f.inferred_nat, f.nat_gateway_id,
    f.account_id, f.region, f.vpc_id, f.subnet_id, f.az_id, f.client_addr,
    coalesce(c.client_interface, f.client_interface) AS client_interface,
    coalesce(c.client_account, f.client_account) AS client_account,
    coalesce(c.client_region, f.client_region) AS client_region,
    coalesce(c.client_vpc, f.client_vpc) AS client_vpc,
    coalesce(c.client_subnet, f.client_subnet) AS client_subnet,
    coalesce(c.client_az, f.client_az) AS client_az,
    c.client_key,
    f.peer_key, f.peer_kind, f.service, f.service_evidence, f.peer_region, f.gateway_service, f.initiator, f.direction,
    g.records, g.packets, g.bytes, g.min_start, g.max_end, g.slots
FROM gateway_hours g
JOIN leg_flows f ON f.flow_id = g.flow_id
JOIN leg_flows c ON c.flow_id = g.client_flow_id
