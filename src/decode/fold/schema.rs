//! The columns of `folded_flows`, `folded_hours` and `folded_peers`.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef};

use crate::record::fields::{FIELDS, Field};

/// The fields that `observations.sql` reads, besides those it adds up.
pub(super) const KEYS: [&str; 27] = [
    "account_id",
    "interface_id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "action",
    "log_status",
    "vpc_id",
    "subnet_id",
    "instance_id",
    "tcp_flags",
    "pkt_srcaddr",
    "pkt_dstaddr",
    "region",
    "az_id",
    "pkt_src_aws_service",
    "pkt_dst_aws_service",
    "flow_direction",
    "traffic_path",
    "resource_id",
    "interface_type",
    "next_hop_interface_type",
    "next_hop_interface_id",
    "next_hop_az_id",
    "next_hop_vpc_id",
];

/// What a group adds up: records, packets, bytes, earliest and latest start, latest end (Unix seconds), mask of 10-minute slots.
pub(super) const MEASURES: [&str; 7] = ["records", "packets", "bytes", "start", "last_start", "finish", "slots"];

/// Schema of the flows: `flow_id`, the key fields, `flow_log_id`.
pub fn flows_schema() -> SchemaRef {
    let number = ArrowField::new("flow_id", DataType::Int64, false);
    let keys = KEYS
        .iter()
        .map(|name| ArrowField::new(*name, if is_integer(name) { DataType::Int64 } else { DataType::Utf8View }, true));
    let log = ArrowField::new("flow_log_id", DataType::Utf8View, true);
    Arc::new(Schema::new([number].into_iter().chain(keys).chain([log]).collect::<Vec<_>>()))
}

/// Schema of the sums: `flow_id`, the hour (its start in Unix seconds), what is added up.
pub fn hours_schema() -> SchemaRef {
    let columns = ["flow_id", "hour"].iter().chain(&MEASURES);
    Arc::new(Schema::new(columns.map(|name| ArrowField::new(*name, DataType::Int64, false)).collect::<Vec<_>>()))
}

/// Schema of the networks behind a flow's peers, where flows do not tell them apart: `flow_id`, the number of the network, the bytes of
/// all hours.
pub fn peers_schema() -> SchemaRef {
    let columns = ["flow_id", "network", "bytes"];
    Arc::new(Schema::new(columns.map(|name| ArrowField::new(name, DataType::Int64, false)).to_vec()))
}

pub(super) fn field(column: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|f| f.column == column)
}

/// Whether a key field is a number.
pub(super) fn is_integer(column: &str) -> bool {
    field(column).is_some_and(Field::is_integer)
}
