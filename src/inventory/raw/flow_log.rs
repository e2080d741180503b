//! `describe-flow-logs`.

use serde::Deserialize;

use crate::inventory::page::Entry;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawFlowLog {
    pub flow_log_id: Option<String>,
    pub resource_id: Option<String>,
    pub log_format: Option<String>,
    pub traffic_type: Option<String>,
    pub max_aggregation_interval: Option<i64>,
    pub log_destination_type: Option<String>,
    pub log_destination: Option<String>,
    pub log_group_name: Option<String>,
    pub destination_options: Option<RawDestinationOptions>,
    pub flow_log_status: Option<String>,
    pub deliver_logs_status: Option<String>,
    pub deliver_logs_error_message: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawDestinationOptions {
    pub file_format: Option<String>,
    pub hive_compatible_partitions: Option<bool>,
    pub per_hour_partition: Option<bool>,
}

impl Entry for RawFlowLog {
    const LISTS: &'static [&'static str] = &["FlowLogs"];
}
