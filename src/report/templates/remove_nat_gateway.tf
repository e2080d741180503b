# Take the gateway, its routes and its aws_eip out of the configuration; "from" is the address that manages it.
{% for nat_gateway in nat_gateway_ids %}
removed {
  from = aws_nat_gateway.{{ nat_gateway|label }}

  lifecycle {
    destroy = true
  }
}
{% endfor %}
