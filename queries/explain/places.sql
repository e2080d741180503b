-- title: From which subnets the bytes went to which peers: where the route walks start
-- reads: asked_traffic
-- columns: vpc_id, subnet_id, peer_key (the subnet's largest peer, but first one where log and tables disagree), hour (its last),
--   bytes (of the subnet)
WITH peers AS (
    SELECT vpc_id, subnet_id, peer_key, max(hour) AS hour, sum(bytes) AS bytes,
        sum(CASE WHEN conflict OR nat_unmatched THEN bytes ELSE 0 END) AS odd_bytes
    FROM asked_traffic
    WHERE subnet_id IS NOT NULL
    GROUP BY vpc_id, subnet_id, peer_key
),
ranked AS (
    SELECT *, sum(bytes) OVER (PARTITION BY vpc_id, subnet_id) AS subnet_bytes,
        row_number() OVER (PARTITION BY vpc_id, subnet_id ORDER BY odd_bytes DESC, bytes DESC, peer_key) AS place
    FROM peers
)
SELECT vpc_id, subnet_id, peer_key, hour, subnet_bytes AS bytes
FROM ranked
WHERE place = 1
ORDER BY bytes DESC, vpc_id, subnet_id
LIMIT 4
