-- title: Classified bytes per hour: who, which service, which path, which scope of coverage
-- reads: pathed_legs, blind_nat_legs, dns_names, nat_facts, inventory.vpc_endpoints
-- columns: the traffic columns plus leg_id (of legs; null = blind_nat_legs), hour, scope, route_table_id, gateway_service, nat_az_id, crosses_az, az_unknown, peer_key,
--   dns_verdict and host_covered (private DNS of an endpoint takes the name over) where DNS said something
-- rules: service order steps 1 (endpoint) and 3 (dns), inter-AZ.
WITH rows AS (
    SELECT
        leg_id, hour, entity, counted_at, client_account AS account_id, client_region AS region, client_vpc AS vpc_id, client_subnet AS subnet_id,
        client_az AS az_id, client_interface AS interface_id, client_addr, peer_key, peer_kind, peer_service, peer_service_evidence, peer_region, gateway_service,
        path, path_evidence, via, nat_gateway_id, endpoint_id, endpoint_interface, border_az, route_table_id, direction,
        conflict, nat_unmatched, endpoint_unmatched, is_partial, false AS blind, records, packets, bytes, slots, min_start
    FROM pathed_legs
    UNION ALL
    SELECT
        NULL, hour, entity, 'gateway', owner_account, region, owner_vpc, NULL, NULL, NULL, NULL, peer_key, peer_kind, service, service_evidence, peer_region,
        gateway_service, 'nat_gateway', 'interface', NULL, nat_gateway_id, NULL, NULL, NULL, NULL, direction,
        false, false, false, true, true, records, packets, bytes, slots, min_start
    FROM blind_nat_legs
    WHERE bytes > 0
),
-- What DNS names takes the place of a range label, and of nothing else.
named AS (
    SELECT
        r.leg_id, r.hour, r.entity, r.counted_at, r.account_id, r.region, r.vpc_id, r.subnet_id, r.az_id, r.interface_id, r.peer_key, r.gateway_service,
        r.path, r.path_evidence, r.via, r.nat_gateway_id, r.endpoint_id, r.endpoint_interface, r.border_az, r.route_table_id, r.direction,
        r.conflict, r.nat_unmatched, r.endpoint_unmatched, r.is_partial, r.blind, r.records, r.packets, r.bytes, r.slots, r.min_start,
        d.verdict AS dns_verdict, CASE WHEN d.verdict = 'named' THEN d.covered END AS host_covered,
        CASE WHEN d.verdict = 'named' THEN d.service ELSE r.peer_service END AS peer_service,
        CASE WHEN d.verdict = 'named' THEN d.evidence ELSE r.peer_service_evidence END AS peer_service_evidence,
        CASE WHEN d.verdict = 'named' THEN nullif(d.service_region, '') ELSE r.peer_region END AS peer_region
    FROM rows r
    LEFT JOIN dns_names d ON d.client = concat(r.vpc_id, '|', r.client_addr, '|', r.interface_id) AND d.peer_key = r.peer_key AND d.hour = r.hour
        AND d.label = r.peer_service AND r.path <> 'interface_endpoint'
),
-- The two zones between a client and a zonal NAT gateway of its own VPC: by their places, else by the next hop.
bordered AS (
    SELECT r.*, n.is_regional AS nat_is_regional, n.vpc_id AS nat_vpc_id, n.region AS nat_region,
        coalesce(n.az_id, CASE WHEN r.counted_at = 'workload' THEN r.border_az END) AS nat_az_id,
        CASE
            WHEN r.path <> 'nat_gateway' OR n.is_regional THEN NULL
            WHEN n.vpc_id = r.vpc_id AND n.az_id IS NOT NULL AND r.az_id IS NOT NULL THEN n.az_id <> r.az_id
            WHEN r.counted_at = 'workload' THEN r.border_az <> r.az_id
            ELSE r.border_az <> n.az_id
        END AS crosses
    FROM named r
    LEFT JOIN nat_facts n ON n.nat_gateway_id = r.nat_gateway_id
)
SELECT
    r.leg_id, r.hour,
    CASE
        WHEN r.path = 'nat_gateway' AND r.nat_gateway_id IS NOT NULL THEN concat('nat:', r.nat_gateway_id)
        WHEN r.path = 'interface_endpoint' AND r.endpoint_interface IS NOT NULL THEN concat('endpoint:', r.endpoint_interface)
        ELSE concat('interface:', r.entity)
    END AS scope,
    r.counted_at, r.entity, r.account_id, r.region, r.vpc_id, r.subnet_id, r.az_id, r.interface_id, r.peer_key,
    CASE
        WHEN r.path <> 'interface_endpoint' OR e.service_name IS NULL THEN r.peer_service
        WHEN e.service_name LIKE 'com.amazonaws.vpce.%' OR e.service_name NOT LIKE 'com.amazonaws.%' THEN e.service_name
        ELSE regexp_replace(e.service_name, '^com[.]amazonaws[.]([a-z]{2}(-[a-z]+)+-[0-9][.])?', '')
    END AS service,
    CASE WHEN r.path = 'interface_endpoint' AND e.service_name IS NOT NULL THEN 'endpoint' ELSE r.peer_service_evidence END AS service_evidence,
    CASE WHEN r.path = 'interface_endpoint' THEN NULL ELSE r.peer_region END AS peer_region,
    r.gateway_service, r.path, r.path_evidence, r.via, r.nat_gateway_id, r.endpoint_id, r.endpoint_interface, r.route_table_id, r.direction,
    r.nat_az_id, coalesce(r.nat_is_regional, false) AS nat_is_regional, r.nat_vpc_id, coalesce(r.nat_region, r.region) AS nat_region,
    -- AWS charges the zone border between a client and a zonal NAT gateway of its own VPC, both ways.
    coalesce(r.crosses, false) AS crosses_az,
    r.path = 'nat_gateway' AND NOT coalesce(r.nat_is_regional, false) AND NOT coalesce(r.via LIKE '%transit_gateway%', false)
        AND coalesce(r.nat_vpc_id = r.vpc_id, true) AND r.crosses IS NULL AS az_unknown,
    -- What decides which opportunity a byte belongs to (candidates.sql).
    concat(coalesce(r.vpc_id, ''), '|', coalesce(r.region, ''), '|', coalesce(r.peer_service, ''), '|', coalesce(r.peer_service_evidence, ''), '|',
        coalesce(r.gateway_service, ''), '|', coalesce(r.peer_region, ''), '|', coalesce(r.route_table_id, ''),
        CASE WHEN r.host_covered = false THEN '|uncovered' ELSE '' END) AS move_key,
    r.dns_verdict, r.host_covered,
    r.conflict, r.nat_unmatched, r.endpoint_unmatched, r.is_partial, r.blind, r.records, r.packets, r.bytes, r.slots, r.min_start
FROM bordered r
LEFT JOIN inventory.vpc_endpoints e ON e.endpoint_id = r.endpoint_id
