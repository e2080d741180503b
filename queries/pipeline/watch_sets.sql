-- title: The flow logs that watch each interface, as one set
-- reads: coverage
-- columns: interface_id, flow_logs = the flow logs that delivered any record of the interface, as account/Region/id, in order. Those that
--   record rejected traffic only are left out.
SELECT interface_id, array_to_string(array_agg(DISTINCT flow_log ORDER BY flow_log), ' ') AS flow_logs
FROM (
    SELECT DISTINCT interface_id, concat_ws('/', account_id, region, flow_log_id) AS flow_log FROM coverage WHERE speaks
)
GROUP BY interface_id
