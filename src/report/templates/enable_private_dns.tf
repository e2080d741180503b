# Where {{ endpoint_id }} is managed already, set private_dns_enabled there and leave out the import.
import {
  to = aws_vpc_endpoint.{{ endpoint_id|label }}
  id = {{ endpoint_id }}
}

resource "aws_vpc_endpoint" "{{ endpoint_id|label }}" {
  vpc_id              = {{ vpc_id }}
  service_name        = {{ endpoint_service_name }}
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
}
