-- title: The kinds of path evidence that the log itself carries
-- reads: flows
-- columns: evidence_id (bytes are shared in its order), evidence_key (the fields as text), traffic_path, next_hop_*, shows_path = the
--   log names a path or next hop
WITH kinds AS (
    SELECT DISTINCT traffic_path, next_hop_interface_type, next_hop_interface_id, next_hop_az_id FROM flows WHERE row_class = 'accept'
)
SELECT
    CAST(row_number() OVER (ORDER BY traffic_path, next_hop_interface_id, next_hop_interface_type, next_hop_az_id) AS BIGINT) AS evidence_id,
    concat(traffic_path, '|', next_hop_interface_id, '|', next_hop_interface_type, '|', next_hop_az_id) AS evidence_key,
    traffic_path, next_hop_interface_type, next_hop_interface_id, next_hop_az_id,
    traffic_path IS NOT NULL OR next_hop_interface_type IS NOT NULL AS shows_path
FROM kinds
