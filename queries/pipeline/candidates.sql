-- title: Which kind of opportunity bytes belong to, the first kind that applies
-- reads: traffic_flows, inventory.vpc_endpoints, inventory.endpoint_route_tables, inventory.prefix_lists, endpoint_catalogue
-- columns: move_key (of traffic_flows), kind (null = none), opportunity (kind|VPC|service), endpoint_id (existing means), vpc_id, region,
--   service, shared (named from other VPCs' answers), uncovered (host name that private DNS does not take over), nat64, list_unknown
--   (AWS's ranges stand in for the prefix list)
-- rules: opportunities, in their order, for bytes on a NAT gateway, and for S3 and DynamoDB on a transit gateway whose way on is not known.
--   Range labels, the internet, other Regions and bytes without a known VPC are never movable.
--   Nor are host names that private DNS does not take over. A gateway service that only DNS names lies outside its prefix list, so
--   no gateway endpoint carries it, and its interface endpoint has no private DNS or needs the gateway endpoint for it.
--   Nor are bytes that NAT64 translates (a client of IPv6 on a NAT gateway): no endpoint carries 64:ff9b::/96. Nor is execute-api: its
--   endpoint carries private APIs only, and those never pass a NAT gateway.
--   An endpoint that is being made or waits for its acceptance is one. An endpoint for the service in another Region is none.
WITH keys AS (
    SELECT DISTINCT move_key, vpc_id, region, service, service_evidence, gateway_service, peer_region, route_table_id, nat64,
        coalesce(NOT host_covered, false) AS uncovered
    FROM traffic_flows
    WHERE vpc_id IS NOT NULL AND region IS NOT NULL AND peer_region = region
        AND (path = 'nat_gateway' AND (gateway_service IS NOT NULL OR service_evidence IN ('dns', 'dns_shared'))
            OR path = 'transit_gateway' AND gateway_service IS NOT NULL)
),
gateway_endpoints AS (
    SELECT vpc_id, regexp_replace(service_name, '^com[.]amazonaws[.][a-z0-9-]+[.]', '') AS service, min(endpoint_id) AS endpoint_id
    FROM inventory.vpc_endpoints
    WHERE endpoint_type = 'gateway' AND state = 'available'
    GROUP BY vpc_id, regexp_replace(service_name, '^com[.]amazonaws[.][a-z0-9-]+[.]', '')
),
interface_endpoints AS (
    SELECT vpc_id, endpoint_service_id(service_name) AS service,
        coalesce(min(CASE WHEN state = 'available' THEN endpoint_id END), min(endpoint_id)) AS endpoint_id,
        bool_or(private_dns_enabled) AS private_dns_enabled, bool_or(state = 'available') AS available
    FROM inventory.vpc_endpoints
    WHERE endpoint_type = 'interface' AND state IN ('available', 'pending', 'pendingacceptance', 'pending-acceptance')
        AND coalesce(service_region = region, true)
    GROUP BY vpc_id, endpoint_service_id(service_name)
),
lists AS (
    SELECT DISTINCT name FROM inventory.prefix_lists WHERE cidr IS NOT NULL
),
decided AS (
    SELECT
        k.move_key, k.vpc_id, k.region, k.service, coalesce(g.endpoint_id, i.endpoint_id) AS endpoint_id,
        CASE
            WHEN k.gateway_service IS NULL AND (c.service_id IS NULL OR NOT c.supports_interface OR c.service_id = 'execute-api') THEN NULL
            WHEN k.nat64 THEN 'investigate'
            WHEN k.gateway_service IS NOT NULL AND g.endpoint_id IS NULL THEN 'create_gateway_endpoint'
            WHEN k.gateway_service IS NOT NULL AND k.route_table_id IS NOT NULL AND t.route_table_id IS NULL THEN 'associate_route_table'
            WHEN k.gateway_service IS NOT NULL THEN 'investigate'
            WHEN i.endpoint_id IS NOT NULL AND (i.private_dns_enabled OR NOT i.available OR c.private_dns IN ('no', 'conditional')) THEN 'investigate'
            WHEN c.private_dns IN ('no', 'conditional') THEN NULL
            WHEN k.uncovered THEN 'investigate'
            WHEN i.endpoint_id IS NOT NULL THEN 'enable_private_dns'
            ELSE 'create_interface_endpoint'
        END AS kind,
        k.service_evidence = 'dns_shared' AS shared, k.uncovered, k.nat64, k.gateway_service IS NOT NULL AND l.name IS NULL AS list_unknown
    FROM keys k
    LEFT JOIN gateway_endpoints g ON g.vpc_id = k.vpc_id AND g.service = k.gateway_service
    LEFT JOIN inventory.endpoint_route_tables t ON t.endpoint_id = g.endpoint_id AND t.route_table_id = k.route_table_id
    LEFT JOIN interface_endpoints i ON i.vpc_id = k.vpc_id AND i.service = k.service AND k.gateway_service IS NULL
    LEFT JOIN endpoint_catalogue c ON c.service_id = k.service AND k.gateway_service IS NULL
    LEFT JOIN lists l ON l.name = concat('com.amazonaws.', k.region, '.', k.gateway_service)
)
SELECT *, concat(kind, '|', vpc_id, '|', service, CASE WHEN nat64 THEN '|nat64' ELSE '' END) AS opportunity
FROM decided
