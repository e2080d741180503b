-- title: What each accepted flow is: role, client's owner, peer's owner, service
-- reads: flows, leg_hours
-- columns: role = workload | appliance | nat | nat_internet | nat_blind_client | nat_blind_internet | endpoint | hop | unoriented;
--   client_* = the client's owner; client_key = its interface, else VPC/address. Numbers of what later statements compare:
--   exchange_id (client_key and peer), sight_id (client's address and peer), talk_id (interface, client's address, peer and
--   initiator), evidence_id (traffic path and next hop); shows_path = the log names a path or next hop
-- rules: vantage table, orientation, owner, service order without DNS.
WITH kept AS (
    SELECT f.*, peer_service(f.peer_key, f.service_code) AS peer_facts
    FROM flows f
    WHERE f.flow_id IN (SELECT flow_id FROM leg_hours)
),
-- Without inventory and newer fields an interface is known by how it behaves.
behaviour AS (
    SELECT
        entity,
        bool_or(own_side = 'public') AND bool_or(own_side = 'same' AND peer_facts['kind'] = 'public') AS like_nat,
        bool_and(own_side <> 'same') AS like_transit_gateway
    FROM kept
    WHERE own_side IS NOT NULL
    GROUP BY entity
    HAVING bool_and(NOT identified)
),
-- Addresses that are an interface's own, by what it sends and receives itself.
own_addresses AS (
    SELECT DISTINCT coalesce(vpc_id, '') AS vpc, client_addr, entity FROM kept WHERE own_side = 'same' AND vantage = 'workload' AND client_addr IS NOT NULL
),
others AS (
    SELECT vpc, client_addr, min(entity) AS entity, count(*) AS entities FROM own_addresses GROUP BY vpc, client_addr
),
owned AS (
    SELECT
        k.*, coalesce(b.like_nat, false) AS inferred_nat,
        address_owner(k.vpc_id, k.subnet_id, k.client_addr) AS o,
        CASE
            WHEN k.direction IS NULL THEN 'unoriented'
            WHEN k.vantage IN ('nat_gateway', 'regional_nat_gateway') THEN
                CASE k.leg WHEN 'client' THEN 'nat' WHEN 'internet' THEN 'nat_internet'
                    WHEN 'client_blind' THEN 'nat_blind_client' ELSE 'nat_blind_internet' END
            WHEN k.vantage IN ('interface_endpoint', 'other_endpoint') THEN 'endpoint'
            WHEN k.vantage IN ('transit_gateway', 'gwlb_endpoint') THEN 'hop'
            WHEN b.like_nat THEN CASE WHEN k.own_side = 'public' THEN 'nat' ELSE 'nat_internet' END
            WHEN b.like_transit_gateway THEN 'hop'
            WHEN k.own_side = 'public' THEN 'appliance'
            -- A packet address that is another interface's, or outside the VPC: the interface forwards for it.
            WHEN k.own_side = 'private' AND interface_owns(k.interface_id, k.client_addr) = false
                AND (address_owner(k.vpc_id, k.subnet_id, k.client_addr)['interface_id'] <> k.interface_id
                    OR vpc_holds(k.vpc_id, k.client_addr) = false) THEN 'appliance'
            -- The same without inventory: another interface sends and receives under that address itself.
            WHEN k.own_side = 'private' AND interface_owns(k.interface_id, k.client_addr) IS NULL
                AND (x.entities > 1 OR x.entity <> k.entity) THEN 'appliance'
            ELSE 'workload'
        END AS role
    FROM kept k
    LEFT JOIN behaviour b ON b.entity = k.entity
    LEFT JOIN others x ON x.vpc = coalesce(k.vpc_id, '') AND x.client_addr = k.client_addr
),
placed AS (
    SELECT *,
        CASE WHEN role = 'workload' THEN 'own' ELSE o['standing'] END AS client_standing,
        CASE WHEN role = 'workload' THEN interface_id ELSE o['interface_id'] END AS client_interface,
        CASE WHEN role = 'workload' THEN account_id ELSE o['account_id'] END AS client_account,
        CASE WHEN role = 'workload' THEN region ELSE coalesce(o['region'], CASE WHEN o['vpc_id'] IS NULL THEN region END) END AS client_region,
        CASE WHEN role = 'workload' THEN vpc_id ELSE o['vpc_id'] END AS client_vpc,
        CASE WHEN role = 'workload' THEN subnet_id ELSE o['subnet_id'] END AS client_subnet,
        CASE WHEN role = 'workload' THEN az_id ELSE o['az_id'] END AS client_az
    FROM owned
),
met AS (
    SELECT *,
        CASE WHEN peer_facts['kind'] = 'private'
            THEN address_owner(coalesce(client_vpc, vpc_id), coalesce(client_subnet, subnet_id), peer_key) END AS p
    FROM placed
),
named AS (
    SELECT
        flow_id, flow_log_id, entity, entity_id, role, vantage, inferred_nat, nat_gateway_id, own_side,
        account_id, region, vpc_id, subnet_id, az_id,
        client_addr, client_standing, client_interface, client_account, client_region, client_vpc, client_subnet, client_az,
        coalesce(client_interface, concat(coalesce(client_vpc, ''), '/', client_addr)) AS client_key,
        peer_key, peer_facts['kind'] AS peer_kind,
        p['standing'] AS peer_standing, p['vpc_id'] AS peer_vpc, p['subnet_id'] AS peer_subnet, p['interface_id'] AS peer_interface,
        p['kind'] AS peer_interface_kind, p['endpoint_id'] AS peer_endpoint_id,
        peer_facts['service'] AS service, peer_facts['evidence'] AS service_evidence, peer_facts['region'] AS peer_region,
        peer_facts['gateway_service'] AS gateway_service,
        initiator, direction, traffic_path, next_hop_interface_type, next_hop_interface_id, next_hop_az_id,
        traffic_path IS NOT NULL OR next_hop_interface_type IS NOT NULL AS shows_path
    FROM met
),
exchanges AS (
    SELECT client_key, peer_key, row_number() OVER (ORDER BY client_key, peer_key) AS id
    FROM (SELECT DISTINCT client_key, peer_key FROM named WHERE peer_key IS NOT NULL)
),
sights AS (
    SELECT client_addr, peer_key, row_number() OVER (ORDER BY client_addr, peer_key) AS id
    FROM (SELECT DISTINCT client_addr, peer_key FROM named WHERE client_addr IS NOT NULL AND peer_key IS NOT NULL)
),
talks AS (
    SELECT entity, client_addr, peer_key, initiator, row_number() OVER (ORDER BY entity, client_addr, peer_key, initiator) AS id
    FROM (SELECT DISTINCT entity, client_addr, peer_key, initiator FROM named
        WHERE client_addr IS NOT NULL AND peer_key IS NOT NULL AND initiator IS NOT NULL)
)
SELECT n.*, CAST(x.id AS BIGINT) AS exchange_id, CAST(s.id AS BIGINT) AS sight_id, CAST(t.id AS BIGINT) AS talk_id,
    CAST(dense_rank() OVER (ORDER BY n.traffic_path, n.next_hop_interface_id, n.next_hop_interface_type, n.next_hop_az_id) AS BIGINT) AS evidence_id
FROM named n
LEFT JOIN exchanges x ON x.client_key = n.client_key AND x.peer_key = n.peer_key
LEFT JOIN sights s ON s.client_addr = n.client_addr AND s.peer_key = n.peer_key
LEFT JOIN talks t ON t.entity = n.entity AND t.client_addr = n.client_addr AND t.peer_key = n.peer_key AND t.initiator = n.initiator
