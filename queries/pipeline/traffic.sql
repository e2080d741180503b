-- title: Classified bytes over the window
-- reads: traffic_monthly
-- columns: as in the report; one row per key; the owner columns are the client's; bound = at_least where a price is missing (usd_month is
--   then the sum of the known charges); covered_hours and window_share = the least of its scopes'
SELECT
    account_id, region, vpc_id, subnet_id, az_id, interface_id, service, service_evidence, peer_region, path, path_evidence, via, onward,
    nat_gateway_id, endpoint_id, direction,
    sum(records) AS records, sum(packets) AS packets, sum(bytes) AS bytes,
    sum(usd_month) AS usd_month,
    CASE WHEN bool_or(missing_prices IS NOT NULL) THEN 'at_least' ELSE 'exact' END AS bound,
    min(coalesce(covered_hours, 0.0)) AS covered_hours, min(coalesce(window_share, 0.0)) AS window_share
FROM traffic_monthly
GROUP BY account_id, region, vpc_id, subnet_id, az_id, interface_id, service, service_evidence, peer_region, path, path_evidence, via, onward,
    nat_gateway_id, endpoint_id, direction
ORDER BY bytes DESC, account_id, vpc_id, interface_id, service, path, direction, path_evidence, service_evidence, peer_region, via, onward, nat_gateway_id,
    endpoint_id, records
