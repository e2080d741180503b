-- title: Hours that the logs speak for, per scope of traffic, and the factor from observed bytes to a month of 730 hours
-- reads: scope_hours
-- columns: scope (as in traffic_hourly), covered_hours, factor
-- rules: money, first paragraph. NAT gateways and endpoint interfaces: slots with a record of theirs, or in which workload rows
--   stood in. Regional NAT gateways and all other interfaces: slots in which any flow log that watches them delivered any record.
WITH slots AS (
    SELECT scope, hour, bit_or(slots) AS slots FROM scope_hours GROUP BY scope, hour
)
SELECT scope, sum(slot_count(slots)) / 6.0 AS covered_hours, 730.0 * 6.0 / sum(slot_count(slots)) AS factor
FROM slots
GROUP BY scope
HAVING sum(slot_count(slots)) > 0
