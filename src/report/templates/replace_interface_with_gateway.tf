# Where the VPC has a gateway endpoint for the service already, add the tables to it instead.
resource "aws_vpc_endpoint" "{{ (service ~ "_gateway_" ~ vpc_id)|label }}" {
  vpc_id            = {{ vpc_id }}
  service_name      = {{ endpoint_service_name }}
  vpc_endpoint_type = "Gateway"
  route_table_ids   = {{ tables }}
}
{% if endpoint_goes %}

# Then take the interface endpoint out; "from" is the address under which {{ endpoint_id }} is managed.
removed {
  from = aws_vpc_endpoint.{{ endpoint_id|label }}

  lifecycle {
    destroy = true
  }
}
{% endif %}
