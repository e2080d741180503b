//! The main job: logs, inventory and prices in, classified bytes and opportunities out.
//!
//! [`open`] lists the objects and registers `flow_logs`, the inventory and the prices. [`Session::classify`] runs the
//! statements of `queries/pipeline` in order; each result is kept as a table, so that the next statement, the report and
//! ad-hoc SQL all see the same rows.

mod coverage;
mod explain;
mod later;
mod named;
mod order;
mod packed;
mod parts;
mod planning;
mod report;
mod rows;
mod statements;
mod texts;
mod why;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::prelude::SessionContext;
use ipnet::IpNet;

pub use self::statements::Keep;
use crate::address::catalogue::Catalogue;
use crate::address::{AddressBook, AwsRanges};
use crate::decode::fold::{Flows, Sameness};
use crate::error::Result;
use crate::inventory::Inventory;
use crate::observe::progress::Progress;
use crate::prices::PriceBook;
use crate::queries;
use crate::record::kind::LogKind;
use crate::report::Report;
use crate::resolver::ledger::ResolverLedger;
use crate::resolver::{Lookback, ResolverLog};
use crate::source::folded::folded_tables;
use crate::source::ledger::Ledger;
use crate::source::listing::{self, Listing, Selection};
use crate::source::location::Location;
use crate::source::provider::{DecodeOptions, FlowLogTable, KnownFormat};
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
    /// Where the Route 53 Resolver query logs are; may be nowhere.
    pub resolver: Vec<Location>,
    /// How long before an hour's end an answer counts.
    pub dns_lookback: Lookback,
    /// Directory with `describe-*.json` files.
    pub inventory: Option<PathBuf>,
    /// A newer `ip-ranges.json`.
    pub ip_ranges: Option<PathBuf>,
    /// Price overrides.
    pub prices: Option<PathBuf>,
    /// Column list of logs without a header line.
    pub log_format: Option<String>,
    /// A peer that is asked for: its networks are kept for themselves, though others are alike; with query logs its addresses too.
    pub told_apart: Option<IpNet>,
    /// Whether explanations are asked for: the scan then keeps what told who opened a connection, ports or TCP flags.
    pub explained: bool,
    /// Bytes that queries may hold before they spill.
    pub memory_limit: Option<u64>,
}

/// An opened job: the session with its tables, and what is known about them.
pub struct Session {
    ctx: SessionContext,
    selection: Selection,
    ledger: Arc<Ledger>,
    numbered: Arc<Flows>,
    inventory: Arc<Inventory>,
    topology: Arc<Topology>,
    ranges: AwsRanges,
    has_inventory: bool,
    prices: PriceBook,
    newer_ranges: bool,
    duplicate_objects: Vec<String>,
    refused: Vec<(String, String)>,
    resolver: Option<Resolver>,
    lookback: Lookback,
    asked: Option<IpNet>,
    progress: Arc<dyn Progress>,
}

/// Query logs under way.
struct Resolver {
    ledger: Arc<ResolverLedger>,
    duplicate_objects: u64,
    refused: Vec<(String, String)>,
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
    let book = AddressBook::new(&ranges, &inventory).with_alike_together(&inventory, job.told_apart);
    if job.resolver.is_empty() {
        book.keep_named(HashSet::new(), None);
    }
    let book = Arc::new(book);
    let sameness: Arc<dyn Sameness> = Arc::clone(&book) as _;
    let topology = Arc::new(Topology::new(Arc::clone(&inventory), book));
    let catalogue = Arc::new(Catalogue::embedded()?);
    crate::functions::register_all(&ctx, &topology, &catalogue);
    crate::inventory::register(&ctx, &inventory)?;
    let mut prices = PriceBook::embedded()?;
    if let Some(path) = &job.prices {
        prices.apply_file(path)?;
    }
    prices.register(&ctx)?;
    catalogue.register(&ctx)?;
    let listing = match job.sources.as_slice() {
        [] => Listing::default(),
        sources => listing::list(&ctx, sources, &job.selection, &job.s3).await?,
    };
    let resolver = open_resolver(&ctx, job).await?;
    let bytes = listing.objects.iter().map(|o| o.meta.size).sum();
    progress.objects(listing.objects.len() as u64, bytes);
    let ledger = Arc::new(Ledger::new(Arc::clone(&progress)));
    let options = DecodeOptions { log_format: job.log_format.clone(), known: known_formats(&inventory) };
    let folded = folded_tables(&listing.objects, &options, job.selection.window, &sameness, &ledger, job.explained)?;
    ctx.register_table("folded_hours", Arc::new(folded.hours))?;
    ctx.register_table("folded_flows", Arc::new(folded.flows))?;
    ctx.register_table("folded_peers", Arc::new(folded.peers))?;
    let flow_logs = FlowLogTable::new(listing.objects, options, Arc::clone(&ledger))?;
    ctx.register_table("flow_logs", Arc::new(flow_logs))?;
    Ok(Session {
        ctx,
        selection: job.selection.clone(),
        ledger,
        numbered: folded.numbered,
        inventory,
        topology,
        ranges,
        has_inventory: job.inventory.is_some(),
        prices,
        newer_ranges: job.ip_ranges.is_some(),
        duplicate_objects: listing.duplicate_objects,
        refused: listing.refused,
        resolver,
        lookback: job.dns_lookback,
        asked: job.told_apart,
        progress,
    })
}

/// Formats that DescribeFlowLogs tells.
fn known_formats(inventory: &Inventory) -> Vec<KnownFormat> {
    let known = inventory.flow_logs.iter().filter_map(|flow_log| {
        let to_logs = flow_log.destination_type.as_deref().is_none_or(|kind| kind == "cloud-watch-logs");
        Some(KnownFormat {
            flow_log_id: flow_log.flow_log_id.clone(),
            log_group: flow_log.destination.clone().filter(|_| to_logs),
            log_format: flow_log.log_format.clone()?,
        })
    });
    known.collect()
}

/// Lists the query logs and registers `resolver_log`, which is empty without any. Accounts and Regions are not selected:
/// a shared VPC's log lies with its owner. The window begins earlier by the look-back.
async fn open_resolver(ctx: &SessionContext, job: &Job) -> Result<Option<Resolver>> {
    let ledger = Arc::new(ResolverLedger::default());
    let mut selection = Selection { window: job.selection.window, ..Selection::default() };
    selection.window.since = selection.window.since.map(|since| since.saturating_sub(job.dns_lookback.seconds()));
    let listing = match job.resolver.as_slice() {
        [] => Listing::default(),
        sources => listing::list_of(LogKind::ResolverQueries, ctx, sources, &selection, &job.s3).await?,
    };
    let partitions = ctx.state().config().target_partitions();
    let table = ResolverLog::table(listing.objects, partitions, &ledger)?;
    ctx.register_table("resolver_log", Arc::new(table))?;
    let duplicate_objects = listing.duplicate_objects.len() as u64;
    Ok((!job.resolver.is_empty()).then_some(Resolver { ledger, duplicate_objects, refused: listing.refused }))
}

/// Opens a job and classifies its bytes; the tables of the report stand.
pub async fn run(job: &Job, progress: Arc<dyn Progress>) -> Result<Session> {
    let session = open(job, progress).await?;
    session.classify(Keep::Report).await?;
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
        if tables.iter().any(|t| queries::is_pipeline_table(t.table())) {
            self.classify(Keep::All).await
        } else {
            Ok(())
        }
    }

    /// Whether everything was read in whole and priced; if not, the process ends with exit code 1.
    pub fn complete(&self, report: &Report) -> bool {
        let coverage = &report.coverage;
        coverage.malformed == 0
            && coverage.damaged_objects == 0
            && coverage.resolver.as_ref().is_none_or(|r| r.malformed == 0 && r.damaged.is_empty())
            && report.opportunities.iter().all(|o| o.decision != "unpriced")
    }
}
