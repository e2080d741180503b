-- title: Interface endpoints that could go, or give way to a gateway endpoint
-- reads: endpoints, traffic_monthly, inventory.*, endpoint_catalogue, nat_facts, prices
-- columns: kind, opportunity (kind|endpoint), endpoint_id, service, own_only (no client outside its VPC was seen), whole (every interface
--   covered for 95 % of the window), nat_usd and inter_az_usd (what its bytes would cost on a NAT gateway; null = no price)
-- rules: opportunities replace_interface_with_gateway and delete_idle_interface_endpoint. Not logged is not idle. An endpoint may have
--   both kinds: priced_opportunities keeps one change for each endpoint. An endpoint for another Region's service is neither: nothing
--   replaces it, and its own Region's NAT gateways say nothing of its use. One that is free of charge saves nothing. The endpoint of
--   execute-api carries private APIs, which no NAT gateway reaches: without it they would be gone, so silence is no reason.
WITH clients AS (
    SELECT t.*, route_walk(t.vpc_id, t.subnet_id, '0.0.0.0/0', NULL) AS out
    FROM traffic_monthly t
    WHERE t.path = 'interface_endpoint' AND t.endpoint_id IS NOT NULL
),
used AS (
    SELECT c.endpoint_id,
        sum(CASE WHEN c.vpc_id = e.vpc_id AND c.region = e.region THEN c.gib_month ELSE 0 END) AS own_gib,
        bool_and(coalesce(c.vpc_id = e.vpc_id AND c.region = e.region, false)) AS own_only,
        sum(c.gib_month * z.usd) AS nat_usd, bool_and(z.usd IS NOT NULL) AS nat_priced,
        sum(CASE WHEN n.az_id <> c.az_id AND n.vpc_id = c.vpc_id THEN c.gib_month * 2 * az.usd ELSE 0 END) AS inter_az_usd,
        bool_and(NOT coalesce(n.az_id <> c.az_id AND n.vpc_id = c.vpc_id, false) OR az.usd IS NOT NULL) AS inter_az_priced,
        bool_and(coalesce(c.out['path'] = 'nat_gateway', false)) AS clients_reach_nat
    FROM clients c
    JOIN endpoints e ON e.endpoint_id = c.endpoint_id
    LEFT JOIN nat_facts n ON n.nat_gateway_id = c.out['nat_gateway_id']
    LEFT JOIN prices z ON z.region = c.region AND z.charge = 'nat_gib'
    LEFT JOIN prices az ON az.region = c.region AND az.charge = 'inter_az_gib'
    GROUP BY c.endpoint_id
),
vpc_out AS (
    SELECT s.endpoint_id, bool_and(coalesce(route_walk(e.vpc_id, s.subnet_id, '0.0.0.0/0', NULL)['path'] = 'nat_gateway', false)) AS vpc_reaches_nat
    FROM inventory.endpoint_subnets s
    JOIN endpoints e ON e.endpoint_id = s.endpoint_id
    GROUP BY s.endpoint_id
),
unnamed_vpcs AS (
    SELECT DISTINCT vpc_id FROM traffic_monthly WHERE path = 'nat_gateway' AND service = 'range:amazon'
),
judged AS (
    SELECT e.endpoint_id, e.service, coalesce(u.own_only, true) AS own_only, e.least_coverage >= 0.95 AS whole,
        CASE WHEN u.endpoint_id IS NULL THEN 0 WHEN u.nat_priced THEN u.nat_usd END AS nat_usd,
        CASE WHEN u.endpoint_id IS NULL THEN 0 WHEN u.inter_az_priced THEN u.inter_az_usd END AS inter_az_usd,
        e.service IN ('s3', 'dynamodb') AND coalesce(u.own_gib, 0) > 0 AS replaceable,
        e.least_coverage >= 0.95 AND c.service_id IS NOT NULL AND coalesce(v.vpc_reaches_nat, false) AND coalesce(u.clients_reach_nat, true)
            AND NOT (NOT e.private_dns_enabled AND a.vpc_id IS NOT NULL)
            AND e.service <> 'execute-api' AS deletable,
        e.hours_usd IS NULL OR e.processing_usd IS NULL
            OR e.hours_usd + e.processing_usd > coalesce(u.nat_usd, 0) + coalesce(u.inter_az_usd, 0) AS may_pay
    FROM endpoints e
    LEFT JOIN used u ON u.endpoint_id = e.endpoint_id
    LEFT JOIN vpc_out v ON v.endpoint_id = e.endpoint_id
    LEFT JOIN unnamed_vpcs a ON a.vpc_id = e.vpc_id
    LEFT JOIN endpoint_catalogue c ON c.service_id = e.service
    WHERE e.endpoint_type = 'interface' AND e.state = 'available' AND e.observed AND NOT e.requester_managed
        AND NOT e.is_free AND coalesce(e.service_region = e.region, true)
)
SELECT 'replace_interface_with_gateway' AS kind, concat('replace_interface_with_gateway|', endpoint_id) AS opportunity,
    endpoint_id, service, own_only, whole, nat_usd, inter_az_usd
FROM judged
WHERE replaceable
UNION ALL
SELECT 'delete_idle_interface_endpoint', concat('delete_idle_interface_endpoint|', endpoint_id),
    endpoint_id, service, own_only, whole, nat_usd, inter_az_usd
FROM judged
WHERE deletable AND may_pay
