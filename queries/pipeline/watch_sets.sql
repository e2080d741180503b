-- title: The flow logs that watch each interface, as one set
-- reads: coverage
-- columns: interface_id, flow_logs = the flow logs that delivered any record of the interface, in order: AWS's id, else account/Region/id.
--   Those that record rejected traffic only are left out.
-- rules: money, scope. In a shared VPC one flow log watches interfaces of several accounts.
SELECT interface_id, array_to_string(array_agg(DISTINCT flow_log ORDER BY flow_log), ' ') AS flow_logs
FROM (
    SELECT DISTINCT interface_id, CASE WHEN flow_log_id LIKE 'fl-%' THEN flow_log_id ELSE concat_ws('/', account_id, region, flow_log_id) END AS flow_log
    FROM coverage
    WHERE speaks
)
GROUP BY interface_id
