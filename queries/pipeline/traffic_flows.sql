-- title: What the classified bytes are: who, which service, which path, which scope of coverage
-- reads: traffic_hours, paths, blind_nat_legs, dns_names, nat_facts, watch_sets, inventory.vpc_endpoints
-- columns: path_id, answer_id and nat_unmatched (the key, as in traffic_hours), flow_id (null = blind_nat_legs), the traffic columns, scope
--   (of scopes.sql) = gateway (nat:ID or endpoint:INTERFACE; null = none) and scope_flow_logs (of watch_sets, of the client; null = none),
--   route_table_id, gateway_service, nat_az_id, crosses_az, az_unknown, nat64 (a client of IPv6 on a NAT gateway), peer_key, dns_verdict and
--   host_covered (private DNS of an endpoint takes the name over) where DNS
--   said something
-- rules: service order steps 1 (endpoint) and 3 (dns), inter-AZ.
WITH kinds AS (
    SELECT DISTINCT path_id, answer_id, nat_unmatched FROM traffic_hours
),
rows AS (
    SELECT
        k.path_id, k.answer_id, k.nat_unmatched, p.flow_id, p.entity, p.counted_at, p.client_account AS account_id, p.client_region AS region, p.client_vpc AS vpc_id,
        p.client_subnet AS subnet_id, p.client_az AS az_id, p.client_interface AS interface_id, p.client_addr, p.peer_key, p.peer_service,
        p.peer_service_evidence, p.peer_region, p.gateway_service,
        CASE WHEN k.nat_unmatched THEN 'unknown' ELSE p.path END AS path,
        CASE WHEN NOT k.nat_unmatched THEN p.path_evidence END AS path_evidence,
        CASE WHEN NOT k.nat_unmatched THEN p.via END AS via,
        CASE WHEN NOT k.nat_unmatched THEN p.onward END AS onward,
        CASE WHEN NOT k.nat_unmatched THEN p.nat_gateway_id END AS nat_gateway_id,
        p.endpoint_id, p.endpoint_interface, CASE WHEN NOT k.nat_unmatched THEN p.border_az END AS border_az, p.route_table_id, p.direction, p.conflict, false AS blind
    FROM kinds k
    JOIN paths p ON p.path_id = k.path_id
    UNION ALL
    SELECT DISTINCT
        k.path_id, k.answer_id, k.nat_unmatched, NULL, b.entity, 'gateway', b.owner_account, b.region, b.owner_vpc,
        NULL, NULL, NULL, NULL, b.peer_key, b.service,
        b.service_evidence, b.peer_region, b.gateway_service, 'nat_gateway', 'interface', NULL, NULL, b.nat_gateway_id,
        NULL, NULL, NULL, NULL, b.direction, false, true
    FROM kinds k
    JOIN blind_nat_legs b ON -b.blind_id = k.path_id
),
answers AS (
    SELECT DISTINCT answer_id, verdict, service, service_region, covered, evidence FROM dns_names
),
-- What DNS names takes the place of a range label, and of nothing else.
named AS (
    SELECT
        r.*,
        d.verdict AS dns_verdict, CASE WHEN d.verdict = 'named' THEN d.covered END AS host_covered,
        CASE WHEN d.verdict = 'named' THEN d.service ELSE r.peer_service END AS named_service,
        CASE WHEN d.verdict = 'named' THEN d.evidence ELSE r.peer_service_evidence END AS named_evidence,
        CASE WHEN d.verdict = 'named' THEN nullif(d.service_region, '') ELSE r.peer_region END AS named_region
    FROM rows r
    LEFT JOIN answers d ON d.answer_id = r.answer_id
),
-- The two zones between a client and a zonal NAT gateway of its own VPC: by their places, else by the next hop.
bordered AS (
    SELECT r.*, n.is_regional AS nat_is_regional, n.vpc_id AS nat_vpc_id, n.region AS nat_region,
        coalesce(n.az_id, CASE WHEN r.counted_at = 'workload' THEN r.border_az END) AS nat_az_id,
        -- A NAT gateway takes IPv6 only to translate it.
        r.path = 'nat_gateway' AND (coalesce(r.client_addr LIKE '%:%', false) OR r.peer_key LIKE '64:ff9b:%') AS nat64,
        CASE
            WHEN r.path <> 'nat_gateway' OR n.is_regional THEN NULL
            WHEN n.vpc_id = r.vpc_id AND n.az_id IS NOT NULL AND r.az_id IS NOT NULL THEN n.az_id <> r.az_id
            WHEN r.counted_at = 'workload' THEN r.border_az <> r.az_id
            ELSE r.border_az <> n.az_id
        END AS crosses,
        CASE
            WHEN r.path = 'nat_gateway' AND r.nat_gateway_id IS NOT NULL THEN concat('nat:', r.nat_gateway_id)
            WHEN r.path = 'interface_endpoint' AND r.endpoint_interface IS NOT NULL THEN concat('endpoint:', r.endpoint_interface)
        END AS gateway,
        CASE WHEN r.counted_at = 'gateway' AND r.path IN ('nat_gateway', 'interface_endpoint') THEN r.interface_id ELSE r.entity END AS watched
    FROM named r
    LEFT JOIN nat_facts n ON n.nat_gateway_id = r.nat_gateway_id
)
SELECT
    r.path_id, r.answer_id, r.nat_unmatched, r.flow_id,
    concat_ws(' ', r.gateway, w.flow_logs) AS scope, r.gateway, w.flow_logs AS scope_flow_logs,
    r.counted_at, r.entity, r.account_id, r.region, r.vpc_id, r.subnet_id, r.az_id, r.interface_id, r.peer_key,
    CASE
        WHEN r.path <> 'interface_endpoint' OR e.service_name IS NULL THEN r.named_service
        WHEN e.service_name LIKE 'com.amazonaws.vpce.%' OR e.service_name NOT LIKE 'com.amazonaws.%' THEN e.service_name
        ELSE regexp_replace(e.service_name, '^com[.]amazonaws[.]([a-z]{2}(-[a-z]+)+-[0-9][.])?', '')
    END AS service,
    CASE WHEN r.path = 'interface_endpoint' AND e.service_name IS NOT NULL THEN 'endpoint' ELSE r.named_evidence END AS service_evidence,
    CASE WHEN r.path = 'interface_endpoint' THEN NULL ELSE r.named_region END AS peer_region,
    r.gateway_service, r.path, r.path_evidence, r.via, r.onward, r.nat_gateway_id, r.endpoint_id, r.endpoint_interface, r.route_table_id, r.direction,
    r.nat_az_id, coalesce(r.nat_is_regional, false) AS nat_is_regional, r.nat_vpc_id, coalesce(r.nat_region, r.region) AS nat_region,
    -- AWS charges the zone border between a client and a zonal NAT gateway of its own VPC, both ways.
    coalesce(r.crosses, false) AS crosses_az,
    r.path = 'nat_gateway' AND NOT coalesce(r.nat_is_regional, false) AND NOT coalesce(r.via LIKE '%transit_gateway%', false)
        AND coalesce(r.nat_vpc_id = r.vpc_id, true) AND r.crosses IS NULL AS az_unknown,
    -- What decides which opportunity a byte belongs to (candidates.sql).
    concat(coalesce(r.vpc_id, ''), '|', coalesce(r.region, ''), '|', coalesce(r.named_service, ''), '|', coalesce(r.named_evidence, ''), '|',
        coalesce(r.gateway_service, ''), '|', coalesce(r.named_region, ''), '|', coalesce(r.route_table_id, ''),
        CASE WHEN r.host_covered = false THEN '|uncovered' ELSE '' END, CASE WHEN r.nat64 THEN '|nat64' ELSE '' END) AS move_key,
    r.nat64, r.dns_verdict, r.host_covered,
    r.conflict, r.blind
FROM bordered r
LEFT JOIN watch_sets w ON w.interface_id = r.watched
LEFT JOIN inventory.vpc_endpoints e ON e.endpoint_id = r.endpoint_id
