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
    record::{header, headerless::Headerless},
};

/// What is known about logs that do not name their columns.
#[derive(Debug, Clone, Default)]
pub struct DecodeOptions {
    /// `LogFormat` that the user gives, `${version} ${account-id} ...`.
    pub log_format: Option<String>,
    /// Flow logs whose format AWS told.
    pub known: Vec<KnownFormat>,
}

/// The format of one flow log.
#[derive(Debug, Clone, Default)]
pub struct KnownFormat {
    /// `fl-...`
    pub flow_log_id: String,
    /// Name or ARN of the log group that it delivers to.
    pub log_group: Option<String>,
    /// As AWS writes it.
    pub log_format: String,
}

/// Row-level flow logs. Day, account and Region were pruned when the objects were listed, so no filter is pushed down.
#[derive(Debug)]
pub struct FlowLogTable {
    /// By store URL: one scan reads from one store.
    stores: BTreeMap<String, Vec<Arc<LogObject>>>,
    headerless: Arc<Headerless>,
    ledger: Arc<Ledger>,
    schema: SchemaRef,
}

impl FlowLogTable {
    /// A table over `objects`, which accounts for what it reads in `ledger`.
    pub fn new(objects: Vec<LogObject>, options: DecodeOptions, ledger: Arc<Ledger>) -> Result<Self> {
        let headerless = options.headerless()?;
        let mut stores: BTreeMap<String, Vec<Arc<LogObject>>> = BTreeMap::new();
        for object in objects {
            stores.entry(object.store.as_str().to_owned()).or_default().push(Arc::new(object));
        }
        Ok(Self { stores, headerless, ledger, schema: schema() })
    }
}

impl DecodeOptions {
    /// The layouts of logs that do not name their columns. Of the flow logs that AWS told, those are left out whose format cannot be
    /// used: their objects are refused by what they hold.
    pub(super) fn headerless(&self) -> Result<Arc<Headerless>> {
        let given = self.log_format.as_deref().map(header::parse_log_format).transpose().map_err(|refusal| {
            Error::Usage(format!(
                "--log-format cannot be used: {refusal}. Copy it from `aws ec2 describe-flow-logs --query 'FlowLogs[].LogFormat'`"
            ))
        })?;
        let mut headerless = Headerless::new(given);
        for known in &self.known {
            if let Ok(layout) = header::parse_log_format(&known.log_format) {
                headerless.know(&known.flow_log_id, known.log_group.as_deref(), layout);
            }
        }
        Ok(Arc::new(headerless))
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
            let source = FlowSource::new(Arc::clone(&self.headerless), Arc::clone(&self.ledger));
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
