-- title: Bytes of NAT gateways whose log has no packet fields, as far as no workload row shows them
-- reads: leg_flows, leg_hours, observed, pathed_legs, chosen_flow_logs
-- columns: blind_id (numbers all but hour and sums), hour, nat_gateway_id, entity, peer and service columns, direction, records, packets, bytes; owner_vpc and owner_account
--   where all clients of the gateway are in one VPC
-- rules: vantage table, "NAT logged without packet fields (v2)". Its client leg names clients without their peers, its internet leg
--   peers without their clients. Only where some client has no rows of its own: the internet leg less the workload rows that
--   match by path, or by address, peer and hour whatever their path, per peer and direction, never below 0; at most worth considering.
WITH named AS (
    SELECT DISTINCT nat_gateway_id, client_addr, client_interface, client_vpc, client_account FROM leg_flows WHERE role = 'nat_blind_client'
),
-- Clients whose interface is gone are known by their address.
logged AS (
    SELECT DISTINCT n.nat_gateway_id, n.client_addr
    FROM named n
    JOIN (SELECT DISTINCT client_addr, client_vpc FROM leg_flows WHERE role = 'workload') w ON w.client_addr = n.client_addr
    WHERE coalesce(w.client_vpc = n.client_vpc, true)
),
clients AS (
    SELECT b.nat_gateway_id,
        bool_or(l.interface_id IS NULL AND a.client_addr IS NULL) AS some_unlogged,
        CASE WHEN count(DISTINCT b.client_vpc) = 1 AND bool_and(b.client_vpc IS NOT NULL) THEN max(b.client_vpc) END AS owner_vpc,
        CASE WHEN count(DISTINCT b.client_vpc) = 1 AND bool_and(b.client_vpc IS NOT NULL) THEN max(b.client_account) END AS owner_account
    FROM named b
    LEFT JOIN (SELECT DISTINCT interface_id FROM chosen_flow_logs) l ON l.interface_id = b.client_interface
    LEFT JOIN logged a ON a.nat_gateway_id = b.nat_gateway_id AND a.client_addr = b.client_addr
    GROUP BY b.nat_gateway_id
),
internet AS (
    SELECT nat_gateway_id, entity, region, peer_key, peer_kind, service, service_evidence, peer_region, gateway_service, direction, hour,
        sum(records) AS records, sum(packets) AS packets, sum(bytes) AS bytes, bit_or(slots) AS slots, min(min_start) AS min_start
    FROM observed
    WHERE role = 'nat_blind_internet'
    GROUP BY nat_gateway_id, entity, region, peer_key, peer_kind, service, service_evidence, peer_region, gateway_service, direction, hour
),
-- The hours in which the client legs name a client; records of two interfaces may start in neighbour hours.
named_hours AS (
    SELECT f.nat_gateway_id, f.client_addr, h.hour + 3600 * shift.value AS hour, max(f.client_vpc) AS client_vpc
    FROM leg_hours h
    JOIN leg_flows f ON f.flow_id = h.flow_id AND f.role = 'nat_blind_client'
    CROSS JOIN (VALUES (-1), (0), (1)) AS shift(value)
    WHERE f.nat_gateway_id IN (SELECT nat_gateway_id FROM clients WHERE some_unlogged)
    GROUP BY f.nat_gateway_id, f.client_addr, h.hour + 3600 * shift.value
),
workload AS (
    SELECT p.client_addr, p.client_vpc, p.peer_key, p.direction, p.hour, p.bytes, p.packets, b.nat_gateway_id,
        p.initiator <> 'peer' AND p.peer_kind = 'public' AND NOT (p.path_evidence IN ('next_hop', 'traffic_path', 'reverse_flow')
            AND p.path NOT IN ('nat_gateway', 'transit_gateway', 'network_interface', 'unknown')) AS may_be_nat
    FROM pathed_legs p
    LEFT JOIN (SELECT nat_gateway_id FROM clients WHERE some_unlogged) b ON b.nat_gateway_id = p.nat_gateway_id AND p.path = 'nat_gateway'
    WHERE p.counted_at = 'workload'
),
-- What the clients' own rows show: by the path that they took, else by the hours in which this gateway names the client.
shown AS (
    SELECT nat_gateway_id, peer_key, direction, sum(bytes) AS bytes, sum(packets) AS packets
    FROM (
        SELECT nat_gateway_id, peer_key, direction, bytes, packets FROM workload WHERE nat_gateway_id IS NOT NULL
        UNION ALL
        SELECT n.nat_gateway_id, w.peer_key, w.direction, w.bytes, w.packets
        FROM workload w
        JOIN named_hours n ON n.client_addr = w.client_addr AND n.hour = w.hour
        WHERE w.nat_gateway_id IS NULL AND w.may_be_nat AND coalesce(w.client_vpc = n.client_vpc, true)
    )
    GROUP BY nat_gateway_id, peer_key, direction
),
running AS (
    SELECT i.*,
        sum(i.bytes) OVER whole AS total_bytes,
        sum(i.bytes) OVER upto AS upto_bytes,
        greatest(sum(i.bytes) OVER whole - coalesce(s.bytes, 0), 0) AS left_bytes,
        greatest(sum(i.packets) OVER whole - coalesce(s.packets, 0), 0) AS left_packets
    FROM internet i
    LEFT JOIN shown s ON s.nat_gateway_id = i.nat_gateway_id AND s.peer_key = i.peer_key AND s.direction = i.direction
    WINDOW whole AS (PARTITION BY i.nat_gateway_id, i.peer_key, i.direction),
        upto AS (PARTITION BY i.nat_gateway_id, i.peer_key, i.direction ORDER BY i.hour, i.service ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
SELECT
    CAST(dense_rank() OVER (ORDER BY r.nat_gateway_id, r.entity, r.region, c.owner_vpc, c.owner_account, r.peer_key, r.peer_kind, r.service,
        r.service_evidence, r.peer_region, r.gateway_service, r.direction) AS BIGINT) AS blind_id,
    r.hour, r.nat_gateway_id, r.entity, r.region, c.owner_vpc, c.owner_account, r.peer_key, r.peer_kind, r.service, r.service_evidence,
    r.peer_region, r.gateway_service, r.direction, r.records, r.slots, r.min_start,
    proportion(r.left_packets, r.upto_bytes, r.total_bytes) - proportion(r.left_packets, r.upto_bytes - r.bytes, r.total_bytes) AS packets,
    proportion(r.left_bytes, r.upto_bytes, r.total_bytes) - proportion(r.left_bytes, r.upto_bytes - r.bytes, r.total_bytes) AS bytes
FROM running r
JOIN clients c ON c.nat_gateway_id = r.nat_gateway_id AND c.some_unlogged
WHERE r.left_bytes > 0 AND r.total_bytes > 0
