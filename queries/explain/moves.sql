-- title: Which opportunities use these bytes, and why the others have none
-- reads: asked_traffic, candidates, endpoint_candidates, endpoints, opportunities
-- columns: opportunity_id (null = none), reason (why none), bytes
-- rules: opportunities, in the order of candidates.sql; of an endpoint's changes the one that priced_opportunities.sql chose
WITH changes AS (
    SELECT x.endpoint_id, x.kind, x.opportunity
    FROM endpoint_candidates x
    JOIN opportunities o ON o.opportunity = x.opportunity
),
moving AS (
    SELECT t.bytes, t.path, t.service, t.service_evidence, t.peer_region, t.region, t.vpc_id, t.gateway_service, t.nat64, c.opportunity
    FROM asked_traffic t
    LEFT JOIN candidates c ON c.move_key = t.move_key AND c.kind IS NOT NULL
    WHERE t.path = 'nat_gateway'
    UNION ALL
    SELECT t.bytes, t.path, t.service, t.service_evidence, t.peer_region, t.region, t.vpc_id, t.gateway_service, t.nat64, c.opportunity
    FROM asked_traffic t
    LEFT JOIN candidates c ON c.move_key = t.move_key AND c.kind IN ('create_gateway_endpoint', 'associate_route_table')
    WHERE t.path = 'transit_gateway'
    UNION ALL
    SELECT t.bytes, t.path, t.service, t.service_evidence, t.peer_region, t.region, t.vpc_id, t.gateway_service, t.nat64, x.opportunity
    FROM asked_traffic t
    LEFT JOIN endpoints v ON v.endpoint_id = t.endpoint_id
    LEFT JOIN changes x ON x.endpoint_id = t.endpoint_id AND (x.kind = 'delete_idle_interface_endpoint' OR t.vpc_id = v.vpc_id)
    WHERE t.path NOT IN ('nat_gateway', 'transit_gateway')
),
named AS (
    SELECT m.*, o.id
    FROM moving m
    LEFT JOIN opportunities o ON o.opportunity = m.opportunity
)
SELECT n.id AS opportunity_id,
    CASE
        WHEN n.id IS NOT NULL THEN NULL
        WHEN n.path = 'unknown' THEN 'path_unknown'
        WHEN n.path = 'interface_endpoint' THEN 'endpoint_kept'
        WHEN n.path = 'transit_gateway' AND n.service NOT IN ('internet', 'private') THEN 'onward_unknown'
        WHEN n.path <> 'nat_gateway' THEN 'not_on_nat'
        WHEN n.vpc_id IS NULL THEN 'owner_unknown'
        WHEN n.service LIKE 'range:%' THEN 'range_label'
        WHEN n.service IN ('internet', 'private') THEN 'no_aws_service'
        WHEN coalesce(n.peer_region <> n.region, true) THEN 'other_region'
        -- Another change of the endpoint is worth more.
        WHEN n.opportunity IS NOT NULL THEN 'endpoint_ends'
        WHEN n.service = 'execute-api' THEN 'private_apis_only'
        WHEN n.nat64 THEN 'nat64'
        ELSE 'no_endpoint_takes_it'
    END AS reason,
    sum(n.bytes) AS bytes
FROM named n
GROUP BY 1, 2
ORDER BY bytes DESC, 1, 2
