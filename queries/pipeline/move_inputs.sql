-- title: What each opportunity that moves bytes saves and adds in a month, before any decision
-- reads: move_rows, unknown_effects, endpoint_candidates, endpoints, endpoint_lists, traffic_monthly, endpoint_catalogue, prices, inventory.*
-- columns: saves_* and adds_* in USD per month (0 = not applicable, null = no price for any of it); lacks_saving = the saves_* leave
--   something out, for want of a price or because the way on from a transit gateway is not known; fee_* = volumes for endpoint GB
--   tiers; zone_hours_usd = one endpoint zone for a month; az_count = zones with clients; cautious = at most worth considering; effect_unknown = no saving is
--   stated;
--   choice = only the best of one choice is offered;
--   rival_usd = more than this must be saved for adopt; remarks = codes for why
WITH moved AS (
    SELECT opportunity, kind, max(means_id) AS means_id, max(region) AS region, max(vpc_id) AS vpc_id, max(service) AS service,
        max(account_id) AS client_account, sum(bytes) AS observed_bytes, sum(gib_month) AS gib,
        sum(gib_month * nat_rate) AS nat_usd, bool_and(nat_rate IS NOT NULL) AS nat_priced,
        sum(gib_month * inter_az_rate) AS inter_az_usd, bool_and(inter_az_rate IS NOT NULL) AS inter_az_priced,
        sum(gib_month * transit_gateway_rate) AS transit_gateway_usd, bool_and(transit_gateway_rate IS NOT NULL) AS transit_gateway_priced,
        sum(gib_month * gwlb_rate) AS gwlb_usd, bool_and(gwlb_rate IS NOT NULL) AS gwlb_priced,
        sum(gib_month * firewall_rate) AS firewall_usd, bool_and(firewall_rate IS NOT NULL) AS firewall_priced,
        sum(gib_month * endpoint_rate) AS endpoint_usd, bool_and(endpoint_rate IS NOT NULL) AS endpoint_priced,
        bool_or(path_evidence = 'inferred') AS inferred, bool_or(blind) AS blind, bool_or(path = 'transit_gateway') AS hub_unknown,
        bool_or(shared) AS shared, bool_or(nat64) AS nat64, bool_or(list_unknown) AS list_unknown,
        bool_or(via LIKE '%gwlb_endpoint%' OR via LIKE '%network_firewall%' OR via LIKE '%network_interface%') AS inspected,
        bool_and(path_evidence IN ('interface', 'next_hop') AND NOT coalesce(shared, false)) AS seen, bool_or(uncovered) AS uncovered,
        count(DISTINCT az_id) AS az_count, array_agg(DISTINCT missing_prices) FILTER (WHERE missing_prices IS NOT NULL) AS missing
    FROM move_rows
    GROUP BY opportunity, kind
),
-- Endpoints without a byte have no rows to move, and may still go.
silent AS (
    SELECT c.opportunity, c.kind, c.endpoint_id
    FROM endpoint_candidates c
    LEFT JOIN moved m ON m.opportunity = c.opportunity
    WHERE m.opportunity IS NULL
),
base AS (
    SELECT account_id, region, sum(gib_month) AS gib FROM traffic_monthly WHERE endpoint_type = 'interface' AND endpoint_rate IS DISTINCT FROM 0 GROUP BY account_id, region
),
-- Of a charge that only some of the bytes have a price for, the known part.
rows AS (
    SELECT opportunity, kind, means_id, region, vpc_id, service, client_account, observed_bytes, coalesce(gib, 0) AS gib,
        CASE WHEN nat_priced THEN nat_usd ELSE nullif(nat_usd, 0) END AS nat_usd,
        CASE WHEN inter_az_priced THEN inter_az_usd ELSE nullif(inter_az_usd, 0) END AS inter_az_usd,
        CASE WHEN transit_gateway_priced THEN transit_gateway_usd ELSE nullif(transit_gateway_usd, 0) END AS transit_gateway_usd,
        CASE WHEN gwlb_priced THEN gwlb_usd ELSE nullif(gwlb_usd, 0) END AS gwlb_usd,
        CASE WHEN firewall_priced THEN firewall_usd ELSE nullif(firewall_usd, 0) END AS firewall_usd,
        CASE WHEN endpoint_priced THEN endpoint_usd ELSE nullif(endpoint_usd, 0) END AS endpoint_usd,
        nat_priced AND inter_az_priced AND transit_gateway_priced AND gwlb_priced AND firewall_priced AS nat_side_priced, endpoint_priced,
        coalesce(inferred, false) AS inferred, coalesce(blind, false) AS blind, coalesce(inspected, false) AS inspected, coalesce(seen, false) AS seen,
        coalesce(uncovered, false) AS uncovered, hub_unknown, coalesce(shared, false) AS shared, nat64, list_unknown,
        az_count, array_to_string(missing, ' ') AS missing
    FROM moved
    UNION ALL
    SELECT opportunity, kind, endpoint_id, NULL, NULL, NULL, NULL, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, true, true,
        false, false, false, true, false, false, false, false, false, 0, NULL
    FROM silent
)
SELECT
    r.opportunity, r.kind,
    CASE WHEN r.kind IN ('associate_route_table', 'enable_private_dns', 'investigate', 'replace_interface_with_gateway', 'delete_idle_interface_endpoint')
        THEN r.means_id END AS endpoint_id,
    coalesce(v.account_id, e.account_id, r.client_account) AS account_id,
    coalesce(r.region, e.region) AS region, coalesce(r.vpc_id, e.vpc_id) AS vpc_id, coalesce(r.service, e.service) AS service,
    CASE
        WHEN e.endpoint_id IS NOT NULL AND r.kind <> 'associate_route_table' THEN e.service_name
        WHEN c.endpoint_service_name_pattern IS NOT NULL THEN replace(c.endpoint_service_name_pattern, '{region}', r.region)
        ELSE concat('com.amazonaws.', r.region, '.', r.service)
    END AS endpoint_service_name,
    r.observed_bytes, r.gib,
    CASE WHEN e.endpoint_type = 'interface' AND r.kind LIKE '%interface%' AND r.kind <> 'create_interface_endpoint' THEN e.az_count ELSE r.az_count END AS az_count,
    CASE WHEN x.kind IS NULL THEN r.nat_usd ELSE 0 END AS saves_nat_processing,
    CASE WHEN x.kind IS NULL THEN r.inter_az_usd ELSE 0 END AS saves_inter_az,
    CASE WHEN x.kind IS NULL THEN r.transit_gateway_usd ELSE 0 END AS saves_transit_gateway,
    CASE WHEN x.kind IS NULL THEN r.gwlb_usd ELSE 0 END AS saves_gwlb_processing,
    CASE WHEN x.kind IS NULL THEN r.firewall_usd ELSE 0 END AS saves_firewall_processing,
    CASE WHEN x.kind IS NOT NULL THEN r.endpoint_usd ELSE 0 END AS saves_endpoint_processing,
    -- Hours end only where nobody else can be using the endpoint: every interface of it was watched.
    CASE
        WHEN x.kind = 'delete_idle_interface_endpoint' OR (x.kind = 'replace_interface_with_gateway' AND x.own_only AND x.whole) THEN e.hours_usd
        ELSE 0
    END AS saves_endpoint_hours,
    0.0 AS saves_nat_hours, 0.0 AS saves_public_ipv4,
    CASE
        WHEN x.kind IS NULL THEN NOT r.nat_side_priced OR r.hub_unknown
        ELSE NOT r.endpoint_priced
    END AS lacks_saving,
    CASE WHEN r.kind = 'delete_idle_interface_endpoint' THEN x.nat_usd ELSE 0 END AS adds_nat_processing,
    CASE WHEN r.kind = 'delete_idle_interface_endpoint' THEN x.inter_az_usd ELSE 0 END AS adds_inter_az,
    CASE WHEN r.kind IN ('create_interface_endpoint', 'enable_private_dns') AND NOT coalesce(c.is_free, false) THEN r.gib ELSE 0 END AS fee_gib,
    coalesce(b.gib, 0) AS fee_from_gib,
    CASE WHEN r.kind = 'create_interface_endpoint' AND NOT coalesce(c.is_free, false) THEN 730 * h.usd ELSE 0 END AS zone_hours_usd,
    0.0 AS adds_nat_hours, 0.0 AS adds_public_ipv4,
    r.inferred OR r.blind AS weak, r.inspected, r.uncovered, r.nat64,
    -- Something is deleted: worth a second look, whatever the figures.
    r.kind = 'delete_idle_interface_endpoint' OR (r.kind = 'replace_interface_with_gateway' AND x.own_only) AS deletes,
    false AS undone,
    u.opportunity IS NOT NULL AS effect_unknown,
    -- Names from other VPCs' answers; a hub that may inspect or have its own way out; endpoints that nobody listed may be there already.
    r.shared OR r.hub_unknown OR (r.kind LIKE 'create_%' AND NOT coalesce(k.is_complete, false)) AS cautious,
    CASE WHEN r.kind IN ('enable_private_dns', 'replace_interface_with_gateway', 'delete_idle_interface_endpoint') THEN r.means_id ELSE r.opportunity END AS choice,
    -- What the endpoint's end would save if nothing but what the logs show needs it: where that is more, whether it is needed comes first.
    CASE WHEN r.kind IN ('enable_private_dns', 'replace_interface_with_gateway')
        THEN coalesce(e.hours_usd + e.processing_usd - e.monthly_gib * z.usd, 1e300) ELSE 0 END AS rival_usd,
    CASE
        WHEN r.inferred OR r.blind OR (r.kind LIKE 'create_%' AND NOT coalesce(k.is_complete, false)) THEN 'low'
        WHEN r.seen AND NOT r.list_unknown THEN 'high'
        ELSE 'medium'
    END AS confidence,
    concat_ws(' ', CASE WHEN r.nat64 THEN 'nat64' END, CASE WHEN r.hub_unknown THEN 'hub_unknown' END, CASE WHEN r.shared THEN 'dns_shared' END,
        CASE WHEN r.list_unknown THEN 'list_unknown' END,
        CASE WHEN r.kind LIKE 'create_%' AND NOT coalesce(k.is_complete, false) THEN 'endpoints_unknown' END,
        CASE WHEN x.own_only AND NOT x.whole THEN 'hours_kept' END, u.effects) AS remarks,
    CASE
        WHEN x.kind IS NULL THEN
            concat_ws(' ', r.missing,
                CASE WHEN r.kind = 'create_interface_endpoint' AND NOT coalesce(c.is_free, false) AND h.usd IS NULL
                    THEN concat(r.region, ':interface_endpoint_az_hour') END)
        ELSE
            concat_ws(' ', CASE WHEN NOT r.endpoint_priced THEN concat(e.region, ':interface_endpoint_gib') END,
                CASE WHEN e.hours_usd IS NULL THEN concat(e.region, ':interface_endpoint_az_hour') END,
                CASE WHEN r.kind = 'delete_idle_interface_endpoint' AND x.nat_usd IS NULL THEN concat(e.region, ':nat_gib') END,
                CASE WHEN r.kind = 'delete_idle_interface_endpoint' AND x.inter_az_usd IS NULL THEN concat(e.region, ':inter_az_gib') END)
    END AS missing_prices
FROM rows r
LEFT JOIN endpoints e ON e.endpoint_id = r.means_id
LEFT JOIN endpoint_candidates x ON x.opportunity = r.opportunity
LEFT JOIN inventory.vpcs v ON v.vpc_id = r.vpc_id
LEFT JOIN endpoint_lists k ON k.vpc_id = r.vpc_id
LEFT JOIN unknown_effects u ON u.opportunity = r.opportunity
LEFT JOIN endpoint_catalogue c ON c.service_id = r.service
LEFT JOIN prices h ON h.region = r.region AND h.charge = 'interface_endpoint_az_hour'
LEFT JOIN prices z ON z.region = e.region AND z.charge = 'nat_gib'
LEFT JOIN base b ON b.region = r.region AND b.account_id = coalesce(v.account_id, r.client_account)
