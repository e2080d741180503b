//! Tables whose rows come later, so that the statements over them are planned meanwhile.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result as DfResult;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;

use super::packed::{Packed, PackedTable};

/// A table in memory that is known by its columns until it is filled.
#[derive(Debug)]
pub(super) struct Later {
    schema: SchemaRef,
    rows: RwLock<Option<Arc<PackedTable>>>,
}

impl Later {
    /// A table of these columns, to be filled. All may be null: what a plan says of that is sometimes wrong.
    pub(super) fn new(columns: &Schema) -> Self {
        let fields = columns.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
        Self { schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())), rows: RwLock::new(None) }
    }

    /// Fills it with rows of its columns.
    pub(super) fn fill(&self, partitions: Vec<Vec<Packed>>) {
        let table = Arc::new(PackedTable::new(partitions));
        *self.rows.write().unwrap_or_else(PoisonError::into_inner) = Some(table);
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
        _session: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner).clone();
        let rows = rows.ok_or_else(|| {
            DataFusionError::Internal("a table is read before it is filled, or after it was let go".to_owned())
        })?;
        let all = || (0..self.schema.fields().len()).collect();
        let columns = projection.cloned().unwrap_or_else(all);
        let schema = Arc::new(self.schema.project(&columns)?);
        Ok(rows.scan(columns, schema))
    }
}
