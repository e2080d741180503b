-- title: The counted hours with their paths, and whether they were seen where they should have been
-- reads: counted_hours, paths, expected_hours
-- columns: path_id, hour, is_partial, nat_unmatched, endpoint_unmatched, the sums
-- rules: vantage, "rows that resolve to a covered NAT but match no NAT row were not on it"
SELECT
    p.path_id, c.hour, c.is_partial,
    coalesce(x.role = 'nat', false) AS nat_unmatched, coalesce(x.role = 'endpoint', false) AS endpoint_unmatched,
    c.records, c.packets, c.bytes, c.min_start, c.slots
FROM counted_hours c
JOIN paths p ON p.flow_id = c.flow_id AND p.client_flow_id = c.client_flow_id AND p.evidence_id = c.evidence_id
    AND p.gateway_entity_id = c.gateway_entity_id AND p.era = c.era AND p.hop_key = c.hops
LEFT JOIN expected_hours x ON x.path_id = p.path_id AND x.hour = c.hour
