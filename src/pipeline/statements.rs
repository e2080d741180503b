//! Runs the statements of `queries/pipeline` and keeps each result as a table.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use datafusion::common::ScalarValue;
use datafusion::datasource::MemTable;
use datafusion::prelude::DataFrame;

use super::Session;
use crate::error::Result;
use crate::inventory::model::InventoryFile;
use crate::queries::{CLASSIFY, Query, SCAN, Step};

impl Session {
    /// Scans the logs once and classifies every byte; afterwards all pipeline tables stand.
    pub async fn classify(&self) -> Result<()> {
        let [scan, rest @ ..] = SCAN;
        self.run(scan).await?;
        self.progress.finish();
        self.register_scanned()?;
        for step in rest.into_iter().chain(CLASSIFY) {
            self.run(step).await?;
        }
        Ok(())
    }

    async fn run(&self, step: Step) -> Result<()> {
        let frame = self.plan(step.query).await?;
        if step.is_view {
            self.ctx.register_table(step.table, frame.into_view())?;
            return Ok(());
        }
        self.keep(frame, step.table).await
    }

    async fn plan(&self, query: Query) -> Result<DataFrame> {
        self.plan_with(query, Vec::new()).await
    }

    /// Plans a statement with its parameters: the window, the look-back of DNS, whether the endpoints are known, and `more`.
    pub(super) async fn plan_with(&self, query: Query, more: Vec<(&'static str, ScalarValue)>) -> Result<DataFrame> {
        let frame = self.ctx.sql(query.sql).await?;
        let window = &self.selection.window;
        let endpoints_known = self.inventory.files.iter().any(|f| f.kind == InventoryFile::VpcEndpoints);
        let mut values = vec![
            ("since", ScalarValue::Int64(window.since)),
            ("until", ScalarValue::Int64(window.until)),
            ("lookback", ScalarValue::Int64(Some(self.lookback.seconds()))),
            ("endpoints_known", ScalarValue::Boolean(Some(endpoints_known))),
        ];
        values.extend(more);
        Ok(frame.with_param_values(values)?)
    }

    /// Runs a statement and keeps its rows as a table.
    pub(super) async fn keep(&self, frame: DataFrame, table: &str) -> Result<()> {
        let started = std::time::Instant::now();
        let schema = Arc::new(frame.schema().as_arrow().clone());
        let batches = frame.collect().await?;
        let schema = batches.first().map_or(schema, RecordBatch::schema);
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        tracing::debug!(table, rows, seconds = started.elapsed().as_secs_f64(), "statement");
        self.ctx.deregister_table(table)?;
        self.ctx.register_table(table, Arc::new(MemTable::try_new(schema, vec![batches])?))?;
        Ok(())
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
