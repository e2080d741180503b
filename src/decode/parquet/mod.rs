//! Parquet to the same rows that text gives, sans-IO: it says which ranges of the object it needs next.
//!
//! The columns are named once, so a file is refused before any row is read if they are not a flow log's. Of the columns those are
//! read that a query wants and those that a row is judged by (numbers, addresses, action, status), so that counts of malformed
//! rows do not depend on the query. Of a row group the bytes of these columns are held in memory at a time, as stored.

mod line;
mod recall;
mod table;

use std::fmt;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use parquet::DecodeResult;
use parquet::arrow::push_decoder::{ParquetPushDecoder, ParquetPushDecoderBuilder};
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataPushDecoder};

use self::line::RowWriter;
use self::table::Table;
use super::decoder::Decoder;
use super::sink::Sink;
use crate::record::excerpt::excerpt;
use crate::record::layout::Refusal;

/// Bytes at the end of the object asked for first: the footer of a flow log file with some to spare.
const TAIL: u64 = 64 * 1024;
/// Length of the metadata and the magic.
const FOOTER: u64 = 8;
const MAGIC: &[u8] = b"PAR1";
const MAGIC_ENCRYPTED: &[u8] = b"PARE";
/// Rows decoded at a time.
const BATCH: usize = 8192;

/// Why the rest of the file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Damage {
    #[error("truncated Parquet: the object ends too early")]
    Truncated,
    #[error("corrupt Parquet: {0}")]
    Corrupt(String),
}

/// Reader of one file.
pub(super) struct ParquetReader {
    size: u64,
    /// What [`ParquetReader::push`] is to bring.
    asked: Vec<Range<u64>>,
    pushed: Vec<Bytes>,
    state: State,
}

enum State {
    Tail,
    Metadata(Box<ParquetMetaDataPushDecoder>),
    Rows { decoder: Box<ParquetPushDecoder>, table: Table, rows: Option<Box<RowWriter>> },
    Done,
}

/// Ranges and their bytes.
type Pushed = (Vec<Range<u64>>, Vec<Bytes>);

impl fmt::Debug for ParquetReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetReader").field("size", &self.size).field("asked", &self.asked).finish_non_exhaustive()
    }
}

impl ParquetReader {
    /// A reader of a file of `size` bytes.
    pub(super) fn new(size: u64) -> Self {
        Self { size, asked: Vec::new(), pushed: Vec::new(), state: State::Tail }
    }

    /// The ranges asked for.
    pub(super) fn push(&mut self, ranges: Vec<Bytes>) {
        self.pushed = ranges;
    }

    /// Whether all is read.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Reads on until `decoder` has a batch, ranges are needed (these), or all is read.
    pub(super) fn advance<S: Sink>(&mut self, decoder: &mut Decoder<S>) -> Result<Option<Vec<Range<u64>>>, Damage> {
        loop {
            let pushed = self.pushed()?;
            match &mut self.state {
                State::Tail => match pushed {
                    Some((mut ranges, mut bytes)) => {
                        let (Some(range), Some(tail)) = (ranges.pop(), bytes.pop()) else { return Ok(None) };
                        if self.is_encrypted(&tail)? {
                            decoder.refuse(Refusal::Foreign("Parquet with an encrypted footer"));
                            return Ok(None);
                        }
                        let metadata = ParquetMetaDataPushDecoder::try_new(self.size).map_err(corrupt)?;
                        let mut metadata = metadata.with_page_index_policy(PageIndexPolicy::Skip);
                        metadata.push_range(range, tail).map_err(corrupt)?;
                        self.state = State::Metadata(Box::new(metadata));
                    }
                    None => {
                        let tail = self.size.saturating_sub(TAIL)..self.size;
                        return self.ask(Vec::from([tail]));
                    }
                },
                State::Metadata(metadata) => {
                    if let Some((ranges, bytes)) = pushed {
                        metadata.push_ranges(ranges, bytes).map_err(corrupt)?;
                    }
                    match guarded(|| metadata.try_decode())? {
                        DecodeResult::NeedsData(ranges) => return self.ask(ranges),
                        DecodeResult::Data(metadata) => match open(metadata, decoder)? {
                            Ok((reader, table)) => {
                                self.state = State::Rows { decoder: Box::new(reader), table, rows: None };
                            }
                            Err(refusal) => {
                                decoder.refuse(refusal);
                                return Ok(None);
                            }
                        },
                        DecodeResult::Finished => self.state = State::Done,
                    }
                }
                State::Rows { decoder: reader, table, rows } => {
                    if let Some(batch) = rows {
                        if batch.write(decoder) {
                            return Ok(None);
                        }
                        *rows = None;
                    }
                    if let Some((ranges, bytes)) = pushed {
                        reader.push_ranges(ranges, bytes).map_err(corrupt)?;
                    }
                    match guarded(|| reader.try_decode())? {
                        DecodeResult::NeedsData(ranges) => return self.ask(ranges),
                        DecodeResult::Data(batch) => {
                            let writer = table.rows(&batch, decoder).map_err(|e| corrupt(e.into()))?;
                            *rows = Some(Box::new(writer));
                        }
                        DecodeResult::Finished => self.state = State::Done,
                    }
                }
                State::Done => return Ok(None),
            }
        }
    }

    /// Ranges outside the object, or more than it has, come from broken metadata.
    fn ask(&mut self, ranges: Vec<Range<u64>>) -> Result<Option<Vec<Range<u64>>>, Damage> {
        let mut left = if ranges.is_empty() { None } else { Some(self.size) };
        for range in &ranges {
            let length = range.end.checked_sub(range.start).filter(|_| range.end <= self.size);
            left = left.zip(length).and_then(|(left, length)| left.checked_sub(length));
        }
        left.ok_or_else(|| Damage::Corrupt("its metadata points outside the object".to_owned()))?;
        self.asked = ranges.clone();
        Ok(Some(ranges))
    }

    /// What was asked for, if it came.
    fn pushed(&mut self) -> Result<Option<Pushed>, Damage> {
        let (ranges, bytes) = (std::mem::take(&mut self.asked), std::mem::take(&mut self.pushed));
        if bytes.is_empty() {
            return Ok(None);
        }
        let whole = |(range, bytes): (&Range<u64>, &Bytes)| range.end - range.start == bytes.len() as u64;
        if ranges.len() == bytes.len() && ranges.iter().zip(&bytes).all(whole) {
            Ok(Some((ranges, bytes)))
        } else {
            Err(Damage::Truncated)
        }
    }

    /// Checked here since the library subtracts the lengths unchecked.
    fn is_encrypted(&self, tail: &[u8]) -> Result<bool, Damage> {
        let (_, footer) = tail.split_last_chunk::<{ FOOTER as usize }>().ok_or(Damage::Truncated)?;
        let (length, magic) = footer.split_at(4);
        let length = length.iter().rev().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        match magic {
            MAGIC if length + FOOTER + MAGIC.len() as u64 > self.size => {
                Err(Damage::Corrupt("the length of its metadata is wrong".to_owned()))
            }
            MAGIC => Ok(false),
            MAGIC_ENCRYPTED => Ok(true),
            _ => Err(Damage::Truncated),
        }
    }
}

type Opened = Result<(ParquetPushDecoder, Table), Refusal>;

/// The columns of the file go to `decoder`.
fn open<S: Sink>(metadata: ParquetMetaData, decoder: &mut Decoder<S>) -> Result<Opened, Damage> {
    let metadata = Arc::new(metadata);
    let (table, layout) = match guarded(|| Table::new(&metadata, &|position| decoder.wants(position), S::RECALLS))? {
        Ok(opened) => opened,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let build = || {
        ParquetPushDecoderBuilder::new_with_metadata(table.metadata().clone())
            .with_projection(table.projection())
            .with_batch_size(BATCH)
            .build()
    };
    let reader = guarded(build)?;
    decoder.columns(layout);
    Ok(Ok((reader, table.for_sink_of(decoder))))
}

/// The library panics on some broken files, which must not end a run over thousands of good ones.
fn guarded<T>(work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, Damage> {
    let caught = catch_unwind(AssertUnwindSafe(work));
    caught.map_err(|_| Damage::Corrupt("its pages or its metadata contradict each other".to_owned()))?.map_err(corrupt)
}

fn corrupt(error: ParquetError) -> Damage {
    Damage::Corrupt(excerpt(error.to_string().as_bytes(), 200))
}
