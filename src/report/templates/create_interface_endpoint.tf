data "aws_vpc" "{{ (service ~ "_" ~ vpc_id)|label }}" {
  id = {{ vpc_id }}
}

resource "aws_security_group" "{{ ("endpoint_" ~ service ~ "_" ~ vpc_id)|label }}" {
  name_prefix = {{ "endpoint-" ~ service ~ "-" }}
  description = {{ "HTTPS from the VPC to its " ~ service ~ " endpoint" }}
  vpc_id      = {{ vpc_id }}

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = data.aws_vpc.{{ (service ~ "_" ~ vpc_id)|label }}.cidr_block_associations[*].cidr_block
  }
}

resource "aws_vpc_endpoint" "{{ (service ~ "_" ~ vpc_id)|label }}" {
  vpc_id              = {{ vpc_id }}
  service_name        = {{ endpoint_service_name }}
  vpc_endpoint_type   = "Interface"
{% if subnet_ids|length > az_count %}
  # One subnet for each zone only: keep one of each of {{ az_ids }}.
{% endif %}
  subnet_ids          = {{ subnet_ids }}
  security_group_ids  = [aws_security_group.{{ ("endpoint_" ~ service ~ "_" ~ vpc_id)|label }}.id]
  private_dns_enabled = true
}
