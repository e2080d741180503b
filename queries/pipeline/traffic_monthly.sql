-- title: Classified bytes over the window with everything that money needs
-- reads: traffic_hours, traffic_flows, scopes, inventory.vpc_endpoints, free_endpoints, prices
-- columns: the traffic columns, gib_month (GiB = 2^30 bytes, 730 hours), the rates that apply to the row, and their sum usd_month.
--   A rate that applies but has no price is null itself and named in missing_prices; usd_per_gib and usd_month keep the known rates
--   (bound = at_least), and are null where no rate that applies is known.
-- rules: money. NAT per GB both directions; zone border 0.01 out + 0.01 in; transit gateway per GB; PrivateLink per GB at the
--   account and Region's blended tier, other types of endpoints at their own price; Network Firewall in place of the NAT gateway. Never internet egress.
WITH flow_sums AS (
    SELECT path_id, answer_id, nat_unmatched, sum(records) AS records, sum(packets) AS packets, sum(bytes) AS bytes
    FROM traffic_hours
    GROUP BY path_id, answer_id, nat_unmatched
),
summed AS (
    SELECT
        scope, account_id, region, vpc_id, subnet_id, az_id, interface_id, service, service_evidence, peer_region, gateway_service,
        path, path_evidence, via, onward, nat_gateway_id, endpoint_id, endpoint_interface, route_table_id, direction,
        nat_az_id, nat_is_regional, nat_vpc_id, nat_region, crosses_az, az_unknown, blind, move_key,
        sum(records) AS records, sum(packets) AS packets, sum(bytes) AS bytes
    FROM flow_sums
    JOIN traffic_flows USING (path_id, answer_id, nat_unmatched)
    GROUP BY scope, account_id, region, vpc_id, subnet_id, az_id, interface_id, service, service_evidence, peer_region, gateway_service,
        path, path_evidence, via, onward, nat_gateway_id, endpoint_id, endpoint_interface, route_table_id, direction,
        nat_az_id, nat_is_regional, nat_vpc_id, nat_region, crosses_az, az_unknown, blind, move_key
),
scaled AS (
    SELECT s.*, c.covered_hours, c.share AS window_share, s.bytes / 1073741824.0 AS gib, s.bytes / 1073741824.0 * c.factor AS gib_month,
        coalesce(s.via LIKE '%network_firewall%', false) AS behind_firewall,
        CASE WHEN s.path = 'interface_endpoint' THEN coalesce(e.endpoint_type, 'interface') END AS endpoint_type
    FROM summed s
    LEFT JOIN scopes c ON c.scope = s.scope
    LEFT JOIN inventory.vpc_endpoints e ON e.endpoint_id = s.endpoint_id
),
-- Tiers apply to the month's total of all interface endpoints of an account and Region.
endpoint_totals AS (
    SELECT account_id, region, sum(gib_month) AS gib_month
    FROM scaled s
    LEFT JOIN free_endpoints f ON f.endpoint_id = s.endpoint_id
    WHERE s.endpoint_type = 'interface' AND f.endpoint_id IS NULL
    GROUP BY account_id, region
),
endpoint_rates AS (
    SELECT t.account_id, t.region,
        CASE WHEN t.gib_month <= max(coalesce(p.tier_to_gib, 1e300)) AND t.gib_month > 0
            THEN sum(greatest(least(t.gib_month, coalesce(p.tier_to_gib, 1e300)) - p.tier_from_gib, 0) * p.usd) / t.gib_month END AS usd
    FROM endpoint_totals t
    JOIN prices p ON p.region = t.region AND p.charge = 'interface_endpoint_gib'
    GROUP BY t.account_id, t.region, t.gib_month
),
rated AS (
    SELECT s.*,
        -- AWS waives the NAT gateway's charges where Network Firewall stands before it.
        CASE WHEN s.path = 'nat_gateway' AND NOT s.behind_firewall THEN CASE WHEN s.nat_is_regional THEN rn.usd ELSE zn.usd END ELSE 0 END AS nat_rate,
        CASE WHEN s.crosses_az THEN 2 * az.usd ELSE 0 END AS inter_az_rate,
        -- Once on the way to a NAT gateway, and once more behind a private one.
        CASE WHEN s.path = 'transit_gateway' OR s.via LIKE '%transit_gateway%' THEN tg.usd ELSE 0 END
            + CASE WHEN s.onward LIKE '%transit_gateway%' THEN tg.usd ELSE 0 END AS transit_gateway_rate,
        CASE
            WHEN s.endpoint_type IS NULL OR fe.endpoint_id IS NOT NULL THEN 0
            WHEN s.endpoint_type = 'interface' THEN er.usd
            ELSE oe.usd
        END AS endpoint_rate,
        CASE WHEN s.behind_firewall THEN fw.usd ELSE 0 END AS firewall_rate,
        CASE WHEN s.via LIKE '%gwlb_endpoint%' THEN gw.usd ELSE 0 END AS gwlb_rate
    FROM scaled s
    LEFT JOIN free_endpoints fe ON fe.endpoint_id = s.endpoint_id
    LEFT JOIN prices zn ON zn.region = s.nat_region AND zn.charge = 'nat_gib'
    LEFT JOIN prices rn ON rn.region = s.nat_region AND rn.charge = 'regional_nat_gib'
    LEFT JOIN prices az ON az.region = s.region AND az.charge = 'inter_az_gib'
    LEFT JOIN prices tg ON tg.region = s.region AND tg.charge = 'transit_gateway_gib'
    LEFT JOIN prices gw ON gw.region = s.region AND gw.charge = 'gwlb_endpoint_gib'
    LEFT JOIN prices fw ON fw.region = s.region AND fw.charge = 'firewall_gib'
    LEFT JOIN prices oe ON oe.region = s.region AND oe.charge = concat(s.endpoint_type, '_endpoint_gib') AND s.endpoint_type <> 'interface'
    LEFT JOIN endpoint_rates er ON er.region = s.region AND er.account_id IS NOT DISTINCT FROM s.account_id
),
charged AS (
    SELECT *,
        -- Prices that the row needs and the price book lacks, as region:charge.
        nullif(concat_ws(' ',
            CASE WHEN nat_rate IS NULL THEN concat(coalesce(nat_region, '?'), ':', CASE WHEN nat_is_regional THEN 'regional_nat_gib' ELSE 'nat_gib' END) END,
            CASE WHEN inter_az_rate IS NULL THEN concat(coalesce(region, '?'), ':inter_az_gib') END,
            CASE WHEN transit_gateway_rate IS NULL THEN concat(coalesce(region, '?'), ':transit_gateway_gib') END,
            CASE WHEN endpoint_rate IS NULL THEN concat(coalesce(region, '?'), ':', endpoint_type, '_endpoint_gib') END,
            CASE WHEN firewall_rate IS NULL THEN concat(coalesce(region, '?'), ':firewall_gib') END,
            CASE WHEN gwlb_rate IS NULL THEN concat(coalesce(region, '?'), ':gwlb_endpoint_gib') END), '') AS missing_prices,
        coalesce(nat_rate, 0) + coalesce(inter_az_rate, 0) + coalesce(transit_gateway_rate, 0) + coalesce(endpoint_rate, 0)
            + coalesce(gwlb_rate, 0) + coalesce(firewall_rate, 0) AS known_rates
    FROM rated
)
SELECT *,
    CASE WHEN missing_prices IS NULL OR known_rates > 0 THEN known_rates END AS usd_per_gib,
    gib_month * CASE WHEN missing_prices IS NULL OR known_rates > 0 THEN known_rates END AS usd_month
FROM charged
