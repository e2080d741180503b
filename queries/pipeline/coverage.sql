-- title: What the logs speak for, per flow log, interface and hour
-- reads: flow_hours, flows, scanned_flow_logs
-- params: since, until
-- columns: slots = mask of the six 10-minute slots with a record of any status; skipped = slots with SKIPDATA; covered = every
--   slot of the hour (within the window) has a record and none was skipped; fields = columns of the flow log; has_packet_fields =
--   it shows packet-level addresses, without which the log of a NAT gateway covers nothing
-- rules: vantage, coverage. interface_id is the resource id for a regional NAT gateway, which has no interface.
WITH classed AS (
    SELECT f.watch_id, f.row_class, h.hour, sum(h.records) AS records, sum(h.bytes) AS bytes, bit_or(h.slots) AS slots
    FROM flow_hours h
    JOIN flows f ON f.flow_id = h.flow_id
    WHERE f.vantage <> 'transit_gateway_log'
    GROUP BY f.watch_id, f.row_class, h.hour
),
hours AS (
    -- A record may reach into later hours: its mask counts on from the hour of its start.
    SELECT c.*, c.hour + 3600 * later.value AS covered_hour, (c.slots >> (6 * later.value)) & 63 AS hour_slots
    FROM classed c
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS later(value)
    WHERE (c.slots >> (6 * later.value)) & 63 <> 0
),
summed AS (
    SELECT
        watch_id, covered_hour AS hour,
        bit_or(hour_slots) AS slots,
        bit_or(CASE WHEN row_class = 'skipdata' THEN hour_slots ELSE 0 END) AS skipped,
        sum(CASE WHEN row_class = 'accept' AND hour = covered_hour THEN bytes ELSE 0 END) AS accept_bytes,
        sum(CASE WHEN row_class = 'accept' AND hour = covered_hour THEN records ELSE 0 END) AS accepted,
        sum(CASE WHEN row_class = 'reject' AND hour = covered_hour THEN records ELSE 0 END) AS rejected,
        sum(CASE WHEN row_class = 'nodata' AND hour = covered_hour THEN records ELSE 0 END) AS nodata,
        sum(CASE WHEN row_class = 'skipdata' AND hour = covered_hour THEN records ELSE 0 END) AS skipdata
    FROM hours
    GROUP BY watch_id, covered_hour
),
watched AS (
    SELECT watch_id, max(entity_id) AS entity_id, max(flow_log_id) AS flow_log_id, max(entity) AS interface_id,
        max(account_id) AS account_id, max(region) AS region, max(vpc_id) AS vpc_id
    FROM flows
    GROUP BY watch_id
)
SELECT
    s.watch_id, w.entity_id, w.flow_log_id, w.interface_id, s.hour, w.account_id, w.region, w.vpc_id, s.slots, s.skipped,
    s.skipped = 0 AND s.slots & window_slots(s.hour, $since, $until) = window_slots(s.hour, $since, $until) AS covered,
    s.accept_bytes, s.accepted, s.rejected, s.nodata, s.skipdata,
    coalesce(f.fields, 0) AS fields, coalesce(f.has_packet_fields, false) AS has_packet_fields
FROM summed s
JOIN watched w ON w.watch_id = s.watch_id
LEFT JOIN scanned_flow_logs f ON f.flow_log_id = w.flow_log_id
