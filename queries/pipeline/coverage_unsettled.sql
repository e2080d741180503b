-- title: Bytes that the logs do not settle, by reason and the client's VPC
-- reads: traffic_hourly, unoriented
-- columns: reason, account_id, region, vpc_id, bytes. A byte may have several reasons; each reason's sum is in coverage_totals.
WITH flagged AS (
    SELECT account_id, region, vpc_id, service LIKE 'range:%' AS unresolved, path = 'unknown' AS pathless,
        conflict, nat_unmatched, endpoint_unmatched, az_unknown, coalesce(dns_verdict, '') AS dns_verdict, sum(bytes) AS bytes
    FROM traffic_hourly
    GROUP BY ALL
)
SELECT r.reason, f.account_id, f.region, f.vpc_id, sum(f.bytes) AS bytes
FROM flagged f
CROSS JOIN (VALUES ('service_unresolved'), ('dns_ambiguous'), ('dns_conflict'), ('path_unknown'), ('path_conflict'), ('nat_unmatched'),
    ('endpoint_unmatched'), ('zone_unknown')) AS r(reason)
WHERE f.bytes > 0 AND CASE r.reason
    WHEN 'service_unresolved' THEN f.unresolved
    WHEN 'dns_ambiguous' THEN f.dns_verdict = 'ambiguous'
    WHEN 'dns_conflict' THEN f.dns_verdict = 'conflict'
    WHEN 'path_unknown' THEN f.pathless
    WHEN 'path_conflict' THEN f.conflict
    WHEN 'nat_unmatched' THEN f.nat_unmatched
    WHEN 'endpoint_unmatched' THEN f.endpoint_unmatched
    ELSE f.az_unknown
END
GROUP BY r.reason, f.account_id, f.region, f.vpc_id
UNION ALL
SELECT 'unoriented', account_id, region, vpc_id, bytes FROM unoriented
ORDER BY 1, 5 DESC, 2, 3, 4
