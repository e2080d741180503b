-- title: Hours of the client legs of NAT gateways and interface endpoints, with the client found among the workload flows where
--   addresses alone do not tell
-- reads: observed_hours, leg_flows
-- columns: flow_id, client_flow_id = the flow whose client columns hold (its own, or a workload's), exchange_id with that client,
--   role = nat | endpoint, hour, covered, the sums
-- rules: orientation, last paragraph. A client that the inventory does not settle (CIDRs repeat, it is unknown, or other interfaces had the address) is the one
--   workload interface that shows the same address, peer and hour (else within an hour); several share by their bytes.
WITH gateway AS (
    SELECT h.*, f.role, f.sight_id, f.exchange_id, f.client_interface, f.client_vpc, f.client_standing
    FROM observed_hours h
    JOIN leg_flows f ON f.flow_id = h.flow_id
    WHERE f.role IN ('nat', 'endpoint')
),
-- Addresses pass on: where other interfaces show the same address and peer, the inventory's present owner need not be the client.
contested AS (
    SELECT DISTINCT g.flow_id
    FROM leg_flows g
    JOIN (
        SELECT DISTINCT sight_id, client_interface, client_vpc FROM leg_flows WHERE role = 'workload' AND initiator <> 'peer' AND client_interface IS NOT NULL
    ) w ON w.sight_id = g.sight_id
    WHERE g.role IN ('nat', 'endpoint') AND w.client_interface <> g.client_interface AND coalesce(w.client_vpc = g.client_vpc, true)
),
unsettled AS (
    SELECT g.flow_id, g.hour, g.sight_id, g.client_vpc, g.client_standing
    FROM gateway g
    LEFT JOIN contested c ON c.flow_id = g.flow_id
    WHERE g.client_interface IS NULL OR c.flow_id IS NOT NULL
),
seen AS (
    SELECT f.sight_id, h.hour, f.client_interface, min(f.flow_id) AS client_flow_id, max(f.exchange_id) AS exchange_id,
        max(f.client_vpc) AS client_vpc, sum(h.bytes) AS seen_bytes
    FROM observed_hours h
    JOIN leg_flows f ON f.flow_id = h.flow_id
    WHERE f.role = 'workload' AND f.initiator <> 'peer' AND f.client_interface IS NOT NULL
        AND f.sight_id IN (SELECT sight_id FROM unsettled)
    GROUP BY f.sight_id, h.hour, f.client_interface
),
near AS (
    SELECT u.flow_id, u.hour, s.client_interface, min(s.client_flow_id) AS client_flow_id, max(s.exchange_id) AS exchange_id,
        sum(s.seen_bytes) AS seen_bytes, abs(s.hour - u.hour) AS distance
    FROM unsettled u
    CROSS JOIN (VALUES (-3600), (0), (3600)) AS shift(value)
    JOIN seen s ON s.sight_id = u.sight_id AND s.hour = u.hour + shift.value
    WHERE u.client_standing IN ('ambiguous', 'external') OR u.client_vpc IS NULL OR s.client_vpc IS NULL OR s.client_vpc = u.client_vpc
    GROUP BY u.flow_id, u.hour, s.client_interface, abs(s.hour - u.hour)
),
nearest AS (
    SELECT *, min(distance) OVER (PARTITION BY flow_id, hour) AS least FROM near
),
shares AS (
    SELECT flow_id, hour, client_flow_id, exchange_id,
        greatest(seen_bytes, 1) AS part,
        sum(greatest(seen_bytes, 1)) OVER (PARTITION BY flow_id, hour) AS whole,
        sum(greatest(seen_bytes, 1)) OVER (
            PARTITION BY flow_id, hour ORDER BY client_interface ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS upto
    FROM nearest
    WHERE distance = least
)
SELECT
    g.flow_id, coalesce(s.client_flow_id, g.flow_id) AS client_flow_id, coalesce(s.exchange_id, g.exchange_id) AS exchange_id,
    g.role, g.hour, g.covered,
    CASE WHEN s.flow_id IS NULL THEN g.records ELSE proportion(g.records, s.upto, s.whole) - proportion(g.records, s.upto - s.part, s.whole) END AS records,
    CASE WHEN s.flow_id IS NULL THEN g.packets ELSE proportion(g.packets, s.upto, s.whole) - proportion(g.packets, s.upto - s.part, s.whole) END AS packets,
    CASE WHEN s.flow_id IS NULL THEN g.bytes ELSE proportion(g.bytes, s.upto, s.whole) - proportion(g.bytes, s.upto - s.part, s.whole) END AS bytes,
    g.min_start, g.max_end, g.slots
FROM gateway g
LEFT JOIN shares s ON s.flow_id = g.flow_id AND s.hour = g.hour
