-- title: What the bytes cost in a month: volume, factor to a month, and each rate per GiB
-- reads: asked_traffic, scopes, traffic_monthly
-- columns: scope, covered_hours, life_hours (of the gateway, within the window), factor (730 h over the window's, times life over what of it is covered), path, via, onward, nat_gateway_id, crosses_az, bytes, gib_month, the
--   rates in USD per GiB (null = no price), usd_per_gib and usd_month (null where a rate is)
-- rules: money. The rates are the ones of traffic_monthly for the same kind of row.
WITH rates AS (
    SELECT concat_ws('|', path, coalesce(via, '-'), coalesce(onward, '-'), coalesce(nat_region, '-'), CAST(nat_is_regional AS VARCHAR), CAST(crosses_az AS VARCHAR),
            coalesce(region, '-'), coalesce(account_id, '-'), coalesce(nat_gateway_id, '-'), coalesce(endpoint_id, '-')) AS rate_key,
        max(nat_rate) AS nat_rate, max(inter_az_rate) AS inter_az_rate, max(transit_gateway_rate) AS transit_gateway_rate,
        max(endpoint_rate) AS endpoint_rate, max(gwlb_rate) AS gwlb_rate, max(firewall_rate) AS firewall_rate,
        max(usd_per_gib) AS usd_per_gib, max(missing_prices) AS missing_prices
    FROM traffic_monthly
    GROUP BY 1
),
asked AS (
    SELECT scope, path, via, onward, nat_gateway_id, crosses_az, bool_or(az_unknown) AS az_unknown,
        concat_ws('|', path, coalesce(via, '-'), coalesce(onward, '-'), coalesce(nat_region, '-'), CAST(nat_is_regional AS VARCHAR), CAST(crosses_az AS VARCHAR),
            coalesce(region, '-'), coalesce(account_id, '-'), coalesce(nat_gateway_id, '-'), coalesce(endpoint_id, '-')) AS rate_key,
        sum(bytes) AS bytes
    FROM asked_traffic
    GROUP BY scope, path, via, onward, nat_gateway_id, crosses_az, 8
)
SELECT a.scope, s.covered_hours, s.life_hours, s.factor, a.path, a.via, a.onward, a.nat_gateway_id, a.crosses_az, a.az_unknown, a.bytes,
    a.bytes / 1073741824.0 * s.factor AS gib_month,
    r.nat_rate, r.inter_az_rate, r.transit_gateway_rate, r.endpoint_rate, r.gwlb_rate, r.firewall_rate, r.usd_per_gib, r.missing_prices,
    a.bytes / 1073741824.0 * s.factor * r.usd_per_gib AS usd_month
FROM asked a
LEFT JOIN scopes s ON s.scope = a.scope
LEFT JOIN rates r ON r.rate_key = a.rate_key
ORDER BY a.bytes DESC, a.scope, a.path, a.via, a.onward, a.crosses_az
