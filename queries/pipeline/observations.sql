-- title: What the records of each flow say: class, vantage, client, peer, direction, initiator
-- reads: folded_flows, interface_places, scanned_flow_logs, inventory.*
-- columns: one row per flow, which is what records have in common that no rule tells apart; client and peer are packet-level addresses;
--   direction is the client's
-- rules: records, orientation, vantage. No row is dropped here. Transit gateway flow logs (vantage transit_gateway_log, resource_id
--   tgw-...) tell ways only; every statement after the rollup but transit_hops leaves them out.
WITH nats_of_vpcs AS (
    SELECT vpc_id, min(nat_gateway_id) AS nat_gateway_id
    FROM inventory.nat_gateways
    WHERE is_regional AND vpc_id IS NOT NULL
    GROUP BY vpc_id
    HAVING count(*) = 1
),
nats_of_logs AS (
    SELECT flow_log_id, min(resource_id) AS nat_gateway_id FROM inventory.flow_log_configs WHERE resource_id LIKE 'nat-%' GROUP BY flow_log_id
),
placed AS (
    SELECT
        f.flow_id, f.flow_log_id, f.interface_id, coalesce(f.resource_id, CASE WHEN f.interface_id IS NULL THEN coalesce(g.nat_gateway_id, r.nat_gateway_id) END) AS resource_id, f.instance_id,
        coalesce(f.account_id, n.account_id, p.account_id) AS account_id,
        coalesce(f.region, n.region, p.region) AS region,
        coalesce(f.vpc_id, n.vpc_id, p.vpc_id) AS vpc_id,
        coalesce(f.subnet_id, n.subnet_id, p.subnet_id) AS subnet_id,
        coalesce(f.az_id, n.az_id, p.az_id) AS az_id,
        p.own_address,
        coalesce(f.srcaddr, f.pkt_srcaddr) AS srcaddr,
        coalesce(f.dstaddr, f.pkt_dstaddr) AS dstaddr,
        coalesce(f.pkt_srcaddr, f.srcaddr) AS sender,
        coalesce(f.pkt_dstaddr, f.dstaddr) AS receiver,
        f.pkt_srcaddr IS NOT NULL AND f.pkt_dstaddr IS NOT NULL AS has_packet_fields,
        f.srcport, f.dstport,
        f.pkt_src_aws_service, f.pkt_dst_aws_service, f.flow_direction, f.traffic_path,
        f.next_hop_interface_type, f.next_hop_interface_id, f.next_hop_az_id, f.next_hop_vpc_id,
        CASE
            WHEN f.log_status = 'NODATA' THEN 'nodata'
            WHEN f.log_status = 'SKIPDATA' THEN 'skipdata'
            WHEN f.action = 'REJECT' THEN 'reject'
            ELSE 'accept'
        END AS row_class,
        -- Vantage: what the recorded interface belongs to decides which of its rows carry the bytes.
        CASE
            WHEN f.resource_id LIKE 'tgw-%' THEN 'transit_gateway_log'
            WHEN f.interface_type IN ('nat_gateway', 'regional_nat_gateway', 'transit_gateway') THEN f.interface_type
            WHEN f.interface_type = 'network_load_balancer' THEN 'load_balancer'
            -- Which kind of endpoint: the inventory knows; else one that forwards for others is a Gateway Load Balancer endpoint.
            WHEN f.interface_type = 'vpc_endpoint' THEN coalesce(nullif(n.kind, 'workload'),
                CASE WHEN f.pkt_srcaddr <> f.srcaddr OR f.pkt_dstaddr <> f.dstaddr THEN 'gwlb_endpoint' ELSE 'interface_endpoint' END)
            WHEN f.resource_id LIKE 'nat-%' THEN 'regional_nat_gateway'
            -- AWS writes no interface only where there is none: at regional NAT gateways, also in formats without resource-id.
            WHEN f.interface_id IS NULL AND l.has_interface_id THEN 'regional_nat_gateway'
            ELSE coalesce(n.kind, 'workload')
        END AS vantage,
        coalesce(f.interface_type, f.resource_id, n.kind, f.instance_id) IS NOT NULL OR f.interface_id IS NULL AND coalesce(l.has_interface_id, false) AS identified,
        coalesce(n.nat_gateway_id, f.resource_id, f.interface_id, g.nat_gateway_id, r.nat_gateway_id) AS nat_gateway_id,
        -- Who opened the connection: SYN alone is the sender's, SYN-ACK the receiver's; else the server has the low port.
        CASE
            WHEN f.protocol = 6 AND f.tcp_flags & 18 = 2 THEN 'sender'
            WHEN f.protocol = 6 AND f.tcp_flags & 18 = 18 THEN 'receiver'
            WHEN f.protocol NOT IN (6, 17) THEN NULL
            WHEN (f.srcport < 1024) <> (f.dstport < 1024) THEN CASE WHEN f.dstport < 1024 THEN 'sender' ELSE 'receiver' END
            WHEN (f.srcport < 32768) <> (f.dstport < 32768) THEN CASE WHEN f.dstport < 32768 THEN 'sender' ELSE 'receiver' END
        END AS opened_by,
        CASE
            WHEN f.protocol = 6 AND (f.tcp_flags & 18) IN (2, 18) THEN 'tcp_flags'
            WHEN f.protocol NOT IN (6, 17) THEN NULL
            WHEN (f.srcport < 1024) <> (f.dstport < 1024) THEN 'port_below_1024'
            WHEN (f.srcport < 32768) <> (f.dstport < 32768) THEN 'port_below_32768'
        END AS opened_from
    FROM folded_flows f
    LEFT JOIN inventory.network_interfaces n ON n.interface_id = f.interface_id
    LEFT JOIN scanned_flow_logs l ON l.flow_log_id = f.flow_log_id
    -- Which regional NAT gateway: the flow log's own resource, else the only one of the VPC.
    LEFT JOIN nats_of_logs g ON g.flow_log_id = f.flow_log_id
    LEFT JOIN nats_of_vpcs r ON r.vpc_id = f.vpc_id
    LEFT JOIN interface_places p ON p.flow_log_id = f.flow_log_id AND p.interface_id = f.interface_id
),
-- Does the row arrive at the interface (true) or leave it (false)? Null = cannot be oriented.
directed AS (
    SELECT *,
        CASE
            WHEN row_class <> 'accept' THEN NULL
            WHEN flow_direction = 'ingress' THEN true
            WHEN flow_direction = 'egress' THEN false
            WHEN interface_owns(interface_id, dstaddr) <> interface_owns(interface_id, srcaddr) THEN interface_owns(interface_id, dstaddr)
            WHEN (own_address = dstaddr) <> (own_address = srcaddr) THEN own_address = dstaddr
            WHEN vpc_holds(vpc_id, dstaddr) <> vpc_holds(vpc_id, srcaddr) THEN vpc_holds(vpc_id, dstaddr)
            WHEN is_private(dstaddr) <> is_private(srcaddr) THEN is_private(dstaddr)
            WHEN opened_by IS NOT NULL THEN opened_by = 'receiver'
        END AS arrives,
        -- The first of these that settled it (for `offramp explain`).
        CASE
            WHEN row_class <> 'accept' THEN NULL
            WHEN flow_direction IN ('ingress', 'egress') THEN 'flow_direction'
            WHEN interface_owns(interface_id, dstaddr) <> interface_owns(interface_id, srcaddr) THEN 'own_address'
            WHEN (own_address = dstaddr) <> (own_address = srcaddr) THEN 'only_address'
            WHEN vpc_holds(vpc_id, dstaddr) <> vpc_holds(vpc_id, srcaddr) THEN 'vpc_cidr'
            WHEN is_private(dstaddr) <> is_private(srcaddr) THEN 'private_range'
            WHEN opened_by IS NOT NULL THEN 'initiator'
        END AS arrives_from
    FROM placed
),
sided AS (
    SELECT *,
        CASE WHEN arrives THEN receiver ELSE sender END AS own_packet,
        CASE
            WHEN row_class <> 'accept' OR arrives IS NULL THEN NULL
            WHEN arrives AND receiver = dstaddr OR NOT arrives AND sender = srcaddr THEN 'same'
            WHEN is_private(CASE WHEN arrives THEN receiver ELSE sender END) THEN 'private'
            ELSE 'public'
        END AS own_side,
        coalesce(is_private(sender) OR vpc_holds(vpc_id, sender), false) AS sender_private,
        coalesce(is_private(receiver) OR vpc_holds(vpc_id, receiver), false) AS receiver_private
    FROM directed
),
-- Which leg of a forwarder a row belongs to, and whether its sender is the client.
legged AS (
    SELECT *,
        CASE
            WHEN row_class <> 'accept' THEN NULL
            WHEN vantage = 'nat_gateway' AND arrives IS NULL THEN NULL
            -- Client leg: the packet's own side is not the NAT gateway's. Without packet fields the far end tells.
            -- Not all of its private addresses may be known; but a client is never at the public end of a packet to a private address.
            WHEN vantage = 'nat_gateway' AND has_packet_fields THEN
                CASE
                    WHEN coalesce(nat_owns(nat_gateway_id, own_packet), false) OR own_side = 'same' THEN 'internet'
                    WHEN CASE WHEN arrives THEN receiver_private AND NOT sender_private ELSE sender_private AND NOT receiver_private END THEN 'internet'
                    ELSE 'client'
                END
            WHEN vantage = 'nat_gateway' THEN
                CASE WHEN CASE WHEN arrives THEN sender_private ELSE receiver_private END THEN 'client_blind' ELSE 'internet_blind' END
            WHEN vantage = 'regional_nat_gateway' THEN
                CASE WHEN sender_private OR receiver_private THEN 'client' ELSE 'internet' END
        END AS leg,
        CASE
            WHEN row_class <> 'accept' THEN NULL
            WHEN vantage IN ('nat_gateway', 'interface_endpoint', 'other_endpoint') THEN arrives
            WHEN vantage IN ('regional_nat_gateway', 'transit_gateway', 'gwlb_endpoint', 'transit_gateway_log') THEN
                CASE
                    WHEN sender_private <> receiver_private THEN sender_private
                    WHEN opened_by IS NOT NULL THEN opened_by = 'sender'
                    ELSE true
                END
            -- An own-side packet address that is public, on an interface that is not: it forwards for the far end.
            WHEN own_side = 'public' THEN arrives
            ELSE NOT arrives
        END AS client_sends
    FROM sided
)
SELECT
    flow_id, flow_log_id, account_id, region,
    -- A transit gateway's record names the VPC that the packet came from and the one it went to: the client's counts.
    CASE WHEN vantage = 'transit_gateway_log' AND NOT client_sends THEN next_hop_vpc_id ELSE vpc_id END AS vpc_id,
    subnet_id, az_id, interface_id, resource_id, vantage, identified,
    nat_gateway_id, row_class, leg,
    own_side,
    CASE
        WHEN row_class <> 'accept' OR leg = 'internet' THEN NULL
        WHEN opened_by IS NULL OR client_sends IS NULL THEN 'unknown'
        WHEN (opened_by = 'sender') = client_sends THEN 'client'
        ELSE 'peer'
    END AS initiator,
    -- At the internet leg the NAT gateway stands for the client: what leaves it is outbound.
    CASE
        WHEN client_sends IS NULL THEN NULL
        WHEN leg IN ('internet', 'internet_blind') AND vantage = 'nat_gateway' THEN CASE WHEN arrives THEN 'inbound' ELSE 'outbound' END
        WHEN client_sends THEN 'outbound'
        ELSE 'inbound'
    END AS direction,
    CASE
        WHEN leg IN ('internet', 'internet_blind') OR client_sends IS NULL THEN NULL
        WHEN client_sends THEN sender
        ELSE receiver
    END AS client_addr,
    CASE
        WHEN leg IN ('internet', 'client_blind') OR client_sends IS NULL THEN NULL
        WHEN leg = 'internet_blind' THEN CASE WHEN arrives THEN sender ELSE receiver END
        WHEN client_sends THEN receiver
        ELSE sender
    END AS peer_addr,
    CASE WHEN client_sends THEN dstport ELSE srcport END AS peer_port,
    CASE
        WHEN leg IN ('internet', 'internet_blind', 'client_blind') OR client_sends IS NULL THEN NULL
        WHEN client_sends THEN pkt_dst_aws_service
        ELSE pkt_src_aws_service
    END AS service_code,
    CASE WHEN row_class = 'accept' THEN traffic_path END AS traffic_path,
    CASE WHEN row_class = 'accept' THEN next_hop_interface_type END AS next_hop_interface_type,
    CASE WHEN row_class = 'accept' THEN next_hop_interface_id END AS next_hop_interface_id,
    CASE WHEN row_class = 'accept' THEN next_hop_az_id END AS next_hop_az_id,
    -- Why the client is the client, and how it is known who opened; only `offramp explain` reads them.
    CASE
        WHEN client_sends IS NULL THEN NULL
        WHEN vantage NOT IN ('regional_nat_gateway', 'transit_gateway', 'gwlb_endpoint', 'transit_gateway_log') THEN arrives_from
        WHEN sender_private <> receiver_private THEN 'private_side'
        WHEN opened_by IS NOT NULL THEN 'initiator'
        ELSE 'source'
    END AS oriented_by,
    CASE WHEN row_class = 'accept' THEN opened_from END AS opened_from
FROM legged
