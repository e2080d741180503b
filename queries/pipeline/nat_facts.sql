-- title: Every NAT gateway known from the inventory or seen in the logs
-- reads: inventory.nat_gateways, inventory.nat_addresses, nat_interfaces, paths, chosen_flow_logs
-- columns: place, kind, whether any log speaks for it (observed), created and deleted (Unix seconds, of the inventory)
WITH rows AS (
    SELECT nat_gateway_id, account_id, region, vpc_id, subnet_id, az_id, is_regional FROM nat_interfaces
    UNION ALL
    -- A client's next hop: the log names only interfaces of the client's own account. Or a route, which may lead to the NAT gateway of
    -- another account (a shared VPC), and behind a transit gateway of another VPC.
    SELECT nat_gateway_id, CASE WHEN path_evidence IN ('next_hop', 'reverse_flow') THEN client_account END, client_region,
        CASE WHEN via IS NULL THEN client_vpc END, NULL, border_az, false
    FROM paths
    WHERE counted_at = 'workload' AND path = 'nat_gateway' AND nat_gateway_id IS NOT NULL
),
seen AS (
    SELECT nat_gateway_id, max(account_id) AS account_id, max(region) AS region, max(vpc_id) AS vpc_id, max(subnet_id) AS subnet_id,
        max(az_id) AS az_id, bool_or(is_regional) AS is_regional
    FROM rows
    GROUP BY nat_gateway_id
),
interfaces AS (
    SELECT nat_gateway_id, interface_id FROM inventory.nat_addresses WHERE interface_id IS NOT NULL
    UNION SELECT nat_gateway_id, nat_gateway_id AS interface_id FROM inventory.nat_gateways
    UNION SELECT nat_gateway_id, entity FROM nat_interfaces
),
logged AS (
    SELECT DISTINCT i.nat_gateway_id FROM interfaces i JOIN chosen_flow_logs c ON c.interface_id = i.interface_id
)
SELECT
    coalesce(n.nat_gateway_id, s.nat_gateway_id) AS nat_gateway_id,
    coalesce(n.account_id, s.account_id) AS account_id,
    coalesce(n.region, s.region) AS region,
    coalesce(n.vpc_id, s.vpc_id) AS vpc_id,
    coalesce(n.subnet_id, s.subnet_id) AS subnet_id,
    CASE WHEN coalesce(n.is_regional, s.is_regional) THEN NULL ELSE coalesce(n.az_id, s.az_id) END AS az_id,
    coalesce(n.is_regional, s.is_regional, false) AS is_regional,
    coalesce(n.is_public, true) AS is_public,
    coalesce(n.state, 'available') AS state,
    coalesce(n.public_address_count, 1) AS public_address_count,
    CASE WHEN coalesce(n.is_regional, s.is_regional) THEN greatest(coalesce(n.az_count, 1), 1) ELSE 1 END AS az_count,
    l.nat_gateway_id IS NOT NULL AS observed,
    n.nat_gateway_id IS NOT NULL AS in_inventory, n.created, n.deleted
FROM inventory.nat_gateways n
FULL OUTER JOIN seen s ON s.nat_gateway_id = n.nat_gateway_id
LEFT JOIN logged l ON l.nat_gateway_id = coalesce(n.nat_gateway_id, s.nat_gateway_id)
