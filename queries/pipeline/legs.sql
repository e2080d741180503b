-- title: Accepted hours of the chosen flow logs with role, owners and service
-- reads: leg_flows, leg_hours
-- columns: leg_id (flow and hour), those of leg_flows and leg_hours
SELECT f.flow_id * 10000000 + h.hour / 3600 AS leg_id, f.*, h.hour, h.covered, h.records, h.packets, h.bytes, h.min_start, h.max_end, h.slots
FROM leg_hours h
JOIN leg_flows f ON f.flow_id = h.flow_id
