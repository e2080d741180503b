-- title: What the logs speak for, per flow log, interface and hour
-- reads: rollup
-- params: since, until
-- columns: slots = mask of the six 10-minute slots with a record of any status; skipped = slots with SKIPDATA; covered = every
--   slot of the hour (within the window) has a record and none was skipped; fields = columns of the flow log; has_packet_fields =
--   it shows packet-level addresses, without which the log of a NAT gateway covers nothing
-- rules: vantage, coverage. interface_id is the resource id for a regional NAT gateway, which has no interface.
WITH hours AS (
    -- A record may reach into later hours: its mask counts on from the hour of its start.
    SELECT r.*, coalesce(r.interface_id, r.resource_id, '-') AS entity, r.hour + 3600 * later.value AS covered_hour,
        (r.slots >> (6 * later.value)) & 63 AS hour_slots
    FROM rollup r
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS later(value)
    WHERE (r.slots >> (6 * later.value)) & 63 <> 0 AND r.vantage <> 'transit_gateway_log'
),
summed AS (
    SELECT
        flow_log_id, entity AS interface_id, covered_hour AS hour,
        max(account_id) AS account_id, max(region) AS region, max(vpc_id) AS vpc_id,
        bit_or(hour_slots) AS slots,
        bit_or(CASE WHEN row_class = 'skipdata' THEN hour_slots ELSE 0 END) AS skipped,
        sum(CASE WHEN row_class = 'accept' AND hour = covered_hour THEN bytes ELSE 0 END) AS accept_bytes,
        sum(CASE WHEN row_class = 'accept' AND hour = covered_hour THEN records ELSE 0 END) AS accepted,
        sum(CASE WHEN row_class = 'reject' AND hour = covered_hour THEN records ELSE 0 END) AS rejected,
        sum(CASE WHEN row_class = 'nodata' AND hour = covered_hour THEN records ELSE 0 END) AS nodata,
        sum(CASE WHEN row_class = 'skipdata' AND hour = covered_hour THEN records ELSE 0 END) AS skipdata
    FROM hours
    GROUP BY flow_log_id, entity, covered_hour
)
SELECT
    s.flow_log_id, s.interface_id, s.hour, s.account_id, s.region, s.vpc_id, s.slots, s.skipped,
    s.skipped = 0 AND s.slots & window_slots(s.hour, $since, $until) = window_slots(s.hour, $since, $until) AS covered,
    s.accept_bytes, s.accepted, s.rejected, s.nodata, s.skipdata,
    coalesce(f.fields, 0) AS fields, coalesce(f.has_packet_fields, false) AS has_packet_fields
FROM summed s
LEFT JOIN scanned_flow_logs f ON f.flow_log_id = s.flow_log_id
