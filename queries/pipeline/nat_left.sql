-- title: What stays on each NAT gateway once every adopted move is made
-- reads: traffic_monthly, move_rows, moves, nat_facts, scopes, prices, inventory.nat_gateways
-- columns: nat_gateway_id, client zone, bytes and money left, whether the zone has a NAT gateway of its own
WITH adopted AS (
    SELECT DISTINCT m.move_key FROM move_rows m JOIN moves o ON o.opportunity = m.opportunity AND o.decision = 'adopt'
    WHERE m.nat_gateway_id IS NOT NULL
)
SELECT t.nat_gateway_id, t.az_id, t.crosses_az, t.scope, t.move_key,
    a.move_key IS NOT NULL AS moves_away,
    own.nat_gateway_id IS NOT NULL AS zone_has_nat,
    sum(t.bytes) AS bytes, sum(t.gib_month) AS gib_month, sum(t.gib_month * t.inter_az_rate) AS inter_az_usd,
    bool_and(t.inter_az_rate IS NOT NULL) AS priced
FROM traffic_monthly t
LEFT JOIN adopted a ON a.move_key = t.move_key
LEFT JOIN (SELECT vpc_id, az_id, min(nat_gateway_id) AS nat_gateway_id FROM nat_facts WHERE NOT is_regional AND state = 'available' AND is_public GROUP BY vpc_id, az_id) own
    ON own.vpc_id = t.nat_vpc_id AND own.az_id = t.az_id
WHERE t.path = 'nat_gateway' AND t.nat_gateway_id IS NOT NULL
GROUP BY t.nat_gateway_id, t.az_id, t.crosses_az, t.scope, t.move_key, a.move_key IS NOT NULL, own.nat_gateway_id IS NOT NULL
