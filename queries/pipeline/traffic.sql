-- title: Classified bytes over the window
-- reads: traffic_monthly
-- columns: as in the report; one row per key; the owner columns are the client's; covered_hours = the least of its scopes'
SELECT
    account_id, region, vpc_id, subnet_id, az_id, interface_id, service, service_evidence, peer_region, path, path_evidence, via, onward,
    nat_gateway_id, endpoint_id, direction,
    sum(records) AS records, sum(packets) AS packets, sum(bytes) AS bytes,
    CASE WHEN bool_and(usd_month IS NOT NULL) THEN sum(usd_month) END AS usd_month,
    min(coalesce(covered_hours, 0.0)) AS covered_hours
FROM traffic_monthly
GROUP BY account_id, region, vpc_id, subnet_id, az_id, interface_id, service, service_evidence, peer_region, path, path_evidence, via, onward,
    nat_gateway_id, endpoint_id, direction
ORDER BY bytes DESC, account_id, vpc_id, interface_id, service, path, direction, path_evidence, service_evidence, peer_region, via, onward, nat_gateway_id,
    endpoint_id, records
