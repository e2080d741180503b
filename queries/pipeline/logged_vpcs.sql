-- title: VPCs with workloads whose own interfaces are logged
-- reads: leg_flows
-- columns: vpc_id
SELECT DISTINCT client_vpc AS vpc_id FROM leg_flows WHERE role = 'workload'
