//! The table `resolver_log` over a list of objects.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::Result as DfResult;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use futures::{StreamExt, TryStreamExt, stream};

use super::decoder::QueryDecoder;
use super::ledger::ResolverLedger;
use super::rows::{Rows, schema};
use crate::error::{Error, Result};
use crate::source::groups::balance;
use crate::source::input::Input;
use crate::source::listing::LogObject;

/// Row-level query logs; see `rows.rs` for the columns.
#[derive(Debug)]
pub struct ResolverLog;

impl ResolverLog {
    /// A table over `objects` in at most `partitions` streams, which accounts for what it reads in `ledger`.
    pub fn table(objects: Vec<LogObject>, partitions: usize, ledger: &Arc<ResolverLedger>) -> Result<StreamingTable> {
        let objects: Vec<Arc<LogObject>> = objects.into_iter().map(Arc::new).collect();
        let stream = |objects| -> Arc<dyn PartitionStream> {
            Arc::new(Partition { objects, schema: schema(), ledger: Arc::clone(ledger) })
        };
        let mut streams: Vec<_> = balance(&objects, partitions).into_iter().map(stream).collect();
        if streams.is_empty() {
            streams.push(stream(Vec::new()));
        }
        Ok(StreamingTable::try_new(schema(), streams)?)
    }
}

#[derive(Debug)]
struct Partition {
    objects: Vec<Arc<LogObject>>,
    schema: SchemaRef,
    ledger: Arc<ResolverLedger>,
}

impl PartitionStream for Partition {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let ledger = Arc::clone(&self.ledger);
        let objects = stream::iter(self.objects.clone());
        let batches = objects.then(move |object| Reading::open(Arc::clone(&context), object, Arc::clone(&ledger)));
        let batches = batches.map_ok(|reading| stream::try_unfold(reading, Reading::next)).try_flatten();
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches))
    }
}

/// One object under way.
struct Reading {
    object: Arc<LogObject>,
    input: Input,
    decoder: QueryDecoder,
    rows: Rows,
    ended: bool,
    ledger: Arc<ResolverLedger>,
}

impl Reading {
    async fn open(context: Arc<TaskContext>, object: Arc<LogObject>, ledger: Arc<ResolverLedger>) -> DfResult<Self> {
        let store = context.runtime_env().object_store(&object.store)?;
        let input = Input::open(store, Arc::clone(&object)).await?;
        let decoder = QueryDecoder::default();
        Ok(Self { object, input, decoder, rows: Rows::new(), ended: false, ledger })
    }

    async fn next(mut self) -> DfResult<Option<(RecordBatch, Self)>> {
        while !self.ended && !self.rows.is_full() {
            let stored = self.input.next().await?;
            let (object, rows) = (&self.object, &mut self.rows);
            let mut each = |query| rows.push(&query, object.key.account_id.as_deref(), &object.display);
            match stored {
                Some(stored) => self.decoder.feed(stored, &mut each),
                None => {
                    self.decoder.finish(&mut each);
                    self.ended = true;
                }
            }
            // Nothing after damage can be read.
            self.ended |= self.decoder.damage().is_some();
        }
        if self.ended {
            let damage = self.decoder.damage().map(ToString::to_string);
            self.ledger.enter(&self.object.display, self.decoder.counts().clone(), damage);
        }
        let batch = self.rows.take().map_err(Error::from)?;
        Ok(batch.map(|batch| (batch, self)))
    }
}
