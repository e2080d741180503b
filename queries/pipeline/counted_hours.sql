-- title: The hours of legs that carry the bytes, each byte once
-- reads: gateway_hours, workload_hours, leg_flows, seen_hops, transit_hops
-- columns: flow_id, client_flow_id, evidence_id and gateway_entity_id (0 = none), era = how many routes to new resources stand by then,
--   hops = hops on the way as logs of that hour show them ('' = none), hour, is_partial, the sums
-- rules: vantage table. East-west traffic that both ends log counts once: per sender subnet, receiver subnet and hour the larger of
--   the senders' egress and the receivers' ingress.
WITH east_west AS (
    SELECT w.flow_id, w.hour, f.direction, w.bytes, f.initiator,
        CASE f.direction WHEN 'outbound' THEN f.client_subnet ELSE f.peer_subnet END AS sender_subnet,
        CASE f.direction WHEN 'outbound' THEN f.peer_subnet ELSE f.client_subnet END AS receiver_subnet
    FROM workload_hours w
    JOIN leg_flows f ON f.flow_id = w.flow_id
    WHERE w.standing = 'counts' AND f.role = 'workload' AND f.peer_kind = 'private'
        AND f.client_subnet IS NOT NULL AND f.peer_subnet IS NOT NULL
        AND coalesce(f.peer_interface_kind, 'workload') NOT IN ('interface_endpoint', 'other_endpoint', 'nat_gateway')
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
    SELECT DISTINCT e.flow_id, e.hour
    FROM east_west e
    JOIN pairs p ON p.hour = e.hour AND p.sender_subnet = e.sender_subnet AND p.receiver_subnet = e.receiver_subnet
    -- Both ends agree: the side that opened the connections is the client.
    WHERE CASE WHEN p.sent = p.received THEN p.sent_opened >= p.received_opened ELSE p.sent > p.received END <> (e.direction = 'outbound')
),
gateway AS (
    SELECT g.*, f.entity_id, f.direction
    FROM gateway_hours g
    JOIN leg_flows f ON f.flow_id = g.flow_id
),
-- An uncovered gateway hour gives way where the workload rows show more.
replaced AS (
    SELECT DISTINCT w.gateway_entity_id, w.exchange_id, w.hour, f.direction
    FROM workload_hours w
    JOIN leg_flows f ON f.flow_id = w.flow_id
    WHERE w.standing = 'stands_in'
),
-- What a transit gateway's own log shows.
logged_hops AS (
    SELECT f.sight_id, t.hour, t.vpc_ids
    FROM transit_hops t
    JOIN (SELECT DISTINCT sight_id, client_addr, peer_key FROM leg_flows) f ON f.client_addr = t.client_addr AND f.peer_key = t.peer_key
),
counted AS (
    SELECT
        g.flow_id, g.client_flow_id, 0 AS evidence_id, 0 AS gateway_entity_id, g.hour, NOT g.covered AS is_partial,
        g.records, g.packets, g.bytes, g.min_start, g.slots
    FROM gateway g
    LEFT JOIN replaced r ON NOT g.covered AND r.gateway_entity_id = g.entity_id AND r.exchange_id = g.exchange_id
        AND r.hour = g.hour AND r.direction = g.direction
    WHERE r.gateway_entity_id IS NULL
    UNION ALL
    SELECT
        w.flow_id, w.flow_id AS client_flow_id, w.evidence_id, w.gateway_entity_id, w.hour, w.standing = 'stands_in' AS is_partial,
        w.records, w.packets, w.bytes, w.min_start, w.slots
    FROM workload_hours w
    LEFT JOIN other_end x ON x.flow_id = w.flow_id AND x.hour = w.hour
    WHERE w.standing IN ('counts', 'stands_in') AND x.flow_id IS NULL
)
SELECT
    c.flow_id, c.client_flow_id, c.evidence_id, c.gateway_entity_id, route_era(c.hour) AS era,
    concat_ws('+',
        CASE
            WHEN s.transit_gateway THEN 'transit_gateway'
            -- CIDRs repeat across VPCs: the client's must be the one that the transit gateway names, where both are known.
            WHEN t.hour IS NOT NULL AND coalesce(array_has(t.vpc_ids, coalesce(k.client_vpc, f.client_vpc)), true) THEN 'transit_gateway'
        END,
        CASE WHEN s.gwlb_endpoint THEN 'gwlb_endpoint' END,
        CASE WHEN s.network_firewall THEN 'network_firewall' END) AS hops,
    c.hour, c.is_partial, c.records, c.packets, c.bytes, c.min_start, c.slots
FROM counted c
JOIN leg_flows f ON f.flow_id = c.flow_id
JOIN leg_flows k ON k.flow_id = c.client_flow_id
LEFT JOIN seen_hops s ON s.sight_id = f.sight_id AND s.hour = c.hour
LEFT JOIN logged_hops t ON t.sight_id = f.sight_id AND t.hour = c.hour
