-- title: The 10-minute slots of each hour that the logs speak for, per scope of traffic
-- reads: coverage, chosen_flow_logs, traffic_hourly, traffic_flows, nat_facts, inventory.nat_addresses, nat_interfaces
-- columns: scope, hour, slots (mask)
-- rules: as scopes.sql
WITH gateway_interfaces AS (
    SELECT DISTINCT concat('nat:', nat_gateway_id) AS scope, interface_id FROM inventory.nat_addresses WHERE interface_id IS NOT NULL
    UNION SELECT DISTINCT concat('nat:', nat_gateway_id), entity FROM nat_interfaces
    UNION SELECT DISTINCT concat('endpoint:', endpoint_interface), endpoint_interface FROM traffic_flows WHERE endpoint_interface IS NOT NULL
    UNION SELECT concat('endpoint:', interface_id), interface_id FROM inventory.endpoint_interfaces
),
stand_ins AS (
    SELECT scope, hour, bit_or(slots) AS slots
    FROM traffic_hourly
    WHERE counted_at = 'workload' AND scope NOT LIKE 'interface:%'
    GROUP BY scope, hour
),
stood_in AS (
    SELECT scope, hour + 3600 * later.value AS hour, (slots >> (6 * later.value)) & 63 AS slots
    FROM stand_ins
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS later(value)
    WHERE (slots >> (6 * later.value)) & 63 <> 0
),
flow_log_hours AS (
    SELECT concat_ws('/', account_id, region, flow_log_id) AS watcher, hour, bit_or(slots) AS slots
    FROM coverage
    GROUP BY concat_ws('/', account_id, region, flow_log_id), hour
),
-- Interfaces watched by the same flow logs share one set of slots.
watched AS (
    SELECT interface_id, array_to_string(array_agg(DISTINCT concat_ws('/', account_id, region, flow_log_id)
        ORDER BY concat_ws('/', account_id, region, flow_log_id)), ' ') AS watchers
    FROM coverage
    GROUP BY interface_id
),
watcher_sets AS (
    SELECT watchers, unnest(string_to_array(watchers, ' ')) AS watcher FROM (SELECT DISTINCT watchers FROM watched)
),
set_hours AS (
    SELECT s.watchers, h.hour, bit_or(h.slots) AS slots
    FROM watcher_sets s
    JOIN flow_log_hours h ON h.watcher = s.watcher
    GROUP BY s.watchers, h.hour
),
needed AS (
    SELECT DISTINCT scope, entity FROM traffic_flows WHERE scope LIKE 'interface:%'
    -- A regional NAT gateway has no interface whose empty intervals AWS would write down: silence of its log is an idle gateway, as
    -- long as the flow log delivers.
    UNION SELECT concat('nat:', nat_gateway_id), nat_gateway_id FROM nat_facts WHERE is_regional
)
SELECT g.scope, c.hour, c.slots
FROM gateway_interfaces g
JOIN chosen_flow_logs c ON c.interface_id = g.interface_id
UNION ALL
SELECT scope, hour, slots FROM stood_in
UNION ALL
SELECT n.scope, h.hour, h.slots
FROM needed n
JOIN watched w ON w.interface_id = n.entity
JOIN set_hours h ON h.watchers = w.watchers
