-- title: The legs that carry the bytes, each byte once
-- reads: gateway_legs, workload_legs
-- columns: counted_at = gateway | workload; standing as in workload_legs; border_az = zone of the next hop, at NAT gateways that
--   of the client's side
-- rules: vantage table. East-west traffic that both ends log counts once: per sender subnet, receiver subnet and hour the larger of
--   the senders' egress and the receivers' ingress.
WITH east_west AS (
    SELECT leg_id, hour, direction, bytes, initiator,
        CASE direction WHEN 'outbound' THEN client_subnet ELSE peer_subnet END AS sender_subnet,
        CASE direction WHEN 'outbound' THEN peer_subnet ELSE client_subnet END AS receiver_subnet
    FROM workload_legs
    WHERE standing = 'counts' AND role = 'workload' AND peer_kind = 'private'
        AND client_subnet IS NOT NULL AND peer_subnet IS NOT NULL
        AND coalesce(peer_interface_kind, 'workload') NOT IN ('interface_endpoint', 'other_endpoint', 'nat_gateway')
),
pairs AS (
    SELECT hour, sender_subnet, receiver_subnet,
        sum(CASE WHEN direction = 'outbound' THEN bytes ELSE 0 END) AS sent,
        sum(CASE WHEN direction = 'inbound' THEN bytes ELSE 0 END) AS received,
        sum(CASE WHEN direction = 'outbound' AND initiator = 'client' THEN bytes ELSE 0 END) AS sent_opened,
        sum(CASE WHEN direction = 'inbound' AND initiator = 'client' THEN bytes ELSE 0 END) AS received_opened
    FROM east_west
    GROUP BY hour, sender_subnet, receiver_subnet
),
other_end AS (
    SELECT e.leg_id
    FROM east_west e
    JOIN pairs p ON p.hour = e.hour AND p.sender_subnet = e.sender_subnet AND p.receiver_subnet = e.receiver_subnet
    -- Both ends agree: the side that opened the connections is the client.
    WHERE CASE WHEN p.sent = p.received THEN p.sent_opened >= p.received_opened ELSE p.sent > p.received END <> (e.direction = 'outbound')
),
-- An uncovered gateway hour gives way where the workload rows show more.
replaced AS (
    SELECT DISTINCT gateway_entity, client_key, peer_key, hour, direction FROM workload_legs WHERE standing = 'stands_in'
)
SELECT
    'gateway' AS counted_at, g.leg_id, g.hour, g.entity, g.role, g.vantage, g.inferred_nat, g.nat_gateway_id,
    g.vpc_id AS entity_vpc, g.subnet_id AS entity_subnet, g.client_addr,
    g.client_interface, g.client_account, g.client_region, g.client_vpc, g.client_subnet, g.client_az, g.client_key,
    g.peer_key, g.peer_kind, CAST(NULL AS VARCHAR) AS peer_standing, g.entity AS peer_interface, g.vantage AS peer_interface_kind, CAST(NULL AS VARCHAR) AS peer_endpoint_id,
    g.service, g.service_evidence, g.peer_region, g.gateway_service, g.initiator, g.direction,
    CAST(NULL AS BIGINT) AS traffic_path, CAST(NULL AS VARCHAR) AS next_hop_interface_type,
    CAST(NULL AS VARCHAR) AS next_hop_interface_id, g.border_az, CAST(NULL AS VARCHAR) AS path_seen,
    'counts' AS standing, CAST(NULL AS VARCHAR) AS gateway_role, CAST(NULL AS VARCHAR) AS gateway_entity, NOT g.covered AS is_partial,
    g.records, g.packets, g.bytes, g.min_start, g.slots
FROM gateway_legs g
LEFT JOIN replaced r ON NOT g.covered AND r.gateway_entity = g.entity AND r.client_key = g.client_key AND r.peer_key = g.peer_key
    AND r.hour = g.hour AND r.direction = g.direction
WHERE r.gateway_entity IS NULL
UNION ALL
SELECT
    'workload' AS counted_at, w.leg_id, w.hour, w.entity, w.role, w.vantage, false AS inferred_nat, w.gateway_nat_id AS nat_gateway_id,
    w.vpc_id AS entity_vpc, w.subnet_id AS entity_subnet, w.client_addr,
    w.client_interface, w.client_account, w.client_region, w.client_vpc, w.client_subnet, w.client_az, w.client_key,
    w.peer_key, w.peer_kind, w.peer_standing, w.peer_interface, w.peer_interface_kind, w.peer_endpoint_id,
    w.service, w.service_evidence, w.peer_region, w.gateway_service, w.initiator, w.direction,
    w.traffic_path, w.next_hop_interface_type, w.next_hop_interface_id, w.next_hop_az_id AS border_az, w.path_seen,
    w.standing, w.gateway_role, w.gateway_entity, w.standing = 'stands_in' AS is_partial,
    w.records, w.packets, w.bytes, w.min_start, w.slots
FROM workload_legs w
LEFT JOIN other_end x ON x.leg_id = w.leg_id
WHERE w.standing IN ('counts', 'stands_in') AND x.leg_id IS NULL
