-- title: The sums at the head of the report
-- reads: nat_gateways, opportunities, traffic_monthly
-- columns: USD per month; nat_usd_month is null where a price is missing; adopt counts each byte once
SELECT
    (SELECT CASE WHEN count(*) = 0 THEN 0.0
        WHEN bool_and(hours_usd IS NOT NULL AND processing_usd IS NOT NULL AND inter_az_usd IS NOT NULL AND transit_gateway_usd IS NOT NULL)
        THEN sum(hours_usd + processing_usd + inter_az_usd + transit_gateway_usd) END
     FROM nat_gateways) AS nat_usd_month,
    (SELECT coalesce(sum(net_usd_month), 0.0) FROM opportunities WHERE decision = 'adopt') AS adopt_usd_month,
    (SELECT coalesce(sum(net_usd_month), 0.0) FROM opportunities WHERE decision = 'consider' AND NOT weak) AS consider_usd_month,
    (SELECT coalesce(sum(net_usd_month), 0.0) FROM opportunities WHERE decision = 'consider' AND weak) AS inferred_usd_month,
    (SELECT coalesce(sum(gib_month), 0.0) FROM traffic_monthly WHERE path = 'nat_gateway' AND service LIKE 'range:%') AS unresolved_gib_month
