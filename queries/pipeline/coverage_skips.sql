-- title: Where AWS dropped records, by interface and hour
-- reads: coverage
-- columns: owner, flow_log_id, interface_id, hour (Unix seconds), slots (of six, with SKIPDATA), records (SKIPDATA records that start there)
SELECT account_id, region, max(vpc_id) OVER (PARTITION BY flow_log_id, interface_id) AS vpc_id, flow_log_id, interface_id, hour,
    slot_count(skipped) AS slots, skipdata AS records
FROM coverage
WHERE skipped <> 0
ORDER BY account_id, region, flow_log_id, interface_id, hour
