-- title: What became of every row: counted, evidence only, or no traffic, and by which rule
-- reads: asked_legs, asked_rest, asked_traffic, traffic_hourly, workload_legs, gateway_legs, counted_legs
-- columns: vantage, role, entity, flow_log_id, direction, verdict = counted | counted_elsewhere | evidence | not_counted,
--   reason (src/explain/words.rs says it in words), records, packets, bytes. The bytes add up to those of asked_legs and asked_rest.
-- rules: vantage table and dedupe by exchange, as legs.sql, workload_legs.sql and counted_legs.sql apply them
WITH asked_sums AS (
    SELECT leg_id, counted_at, is_partial, sum(records) AS records, sum(packets) AS packets, sum(bytes) AS bytes
    FROM asked_traffic
    WHERE leg_id IS NOT NULL
    GROUP BY leg_id, counted_at, is_partial
),
every_sum AS (
    SELECT t.leg_id, sum(t.records) AS records, sum(t.packets) AS packets, sum(t.bytes) AS bytes
    FROM traffic_hourly t
    JOIN asked_legs l ON l.leg_id = t.leg_id
    GROUP BY t.leg_id
),
counted AS (
    SELECT l.vantage, l.role, l.entity, l.flow_log_id, l.direction, 'counted' AS verdict,
        CASE
            WHEN l.inferred_nat THEN 'inferred_client_leg'
            WHEN l.role = 'nat' THEN CASE WHEN s.is_partial THEN 'client_leg_partial' ELSE 'client_leg' END
            WHEN l.role = 'endpoint' THEN CASE WHEN s.is_partial THEN 'endpoint_rows_partial' ELSE 'endpoint_rows' END
            WHEN s.is_partial THEN 'stands_in'
            WHEN l.role = 'appliance' THEN 'appliance_speaks'
            WHEN l.peer_kind = 'private' THEN 'own_rows_private'
            WHEN l.initiator = 'peer' THEN 'own_rows_peer_opened'
            ELSE 'own_rows'
        END AS reason,
        s.records, s.packets, s.bytes
    FROM asked_sums s
    JOIN asked_legs l ON l.leg_id = s.leg_id
),
elsewhere AS (
    SELECT l.vantage, l.role, l.entity, l.flow_log_id, l.direction, 'counted_elsewhere' AS verdict, 'other_number' AS reason,
        e.records - coalesce(a.records, 0) AS records, e.packets - coalesce(a.packets, 0) AS packets, e.bytes - coalesce(a.bytes, 0) AS bytes
    FROM every_sum e
    JOIN asked_legs l ON l.leg_id = e.leg_id
    LEFT JOIN (SELECT leg_id, sum(records) AS records, sum(packets) AS packets, sum(bytes) AS bytes FROM asked_sums GROUP BY leg_id) a ON a.leg_id = e.leg_id
    WHERE e.bytes > coalesce(a.bytes, 0)
),
workload AS (
    SELECT l.vantage, l.role, l.entity, l.flow_log_id, l.direction, 'evidence' AS verdict,
        CASE
            WHEN w.standing = 'forwarded' THEN 'forwarded'
            WHEN w.standing <> 'evidence' THEN 'other_end'
            WHEN w.gateway_role IS NOT NULL THEN 'smaller_than_gateway'
            ELSE 'matched_at_gateway'
        END AS reason,
        w.records, w.packets, w.bytes
    FROM workload_legs w
    JOIN asked_legs l ON l.leg_id = w.leg_id
    LEFT JOIN (SELECT DISTINCT leg_id FROM counted_legs WHERE counted_at = 'workload') k ON k.leg_id = w.leg_id
    WHERE w.standing IN ('evidence', 'forwarded') OR k.leg_id IS NULL
),
silent_appliances AS (
    SELECT l.vantage, l.role, l.entity, l.flow_log_id, l.direction, 'evidence' AS verdict, 'client_logged' AS reason, l.records, l.packets, l.bytes
    FROM asked_legs l
    LEFT JOIN (SELECT DISTINCT leg_id FROM workload_legs) w ON w.leg_id = l.leg_id
    WHERE l.role = 'appliance' AND w.leg_id IS NULL
),
replaced AS (
    SELECT DISTINCT gateway_entity, client_key, peer_key, hour, direction FROM workload_legs WHERE standing = 'stands_in'
),
gateway AS (
    SELECT l.vantage, l.role, l.entity, l.flow_log_id, l.direction, 'evidence' AS verdict, 'workload_stands_in' AS reason, g.records, g.packets, g.bytes
    FROM gateway_legs g
    JOIN asked_legs l ON l.leg_id = g.leg_id
    JOIN replaced r ON r.gateway_entity = g.entity AND r.client_key = g.client_key AND r.peer_key = g.peer_key AND r.hour = g.hour
        AND r.direction = g.direction
    WHERE NOT g.covered
),
-- The log of a NAT gateway without packet fields is shared out by exchange, not by leg.
blind_shown AS (
    SELECT entity, flow_log_id, peer_key, direction, hour, max(vantage) AS vantage, sum(records) AS records, sum(packets) AS packets, sum(bytes) AS bytes
    FROM asked_legs
    WHERE role = 'nat_blind_internet'
    GROUP BY entity, flow_log_id, peer_key, direction, hour
),
blind_every AS (
    SELECT entity, peer_key, direction, hour, sum(records) AS records, sum(packets) AS packets, sum(bytes) AS bytes
    FROM traffic_hourly
    WHERE blind
    GROUP BY entity, peer_key, direction, hour
),
blind_asked AS (
    SELECT entity, peer_key, direction, hour, sum(records) AS records, sum(packets) AS packets, sum(bytes) AS bytes
    FROM asked_traffic
    WHERE blind
    GROUP BY entity, peer_key, direction, hour
),
blind AS (
    SELECT s.vantage, s.entity, s.flow_log_id, s.direction, s.records, s.packets, s.bytes,
        coalesce(e.records, 0) AS every_records, coalesce(e.packets, 0) AS every_packets, coalesce(e.bytes, 0) AS every_bytes,
        coalesce(a.records, 0) AS asked_records, coalesce(a.packets, 0) AS asked_packets, coalesce(a.bytes, 0) AS asked_bytes
    FROM blind_shown s
    LEFT JOIN blind_every e ON e.entity = s.entity AND e.peer_key = s.peer_key AND e.direction = s.direction AND e.hour = s.hour
    LEFT JOIN blind_asked a ON a.entity = s.entity AND a.peer_key = s.peer_key AND a.direction = s.direction AND a.hour = s.hour
),
whole AS (
    SELECT vantage, role, entity, flow_log_id, direction, CASE role WHEN 'unoriented' THEN 'not_counted' ELSE 'evidence' END AS verdict,
        role AS reason, records, packets, bytes
    FROM asked_legs
    WHERE role IN ('nat_internet', 'nat_blind_client', 'hop', 'unoriented')
),
every_piece AS (
    SELECT * FROM counted
    UNION ALL SELECT * FROM elsewhere
    UNION ALL SELECT * FROM workload
    UNION ALL SELECT * FROM silent_appliances
    UNION ALL SELECT * FROM gateway
    UNION ALL SELECT * FROM whole
    UNION ALL SELECT vantage, 'nat_blind_internet', entity, flow_log_id, direction, 'counted', 'blind_internet_leg', asked_records, asked_packets, asked_bytes
        FROM blind WHERE asked_bytes > 0
    UNION ALL SELECT vantage, 'nat_blind_internet', entity, flow_log_id, direction, 'counted_elsewhere', 'other_number',
        every_records - asked_records, every_packets - asked_packets, every_bytes - asked_bytes
        FROM blind WHERE every_bytes > asked_bytes
    UNION ALL SELECT vantage, 'nat_blind_internet', entity, flow_log_id, direction, 'evidence', 'clients_show_it',
        records - every_records, packets - every_packets, bytes - every_bytes
        FROM blind WHERE bytes > every_bytes
    UNION ALL SELECT vantage, NULL, entity, flow_log_id, direction,
        CASE reason WHEN 'transit_gateway_log' THEN 'evidence' ELSE 'not_counted' END, reason, records, packets, bytes FROM asked_rest
)
SELECT vantage, role, entity, flow_log_id, direction, verdict, reason,
    sum(records) AS records, sum(packets) AS packets, sum(bytes) AS bytes
FROM every_piece
GROUP BY vantage, role, entity, flow_log_id, direction, verdict, reason
ORDER BY CASE verdict WHEN 'counted' THEN 0 WHEN 'counted_elsewhere' THEN 1 WHEN 'evidence' THEN 2 ELSE 3 END,
    bytes DESC, vantage, entity, flow_log_id, direction, reason
