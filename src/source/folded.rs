//! `folded_hours` and `folded_flows`: the records of all objects, those added up that the rules do not tell apart.
//!
//! `folded_hours` is the scan: sums per flow and hour. `folded_flows` is what the flows are, `folded_peers` by which networks their
//! peers go, where flows keep several together; both are complete once the scan is.
//!
//! The unit of work is a partition's share of the objects, read one after the other into one [`Fold`]: small files of one hour
//! then give one row a group, not one a file. The next objects are fetched while one is decoded.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::Result as DfResult;
use datafusion::common::runtime::SpawnedTask;
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use futures::{StreamExt, stream};

use super::ahead::{Ahead, Piece};
use super::groups::balance;
use super::input::Input;
use super::ledger::{Ledger, ObjectAccount};
use super::listing::LogObject;
use super::provider::DecodeOptions;
use super::window::Window;
use crate::decode::decoder::Decoder;
use crate::decode::fold::{Flows, Fold, Sameness, flows_schema, hours_schema, peers_schema};
use crate::decode::inflate::Inflate;
use crate::decode::object::{ObjectDecoder, Step};
use crate::decode::sink::Sink;
use crate::error::Result;
use crate::record::headerless::Headerless;

/// Objects fetched ahead of the one that is decoded.
const AHEAD: usize = 4;
/// The same on disk, where waiting is short and memory is what more of them cost.
const AHEAD_ON_DISK: usize = 2;
/// Stored bytes up to which an object is fetched whole ahead of time; larger ones are streamed.
const SMALL: u64 = 8 << 20;
/// Bytes of text that all partitions together inflate at once.
const MOST_TEXT: usize = 128 << 20;

/// The tables of a scan.
#[derive(Debug)]
pub struct Folded {
    /// `folded_hours`: reading it reads the logs.
    pub hours: StreamingTable,
    /// `folded_flows`: the flows met so far.
    pub flows: StreamingTable,
    /// `folded_peers`: the networks of their peers.
    pub peers: StreamingTable,
    /// What both are read from; to be closed when the scan is over.
    pub numbered: Arc<Flows>,
}

/// The tables over `objects`; records that start outside `window` are left out. With `explained` flows keep what told who opened a
/// connection.
pub fn folded_tables(
    objects: &[LogObject],
    options: &DecodeOptions,
    window: Window,
    sameness: &Arc<dyn Sameness>,
    ledger: &Arc<Ledger>,
    explained: bool,
) -> Result<Folded> {
    let flows = Arc::new(Flows::default().to_be_explained(explained));
    let headerless = options.headerless()?;
    let objects: Vec<Arc<LogObject>> = objects.iter().cloned().map(Arc::new).collect();
    let partitions = std::thread::available_parallelism().map_or(1, usize::from);
    let shares = balance(&objects, partitions).into_iter().map(|objects| {
        let share = Share {
            objects,
            headerless: Arc::clone(&headerless),
            window,
            sameness: Arc::clone(sameness),
            ledger: Arc::clone(ledger),
            flows: Arc::clone(&flows),
            most_text: MOST_TEXT / partitions,
            schema: hours_schema(),
        };
        Arc::new(share) as Arc<dyn PartitionStream>
    });
    let hours = StreamingTable::try_new(hours_schema(), shares.collect())?;
    let peers = Arc::new(KnownPeers { flows: Arc::clone(&flows), schema: peers_schema() });
    let known = Arc::new(KnownFlows { flows: Arc::clone(&flows), schema: flows_schema() });
    let peers = StreamingTable::try_new(peers_schema(), vec![peers])?;
    Ok(Folded { hours, flows: StreamingTable::try_new(flows_schema(), vec![known])?, peers, numbered: flows })
}

/// The flows numbered so far, as one partition.
#[derive(Debug)]
struct KnownFlows {
    flows: Arc<Flows>,
    schema: SchemaRef,
}

impl PartitionStream for KnownFlows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        // Not before the stream is read: the scan that numbers the flows may still run.
        let flows = Arc::clone(&self.flows);
        let batches = stream::once(async move { stream::iter(flows.batches()) }).flatten();
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches.map(|batch| Ok(batch?))))
    }
}

/// The networks of their peers, as one partition.
#[derive(Debug)]
struct KnownPeers {
    flows: Arc<Flows>,
    schema: SchemaRef,
}

impl PartitionStream for KnownPeers {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let flows = Arc::clone(&self.flows);
        let batches = stream::once(async move { stream::iter(flows.peers()) }).flatten();
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches.map(|batch| Ok(batch?))))
    }
}

/// One partition's objects.
#[derive(Clone)]
struct Share {
    objects: Vec<Arc<LogObject>>,
    headerless: Arc<Headerless>,
    window: Window,
    sameness: Arc<dyn Sameness>,
    ledger: Arc<Ledger>,
    flows: Arc<Flows>,
    most_text: usize,
    schema: SchemaRef,
}

impl std::fmt::Debug for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Share").field("objects", &self.objects.len()).finish_non_exhaustive()
    }
}

impl PartitionStream for Share {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let fetch = move |object: Arc<LogObject>| {
            let context = Arc::clone(&context);
            let fetching = fetch(Arc::clone(&object), context);
            async move {
                // What lies on disk is read where it is decoded; what comes over the network comes meanwhile.
                if is_local(&object) {
                    return fetching.await;
                }
                SpawnedTask::spawn(fetching).join().await.map_err(|error| DataFusionError::External(Box::new(error)))?
            }
        };
        let share = self.clone();
        let fold = Fold::new(Arc::clone(&self.sameness), self.window, Arc::clone(&self.flows));
        let ahead = if self.objects.iter().all(|object| is_local(object)) { AHEAD_ON_DISK } else { AHEAD };
        let inputs = stream::iter(self.objects.clone()).map(fetch).buffered(ahead).boxed();
        let reading = Reading { share, inputs, open: None, idle: Some((fold, Vec::new())) };
        let batches = stream::try_unfold(reading, Reading::next);
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches)) as SendableRecordBatchStream
    }
}

async fn fetch(object: Arc<LogObject>, context: Arc<TaskContext>) -> DfResult<(Arc<LogObject>, Input)> {
    let store = context.runtime_env().object_store(&object.store)?;
    let input = Input::open(store, Arc::clone(&object)).await?;
    let input = if object.meta.size <= SMALL { input.fetched().await? } else { input };
    Ok((object, input))
}

fn is_local(object: &LogObject) -> bool {
    object.store.as_str().starts_with("file:")
}

/// Decodes; where more comes over the network, without keeping the runtime's thread from it.
fn busy<T>(object: &LogObject, decode: impl FnOnce() -> T) -> T {
    let threads = tokio::runtime::Handle::current().runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread;
    if threads && !is_local(object) { tokio::task::block_in_place(decode) } else { decode() }
}

type Inputs = stream::BoxStream<'static, DfResult<(Arc<LogObject>, Input)>>;

/// A share on its way: one object open, the fold and the memory of the text handed from object to object.
struct Reading {
    share: Share,
    inputs: Inputs,
    open: Option<(Arc<LogObject>, Source, ObjectDecoder<Fold>)>,
    idle: Option<(Fold, Vec<u8>)>,
}

/// Where the bytes of the open object come from.
enum Source {
    /// As they are stored.
    Stored(Input),
    /// As text.
    Text(Ahead),
}

impl Reading {
    async fn next(mut self) -> DfResult<Option<(RecordBatch, Self)>> {
        loop {
            let Some((object, mut source, mut decoder)) = self.open.take() else {
                match (self.inputs.next().await.transpose()?, self.idle.take()) {
                    (Some((object, input)), Some((fold, buffer))) => {
                        self.open = Some(self.share.start(object, input, fold, buffer).await?);
                        continue;
                    }
                    (None, Some((mut fold, _))) => return Ok(fold.take()?.map(|batch| (batch, self))),
                    (_, None) => return Ok(None),
                }
            };
            loop {
                match (busy(&object, || decoder.advance())?, &mut source) {
                    (Step::Batch(batch), _) => {
                        self.open = Some((object, source, decoder));
                        return Ok(Some((batch, self)));
                    }
                    (Step::More, Source::Stored(input)) => match input.next().await? {
                        Some(stored) => decoder.push(stored),
                        None => decoder.end(),
                    },
                    (Step::More, Source::Text(ahead)) => match ahead.next().await? {
                        Some(Piece::Text(text)) => decoder.push(text),
                        Some(Piece::Damage(damage)) => decoder.fail(&damage),
                        None => decoder.end(),
                    },
                    (Step::Ranges(ranges), Source::Stored(input)) => {
                        decoder.push_ranges(input.ranges(&ranges).await?);
                    }
                    // Text is never Parquet.
                    (Step::Ranges(_), Source::Text(_)) => decoder.push_ranges(Vec::new()),
                    (Step::Done, _) => {
                        self.share.ledger.enter(ObjectAccount::of(&object, &decoder));
                        self.idle = Some(decoder.into_parts());
                        break;
                    }
                }
            }
        }
    }
}

impl Share {
    /// Opens an object: small ones are inflated at once, large gzip ahead of the fold, and all else in step with it.
    async fn start(
        &self,
        object: Arc<LogObject>,
        mut input: Input,
        fold: Fold,
        mut buffer: Vec<u8>,
    ) -> DfResult<(Arc<LogObject>, Source, ObjectDecoder<Fold>)> {
        let (origin, headerless) = (object.origin(), &self.headerless);
        let assumed = headerless.of_flow_log(origin.flow_log_id.as_deref());
        let decoder = Decoder::new(fold, origin, assumed).with_log_groups(Arc::clone(headerless));
        let decoder = decoder.with_events(self.ledger.events());
        let size = object.meta.size;
        if let Some(stored) = input.whole() {
            let mut decoder = ObjectDecoder::new(decoder, size);
            busy(&object, || decoder.push_whole(stored, self.most_text, &mut buffer));
            return Ok((object, Source::Stored(input), decoder));
        }
        match input.next().await? {
            Some(first) if Inflate::is_member(&first) => {
                let ahead = Ahead::start(first, input);
                Ok((object, Source::Text(ahead), ObjectDecoder::of_text(decoder, size)))
            }
            first => {
                let mut decoder = ObjectDecoder::new(decoder, size);
                if let Some(first) = first {
                    decoder.push(first);
                }
                Ok((object, Source::Stored(input), decoder))
            }
        }
    }
}
