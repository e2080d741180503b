//! Tables whose rows come later, so that the statements over them are planned meanwhile.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result as DfResult;
use datafusion::datasource::MemTable;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;

/// A table in memory that is known by its columns until it is filled.
#[derive(Debug)]
pub(super) struct Later {
    schema: SchemaRef,
    rows: RwLock<Option<Arc<MemTable>>>,
}

impl Later {
    /// A table of these columns, to be filled. All may be null: what a plan says of that is sometimes wrong.
    pub(super) fn new(columns: &Schema) -> Self {
        let fields = columns.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
        Self { schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())), rows: RwLock::new(None) }
    }

    /// Fills it.
    ///
    /// # Errors
    /// If the rows are not of the table's columns.
    pub(super) fn fill(&self, partitions: Vec<Vec<RecordBatch>>) -> DfResult<()> {
        let with_schema = |batch: RecordBatch| RecordBatch::try_new(Arc::clone(&self.schema), batch.columns().to_vec());
        let partitions = partitions.into_iter().map(|batches| batches.into_iter().map(with_schema).collect());
        let table = MemTable::try_new(Arc::clone(&self.schema), partitions.collect::<Result<_, _>>()?)?;
        *self.rows.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(table));
        Ok(())
    }

    /// Lets the rows go: nobody reads them any more.
    pub(super) fn let_go(&self) {
        *self.rows.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[async_trait]
impl TableProvider for Later {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner).clone();
        let rows = rows.ok_or_else(|| {
            DataFusionError::Internal("a table is read before it is filled, or after it was let go".to_owned())
        })?;
        rows.scan(session, projection, filters, limit).await
    }
}
