-- title: The path of each kind of counted leg, with evidence and the hops before it
-- reads: counted_hours, leg_flows, path_evidence, gateways, inventory.*
-- columns: path_id; the key in counted_hours; owner, peer and service columns; path, path_evidence, via, onward (the hops behind a private NAT gateway), nat_gateway_id, endpoint_id,
--   endpoint_interface, route_table_id (the client's), conflict; border_az = the far side's zone between a client and its NAT gateway,
--   as the log's next hop tells: the client's where the gateway counts, the gateway's where the client does; may_be_unmatched = nat | endpoint where bytes must also be seen there
-- rules: path evidence in its order. Observed against configured: observed wins and the bytes are counted as conflict.
WITH kinds AS (
    SELECT flow_id, client_flow_id, evidence_id, gateway_entity_id, era, hops, min(hour) AS hour
    FROM counted_hours
    GROUP BY flow_id, client_flow_id, evidence_id, gateway_entity_id, era, hops
),
joined AS (
    SELECT
        k.flow_id, k.client_flow_id, k.evidence_id, k.gateway_entity_id, k.era, k.hops AS hop_key, nullif(k.hops, '') AS logged_hops, k.hour,
        f.role IN ('nat', 'endpoint') AS at_gateway,
        f.entity, f.role, f.vantage, f.inferred_nat, f.vpc_id AS entity_vpc, f.subnet_id AS entity_subnet, f.client_addr,
        coalesce(c.client_interface, f.client_interface) AS client_interface,
        coalesce(c.client_account, f.client_account) AS client_account,
        coalesce(c.client_region, f.client_region) AS client_region,
        coalesce(c.client_vpc, f.client_vpc) AS client_vpc,
        coalesce(c.client_subnet, f.client_subnet) AS client_subnet,
        coalesce(c.client_az, f.client_az) AS client_az,
        c.client_key, f.peer_key, f.peer_kind, f.service, f.service_evidence, f.peer_region, f.gateway_service, f.initiator, f.direction,
        CASE WHEN f.role NOT IN ('nat', 'endpoint') THEN f.peer_standing END AS peer_standing,
        CASE WHEN f.role IN ('nat', 'endpoint') THEN f.entity ELSE f.peer_interface END AS peer_interface,
        CASE WHEN f.role IN ('nat', 'endpoint') THEN f.vantage ELSE f.peer_interface_kind END AS peer_interface_kind,
        CASE WHEN f.role NOT IN ('nat', 'endpoint') THEN f.peer_endpoint_id END AS peer_endpoint_id,
        e.traffic_path, e.next_hop_interface_type, e.next_hop_interface_id,
        -- At a NAT gateway, the zone of the interface that handed over or took the packet: a named type (transit gateway, endpoint) has
        -- no border to pay for.
        CASE
            WHEN f.role = 'nat' AND f.next_hop_interface_type IS NULL THEN f.next_hop_az_id
            WHEN f.role NOT IN ('nat', 'endpoint') THEN e.next_hop_az_id
        END AS hop_az,
        CASE
            WHEN f.role IN ('nat', 'endpoint') THEN NULL
            WHEN f.next_hop_interface_type IS NOT NULL THEN 'next_hop'
            WHEN f.traffic_path IS NOT NULL THEN 'traffic_path'
            WHEN e.shows_path THEN 'reverse_flow'
        END AS path_seen,
        g.role AS gateway_role, g.entity AS gateway_entity,
        CASE WHEN f.role IN ('nat', 'endpoint') THEN f.nat_gateway_id ELSE g.gateway_nat_id END AS nat_gateway_id
    FROM kinds k
    JOIN leg_flows f ON f.flow_id = k.flow_id
    JOIN leg_flows c ON c.flow_id = k.client_flow_id
    LEFT JOIN path_evidence e ON e.evidence_id = k.evidence_id
    LEFT JOIN gateways g ON g.entity_id = k.gateway_entity_id
),
walked AS (
    SELECT j.*,
        route_walk(j.client_vpc, j.client_subnet, j.peer_key, j.hour) AS walk,
        -- At a NAT gateway or endpoint the hops before it are read off its own table, on the way back to the client.
        CASE WHEN j.at_gateway
            THEN route_walk(coalesce(n.route_table_id, j.entity_vpc), j.entity_subnet, j.client_addr, j.hour) END AS back,
        coalesce(h.nat_gateway_id, j.next_hop_interface_id) AS next_hop_nat_id,
        h.endpoint_id AS next_hop_endpoint_id, h.kind AS next_hop_kind
    FROM joined j
    LEFT JOIN inventory.network_interfaces h ON h.interface_id = j.next_hop_interface_id
    LEFT JOIN inventory.nat_gateways n ON n.nat_gateway_id = j.nat_gateway_id AND n.is_regional
),
decided AS (
    SELECT w.*,
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
-- A private NAT gateway leads on by its own subnet's table.
beyond AS (
    SELECT d.*,
        CASE WHEN g.nat_gateway_id IS NOT NULL THEN route_walk(g.vpc_id, g.subnet_id, d.peer_key, d.hour) END AS onward_walk
    FROM named d
    LEFT JOIN inventory.nat_gateways g ON g.nat_gateway_id = d.path_nat_id AND NOT g.is_public AND d.peer_kind = 'private'
)
SELECT
    CAST(row_number() OVER () AS BIGINT) AS path_id,
    flow_id, client_flow_id, evidence_id, gateway_entity_id, era, hop_key,
    CASE WHEN at_gateway THEN 'gateway' ELSE 'workload' END AS counted_at, entity, role, vantage,
    client_addr, client_interface, client_account, client_region, client_vpc, client_subnet, client_az, client_key,
    peer_key, peer_kind, initiator, direction, gateway_service,
    service AS peer_service, service_evidence AS peer_service_evidence, peer_region,
    coalesce(path, 'unknown') AS path,
    CASE WHEN coalesce(path, 'unknown') = 'unknown' THEN NULL ELSE evidence END AS path_evidence,
    CASE
        WHEN at_gateway THEN
            CASE
                WHEN back['path'] IN ('transit_gateway', 'network_interface', 'vpc_peering') THEN
                    CASE WHEN back['via'] IS NULL THEN back['path'] ELSE concat(back['path'], '+', back['via']) END
                WHEN back['path'] = 'intra_vpc' THEN back['via']
                ELSE logged_hops
            END
        WHEN path IN ('nat_gateway', 'interface_endpoint') AND coalesce(walk['path'], 'unknown') = 'unknown' THEN logged_hops
        WHEN path IN ('nat_gateway', 'interface_endpoint') AND walk['path'] IN ('transit_gateway', 'vpc_peering') THEN
            CASE WHEN walk['via'] IS NULL THEN walk['path'] ELSE concat(walk['via'], '+', walk['path']) END
        WHEN gateway_role IS NOT NULL OR path = walk['path'] THEN walk['via']
    END AS via,
    CASE
        WHEN onward_walk['path'] IN ('transit_gateway', 'virtual_private_gateway') THEN concat_ws('+', onward_walk['via'], onward_walk['path'])
        WHEN onward_walk['via'] LIKE 'transit_gateway%' THEN onward_walk['via']
    END AS onward,
    path_nat_id AS nat_gateway_id, path_endpoint_id AS endpoint_id, endpoint_interface, walk['route_table_id'] AS route_table_id,
    CASE
        WHEN at_gateway THEN hop_az
        -- At the client the next hop is the NAT gateway itself, or the log names no type (another account's) and the table says so.
        WHEN path <> 'nat_gateway' THEN NULL
        WHEN next_hop_interface_type = 'nat_gateway' OR (next_hop_interface_type IS NULL AND walk['path'] = 'nat_gateway' AND walk['via'] IS NULL)
            THEN hop_az
    END AS border_az,
    CASE WHEN NOT at_gateway AND gateway_role IS NULL THEN
        CASE path WHEN 'nat_gateway' THEN 'nat' WHEN 'interface_endpoint' THEN 'endpoint' END END AS may_be_unmatched,
    coalesce((traffic_path BETWEEN 2 AND 8 OR next_hop_interface_type IN ('nat_gateway', 'regional_nat_gateway'))
            AND NOT at_gateway AND evidence <> 'interface' AND walk['path'] <> 'unknown' AND walk['path'] <> path
        OR traffic_path = 1 AND path = 'unknown' AND walk['path'] <> 'unknown' AND evidence = 'route_table', false) AS conflict
FROM beyond
