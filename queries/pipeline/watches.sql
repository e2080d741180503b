-- title: Which flow log watches which interface
-- reads: flows
-- columns: watch_id, entity_id, flow_log_id, interface_id (or the regional NAT gateway's id: is_regional), the place as its rows name it
SELECT watch_id, max(entity_id) AS entity_id, max(flow_log_id) AS flow_log_id, max(entity) AS interface_id,
    max(account_id) AS account_id, max(region) AS region, max(vpc_id) AS vpc_id, bool_or(vantage = 'regional_nat_gateway') AS is_regional
FROM flows
GROUP BY watch_id
