//! The columns of a few objects of each flow log, from their first bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::prelude::SessionContext;
use object_store::ObjectStore;

use super::model::{Sampled, Unreadable};
use super::{SeenLog, merged};
use crate::decode::inflate::Inflate;
use crate::error::{Error, Result};
use crate::record::header::{FirstLine, first_line, parse_log_format};
use crate::record::layout::Layout;
use crate::source::listing::{Listing, LogObject};

/// Bytes read of an object: a header line has at most about 1 KiB, and gzip makes less of it.
const FIRST_BYTES: u64 = 16 * 1024;
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
    let assumed = assumed.map_err(|refusal| Error::Usage(format!("--log-format: {refusal}")))?;
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
        assumed: Option<&Layout>,
    ) -> Result<()> {
        let tries = if is_flow_log { PER_FLOW_LOG } else { PER_FOLDER };
        for object in objects.iter().filter(|object| object.meta.size > 0).take(tries) {
            let store = ctx.runtime_env().object_store(&object.store)?;
            let stored = first_bytes(store, object).await?;
            self.sampled.objects_read += 1;
            self.sampled.bytes_read += stored.len() as u64;
            match layout(&stored, assumed) {
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

async fn first_bytes(store: Arc<dyn ObjectStore>, object: &LogObject) -> Result<bytes::Bytes> {
    let end = object.meta.size.min(FIRST_BYTES);
    let got = object_store::ObjectStoreExt::get_range(store.as_ref(), &object.meta.location, 0..end).await;
    got.map_err(|error| crate::source::store_error(error, &object.display))
}

/// The layout that the first line tells; `None` if there is no line but blank ones.
fn layout(stored: &[u8], assumed: Option<&Layout>) -> std::result::Result<Option<Layout>, String> {
    let text = first_text(stored)?;
    let lines = text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let Some(line) = lines.into_iter().find(|line| !line.iter().all(|byte| *byte == b' ')) else { return Ok(None) };
    let line = String::from_utf8_lossy(line);
    match first_line(line.trim_start_matches('\u{feff}'), assumed) {
        Ok(FirstLine::Header(layout) | FirstLine::Row(layout)) => Ok(Some(layout)),
        Err(refusal) => Err(refusal.to_string()),
    }
}

/// Text up to the first line that says something, or all there is.
fn first_text(stored: &[u8]) -> std::result::Result<Vec<u8>, String> {
    let (mut inflate, mut text, mut used) = (Inflate::default(), Vec::new(), 0);
    let has_line = |text: &[u8]| text.iter().skip_while(|byte| byte.is_ascii_whitespace()).any(|byte| *byte == b'\n');
    while used < stored.len() && !has_line(&text) {
        match inflate.step(stored.get(used..).unwrap_or_default()) {
            Ok(more) => used += more,
            Err(damage) if text.is_empty() => return Err(damage.to_string()),
            Err(_) => break,
        }
        text.extend_from_slice(inflate.text());
    }
    Ok(text)
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
    use super::*;

    const HEADER: &str = "version start end srcaddr dstaddr bytes";

    #[test]
    fn the_first_line_tells_the_columns_whatever_follows() {
        for text in [HEADER.to_owned(), format!("\n \r\n{HEADER}\r\n2 1 2 10.0.0.1"), format!("\u{feff}{HEADER}\nrow")]
        {
            let found = layout(text.as_bytes(), None).unwrap().unwrap();
            assert_eq!(found.names().join(" "), HEADER);
        }
        assert_eq!(layout(b"\n\n", None), Ok(None));
        assert!(layout(b"hello world\n", None).unwrap_err().contains("--log-format"));
    }

    #[test]
    fn cut_gzip_is_enough() {
        let rows: String = (0..50_000_u32).map(|n| format!("{}\n", n.wrapping_mul(2_654_435_761))).collect();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, format!("{HEADER}\n{rows}").as_bytes()).unwrap();
        let stored = gzip.finish().unwrap();
        let found = layout(&stored[..FIRST_BYTES as usize], None).unwrap().unwrap();
        assert_eq!(found.names().join(" "), HEADER);
        assert!(layout(&[0x1f, 0x8b, 1, 1, 1, 1, 1, 1, 1, 1, 1], None).is_err());
    }
}
