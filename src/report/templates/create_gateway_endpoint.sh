aws ec2 create-vpc-endpoint --region {{ region }} --vpc-id {{ vpc_id }} \
  --vpc-endpoint-type Gateway --service-name {{ endpoint_service_name }} \
  --route-table-ids {{ tables }}
