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
}

impl Entry for RawFlowLog {
    const LISTS: &'static [&'static str] = &["FlowLogs"];
}
