security_group=$(aws ec2 create-security-group --region {{ region }} --vpc-id {{ vpc_id }} \
  --group-name {{ "endpoint-" ~ service }} --description {{ "HTTPS from the VPC to its " ~ service ~ " endpoint" }} \
  --query GroupId --output text)

for cidr in $(aws ec2 describe-vpcs --region {{ region }} --vpc-ids {{ vpc_id }} \
  --query 'Vpcs[0].CidrBlockAssociationSet[].CidrBlock' --output text); do
  aws ec2 authorize-security-group-ingress --region {{ region }} --group-id "$security_group" \
    --protocol tcp --port 443 --cidr "$cidr"
done

{% if subnet_ids|length > az_count %}
# One subnet for each zone only: keep one of each of {{ az_ids }}.
{% endif %}
aws ec2 create-vpc-endpoint --region {{ region }} --vpc-id {{ vpc_id }} \
  --vpc-endpoint-type Interface --service-name {{ endpoint_service_name }} \
  --subnet-ids {{ subnet_ids }} --security-group-ids "$security_group" --private-dns-enabled
