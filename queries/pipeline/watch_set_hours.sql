-- title: The 10-minute slots in which any flow log of a set delivered any record of any interface
-- reads: coverage, watch_sets
-- columns: flow_logs (of watch_sets), hour, slots (mask)
WITH delivered AS (
    SELECT CASE WHEN flow_log_id LIKE 'fl-%' THEN flow_log_id ELSE concat_ws('/', account_id, region, flow_log_id) END AS flow_log, hour, bit_or(slots) AS slots
    FROM coverage
    WHERE speaks
    GROUP BY 1, hour
),
members AS (
    SELECT flow_logs, unnest(string_to_array(flow_logs, ' ')) AS flow_log FROM (SELECT DISTINCT flow_logs FROM watch_sets)
)
SELECT m.flow_logs, d.hour, bit_or(d.slots) AS slots
FROM members m
JOIN delivered d ON d.flow_log = m.flow_log
GROUP BY m.flow_logs, d.hour
