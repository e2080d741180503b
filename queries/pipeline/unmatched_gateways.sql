-- title: NAT gateways that bytes lead to, although their own log, which covers the hour, does not show them
-- reads: pathed_hours, paths
-- columns: nat_gateway_id, bytes
-- rules: nothing is called idle, left over or removable while unmatched bytes point at it.
SELECT p.nat_gateway_id, sum(h.bytes) AS bytes
FROM pathed_hours h
JOIN paths p ON p.path_id = h.path_id
WHERE h.nat_unmatched AND h.bytes > 0 AND p.nat_gateway_id IS NOT NULL
GROUP BY p.nat_gateway_id
