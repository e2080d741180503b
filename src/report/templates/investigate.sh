{% if endpoint_known %}
aws ec2 describe-vpc-endpoints --region {{ region }} --vpc-endpoint-ids {{ endpoint_id }} \
  --query 'VpcEndpoints[].{type:VpcEndpointType,tables:RouteTableIds,private_dns:PrivateDnsEnabled,dns:DnsOptions,names:DnsEntries[].DnsName,policy:PolicyDocument}'

{% endif %}
aws ec2 describe-route-tables --region {{ region }} --filters {{ "Name=vpc-id,Values=" ~ vpc_id }} \
  --query 'RouteTables[].Routes[?DestinationPrefixListId||NatGatewayId]'

aws ec2 describe-vpcs --region {{ region }} --vpc-ids {{ vpc_id }} --query 'Vpcs[].DhcpOptionsId'

aws ec2 describe-vpc-attribute --region {{ region }} --vpc-id {{ vpc_id }} --attribute enableDnsSupport
