gateway=$(aws ec2 describe-vpc-endpoints --region {{ region }} \
  --filters {{ "Name=vpc-id,Values=" ~ vpc_id }} {{ "Name=service-name,Values=" ~ endpoint_service_name }} \
  Name=vpc-endpoint-type,Values=Gateway --query 'VpcEndpoints[0].VpcEndpointId' --output text)

if [ "$gateway" = None ]; then
  aws ec2 create-vpc-endpoint --region {{ region }} --vpc-id {{ vpc_id }} --vpc-endpoint-type Gateway \
    --service-name {{ endpoint_service_name }} --route-table-ids {{ tables }}
else
  aws ec2 modify-vpc-endpoint --region {{ region }} --vpc-endpoint-id "$gateway" --add-route-table-ids {{ tables }}
fi

{% if endpoint_goes %}
aws ec2 delete-vpc-endpoints --region {{ region }} --vpc-endpoint-ids {{ endpoint_id }}
{% elif service == "s3" %}
# Clients in the VPC get public addresses again, which the gateway route catches; resolvers on premises keep the endpoint.
aws ec2 modify-vpc-endpoint --region {{ region }} --vpc-endpoint-id {{ endpoint_id }} \
  --dns-options PrivateDnsOnlyForInboundResolverEndpoint=true
{% endif %}
