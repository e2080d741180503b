//! Reads one object for a scan: store, inflate, decode, and an entry in the ledger at its end.

use std::sync::Arc;

use bytes::Bytes;
use datafusion::{
    arrow::array::RecordBatch,
    datasource::{
        listing::PartitionedFile,
        physical_plan::{FileOpenFuture, FileOpener},
    },
    error::DataFusionError,
    physical_plan::metrics::Count,
};
use futures::{FutureExt, StreamExt, stream};
use object_store::ObjectStore;

use super::{
    input::Input,
    ledger::{Ledger, ObjectAccount},
    listing::LogObject,
};
use crate::{
    decode::{
        decoder::Decoder,
        object::{ObjectDecoder, Step},
        rows::{Rows, Wanted},
    },
    record::headerless::Headerless,
};

/// Opens objects of one partition.
#[derive(Debug, Clone)]
pub struct FlowOpener {
    /// Where the objects lie.
    pub store: Arc<dyn ObjectStore>,
    /// Columns and batch size.
    pub wanted: Arc<Wanted>,
    /// Layouts of objects without header.
    pub headerless: Arc<Headerless>,
    /// Where to account for objects.
    pub ledger: Arc<Ledger>,
    /// For EXPLAIN ANALYZE.
    pub counts: Counts,
}

/// Counters of a partition.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Stored bytes read.
    pub bytes_scanned: Count,
    /// Malformed lines.
    pub malformed_lines: Count,
}

impl FileOpener for FlowOpener {
    fn open(&self, file: PartitionedFile) -> datafusion::error::Result<FileOpenFuture> {
        let object = file.extensions.get_arc::<LogObject>().ok_or_else(|| {
            DataFusionError::Internal(format!("{} was not listed as a flow log", file.object_meta.location))
        })?;
        let opener = self.clone();
        Ok(async move {
            let reading = Reading::open(opener, object).await?;
            Ok(stream::try_unfold(reading, Reading::next).boxed())
        }
        .boxed())
    }
}

struct Reading {
    opener: FlowOpener,
    object: Arc<LogObject>,
    input: Input,
    decoder: ObjectDecoder<Rows>,
}

impl Reading {
    async fn open(opener: FlowOpener, object: Arc<LogObject>) -> crate::Result<Self> {
        let input = Input::open(Arc::clone(&opener.store), Arc::clone(&object)).await?;
        let origin = object.origin();
        let assumed = opener.headerless.of_flow_log(origin.flow_log_id.as_deref());
        let decoder = Decoder::new(Rows::new(Arc::clone(&opener.wanted)), origin, assumed);
        let decoder = decoder.with_log_groups(Arc::clone(&opener.headerless));
        let decoder = decoder.with_events(opener.ledger.events());
        let decoder = ObjectDecoder::new(decoder, object.meta.size);
        Ok(Self { opener, object, input, decoder })
    }

    async fn next(mut self) -> datafusion::error::Result<Option<(RecordBatch, Self)>> {
        loop {
            match self.decoder.advance()? {
                Step::Batch(batch) => return Ok(Some((batch, self))),
                Step::More => match self.input.next().await? {
                    Some(stored) => {
                        self.opener.counts.bytes_scanned.add(stored.len());
                        self.decoder.push(stored);
                    }
                    None => self.decoder.end(),
                },
                Step::Ranges(ranges) => {
                    let bytes = self.input.ranges(&ranges).await?;
                    self.opener.counts.bytes_scanned.add(bytes.iter().map(Bytes::len).sum());
                    self.decoder.push_ranges(bytes);
                }
                Step::Done => {
                    self.account();
                    return Ok(None);
                }
            }
        }
    }

    /// Only an object read to its end is entered: a query with LIMIT stops anywhere.
    fn account(&self) {
        let malformed = self.decoder.decoder().rejects().lines();
        self.opener.counts.malformed_lines.add(malformed as usize);
        self.opener.ledger.enter(ObjectAccount::of(&self.object, &self.decoder));
    }
}
