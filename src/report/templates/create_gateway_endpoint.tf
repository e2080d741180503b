resource "aws_vpc_endpoint" "{{ (service ~ "_" ~ vpc_id)|label }}" {
  vpc_id            = {{ vpc_id }}
  service_name      = {{ endpoint_service_name }}
  vpc_endpoint_type = "Gateway"
  route_table_ids   = {{ tables }}
}
