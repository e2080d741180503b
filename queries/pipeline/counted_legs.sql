-- title: The legs that carry the bytes hour by hour, each byte once
-- reads: counted_hours, leg_flows
-- columns: leg_id as in legs; counted_at = gateway | workload; those of counted_hours
SELECT f.flow_id * 10000000 + c.hour / 3600 AS leg_id, CASE WHEN f.role IN ('nat', 'endpoint') THEN 'gateway' ELSE 'workload' END AS counted_at, c.*
FROM counted_hours c
JOIN leg_flows f ON f.flow_id = c.flow_id
