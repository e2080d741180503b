-- title: What each pool of answers says of an address, and for which hours
-- reads: resolver_answers
-- params: lookback (seconds before an hour's end in which an answer counts)
-- columns: tier = 1 the same client (pool address|VPC|client or instance|VPC|instance), 2 its VPC, 3 the account and Region;
--   serves_from and serves_until = first and last end of an hour that the answers speak for
-- rules: service of the peer, step 3. Answers whose look-backs touch make one stretch, so that a day of hourly queries is one row.
WITH pooled AS (
    SELECT 1 AS tier, concat('address|', vpc_id, '|', srcaddr) AS pool, address, kind, service, service_region, covered, hour, last_seen
    FROM resolver_answers WHERE address IS NOT NULL AND vpc_id IS NOT NULL AND srcaddr IS NOT NULL
    UNION ALL
    SELECT 1, concat('instance|', vpc_id, '|', instance_id), address, kind, service, service_region, covered, hour, last_seen
    FROM resolver_answers WHERE address IS NOT NULL AND vpc_id IS NOT NULL AND instance_id IS NOT NULL
    UNION ALL
    SELECT 2, concat('vpc|', vpc_id), address, kind, service, service_region, covered, hour, last_seen
    FROM resolver_answers WHERE address IS NOT NULL AND vpc_id IS NOT NULL
    UNION ALL
    SELECT 3, concat('account|', account_id, '|', region), address, kind, service, service_region, covered, hour, last_seen
    FROM resolver_answers WHERE address IS NOT NULL AND account_id IS NOT NULL AND region IS NOT NULL
),
hours AS (
    SELECT tier, pool, address, kind, service, service_region, covered, hour, max(last_seen) AS last_seen
    FROM pooled
    GROUP BY tier, pool, address, kind, service, service_region, covered, hour
),
followed AS (
    SELECT *, lag(last_seen) OVER (PARTITION BY pool, address, kind, service, service_region, covered ORDER BY hour) AS seen_before
    FROM hours
),
marked AS (
    SELECT *, CASE WHEN hour <= seen_before + $lookback THEN 0 ELSE 1 END AS begins FROM followed
),
stretches AS (
    SELECT *, sum(begins) OVER (
        PARTITION BY pool, address, kind, service, service_region, covered ORDER BY hour ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS stretch
    FROM marked
)
SELECT tier, pool, address, kind, service, service_region, covered,
    min(hour) + 3600 AS serves_from, max(last_seen) + $lookback AS serves_until
FROM stretches
GROUP BY tier, pool, address, kind, service, service_region, covered, stretch
