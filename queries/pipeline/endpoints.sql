-- title: Every VPC endpoint: bytes, hours, cost, and whether any log speaks for it
-- reads: inventory.vpc_endpoints, free_endpoints, inventory.endpoint_interfaces, traffic_monthly, gateway_slots, gateway_lives, report_window,
--   scopes, logged_vpcs, prices, inventory.vpcs
-- columns: as in the report, plus least_coverage (share of the window's slots for which the logs prove that its least covered interface was
--   silent or not); covered_hours and window_share = what the monthly figures rest on, of its least covered interface or (gateway endpoint)
--   client; life_hours = hours of the window in which it existed; hours_charge = what AWS bills its hours as; bound = at_least where a price
--   is missing; is_free = AWS charges nothing for it; service_region = Region of its service
WITH used AS (
    SELECT endpoint_id, sum(bytes) AS bytes, sum(gib_month) AS gib_month,
        min(coalesce(covered_hours, 0.0)) AS covered_hours, min(coalesce(window_share, 0.0)) AS window_share,
        CASE WHEN bool_and(endpoint_rate IS NOT NULL) THEN sum(gib_month * endpoint_rate) ELSE nullif(sum(gib_month * endpoint_rate), 0) END AS processing_usd,
        bool_or(endpoint_rate IS NULL) AS lacks_price
    FROM traffic_monthly
    WHERE endpoint_id IS NOT NULL
    GROUP BY endpoint_id
),
interface_slots AS (
    SELECT i.endpoint_id, i.interface_id, sum(slot_count(coalesce(g.silence_slots, 0))) AS silence_slots, bool_or(coalesce(g.slots, 0) > 0) AS observed
    FROM inventory.endpoint_interfaces i
    LEFT JOIN gateway_slots g ON g.gateway = concat('endpoint:', i.interface_id)
    GROUP BY i.endpoint_id, i.interface_id
),
covered AS (
    SELECT s.endpoint_id, min(coalesce(s.silence_slots, 0)) / CAST(max(w.slots) AS DOUBLE) AS least_coverage, bool_or(s.observed) AS observed
    FROM interface_slots s
    CROSS JOIN report_window w
    GROUP BY s.endpoint_id
),
scaled AS (
    SELECT i.endpoint_id, min(coalesce(s.covered_hours, 0.0)) AS covered_hours, min(coalesce(s.share, 0.0)) AS window_share, max(l.hours) AS life_hours
    FROM inventory.endpoint_interfaces i
    LEFT JOIN scopes s ON s.scope = concat('endpoint:', i.interface_id, ' and its clients')
    LEFT JOIN gateway_lives l ON l.gateway = concat('endpoint:', i.interface_id)
    GROUP BY i.endpoint_id
),
charged AS (
    SELECT v.*, f.endpoint_id IS NOT NULL AS is_free,
        -- Without interfaces at least its creation is known.
        coalesce(r.life_hours, (w.until - least(greatest(coalesce(v.created, w.since), w.since), w.until)) / 3600.0) AS life_hours,
        CASE
            WHEN f.endpoint_id IS NOT NULL THEN NULL
            WHEN is_network_firewall THEN 'firewall_az_hour'
            WHEN endpoint_type = 'gateway_load_balancer' THEN 'gwlb_endpoint_az_hour'
            WHEN endpoint_type <> 'gateway' THEN concat(endpoint_type, '_endpoint_az_hour')
        END AS hours_charge
    FROM inventory.vpc_endpoints v
    CROSS JOIN report_window w
    LEFT JOIN scaled r ON r.endpoint_id = v.endpoint_id
    LEFT JOIN free_endpoints f ON f.endpoint_id = v.endpoint_id
),
priced AS (
SELECT
    e.endpoint_id, e.endpoint_type, coalesce(e.account_id, v.account_id) AS account_id, e.region, e.vpc_id, e.service_name,
    CASE
        WHEN e.service_name LIKE 'com.amazonaws.vpce.%' OR e.service_name NOT LIKE 'com.amazonaws.%' THEN e.service_name
        ELSE regexp_replace(e.service_name, '^com[.]amazonaws[.]([a-z]{2}(-[a-z]+)+-[0-9][.])?', '')
    END AS service,
    e.az_count, e.state, e.private_dns_enabled, e.requester_managed,
    coalesce(u.bytes, 0) AS processed_bytes,
    coalesce(u.gib_month, 0) AS monthly_gib,
    CASE
        WHEN e.endpoint_type = 'gateway' OR e.state <> 'available' THEN 0
        ELSE e.az_count * p.usd * 730.0 * coalesce(e.life_hours / nullif(w.hours, 0), 1.0)
    END AS hours_usd,
    CASE WHEN e.endpoint_type = 'gateway' OR u.bytes IS NULL THEN 0 ELSE u.processing_usd END AS processing_usd,
    coalesce(CASE WHEN e.endpoint_type = 'gateway' THEN l.vpc_id IS NOT NULL ELSE c.observed END, false) AS observed,
    coalesce(c.least_coverage, 0) AS least_coverage,
    coalesce(r.covered_hours, u.covered_hours, 0.0) AS covered_hours,
    coalesce(r.window_share, u.window_share, 0.0) AS window_share, e.life_hours, e.hours_charge, coalesce(u.lacks_price, false) AS lacks_price,
    e.is_free, e.service_region
FROM charged e
CROSS JOIN report_window w
LEFT JOIN inventory.vpcs v ON v.vpc_id = e.vpc_id
LEFT JOIN used u ON u.endpoint_id = e.endpoint_id
LEFT JOIN covered c ON c.endpoint_id = e.endpoint_id
LEFT JOIN scaled r ON r.endpoint_id = e.endpoint_id
LEFT JOIN logged_vpcs l ON l.vpc_id = e.vpc_id
LEFT JOIN prices p ON p.region = e.region AND p.charge = e.hours_charge
)
SELECT * EXCEPT (hours_usd),
    CASE WHEN is_free THEN 0.0 ELSE hours_usd END AS hours_usd,
    CASE WHEN lacks_price OR (hours_usd IS NULL AND NOT is_free) OR processing_usd IS NULL THEN 'at_least' ELSE 'exact' END AS bound
FROM priced
ORDER BY 3, 4, 5, 1
