-- title: How far the own log of each NAT gateway and endpoint interface speaks
-- reads: nat_facts, inventory.vpc_endpoints, inventory.endpoint_interfaces, coverage_slots, scopes, report_window
-- columns: kind, id, interface_id, owner, covered_hours (slots with a record and none skipped), full_hours, partial_hours,
--   skipdata_slots, has_packet_fields (null = no log), scaled_hours (what its monthly figures rest on: workload rows may stand in)
-- rules: vantage, coverage per interface and hour. A NAT gateway without packet fields is covered, but its rows name no clients.
WITH known AS (
    SELECT 'nat_gateway' AS kind, nat_gateway_id AS id, CAST(NULL AS VARCHAR) AS interface_id, account_id, region, vpc_id,
        concat('nat:', nat_gateway_id) AS scope
    FROM nat_facts
    UNION ALL
    SELECT 'endpoint', e.endpoint_id, i.interface_id, e.account_id, e.region, e.vpc_id, concat('endpoint:', i.interface_id)
    FROM inventory.vpc_endpoints e
    JOIN inventory.endpoint_interfaces i ON i.endpoint_id = e.endpoint_id
),
logged AS (
    SELECT concat(kind, '/', id, '/', coalesce(interface_id, '')) AS key,
        sum(slot_count(slots)) / 6.0 AS covered_hours,
        sum(CASE WHEN slots <> 0 AND slots = wanted THEN 1 ELSE 0 END) AS full_hours,
        sum(CASE WHEN slots <> 0 AND slots <> wanted THEN 1 ELSE 0 END) AS partial_hours,
        sum(skipped) AS skipdata_slots, bool_and(has_packet_fields) AS has_packet_fields
    FROM (SELECT c.*, window_slots(c.hour, w.since, w.until) AS wanted FROM coverage_slots c CROSS JOIN report_window w)
    WHERE kind <> 'flow_log'
    GROUP BY concat(kind, '/', id, '/', coalesce(interface_id, ''))
)
SELECT k.kind, k.id, k.interface_id, k.account_id, k.region, k.vpc_id,
    coalesce(l.covered_hours, 0.0) AS covered_hours, coalesce(l.full_hours, 0) AS full_hours, coalesce(l.partial_hours, 0) AS partial_hours,
    coalesce(l.skipdata_slots, 0) AS skipdata_slots, l.has_packet_fields, coalesce(s.covered_hours, 0.0) AS scaled_hours
FROM known k
LEFT JOIN logged l ON l.key = concat(k.kind, '/', k.id, '/', coalesce(k.interface_id, ''))
LEFT JOIN scopes s ON s.scope = concat(k.scope, ' and its clients')
ORDER BY k.kind DESC, k.account_id, k.region, k.vpc_id, k.id, k.interface_id
