//! One table of the report as CSV: the columns are the keys of `--format json`, nested keys joined by a dot.
//!
//! Null is an empty cell. Lists are joined by spaces (sentences by a line break), lists of objects stay JSON.

use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;

use super::model::Report;
use crate::{Error, Result};

/// Which table of the report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum CsvTable {
    /// Classified bytes, one row per client, service, path and direction
    #[default]
    Traffic,
    /// What to change, with every saving and cost
    Opportunities,
    /// NAT gateways with their cost
    NatGateways,
    /// VPC endpoints with their cost
    Endpoints,
    /// Hours covered, by flow log and VPC
    Coverage,
}

impl CsvTable {
    /// JSON pointers of the columns, without the leading slash.
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Traffic => TRAFFIC,
            Self::Opportunities => OPPORTUNITIES,
            Self::NatGateways => NAT_GATEWAYS,
            Self::Endpoints => ENDPOINTS,
            Self::Coverage => COVERAGE,
        }
    }

    fn rows(self, report: &Report) -> Result<Vec<Value>> {
        match self {
            Self::Traffic => values(&report.traffic),
            Self::Opportunities => values(&report.opportunities),
            Self::NatGateways => values(&report.nat_gateways),
            Self::Endpoints => values(&report.endpoints),
            Self::Coverage => values(&report.coverage.scopes),
        }
    }
}

/// The table with its header line, which is there also when there is no row.
pub fn render(report: &Report, table: CsvTable) -> Result<String> {
    let failed = |error: csv::Error| Error::Output(error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(table.columns().iter().map(|column| column.replace('/', "."))).map_err(failed)?;
    for row in table.rows(report)? {
        let cells = table.columns().iter().map(|column| cell(row.pointer(&format!("/{column}"))));
        writer.write_record(cells).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| Error::Output(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| Error::Output(error.to_string()))
}

fn values<T: Serialize>(rows: &[T]) -> Result<Vec<Value>> {
    rows.iter().map(|row| serde_json::to_value(row).map_err(|error| Error::Output(error.to_string()))).collect()
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
            let words: Vec<_> = items.iter().filter_map(Value::as_str).collect();
            let sentences = words.iter().any(|word| word.contains(' '));
            words.join(if sentences { "\n" } else { " " })
        }
        Some(other) => other.to_string(),
    }
}

const TRAFFIC: &[&str] = &[
    "account_id",
    "region",
    "vpc_id",
    "subnet_id",
    "az_id",
    "interface_id",
    "service",
    "service_evidence",
    "peer_region",
    "path",
    "path_evidence",
    "via",
    "nat_gateway_id",
    "endpoint_id",
    "direction",
    "records",
    "packets",
    "bytes",
    "usd_month",
];

const NAT_GATEWAYS: &[&str] = &[
    "nat_gateway_id",
    "account_id",
    "region",
    "vpc_id",
    "az_id",
    "processed_bytes",
    "monthly_gib",
    "hours_usd",
    "processing_usd",
    "inter_az_usd",
    "transit_gateway_usd",
    "observed_usd",
    "movable_bytes",
    "leg_ratio",
    "vantage_ratio",
    "observed",
];

const ENDPOINTS: &[&str] = &[
    "endpoint_id",
    "type",
    "account_id",
    "region",
    "vpc_id",
    "service",
    "az_count",
    "processed_bytes",
    "monthly_gib",
    "hours_usd",
    "processing_usd",
    "observed",
];

const COVERAGE: &[&str] = &["account_id", "region", "vpc_id", "flow_log_id", "covered_hours", "skipdata_slots"];

const OPPORTUNITIES: &[&str] = &[
    "id",
    "kind",
    "decision",
    "net_usd_month",
    "range/low",
    "range/high",
    "confidence",
    "service",
    "endpoint_service_name",
    "account_id",
    "payer_account_id",
    "client_account_ids",
    "region",
    "vpc_id",
    "endpoint_id",
    "nat_gateway_ids",
    "route_table_ids",
    "route_tables",
    "subnet_ids",
    "az_ids",
    "az_count",
    "observed_bytes",
    "monthly_gib",
    "break_even_gib_month",
    "saves/nat_processing_usd",
    "saves/nat_hours_usd",
    "saves/inter_az_usd",
    "saves/transit_gateway_usd",
    "saves/endpoint_hours_usd",
    "saves/endpoint_processing_usd",
    "saves/gwlb_processing_usd",
    "saves/firewall_processing_usd",
    "saves/public_ipv4_usd",
    "adds/endpoint_hours_usd",
    "adds/endpoint_processing_usd",
    "adds/nat_processing_usd",
    "adds/nat_hours_usd",
    "adds/inter_az_usd",
    "adds/transit_gateway_usd",
    "adds/public_ipv4_usd",
    "depends_on",
    "why",
    "aws_cli",
    "terraform",
    "risks",
    "missing_prices",
];
