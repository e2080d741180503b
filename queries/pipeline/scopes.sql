-- title: Hours that the logs speak for, per scope of traffic, and the factor from observed bytes to a month of 730 hours
-- reads: scope_hours, gateway_lives, report_window
-- columns: scope (as in traffic_flows), covered_hours and life_hours (of the gateway, within the window), share = covered part of the
--   life, factor
-- rules: money, first two paragraphs. A NAT gateway or an interface of an endpoint: slots with a record of its own; where rows of clients
--   stand in for it, also those in which a flow log that watches these clients delivered any record of any interface. Everything else: slots
--   in which any flow log that watches the interface delivered any record. Monthly = observed x (730 / window hours) x (life / covered within life).
WITH slots AS (
    SELECT scope, max(gateway) AS gateway, hour, bit_or(slots) AS slots FROM scope_hours GROUP BY scope, hour
),
counted AS (
    SELECT s.scope, max(l.hours) AS life_hours, max(l.slots) AS life_slots, sum(slot_count(s.slots)) AS slots,
        sum(slot_count(s.slots & CASE WHEN l.gateway IS NULL THEN 63 ELSE window_slots(s.hour, l.since, l.until) END)) AS slots_in_life
    FROM slots s
    LEFT JOIN gateway_lives l ON l.gateway = s.gateway
    GROUP BY s.scope
),
-- Bytes before the birth or after the death of their gateway: then its life is not known.
judged AS (
    SELECT c.scope,
        CASE WHEN c.slots_in_life > 0 THEN c.slots_in_life ELSE c.slots END AS slots,
        CASE WHEN c.slots_in_life > 0 AND c.life_slots IS NOT NULL THEN c.life_slots ELSE r.slots END AS life_slots,
        CASE WHEN c.slots_in_life > 0 AND c.life_hours IS NOT NULL THEN c.life_hours ELSE r.hours END AS life_hours,
        r.hours AS window_hours
    FROM counted c
    CROSS JOIN report_window r
)
SELECT scope, slots / 6.0 AS covered_hours, life_hours, least(CAST(slots AS DOUBLE) / life_slots, 1.0) AS share,
    730.0 / window_hours * greatest(life_slots, slots) / slots AS factor
FROM judged
WHERE slots > 0 AND window_hours > 0
