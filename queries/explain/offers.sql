-- title: What the endpoint catalogue offers for these services, and which endpoints the clients' VPCs have for them
-- reads: asked_traffic, endpoint_catalogue, inventory.vpc_endpoints
-- columns: service, region, vpc_id (the clients'), display_name, supports_gateway, supports_interface, private_dns,
--   endpoint_id, endpoint_type, state, private_dns_enabled (null = none there), bytes
WITH places AS (
    SELECT coalesce(gateway_service, service) AS service, region, vpc_id, sum(bytes) AS bytes
    FROM asked_traffic
    GROUP BY coalesce(gateway_service, service), region, vpc_id
)
SELECT p.service, p.region, p.vpc_id, c.display_name, c.supports_gateway, c.supports_interface, c.private_dns,
    e.endpoint_id, e.endpoint_type, e.state, e.private_dns_enabled, p.bytes
FROM places p
JOIN endpoint_catalogue c ON c.service_id = p.service
LEFT JOIN inventory.vpc_endpoints e ON e.vpc_id = p.vpc_id AND endpoint_service_id(e.service_name) = p.service
ORDER BY p.bytes DESC, p.service, p.vpc_id, e.endpoint_id
LIMIT 40
