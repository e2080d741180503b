-- title: What each accepted flow is: role, client's owner, peer's owner, service
-- reads: flows, leg_hours, path_evidence
-- columns: role = workload | appliance | nat | nat_internet | nat_blind_client | nat_blind_internet | endpoint | hop | unoriented;
--   client_* = the client's owner; client_key = its interface, else VPC/address. Numbers of what later statements compare:
--   exchange_id (client_key and peer), sight_id (client's address and peer), talk_id (interface, client's address, peer and
--   initiator), evidence_id and shows_path (of path_evidence)
-- rules: vantage table, orientation, owner, service order without DNS.
WITH live AS (
    SELECT DISTINCT flow_id FROM leg_hours
),
-- Without inventory and newer fields an interface is known by how it behaves.
behaviour AS (
    SELECT
        f.entity,
        bool_or(f.own_side = 'public') AND bool_or(f.own_side = 'same' AND peer_service(f.peer_key, f.service_code)['kind'] = 'public') AS like_nat,
        bool_and(f.own_side <> 'same') AS like_transit_gateway
    FROM flows f
    JOIN live l ON l.flow_id = f.flow_id
    WHERE f.own_side IS NOT NULL
    GROUP BY f.entity
    HAVING bool_and(NOT f.identified)
),
-- Addresses that are an interface's own, by what it sends and receives itself.
own_addresses AS (
    SELECT DISTINCT coalesce(f.vpc_id, '') AS vpc, f.client_addr, f.entity
    FROM flows f
    JOIN live l ON l.flow_id = f.flow_id
    WHERE f.own_side = 'same' AND f.vantage = 'workload' AND f.client_addr IS NOT NULL
),
others AS (
    SELECT vpc, client_addr, min(entity) AS entity, count(*) AS entities FROM own_addresses GROUP BY vpc, client_addr
),
owned AS (
    SELECT
        k.*, peer_service(k.peer_key, k.service_code) AS peer_facts, coalesce(b.like_nat, false) AS inferred_nat,
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
    FROM flows k
    JOIN live l ON l.flow_id = k.flow_id
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
        CASE WHEN peer_facts['kind'] IN ('private', 'vpc_cidr')
            THEN address_owner(coalesce(client_vpc, vpc_id), coalesce(client_subnet, subnet_id), peer_key) END AS p
    FROM placed
),
-- A VPC may have public CIDRs: its addresses are private to the VPCs that reach it, and public to all others.
judged AS (
    SELECT *,
        CASE
            WHEN peer_facts['kind'] = 'vpc_cidr' THEN CASE WHEN p['standing'] IN ('own', 'reached', 'ambiguous') THEN 'private' ELSE 'public' END
            ELSE peer_facts['kind']
        END AS peer_kind
    FROM met
),
named AS (
    SELECT
        flow_id, flow_log_id, entity, entity_id, role, vantage, inferred_nat, nat_gateway_id, own_side,
        account_id, region, vpc_id, subnet_id, az_id,
        client_addr, client_standing, client_interface, client_account, client_region, client_vpc, client_subnet, client_az,
        coalesce(client_interface, concat(coalesce(client_vpc, ''), '/', client_addr)) AS client_key,
        peer_key, peer_kind,
        p['standing'] AS peer_standing, p['vpc_id'] AS peer_vpc, p['subnet_id'] AS peer_subnet, p['interface_id'] AS peer_interface,
        p['kind'] AS peer_interface_kind, p['endpoint_id'] AS peer_endpoint_id,
        CASE WHEN peer_kind = 'private' THEN 'private' ELSE peer_facts['service'] END AS service,
        CASE WHEN peer_kind <> 'private' THEN peer_facts['evidence'] END AS service_evidence,
        CASE WHEN peer_kind <> 'private' THEN peer_facts['region'] END AS peer_region,
        CASE WHEN peer_kind <> 'private' THEN peer_facts['gateway_service'] END AS gateway_service,
        initiator, direction, traffic_path, next_hop_interface_type, next_hop_interface_id, next_hop_az_id,
        concat(traffic_path, '|', next_hop_interface_id, '|', next_hop_interface_type, '|', next_hop_az_id) AS evidence_key
    FROM judged
)
SELECT n.*,
    number_of(n.client_key || ' ' || n.peer_key) AS exchange_id,
    number_of('sight ' || n.client_addr || ' ' || n.peer_key) AS sight_id,
    number_of('talk ' || n.entity || ' ' || n.client_addr || ' ' || n.peer_key || ' ' || n.initiator) AS talk_id,
    e.evidence_id, e.shows_path
FROM named n
JOIN path_evidence e ON e.evidence_key = n.evidence_key
