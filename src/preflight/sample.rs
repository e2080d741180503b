//! The columns of a few objects of each flow log, from their first bytes.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::error::ArrowError;
use datafusion::prelude::SessionContext;
use object_store::ObjectStore;

use super::model::{Sampled, Unreadable};
use super::{SeenLog, merged};
use crate::decode::decoder::{Decoder, Origin};
use crate::decode::object::{ObjectDecoder, Step};
use crate::decode::rejects::Reason;
use crate::decode::sink::Sink;
use crate::error::{Error, Result};
use crate::record::header::parse_log_format;
use crate::record::layout::Layout;
use crate::record::tokenise::Span;
use crate::source::listing::{Listing, LogObject};

/// Bytes read of an object at first: a header line has at most about 1 KiB, and gzip makes less of it.
const FIRST_BYTES: u64 = 16 * 1024;
/// Bytes read at most until the columns are told.
const MOST_BYTES: u64 = 1 << 20;
/// Objects looked into where the name does not say which flow log they are of: formats may lie side by side.
const PER_FOLDER: usize = 3;
/// Objects tried of a flow log until one tells its columns: a flow log's format never changes.
const PER_FLOW_LOG: usize = 3;
/// Flow logs and folders looked into.
const GROUPS: usize = 500;

/// The formats met, and what was read for it.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// One entry a flow log.
    pub logs: Vec<SeenLog>,
    /// What it took.
    pub sampled: Sampled,
}

/// Reads the first bytes of few objects of each flow log, the newest first. `log_format` is for objects without header.
///
/// # Errors
/// [`Error::Usage`] for a bad `log_format`, [`Error::Store`] when an object cannot be fetched.
pub async fn sample(ctx: &SessionContext, listing: &Listing, log_format: Option<&str>) -> Result<Sample> {
    let assumed = log_format.map(parse_log_format).transpose();
    let assumed = assumed.map_err(|refusal| Error::Usage(format!("--log-format: {refusal}")))?.map(Arc::new);
    let mut sample = Sample::default();
    sample.sampled.objects_listed = (listing.objects.len() + listing.refused.len()) as u64;
    sample.sampled.unreadable =
        listing.refused.iter().map(|(object, reason)| unreadable(object, reason.clone())).collect();
    let groups = groups(&listing.objects);
    sample.sampled.flow_logs_left_out = groups.len().saturating_sub(GROUPS) as u64;
    for (group, objects) in groups.into_iter().take(GROUPS) {
        sample.look(ctx, group.is_flow_log, &objects, assumed.as_ref()).await?;
    }
    sample.logs = merged(sample.logs);
    Ok(sample)
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    is_flow_log: bool,
    /// The id, or the folder.
    name: String,
}

/// By flow log, else by folder; the newest object first.
fn groups(objects: &[LogObject]) -> BTreeMap<Group, Vec<&LogObject>> {
    let mut groups = BTreeMap::<Group, Vec<&LogObject>>::new();
    for object in objects {
        let folder = || object.display.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned());
        let id = object.key.flow_log_id.clone();
        let group = Group { is_flow_log: id.is_some(), name: id.unwrap_or_else(folder) };
        groups.entry(group).or_default().push(object);
    }
    for objects in groups.values_mut() {
        objects.sort_by(|a, b| (b.key.published, &b.display).cmp(&(a.key.published, &a.display)));
    }
    groups
}

impl Sample {
    async fn look(
        &mut self,
        ctx: &SessionContext,
        is_flow_log: bool,
        objects: &[&LogObject],
        assumed: Option<&Arc<Layout>>,
    ) -> Result<()> {
        let tries = if is_flow_log { PER_FLOW_LOG } else { PER_FOLDER };
        for object in objects.iter().filter(|object| object.meta.size > 0).take(tries) {
            let store = ctx.runtime_env().object_store(&object.store)?;
            self.sampled.objects_read += 1;
            match layout(store.as_ref(), object, assumed.cloned(), &mut self.sampled.bytes_read).await? {
                Ok(Some(layout)) => {
                    self.logs.push(seen(object, &layout));
                    if is_flow_log {
                        return Ok(());
                    }
                }
                Ok(None) => {}
                Err(reason) => self.sampled.unreadable.push(unreadable(&object.display, reason)),
            }
        }
        Ok(())
    }
}

/// Bytes of the object; shorter where it ends.
async fn bytes(store: &dyn ObjectStore, object: &LogObject, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
    let got = store.get_ranges(&object.meta.location, ranges).await;
    got.map_err(|error| crate::source::store_error(error, &object.display))
}

/// The columns that the object's first bytes tell (of Parquet its last), or why it cannot be read; none if it has no line but blank
/// ones. Counts what it reads in `read`.
async fn layout(
    store: &dyn ObjectStore,
    object: &LogObject,
    assumed: Option<Arc<Layout>>,
    read: &mut u64,
) -> Result<std::result::Result<Option<Arc<Layout>>, String>> {
    let size = object.meta.size;
    let mut decoder = ObjectDecoder::new(Decoder::new(ColumnsOnly, object.origin(), assumed), size);
    let mut next = 0;
    loop {
        let step = decoder.advance()?;
        if let Some(layout) = decoder.decoder().layout() {
            return Ok(Ok(Some(Arc::clone(layout))));
        }
        let ranges = match &step {
            Step::More if next == size => {
                decoder.end();
                continue;
            }
            Step::More if next >= MOST_BYTES => return Ok(Err("its first bytes do not tell its columns".to_owned())),
            // A header line has about 1 KiB, but a message of CloudWatch Logs may be long.
            Step::More => {
                let piece = next..size.min(FIRST_BYTES.max(next * 8));
                vec![piece]
            }
            Step::Ranges(ranges) => ranges.clone(),
            Step::Batch(_) => continue,
            Step::Done => return Ok(decoder.damage().map_or(Ok(None), Err)),
        };
        let got = bytes(store, object, &ranges).await?;
        *read += got.iter().map(|bytes| bytes.len() as u64).sum::<u64>();
        match step {
            Step::Ranges(_) => decoder.push_ranges(got),
            _ => {
                next = ranges.last().map_or(size, |range| range.end);
                decoder.push(got.concat().into());
            }
        }
    }
}

/// Wants no row.
#[derive(Debug)]
struct ColumnsOnly;

impl Sink for ColumnsOnly {
    fn start(&mut self, _: &Arc<Layout>, _: &Origin) {}

    fn in_milliseconds(&mut self) {}

    fn wants(&self, _: usize) -> bool {
        false
    }

    fn line(&mut self, _: &str) -> std::result::Result<(), Reason> {
        Ok(())
    }

    fn row(&mut self, _: &str, _: &[Span], _: Option<u128>) -> std::result::Result<(), Reason> {
        Ok(())
    }

    fn is_full(&self) -> bool {
        false
    }

    fn take(&mut self) -> std::result::Result<Option<RecordBatch>, ArrowError> {
        Ok(None)
    }
}

fn seen(object: &LogObject, layout: &Layout) -> SeenLog {
    SeenLog {
        flow_log_id: object.key.flow_log_id.clone().unwrap_or_else(|| layout.id()),
        account_id: object.key.account_id.clone(),
        region: object.key.region.clone(),
        fields: layout.names().to_vec(),
    }
}

fn unreadable(object: &str, reason: String) -> Unreadable {
    Unreadable { object: object.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use object_store::ObjectStoreExt;

    use super::*;

    const HEADER: &str = "version start end srcaddr dstaddr bytes";

    async fn columns(stored: &[u8]) -> std::result::Result<Option<String>, String> {
        let store = object_store::memory::InMemory::new();
        let path = object_store::path::Path::from("a");
        store.put(&path, stored.to_vec().into()).await.unwrap();
        let meta = store.head(&path).await.unwrap();
        let url = datafusion::execution::object_store::ObjectStoreUrl::parse("s3://logs").unwrap();
        let object = LogObject { store: url, meta, display: "a".to_owned(), key: Default::default() };
        let found = layout(&store, &object, None, &mut 0).await.unwrap()?;
        Ok(found.map(|layout| layout.names().join(" ")))
    }

    #[tokio::test]
    async fn the_first_line_tells_the_columns_whatever_follows() {
        for text in [HEADER.to_owned(), format!("\n \r\n{HEADER}\r\n2 1 2 10.0.0.1"), format!("\u{feff}{HEADER}\nrow")]
        {
            assert_eq!(columns(text.as_bytes()).await.unwrap().unwrap(), HEADER);
            let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
            assert_eq!(columns(&zstd).await.unwrap().unwrap(), HEADER);
        }
        assert_eq!(columns(b"\n\n").await, Ok(None));
        assert!(columns(b"hello world\n").await.unwrap_err().contains("--log-format"));
        assert_eq!(columns(b"PAR1data").await.unwrap_err(), "truncated Parquet: the object ends too early");
    }

    #[tokio::test]
    async fn a_long_message_tells_the_default_format() {
        let row = "2 123456789010 eni-1 10.0.0.5 10.0.0.6 49761 3389 6 20 4249 1418530010 1418530070 REJECT OK";
        let message = format!("{{\"pad\":\"{}\",\"message\":\"{row}\"}}", "x".repeat(100_000));
        assert_eq!(columns(message.as_bytes()).await.unwrap().unwrap(), Layout::default_format().names().join(" "));
        let endless = format!("{{\"pad\":\"{}", "x".repeat(3 << 20));
        assert_eq!(columns(endless.as_bytes()).await.unwrap_err(), "its first bytes do not tell its columns");
    }

    #[tokio::test]
    async fn cut_gzip_is_enough() {
        let rows: String = (0..50_000_u32).map(|n| format!("{}\n", n.wrapping_mul(2_654_435_761))).collect();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, format!("{HEADER}\n{rows}").as_bytes()).unwrap();
        let stored = gzip.finish().unwrap();
        assert_eq!(columns(&stored[..FIRST_BYTES as usize]).await.unwrap().unwrap(), HEADER);
        assert!(columns(&[0x1f, 0x8b, 1, 1, 1, 1, 1, 1, 1, 1, 1]).await.is_err());
    }
}
