# {{ az_ids }}: for each zone that lacks a NAT gateway, set PUBLIC_SUBNET to a subnet there that routes to an internet gateway.
allocation=$(aws ec2 allocate-address --region {{ region }} --domain vpc --query AllocationId --output text)

nat_gateway=$(aws ec2 create-nat-gateway --region {{ region }} --allocation-id "$allocation" \
  --subnet-id "${PUBLIC_SUBNET:?set it to a public subnet of the zone}" --query NatGateway.NatGatewayId --output text)

aws ec2 wait nat-gateway-available --region {{ region }} --nat-gateway-ids "$nat_gateway"

# Only for the route tables of that zone's subnets; a table that several zones share must be split first.
for route_table in {{ tables }}; do
  aws ec2 replace-route --region {{ region }} --route-table-id "$route_table" \
    --destination-cidr-block 0.0.0.0/0 --nat-gateway-id "$nat_gateway"
done
