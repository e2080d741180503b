aws ec2 create-flow-logs --region {{ region }} --resource-type VPC --resource-ids {{ vpc_ids }} \
  --traffic-type {{ traffic_type }} --max-aggregation-interval {{ max_aggregation_interval }} \
  --log-destination-type s3 --log-destination {{ destination }} \
  --destination-options {{ options }} \
  --log-format {{ log_format }}
{% if replaces %}

# Only when the new flow log has delivered for a full day, and nobody reads the old one:
aws ec2 delete-flow-logs --region {{ region }} --flow-log-ids {{ replaces }}
{% endif %}
