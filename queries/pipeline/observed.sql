-- title: Legs with the path evidence that the log itself carries, inbound rows taking it from their outbound counterpart
-- reads: legs
-- columns: legs with traffic_path and next_hop_* filled; path_seen = next_hop | traffic_path | reverse_flow | null
-- rules: path evidence 3 to 5. AWS logs no traffic path on ingress rows, where most downloads are. An inbound leg takes the
--   evidence of the same interface, client, peer and initiator outbound in the same hour, else within an hour; several
--   outbound paths share the inbound bytes by their packets.
WITH outbound AS (
    SELECT
        entity, client_addr, peer_key, initiator, hour,
        traffic_path, next_hop_interface_type, next_hop_interface_id, next_hop_az_id, sum(packets) AS seen_packets
    FROM legs
    WHERE direction = 'outbound' AND role IN ('workload', 'appliance')
        AND (traffic_path IS NOT NULL OR next_hop_interface_type IS NOT NULL)
    GROUP BY entity, client_addr, peer_key, initiator, hour,
        traffic_path, next_hop_interface_type, next_hop_interface_id, next_hop_az_id
),
silent AS (
    SELECT leg_id, entity, client_addr, peer_key, initiator, hour
    FROM legs
    WHERE direction = 'inbound' AND role IN ('workload', 'appliance')
        AND traffic_path IS NULL AND next_hop_interface_type IS NULL
),
near AS (
    SELECT s.leg_id, o.traffic_path, o.next_hop_interface_type, o.next_hop_interface_id, o.next_hop_az_id,
        sum(o.seen_packets) AS seen_packets, abs(o.hour - s.hour) AS distance
    FROM silent s
    CROSS JOIN (VALUES (-3600), (0), (3600)) AS shift(value)
    JOIN outbound o ON o.entity = s.entity AND o.client_addr = s.client_addr AND o.peer_key = s.peer_key
        AND o.initiator = s.initiator AND o.hour = s.hour + shift.value
    GROUP BY s.leg_id, o.traffic_path, o.next_hop_interface_type, o.next_hop_interface_id, o.next_hop_az_id, abs(o.hour - s.hour)
),
nearest AS (
    SELECT *, min(distance) OVER (PARTITION BY leg_id) AS least FROM near
),
shares AS (
    SELECT leg_id, traffic_path, next_hop_interface_type, next_hop_interface_id, next_hop_az_id,
        greatest(seen_packets, 1) AS part,
        sum(greatest(seen_packets, 1)) OVER (PARTITION BY leg_id) AS whole,
        sum(greatest(seen_packets, 1)) OVER (
            PARTITION BY leg_id ORDER BY traffic_path, next_hop_interface_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS upto
    FROM nearest
    WHERE distance = least
)
SELECT
    l.leg_id, l.hour, l.flow_log_id, l.entity, l.covered, l.role, l.vantage, l.inferred_nat, l.nat_gateway_id, l.own_side,
    l.account_id, l.region, l.vpc_id, l.subnet_id, l.az_id,
    l.client_addr, l.client_standing, l.client_interface, l.client_account, l.client_region, l.client_vpc, l.client_subnet,
    l.client_az, l.client_key, l.peer_key, l.peer_kind, l.peer_standing, l.peer_vpc, l.peer_subnet, l.peer_interface,
    l.peer_interface_kind, l.peer_endpoint_id, l.service, l.service_evidence, l.peer_region, l.gateway_service,
    l.initiator, l.direction,
    coalesce(l.traffic_path, s.traffic_path) AS traffic_path,
    coalesce(l.next_hop_interface_type, s.next_hop_interface_type) AS next_hop_interface_type,
    coalesce(l.next_hop_interface_id, s.next_hop_interface_id) AS next_hop_interface_id,
    coalesce(l.next_hop_az_id, s.next_hop_az_id) AS next_hop_az_id,
    CASE
        WHEN l.next_hop_interface_type IS NOT NULL THEN 'next_hop'
        WHEN l.traffic_path IS NOT NULL THEN 'traffic_path'
        WHEN s.leg_id IS NOT NULL THEN 'reverse_flow'
    END AS path_seen,
    CASE WHEN s.leg_id IS NULL THEN l.records ELSE proportion(l.records, s.upto, s.whole) - proportion(l.records, s.upto - s.part, s.whole) END AS records,
    CASE WHEN s.leg_id IS NULL THEN l.packets ELSE proportion(l.packets, s.upto, s.whole) - proportion(l.packets, s.upto - s.part, s.whole) END AS packets,
    CASE WHEN s.leg_id IS NULL THEN l.bytes ELSE proportion(l.bytes, s.upto, s.whole) - proportion(l.bytes, s.upto - s.part, s.whole) END AS bytes,
    l.min_start, l.max_end, l.slots
FROM legs l
LEFT JOIN shares s ON s.leg_id = l.leg_id
