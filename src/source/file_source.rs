//! Flow logs as a DataFusion file source: which columns are pushed into the decoder, and what opens a file.

use std::{fmt, sync::Arc};

use datafusion::{
    common::tree_node::TreeNodeRecursion,
    datasource::{
        physical_plan::{FileOpener, FileScanConfig, FileSource},
        projection::{ProjectionOpener, SplitProjection},
        table_schema::TableSchema,
    },
    error::Result,
    physical_expr::{PhysicalExpr, projection::ProjectionExprs},
    physical_plan::{
        apply_expression_roots,
        metrics::{ExecutionPlanMetricsSet, MetricBuilder},
    },
};
use object_store::ObjectStore;

use super::{
    ledger::Ledger,
    opener::{Counts, FlowOpener},
};
use crate::{
    decode::{rows::Wanted, schema::schema},
    record::headerless::Headerless,
};

/// Rows per batch when the session does not say.
const BATCH_SIZE: usize = 8192;

/// The file source behind `flow_logs`.
#[derive(Debug, Clone)]
pub struct FlowSource {
    table_schema: TableSchema,
    projection: SplitProjection,
    batch_size: usize,
    metrics: ExecutionPlanMetricsSet,
    headerless: Arc<Headerless>,
    ledger: Arc<Ledger>,
}

impl FlowSource {
    /// All columns; `headerless` is what is known of objects without header.
    pub fn new(headerless: Arc<Headerless>, ledger: Arc<Ledger>) -> Self {
        let table_schema = TableSchema::from(schema());
        let projection = SplitProjection::unprojected(&table_schema);
        let metrics = ExecutionPlanMetricsSet::new();
        Self { table_schema, projection, batch_size: BATCH_SIZE, metrics, headerless, ledger }
    }
}

impl FileSource for FlowSource {
    fn create_file_opener(
        &self,
        store: Arc<dyn ObjectStore>,
        _config: &FileScanConfig,
        partition: usize,
    ) -> Result<Arc<dyn FileOpener>> {
        let count = |name: &'static str| MetricBuilder::new(&self.metrics).counter(name, partition);
        let opener = FlowOpener {
            store,
            wanted: Arc::new(Wanted::new(self.projection.file_indices.clone(), self.batch_size)?),
            headerless: Arc::clone(&self.headerless),
            ledger: Arc::clone(&self.ledger),
            counts: Counts { bytes_scanned: count("bytes_scanned"), malformed_lines: count("malformed_lines") },
        };
        ProjectionOpener::try_new(self.projection.clone(), Arc::new(opener), self.table_schema.file_schema())
    }

    fn table_schema(&self) -> &TableSchema {
        &self.table_schema
    }

    fn with_batch_size(&self, batch_size: usize) -> Arc<dyn FileSource> {
        Arc::new(Self { batch_size, ..self.clone() })
    }

    fn projection(&self) -> Option<&ProjectionExprs> {
        Some(&self.projection.source)
    }

    fn try_pushdown_projection(&self, projection: &ProjectionExprs) -> Result<Option<Arc<dyn FileSource>>> {
        let merged = self.projection.source.try_merge(projection)?;
        let projection = SplitProjection::new(self.table_schema.file_schema(), &merged);
        Ok(Some(Arc::new(Self { projection, ..self.clone() })))
    }

    fn metrics(&self) -> &ExecutionPlanMetricsSet {
        &self.metrics
    }

    fn file_type(&self) -> &str {
        "flowlog"
    }

    /// A byte range has no header line, and gzip has no ranges at all.
    fn supports_repartitioning(&self) -> bool {
        false
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        apply_expression_roots(self.projection.source.iter(), visit)
    }

    fn fmt_extra(
        &self,
        _kind: datafusion::physical_plan::DisplayFormatType,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        match self.headerless.given() {
            Some(layout) => write!(f, ", log_format={}", layout.names().join(" ")),
            None => Ok(()),
        }
    }
}
