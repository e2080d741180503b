-- title: Coverage of each flow log in each VPC
-- reads: coverage, chosen_flow_logs, flow_log_facts
-- columns: as in the report; skipdata_slots = interface slots in which AWS dropped records; bytes = accepted bytes as logged, of which
--   duplicate_bytes are left to another flow log of the same interface
WITH placed AS (
    SELECT c.*, CASE WHEN k.flow_log_id IS NULL THEN c.accept_bytes ELSE 0 END AS copied_bytes
    FROM coverage c
    LEFT JOIN chosen_flow_logs k ON k.interface_id = c.interface_id AND k.hour = c.hour AND k.flow_log_id = c.flow_log_id
),
hours AS (
    SELECT account_id, region, vpc_id, flow_log_id, hour,
        bit_or(slots) AS slots, sum(slot_count(skipped)) AS skipped,
        sum(accepted) AS accepted, sum(rejected) AS rejected, sum(nodata) AS nodata, sum(skipdata) AS skipdata,
        sum(accept_bytes) AS bytes, sum(copied_bytes) AS duplicate_bytes,
        max(fields) AS fields, bool_and(has_packet_fields) AS has_packet_fields
    FROM placed
    GROUP BY account_id, region, vpc_id, flow_log_id, hour
),
interfaces AS (
    SELECT concat_ws('/', account_id, region, vpc_id, flow_log_id) AS scope, count(DISTINCT interface_id) AS interfaces
    FROM placed
    GROUP BY concat_ws('/', account_id, region, vpc_id, flow_log_id)
),
summed AS (
    SELECT account_id, region, vpc_id, flow_log_id, concat_ws('/', account_id, region, vpc_id, flow_log_id) AS scope,
        sum(slot_count(slots)) / 6.0 AS covered_hours, sum(skipped) AS skipdata_slots,
        sum(accepted + rejected + nodata + skipdata) AS records,
        sum(accepted) AS accepted, sum(rejected) AS rejected, sum(nodata) AS nodata, sum(skipdata) AS skipdata,
        sum(bytes) AS bytes, sum(duplicate_bytes) AS duplicate_bytes,
        max(fields) AS fields, bool_and(has_packet_fields) AS has_packet_fields
    FROM hours
    GROUP BY account_id, region, vpc_id, flow_log_id
)
SELECT s.account_id, s.region, s.vpc_id, s.flow_log_id, s.covered_hours, s.skipdata_slots, i.interfaces,
    s.records, s.accepted, s.rejected, s.nodata, s.skipdata, s.bytes, s.duplicate_bytes, s.fields, s.has_packet_fields,
    f.records AS recorded_traffic
FROM summed s
JOIN interfaces i ON i.scope = s.scope
LEFT JOIN flow_log_facts f ON f.flow_log_id = s.flow_log_id
ORDER BY s.account_id, s.region, s.vpc_id, s.flow_log_id
