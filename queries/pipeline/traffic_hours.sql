-- title: Classified bytes per hour
-- reads: pathed_hours, paths, blind_nat_legs, dns_names
-- columns: path_id (of paths; below 0 the blind_id of blind_nat_legs), answer_id (of dns_names; 0 = none), nat_unmatched,
--   endpoint_unmatched, is_partial, hour, the sums
SELECT h.path_id, coalesce(d.answer_id, 0) AS answer_id, h.nat_unmatched, h.endpoint_unmatched, h.is_partial, h.hour,
    h.records, h.packets, h.bytes, h.slots, h.min_start
FROM pathed_hours h
JOIN paths p ON p.path_id = h.path_id
LEFT JOIN dns_names d ON d.client = concat(p.client_vpc, '|', p.client_addr, '|', p.client_interface) AND d.peer_key = p.peer_key
    AND d.label = p.peer_service AND d.hour = h.hour AND p.path <> 'interface_endpoint'
UNION ALL
SELECT -b.blind_id AS path_id, coalesce(d.answer_id, 0) AS answer_id, false, false, true, b.hour,
    b.records, b.packets, b.bytes, b.slots, b.min_start
FROM blind_nat_legs b
LEFT JOIN dns_names d ON d.client = concat(b.owner_vpc, '||') AND d.peer_key = b.peer_key AND d.label = b.service AND d.hour = b.hour
WHERE b.bytes > 0
