-- title: Hours of the legs with the path evidence that the log itself carries, inbound flows taking it from their outbound counterpart
-- reads: leg_hours, leg_flows
-- columns: leg_hours with evidence_id (of path_evidence)
-- rules: path evidence 3 to 5. AWS logs no traffic path on ingress rows, where most downloads are. An inbound flow takes the
--   evidence of the same interface, client, peer and initiator outbound in the same hour, else within an hour; several
--   outbound paths share the inbound bytes by their packets.
WITH outbound AS (
    SELECT f.talk_id, h.hour, f.evidence_id, sum(h.packets) AS seen_packets
    FROM leg_hours h
    JOIN leg_flows f ON f.flow_id = h.flow_id
    WHERE f.direction = 'outbound' AND f.role IN ('workload', 'appliance') AND f.shows_path
    GROUP BY f.talk_id, h.hour, f.evidence_id
),
silent AS (
    SELECT h.*, f.talk_id, f.evidence_id AS own_evidence_id
    FROM leg_hours h
    JOIN leg_flows f ON f.flow_id = h.flow_id
    WHERE f.direction = 'inbound' AND f.role IN ('workload', 'appliance') AND NOT f.shows_path
),
-- Mostly there is one outbound path in the same hour, and nothing to share.
ways AS (
    SELECT talk_id, hour, min(evidence_id) AS evidence_id, count(*) AS ways FROM outbound GROUP BY talk_id, hour
),
met AS (
    SELECT s.*, CASE WHEN w.ways = 1 THEN w.evidence_id END AS evidence_id
    FROM silent s
    LEFT JOIN ways w ON w.talk_id = s.talk_id AND w.hour = s.hour
),
near AS (
    SELECT s.flow_id, s.hour, o.evidence_id, sum(o.seen_packets) AS seen_packets, abs(o.hour - s.hour) AS distance
    FROM (SELECT flow_id, hour, talk_id FROM met WHERE evidence_id IS NULL) s
    CROSS JOIN (VALUES (-3600), (0), (3600)) AS shift(value)
    JOIN outbound o ON o.talk_id = s.talk_id AND o.hour = s.hour + shift.value
    GROUP BY s.flow_id, s.hour, o.evidence_id, abs(o.hour - s.hour)
),
nearest AS (
    SELECT *, min(distance) OVER (PARTITION BY flow_id, hour) AS least FROM near
),
shares AS (
    SELECT flow_id, hour, evidence_id,
        greatest(seen_packets, 1) AS part,
        sum(greatest(seen_packets, 1)) OVER (PARTITION BY flow_id, hour) AS whole,
        sum(greatest(seen_packets, 1)) OVER (
            PARTITION BY flow_id, hour ORDER BY evidence_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS upto
    FROM nearest
    WHERE distance = least
)
SELECT l.flow_id, l.hour, l.covered, f.evidence_id, l.records, l.packets, l.bytes, l.min_start, l.max_end, l.slots
FROM leg_hours l
JOIN leg_flows f ON f.flow_id = l.flow_id
WHERE NOT coalesce(f.direction = 'inbound' AND f.role IN ('workload', 'appliance') AND NOT f.shows_path, false)
UNION ALL
SELECT
    m.flow_id, m.hour, m.covered, coalesce(m.evidence_id, s.evidence_id, m.own_evidence_id) AS evidence_id,
    CASE WHEN s.flow_id IS NULL THEN m.records ELSE proportion(m.records, s.upto, s.whole) - proportion(m.records, s.upto - s.part, s.whole) END AS records,
    CASE WHEN s.flow_id IS NULL THEN m.packets ELSE proportion(m.packets, s.upto, s.whole) - proportion(m.packets, s.upto - s.part, s.whole) END AS packets,
    CASE WHEN s.flow_id IS NULL THEN m.bytes ELSE proportion(m.bytes, s.upto, s.whole) - proportion(m.bytes, s.upto - s.part, s.whole) END AS bytes,
    m.min_start, m.max_end, m.slots
FROM met m
LEFT JOIN shares s ON s.flow_id = m.flow_id AND s.hour = m.hour
