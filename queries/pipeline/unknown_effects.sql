-- title: What stands in the way of bytes whose price, or what a move past it saves, is not known
-- reads: move_rows, nat_facts, inventory.nat_gateways, inventory.vpcs, inventory.transit_gateway_attachments
-- columns: opportunity (of move_rows; of NAT-level kinds nat|ID), effects = codes for why: firewall_proxy | internet_firewall |
--   network_function
-- rules: AWS's newer paths. Where the inventory shows one and its price or effect is not known, no saving is stated.
WITH functions AS (
    SELECT count(*) > 0 AS present FROM inventory.transit_gateway_attachments
    WHERE resource_type = 'network_function' AND state NOT IN ('deleted', 'deleting', 'failed', 'rejected')
),
on_the_way AS (
    SELECT m.opportunity, m.nat_gateway_id, m.vpc_id, m.path = 'transit_gateway' OR coalesce(m.via LIKE '%transit_gateway%', false) AS by_transit_gateway
    FROM move_rows m
    WHERE m.path <> 'interface_endpoint'
    UNION ALL
    SELECT concat('nat|', nat_gateway_id), nat_gateway_id, vpc_id, false FROM nat_facts
),
found AS (
    SELECT w.opportunity,
        bool_or(coalesce(n.proxy, false)) AS firewall_proxy,
        bool_or(coalesce(own.internet_firewall, false) OR coalesce(hub.internet_firewall, false)) AS internet_firewall,
        bool_or(w.by_transit_gateway AND f.present) AS network_function
    FROM on_the_way w
    CROSS JOIN functions f
    LEFT JOIN inventory.nat_gateways n ON n.nat_gateway_id = w.nat_gateway_id
    LEFT JOIN inventory.vpcs own ON own.vpc_id = w.vpc_id
    LEFT JOIN inventory.vpcs hub ON hub.vpc_id = n.vpc_id
    GROUP BY w.opportunity
)
SELECT opportunity, concat_ws(' ', CASE WHEN firewall_proxy THEN 'firewall_proxy' END, CASE WHEN internet_firewall THEN 'internet_firewall' END,
    CASE WHEN network_function THEN 'network_function' END) AS effects
FROM found
WHERE firewall_proxy OR internet_firewall OR network_function
