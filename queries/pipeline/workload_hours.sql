-- title: Hours of the workload and appliance legs, each with what it is: bytes of its own, or evidence for bytes counted at a gateway
-- reads: observed_hours, leg_flows, path_evidence, gateway_hours, chosen_flow_logs, scanned_flow_logs, inventory.routes
-- columns: flow_id, evidence_id, exchange_id, hour, covered, the sums; standing = counts | evidence | forwarded (evidence:
--   an instance's own leg of what it forwards for others) | stands_in (for the gateway of
--   gateway_entity_id, whose hour is not covered; 0 = none)
-- rules: dedupe by exchange, not by gateway id. For a covered hour of a NAT gateway or endpoint interface, legs with the same client,
--   peer and hour that the peer did not open are evidence only, unless their own path says otherwise (2, 7, 8, peering,
--   virtual private gateway). What an instance forwards for others under its own address (NAT instance) is one exchange with the
--   clients'. The neighbour hour matches too where both hours are covered and the buckets meet at the edge.
--   For an uncovered hour the larger of the two counts, never the sum.
WITH logged AS (
    SELECT DISTINCT interface_id FROM chosen_flow_logs
),
logged_addresses AS (
    SELECT DISTINCT client_addr FROM leg_flows WHERE role = 'workload'
),
-- Appliances speak only for clients whose own interface is not logged.
speaking AS (
    SELECT f.flow_id, f.exchange_id, f.initiator, f.direction
    FROM leg_flows f
    LEFT JOIN logged i ON i.interface_id = f.client_interface
    LEFT JOIN logged_addresses a ON a.client_addr = f.client_addr AND f.client_interface IS NULL
    WHERE f.role = 'workload' OR (f.role = 'appliance' AND i.interface_id IS NULL AND a.client_addr IS NULL)
),
workload AS (
    SELECT o.*, s.exchange_id, s.direction,
        s.initiator <> 'peer' AND NOT coalesce(e.traffic_path IN (2, 3, 4, 5, 7, 8), false) AS may_be_nat
    FROM observed_hours o
    JOIN speaking s ON s.flow_id = o.flow_id
    JOIN path_evidence e ON e.evidence_id = o.evidence_id
),
gateway AS (
    SELECT g.*, f.entity_id, f.direction
    FROM gateway_hours g
    JOIN leg_flows f ON f.flow_id = g.flow_id
    WHERE g.exchange_id IS NOT NULL
),
gateway_exchanges AS (
    SELECT entity_id, role, exchange_id, hour, bool_and(covered) AS covered, min(min_start) AS min_start, max(max_end) AS max_end
    FROM gateway
    GROUP BY entity_id, role, exchange_id, hour
),
same_hour AS (
    SELECT role, exchange_id, hour, bool_or(covered) AS covered,
        min(CASE WHEN NOT covered THEN entity_id END) AS uncovered_entity
    FROM gateway_exchanges
    GROUP BY role, exchange_id, hour
),
workload_exchanges AS (
    SELECT exchange_id, hour, min(min_start) AS min_start, max(max_end) AS max_end
    FROM workload
    GROUP BY exchange_id, hour
),
-- 660 s: one aggregation interval of ten minutes and the minute by which AWS's times may be off.
seam AS (
    SELECT DISTINCT w.exchange_id, w.hour, g.role
    FROM workload_exchanges w
    CROSS JOIN (VALUES (-3600), (3600)) AS shift(value)
    JOIN gateway_exchanges g ON g.exchange_id = w.exchange_id AND g.hour = w.hour + shift.value AND g.covered
    JOIN chosen_flow_logs c ON c.entity_id = g.entity_id AND c.hour = w.hour AND c.covered
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
        coalesce(e.uncovered_entity, CASE WHEN w.may_be_nat THEN n.uncovered_entity END) AS gateway_entity_id
    FROM workload w
    LEFT JOIN same_hour n ON n.role = 'nat' AND n.exchange_id = w.exchange_id AND n.hour = w.hour
    LEFT JOIN same_hour e ON e.role = 'endpoint' AND e.exchange_id = w.exchange_id AND e.hour = w.hour
    LEFT JOIN seam ns ON ns.role = 'nat' AND ns.exchange_id = w.exchange_id AND ns.hour = w.hour
    LEFT JOIN seam es ON es.role = 'endpoint' AND es.exchange_id = w.exchange_id AND es.hour = w.hour
),
-- Uncovered hours: the larger of the two sums, per exchange and direction.
gateway_bytes AS (
    SELECT entity_id, exchange_id, hour, direction, sum(bytes) AS bytes
    FROM gateway
    GROUP BY entity_id, exchange_id, hour, direction
),
partial_bytes AS (
    SELECT gateway_entity_id, exchange_id, hour, direction, sum(bytes) AS bytes
    FROM matched
    WHERE standing = 'partial'
    GROUP BY gateway_entity_id, exchange_id, hour, direction
),
compared AS (
    SELECT p.gateway_entity_id, p.exchange_id, p.hour, p.direction, p.bytes > coalesce(g.bytes, 0) AS larger
    FROM partial_bytes p
    LEFT JOIN gateway_bytes g ON g.entity_id = p.gateway_entity_id AND g.exchange_id = p.exchange_id
        AND g.hour = p.hour AND g.direction = p.direction
),
-- What an instance forwards under its own address it shows twice: towards its clients and towards the peers. A firewall that keeps
-- addresses shows its clients on both sides.
forwarded_shown AS (
    SELECT f.entity_id, f.peer_key, f.direction, o.hour,
        sum(CASE WHEN f.own_side = 'public' THEN o.bytes ELSE 0 END) - sum(CASE WHEN f.own_side = 'private' THEN o.bytes ELSE 0 END) AS bytes
    FROM leg_flows f
    JOIN observed_hours o ON o.flow_id = f.flow_id
    WHERE f.role = 'appliance' AND f.vantage = 'workload'
    GROUP BY f.entity_id, f.peer_key, f.direction, o.hour
),
-- Without packet fields both sides show the instance's own address: it is known by the routes that lead to it.
blind_forwarders AS (
    SELECT f.entity_id, f.flow_id, f.peer_kind, f.peer_subnet, f.peer_key, f.direction, f.initiator
    FROM leg_flows f
    JOIN (SELECT DISTINCT target FROM inventory.routes WHERE target LIKE 'eni-%') r ON r.target = f.entity
    JOIN scanned_flow_logs s ON s.flow_log_id = f.flow_log_id AND NOT s.has_packet_fields
    WHERE f.role = 'workload' AND f.vantage = 'workload'
),
towards_peers AS (
    SELECT b.entity_id, b.direction, m.hour, sum(m.bytes) AS bytes
    FROM blind_forwarders b
    JOIN matched m ON m.flow_id = b.flow_id
    WHERE b.peer_kind = 'public' AND b.initiator <> 'peer'
    GROUP BY b.entity_id, b.direction, m.hour
),
towards_clients AS (
    SELECT b.entity_id, b.peer_subnet, b.direction, m.flow_id, m.evidence_id, m.hour, m.bytes
    FROM blind_forwarders b
    JOIN matched m ON m.flow_id = b.flow_id AND m.standing = 'counts'
    WHERE b.peer_kind = 'private' AND b.initiator <> 'client'
),
forwarded_blind AS (
    SELECT n.entity_id, f.peer_key, f.direction, o.hour, sum(o.bytes) AS bytes
    FROM (SELECT DISTINCT entity_id, peer_subnet, hour FROM towards_clients) n
    JOIN leg_flows f ON f.client_subnet = n.peer_subnet AND f.role = 'workload' AND f.peer_kind = 'public' AND f.initiator <> 'peer'
    JOIN observed_hours o ON o.flow_id = f.flow_id AND o.hour = n.hour
    WHERE f.entity_id <> n.entity_id
    GROUP BY n.entity_id, f.peer_key, f.direction, o.hour
),
forwarded AS (
    SELECT * FROM forwarded_shown
    UNION ALL
    SELECT * FROM forwarded_blind
),
forwarder_legs AS (
    SELECT m.flow_id, m.evidence_id, m.hour, m.bytes, w.bytes AS whole_bytes,
        sum(m.bytes) OVER (PARTITION BY f.entity_id, f.peer_key, f.direction, m.hour ORDER BY m.flow_id, m.evidence_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS upto_bytes
    FROM (SELECT entity_id, peer_key, direction, hour, max(bytes) AS bytes FROM forwarded WHERE bytes > 0 GROUP BY entity_id, peer_key, direction, hour) w
    JOIN leg_flows f ON f.entity_id = w.entity_id AND f.peer_key = w.peer_key AND f.direction = w.direction
        AND f.role = 'workload' AND f.vantage = 'workload' AND f.own_side = 'same' AND f.initiator <> 'peer'
    JOIN matched m ON m.flow_id = f.flow_id AND m.hour = w.hour AND m.standing = 'counts'
    UNION ALL
    -- The side towards the clients, without peers: as much of it as the other side shows.
    SELECT c.flow_id, c.evidence_id, c.hour, c.bytes, p.bytes,
        sum(c.bytes) OVER (PARTITION BY c.entity_id, c.direction, c.hour ORDER BY c.flow_id, c.evidence_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    FROM towards_clients c
    JOIN towards_peers p ON p.entity_id = c.entity_id AND p.hour = c.hour AND p.direction <> c.direction
),
shared AS (
    SELECT flow_id, evidence_id, hour, least(whole_bytes, upto_bytes) - least(whole_bytes, upto_bytes - bytes) AS forwarded_bytes, bytes
    FROM forwarder_legs
),
parts AS (
    SELECT m.flow_id, m.evidence_id, m.exchange_id, m.hour, m.covered, m.standing, m.gateway_entity_id, m.direction,
        m.records, m.packets, m.bytes, m.min_start, m.max_end, m.slots
    FROM matched m
    LEFT JOIN shared s ON s.flow_id = m.flow_id AND s.evidence_id = m.evidence_id AND s.hour = m.hour
    WHERE s.flow_id IS NULL
    UNION ALL
    SELECT m.flow_id, m.evidence_id, m.exchange_id, m.hour, m.covered, k.standing, m.gateway_entity_id, m.direction,
        CASE k.standing WHEN 'forwarded' THEN proportion(m.records, s.forwarded_bytes, s.bytes) ELSE m.records - proportion(m.records, s.forwarded_bytes, s.bytes) END,
        CASE k.standing WHEN 'forwarded' THEN proportion(m.packets, s.forwarded_bytes, s.bytes) ELSE m.packets - proportion(m.packets, s.forwarded_bytes, s.bytes) END,
        CASE k.standing WHEN 'forwarded' THEN s.forwarded_bytes ELSE s.bytes - s.forwarded_bytes END,
        m.min_start, m.max_end, m.slots
    FROM shared s
    JOIN matched m ON m.flow_id = s.flow_id AND m.evidence_id = s.evidence_id AND m.hour = s.hour
    CROSS JOIN (VALUES ('forwarded'), ('counts')) AS k(standing)
    WHERE CASE k.standing WHEN 'forwarded' THEN s.forwarded_bytes > 0 ELSE s.forwarded_bytes < s.bytes END
)
SELECT
    m.flow_id, m.evidence_id, m.exchange_id, m.hour, m.covered,
    CASE WHEN m.standing = 'partial' THEN CASE WHEN c.larger THEN 'stands_in' ELSE 'evidence' END ELSE m.standing END AS standing,
    CASE WHEN m.standing = 'partial' THEN m.gateway_entity_id ELSE 0 END AS gateway_entity_id,
    m.records, m.packets, m.bytes, m.min_start, m.max_end, m.slots
FROM parts m
LEFT JOIN compared c ON m.standing = 'partial' AND c.gateway_entity_id = m.gateway_entity_id AND c.exchange_id = m.exchange_id
    AND c.hour = m.hour AND c.direction = m.direction
