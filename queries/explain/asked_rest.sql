-- title: Rows about the same bytes that are no leg: a flow log that was not chosen, and rejected, empty and skipped records
-- reads: rollup, chosen_flow_logs, asked_legs, asked_peers
-- params: interface, nat_gateway, service
-- columns: vantage, entity, flow_log_id, direction, reason = other_flow_log | transit_gateway_log | reject |
--   nodata | skipdata, records, packets, bytes
-- rules: records. Only accepted records name client and peer in the rollup, so the others are known by their interface alone.
WITH rows AS (
    SELECT r.*, coalesce(r.interface_id, r.resource_id, '-') AS entity,
        CASE
            WHEN r.row_class <> 'accept' THEN r.row_class
            -- Flow logs of transit gateways tell ways; none of them is ever chosen.
            WHEN r.vantage = 'transit_gateway_log' THEN r.vantage
            ELSE 'other_flow_log'
        END AS reason
    FROM rollup r
    LEFT JOIN chosen_flow_logs c ON c.interface_id = coalesce(r.interface_id, r.resource_id, '-') AND c.hour = r.hour AND c.flow_log_id = r.flow_log_id
    WHERE r.row_class <> 'accept' OR c.flow_log_id IS NULL
),
shown AS (
    SELECT DISTINCT entity, client_addr, peer_key, hour FROM asked_legs
),
exchanges AS (
    SELECT DISTINCT client_addr, peer_key, hour FROM asked_legs
)
SELECT r.vantage, r.entity, r.flow_log_id, r.direction, r.reason, sum(r.records) AS records, sum(r.packets) AS packets, sum(r.bytes) AS bytes
FROM rows r
LEFT JOIN asked_peers p ON p.peer_key = r.peer_key
LEFT JOIN shown s ON s.entity = r.entity AND s.client_addr = r.client_addr AND s.peer_key = r.peer_key AND s.hour = r.hour
LEFT JOIN exchanges x ON x.client_addr = r.client_addr AND x.peer_key = r.peer_key AND x.hour = r.hour
WHERE p.peer_key IS NOT NULL OR s.entity IS NOT NULL
    OR (r.reason = 'transit_gateway_log' AND x.client_addr IS NOT NULL)
    OR r.entity = $interface OR r.nat_gateway_id = $nat_gateway
    OR (r.reason = 'other_flow_log' AND peer_service(r.peer_key, r.service_code)['service'] = $service)
GROUP BY r.vantage, r.entity, r.flow_log_id, r.direction, r.reason
