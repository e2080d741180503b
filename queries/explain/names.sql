-- title: What the resolver logs say of these peers, by whose answers
-- reads: resolver_answers, asked_traffic, legs, inventory.network_interfaces
-- columns: address, tier = 1 a client of these bytes, 2 its VPC, 3 the account and Region; names (chain), kind, service,
--   service_region, covered, queries (no measure of traffic), first_seen and last_seen (Unix seconds)
-- rules: service of the peer, step 3
WITH peers AS (
    SELECT t.peer_key AS address, sum(t.bytes) AS bytes FROM asked_traffic t GROUP BY t.peer_key
),
clients AS (
    SELECT DISTINCT t.vpc_id, l.client_addr FROM asked_traffic t JOIN legs l ON l.leg_id = t.leg_id WHERE t.vpc_id IS NOT NULL
),
instances AS (
    SELECT DISTINCT t.vpc_id, i.instance_id
    FROM asked_traffic t
    JOIN inventory.network_interfaces i ON i.interface_id = t.interface_id
    WHERE i.instance_id IS NOT NULL
),
vpcs AS (
    SELECT DISTINCT vpc_id FROM asked_traffic WHERE vpc_id IS NOT NULL
)
SELECT a.address,
    CASE WHEN c.vpc_id IS NOT NULL OR i.vpc_id IS NOT NULL THEN 1 WHEN v.vpc_id IS NOT NULL THEN 2 ELSE 3 END AS tier,
    a.names, a.kind, a.service, a.service_region, a.covered,
    sum(a.queries) AS queries, min(a.first_seen) AS first_seen, max(a.last_seen) AS last_seen
FROM resolver_answers a
JOIN peers p ON p.address = a.address
LEFT JOIN clients c ON c.vpc_id = a.vpc_id AND c.client_addr = a.srcaddr
LEFT JOIN instances i ON i.vpc_id = a.vpc_id AND i.instance_id = a.instance_id
LEFT JOIN vpcs v ON v.vpc_id = a.vpc_id
GROUP BY a.address, CASE WHEN c.vpc_id IS NOT NULL OR i.vpc_id IS NOT NULL THEN 1 WHEN v.vpc_id IS NOT NULL THEN 2 ELSE 3 END,
    a.names, a.kind, a.service, a.service_region, a.covered, p.bytes
ORDER BY p.bytes DESC, a.address, tier, queries DESC, a.names
LIMIT 40
