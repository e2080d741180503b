aws ec2 modify-vpc-endpoint --region {{ region }} --vpc-endpoint-id {{ endpoint_id }} --add-route-table-ids {{ tables }}
