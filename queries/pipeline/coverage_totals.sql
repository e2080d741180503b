-- title: What was read and what could not be settled
-- reads: rollup, coverage, chosen_flow_logs, legs, traffic_hourly
-- columns: as in the report's coverage; window_start and window_end in Unix seconds
SELECT
    (SELECT coalesce(sum(records), 0) FROM rollup) AS records,
    (SELECT coalesce(sum(records), 0) FROM rollup WHERE row_class = 'accept') AS accepted,
    (SELECT coalesce(sum(records), 0) FROM rollup WHERE row_class = 'reject') AS rejected,
    (SELECT coalesce(sum(records), 0) FROM rollup WHERE row_class = 'nodata') AS nodata,
    (SELECT coalesce(sum(records), 0) FROM rollup WHERE row_class = 'skipdata') AS skipdata,
    (SELECT coalesce(sum(c.accept_bytes), 0) FROM coverage c
        LEFT JOIN chosen_flow_logs k ON k.interface_id = c.interface_id AND k.hour = c.hour AND k.flow_log_id = c.flow_log_id
        WHERE k.flow_log_id IS NULL) AS duplicate_bytes,
    (SELECT coalesce(sum(slot_count(slots)), 0) / 6.0 FROM (SELECT hour, bit_or(slots) AS slots FROM coverage GROUP BY hour)) AS covered_hours,
    (SELECT coalesce(sum(bytes), 0) FROM traffic_hourly WHERE service LIKE 'range:%') AS unresolved_bytes,
    (SELECT coalesce(sum(bytes), 0) FROM legs WHERE role = 'unoriented') AS unoriented_bytes,
    (SELECT coalesce(sum(bytes), 0) FROM traffic_hourly WHERE conflict) AS path_conflict_bytes,
    (SELECT coalesce(sum(bytes), 0) FROM traffic_hourly WHERE nat_unmatched) AS nat_unmatched_bytes,
    (SELECT coalesce(sum(bytes), 0) FROM traffic_hourly WHERE endpoint_unmatched) AS endpoint_unmatched_bytes,
    (SELECT coalesce(sum(bytes), 0) FROM traffic_hourly WHERE az_unknown) AS az_unknown_bytes,
    (SELECT coalesce(sum(bytes), 0) FROM traffic_hourly WHERE dns_verdict = 'ambiguous') AS dns_ambiguous_bytes,
    (SELECT coalesce(sum(bytes), 0) FROM traffic_hourly WHERE dns_verdict = 'conflict') AS dns_conflict_bytes,
    (SELECT min(min_start) FROM rollup) AS first_start,
    (SELECT max(last_start) FROM rollup) AS last_start
