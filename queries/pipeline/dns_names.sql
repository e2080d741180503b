-- title: The service that DNS names for a client, an address and an hour
-- reads: paths, pathed_hours, blind_nat_legs, dns_pools, resolver_answers, inventory.network_interfaces, inventory.vpcs
-- columns: client (VPC|address|interface), peer_key, hour, label (the service without DNS); verdict = named | ambiguous | outside |
--   conflict | agrees; service, service_region ('' = none), covered, evidence of the named;
--   answer_id numbers the answers
-- rules: service of the peer, step 3. The nearest tier with any answer decides. One service and Region, and no other name beside:
--   named; a name outside the catalogue alone: outside; else ambiguous. Against an S3 or DynamoDB code only disagreement is noted.
WITH nameable AS (
    SELECT path_id, client_vpc AS vpc_id, client_account AS account_id, client_region AS region, client_addr, client_interface, peer_key,
        peer_service AS label
    FROM paths
    WHERE client_vpc IS NOT NULL AND peer_kind = 'public' AND path <> 'interface_endpoint'
        AND (peer_service LIKE 'range:%' OR peer_service IN ('s3', 'dynamodb'))
        AND peer_key IN (SELECT address FROM dns_pools)
),
needs AS (
    SELECT DISTINCT n.vpc_id, n.account_id, n.region, n.client_addr, n.client_interface, n.peer_key, h.hour, n.label
    FROM nameable n
    JOIN pathed_hours h ON h.path_id = n.path_id
    UNION
    SELECT DISTINCT owner_vpc, owner_account, region, CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), peer_key, hour, service
    FROM blind_nat_legs
    WHERE owner_vpc IS NOT NULL AND peer_kind = 'public' AND (service LIKE 'range:%' OR service IN ('s3', 'dynamodb'))
        AND peer_key IN (SELECT address FROM dns_pools)
),
answerable AS (
    SELECT n.*, concat(n.vpc_id, '|', n.client_addr, '|', n.client_interface) AS client FROM needs n
),
asked AS (
    SELECT client, peer_key, hour, label, concat('address|', vpc_id, '|', client_addr) AS pool FROM answerable WHERE client_addr IS NOT NULL
    UNION ALL
    SELECT a.client, a.peer_key, a.hour, a.label, concat('instance|', a.vpc_id, '|', i.instance_id)
    FROM answerable a
    JOIN inventory.network_interfaces i ON i.interface_id = a.client_interface
    WHERE i.instance_id IS NOT NULL
    UNION ALL
    SELECT client, peer_key, hour, label, concat('vpc|', vpc_id) FROM answerable
    UNION ALL
    SELECT a.client, a.peer_key, a.hour, a.label, concat('account|', coalesce(v.account_id, a.account_id), '|', a.region)
    FROM answerable a
    LEFT JOIN inventory.vpcs v ON v.vpc_id = a.vpc_id
    LEFT JOIN (SELECT DISTINCT vpc_id FROM resolver_answers) l ON l.vpc_id = a.vpc_id
    WHERE l.vpc_id IS NULL
),
answered AS (
    SELECT a.client, a.peer_key, a.hour, a.label, p.tier, p.kind, p.service, coalesce(p.service_region, '') AS service_region, p.covered
    FROM asked a
    JOIN dns_pools p ON p.pool = a.pool AND p.address = a.peer_key
    WHERE a.hour + 3600 BETWEEN p.serves_from AND p.serves_until
),
nearest AS (
    SELECT *, min(tier) OVER (PARTITION BY client, peer_key, hour, label) AS nearest_tier FROM answered
),
summed AS (
    SELECT client, peer_key, hour, label, min(tier) AS tier,
        count(DISTINCT CASE WHEN kind = 'service' THEN concat(service, '|', service_region) END) AS services,
        bool_or(kind = 'several') AS several, bool_or(kind = 'outside') AS outside,
        coalesce(bool_or(service = label), false) AS agrees,
        max(service) AS service, max(CASE WHEN kind = 'service' THEN service_region END) AS service_region,
        coalesce(bool_and(covered), false) AS covered
    FROM nearest
    WHERE tier = nearest_tier
    GROUP BY client, peer_key, hour, label
),
judged AS (
    SELECT client, peer_key, hour, label,
        CASE
            WHEN label NOT LIKE 'range:%' THEN CASE WHEN services > 0 AND NOT agrees THEN 'conflict' ELSE 'agrees' END
            WHEN services = 1 AND NOT several AND NOT outside THEN 'named'
            WHEN services = 0 AND NOT several THEN 'outside'
            ELSE 'ambiguous'
        END AS verdict,
        service, service_region, covered,
        CASE WHEN tier = 3 THEN 'dns_shared' ELSE 'dns' END AS evidence
    FROM summed
)
SELECT *, CAST(dense_rank() OVER (ORDER BY verdict, service, service_region, covered, evidence) AS BIGINT) AS answer_id
FROM judged
