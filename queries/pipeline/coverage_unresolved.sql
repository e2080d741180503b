-- title: The peers with most bytes behind each range label
-- reads: traffic_hours, traffic_flows, flow_peers
-- columns: label, bytes, nat_bytes (on NAT gateways), peer_count, peers (ten at most: address, network, or where the log does
--   not tell (NAT gateways without packet fields) a peer key of several networks; bytes, nat_bytes)
-- rules: service order step 4. A name for one of these addresses, as query logs give it, would resolve its bytes. Where a flow keeps
--   several networks together, its counted bytes are shared as its records name them; all of them count, or the same share of each.
WITH counted AS (
    SELECT f.service AS label, f.flow_id, f.peer_key, sum(h.bytes) AS bytes, sum(CASE f.path WHEN 'nat_gateway' THEN h.bytes ELSE 0 END) AS nat_bytes
    FROM traffic_hours h
    JOIN traffic_flows f ON f.path_id = h.path_id AND f.answer_id = h.answer_id AND f.nat_unmatched = h.nat_unmatched
    WHERE f.service LIKE 'range:%'
    GROUP BY f.service, f.flow_id, f.peer_key
),
labels AS (
    SELECT label, sum(bytes) AS bytes, sum(nat_bytes) AS nat_bytes FROM counted GROUP BY label
),
whole AS (
    SELECT flow_id, sum(bytes) AS bytes FROM flow_peers GROUP BY flow_id
),
peers AS (
    SELECT c.label, coalesce(peer_network(n.network), c.peer_key) AS peer,
        sum(CASE WHEN n.network IS NULL THEN c.bytes ELSE proportion(c.bytes, n.bytes, w.bytes) END) AS bytes,
        sum(CASE WHEN n.network IS NULL THEN c.nat_bytes ELSE proportion(c.nat_bytes, n.bytes, w.bytes) END) AS nat_bytes
    FROM counted c
    LEFT JOIN flow_peers n ON n.flow_id = c.flow_id
    LEFT JOIN whole w ON w.flow_id = c.flow_id
    GROUP BY c.label, coalesce(peer_network(n.network), c.peer_key)
),
placed AS (
    SELECT *, row_number() OVER (PARTITION BY label ORDER BY bytes DESC, peer) AS place FROM peers WHERE bytes > 0
),
top AS (
    SELECT label, count(*) AS peer_count,
        array_agg(named_struct('peer', peer, 'bytes', bytes, 'nat_bytes', nat_bytes) ORDER BY place) FILTER (WHERE place <= 10) AS peers
    FROM placed
    GROUP BY label
)
SELECT l.label, l.bytes, l.nat_bytes, t.peer_count, t.peers
FROM labels l
JOIN top t ON t.label = l.label
ORDER BY l.bytes DESC, l.label
