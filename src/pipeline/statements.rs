//! Runs the statements of `queries/pipeline` and keeps each result as a table.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use datafusion::common::{ScalarValue, TableReference};
use datafusion::datasource::MemTable;
use datafusion::physical_plan::collect_partitioned;
use datafusion::prelude::{DataFrame, SessionContext};
use datafusion::sql::parser::Statement;
use tokio::task::JoinSet;

use super::Session;
use super::parts::{Part, take_apart};
use super::planning::Planning;
use super::texts::texts_once;
use crate::error::{Error, Result};
use crate::inventory::model::InventoryFile;
use crate::queries::{CLASSIFY, Query, REPORT, SCAN, Step};

/// Which tables stand afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// All steps, to look at.
    All,
    /// Those of the report; the others are let go with the last statement that reads them.
    Report,
}

impl Session {
    /// Scans the logs once and classifies every byte.
    pub async fn classify(&self, keep: Keep) -> Result<()> {
        let [scan, rest @ ..] = SCAN;
        let statements = self.statements();
        statements.run(scan, usize::MAX).await?;
        self.progress.finish();
        self.register_scanned()?;
        let rest: Vec<Step> = rest.into_iter().chain(CLASSIFY).collect();
        if keep == Keep::Report {
            self.ctx.deregister_table("folded_hours")?;
        }
        statements.run_all(&rest, keep).await
    }

    /// Plans a statement with the parameters of every statement and `more`.
    pub(super) async fn plan_with(&self, query: Query, more: Vec<(&'static str, ScalarValue)>) -> Result<DataFrame> {
        self.statements().plan_with(&self.ctx, query, more).await
    }

    /// Runs a statement and keeps its rows as a table.
    pub(super) async fn keep(&self, frame: DataFrame, table: &str) -> Result<()> {
        self.statements().keep(frame, table).await.map(drop)
    }

    fn statements(&self) -> Statements {
        let window = &self.selection.window;
        let endpoints_known = self.inventory.files.iter().any(|f| f.kind == InventoryFile::VpcEndpoints);
        let parameters = [
            ("since", ScalarValue::Int64(window.since)),
            ("until", ScalarValue::Int64(window.until)),
            ("lookback", ScalarValue::Int64(Some(self.lookback.seconds()))),
            ("endpoints_known", ScalarValue::Boolean(Some(endpoints_known))),
        ];
        Statements { ctx: self.ctx.clone(), planning: Planning::new(&self.ctx), parameters }
    }

    /// `scanned_flow_logs(flow_log_id, fields, has_packet_fields)`: what the header lines of each flow log told.
    fn register_scanned(&self) -> Result<()> {
        let mut flow_logs = std::collections::BTreeMap::<String, (i64, bool)>::new();
        for object in self.ledger.summary().scanned {
            let packet = ["pkt_srcaddr", "pkt_dstaddr"].iter().all(|f| object.fields.iter().any(|g| g == f));
            let entry = flow_logs.entry(object.flow_log_id.unwrap_or_default()).or_insert((0, true));
            entry.0 = entry.0.max(object.fields.len() as i64);
            entry.1 &= packet;
        }
        let ids: ArrayRef = Arc::new(flow_logs.keys().map(|k| Some(k.as_str())).collect::<StringArray>());
        let fields: ArrayRef = Arc::new(flow_logs.values().map(|v| Some(v.0)).collect::<Int64Array>());
        let packet: ArrayRef = Arc::new(flow_logs.values().map(|v| Some(v.1)).collect::<BooleanArray>());
        let batch =
            RecordBatch::try_from_iter([("flow_log_id", ids), ("fields", fields), ("has_packet_fields", packet)])?;
        let table = MemTable::try_new(batch.schema(), vec![vec![batch]])?;
        self.ctx.register_table("scanned_flow_logs", Arc::new(table))?;
        Ok(())
    }
}

/// What statements need to run, on any thread.
#[derive(Clone)]
struct Statements {
    ctx: SessionContext,
    planning: Planning,
    /// The window, the look-back of DNS, whether the endpoints are known.
    parameters: [(&'static str, ScalarValue); 4],
}

/// A step that waits for others.
struct Waiting {
    at: usize,
    reads: HashSet<String>,
    needs: HashSet<usize>,
}

impl Statements {
    /// Runs `steps` side by side, each as soon as the earlier ones that it depends on are done.
    async fn run_all(&self, steps: &[Step], keep: Keep) -> Result<()> {
        let mut waiting = self.waiting(steps, keep)?;
        let mut done = HashSet::new();
        let mut rows = HashMap::new();
        let (mut running, mut reading) = (JoinSet::new(), HashMap::new());
        let most = std::thread::available_parallelism().map_or(1, usize::from);
        loop {
            while running.len() < most
                && let Some(ready) = waiting.iter().position(|step| step.needs.is_subset(&done))
            {
                let Waiting { at, reads, .. } = waiting.remove(ready);
                let (statements, step) = (self.clone(), steps[at]);
                // What the scan left is large, however few rows came of it; of all else the rows are counted or few.
                let rows_of = |table: &String| match table.as_str() {
                    "folded_sums" | "folded_flows" | "resolver_log" => usize::MAX,
                    table => rows.get(table).copied().unwrap_or(0),
                };
                let largest = reads.iter().map(rows_of).max().unwrap_or(0);
                reading.insert(at, reads);
                running.spawn(async move { (at, largest, statements.run(step, largest).await) });
            }
            let Some(ended) = running.join_next().await else { return Ok(()) };
            let (at, largest, count) = ended.map_err(|panic| Error::Output(format!("a statement stopped: {panic}")))?;
            done.insert(at);
            let reads = reading.remove(&at).unwrap_or_default();
            rows.insert(steps[at].table, count?.unwrap_or(largest));
            if keep == Keep::Report {
                let made = |table: &str| rows.contains_key(table) || table.starts_with("folded_");
                let wanted = |table: &str| {
                    let mut reads = waiting.iter().map(|step| &step.reads).chain(reading.values());
                    REPORT.contains(&table) || reads.any(|reads| reads.contains(table))
                };
                for table in reads.iter().filter(|table| made(table) && !wanted(table)) {
                    self.ctx.deregister_table(table.as_str())?;
                }
            }
        }
    }

    /// Each step with the earlier ones that write what it reads, or that read or write what it replaces.
    fn waiting(&self, steps: &[Step], keep: Keep) -> Result<Vec<Waiting>> {
        let state = self.ctx.state();
        let dialect = state.config_options().sql_parser.dialect;
        let mut reads: Vec<HashSet<String>> = Vec::with_capacity(steps.len());
        for step in steps {
            let statement = state.sql_to_statement(step.query.sql, &dialect)?;
            let tables = state.resolve_table_references(&statement)?;
            reads.push(tables.into_iter().map(|table| table.table().to_owned()).collect());
        }
        // A view holds on to the tables that it reads, so one that no statement asks is not made for a report.
        let asked =
            |step: &Step| keep == Keep::All || !step.is_view || reads.iter().any(|reads| reads.contains(step.table));
        let made: Vec<usize> = (0..steps.len()).filter(|at| asked(&steps[*at])).collect();
        let waiting = made.iter().map(|&at| {
            let depends = |before: &usize| {
                let (written, replaced) = (steps[*before].table, steps[at].table);
                reads[at].contains(written) || written == replaced || reads[*before].contains(replaced)
            };
            let needs = made.iter().copied().filter(|before| *before < at && depends(before)).collect();
            Waiting { at, reads: reads[at].clone(), needs }
        });
        Ok(waiting.collect())
    }

    /// Runs a step whose largest table has `largest` rows; gives the rows of the table that it made, if it is no view.
    async fn run(&self, step: Step, largest: usize) -> Result<Option<usize>> {
        let ctx = self.planning.for_rows(largest);
        if step.is_view {
            let view = self.plan_with(ctx, step.query, Vec::new()).await?.into_view();
            self.ctx.register_table(step.table, view)?;
            return Ok(None);
        }
        let (parts, rest) = take_apart(&ctx.state(), step.query.sql, step.table)?;
        for Part { table, statement } in &parts {
            self.keep(self.plan(ctx, statement.clone()).await?, table).await?;
        }
        let rows = self.keep(self.plan(ctx, rest).await?, step.table).await?;
        for Part { table, .. } in &parts {
            self.ctx.deregister_table(named(table))?;
        }
        Ok(Some(rows))
    }

    async fn plan(&self, ctx: &SessionContext, statement: Statement) -> Result<DataFrame> {
        let state = ctx.state();
        let plan = state.statement_to_plan(statement).await?;
        Ok(DataFrame::new(state, plan).with_param_values(self.parameters.to_vec())?)
    }

    async fn plan_with(
        &self,
        ctx: &SessionContext,
        query: Query,
        more: Vec<(&'static str, ScalarValue)>,
    ) -> Result<DataFrame> {
        let frame = ctx.sql(query.sql).await?;
        let values: Vec<_> = self.parameters.iter().cloned().chain(more).collect();
        Ok(frame.with_param_values(values)?)
    }

    async fn keep(&self, frame: DataFrame, table: &str) -> Result<usize> {
        let started = std::time::Instant::now();
        let schema = Arc::new(frame.schema().as_arrow().clone());
        let context = Arc::new(frame.task_ctx());
        let plan = frame.create_physical_plan().await?;
        let planned = started.elapsed();
        let partitions = texts_once(collect_partitioned(plan, context).await?)?;
        let schema = partitions.iter().flatten().next().map_or(schema, RecordBatch::schema);
        let rows = partitions.iter().flatten().map(RecordBatch::num_rows).sum();
        let ran = started.elapsed() - planned;
        tracing::debug!(table, rows, planning = planned.as_secs_f64(), running = ran.as_secs_f64(), "statement");
        self.ctx.deregister_table(named(table))?;
        self.ctx.register_table(named(table), Arc::new(MemTable::try_new(schema, partitions)?))?;
        Ok(rows)
    }
}

/// A name with dots in it is no path of names.
fn named(table: &str) -> TableReference {
    TableReference::bare(table)
}
