-- title: Whether all endpoints of a VPC are listed
-- reads: traffic_monthly, inventory.vpcs, inventory.completeness
-- columns: vpc_id, is_complete = describe-vpc-endpoints of its owner's account and Region was read in whole
-- rules: an absent, refused or cut listing is unknown, never empty. The endpoints of a shared VPC are listed for its owner.
WITH owners AS (
    SELECT t.vpc_id, coalesce(max(v.account_id), max(t.account_id)) AS account_id, coalesce(max(v.region), max(t.region)) AS region
    FROM traffic_monthly t
    LEFT JOIN inventory.vpcs v ON v.vpc_id = t.vpc_id
    WHERE t.vpc_id IS NOT NULL
    GROUP BY t.vpc_id
),
listings AS (
    SELECT account_id, region, complete FROM inventory.completeness WHERE kind = 'describe-vpc-endpoints'
)
SELECT o.vpc_id, coalesce(bool_and(l.complete), false) AS is_complete
FROM owners o
LEFT JOIN listings l ON coalesce(l.account_id = o.account_id, true) AND coalesce(l.region = o.region, true)
GROUP BY o.vpc_id
