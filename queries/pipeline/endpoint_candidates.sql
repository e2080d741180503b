-- title: Interface endpoints that could go, or give way to a gateway endpoint; at most one kind for each
-- reads: endpoints, traffic_monthly, traffic_hourly, inventory.*, endpoint_catalogue, nat_facts, prices
-- columns: kind, endpoint_id, own_usd (GB moved by clients in its VPC), nat_usd and inter_az_usd (what the same bytes cost on a NAT)
-- rules: opportunities replace_interface_with_gateway and delete_idle_interface_endpoint. Not logged is not idle.
WITH clients AS (
    SELECT t.*, route_walk(t.vpc_id, t.subnet_id, '0.0.0.0/0', NULL) AS out
    FROM traffic_monthly t
    WHERE t.path = 'interface_endpoint' AND t.endpoint_id IS NOT NULL
),
used AS (
    SELECT c.endpoint_id,
        sum(CASE WHEN c.vpc_id = e.vpc_id AND c.region = e.region THEN c.gib_month ELSE 0 END) AS own_gib,
        sum(CASE WHEN c.vpc_id = e.vpc_id AND c.region = e.region THEN c.gib_month * c.endpoint_rate ELSE 0 END) AS own_usd,
        bool_and(coalesce(c.vpc_id = e.vpc_id AND c.region = e.region, false)) AS own_only,
        sum(c.gib_month * z.usd) AS nat_usd,
        sum(CASE WHEN n.az_id <> c.az_id AND n.vpc_id = c.vpc_id THEN c.gib_month * 2 * az.usd ELSE 0 END) AS inter_az_usd,
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
    SELECT e.endpoint_id, e.service, coalesce(u.own_usd, 0) AS own_usd, coalesce(u.own_gib, 0) AS own_gib, coalesce(u.own_only, true) AS own_only,
        coalesce(u.nat_usd, 0) AS nat_usd, coalesce(u.inter_az_usd, 0) AS inter_az_usd,
        e.service IN ('s3', 'dynamodb') AND coalesce(u.own_gib, 0) > 0 AS replaceable,
        e.least_coverage >= 0.95 AND c.service_id IS NOT NULL AND coalesce(v.vpc_reaches_nat, false) AND coalesce(u.clients_reach_nat, true)
            AND NOT (NOT e.private_dns_enabled AND a.vpc_id IS NOT NULL) AS deletable,
        coalesce(u.own_usd, 0) + CASE WHEN coalesce(u.own_only, true) THEN coalesce(e.hours_usd, 0) ELSE 0 END AS replace_net,
        coalesce(e.hours_usd, 0) + coalesce(e.processing_usd, 0) - coalesce(u.nat_usd, 0) - coalesce(u.inter_az_usd, 0) AS delete_net
    FROM endpoints e
    LEFT JOIN used u ON u.endpoint_id = e.endpoint_id
    LEFT JOIN vpc_out v ON v.endpoint_id = e.endpoint_id
    LEFT JOIN unnamed_vpcs a ON a.vpc_id = e.vpc_id
    LEFT JOIN endpoint_catalogue c ON c.service_id = e.service
    WHERE e.endpoint_type = 'interface' AND e.state = 'available' AND e.observed AND NOT e.requester_managed
)
SELECT endpoint_id, service, own_usd, own_gib, own_only, nat_usd, inter_az_usd,
    CASE
        WHEN replaceable AND (replace_net >= delete_net OR NOT deletable) THEN 'replace_interface_with_gateway'
        ELSE 'delete_idle_interface_endpoint'
    END AS kind
FROM judged
WHERE replaceable OR (deletable AND delete_net > 0)
