-- title: Net saving, range, break-even and decision of each opportunity
-- reads: opportunity_inputs (move_inputs or nat_inputs), daily_range, prices
-- columns: every money line, net_usd_month, low_usd, high_usd, break_even_gib_month, decision
-- rules: opportunities, decisions and range. N(k) = saves - GB fee - k x hours with k zones.
WITH points AS (
    -- The same formula at three volumes; the zone border counts once instead of twice at the low end.
    SELECT i.opportunity, p.point,
        CASE p.point WHEN 'expected' THEN 1.0 WHEN 'low' THEN d.low_gib / nullif(i.gib, 0) ELSE d.high_gib / nullif(i.gib, 0) END AS scale,
        CASE p.point WHEN 'low' THEN 0.5 ELSE 1.0 END AS border
    FROM opportunity_inputs i
    CROSS JOIN (VALUES ('low'), ('expected'), ('high')) AS p(point)
    LEFT JOIN daily_range d ON d.opportunity = i.opportunity AND d.days >= 2
    WHERE p.point = 'expected' OR d.opportunity IS NOT NULL
),
volumes AS (
    SELECT i.opportunity, p.point, coalesce(p.scale, 1.0) AS scale, p.border, i.region, i.fee_gib * coalesce(p.scale, 1.0) AS fee_gib, i.fee_from_gib
    FROM points p
    JOIN opportunity_inputs i ON i.opportunity = p.opportunity
),
fees AS (
    SELECT v.opportunity, v.point,
        CASE WHEN v.fee_from_gib + v.fee_gib <= max(coalesce(t.tier_to_gib, 1e300)) THEN
            sum(greatest(least(v.fee_from_gib + v.fee_gib, coalesce(t.tier_to_gib, 1e300)) - greatest(v.fee_from_gib, t.tier_from_gib), 0) * t.usd)
        END AS usd
    FROM volumes v
    JOIN prices t ON t.region = v.region AND t.charge = 'interface_endpoint_gib'
    WHERE v.fee_gib > 0
    GROUP BY v.opportunity, v.point, v.fee_from_gib, v.fee_gib
),
sums AS (
    SELECT v.opportunity, v.point,
        CASE WHEN v.fee_gib > 0 THEN f.usd ELSE 0 END AS fee,
        v.scale * (i.saves_nat_processing + v.border * i.saves_inter_az + i.saves_transit_gateway + i.saves_gwlb_processing + i.saves_firewall_processing
                + i.saves_endpoint_processing)
            + i.saves_endpoint_hours + i.saves_nat_hours + i.saves_public_ipv4
            - v.scale * (i.adds_nat_processing + v.border * i.adds_inter_az)
            - CASE WHEN v.fee_gib > 0 THEN f.usd ELSE 0 END - i.adds_nat_hours - i.adds_public_ipv4 AS before_zones
    FROM volumes v
    JOIN opportunity_inputs i ON i.opportunity = v.opportunity
    LEFT JOIN fees f ON f.opportunity = v.opportunity AND f.point = v.point
),
nets AS (
    SELECT i.*, e.fee AS adds_endpoint_processing,
        i.zone_hours_usd * i.az_count AS adds_endpoint_hours,
        e.before_zones - i.zone_hours_usd * i.az_count AS net,
        e.before_zones - i.zone_hours_usd AS net_one_zone,
        least(l.before_zones, h.before_zones) - i.zone_hours_usd * i.az_count AS low,
        greatest(l.before_zones, h.before_zones) - i.zone_hours_usd * i.az_count AS high,
        i.zone_hours_usd > 0 OR i.adds_nat_hours > 0 AS has_hours,
        CASE WHEN i.gib > 0 THEN (i.saves_nat_processing + i.saves_inter_az + i.saves_transit_gateway + i.saves_gwlb_processing + i.saves_firewall_processing - e.fee) / i.gib END AS usd_per_gib
    FROM opportunity_inputs i
    LEFT JOIN sums e ON e.opportunity = i.opportunity AND e.point = 'expected'
    LEFT JOIN sums l ON l.opportunity = i.opportunity AND l.point = 'low'
    LEFT JOIN sums h ON h.opportunity = i.opportunity AND h.point = 'high'
),
evened AS (
    SELECT *,
        CASE
            WHEN NOT has_hours THEN 0.0
            WHEN usd_per_gib > 0 THEN (adds_endpoint_hours + adds_nat_hours + adds_public_ipv4) / usd_per_gib
        END AS break_even
    FROM nets
)
SELECT *,
    CASE
        WHEN kind = 'investigate' THEN 'skip'
        WHEN net IS NULL THEN 'unpriced'
        -- Without two full days there is no range: then only what costs nothing, or twice the break-even.
        WHEN net > 0 AND coalesce(low >= 0, NOT has_hours OR gib >= 2 * break_even) THEN
            CASE WHEN weak OR inspected OR deletes OR undone OR confidence = 'low' THEN 'consider' ELSE 'adopt' END
        WHEN net > 0 OR net_one_zone > 0 THEN 'consider'
        ELSE 'skip'
    END AS decision
FROM evened
