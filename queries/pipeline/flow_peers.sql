-- title: Bytes of flows by the networks of their peers, where a flow keeps several networks without a service together
-- reads: folded_peers, flow_members
-- columns: flow_id, peer_key (of flows), peer (the network, or the address where it is kept), bytes (of all hours, before any rule);
--   a flow may have several rows of a peer
SELECT m.flow_id, peer_key(p.address, NULL) AS peer_key, peer_network(p.address) AS peer, p.bytes
FROM folded_peers p
JOIN flow_members m ON m.folded_id = p.flow_id
WHERE p.bytes > 0
