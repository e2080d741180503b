-- title: Counted legs with path, evidence and the hops before it
-- reads: counted_legs, observed, transit_hops, chosen_flow_logs, inventory.*
-- columns: path, path_evidence, via, nat_gateway_id, endpoint_id, endpoint_interface, route_table_id (the client's), conflict,
--   nat_unmatched, endpoint_unmatched; border_az = the far side's zone between a client and its NAT gateway, as the log's next hop
--   tells: the client's where the gateway counts, the gateway's where the client does
-- rules: path evidence in its order. Observed against configured: observed wins and the bytes are counted as conflict.
WITH walked AS (
    SELECT c.*,
        route_walk(c.client_vpc, c.client_subnet, c.peer_key, c.hour) AS walk,
        -- At a NAT gateway or endpoint the hops before it are read off its own table, on the way back to the client.
        CASE WHEN c.counted_at = 'gateway'
            THEN route_walk(coalesce(n.route_table_id, c.entity_vpc), c.entity_subnet, c.client_addr, c.hour) END AS back,
        coalesce(h.nat_gateway_id, c.next_hop_interface_id) AS next_hop_nat_id,
        h.endpoint_id AS next_hop_endpoint_id, h.kind AS next_hop_kind
    FROM counted_legs c
    LEFT JOIN inventory.network_interfaces h ON h.interface_id = c.next_hop_interface_id
    LEFT JOIN inventory.nat_gateways n ON n.nat_gateway_id = c.nat_gateway_id AND n.is_regional
),
-- Hops seen in the logs for the same exchange and hour, where tables do not tell: at their own interfaces, as the client's next
-- hop, or in a transit gateway's own log.
firewalls AS (
    SELECT i.interface_id FROM inventory.endpoint_interfaces i
    JOIN inventory.vpc_endpoints e ON e.endpoint_id = i.endpoint_id AND e.is_network_firewall
),
seen_hops AS (
    SELECT client_addr, peer_key, hour,
        bool_or(vantage <> 'gwlb_endpoint') AS transit_gateway,
        bool_or(vantage = 'gwlb_endpoint' AND f.interface_id IS NULL) AS gwlb_endpoint, bool_or(f.interface_id IS NOT NULL) AS network_firewall
    FROM observed
    LEFT JOIN firewalls f ON f.interface_id = entity
    WHERE role = 'hop' OR next_hop_interface_type = 'transit_gateway'
    GROUP BY client_addr, peer_key, hour
),
decided AS (
    SELECT w.*,
        nullif(concat_ws('+',
            CASE
                WHEN s.transit_gateway THEN 'transit_gateway'
                -- CIDRs repeat across VPCs: the client's must be the one that the transit gateway names, where both are known.
                WHEN t.hour IS NOT NULL AND coalesce(w.client_vpc IS NULL OR array_has(t.vpc_ids, w.client_vpc), true) THEN 'transit_gateway'
            END,
            CASE WHEN s.gwlb_endpoint THEN 'gwlb_endpoint' END,
            CASE WHEN s.network_firewall THEN 'network_firewall' END), '') AS hops,
        CASE
            WHEN role = 'nat' OR gateway_role = 'nat' THEN 'nat_gateway'
            WHEN role = 'endpoint' OR gateway_role = 'endpoint' THEN 'interface_endpoint'
            WHEN peer_interface_kind IN ('interface_endpoint', 'other_endpoint') THEN 'interface_endpoint'
            WHEN peer_kind = 'public' AND initiator = 'peer' THEN
                CASE
                    WHEN traffic_path IN (2, 8) OR walk['path'] = 'internet_gateway' THEN 'internet_gateway'
                    WHEN has_load_balancer(client_vpc) THEN 'load_balancer'
                    ELSE 'unknown'
                END
            WHEN next_hop_interface_type IN ('nat_gateway', 'regional_nat_gateway') THEN 'nat_gateway'
            WHEN next_hop_interface_type = 'transit_gateway' THEN
                CASE WHEN walk['via'] LIKE 'transit_gateway%' THEN walk['path'] ELSE 'transit_gateway' END
            WHEN next_hop_interface_type = 'vpc_endpoint' THEN
                CASE
                    WHEN coalesce(next_hop_kind, CASE peer_kind WHEN 'private' THEN 'interface_endpoint' END) = 'interface_endpoint' THEN 'interface_endpoint'
                    WHEN walk['via'] LIKE 'gwlb_endpoint%' OR walk['via'] LIKE 'network_firewall%' THEN walk['path']
                    ELSE 'unknown'
                END
            WHEN traffic_path = 2 THEN
                CASE WHEN walk['path'] IN ('gateway_endpoint', 'egress_only_internet_gateway') THEN walk['path'] ELSE 'internet_gateway' END
            WHEN traffic_path = 3 THEN 'virtual_private_gateway'
            WHEN traffic_path = 4 THEN 'vpc_peering'
            WHEN traffic_path = 5 THEN 'inter_region_peering'
            WHEN traffic_path = 6 THEN 'local_zone'
            WHEN traffic_path = 7 THEN 'gateway_endpoint'
            WHEN traffic_path = 8 THEN
                CASE WHEN walk['path'] = 'egress_only_internet_gateway' THEN walk['path'] ELSE 'internet_gateway' END
            -- 1 = something with an interface in the VPC: routes to things without one are refused.
            WHEN traffic_path = 1 AND walk['path'] IN ('internet_gateway', 'egress_only_internet_gateway', 'carrier_gateway',
                'virtual_private_gateway', 'gateway_endpoint', 'vpc_peering', 'inter_region_peering') THEN 'unknown'
            WHEN walk['route_table_id'] IS NULL AND traffic_path = 1 AND peer_kind = 'public' THEN 'nat_gateway'
            WHEN walk['route_table_id'] IS NULL AND peer_standing = 'own' THEN 'intra_vpc'
            ELSE walk['path']
        END AS path,
        CASE
            WHEN inferred_nat THEN 'inferred'
            WHEN role IN ('nat', 'endpoint') OR gateway_role IS NOT NULL THEN 'interface'
            WHEN peer_interface_kind IN ('interface_endpoint', 'other_endpoint') THEN 'interface'
            WHEN peer_kind = 'public' AND initiator = 'peer' THEN 'initiator'
            WHEN next_hop_interface_type IN ('nat_gateway', 'regional_nat_gateway', 'transit_gateway', 'vpc_endpoint') THEN path_seen
            WHEN traffic_path BETWEEN 2 AND 8 THEN path_seen
            WHEN walk['route_table_id'] IS NULL AND traffic_path = 1 AND peer_kind = 'public' THEN 'inferred'
            ELSE 'route_table'
        END AS evidence
    FROM walked w
    LEFT JOIN seen_hops s ON s.client_addr = w.client_addr AND s.peer_key = w.peer_key AND s.hour = w.hour
    LEFT JOIN transit_hops t ON t.client_addr = w.client_addr AND t.peer_key = w.peer_key AND t.hour = w.hour
),
-- Which NAT gateway and endpoint interfaces the logs cover in which hours. A NAT log without packet fields covers nothing.
gateway_interfaces AS (
    SELECT DISTINCT nat_gateway_id, interface_id FROM inventory.nat_addresses WHERE interface_id IS NOT NULL
    UNION SELECT nat_gateway_id, nat_gateway_id AS interface_id FROM inventory.nat_gateways WHERE is_regional
    UNION SELECT DISTINCT nat_gateway_id, entity FROM observed WHERE role IN ('nat', 'nat_internet')
),
nat_hours AS (
    SELECT g.nat_gateway_id, c.hour
    FROM gateway_interfaces g
    JOIN chosen_flow_logs c ON c.interface_id = g.interface_id AND c.covered AND c.has_packet_fields
    GROUP BY g.nat_gateway_id, c.hour
),
named AS (
    SELECT d.*,
        CASE
            WHEN path <> 'nat_gateway' THEN NULL
            WHEN role = 'nat' OR gateway_role = 'nat' THEN d.nat_gateway_id
            WHEN next_hop_interface_type = 'nat_gateway' THEN next_hop_nat_id
            ELSE walk['nat_gateway_id']
        END AS path_nat_id,
        CASE
            WHEN path = 'interface_endpoint' THEN coalesce(i.endpoint_id, peer_endpoint_id, next_hop_endpoint_id)
            WHEN path = 'gateway_endpoint' AND walk['path'] = 'gateway_endpoint' THEN walk['endpoint_id']
        END AS path_endpoint_id,
        CASE WHEN path = 'interface_endpoint' THEN coalesce(gateway_entity, peer_interface, next_hop_interface_id) END AS endpoint_interface
    FROM decided d
    LEFT JOIN inventory.network_interfaces i ON i.interface_id = d.entity AND d.role = 'endpoint'
),
checked AS (
    SELECT n.*,
        n.counted_at = 'workload' AND n.standing = 'counts' AND n.path = 'nat_gateway' AND h.hour IS NOT NULL AS nat_unmatched,
        n.counted_at = 'workload' AND n.standing = 'counts' AND n.path = 'interface_endpoint' AND coalesce(e.covered, false) AS endpoint_unmatched,
        (n.traffic_path BETWEEN 2 AND 8 OR n.next_hop_interface_type IN ('nat_gateway', 'regional_nat_gateway'))
            AND n.counted_at = 'workload' AND n.evidence <> 'interface' AND n.walk['path'] <> 'unknown' AND n.walk['path'] <> n.path
            OR n.traffic_path = 1 AND n.path = 'unknown' AND n.walk['path'] <> 'unknown' AND n.evidence = 'route_table' AS conflict
    FROM named n
    LEFT JOIN nat_hours h ON h.nat_gateway_id = n.path_nat_id AND h.hour = n.hour
    LEFT JOIN chosen_flow_logs e ON e.interface_id = n.endpoint_interface AND e.hour = n.hour
)
SELECT
    leg_id, hour, counted_at, entity, role, vantage, client_addr, client_interface, client_account, client_region, client_vpc, client_subnet, client_az, client_key,
    peer_key, peer_kind, initiator, direction, gateway_service, is_partial,
    service AS peer_service, service_evidence AS peer_service_evidence, peer_region,
    -- Resolved to a covered NAT gateway but not seen there: it did not pass it.
    CASE WHEN nat_unmatched THEN 'unknown' ELSE coalesce(path, 'unknown') END AS path,
    CASE WHEN nat_unmatched OR coalesce(path, 'unknown') = 'unknown' THEN NULL ELSE evidence END AS path_evidence,
    CASE
        WHEN nat_unmatched THEN NULL
        WHEN counted_at = 'gateway' THEN
            CASE
                WHEN back['path'] IN ('transit_gateway', 'network_interface', 'vpc_peering') THEN
                    CASE WHEN back['via'] IS NULL THEN back['path'] ELSE concat(back['path'], '+', back['via']) END
                WHEN back['path'] = 'intra_vpc' THEN back['via']
                ELSE hops
            END
        WHEN path IN ('nat_gateway', 'interface_endpoint') AND coalesce(walk['path'], 'unknown') = 'unknown' THEN hops
        WHEN path IN ('nat_gateway', 'interface_endpoint') AND walk['path'] IN ('transit_gateway', 'vpc_peering') THEN
            CASE WHEN walk['via'] IS NULL THEN walk['path'] ELSE concat(walk['via'], '+', walk['path']) END
        WHEN gateway_role IS NOT NULL OR path = walk['path'] THEN walk['via']
    END AS via,
    CASE WHEN nat_unmatched THEN NULL ELSE path_nat_id END AS nat_gateway_id,
    path_endpoint_id AS endpoint_id, endpoint_interface,
    CASE
        WHEN counted_at = 'gateway' THEN border_az
        -- At the client the next hop is the NAT gateway itself, or the log names no type (another account's) and the table says so.
        WHEN path <> 'nat_gateway' OR nat_unmatched THEN NULL
        WHEN next_hop_interface_type = 'nat_gateway' OR (next_hop_interface_type IS NULL AND walk['path'] = 'nat_gateway' AND walk['via'] IS NULL)
            THEN border_az
    END AS border_az,
    walk['route_table_id'] AS route_table_id,
    coalesce(conflict, false) AS conflict, coalesce(nat_unmatched, false) AS nat_unmatched,
    coalesce(endpoint_unmatched, false) AS endpoint_unmatched,
    records, packets, bytes, min_start, slots
FROM checked
