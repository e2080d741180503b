-- title: Which service the bytes have, and which step of the order named it
-- reads: asked_traffic
-- columns: service, service_evidence, peer_region, dns_verdict, gateway_service (whose gateway endpoint would carry the peer),
--   peers = distinct peer keys, records, bytes
-- rules: service of the peer
SELECT service, service_evidence, peer_region, dns_verdict, gateway_service, count(DISTINCT peer_key) AS peers,
    sum(records) AS records, sum(bytes) AS bytes
FROM asked_traffic
GROUP BY service, service_evidence, peer_region, dns_verdict, gateway_service
ORDER BY bytes DESC, service, service_evidence, peer_region, dns_verdict, gateway_service
