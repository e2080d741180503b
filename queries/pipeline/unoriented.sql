-- title: Bytes of rows that tell neither client nor direction
-- reads: leg_hours, leg_flows
-- columns: account_id, region, vpc_id, bytes
SELECT f.account_id, f.region, f.vpc_id, sum(h.bytes) AS bytes
FROM leg_hours h
JOIN leg_flows f ON f.flow_id = h.flow_id
WHERE f.role = 'unoriented' AND h.bytes > 0
GROUP BY f.account_id, f.region, f.vpc_id
