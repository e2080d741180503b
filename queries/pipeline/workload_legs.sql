-- title: Workload and appliance legs, each with what it is: bytes of its own, or evidence for bytes counted at a gateway
-- reads: observed, gateway_legs, chosen_flow_logs
-- columns: standing = counts | evidence | stands_in (for gateway_id, whose hour is not covered); gateway_id; gateway_role
-- rules: dedupe by exchange, not by gateway id. For a covered hour of a NAT gateway or endpoint interface, legs with the same client,
--   peer and hour that the peer did not open are evidence only, unless their own path says otherwise (2, 7, 8, peering,
--   virtual private gateway). The neighbour hour matches too where both hours are covered and the buckets meet at the edge.
--   For an uncovered hour the larger of the two counts, never the sum.
WITH logged AS (
    SELECT DISTINCT interface_id FROM chosen_flow_logs
),
logged_addresses AS (
    SELECT DISTINCT client_addr FROM observed WHERE role = 'workload'
),
-- Appliances speak only for clients whose own interface is not logged.
workload AS (
    SELECT o.*,
        initiator <> 'peer' AND NOT coalesce(traffic_path IN (2, 3, 4, 5, 7, 8), false) AS may_be_nat
    FROM observed o
    LEFT JOIN logged i ON i.interface_id = o.client_interface
    LEFT JOIN logged_addresses a ON a.client_addr = o.client_addr AND o.client_interface IS NULL
    WHERE o.role = 'workload' OR (o.role = 'appliance' AND i.interface_id IS NULL AND a.client_addr IS NULL)
),
gateway_hours AS (
    SELECT entity, role, client_key, peer_key, hour, bool_and(covered) AS covered, min(min_start) AS min_start, max(max_end) AS max_end
    FROM gateway_legs
    GROUP BY entity, role, client_key, peer_key, hour
),
same_hour AS (
    SELECT role, client_key, peer_key, hour, bool_or(covered) AS covered,
        min(CASE WHEN NOT covered THEN entity END) AS uncovered_entity
    FROM gateway_hours
    GROUP BY role, client_key, peer_key, hour
),
workload_hours AS (
    SELECT client_key, peer_key, hour, min(min_start) AS min_start, max(max_end) AS max_end
    FROM workload
    GROUP BY client_key, peer_key, hour
),
-- 660 s: one aggregation interval of ten minutes and the minute by which AWS's times may be off.
seam AS (
    SELECT DISTINCT w.client_key, w.peer_key, w.hour, g.role
    FROM workload_hours w
    CROSS JOIN (VALUES (-3600), (3600)) AS shift(value)
    JOIN gateway_hours g ON g.client_key = w.client_key AND g.peer_key = w.peer_key AND g.hour = w.hour + shift.value AND g.covered
    JOIN chosen_flow_logs c ON c.interface_id = g.entity AND c.hour = w.hour AND c.covered
        AND (c.has_packet_fields OR g.role = 'endpoint')
    WHERE CASE
        WHEN shift.value > 0 THEN w.max_end >= g.hour - 660 AND g.min_start <= g.hour + 660
        ELSE w.min_start <= w.hour + 660 AND g.max_end >= w.hour - 660
    END
),
matched AS (
    SELECT w.*,
        CASE
            WHEN e.covered OR es.role IS NOT NULL THEN 'evidence'
            WHEN w.may_be_nat AND (n.covered OR ns.role IS NOT NULL) THEN 'evidence'
            WHEN e.uncovered_entity IS NOT NULL OR (w.may_be_nat AND n.uncovered_entity IS NOT NULL) THEN 'partial'
            ELSE 'counts'
        END AS standing,
        coalesce(e.uncovered_entity, CASE WHEN w.may_be_nat THEN n.uncovered_entity END) AS gateway_entity
    FROM workload w
    LEFT JOIN same_hour n ON n.role = 'nat' AND n.client_key = w.client_key AND n.peer_key = w.peer_key AND n.hour = w.hour
    LEFT JOIN same_hour e ON e.role = 'endpoint' AND e.client_key = w.client_key AND e.peer_key = w.peer_key AND e.hour = w.hour
    LEFT JOIN seam ns ON ns.role = 'nat' AND ns.client_key = w.client_key AND ns.peer_key = w.peer_key AND ns.hour = w.hour
    LEFT JOIN seam es ON es.role = 'endpoint' AND es.client_key = w.client_key AND es.peer_key = w.peer_key AND es.hour = w.hour
),
-- Uncovered hours: the larger of the two sums, per exchange and direction.
gateway_bytes AS (
    SELECT entity, client_key, peer_key, hour, direction, sum(bytes) AS bytes, max(nat_gateway_id) AS nat_gateway_id, max(role) AS role
    FROM gateway_legs
    GROUP BY entity, client_key, peer_key, hour, direction
),
partial_bytes AS (
    SELECT gateway_entity, client_key, peer_key, hour, direction, sum(bytes) AS bytes
    FROM matched
    WHERE standing = 'partial'
    GROUP BY gateway_entity, client_key, peer_key, hour, direction
),
compared AS (
    SELECT p.gateway_entity, p.client_key, p.peer_key, p.hour, p.direction, p.bytes > coalesce(g.bytes, 0) AS larger
    FROM partial_bytes p
    LEFT JOIN gateway_bytes g ON g.entity = p.gateway_entity AND g.client_key = p.client_key AND g.peer_key = p.peer_key
        AND g.hour = p.hour AND g.direction = p.direction
),
gateways AS (
    SELECT entity, max(nat_gateway_id) AS nat_gateway_id, max(role) AS role FROM gateway_legs GROUP BY entity
)
SELECT
    m.leg_id, m.hour, m.flow_log_id, m.entity, m.covered, m.role, m.vantage, m.nat_gateway_id, m.own_side,
    m.account_id, m.region, m.vpc_id, m.subnet_id, m.az_id, m.client_addr, m.client_standing, m.client_interface, m.client_account,
    m.client_region, m.client_vpc, m.client_subnet, m.client_az, m.client_key, m.peer_key, m.peer_kind, m.peer_standing, m.peer_vpc,
    m.peer_subnet, m.peer_interface, m.peer_interface_kind, m.peer_endpoint_id, m.service, m.service_evidence, m.peer_region,
    m.gateway_service, m.initiator, m.direction, m.traffic_path, m.next_hop_interface_type, m.next_hop_interface_id,
    m.next_hop_az_id, m.path_seen, m.records, m.packets, m.bytes, m.min_start, m.max_end, m.slots, m.may_be_nat,
    CASE WHEN m.standing = 'partial' THEN CASE WHEN c.larger THEN 'stands_in' ELSE 'evidence' END ELSE m.standing END AS standing,
    m.gateway_entity,
    CASE WHEN m.standing = 'partial' THEN g.role END AS gateway_role,
    CASE WHEN m.standing = 'partial' AND g.role = 'nat' THEN g.nat_gateway_id END AS gateway_nat_id
FROM matched m
LEFT JOIN compared c ON m.standing = 'partial' AND c.gateway_entity = m.gateway_entity AND c.client_key = m.client_key
    AND c.peer_key = m.peer_key AND c.hour = m.hour AND c.direction = m.direction
LEFT JOIN gateways g ON g.entity = m.gateway_entity
