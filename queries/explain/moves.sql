-- title: Which opportunities use these bytes, and why the others have none
-- reads: asked_traffic, candidates, endpoint_candidates, endpoints, opportunities
-- columns: opportunity_id (null = none), reason (why none), bytes
-- rules: opportunities, in the order of candidates.sql
WITH moving AS (
    SELECT t.bytes, t.path, t.service, t.service_evidence, t.peer_region, t.region, t.vpc_id, t.endpoint_id, t.gateway_service, t.host_covered,
        c.kind, c.vpc_id AS kind_vpc, c.service AS kind_service, CAST(NULL AS VARCHAR) AS kind_endpoint
    FROM asked_traffic t
    LEFT JOIN candidates c ON c.move_key = t.move_key AND c.kind IS NOT NULL
    WHERE t.path = 'nat_gateway'
    UNION ALL
    SELECT t.bytes, t.path, t.service, t.service_evidence, t.peer_region, t.region, t.vpc_id, t.endpoint_id, t.gateway_service, t.host_covered,
        x.kind, NULL, NULL, x.endpoint_id
    FROM asked_traffic t
    LEFT JOIN endpoints v ON v.endpoint_id = t.endpoint_id
    LEFT JOIN endpoint_candidates x ON x.endpoint_id = t.endpoint_id AND (x.kind = 'delete_idle_interface_endpoint' OR t.vpc_id = v.vpc_id)
    WHERE t.path <> 'nat_gateway'
),
named AS (
    SELECT m.*, o.id
    FROM moving m
    LEFT JOIN opportunities o ON o.kind = m.kind
        AND coalesce(m.kind_endpoint, concat(m.kind_vpc, '|', m.kind_service))
            = CASE WHEN m.kind_endpoint IS NULL THEN concat(o.vpc_id, '|', o.service) ELSE o.endpoint_id END
)
SELECT n.id AS opportunity_id,
    CASE
        WHEN n.id IS NOT NULL THEN NULL
        WHEN n.path = 'unknown' THEN 'path_unknown'
        WHEN n.path = 'interface_endpoint' THEN 'endpoint_kept'
        WHEN n.path <> 'nat_gateway' THEN 'not_on_nat'
        WHEN n.vpc_id IS NULL THEN 'owner_unknown'
        WHEN n.service LIKE 'range:%' THEN 'range_label'
        WHEN n.service IN ('internet', 'private') THEN 'no_aws_service'
        WHEN coalesce(n.peer_region <> n.region, true) THEN 'other_region'
        ELSE 'no_endpoint_takes_it'
    END AS reason,
    sum(n.bytes) AS bytes
FROM named n
GROUP BY 1, 2
ORDER BY bytes DESC, 1, 2
