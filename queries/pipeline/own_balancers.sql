-- title: Bytes that leave for load balancers of the inventory by their public addresses
-- reads: traffic_hours, traffic_flows, inventory.interface_addresses, inventory.network_interfaces
-- columns: vpc_id (the client's), path, nat_gateway_id, address, interface_id and description of the load balancer's interface, bytes
SELECT f.vpc_id, f.path, f.nat_gateway_id, f.peer_key AS address, max(n.interface_id) AS interface_id, max(n.description) AS description,
    sum(h.bytes) AS bytes
FROM (SELECT path_id, answer_id, nat_unmatched, sum(bytes) AS bytes FROM traffic_hours GROUP BY path_id, answer_id, nat_unmatched) h
JOIN traffic_flows f ON f.path_id = h.path_id AND f.answer_id = h.answer_id AND f.nat_unmatched = h.nat_unmatched AND f.service = 'own:load_balancer'
JOIN inventory.interface_addresses a ON a.public_ip = f.peer_key
JOIN inventory.network_interfaces n ON n.interface_id = a.interface_id
GROUP BY f.vpc_id, f.path, f.nat_gateway_id, f.peer_key
ORDER BY bytes DESC, f.vpc_id, f.path, f.nat_gateway_id, address
