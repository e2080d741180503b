-- title: What to do, what it saves, and what it depends on
-- reads: moves, nat_changes (priced_opportunities over both inputs), move_rows, endpoint_candidates, nat_candidates, nat_facts, scopes,
--   report_window, inventory.*
-- columns: as in the report; money is null where it does not apply; investigate carries no dollars; covered_hours and window_share =
--   of the least covered scope that the figures rest on; opportunity = its key in moves, candidates and endpoint_candidates; may_turn = a
--   missing price could make it adopt
WITH every AS (
    SELECT * FROM moves UNION ALL SELECT * FROM nat_changes
),
named AS (
    SELECT e.*, stable_id(concat_ws('|', e.kind, e.account_id, e.region, e.vpc_id, e.service, e.endpoint_id, CASE WHEN e.nat64 THEN 'nat64' END)) AS id FROM every e
),
tables AS (
    SELECT opportunity, route_table_id, sum(gib_month) AS gib FROM move_rows WHERE route_table_id IS NOT NULL GROUP BY opportunity, route_table_id
),
table_lists AS (
    SELECT opportunity, array_agg(route_table_id ORDER BY route_table_id) AS route_table_ids,
        array_agg(named_struct('id', route_table_id, 'gib', gib) ORDER BY route_table_id) AS route_tables
    FROM tables
    GROUP BY opportunity
),
places AS (
    SELECT opportunity,
        array_agg(DISTINCT nat_gateway_id ORDER BY nat_gateway_id) FILTER (WHERE nat_gateway_id IS NOT NULL) AS nat_gateway_ids,
        array_agg(DISTINCT subnet_id ORDER BY subnet_id) FILTER (WHERE subnet_id IS NOT NULL) AS subnet_ids,
        array_agg(DISTINCT az_id ORDER BY az_id) FILTER (WHERE az_id IS NOT NULL) AS az_ids,
        array_agg(DISTINCT account_id ORDER BY account_id) FILTER (WHERE account_id IS NOT NULL) AS client_account_ids
    FROM move_rows
    GROUP BY opportunity
),
zones AS (
    SELECT concat(kind, '|', nat_gateway_id) AS opportunity, az_ids FROM nat_candidates
),
scopes_used AS (
    SELECT opportunity, scope FROM move_rows
    UNION SELECT c.opportunity, concat('endpoint:', i.interface_id)
    FROM endpoint_candidates c
    JOIN inventory.endpoint_interfaces i ON i.endpoint_id = c.endpoint_id
    UNION SELECT concat(kind, '|', nat_gateway_id), concat('nat:', nat_gateway_id) FROM nat_candidates
),
rested AS (
    SELECT u.opportunity, min(coalesce(s.covered_hours, 0.0)) AS covered_hours, min(coalesce(s.share, 0.0)) AS window_share
    FROM scopes_used u
    LEFT JOIN scopes s ON s.scope = u.scope
    GROUP BY u.opportunity
),
-- Who pays less: processing the owner of the NAT gateway; a zone border each side a half; a transit gateway the owner of the attachment
-- that sends, so outbound the client's account and inbound the hub's. All else, costs above all, is the payer's.
shares AS (
    SELECT m.opportunity, f.account_id,
        sum(m.gib_month * (coalesce(m.nat_rate, 0) + coalesce(m.inter_az_rate, 0) / 2
            + CASE WHEN m.direction = 'inbound' THEN coalesce(m.transit_gateway_rate, 0) ELSE 0 END)) AS usd
    FROM move_rows m
    LEFT JOIN nat_facts f ON f.nat_gateway_id = m.nat_gateway_id
    WHERE m.path IN ('nat_gateway', 'transit_gateway')
    GROUP BY m.opportunity, f.account_id
    UNION ALL
    SELECT opportunity, account_id,
        sum(gib_month * (coalesce(inter_az_rate, 0) / 2 + CASE WHEN direction = 'inbound' THEN 0 ELSE coalesce(transit_gateway_rate, 0) END))
    FROM move_rows
    WHERE path IN ('nat_gateway', 'transit_gateway')
    GROUP BY opportunity, account_id
),
others AS (
    SELECT s.opportunity, s.account_id, sum(s.usd) AS usd
    FROM shares s
    JOIN named n ON n.opportunity = s.opportunity
    WHERE n.kind <> 'investigate' AND n.net IS NOT NULL AND s.account_id IS DISTINCT FROM n.account_id
    GROUP BY s.opportunity, s.account_id
    HAVING sum(s.usd) > 0
),
split AS (
    SELECT opportunity, account_id, usd FROM others
    UNION ALL
    SELECT n.opportunity, n.account_id, n.net - coalesce(o.usd, 0)
    FROM named n
    LEFT JOIN (SELECT opportunity, sum(usd) AS usd FROM others GROUP BY opportunity) o ON o.opportunity = n.opportunity
    WHERE n.kind <> 'investigate' AND n.net IS NOT NULL
),
payers AS (
    SELECT opportunity, array_agg(named_struct('account_id', account_id, 'usd', usd) ORDER BY account_id) AS saves_by_payer
    FROM split
    GROUP BY opportunity
),
needs AS (
    SELECT n.opportunity, array_agg(DISTINCT a.id ORDER BY a.id) AS depends_on
    FROM named n
    JOIN move_rows m ON m.nat_gateway_id = n.endpoint_id
    JOIN named a ON a.opportunity = m.opportunity AND a.decision = 'adopt'
    WHERE n.kind IN ('remove_nat_gateway', 'nat_per_az')
    GROUP BY n.opportunity
)
SELECT
    n.id, n.kind, n.decision,
    n.account_id, n.account_id AS payer_account_id, coalesce(p.client_account_ids, make_array()) AS client_account_ids,
    n.region, n.vpc_id, n.service, n.endpoint_service_name,
    CASE WHEN n.kind NOT IN ('remove_nat_gateway', 'nat_per_az') THEN n.endpoint_id END AS endpoint_id,
    CASE WHEN n.kind IN ('remove_nat_gateway', 'nat_per_az') THEN make_array(n.endpoint_id) ELSE p.nat_gateway_ids END AS nat_gateway_ids,
    t.route_table_ids, t.route_tables, p.subnet_ids, coalesce(z.az_ids, p.az_ids) AS az_ids, n.az_count,
    n.observed_bytes, n.gib AS monthly_gib, CASE WHEN n.kind <> 'investigate' THEN n.break_even END AS break_even_gib_month,
    CASE WHEN n.kind <> 'investigate' THEN named_struct(
        'nat_processing_usd', nullif(n.saves_nat_processing, 0), 'nat_hours_usd', nullif(n.saves_nat_hours, 0),
        'inter_az_usd', nullif(n.saves_inter_az, 0), 'transit_gateway_usd', nullif(n.saves_transit_gateway, 0),
        'endpoint_hours_usd', nullif(n.saves_endpoint_hours, 0), 'endpoint_processing_usd', nullif(n.saves_endpoint_processing, 0),
        'gwlb_processing_usd', nullif(n.saves_gwlb_processing, 0),
        'firewall_processing_usd', nullif(n.saves_firewall_processing, 0), 'public_ipv4_usd', nullif(n.saves_public_ipv4, 0)) END AS saves,
    CASE WHEN n.kind <> 'investigate' THEN named_struct(
        'endpoint_hours_usd', nullif(n.adds_endpoint_hours, 0), 'endpoint_processing_usd', nullif(n.adds_endpoint_processing, 0),
        'nat_processing_usd', nullif(n.adds_nat_processing, 0), 'nat_hours_usd', nullif(n.adds_nat_hours, 0),
        'inter_az_usd', nullif(n.adds_inter_az, 0), 'public_ipv4_usd', nullif(n.adds_public_ipv4, 0)) END AS adds,
    CASE WHEN n.kind <> 'investigate' THEN n.net END AS net_usd_month, n.bound, n.may_turn,
    -- A metering policy may charge another account than the sending attachment's owner.
    CASE WHEN NOT (y.is_metered AND coalesce(n.saves_transit_gateway, 0) > 0) THEN s.saves_by_payer END AS saves_by_payer,
    CASE WHEN n.kind <> 'investigate' AND n.low IS NOT NULL THEN named_struct('low', n.low, 'high', n.high) END AS range,
    -- Silence proves little in a short window, and AWS's own idle checks take weeks.
    CASE WHEN n.deletes AND w.hours < 48 THEN 'low' WHEN n.deletes AND w.hours < 336 AND n.confidence = 'high' THEN 'medium' ELSE n.confidence END AS confidence,
    d.depends_on, coalesce(r.covered_hours, 0.0) AS covered_hours, coalesce(r.window_share, 0.0) AS window_share,
    n.weak, n.inspected, n.uncovered, n.deletes, n.undone,
    concat_ws(' ', n.remarks, CASE WHEN y.is_metered AND coalesce(n.saves_transit_gateway, 0) > 0 THEN 'metered' END) AS remarks, n.missing_prices AS missing, n.opportunity
FROM named n
CROSS JOIN report_window w
CROSS JOIN (SELECT count(*) > 0 AS is_metered FROM inventory.transit_gateways_metered) y
LEFT JOIN table_lists t ON t.opportunity = n.opportunity
LEFT JOIN places p ON p.opportunity = n.opportunity
LEFT JOIN zones z ON z.opportunity = n.opportunity
LEFT JOIN needs d ON d.opportunity = n.opportunity
LEFT JOIN payers s ON s.opportunity = n.opportunity
LEFT JOIN rested r ON r.opportunity = n.opportunity
ORDER BY CASE n.decision WHEN 'adopt' THEN 0 WHEN 'consider' THEN 1 WHEN 'unpriced' THEN 2 ELSE 3 END, n.net DESC NULLS LAST, n.observed_bytes DESC, n.id
