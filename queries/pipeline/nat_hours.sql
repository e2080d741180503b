-- title: The bytes that a NAT gateway per zone would keep in their zone, per hour and scope; for one that could go, its coverage alone
-- reads: traffic_hourly, nat_left, nat_candidates
-- columns: opportunity, scope, hour, bytes
SELECT concat('nat_per_az|', t.nat_gateway_id) AS opportunity, t.scope, t.hour, sum(t.bytes) AS bytes
FROM traffic_hourly t
JOIN nat_candidates c ON c.kind = 'nat_per_az' AND c.nat_gateway_id = t.nat_gateway_id
JOIN (SELECT DISTINCT nat_gateway_id, move_key FROM nat_left WHERE NOT moves_away) l ON l.nat_gateway_id = t.nat_gateway_id AND l.move_key = t.move_key
WHERE t.path = 'nat_gateway' AND t.crosses_az AND array_has(c.az_ids, t.az_id)
GROUP BY concat('nat_per_az|', t.nat_gateway_id), t.scope, t.hour
UNION ALL
SELECT concat('remove_nat_gateway|', nat_gateway_id), concat('nat:', nat_gateway_id), 0, 0
FROM nat_candidates
WHERE kind = 'remove_nat_gateway'
