-- title: Net saving, range, break-even, bound and decision of each opportunity
-- reads: opportunity_inputs (move_inputs or nat_inputs), daily_range, prices
-- columns: every money line, net (null where a cost has no price, or the decision hangs on a price that is missing), low, high,
--   break_even, decision, bound (exact | at_least), missing_prices (null = none needed), may_turn (a missing price could make it adopt)
-- rules: opportunities, decisions and range. N(k) = saves - GB fee - k x hours with k zones. A charge without a price is left out: the
--   saving is then at least what is stated. A saving that is left out can only make a change better, so adopt stands; a cost that is left
--   out could turn it, so nothing is stated. Each endpoint gets one change, the one with the largest net.
WITH known AS (
    SELECT *,
        coalesce(saves_nat_processing, 0) + coalesce(saves_transit_gateway, 0) + coalesce(saves_gwlb_processing, 0)
            + coalesce(saves_firewall_processing, 0) + coalesce(saves_endpoint_processing, 0) AS saves_by_gib,
        coalesce(saves_inter_az, 0) AS saves_border,
        coalesce(saves_endpoint_hours, 0) + coalesce(saves_nat_hours, 0) + coalesce(saves_public_ipv4, 0) AS saves_by_hour,
        coalesce(adds_nat_processing, 0) AS adds_by_gib, coalesce(adds_inter_az, 0) AS adds_border,
        coalesce(adds_nat_hours, 0) + coalesce(adds_public_ipv4, 0) AS adds_by_hour, coalesce(zone_hours_usd, 0) AS known_zone_hours,
        lacks_saving OR saves_nat_processing IS NULL OR saves_inter_az IS NULL OR saves_transit_gateway IS NULL OR saves_gwlb_processing IS NULL
            OR saves_firewall_processing IS NULL OR saves_endpoint_processing IS NULL OR saves_endpoint_hours IS NULL OR saves_nat_hours IS NULL
            OR saves_public_ipv4 IS NULL AS saves_more,
        adds_nat_processing IS NULL OR adds_inter_az IS NULL OR adds_nat_hours IS NULL OR adds_public_ipv4 IS NULL OR zone_hours_usd IS NULL AS costs_more
    FROM opportunity_inputs
),
points AS (
    -- The same formula at three volumes; the zone border counts once instead of twice at the low end.
    SELECT i.opportunity, p.point, i.region, i.fee_gib, i.fee_from_gib,
        coalesce(CASE p.point WHEN 'expected' THEN 1.0 WHEN 'low' THEN d.low_gib / nullif(i.gib, 0) ELSE d.high_gib / nullif(i.gib, 0) END, 1.0) AS scale,
        CASE p.point WHEN 'low' THEN 0.5 ELSE 1.0 END AS border
    FROM opportunity_inputs i
    CROSS JOIN (VALUES ('low'), ('expected'), ('high')) AS p(point)
    LEFT JOIN daily_range d ON d.opportunity = i.opportunity AND d.days >= 2
    WHERE p.point = 'expected' OR d.opportunity IS NOT NULL
),
-- Null where the tiers have no price up to the volume.
fees AS (
    SELECT v.opportunity, v.point,
        CASE WHEN v.fee_from_gib + v.fee_gib * v.scale <= max(coalesce(t.tier_to_gib, 1e300)) THEN
            sum(greatest(least(v.fee_from_gib + v.fee_gib * v.scale, coalesce(t.tier_to_gib, 1e300)) - greatest(v.fee_from_gib, t.tier_from_gib), 0) * t.usd)
        END AS usd
    FROM points v
    JOIN prices t ON t.region = v.region AND t.charge = 'interface_endpoint_gib'
    WHERE v.fee_gib > 0
    GROUP BY v.opportunity, v.point, v.fee_from_gib, v.fee_gib, v.scale
),
sums AS (
    SELECT v.opportunity, v.point, CASE WHEN v.fee_gib > 0 THEN f.usd ELSE 0 END AS fee,
        v.scale * (i.saves_by_gib + v.border * i.saves_border) + i.saves_by_hour
            - v.scale * (i.adds_by_gib + v.border * i.adds_border) - i.adds_by_hour AS before_fee
    FROM points v
    JOIN known i ON i.opportunity = v.opportunity
    LEFT JOIN fees f ON f.opportunity = v.opportunity AND f.point = v.point
),
nets AS (
    SELECT i.*, e.fee AS adds_endpoint_processing,
        i.zone_hours_usd * i.az_count AS adds_endpoint_hours,
        -- Without the costs that have no price: what the change saves at most.
        e.before_fee - coalesce(e.fee, 0) - i.known_zone_hours * i.az_count AS known_net,
        e.before_fee - coalesce(e.fee, 0) - i.known_zone_hours AS known_net_one_zone,
        i.costs_more OR e.fee IS NULL AS lacks_cost,
        least(l.before_fee - l.fee, h.before_fee - h.fee) - i.zone_hours_usd * i.az_count AS low,
        greatest(l.before_fee - l.fee, h.before_fee - h.fee) - i.zone_hours_usd * i.az_count AS high,
        i.known_zone_hours > 0 OR i.adds_by_hour > 0 AS has_hours,
        CASE WHEN i.gib > 0 THEN (i.saves_by_gib - coalesce(i.saves_endpoint_processing, 0) + i.saves_border - e.fee) / i.gib END AS usd_per_gib
    FROM known i
    LEFT JOIN sums e ON e.opportunity = i.opportunity AND e.point = 'expected'
    LEFT JOIN sums l ON l.opportunity = i.opportunity AND l.point = 'low'
    LEFT JOIN sums h ON h.opportunity = i.opportunity AND h.point = 'high'
),
evened AS (
    SELECT *,
        CASE
            WHEN NOT has_hours THEN 0.0
            WHEN usd_per_gib > 0 AND NOT lacks_cost THEN (adds_endpoint_hours + adds_nat_hours + adds_public_ipv4) / usd_per_gib
        END AS break_even,
        -- Worth a second look, whatever the figures.
        weak OR inspected OR deletes OR undone OR cautious OR confidence = 'low' OR rival_usd > known_net AS held_back,
        -- What it may save at most, as a rival for its endpoint.
        CASE WHEN saves_more THEN 1e300 ELSE known_net END AS most
    FROM nets
),
placed AS (
    SELECT *, row_number() OVER (PARTITION BY choice ORDER BY known_net DESC, kind) AS place FROM evened
),
ranked AS (
    SELECT *, max(CASE WHEN place > 1 THEN most END) OVER (PARTITION BY choice) AS best_rival FROM placed
),
decided AS (
    SELECT *,
        CASE
            WHEN kind = 'investigate' THEN 'skip'
            WHEN effect_unknown THEN 'unpriced'
            WHEN lacks_cost THEN CASE WHEN NOT saves_more AND known_net <= 0 AND known_net_one_zone <= 0 THEN 'skip' ELSE 'unpriced' END
            -- Without two full days there is no range: then only what costs nothing, or twice the break-even.
            WHEN known_net > 0 AND coalesce(low >= 0, NOT has_hours OR gib >= 2 * break_even) THEN
                CASE
                    WHEN held_back THEN 'consider'
                    -- Another change of the same endpoint may be worth more, and its price is missing.
                    WHEN best_rival > known_net THEN 'unpriced'
                    ELSE 'adopt'
                END
            WHEN known_net > 0 OR known_net_one_zone > 0 THEN 'consider'
            WHEN saves_more THEN 'unpriced'
            ELSE 'skip'
        END AS decision
    FROM ranked
    WHERE place = 1 AND NOT (kind = 'delete_idle_interface_endpoint' AND known_net <= 0 AND NOT saves_more)
)
SELECT * EXCEPT (missing_prices, low, high),
    CASE WHEN decision <> 'unpriced' AND NOT lacks_cost THEN known_net END AS net,
    CASE WHEN decision <> 'unpriced' AND NOT lacks_cost THEN low END AS low,
    CASE WHEN decision <> 'unpriced' AND NOT lacks_cost THEN high END AS high,
    CASE WHEN kind <> 'investigate' AND (saves_more OR lacks_cost OR decision = 'unpriced') THEN 'at_least' ELSE 'exact' END AS bound,
    kind <> 'investigate' AND NOT held_back AND (decision = 'unpriced' OR (decision = 'consider' AND saves_more)) AS may_turn,
    CASE WHEN kind <> 'investigate' AND (saves_more OR lacks_cost) THEN
        nullif(concat_ws(' ', nullif(missing_prices, ''), CASE WHEN adds_endpoint_processing IS NULL THEN concat(region, ':interface_endpoint_gib') END), '')
    END AS missing_prices
FROM decided
