-- title: The flows, with what the rollup keeps of the peer
-- reads: observations
-- columns: flow_id (the least of the scan's), members (all of them), those of observations with peer_key for the peer's address;
--   entity = the recorded interface, or the regional NAT gateway's id; entity_id and watch_id number the entities, and the pairs of
--   flow log and entity
-- rules: the rollup's key without the hour. Later statements join flows and hours by number and touch the words of a flow once.
WITH keyed AS (
    SELECT
        flow_id, flow_log_id, account_id, region, vpc_id, subnet_id, az_id, interface_id, resource_id, vantage, identified,
        nat_gateway_id, row_class, leg, own_side, initiator, direction, client_addr, peer_key(peer_addr, peer_port) AS peer_key,
        service_code, traffic_path, next_hop_interface_type, next_hop_interface_id, next_hop_az_id
    FROM observations
),
grouped AS (
    SELECT
        flow_log_id, account_id, region, vpc_id, subnet_id, az_id, interface_id, resource_id, vantage, identified,
        nat_gateway_id, row_class, leg, own_side, initiator, direction, client_addr, peer_key,
        service_code, traffic_path, next_hop_interface_type, next_hop_interface_id, next_hop_az_id,
        coalesce(interface_id, resource_id, '-') AS entity,
        min(flow_id) AS flow_id, array_agg(flow_id) AS members
    FROM keyed
    GROUP BY
        flow_log_id, account_id, region, vpc_id, subnet_id, az_id, interface_id, resource_id, vantage, identified,
        nat_gateway_id, row_class, leg, own_side, initiator, direction, client_addr, peer_key,
        service_code, traffic_path, next_hop_interface_type, next_hop_interface_id, next_hop_az_id
),
entities AS (
    SELECT entity, row_number() OVER (ORDER BY entity) AS entity_id FROM (SELECT DISTINCT entity FROM grouped)
),
watches AS (
    SELECT flow_log_id, entity, row_number() OVER (ORDER BY flow_log_id, entity) AS watch_id FROM (SELECT DISTINCT flow_log_id, entity FROM grouped)
)
SELECT g.*, CAST(e.entity_id AS BIGINT) AS entity_id, CAST(w.watch_id AS BIGINT) AS watch_id
FROM grouped g
JOIN entities e ON e.entity = g.entity
JOIN watches w ON w.flow_log_id = g.flow_log_id AND w.entity = g.entity
