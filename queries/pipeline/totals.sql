-- title: The sums at the head of the report
-- reads: nat_gateways, opportunities, traffic_monthly
-- columns: USD per month; adopt counts each byte once. A *_bound beside each: at_least where a price is missing for a part of it.
--   nat_usd_month is the known part, null where none is known. Bytes on a NAT gateway that has no row (another account's, of which neither
--   log nor inventory tells the id) cost money too.
WITH nat_charges AS (
    SELECT coalesce(hours_usd, 0) + coalesce(processing_usd, 0) + coalesce(inter_az_usd, 0) + coalesce(transit_gateway_usd, 0) AS usd,
        bound = 'at_least' AS lacks_price, hours_usd IS NULL AS lacks_hours
    FROM nat_gateways
    UNION ALL
    SELECT t.gib_month * (coalesce(t.nat_rate, 0) + coalesce(t.inter_az_rate, 0) + coalesce(t.transit_gateway_rate, 0)), t.missing_prices IS NOT NULL, false
    FROM traffic_monthly t
    LEFT JOIN nat_gateways n ON n.nat_gateway_id = t.nat_gateway_id
    WHERE t.path = 'nat_gateway' AND n.nat_gateway_id IS NULL
),
nat AS (
    SELECT coalesce(sum(usd), 0.0) AS usd, coalesce(bool_or(lacks_price), false) AS lacks_price,
        -- Without the price of an hour nobody can say whether a NAT gateway in each zone would pay.
        coalesce(bool_or(lacks_hours), false) AS lacks_hours
    FROM nat_charges
),
decided AS (
    SELECT coalesce(sum(net_usd_month) FILTER (WHERE decision = 'adopt'), 0.0) AS adopt,
        coalesce(sum(net_usd_month) FILTER (WHERE decision = 'consider' AND NOT weak), 0.0) AS consider,
        coalesce(sum(net_usd_month) FILTER (WHERE decision = 'consider' AND weak), 0.0) AS inferred,
        -- An opportunity that a missing price keeps from being adopted may add to it, and never takes away.
        coalesce(bool_or(decision = 'adopt' AND bound = 'at_least' OR may_turn), false) AS adopts_more,
        coalesce(bool_or(decision = 'consider' AND bound = 'at_least' AND NOT weak), false) AS considers_more,
        coalesce(bool_or(decision = 'consider' AND bound = 'at_least' AND weak), false) AS infers_more
    FROM opportunities
)
SELECT
    CASE WHEN NOT n.lacks_price OR n.usd > 0 THEN n.usd END AS nat_usd_month,
    CASE WHEN n.lacks_price THEN 'at_least' ELSE 'exact' END AS nat_usd_month_bound,
    d.adopt AS adopt_usd_month, CASE WHEN d.adopts_more OR n.lacks_hours THEN 'at_least' ELSE 'exact' END AS adopt_usd_month_bound,
    d.consider AS consider_usd_month, CASE WHEN d.considers_more THEN 'at_least' ELSE 'exact' END AS consider_usd_month_bound,
    d.inferred AS inferred_usd_month, CASE WHEN d.infers_more THEN 'at_least' ELSE 'exact' END AS inferred_usd_month_bound,
    (SELECT coalesce(sum(gib_month), 0.0) FROM traffic_monthly WHERE path = 'nat_gateway' AND service LIKE 'range:%') AS unresolved_gib_month
FROM nat n
CROSS JOIN decided d
