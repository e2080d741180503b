-- title: Who is the client of these rows, who opened the connection, and what settled both
-- reads: asked_legs, reasoned_rollup
-- columns: vantage, leg (of a NAT gateway), direction (the client's), oriented_by, initiator, opened_from, records, bytes
-- rules: orientation
WITH asked AS (
    SELECT DISTINCT concat_ws('|', flow_log_id, entity, CAST(hour AS VARCHAR), coalesce(client_addr, '-'), coalesce(peer_key, '-'),
        coalesce(direction, '-'), coalesce(initiator, '-')) AS row_key
    FROM asked_legs
),
reasoned AS (
    SELECT *, concat_ws('|', flow_log_id, coalesce(interface_id, resource_id, '-'), CAST(hour AS VARCHAR), coalesce(client_addr, '-'),
        coalesce(peer_key, '-'), coalesce(direction, '-'), coalesce(initiator, '-')) AS row_key
    FROM reasoned_rollup
    WHERE row_class = 'accept'
)
SELECT r.vantage, r.leg, r.direction, r.oriented_by, r.initiator, r.opened_from, sum(r.records) AS records, sum(r.bytes) AS bytes
FROM reasoned r
JOIN asked a ON a.row_key = r.row_key
GROUP BY r.vantage, r.leg, r.direction, r.oriented_by, r.initiator, r.opened_from
ORDER BY bytes DESC, r.vantage, r.leg, r.direction, r.oriented_by, r.initiator, r.opened_from
