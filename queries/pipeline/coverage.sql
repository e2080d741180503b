-- title: What the logs speak for, per flow log, interface and hour
-- reads: watch_hours, watches, flow_log_facts, report_window, scanned_flow_logs
-- columns: slots = mask of the six 10-minute slots within the window with a record of any status, none for a flow log that records
--   rejected traffic only; skipped = slots with SKIPDATA; covered = every slot of the hour within the window has a record and none
--   was skipped; proves_silence = the flow log is known to record accepted traffic; fields = columns of the flow log;
--   has_packet_fields = it shows packet-level addresses, without which the log of a NAT gateway covers nothing
-- rules: vantage, coverage. interface_id is the resource id for a regional NAT gateway, which has no interface. AWS's intervals are not
--   aligned to the clock, and a record tells its first and last packet: one empty slot between two records is no gap, where the flow
--   log aggregates over ten minutes. A regional NAT gateway has no interface for which AWS would write NODATA: it speaks whenever its flow
--   log delivers anything.
WITH hours AS (
    -- A record may reach into later hours: its mask counts on from the hour of its start.
    SELECT c.watch_id, c.row_class, c.hour, c.bytes, c.records, c.hour + 3600 * later.value AS covered_hour,
        (c.slots >> (6 * later.value)) & 63 AS hour_slots
    FROM watch_hours c
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS later(value)
    WHERE (c.slots >> (6 * later.value)) & 63 <> 0 AND NOT c.is_transit_gateway_log
),
regional AS (
    SELECT watch_id, flow_log_id FROM watches WHERE is_regional
),
delivered AS (
    SELECT w.flow_log_id, c.hour + 3600 * later.value AS hour, bit_or((c.slots >> (6 * later.value)) & 63) AS slots
    FROM watch_hours c
    JOIN watches w ON w.watch_id = c.watch_id
    JOIN (SELECT DISTINCT flow_log_id FROM regional) r ON r.flow_log_id = w.flow_log_id
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS later(value)
    WHERE (c.slots >> (6 * later.value)) & 63 <> 0 AND NOT c.is_transit_gateway_log
    GROUP BY w.flow_log_id, c.hour + 3600 * later.value
),
spoken AS (
    SELECT watch_id, row_class, hour, bytes, records, covered_hour, hour_slots FROM hours
    UNION ALL
    SELECT r.watch_id, 'delivered' AS row_class, d.hour, 0 AS bytes, 0 AS records, d.hour AS covered_hour, d.slots AS hour_slots
    FROM regional r
    JOIN delivered d ON d.flow_log_id = r.flow_log_id
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
    FROM spoken
    GROUP BY watch_id, covered_hour
),
heard AS (
    SELECT watch_id, hour, slots - (slots & skipped) AS slots FROM summed
),
-- Few hours have an empty slot; of those the slots beside it, in the hours before and after too.
holes AS (
    SELECT h.watch_id, h.hour,
        (((h.slots << 1) & 63) | (coalesce(b.slots, 0) >> 5)) & ((h.slots >> 1) | ((coalesce(a.slots, 0) & 1) << 5)) AS between
    FROM (SELECT watch_id, hour, hour - 3600 AS hour_before, hour + 3600 AS hour_after, slots FROM heard WHERE slots <> 63) h
    LEFT JOIN heard b ON b.watch_id = h.watch_id AND b.hour = h.hour_before
    LEFT JOIN heard a ON a.watch_id = h.watch_id AND a.hour = h.hour_after
),
placed AS (
    SELECT s.watch_id, w.entity_id, w.flow_log_id, w.interface_id, s.hour, w.account_id, w.region, w.vpc_id,
        CASE WHEN f.records = 'rejected' THEN 0
            ELSE (s.slots | CASE WHEN f.aggregation_seconds > 60 THEN coalesce(h.between, 0) ELSE 0 END) & window_slots(s.hour, r.since, r.until)
        END AS slots,
        s.skipped & window_slots(s.hour, r.since, r.until) AS skipped, window_slots(s.hour, r.since, r.until) AS wanted,
        s.accept_bytes, s.accepted, s.rejected, s.nodata, s.skipdata, f.records, f.records = 'accepted' AS proves_silence
    FROM summed s
    JOIN watches w ON w.watch_id = s.watch_id
    JOIN flow_log_facts f ON f.flow_log_id = w.flow_log_id
    LEFT JOIN holes h ON h.watch_id = s.watch_id AND h.hour = s.hour
    CROSS JOIN report_window r
)
SELECT
    p.watch_id, p.entity_id, p.flow_log_id, p.interface_id, p.hour, p.account_id, p.region, p.vpc_id, p.slots, p.skipped,
    p.skipped = 0 AND p.slots = p.wanted AND p.records <> 'rejected' AS covered,
    p.accept_bytes, p.accepted, p.rejected, p.nodata, p.skipdata, p.records <> 'rejected' AS speaks, p.proves_silence,
    coalesce(l.fields, 0) AS fields, coalesce(l.has_packet_fields, false) AS has_packet_fields
FROM placed p
LEFT JOIN scanned_flow_logs l ON l.flow_log_id = p.flow_log_id
