-- title: Classified bytes per hour with all that is known of them
-- reads: traffic_hours, traffic_flows
-- columns: leg_id (of legs; null = blind_nat_legs), those of traffic_flows and traffic_hours
SELECT f.flow_id * 10000000 + h.hour / 3600 AS leg_id, f.*, h.hour, h.endpoint_unmatched, h.is_partial, h.records, h.packets, h.bytes, h.slots, h.min_start
FROM traffic_hours h
JOIN traffic_flows f ON f.path_id = h.path_id AND f.answer_id = h.answer_id AND f.nat_unmatched = h.nat_unmatched
