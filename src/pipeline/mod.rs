//! The main job: logs, inventory and prices in, classified bytes and opportunities out.
//!
//! [`open`] lists the objects and registers `flow_logs`, the inventory and the prices. [`Session::classify`] runs the
//! statements of `queries/pipeline` in order; each result is kept as a table, so that the next statement, the report and
//! ad-hoc SQL all see the same rows.

mod report;
mod statements;
mod why;

use std::path::PathBuf;
use std::sync::Arc;

use datafusion::prelude::SessionContext;

use crate::address::catalogue::Catalogue;
use crate::address::{AddressBook, AwsRanges};
use crate::decode::fold::Sameness;
use crate::error::Result;
use crate::inventory::Inventory;
use crate::observe::progress::Progress;
use crate::prices::PriceBook;
use crate::queries;
use crate::report::Report;
use crate::source::folded::folded_table;
use crate::source::ledger::Ledger;
use crate::source::listing::{self, Listing, Selection};
use crate::source::location::Location;
use crate::source::provider::{DecodeOptions, FlowLogTable};
use crate::source::s3::S3Settings;
use crate::topology::Topology;

/// What to read and with what.
#[derive(Debug, Clone, Default)]
pub struct Job {
    /// Where the flow logs are.
    pub sources: Vec<Location>,
    /// Window, accounts and Regions.
    pub selection: Selection,
    /// How to reach S3.
    pub s3: S3Settings,
    /// Directory with `describe-*.json` files.
    pub inventory: Option<PathBuf>,
    /// A newer `ip-ranges.json`.
    pub ip_ranges: Option<PathBuf>,
    /// Price overrides.
    pub prices: Option<PathBuf>,
    /// Column list of logs without a header line.
    pub log_format: Option<String>,
    /// Bytes that queries may hold before they spill.
    pub memory_limit: Option<u64>,
}

/// An opened job: the session with its tables, and what is known about them.
pub struct Session {
    ctx: SessionContext,
    selection: Selection,
    ledger: Arc<Ledger>,
    inventory: Arc<Inventory>,
    has_inventory: bool,
    prices: PriceBook,
    ranges_as_of: String,
    newer_ranges: bool,
    duplicate_objects: Vec<String>,
    refused: Vec<(String, String)>,
    progress: Arc<dyn Progress>,
}

/// Opens a job: reads inventory and prices, lists the objects, registers all tables that need no scan.
///
/// # Errors
/// [`Error::Input`] for a broken inventory, price or ranges file, [`Error::NothingToRead`], and what listing may give.
pub async fn open(job: &Job, progress: Arc<dyn Progress>) -> Result<Session> {
    let ctx = crate::catalog::session(job.memory_limit)?;
    let inventory = match &job.inventory {
        Some(dir) => crate::inventory::read(dir)?,
        None => Inventory::default(),
    };
    let inventory = Arc::new(inventory);
    let ranges = ranges(job, &inventory)?;
    let book = Arc::new(AddressBook::new(&ranges, &inventory));
    let sameness: Arc<dyn Sameness> = Arc::clone(&book) as _;
    let topology = Arc::new(Topology::new(Arc::clone(&inventory), book));
    crate::functions::register_all(&ctx, &topology);
    crate::inventory::register(&ctx, &inventory)?;
    let mut prices = PriceBook::embedded()?;
    if let Some(path) = &job.prices {
        prices.apply_file(path)?;
    }
    prices.register(&ctx)?;
    Catalogue::embedded()?.register(&ctx)?;
    let listing = match job.sources.as_slice() {
        [] => Listing::default(),
        sources => listing::list(&ctx, sources, &job.selection, &job.s3).await?,
    };
    let bytes = listing.objects.iter().map(|o| o.meta.size).sum();
    progress.objects(listing.objects.len() as u64, bytes);
    let ledger = Arc::new(Ledger::new(Arc::clone(&progress)));
    let options = DecodeOptions { log_format: job.log_format.clone() };
    let folded = folded_table(&listing.objects, &options, job.selection.window, &sameness, &ledger)?;
    ctx.register_table("folded_logs", Arc::new(folded))?;
    let flow_logs = FlowLogTable::new(listing.objects, options, Arc::clone(&ledger))?;
    ctx.register_table("flow_logs", Arc::new(flow_logs))?;
    Ok(Session {
        ctx,
        selection: job.selection.clone(),
        ledger,
        inventory,
        has_inventory: job.inventory.is_some(),
        prices,
        ranges_as_of: ranges.as_of,
        newer_ranges: job.ip_ranges.is_some(),
        duplicate_objects: listing.duplicate_objects,
        refused: listing.refused,
        progress,
    })
}

/// Opens a job and classifies its bytes.
pub async fn run(job: &Job, progress: Arc<dyn Progress>) -> Result<Session> {
    let session = open(job, progress).await?;
    session.classify().await?;
    Ok(session)
}

/// `--ip-ranges`, else an `ip-ranges.json` in the inventory, else the embedded table.
fn ranges(job: &Job, inventory: &Inventory) -> Result<AwsRanges> {
    let found = inventory.files.iter().find(|f| f.kind == crate::inventory::model::InventoryFile::IpRanges);
    match (&job.ip_ranges, found) {
        (Some(path), _) => AwsRanges::from_json_file(path),
        (None, Some(file)) => AwsRanges::from_json_file(file.path.as_ref()),
        (None, None) => AwsRanges::embedded(),
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("selection", &self.selection).finish_non_exhaustive()
    }
}

impl Session {
    /// The DataFusion session with all tables registered so far.
    pub fn context(&self) -> &SessionContext {
        &self.ctx
    }

    /// Classifies only if the statement reads a table of the pipeline: a question to `flow_logs` alone needs no report.
    pub async fn prepare(&self, sql: &str) -> Result<()> {
        let state = self.ctx.state();
        let dialect = state.config_options().sql_parser.dialect;
        let statement = state.sql_to_statement(sql, &dialect)?;
        let tables = state.resolve_table_references(&statement)?;
        if tables.iter().any(|t| queries::is_pipeline_table(t.table())) { self.classify().await } else { Ok(()) }
    }

    /// Whether everything was read in whole and priced; if not, the process ends with exit code 1.
    pub fn complete(&self, report: &Report) -> bool {
        let coverage = &report.coverage;
        coverage.malformed == 0
            && coverage.damaged_objects == 0
            && report.opportunities.iter().all(|o| o.decision != "unpriced")
    }
}
