-- title: Names that the resolver gave for the addresses that the flow logs show
-- reads: resolver_log, flows
-- columns: one row per asker, hour, address and chain of names; kind = service | outside (the catalogue) | several (services in
--   one chain); service_region = the name's Region, else the one of the address's range; covered = private DNS of an endpoint
--   would take the name over; queries = records, which measure no traffic.
--   Rows without address, one per VPC: it has a resolver log.
-- rules: service of the peer, step 3. The logs are read once; answers for other addresses are left out on the way.
WITH peers AS (
    SELECT DISTINCT peer_key FROM flows WHERE row_class = 'accept' AND peer_key NOT LIKE '%/%'
),
kept AS (
    -- The peers stand on the left, where the join keeps them in memory and lets the log stream past.
    SELECT r.account_id, r.region, r.vpc_id, r.query_time, p.peer_key AS address,
        CASE WHEN p.peer_key IS NOT NULL THEN r.srcaddr END AS srcaddr,
        CASE WHEN p.peer_key IS NOT NULL THEN r.instance_id END AS instance_id,
        CASE WHEN p.peer_key IS NOT NULL THEN r.names END AS names,
        CASE WHEN p.peer_key IS NOT NULL THEN r.query_time - r.query_time % 3600 END AS hour
    FROM peers p
    RIGHT JOIN resolver_log r ON r.address = p.peer_key
),
summed AS (
    SELECT account_id, region, vpc_id, srcaddr, instance_id, hour, address, names,
        count(*) AS queries, min(query_time) AS first_seen, max(query_time) AS last_seen
    FROM kept
    GROUP BY account_id, region, vpc_id, srcaddr, instance_id, hour, address, names
),
matched AS (
    SELECT *, host_service(names) AS host FROM summed
)
SELECT account_id, region, vpc_id, srcaddr, instance_id, hour, address, names,
    host['kind'] AS kind, host['service'] AS service,
    CASE WHEN host['kind'] = 'service' THEN coalesce(host['region'], peer_service(address, NULL)['region']) END AS service_region,
    host['covered'] AS covered, queries, first_seen, last_seen
FROM matched
