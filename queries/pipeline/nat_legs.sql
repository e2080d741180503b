-- title: What the logs of each NAT gateway itself show, by hour
-- reads: leg_hours, leg_flows
-- columns: nat_gateway_id, hour; client_bytes and internet_bytes = its two legs where the hour is covered; blind_bytes = its client leg
--   where its log has no packet fields (is_blind), of any hour; covered = all its interfaces' blind rows are of covered hours
SELECT f.nat_gateway_id, h.hour,
    sum(CASE WHEN f.role = 'nat' AND h.covered THEN h.bytes ELSE 0 END) AS client_bytes,
    sum(CASE WHEN f.role = 'nat_internet' AND h.covered THEN h.bytes ELSE 0 END) AS internet_bytes,
    sum(CASE WHEN f.role = 'nat_blind_client' THEN h.bytes ELSE 0 END) AS blind_bytes,
    bool_or(f.role LIKE 'nat_blind%') AS is_blind,
    bool_and(h.covered OR f.role NOT LIKE 'nat_blind%') AS covered
FROM leg_hours h
JOIN leg_flows f ON f.flow_id = h.flow_id
WHERE f.role IN ('nat', 'nat_internet', 'nat_blind_client', 'nat_blind_internet')
GROUP BY f.nat_gateway_id, h.hour
