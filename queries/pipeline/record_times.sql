-- title: When the records of the flow logs start
-- reads: watch_hours
-- columns: first_start and last_start (Unix seconds; null without records), transit_gateway_records = records of transit gateway flow
--   logs, which are in no other figure
SELECT
    min(CASE WHEN NOT is_transit_gateway_log THEN first_start END) AS first_start,
    max(CASE WHEN NOT is_transit_gateway_log THEN last_start END) AS last_start,
    coalesce(sum(CASE WHEN is_transit_gateway_log THEN records ELSE 0 END), 0) AS transit_gateway_records
FROM watch_hours
