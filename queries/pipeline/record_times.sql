-- title: When the records of the flow logs start
-- reads: flow_hours, flows
-- columns: first_start and last_start (Unix seconds; null without records), transit_gateway_records = records of transit gateway flow
--   logs, which are in no other figure
SELECT
    min(CASE WHEN f.vantage <> 'transit_gateway_log' THEN h.min_start END) AS first_start,
    max(CASE WHEN f.vantage <> 'transit_gateway_log' THEN h.last_start END) AS last_start,
    coalesce(sum(CASE WHEN f.vantage = 'transit_gateway_log' THEN h.records ELSE 0 END), 0) AS transit_gateway_records
FROM flow_hours h
JOIN flows f ON f.flow_id = h.flow_id
