-- title: Client legs of NAT gateways and interface endpoints, with the client found among the workload rows where addresses alone do not tell
-- reads: observed
-- columns: as observed, for the roles nat and endpoint; border_az = zone of the client's side of the NAT gateway by next hop
-- rules: orientation, last paragraph. A client that the inventory does not settle (CIDRs repeat, or it is unknown) is the one
--   workload interface that shows the same address, peer and hour (else within an hour); several share by their bytes.
WITH unsettled AS (
    SELECT leg_id, hour, client_addr, client_vpc, client_standing, peer_key
    FROM observed
    WHERE role IN ('nat', 'endpoint') AND client_interface IS NULL
),
seen AS (
    SELECT client_addr, peer_key, hour, client_interface, client_key,
        max(client_account) AS client_account, max(client_region) AS client_region, max(client_vpc) AS client_vpc,
        max(client_subnet) AS client_subnet, max(client_az) AS client_az, sum(bytes) AS seen_bytes
    FROM observed
    WHERE role = 'workload' AND initiator <> 'peer' AND client_interface IS NOT NULL
    GROUP BY client_addr, peer_key, hour, client_interface, client_key
),
near AS (
    SELECT u.leg_id, s.client_interface, s.client_key, s.client_account, s.client_region, s.client_vpc, s.client_subnet, s.client_az,
        sum(s.seen_bytes) AS seen_bytes, abs(s.hour - u.hour) AS distance
    FROM unsettled u
    CROSS JOIN (VALUES (-3600), (0), (3600)) AS shift(value)
    JOIN seen s ON s.client_addr = u.client_addr AND s.peer_key = u.peer_key AND s.hour = u.hour + shift.value
    WHERE u.client_standing IN ('ambiguous', 'external') OR u.client_vpc IS NULL OR s.client_vpc IS NULL OR s.client_vpc = u.client_vpc
    GROUP BY u.leg_id, s.client_interface, s.client_key, s.client_account, s.client_region, s.client_vpc, s.client_subnet, s.client_az,
        abs(s.hour - u.hour)
),
nearest AS (
    SELECT *, min(distance) OVER (PARTITION BY leg_id) AS least FROM near
),
shares AS (
    SELECT *,
        greatest(seen_bytes, 1) AS part,
        sum(greatest(seen_bytes, 1)) OVER (PARTITION BY leg_id) AS whole,
        sum(greatest(seen_bytes, 1)) OVER (
            PARTITION BY leg_id ORDER BY client_interface ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS upto
    FROM nearest
    WHERE distance = least
)
SELECT
    g.leg_id, g.hour, g.entity, g.covered, g.role, g.vantage, g.inferred_nat, g.nat_gateway_id,
    g.account_id, g.region, g.vpc_id, g.subnet_id, g.az_id, g.client_addr,
    coalesce(s.client_interface, g.client_interface) AS client_interface,
    coalesce(s.client_account, g.client_account) AS client_account,
    coalesce(s.client_region, g.client_region) AS client_region,
    coalesce(s.client_vpc, g.client_vpc) AS client_vpc,
    coalesce(s.client_subnet, g.client_subnet) AS client_subnet,
    coalesce(s.client_az, g.client_az) AS client_az,
    coalesce(s.client_key, g.client_key) AS client_key,
    g.peer_key, g.peer_kind, g.service, g.service_evidence, g.peer_region, g.gateway_service, g.initiator, g.direction,
    -- The zone of the interface that handed over or took the packet: a named type (transit gateway, endpoint) has no border to pay for.
    CASE WHEN g.role = 'nat' AND g.next_hop_interface_type IS NULL THEN g.next_hop_az_id END AS border_az,
    CASE WHEN s.leg_id IS NULL THEN g.records ELSE proportion(g.records, s.upto, s.whole) - proportion(g.records, s.upto - s.part, s.whole) END AS records,
    CASE WHEN s.leg_id IS NULL THEN g.packets ELSE proportion(g.packets, s.upto, s.whole) - proportion(g.packets, s.upto - s.part, s.whole) END AS packets,
    CASE WHEN s.leg_id IS NULL THEN g.bytes ELSE proportion(g.bytes, s.upto, s.whole) - proportion(g.bytes, s.upto - s.part, s.whole) END AS bytes,
    g.min_start, g.max_end, g.slots
FROM observed g
LEFT JOIN shares s ON s.leg_id = g.leg_id
WHERE g.role IN ('nat', 'endpoint')
