-- title: folded_flows and folded_hours without folding: one flow per record, straight from flow_logs
-- reads: flow_logs
-- params: since, until (Unix seconds, half-open; null = open)
-- columns: of both tables side by side. The fold must give the same rollup as this statement; a test holds the two against each other.
--   Transit gateway flow logs are in the fold only.
SELECT
    row_number() OVER () AS flow_id, start - start % 3600 AS hour,
    account_id, interface_id, srcaddr, dstaddr, srcport, dstport, protocol, action, log_status, vpc_id, subnet_id, instance_id, tcp_flags,
    pkt_srcaddr, pkt_dstaddr, region, az_id, pkt_src_aws_service, pkt_dst_aws_service, flow_direction, traffic_path, resource_id,
    interface_type, next_hop_interface_type, next_hop_interface_id, next_hop_az_id, next_hop_vpc_id, flow_log_id,
    1 AS records, coalesce(packets, 0) AS packets, coalesce(bytes, 0) AS bytes, start, start AS last_start,
    coalesce("end", start) AS finish, slots(start, coalesce("end", start)) AS slots
FROM flow_logs
WHERE ($since IS NULL OR start >= $since) AND ($until IS NULL OR start < $until)
