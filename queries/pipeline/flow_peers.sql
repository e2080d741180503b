-- title: Bytes of flows by the networks of their peers, where a flow keeps several networks without a service together
-- reads: folded_peers, flow_members
-- columns: flow_id, network (its number; peer_network says its CIDR), bytes (of all hours, before any rule)
SELECT m.flow_id, p.network, sum(p.bytes) AS bytes
FROM folded_peers p
JOIN flow_members m ON m.folded_id = p.flow_id
WHERE p.bytes > 0
GROUP BY m.flow_id, p.network
