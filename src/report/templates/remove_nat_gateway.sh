# Must print nothing: what still routes there.
aws ec2 describe-route-tables --region {{ region }} \
  --filters {{ "Name=route.nat-gateway-id,Values=" ~ (nat_gateway_ids|join(",")) }} \
  --query 'RouteTables[].[RouteTableId,VpcId]' --output text

allocations=$(aws ec2 describe-nat-gateways --region {{ region }} --nat-gateway-ids {{ nat_gateway_ids }} \
  --query 'NatGateways[].NatGatewayAddresses[].AllocationId' --output text)

for nat_gateway in {{ nat_gateway_ids }}; do
  aws ec2 delete-nat-gateway --region {{ region }} --nat-gateway-id "$nat_gateway"
done

aws ec2 wait nat-gateway-deleted --region {{ region }} --nat-gateway-ids {{ nat_gateway_ids }}

for allocation in $allocations; do
  aws ec2 release-address --region {{ region }} --allocation-id "$allocation"
done
