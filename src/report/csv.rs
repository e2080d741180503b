//! One table of the report as CSV: the columns are the keys of `--format json`, nested keys joined by a dot.
//!
//! Null is an empty cell. Lists are joined by spaces (sentences by a line break), lists of objects stay JSON.

use clap::ValueEnum;
use serde::Serialize;
use serde_json::{Value, json};

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
    /// What was read and covered, by flow log and VPC
    Coverage,
    /// What was read and covered in all
    CoverageTotals,
    /// How far the own logs of NAT gateways and endpoint interfaces speak
    CoverageGateways,
    /// Stretches of the window without records
    CoverageGaps,
    /// Where AWS dropped records, by interface and hour
    CoverageSkipdata,
    /// Bytes without a service, by range and peer
    CoverageUnresolved,
    /// Bytes without service, path, zone or direction, by reason and VPC
    CoverageUnsettled,
    /// Malformed lines: samples by reason
    CoverageMalformed,
    /// Objects that are damaged or of another kind
    CoverageDamaged,
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
            Self::CoverageTotals => COVERAGE_TOTALS,
            Self::CoverageGateways => COVERAGE_GATEWAYS,
            Self::CoverageGaps => COVERAGE_GAPS,
            Self::CoverageSkipdata => COVERAGE_SKIPDATA,
            Self::CoverageUnresolved => COVERAGE_UNRESOLVED,
            Self::CoverageUnsettled => COVERAGE_UNSETTLED,
            Self::CoverageMalformed => COVERAGE_MALFORMED,
            Self::CoverageDamaged => COVERAGE_DAMAGED,
        }
    }

    fn rows(self, report: &Report) -> Result<Vec<Value>> {
        match self {
            Self::Traffic => values(&report.traffic),
            Self::Opportunities => values(&report.opportunities),
            Self::NatGateways => values(&report.nat_gateways),
            Self::Endpoints => values(&report.endpoints),
            Self::Coverage => values(&report.coverage.scopes),
            Self::CoverageTotals => values(std::slice::from_ref(&report.coverage)),
            Self::CoverageGateways => values(&report.coverage.gateways),
            Self::CoverageGaps => values(&report.coverage.gaps),
            Self::CoverageSkipdata => values(&report.coverage.skipdata_hours),
            Self::CoverageUnresolved => values(&flat(
                &report.coverage.unresolved,
                |range| &range.peers,
                |range, peer| json!({"range": range, "peer": peer}),
            )),
            Self::CoverageUnsettled => values(&report.coverage.unsettled),
            Self::CoverageMalformed => values(&flat(
                &report.coverage.malformed_by_reason,
                |reason| &reason.samples,
                |reason, sample| json!({"reason": reason, "sample": sample}),
            )),
            Self::CoverageDamaged => values(&report.coverage.damaged),
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

/// One row an inner entry, the outer one repeated.
fn flat<T, U>(rows: &[T], inner: impl Fn(&T) -> &Vec<U>, row: impl Fn(&T, &U) -> Value) -> Vec<Value> {
    rows.iter().flat_map(|outer| inner(outer).iter().map(|one| row(outer, one)).collect::<Vec<_>>()).collect()
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
    "onward",
    "nat_gateway_id",
    "endpoint_id",
    "direction",
    "records",
    "packets",
    "bytes",
    "usd_month",
    "bound",
    "covered_hours",
    "window_share",
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
    "bound",
    "movable_bytes",
    "leg_ratio",
    "vantage_ratio",
    "observed",
    "covered_hours",
    "window_share",
    "life_hours",
    "run_rate_usd_month",
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
    "bound",
    "observed",
    "covered_hours",
    "window_share",
    "life_hours",
];

const COVERAGE: &[&str] = &[
    "account_id",
    "region",
    "vpc_id",
    "flow_log_id",
    "covered_hours",
    "window_share",
    "skipdata_slots",
    "interfaces",
    "objects",
    "records",
    "accepted",
    "rejected",
    "nodata",
    "skipdata",
    "malformed",
    "damaged_objects",
    "bytes",
    "duplicate_bytes",
    "fields",
    "has_packet_fields",
    "recorded_traffic",
];

const COVERAGE_TOTALS: &[&str] = &[
    "objects",
    "records",
    "accepted",
    "rejected",
    "nodata",
    "skipdata",
    "malformed",
    "damaged_objects",
    "duplicate_objects",
    "duplicate_events",
    "duplicate_bytes",
    "covered_hours",
    "bytes",
    "service_known_bytes",
    "path_known_bytes",
    "unresolved_bytes",
    "unoriented_bytes",
    "path_conflict_bytes",
    "nat_unmatched_bytes",
    "endpoint_unmatched_bytes",
    "az_unknown_bytes",
    "dns_ambiguous_bytes",
    "dns_conflict_bytes",
];

const COVERAGE_GATEWAYS: &[&str] = &[
    "kind",
    "id",
    "interface_id",
    "account_id",
    "region",
    "vpc_id",
    "covered_hours",
    "window_share",
    "full_hours",
    "partial_hours",
    "skipdata_slots",
    "has_packet_fields",
    "scaled_hours",
];

const COVERAGE_GAPS: &[&str] =
    &["kind", "id", "interface_id", "account_id", "region", "vpc_id", "start", "end", "hours"];

const COVERAGE_SKIPDATA: &[&str] =
    &["account_id", "region", "vpc_id", "flow_log_id", "interface_id", "hour", "slots", "records"];

const COVERAGE_UNRESOLVED: &[&str] =
    &["range/label", "range/bytes", "range/nat_bytes", "range/peer_count", "peer/peer", "peer/bytes", "peer/nat_bytes"];

const COVERAGE_UNSETTLED: &[&str] = &["reason", "account_id", "region", "vpc_id", "bytes"];

const COVERAGE_MALFORMED: &[&str] = &["reason/reason", "reason/lines", "sample/object", "sample/line", "sample/text"];

const COVERAGE_DAMAGED: &[&str] = &["object", "reason", "records"];

const OPPORTUNITIES: &[&str] = &[
    "id",
    "kind",
    "decision",
    "net_usd_month",
    "bound",
    "saves_by_payer",
    "range/low",
    "range/high",
    "confidence",
    "covered_hours",
    "window_share",
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
