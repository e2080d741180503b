//! What a check says, independent of its format. `--format json` is exactly this: keys may be added, never renamed or removed.

use serde::{Deserialize, Serialize};

/// Of [`Check`].
pub const SCHEMA_VERSION: u32 = 1;

/// The whole check.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Check {
    pub schema_version: u32,
    pub inventory: InventoryCheck,
    /// Configured, seen, or both.
    pub flow_logs: Vec<FlowLogCheck>,
    /// Every VPC of the inventory, and what watches it.
    pub watched: Vec<VpcCheck>,
    pub advice: Vec<Advice>,
    /// What was looked at of the logs; None without SOURCE.
    pub sampled: Option<Sampled>,
}

/// Inventory files found and missed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct InventoryCheck {
    pub files: Vec<InventoryFileCheck>,
    pub absent: Vec<AbsentFile>,
    pub notices: Vec<String>,
}

/// One file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct InventoryFileCheck {
    /// The AWS CLI command (`aws ec2 ...`) that prints it.
    pub command: String,
    pub path: String,
    pub entries: u64,
}

/// A file that would have told something.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct AbsentFile {
    pub command: String,
    /// In certainty.
    pub cost: String,
}

/// Which objects were looked into.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Sampled {
    pub objects_listed: u64,
    pub objects_read: u64,
    /// As stored.
    pub bytes_read: u64,
    /// Flow logs that were not looked into, because there are too many.
    pub flow_logs_left_out: u64,
    /// Objects whose columns could not be told.
    pub unreadable: Vec<Unreadable>,
}

/// An object that is no flow log, or a damaged one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Unreadable {
    pub object: String,
    pub reason: String,
}

/// One flow log.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct FlowLogCheck {
    pub flow_log_id: String,
    pub account_id: Option<String>,
    pub region: Option<String>,
    /// Whether describe-flow-logs has it.
    pub configured: bool,
    /// Whether the sources have objects of it; None when no source was looked at.
    pub seen: Option<bool>,
    pub resource_id: Option<String>,
    pub traffic_type: Option<String>,
    /// Seconds.
    pub max_aggregation_interval: Option<i64>,
    pub destination_type: Option<String>,
    pub destination: Option<String>,
    pub file_format: Option<String>,
    pub hive_partitions: Option<bool>,
    pub per_hour_partitions: Option<bool>,
    /// Highest version among its fields; None when the format is not known.
    pub version: Option<u8>,
    /// As AWS writes them.
    pub fields: Vec<String>,
    /// Fields that are used and not logged.
    pub missing: Vec<String>,
    /// Fields that are logged and not used here.
    pub unused: Vec<String>,
    pub answers: Vec<AnswerCheck>,
    /// What keeps it from being evidence at all: other destination, rejected traffic only, delivery errors. One sentence each.
    pub problems: Vec<String>,
}

/// Whether a question can be answered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct AnswerCheck {
    pub id: String,
    pub question: String,
    /// `log` (its fields say it), `inventory` (files stand in), `open`.
    pub from: String,
    pub missing_fields: Vec<String>,
    /// What the missing fields cost; None when none is missing.
    pub cost: Option<String>,
}

/// What watches a VPC.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct VpcCheck {
    pub vpc_id: String,
    pub account_id: Option<String>,
    pub region: Option<String>,
    /// Usable flow logs of the VPC, its subnets, interfaces and regional NAT gateways.
    pub flow_log_ids: Vec<String>,
    /// `full` (one flow log of the whole VPC with every field), `whole` (of the whole VPC, fields missing), `part`, `none`, or
    /// `unknown` without describe-flow-logs.
    pub watched: String,
    pub interfaces: u64,
    pub unwatched_interfaces: u64,
    pub unwatched_subnet_ids: Vec<String>,
    pub unwatched_nat_gateway_ids: Vec<String>,
    pub unwatched_endpoint_ids: Vec<String>,
}

/// A flow log to create.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Advice {
    pub account_id: Option<String>,
    pub region: Option<String>,
    pub vpc_ids: Vec<String>,
    pub why: String,
    pub log_format: String,
    pub traffic_type: String,
    /// Seconds.
    pub max_aggregation_interval: i64,
    pub destination: String,
    pub file_format: String,
    pub hive_partitions: bool,
    pub per_hour_partitions: bool,
    /// The flow log whose destination and layout are taken over.
    pub settings_from: Option<String>,
    /// Flow logs that it makes needless once it has delivered.
    pub replaces: Vec<String>,
    pub aws_cli: Vec<String>,
    pub terraform: String,
}
