-- title: Which flows of the scan are one flow of the rollup
-- reads: flows
-- columns: folded_id (of folded_flows), flow_id (of flows)
SELECT unnest(members) AS folded_id, flow_id FROM flows
