-- title: Where interfaces stand that the inventory does not list, and whose rows do not say it either
-- reads: folded_flows, inventory.*
-- columns: flow_log_id, interface_id, own_address (in every record of the interface; null = not told), vpc_id, subnet_id, az_id, account_id
--   and region (the VPC's)
-- rules: owner. Interfaces that are gone are the normal case. The VPC: what the rows name, else what the flow log is made for, else the one
--   known VPC of the account and Region whose CIDRs hold the interface's own address; subnet and zone by that address.
WITH gone AS (
    SELECT f.flow_log_id, f.interface_id, f.account_id, f.region, f.subnet_id, f.vpc_id,
        coalesce(f.srcaddr, f.pkt_srcaddr) AS srcaddr, coalesce(f.dstaddr, f.pkt_dstaddr) AS dstaddr
    FROM folded_flows f
    LEFT JOIN inventory.network_interfaces n ON n.interface_id = f.interface_id
    WHERE f.interface_id IS NOT NULL AND n.interface_id IS NULL AND (f.vpc_id IS NULL OR f.subnet_id IS NULL OR f.az_id IS NULL)
),
interfaces AS (
    SELECT flow_log_id, interface_id, max(account_id) AS account_id, max(region) AS region, max(subnet_id) AS subnet_id, max(vpc_id) AS vpc_id,
        sum(CASE WHEN srcaddr IS NOT NULL THEN 1 ELSE 0 END) AS flows
    FROM gone
    GROUP BY flow_log_id, interface_id
),
sides AS (
    SELECT flow_log_id, interface_id, srcaddr AS address FROM gone WHERE srcaddr IS NOT NULL AND srcaddr <> dstaddr
    UNION ALL
    SELECT flow_log_id, interface_id, dstaddr FROM gone WHERE dstaddr IS NOT NULL
),
-- The interface's own address is one side of all its records. With a single peer both are.
candidates AS (
    SELECT s.flow_log_id, s.interface_id, s.address, count(*) OVER (PARTITION BY s.flow_log_id, s.interface_id) AS candidates
    FROM (SELECT flow_log_id, interface_id, address, count(*) AS flows FROM sides GROUP BY flow_log_id, interface_id, address) s
    JOIN interfaces i ON i.flow_log_id = s.flow_log_id AND i.interface_id = s.interface_id AND i.flows = s.flows
    WHERE is_private(s.address)
),
taken AS (
    SELECT flow_log_id, address FROM candidates WHERE candidates = 1
),
own AS (
    SELECT c.flow_log_id, c.interface_id, min(c.address) AS own_address
    FROM candidates c
    LEFT JOIN taken t ON t.flow_log_id = c.flow_log_id AND t.address = c.address
    WHERE c.candidates = 1 OR t.address IS NULL
    GROUP BY c.flow_log_id, c.interface_id
    HAVING count(*) = 1
),
-- Where two addresses are left, both may still lie in the same VPC.
by_address AS (
    SELECT c.flow_log_id, c.interface_id, vpc_of_address(i.account_id, i.region, c.address) AS vpc_id
    FROM candidates c
    JOIN interfaces i ON i.flow_log_id = c.flow_log_id AND i.interface_id = c.interface_id
    LEFT JOIN own o ON o.flow_log_id = c.flow_log_id AND o.interface_id = c.interface_id
    WHERE o.own_address IS NULL OR o.own_address = c.address
),
one_vpc AS (
    SELECT flow_log_id, interface_id, max(vpc_id) AS vpc_id
    FROM by_address
    GROUP BY flow_log_id, interface_id
    HAVING count(*) = count(vpc_id) AND min(vpc_id) = max(vpc_id)
),
placed AS (
    SELECT i.flow_log_id, i.interface_id, o.own_address, coalesce(s.vpc_id, i.vpc_id, w.vpc_id, v.vpc_id) AS vpc_id,
        coalesce(i.subnet_id, w.subnet_id) AS subnet_id
    FROM interfaces i
    LEFT JOIN own o ON o.flow_log_id = i.flow_log_id AND o.interface_id = i.interface_id
    LEFT JOIN one_vpc v ON v.flow_log_id = i.flow_log_id AND v.interface_id = i.interface_id
    LEFT JOIN (
        SELECT c.flow_log_id, max(CASE WHEN c.resource_id LIKE 'vpc-%' THEN c.resource_id ELSE s.vpc_id END) AS vpc_id, max(s.subnet_id) AS subnet_id
        FROM inventory.flow_log_configs c
        LEFT JOIN inventory.subnets s ON s.subnet_id = c.resource_id
        GROUP BY c.flow_log_id
    ) w ON w.flow_log_id = i.flow_log_id
    LEFT JOIN inventory.subnets s ON s.subnet_id = coalesce(i.subnet_id, w.subnet_id)
),
asked AS (
    SELECT *, address_owner(vpc_id, subnet_id, own_address) AS place FROM placed
),
owned AS (
    SELECT flow_log_id, interface_id, own_address, vpc_id, coalesce(subnet_id, CASE WHEN place['standing'] = 'own' THEN place['subnet_id'] END) AS subnet_id
    FROM asked
)
SELECT
    p.flow_log_id, p.interface_id, p.own_address, p.vpc_id, p.subnet_id, s.az_id,
    coalesce(v.account_id, s.account_id) AS account_id, coalesce(v.region, s.region) AS region
FROM owned p
LEFT JOIN inventory.subnets s ON s.subnet_id = p.subnet_id
LEFT JOIN inventory.vpcs v ON v.vpc_id = p.vpc_id
