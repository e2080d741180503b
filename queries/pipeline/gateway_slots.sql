-- title: The 10-minute slots of each hour for which a NAT gateway or an interface of an endpoint has records of its own
-- reads: gateway_interfaces, chosen_flow_logs, watch_sets, watch_set_hours
-- columns: gateway (of gateway_interfaces), interface_id, hour, slots (mask), silence_slots = those that prove it idle if they show nothing,
--   covered_blindly = the hour is covered, without packet fields
-- rules: money, first paragraph. A regional NAT gateway has no interface whose empty intervals AWS would write down: silence of its log is
--   an idle gateway, as long as the flow log delivers.
SELECT g.gateway, g.interface_id, c.hour, c.slots, CASE WHEN c.proves_silence THEN c.slots - (c.slots & c.skipped) ELSE 0 END AS silence_slots,
    c.covered AND NOT c.has_packet_fields AS covered_blindly
FROM gateway_interfaces g
JOIN chosen_flow_logs c ON c.interface_id = g.interface_id
WHERE NOT g.is_regional
UNION ALL
SELECT g.gateway, g.interface_id, h.hour, h.slots, h.slots AS silence_slots, false AS covered_blindly
FROM gateway_interfaces g
JOIN watch_sets w ON w.interface_id = g.interface_id
JOIN watch_set_hours h ON h.flow_logs = w.flow_logs
WHERE g.is_regional
