-- title: Which path the bytes took, and which evidence says so
-- reads: asked_traffic
-- columns: path, path_evidence, via, onward, nat_gateway_id, endpoint_id, conflict (the log says otherwise than the route tables),
--   nat_unmatched, endpoint_unmatched, records, bytes
-- rules: path evidence
SELECT path, path_evidence, via, onward, nat_gateway_id, endpoint_id, conflict, nat_unmatched, endpoint_unmatched,
    sum(records) AS records, sum(bytes) AS bytes
FROM asked_traffic
GROUP BY path, path_evidence, via, onward, nat_gateway_id, endpoint_id, conflict, nat_unmatched, endpoint_unmatched
ORDER BY bytes DESC, path, path_evidence, via, onward, nat_gateway_id, endpoint_id, conflict
