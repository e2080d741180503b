//! Arguments of `offramp report`.

use clap::Args;

use super::{EngineArgs, OutputArgs, SourceArgs, StorageArgs};
use crate::Result;
use crate::pipeline::Job;
use crate::report::{CsvTable, Format};
use crate::source::location::Location;

const EXAMPLES: &str = "\
Examples:
  offramp report ./flow-logs --inventory ./inventory
  offramp report s3://acme-logs/AWSLogs/ --inventory ./inventory --since 7d
  offramp report s3://acme-logs --account 111122223333 --source-region eu-west-1 --since 2026-09-01 --until 2026-10-01
  offramp report ./flow-logs --inventory ./inventory --format markdown -o report.md
  offramp report ./flow-logs --inventory ./inventory --format csv --csv-table opportunities

Every option can be given in the environment by the name shown beside it.";

/// Arguments of `offramp report`.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct ReportArgs {
    /// Flow logs: s3://bucket/prefix, a directory or a file; several may be given
    #[arg(required = true, value_name = "SOURCE")]
    pub sources: Vec<Location>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub source: SourceArgs,
    /// How the report is written
    #[arg(long, value_enum, default_value_t, env = "OFFRAMP_REPORT_FORMAT", help_heading = "Output")]
    pub format: Format,
    /// The table that --format csv writes
    #[arg(long, value_enum, value_name = "TABLE", default_value_t, env = "OFFRAMP_CSV_TABLE", help_heading = "Output")]
    pub csv_table: CsvTable,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub output: OutputArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub storage: StorageArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub engine: EngineArgs,
}

impl ReportArgs {
    /// What the pipeline is to do.
    pub fn job(&self) -> Result<Job> {
        job(&self.sources, &self.source, &self.storage, &self.engine)
    }
}

pub(super) fn job(
    sources: &[Location],
    source: &SourceArgs,
    storage: &StorageArgs,
    engine: &EngineArgs,
) -> Result<Job> {
    Ok(Job {
        sources: sources.to_vec(),
        selection: source.select.selection()?,
        s3: storage.settings(),
        inventory: source.inventory.clone(),
        resolver: source.resolver.clone(),
        dns_lookback: source.dns_lookback,
        ip_ranges: source.ip_ranges.clone(),
        prices: source.prices.clone(),
        log_format: source.select.log_format.clone(),
        told_apart: None,
        explained: false,
        memory_limit: engine.memory_limit.map(|size| size.as_u64()),
    })
}
