//! The one table of VPC Flow Log fields, in AWS's order. Schema, decoder, checks and documentation all derive from it.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html> (autumn 2026).

use self::Value::{Address, Encoded, Integer, OneOf, Text};

/// One field of a flow log record.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// AWS's name in a log format and a header line, `pkt-srcaddr`.
    pub name: &'static str,
    /// Column name in AWS's Parquet files and in `flow_logs`, `pkt_srcaddr`.
    pub column: &'static str,
    /// What the field may hold besides `-`.
    pub value: Value,
    /// Flow log version that brought the field.
    pub version: u8,
    /// One line for people.
    pub doc: &'static str,
}

/// What a field may hold. `-` (not applicable) is always allowed and means null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// Any text without spaces.
    Text,
    /// Any text, percent-encoded in the log and decoded in `flow_logs`.
    Encoded,
    /// One of a closed set of words.
    OneOf(&'static [&'static str]),
    /// An IPv4 or IPv6 address.
    Address,
    /// A whole number from 0 to `max`.
    Integer {
        /// Largest value that can be true.
        max: i64,
    },
}

impl Value {
    /// Whether a value can be wrong, so that lines are judged by it.
    pub fn is_checked(self) -> bool {
        !matches!(self, Text | Encoded)
    }
}

const SMALL: Value = Integer { max: i32::MAX as i64 };
const LARGE: Value = Integer { max: i64::MAX };

const fn field(name: &'static str, column: &'static str, value: Value, version: u8, doc: &'static str) -> Field {
    Field { name, column, value, version, doc }
}

/// All fields, in the order of AWS's table; also the column order of `flow_logs`.
#[rustfmt::skip]
pub static FIELDS: [Field; 54] = [
    field("version", "version", SMALL, 2, "highest version among the fields of the format"),
    field("account-id", "account_id", Text, 2, "owner of the recorded network interface; `unknown` (AWS's own) is null"),
    field("interface-id", "interface_id", Text, 2, "recorded network interface; null for a regional NAT gateway"),
    field("srcaddr", "srcaddr", Address, 2, "source; on egress the interface's own primary address"),
    field("dstaddr", "dstaddr", Address, 2, "destination; on ingress the interface's own primary address"),
    field("srcport", "srcport", Integer { max: 65_535 }, 2, "source port"),
    field("dstport", "dstport", Integer { max: 65_535 }, 2, "destination port"),
    field("protocol", "protocol", Integer { max: 255 }, 2, "IANA protocol number: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6"),
    field("packets", "packets", LARGE, 2, "packets in the aggregation interval"),
    field("bytes", "bytes", LARGE, 2, "bytes in the aggregation interval"),
    field("start", "start", LARGE, 2, "first packet, Unix seconds; up to 60 s off"),
    field("end", "end", LARGE, 2, "last packet, Unix seconds; up to 60 s late"),
    field("action", "action", OneOf(&["ACCEPT", "REJECT"]), 2, "ACCEPT or REJECT"),
    field("log-status", "log_status", OneOf(&["OK", "NODATA", "SKIPDATA"]), 2, "OK, NODATA (no traffic) or SKIPDATA (records lost)"),
    field("vpc-id", "vpc_id", Text, 3, "VPC of the interface"),
    field("subnet-id", "subnet_id", Text, 3, "subnet of the interface; null for a regional NAT gateway"),
    field("instance-id", "instance_id", Text, 3, "instance of the interface, if it is one of yours"),
    field("tcp-flags", "tcp_flags", SMALL, 3, "OR over the interval: FIN 1, SYN 2, RST 4, SYN-ACK 18"),
    field("type", "type", Text, 3, "IPv4, IPv6 or EFA"),
    field("pkt-srcaddr", "pkt_srcaddr", Address, 3, "source in the packet; differs from srcaddr behind NAT, transit gateway, pods"),
    field("pkt-dstaddr", "pkt_dstaddr", Address, 3, "destination in the packet"),
    field("region", "region", Text, 4, "Region of the interface"),
    field("az-id", "az_id", Text, 4, "availability zone id, such as use1-az4"),
    field("sublocation-type", "sublocation_type", Text, 4, "wavelength, outpost or localzone"),
    field("sublocation-id", "sublocation_id", Text, 4, "id of the sublocation"),
    field("pkt-src-aws-service", "pkt_src_aws_service", Text, 5, "AWS range code of pkt-srcaddr, such as S3 or AMAZON"),
    field("pkt-dst-aws-service", "pkt_dst_aws_service", Text, 5, "AWS range code of pkt-dstaddr"),
    field("flow-direction", "flow_direction", Text, 5, "ingress or egress, seen from the interface"),
    field("traffic-path", "traffic_path", SMALL, 5, "egress path 1 to 8; null on ingress"),
    field("ecs-cluster-arn", "ecs_cluster_arn", Text, 7, "ECS cluster, for tasks in awsvpc mode"),
    field("ecs-cluster-name", "ecs_cluster_name", Text, 7, "ECS cluster"),
    field("ecs-container-instance-arn", "ecs_container_instance_arn", Text, 7, "ECS container instance; null on Fargate"),
    field("ecs-container-instance-id", "ecs_container_instance_id", Text, 7, "ECS container instance; null on Fargate"),
    field("ecs-container-id", "ecs_container_id", Text, 7, "runtime id of the first container"),
    field("ecs-second-container-id", "ecs_second_container_id", Text, 7, "runtime id of the second container"),
    field("ecs-service-name", "ecs_service_name", Text, 7, "ECS service that started the task"),
    field("ecs-task-definition-arn", "ecs_task_definition_arn", Text, 7, "ECS task definition"),
    field("ecs-task-arn", "ecs_task_arn", Text, 7, "ECS task"),
    field("ecs-task-id", "ecs_task_id", Text, 7, "ECS task"),
    field("reject-reason", "reject_reason", Text, 8, "BPA (block public access) or EC (encryption controls)"),
    field("resource-id", "resource_id", Text, 9, "id of the regional NAT gateway"),
    field("encryption-status", "encryption_status", SMALL, 10, "0 none, 1 Nitro, 2 application, 3 both"),
    field("instance-tag", "instance_tag", Encoded, 11, "value of a chosen instance tag"),
    field("instance-tag-2", "instance_tag_2", Encoded, 11, "value of a second instance tag"),
    field("interface-tag", "interface_tag", Encoded, 11, "value of a chosen interface tag"),
    field("interface-tag-2", "interface_tag_2", Encoded, 11, "value of a second interface tag"),
    field("asg-tag", "asg_tag", Encoded, 11, "value of a chosen Auto Scaling group tag"),
    field("asg-tag-2", "asg_tag_2", Encoded, 11, "value of a second Auto Scaling group tag"),
    field("interface-type", "interface_type", Text, 11, "nat_gateway, regional_nat_gateway, vpc_endpoint, transit_gateway, network_load_balancer"),
    field("next-hop-interface-id", "next_hop_interface_id", Text, 11, "egress: receiving interface; ingress: sending interface"),
    field("next-hop-subnet-id", "next_hop_subnet_id", Text, 11, "subnet of the next hop"),
    field("next-hop-az-id", "next_hop_az_id", Text, 11, "zone of the next hop, also when it is another account's"),
    field("next-hop-vpc-id", "next_hop_vpc_id", Text, 11, "VPC of the next hop"),
    field("next-hop-interface-type", "next_hop_interface_type", Text, 11, "type of the next hop, as interface-type"),
];

impl Field {
    /// Position in [`FIELDS`] of a field, by either of its names.
    pub fn position(name: &str) -> Option<usize> {
        FIELDS.iter().position(|field| field.name == name || field.column == name)
    }

    /// Whether the column is a 64-bit integer; else it is text.
    pub fn is_integer(&self) -> bool {
        matches!(self.value, Integer { .. })
    }
}

/// The field table as Markdown: `docs/flow_logs.md` is this text.
pub fn markdown() -> String {
    let mut text = String::from("| field | column | type | version | meaning |\n| --- | --- | --- | --: | --- |\n");
    for field in &FIELDS {
        let kind = if field.is_integer() { "integer" } else { "text" };
        text.push_str(&format!("| {} | {} | {kind} | {} | {} |\n", field.name, field.column, field.version, field.doc));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_column_is_the_name_with_underscores() {
        for field in &FIELDS {
            assert_eq!(field.column, field.name.replace('-', "_"));
            assert!(matches!(field.version, 2..=5 | 7..=11), "{}", field.name);
        }
    }

    #[test]
    fn every_field_is_found_once_by_both_names() {
        for (position, field) in FIELDS.iter().enumerate() {
            assert_eq!(Field::position(field.name), Some(position));
            assert_eq!(Field::position(field.column), Some(position));
        }
        assert_eq!(Field::position("srcAddr"), None);
    }

    #[test]
    fn the_page_of_columns_is_up_to_date() {
        let page = include_str!("../../docs/flow_logs.md");
        assert!(page.contains(&markdown()), "put this table into docs/flow_logs.md:\n{}", markdown());
    }
}
