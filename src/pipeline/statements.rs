//! Runs the statements of `queries/pipeline` and keeps each result as a table.
//!
//! One task plans them in their order, over tables whose rows come later, while the logs are read and others run: planning them all
//! takes as long as running them where logs are few.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::TableProvider;
use datafusion::common::runtime::SpawnedTask;
use datafusion::common::{Result as DfResult, ScalarValue, TableReference};
use datafusion::datasource::MemTable;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, execute_stream_partitioned};
use datafusion::prelude::{DataFrame, SessionContext};
use datafusion::sql::parser::Statement;
use futures::TryStreamExt;
use futures::future::try_join_all;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Session;
use super::later::Later;
use super::order::{Order, Ordered};
use super::packed::Packed;
use super::parts::{Part, take_apart};
use super::planning::Planning;
use super::texts::texts_once;
use crate::error::{Error, Result};
use crate::queries::{CLASSIFY, Query, REPORT, SCAN, Step};
use crate::source::ledger::Ledger;

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
        let statements = self.statements();
        let steps: Vec<Step> = SCAN.into_iter().chain(CLASSIFY).collect();
        let order = Arc::new(Order::new(&self.ctx.state(), steps, keep)?);
        let scanned = Arc::new(Later::new(&scanned_schema()));
        statements.register("scanned_flow_logs", Arc::clone(&scanned) as _)?;
        let (plans, planned) = mpsc::unbounded_channel();
        let (planner, planning) = (statements.clone(), Arc::clone(&order));
        let runtime = tokio::runtime::Handle::current();
        // On a thread of its own: the scan keeps those of the runtime busy.
        let planner = tokio::task::spawn_blocking(move || runtime.block_on(planner.plan_all(&planning, keep, &plans)));
        let after_scan = || {
            self.progress.finish();
            if keep == Keep::Report {
                self.numbered.close();
            }
            scanned.fill(vec![vec![Packed::new(&scanned_flow_logs(&self.ledger)?)]]);
            Ok(())
        };
        self.keep_named().await?;
        let ran = statements.run_all(&order, keep, planned, after_scan).await;
        planner.await.map_err(|panic| Error::Output(format!("planning stopped: {panic}")))?;
        ran
    }

    /// Plans a statement with the parameters of every statement and `more`.
    pub(super) async fn plan_with(&self, query: Query, more: Vec<(&'static str, ScalarValue)>) -> Result<DataFrame> {
        let frame = self.ctx.sql(query.sql).await?;
        let values: Vec<_> = self.statements().parameters.into_iter().chain(more).collect();
        Ok(frame.with_param_values(values)?)
    }

    /// Runs a statement and keeps its rows as a table.
    pub(super) async fn keep(&self, frame: DataFrame, table: &str) -> Result<()> {
        let schema = Arc::new(frame.schema().as_arrow().clone());
        let partitions = frame.collect_partitioned().await?;
        let schema = partitions.iter().flatten().next().map_or(schema, RecordBatch::schema);
        self.statements().register(table, Arc::new(MemTable::try_new(schema, partitions)?))
    }

    fn statements(&self) -> Statements {
        let window = &self.selection.window;
        let parameters = [
            ("since", ScalarValue::Int64(window.since)),
            ("until", ScalarValue::Int64(window.until)),
            ("lookback", ScalarValue::Int64(Some(self.lookback.seconds()))),
        ];
        Statements { ctx: self.ctx.clone(), planning: Planning::new(&self.ctx), parameters }
    }
}

/// `scanned_flow_logs(flow_log_id, fields, has_packet_fields, has_interface_id)`: what the header lines of each flow log told.
fn scanned_flow_logs(ledger: &Ledger) -> Result<RecordBatch> {
    let mut flow_logs = BTreeMap::<String, (i64, bool, bool)>::new();
    for object in ledger.summary().scanned {
        let has = |field: &str| object.fields.iter().any(|f| f == field);
        let (packet, interface) = (has("pkt_srcaddr") && has("pkt_dstaddr"), has("interface_id"));
        let entry = flow_logs.entry(object.flow_log_id.unwrap_or_default()).or_insert((0, true, true));
        entry.0 = entry.0.max(object.fields.len() as i64);
        entry.1 &= packet;
        entry.2 &= interface;
    }
    let ids: ArrayRef = Arc::new(flow_logs.keys().map(|k| Some(k.as_str())).collect::<StringArray>());
    let fields: ArrayRef = Arc::new(flow_logs.values().map(|v| Some(v.0)).collect::<Int64Array>());
    let packet: ArrayRef = Arc::new(flow_logs.values().map(|v| Some(v.1)).collect::<BooleanArray>());
    let interface: ArrayRef = Arc::new(flow_logs.values().map(|v| Some(v.2)).collect::<BooleanArray>());
    Ok(RecordBatch::try_new(Arc::new(scanned_schema()), vec![ids, fields, packet, interface])?)
}

fn scanned_schema() -> Schema {
    let columns = [
        ("flow_log_id", DataType::Utf8),
        ("fields", DataType::Int64),
        ("has_packet_fields", DataType::Boolean),
        ("has_interface_id", DataType::Boolean),
    ];
    Schema::new(columns.map(|(name, kind)| Field::new(name, kind, false)).to_vec())
}

/// What statements need to run, on any thread.
#[derive(Clone)]
struct Statements {
    ctx: SessionContext,
    planning: Planning,
    /// The window and the look-back of DNS.
    parameters: [(&'static str, ScalarValue); 3],
}

/// What the scan leaves is large, however few rows come of it; of all else the rows are counted or few.
const LARGE: [&str; 5] = ["folded_hours", "folded_sums", "folded_flows", "folded_peers", "resolver_log"];
/// Rows of the largest table read, from which on a statement runs alone: it keeps all cores busy by itself, and two of that size hold
/// twice the memory.
const ALONE: usize = 250_000;
/// The scan itself.
const FOLDED: [&str; 3] = ["folded_hours", "folded_flows", "folded_peers"];

/// Statements of one step, to be run one after another, and the tables that their rows fill: the last is the step's.
type Plans = Vec<(LogicalPlan, Arc<Later>)>;

impl Statements {
    /// Plans the steps in their order and sends each step's plans by its place.
    async fn plan_all(&self, order: &Order, keep: Keep, plans: &mpsc::UnboundedSender<Result<(usize, Plans)>>) {
        for (at, Ordered { step, .. }) in order.steps.iter().enumerate() {
            let planned = self.plan_step(*step).await.map(|planned| (at, planned));
            let failed = planned.is_err();
            // Nobody listens any more where a statement failed.
            if plans.send(planned).is_err() || failed {
                return;
            }
        }
        // A view holds on to the tables that it reads.
        if keep == Keep::Report {
            for Ordered { step, .. } in order.steps.iter().filter(|ordered| ordered.step.is_view) {
                let _ = self.ctx.deregister_table(step.table);
            }
        }
    }

    async fn plan_step(&self, step: Step) -> Result<Plans> {
        let mut plans = Vec::new();
        let state = self.ctx.state();
        if step.is_view {
            let statement = state.sql_to_statement(step.query.sql, &state.config_options().sql_parser.dialect)?;
            let view = DataFrame::new(self.planning.for_rows(0).state(), self.plan(statement).await?).into_view();
            self.register(step.table, view)?;
            return Ok(plans);
        }
        let (parts, rest) = take_apart(&state, step.query.sql, step.table)?;
        for Part { table, statement } in &parts {
            plans.push(self.plan_table(statement.clone(), table).await?);
        }
        plans.push(self.plan_table(rest, step.table).await?);
        for Part { table, .. } in &parts {
            self.ctx.deregister_table(named(table))?;
        }
        Ok(plans)
    }

    /// Plans a statement and registers the table of its rows.
    async fn plan_table(&self, statement: Statement, table: &str) -> Result<(LogicalPlan, Arc<Later>)> {
        let plan = self.planning.for_rows(0).state().optimize(&self.plan(statement).await?)?;
        let later = Arc::new(Later::new(plan.schema().as_arrow()));
        self.register(table, Arc::clone(&later) as _)?;
        Ok((plan, later))
    }

    async fn plan(&self, statement: Statement) -> Result<LogicalPlan> {
        let plan = self.planning.for_rows(0).state().statement_to_plan(statement).await?;
        Ok(plan.with_param_values(self.parameters.to_vec())?)
    }

    /// Runs the steps side by side, each as soon as it is planned and the earlier ones that it reads are done.
    async fn run_all(
        &self,
        order: &Order,
        keep: Keep,
        mut planned: mpsc::UnboundedReceiver<Result<(usize, Plans)>>,
        after_scan: impl Fn() -> Result<()>,
    ) -> Result<()> {
        let mut waiting = BTreeMap::<usize, Plans>::new();
        let mut tables = HashMap::<usize, Arc<Later>>::new();
        let mut rows = HashMap::<usize, usize>::new();
        let mut undone = order.filling();
        let mut running = JoinSet::new();
        let mut alone = false;
        let most = std::thread::available_parallelism().map_or(1, usize::from);
        while !undone.is_empty() {
            let is_ready = |at: &usize| order.steps[*at].needs.iter().all(|needed| rows.contains_key(needed));
            while let Some(at) = waiting.keys().copied().find(is_ready) {
                let Ordered { step, needs, reads } = &order.steps[at];
                let counted = needs.iter().filter_map(|needed| rows.get(needed)).copied().max().unwrap_or(0);
                let largest = if LARGE.iter().any(|table| reads.contains(*table)) { usize::MAX } else { counted };
                let has_room = running.len() < most && !alone && largest < ALONE;
                if !has_room && !running.is_empty() {
                    break;
                }
                alone = largest >= ALONE;
                let (statements, table) = (self.clone(), step.table);
                if let Some(plans) = waiting.remove(&at) {
                    running.spawn(async move { (at, statements.run(plans, table, largest).await) });
                }
            }
            tokio::select! {
                Some(plans) = planned.recv() => {
                    let (at, plans) = plans?;
                    if let Some((_, later)) = plans.last() {
                        tables.insert(at, Arc::clone(later));
                        waiting.insert(at, plans);
                    }
                }
                Some(ended) = running.join_next() => {
                    let (at, count) = ended.map_err(|panic| Error::Output(format!("a statement stopped: {panic}")))?;
                    rows.insert(at, count?);
                    undone.remove(&at);
                    if at == 0 {
                        after_scan()?;
                    }
                    if keep == Keep::Report {
                        self.let_go(order, at, &undone, &tables)?;
                    }
                }
                else => return Err(Error::Output("the statements could not all be planned".to_owned())),
            }
        }
        Ok(())
    }

    /// Lets go what only the step `done` and those before it read.
    fn let_go(
        &self,
        order: &Order,
        done: usize,
        undone: &BTreeSet<usize>,
        tables: &HashMap<usize, Arc<Later>>,
    ) -> Result<()> {
        let Ordered { needs, reads, .. } = &order.steps[done];
        let left = || undone.iter().map(|at| &order.steps[*at]);
        for needed in needs {
            let name = order.steps[*needed].step.table;
            // Steps that need the scan may read another table of it.
            let is_read = left().any(|step| step.needs.contains(needed) && step.reads.contains(name));
            if let Some(table) = tables.get(needed).filter(|_| !REPORT.contains(&name) && !is_read) {
                table.let_go();
            }
        }
        let is_read = |table: &str| left().any(|step| step.reads.contains(table));
        for table in FOLDED.iter().filter(|table| reads.contains(**table) && !is_read(table)) {
            self.ctx.deregister_table(*table)?;
        }
        Ok(())
    }

    /// Runs the statements of a step, whose largest table has `largest` rows; gives the rows of the step's table.
    async fn run(&self, plans: Plans, table: &str, largest: usize) -> Result<usize> {
        let ctx = self.planning.for_rows(largest);
        let mut rows = 0;
        for (plan, later) in plans {
            let started = std::time::Instant::now();
            let state = ctx.state();
            let plan = state.query_planner().create_physical_plan(&plan, &state).await?;
            let planned = started.elapsed();
            let mut partitions = packed(plan, ctx.task_ctx()).await?;
            texts_once(&mut partitions);
            rows = partitions.iter().flatten().map(|batch| batch.rows).sum();
            later.fill(partitions);
            let ran = started.elapsed() - planned;
            tracing::debug!(table, rows, planning = planned.as_secs_f64(), running = ran.as_secs_f64(), "statement");
        }
        Ok(rows)
    }

    fn register(&self, table: &str, provider: Arc<dyn TableProvider>) -> Result<()> {
        self.ctx.deregister_table(named(table))?;
        self.ctx.register_table(named(table), provider)?;
        Ok(())
    }
}

/// The rows of a plan by partition, each batch packed as it comes.
async fn packed(plan: Arc<dyn ExecutionPlan>, context: Arc<TaskContext>) -> DfResult<Vec<Vec<Packed>>> {
    let streams = execute_stream_partitioned(plan, context)?;
    let tasks = streams.into_iter().map(|stream| {
        let packed = stream.map_ok(|batch| Packed::new(&batch));
        SpawnedTask::spawn(packed.try_collect::<Vec<_>>())
    });
    let partitions =
        tasks.map(|task| async { task.join().await.map_err(|error| DataFusionError::External(Box::new(error)))? });
    try_join_all(partitions).await
}

/// A name with dots in it is no path of names.
fn named(table: &str) -> TableReference {
    TableReference::bare(table)
}
