variable "{{ ("public_subnets_" ~ vpc_id)|label }}" {
  description = "A public subnet for each zone that lacks a NAT gateway, by zone id."
  type        = map(string)
  # Zones with clients: {{ az_ids }}. Leave out those that have a NAT gateway.
}

resource "aws_eip" "{{ ("nat_" ~ vpc_id)|label }}" {
  for_each = var.{{ ("public_subnets_" ~ vpc_id)|label }}
  domain   = "vpc"
}

resource "aws_nat_gateway" "{{ vpc_id|label }}" {
  for_each      = var.{{ ("public_subnets_" ~ vpc_id)|label }}
  subnet_id     = each.value
  allocation_id = aws_eip.{{ ("nat_" ~ vpc_id)|label }}[each.key].id
}

# Then let the 0.0.0.0/0 route of each zone's tables lead to the new gateway: {{ tables }}.
