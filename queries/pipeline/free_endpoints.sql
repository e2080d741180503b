-- title: Endpoints that AWS charges neither hours nor GB for
-- reads: inventory.vpc_endpoints, endpoint_catalogue
-- columns: endpoint_id
-- rules: money. GuardDuty's (made by GuardDuty or by hand), and those that ElastiCache Serverless makes.
SELECT e.endpoint_id
FROM inventory.vpc_endpoints e
LEFT JOIN endpoint_catalogue c ON c.service_id = endpoint_service_id(e.service_name)
WHERE e.endpoint_type = 'interface' AND (c.is_free OR e.free_of_charge OR e.service_name LIKE 'com.amazonaws.elasticache.serverless.%')
