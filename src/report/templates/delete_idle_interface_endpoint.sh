aws ec2 delete-vpc-endpoints --region {{ region }} --vpc-endpoint-ids {{ endpoint_id }}
