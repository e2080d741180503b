-- title: What each flow log records: accepted or rejected traffic, and over which interval
-- reads: watch_hours, watches, inventory.flow_log_configs
-- columns: flow_log_id; records = accepted | rejected | undecided; aggregation_seconds (600 where nothing tells)
-- rules: a REJECT flow log says nothing of accepted bytes: by its TrafficType, else because it shows rejected rows and never an accepted
--   one. With neither it is undecided: its NODATA counts as covered, but proves nothing idle. A record is never longer than the
--   aggregation interval, so one of more than 60 s (and 30 s for AWS's clocks) means 600.
WITH seen AS (
    SELECT w.flow_log_id,
        bool_or(h.row_class = 'accept') AS accepted, bool_or(h.row_class = 'reject') AS rejected, max(h.longest) AS longest
    FROM watch_hours h
    JOIN watches w ON w.watch_id = h.watch_id
    WHERE NOT h.is_transit_gateway_log
    GROUP BY w.flow_log_id
),
configured AS (
    SELECT flow_log_id, max(upper(traffic_type)) AS traffic_type, max(max_aggregation_interval) AS aggregation_seconds
    FROM inventory.flow_log_configs
    GROUP BY flow_log_id
)
SELECT s.flow_log_id,
    CASE
        WHEN s.accepted THEN 'accepted'
        WHEN c.traffic_type = 'REJECT' THEN 'rejected'
        WHEN c.traffic_type IS NOT NULL THEN 'accepted'
        WHEN s.rejected THEN 'rejected'
        ELSE 'undecided'
    END AS records,
    coalesce(c.aggregation_seconds, CASE WHEN s.longest <= 90 THEN 60 ELSE 600 END) AS aggregation_seconds
FROM seen s
LEFT JOIN configured c ON c.flow_log_id = s.flow_log_id
