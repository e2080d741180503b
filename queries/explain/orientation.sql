-- title: Who is the client of these rows, who opened the connection, and what settled both
-- reads: asked_legs, flow_members, folded_sums, observations
-- columns: vantage, leg (of a NAT gateway), direction (the client's), oriented_by, initiator, opened_from, records, bytes
-- rules: orientation. The scan's own flows still know what settled it.
SELECT o.vantage, o.leg, o.direction, o.oriented_by, o.initiator, o.opened_from, sum(s.records) AS records, sum(s.bytes) AS bytes
FROM asked_legs a
JOIN flow_members m ON m.flow_id = a.flow_id
JOIN folded_sums s ON s.flow_id = m.folded_id AND s.hour = a.hour
JOIN observations o ON o.flow_id = m.folded_id
GROUP BY o.vantage, o.leg, o.direction, o.oriented_by, o.initiator, o.opened_from
ORDER BY bytes DESC, o.vantage, o.leg, o.direction, o.oriented_by, o.initiator, o.opened_from
