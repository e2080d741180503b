-- title: The classified bytes that are asked about: these make the number in the report
-- reads: traffic_hourly, asked_peers
-- params: interface, nat_gateway, service (all but the asked one null)
-- columns: as traffic_hourly
SELECT t.*
FROM traffic_hourly t
LEFT JOIN asked_peers p ON p.peer_key = t.peer_key
WHERE p.peer_key IS NOT NULL
    OR t.interface_id = $interface OR t.entity = $interface OR t.endpoint_interface = $interface
    OR t.nat_gateway_id = $nat_gateway
    OR t.service = $service
