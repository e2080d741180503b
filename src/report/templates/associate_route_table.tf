# If aws_vpc_endpoint manages {{ endpoint_id }} with route_table_ids, add the tables there instead.
{% for table in tables %}
resource "aws_vpc_endpoint_route_table_association" "{{ (endpoint_id ~ "_" ~ table)|label }}" {
  vpc_endpoint_id = {{ endpoint_id }}
  route_table_id  = {{ table }}
}
{% endfor %}
