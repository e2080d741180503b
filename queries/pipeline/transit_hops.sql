-- title: Exchanges that transit gateway flow logs show, by the hours in which they can have been seen elsewhere
-- reads: flows, flow_hours
-- columns: client_addr, peer_key, hour, vpc_ids (the client's VPCs, as the transit gateway knows them; null = not logged),
--   transit_gateway_ids, records
-- rules: path, "via". Evidence only: no byte of these logs is counted. A transit gateway aggregates over one minute, an interface
--   over up to ten, and times may be a minute off: the neighbour hour counts where a record comes within a minute of the edge.
SELECT
    r.client_addr, r.peer_key, h.hour + 3600 * shift.value AS hour,
    array_agg(DISTINCT r.vpc_id ORDER BY r.vpc_id) FILTER (WHERE r.vpc_id IS NOT NULL) AS vpc_ids,
    array_agg(DISTINCT r.resource_id ORDER BY r.resource_id) AS transit_gateway_ids,
    sum(h.records) AS records
FROM flows r
JOIN flow_hours h ON h.flow_id = r.flow_id
CROSS JOIN (VALUES (-1), (0), (1)) AS shift(value)
WHERE r.vantage = 'transit_gateway_log' AND r.row_class = 'accept' AND r.client_addr IS NOT NULL
    AND CASE shift.value WHEN -1 THEN h.min_start < h.hour + 60 WHEN 1 THEN h.max_end >= h.hour + 3540 ELSE true END
GROUP BY r.client_addr, r.peer_key, h.hour + 3600 * shift.value
