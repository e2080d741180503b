-- title: The peers with most bytes behind each range label
-- reads: traffic_hourly
-- columns: label, bytes, nat_bytes (on NAT gateways), peer_count, peers (ten at most: address or network, bytes, nat_bytes)
-- rules: service order step 4. A name for one of these addresses, as query logs give it, would resolve its bytes.
WITH peers AS (
    SELECT service AS label, peer_key AS peer, sum(bytes) AS bytes, sum(CASE path WHEN 'nat_gateway' THEN bytes ELSE 0 END) AS nat_bytes
    FROM traffic_hourly
    WHERE service LIKE 'range:%'
    GROUP BY service, peer_key
),
placed AS (
    SELECT *, row_number() OVER (PARTITION BY label ORDER BY bytes DESC, peer) AS place FROM peers
)
SELECT label, sum(bytes) AS bytes, sum(nat_bytes) AS nat_bytes, count(*) AS peer_count,
    array_agg(named_struct('peer', peer, 'bytes', bytes, 'nat_bytes', nat_bytes) ORDER BY place) FILTER (WHERE place <= 10) AS peers
FROM placed
GROUP BY label
ORDER BY bytes DESC, label
