-- title: Hops that the flow logs of interfaces show on the way of an exchange in an hour
-- reads: observed_hours, leg_flows, path_evidence, inventory.*
-- columns: sight_id (of leg_flows), hour; transit_gateway, gwlb_endpoint, network_firewall = such a hop is seen: at its own interface,
--   or as the client's next hop
-- rules: path, "via", where tables do not tell
WITH firewalls AS (
    SELECT i.interface_id FROM inventory.endpoint_interfaces i
    JOIN inventory.vpc_endpoints e ON e.endpoint_id = i.endpoint_id AND e.is_network_firewall
)
SELECT f.sight_id, h.hour,
    bool_or(f.vantage <> 'gwlb_endpoint') AS transit_gateway,
    bool_or(f.vantage = 'gwlb_endpoint' AND w.interface_id IS NULL) AS gwlb_endpoint, bool_or(w.interface_id IS NOT NULL) AS network_firewall
FROM observed_hours h
JOIN leg_flows f ON f.flow_id = h.flow_id
JOIN path_evidence e ON e.evidence_id = h.evidence_id
LEFT JOIN firewalls w ON w.interface_id = f.entity
WHERE f.role = 'hop' OR e.next_hop_interface_type = 'transit_gateway'
GROUP BY f.sight_id, h.hour
