-- title: The 10-minute slots of each hour that the logs speak for, per scope of traffic
-- reads: traffic_flows, gateway_interfaces, gateway_slots, gateway_lives, watch_set_hours, nat_facts, report_window
-- columns: scope (of traffic_flows; a gateway alone; a gateway "and its clients"), gateway (null = none), hour, slots (mask), outside = slots in which the gateway did not exist: nothing can be missing there
-- rules: as scopes.sql
WITH scopes_used AS (
    SELECT DISTINCT scope, gateway, scope_flow_logs AS flow_logs FROM traffic_flows
    UNION
    SELECT DISTINCT concat(gateway, ' and its clients'), gateway, scope_flow_logs FROM traffic_flows WHERE gateway IS NOT NULL
    UNION
    SELECT DISTINCT gateway AS scope, gateway, CAST(NULL AS VARCHAR) AS flow_logs FROM gateway_interfaces
    UNION
    SELECT DISTINCT concat(gateway, ' and its clients'), gateway, CAST(NULL AS VARCHAR) FROM gateway_interfaces
    UNION
    SELECT DISTINCT concat('nat:', nat_gateway_id) AS scope, concat('nat:', nat_gateway_id) AS gateway, CAST(NULL AS VARCHAR) AS flow_logs FROM nat_facts
),
window_hours AS (
    SELECT DISTINCT hour FROM watch_set_hours
)
SELECT u.scope, u.gateway, g.hour, g.slots, 0 AS outside
FROM scopes_used u
JOIN gateway_slots g ON g.gateway = u.gateway
UNION ALL
SELECT u.scope, u.gateway, h.hour, h.slots, 0 AS outside
FROM scopes_used u
JOIN watch_set_hours h ON h.flow_logs = u.flow_logs
UNION ALL
SELECT u.scope, u.gateway, h.hour, 0 AS slots, window_slots(h.hour, r.since, r.until) - window_slots(h.hour, l.since, l.until) AS outside
FROM scopes_used u
JOIN gateway_lives l ON l.gateway = u.gateway AND l.is_partial
CROSS JOIN window_hours h
CROSS JOIN report_window r
WHERE window_slots(h.hour, l.since, l.until) <> window_slots(h.hour, r.since, r.until)
