-- title: Coverage of each flow log in each VPC
-- reads: coverage
-- columns: as in the report; skipdata_slots = interface slots in which AWS dropped records
WITH placed AS (
    SELECT *, max(vpc_id) OVER (PARTITION BY flow_log_id, interface_id) AS vpc FROM coverage
),
hours AS (
    SELECT account_id, region, vpc AS vpc_id, flow_log_id, hour, bit_or(slots) AS slots, sum(slot_count(skipped)) AS skipped
    FROM placed
    GROUP BY account_id, region, vpc, flow_log_id, hour
)
SELECT account_id, region, vpc_id, flow_log_id, sum(slot_count(slots)) / 6.0 AS covered_hours, sum(skipped) AS skipdata_slots
FROM hours
GROUP BY account_id, region, vpc_id, flow_log_id
ORDER BY account_id, region, vpc_id, flow_log_id
