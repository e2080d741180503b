-- title: The records themselves: how many, by interface and action, with the first of each as proof
-- reads: flow_logs, asked_legs, asked_peers
-- params: since, until (Unix seconds; null = open), address (one peer to the bit; null = any), any_client (a network of peers is
--   asked about), interface, nat_gateway
-- columns: flow_log_id, interface_id (or the regional NAT gateway), flow_direction, action, log_status, records, bytes, first = the
--   earliest record with its object and fields
-- rules: none. What the log says before any rule; the only statement of explain that reads the logs again.
WITH clients AS (
    SELECT DISTINCT client_addr FROM asked_legs WHERE client_addr IS NOT NULL
),
peers AS (
    SELECT DISTINCT peer_key FROM asked_legs WHERE peer_key IS NOT NULL UNION SELECT peer_key FROM asked_peers
),
nat_entities AS (
    SELECT DISTINCT entity FROM asked_legs WHERE role LIKE 'nat%' AND nat_gateway_id = $nat_gateway
),
rows AS (
    SELECT f.*, coalesce(f.interface_id, f.resource_id, '-') AS entity,
        peer_key(coalesce(f.pkt_srcaddr, f.srcaddr), f.srcport) AS sender_key,
        peer_key(coalesce(f.pkt_dstaddr, f.dstaddr), f.dstport) AS receiver_key
    FROM flow_logs f
    WHERE ($since IS NULL OR f.start >= $since) AND ($until IS NULL OR f.start < $until)
        AND ($address IS NULL OR f.srcaddr = $address OR f.dstaddr = $address OR f.pkt_srcaddr = $address OR f.pkt_dstaddr = $address)
)
SELECT r.flow_log_id, r.entity AS interface_id, r.flow_direction, r.action, r.log_status, count(*) AS records, sum(r.bytes) AS bytes,
    first_value(named_struct(
        'object', r.source_file, 'version', r.version, 'account_id', r.account_id, 'interface_id', r.interface_id,
        'srcaddr', r.srcaddr, 'dstaddr', r.dstaddr, 'srcport', r.srcport, 'dstport', r.dstport, 'protocol', r.protocol,
        'packets', r.packets, 'bytes', r.bytes, 'start', r.start, 'end', r."end", 'action', r.action, 'log_status', r.log_status,
        'vpc_id', r.vpc_id, 'subnet_id', r.subnet_id, 'instance_id', r.instance_id, 'tcp_flags', r.tcp_flags,
        'pkt_srcaddr', r.pkt_srcaddr, 'pkt_dstaddr', r.pkt_dstaddr, 'region', r.region, 'az_id', r.az_id,
        'pkt_src_aws_service', r.pkt_src_aws_service, 'pkt_dst_aws_service', r.pkt_dst_aws_service,
        'flow_direction', r.flow_direction, 'traffic_path', r.traffic_path, 'reject_reason', r.reject_reason, 'resource_id', r.resource_id,
        'interface_type', r.interface_type, 'next_hop_interface_type', r.next_hop_interface_type,
        'next_hop_interface_id', r.next_hop_interface_id, 'next_hop_az_id', r.next_hop_az_id
    ) ORDER BY r.start, r.source_file, r.bytes, r.srcport, r.dstport) AS first
FROM rows r
LEFT JOIN nat_entities n ON n.entity = r.entity
LEFT JOIN clients cs ON cs.client_addr = coalesce(r.pkt_srcaddr, r.srcaddr)
LEFT JOIN clients cr ON cr.client_addr = coalesce(r.pkt_dstaddr, r.dstaddr)
LEFT JOIN peers ps ON ps.peer_key = r.sender_key
LEFT JOIN peers pr ON pr.peer_key = r.receiver_key
WHERE $address IS NOT NULL OR r.entity = $interface OR n.entity IS NOT NULL
    OR (cs.client_addr IS NOT NULL AND pr.peer_key IS NOT NULL) OR (cr.client_addr IS NOT NULL AND ps.peer_key IS NOT NULL)
    OR ($any_client AND (ps.peer_key IS NOT NULL OR pr.peer_key IS NOT NULL))
GROUP BY r.flow_log_id, r.entity, r.flow_direction, r.action, r.log_status
ORDER BY bytes DESC NULLS LAST, r.flow_log_id, r.entity, r.flow_direction, r.action
