//! The table `flow_logs` over a list of objects.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use datafusion::{
    arrow::datatypes::SchemaRef,
    catalog::{Session, TableProvider},
    datasource::{
        TableType,
        listing::PartitionedFile,
        physical_plan::{FileGroup, FileScanConfigBuilder},
        source::DataSourceExec,
    },
    logical_expr::Expr,
    physical_plan::{ExecutionPlan, empty::EmptyExec, union::UnionExec},
};

use super::{file_source::FlowSource, groups::balance, ledger::Ledger, listing::LogObject};
use crate::{
    decode::schema::schema,
    error::{Error, Result},
    record::{header, layout::Layout},
};

/// What the user says about the text.
#[derive(Debug, Clone, Default)]
pub struct DecodeOptions {
    /// `LogFormat` of objects without header line, `${version} ${account-id} ...`.
    pub log_format: Option<String>,
}

/// Row-level flow logs. Day, account and Region were pruned when the objects were listed, so no filter is pushed down.
#[derive(Debug)]
pub struct FlowLogTable {
    /// By store URL: one scan reads from one store.
    stores: BTreeMap<String, Vec<Arc<LogObject>>>,
    assumed: Option<Arc<Layout>>,
    ledger: Arc<Ledger>,
    schema: SchemaRef,
}

impl FlowLogTable {
    /// A table over `objects`, which accounts for what it reads in `ledger`.
    pub fn new(objects: Vec<LogObject>, options: DecodeOptions, ledger: Arc<Ledger>) -> Result<Self> {
        let assumed = options.layout()?;
        let mut stores: BTreeMap<String, Vec<Arc<LogObject>>> = BTreeMap::new();
        for object in objects {
            stores.entry(object.store.as_str().to_owned()).or_default().push(Arc::new(object));
        }
        Ok(Self { stores, assumed, ledger, schema: schema() })
    }
}

impl DecodeOptions {
    /// The layout of objects without header, if one is given.
    pub(super) fn layout(&self) -> Result<Option<Arc<Layout>>> {
        let Some(log_format) = &self.log_format else { return Ok(None) };
        let layout = header::parse_log_format(log_format).map_err(|refusal| {
            Error::Usage(format!(
                "--log-format cannot be used: {refusal}. Copy it from `aws ec2 describe-flow-logs --query 'FlowLogs[].LogFormat'`"
            ))
        })?;
        Ok(Some(Arc::new(layout)))
    }
}

#[async_trait]
impl TableProvider for FlowLogTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> datafusion::error::Result<Arc<dyn ExecutionPlan>> {
        let mut scans: Vec<Arc<dyn ExecutionPlan>> = Vec::new();
        for objects in self.stores.values() {
            let Some(store) = objects.first().map(|object| object.store.clone()) else { continue };
            let source = FlowSource::new(self.assumed.clone(), Arc::clone(&self.ledger));
            let groups = balance(objects, state.config().target_partitions());
            let groups = groups.into_iter().map(|group| FileGroup::new(group.into_iter().map(file).collect()));
            let config = FileScanConfigBuilder::new(store, Arc::new(source))
                .with_file_groups(groups.collect())
                .with_projection_indices(projection.cloned())?
                .with_limit(limit)
                .build();
            scans.push(DataSourceExec::from_data_source(config));
        }
        match scans.len() {
            0 => {
                let all = (0..self.schema.fields().len()).collect();
                Ok(Arc::new(EmptyExec::new(Arc::new(self.schema.project(projection.unwrap_or(&all))?))))
            }
            1 => Ok(scans.swap_remove(0)),
            _ => UnionExec::try_new(scans),
        }
    }
}

fn file(object: Arc<LogObject>) -> PartitionedFile {
    let mut file = PartitionedFile::new_from_meta(object.meta.clone());
    file.extensions.insert_arc(object);
    file
}
