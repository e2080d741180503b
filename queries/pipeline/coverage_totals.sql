-- title: What was read and what could not be settled
-- reads: record_times, coverage, chosen_flow_logs, unoriented, traffic_hourly
-- columns: as in the report's coverage; bytes = all classified bytes, of which service_known_bytes have a service (or are private or
--   the internet's) and path_known_bytes a path; first_start and last_start in Unix seconds;
--   transit_gateway_records = records of transit gateway flow logs, which are in no other figure
WITH read AS (
    SELECT sum(accepted) AS accepted, sum(rejected) AS rejected, sum(nodata) AS nodata, sum(skipdata) AS skipdata FROM coverage
),
copies AS (
    SELECT sum(c.accept_bytes) AS bytes
    FROM coverage c
    LEFT JOIN chosen_flow_logs k ON k.watch_id = c.watch_id AND k.hour = c.hour
    WHERE k.watch_id IS NULL
),
slots AS (
    SELECT sum(slot_count(slots)) / 6.0 AS hours FROM (SELECT hour, bit_or(slots) AS slots FROM coverage GROUP BY hour)
),
classified AS (
    SELECT
        sum(bytes) AS bytes,
        sum(CASE WHEN service LIKE 'range:%' THEN bytes ELSE 0 END) AS unresolved,
        sum(CASE WHEN path = 'unknown' THEN bytes ELSE 0 END) AS pathless,
        sum(CASE WHEN conflict THEN bytes ELSE 0 END) AS conflict,
        sum(CASE WHEN nat_unmatched THEN bytes ELSE 0 END) AS nat_unmatched,
        sum(CASE WHEN endpoint_unmatched THEN bytes ELSE 0 END) AS endpoint_unmatched,
        sum(CASE WHEN az_unknown THEN bytes ELSE 0 END) AS az_unknown,
        sum(CASE WHEN dns_verdict = 'ambiguous' THEN bytes ELSE 0 END) AS dns_ambiguous,
        sum(CASE WHEN dns_verdict = 'conflict' THEN bytes ELSE 0 END) AS dns_conflict
    FROM traffic_hourly
)
SELECT
    coalesce(r.accepted + r.rejected + r.nodata + r.skipdata, 0) AS records, coalesce(r.accepted, 0) AS accepted, coalesce(r.rejected, 0) AS rejected,
    coalesce(r.nodata, 0) AS nodata, coalesce(r.skipdata, 0) AS skipdata,
    coalesce(d.bytes, 0) AS duplicate_bytes, coalesce(s.hours, 0.0) AS covered_hours,
    coalesce(c.bytes, 0) AS bytes, coalesce(c.bytes - c.unresolved, 0) AS service_known_bytes, coalesce(c.bytes - c.pathless, 0) AS path_known_bytes,
    coalesce(c.unresolved, 0) AS unresolved_bytes,
    (SELECT coalesce(sum(bytes), 0) FROM unoriented) AS unoriented_bytes,
    coalesce(c.conflict, 0) AS path_conflict_bytes, coalesce(c.nat_unmatched, 0) AS nat_unmatched_bytes,
    coalesce(c.endpoint_unmatched, 0) AS endpoint_unmatched_bytes, coalesce(c.az_unknown, 0) AS az_unknown_bytes,
    coalesce(c.dns_ambiguous, 0) AS dns_ambiguous_bytes, coalesce(c.dns_conflict, 0) AS dns_conflict_bytes,
    t.first_start, t.last_start, t.transit_gateway_records
FROM read r
CROSS JOIN record_times t
CROSS JOIN copies d
CROSS JOIN slots s
CROSS JOIN classified c
