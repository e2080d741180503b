-- title: Where hops before a gateway were read off its own table, on the way back to the client
-- reads: asked_traffic, legs, inventory.nat_gateways
-- columns: vpc_id, subnet_id (of the gateway's interface) or route_table_id (of a regional NAT gateway), peer_key (a client's address),
--   hour (its last), bytes (of the interface)
-- rules: path, via. One client an interface and way.
WITH clients AS (
    SELECT l.entity, t.via, l.vpc_id, l.subnet_id, n.route_table_id, l.client_addr, max(t.hour) AS hour, sum(t.bytes) AS bytes
    FROM asked_traffic t
    JOIN legs l ON l.leg_id = t.leg_id
    LEFT JOIN inventory.nat_gateways n ON n.nat_gateway_id = l.nat_gateway_id AND n.is_regional
    WHERE t.counted_at = 'gateway' AND t.via IS NOT NULL AND l.client_addr IS NOT NULL
    GROUP BY l.entity, t.via, l.vpc_id, l.subnet_id, n.route_table_id, l.client_addr
),
ranked AS (
    SELECT *, sum(bytes) OVER (PARTITION BY entity, via) AS way_bytes,
        row_number() OVER (PARTITION BY entity, via ORDER BY bytes DESC, client_addr) AS place
    FROM clients
)
SELECT vpc_id, subnet_id, route_table_id, client_addr AS peer_key, hour, way_bytes AS bytes
FROM ranked
WHERE place = 1 AND (subnet_id IS NOT NULL OR route_table_id IS NOT NULL)
ORDER BY way_bytes DESC, entity, via
LIMIT 2
