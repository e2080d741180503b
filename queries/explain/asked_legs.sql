-- title: Every accepted row of a chosen flow log that has to do with the bytes asked about
-- reads: legs, asked_traffic, asked_peers
-- params: interface, nat_gateway, service
-- columns: as legs
-- rules: the rows that carry the asked bytes, the rows of the same exchanges (client, peer, hour) at other interfaces, and the
--   rows that name what is asked.
WITH exchanges AS (
    SELECT DISTINCT coalesce(t.interface_id, concat(coalesce(t.vpc_id, ''), '/', l.client_addr)) AS client_key, l.client_addr, l.peer_key, l.hour
    FROM asked_traffic t
    JOIN legs l ON l.leg_id = t.leg_id
),
by_client AS (
    SELECT DISTINCT client_key, peer_key, hour FROM exchanges
),
by_address AS (
    SELECT DISTINCT client_addr, peer_key, hour FROM exchanges
),
blind AS (
    SELECT DISTINCT entity, peer_key, direction, hour FROM asked_traffic WHERE blind
)
SELECT l.*
FROM legs l
LEFT JOIN asked_peers p ON p.peer_key = l.peer_key
LEFT JOIN by_client c ON c.client_key = l.client_key AND c.peer_key = l.peer_key AND c.hour = l.hour
LEFT JOIN by_address a ON a.client_addr = l.client_addr AND a.peer_key = l.peer_key AND a.hour = l.hour
LEFT JOIN blind b ON b.entity = l.entity AND b.peer_key = l.peer_key AND b.direction = l.direction AND b.hour = l.hour
LEFT JOIN (SELECT DISTINCT leg_id FROM asked_traffic WHERE leg_id IS NOT NULL) t ON t.leg_id = l.leg_id
WHERE p.peer_key IS NOT NULL OR c.client_key IS NOT NULL OR t.leg_id IS NOT NULL
    OR (l.role = 'hop' AND a.client_addr IS NOT NULL)
    OR (l.role = 'nat_blind_internet' AND b.entity IS NOT NULL)
    OR l.entity = $interface OR l.client_interface = $interface
    OR (l.role LIKE 'nat%' AND l.nat_gateway_id = $nat_gateway)
    OR l.service = $service
