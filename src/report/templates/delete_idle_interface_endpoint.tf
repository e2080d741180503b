# Take the resource out of the configuration; "from" is the address under which {{ endpoint_id }} is managed.
removed {
  from = aws_vpc_endpoint.{{ endpoint_id|label }}

  lifecycle {
    destroy = true
  }
}
