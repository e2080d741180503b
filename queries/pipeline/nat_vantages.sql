-- title: What NAT gateways and the workloads behind them say of the same exchanges
-- reads: gateway_hours, workload_hours, leg_flows
-- columns: nat_gateway_id, nat_bytes and workload_bytes of exchanges and hours that both show; covered hours only
WITH nat_exchanges AS (
    SELECT f.nat_gateway_id, g.exchange_id, g.hour, sum(g.bytes) AS bytes
    FROM gateway_hours g
    JOIN leg_flows f ON f.flow_id = g.flow_id
    WHERE g.role = 'nat' AND g.covered
    GROUP BY f.nat_gateway_id, g.exchange_id, g.hour
),
workload_exchanges AS (
    SELECT w.exchange_id, w.hour, sum(w.bytes) AS bytes
    FROM workload_hours w
    JOIN leg_flows f ON f.flow_id = w.flow_id AND f.role = 'workload'
    WHERE w.standing = 'evidence'
    GROUP BY w.exchange_id, w.hour
)
SELECT n.nat_gateway_id, sum(w.bytes) AS workload_bytes, sum(n.bytes) AS nat_bytes
FROM nat_exchanges n
JOIN workload_exchanges w ON w.exchange_id = n.exchange_id AND w.hour = n.hour
GROUP BY n.nat_gateway_id
