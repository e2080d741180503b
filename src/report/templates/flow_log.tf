{% for vpc_id in vpc_ids %}
resource "aws_flow_log" "{{ ("offramp_" ~ vpc_id)|label }}" {
  vpc_id                   = {{ vpc_id }}
  traffic_type             = {{ traffic_type }}
  max_aggregation_interval = {{ max_aggregation_interval }}
  log_destination_type     = "s3"
  log_destination          = {{ destination }}
  log_format               = {{ log_format }}

  destination_options {
    file_format                = {{ file_format }}
    hive_compatible_partitions = {{ hive_partitions }}
    per_hour_partition         = {{ per_hour_partitions }}
  }
}
{% endfor %}
