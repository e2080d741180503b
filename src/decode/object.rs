//! Stored bytes to batches: unpack, unwrap and decode in step, in bounded memory.

use std::ops::Range;

use bytes::Bytes;
use datafusion::arrow::{array::RecordBatch, error::ArrowError};

use super::{
    decoder::Decoder,
    envelopes::Unwrap,
    parquet::ParquetReader,
    sink::Sink,
    unpack::{Damage, Unpack},
};

/// Decoder of one stored object.
#[derive(Debug)]
pub struct ObjectDecoder<S> {
    decoder: Decoder<S>,
    size: u64,
    unpack: Unpack,
    unwrap: Unwrap,
    parquet: Option<ParquetReader>,
    fed: usize,
    /// No more stored bytes come.
    pushed_all: bool,
    ended: bool,
    damage: Option<String>,
}

/// What [`ObjectDecoder::advance`] has to say.
#[derive(Debug)]
pub enum Step {
    /// Rows.
    Batch(RecordBatch),
    /// Push more stored bytes, or [`ObjectDecoder::end`].
    More,
    /// Push these ranges of the object with [`ObjectDecoder::push_ranges`]; bytes in order are not wanted any more.
    Ranges(Vec<Range<u64>>),
    /// All is read that can be read.
    Done,
}

impl<S: Sink> ObjectDecoder<S> {
    /// Stored bytes of an object of `size` are read as what their first bytes say they are; rows go to `decoder`.
    pub fn new(decoder: Decoder<S>, size: u64) -> Self {
        Self {
            decoder,
            size,
            unpack: Unpack::default(),
            unwrap: Unwrap::default(),
            parquet: None,
            fed: 0,
            pushed_all: false,
            ended: false,
            damage: None,
        }
    }

    /// For an object that is unpacked elsewhere: its text is pushed, which may be gzip once more.
    pub fn of_text(decoder: Decoder<S>, size: u64) -> Self {
        Self { unpack: Unpack::of_text(), ..Self::new(decoder, size) }
    }

    /// What follows the text pushed so far cannot be unpacked; only after [`Step::More`].
    pub fn fail(&mut self, damage: &Damage) {
        self.damage = Some(damage.to_string());
    }

    /// The next stored bytes; only after [`Step::More`].
    pub fn push(&mut self, stored: Bytes) {
        self.unpack.push(stored);
        self.tell_parquet();
    }

    /// All stored bytes of the object, in place of [`ObjectDecoder::push`]. Up to `most` bytes of text are inflated at once into
    /// `buffer`, which [`ObjectDecoder::into_parts`] gives back.
    pub fn push_whole(&mut self, stored: Bytes, most: usize, buffer: &mut Vec<u8>) {
        self.unpack.push_whole(stored, most, buffer);
        self.tell_parquet();
    }

    /// There are no more stored bytes.
    pub fn end(&mut self) {
        self.pushed_all = true;
        self.unpack.end();
        self.tell_parquet();
    }

    /// The ranges that [`Step::Ranges`] asked for, in its order; shorter ones where the object ends earlier.
    pub fn push_ranges(&mut self, ranges: Vec<Bytes>) {
        if let Some(parquet) = &mut self.parquet {
            parquet.push(ranges);
        }
    }

    /// Works on until there is a batch, or more bytes are needed.
    pub fn advance(&mut self) -> Result<Step, ArrowError> {
        loop {
            if self.parquet.is_none() {
                let text = self.unwrap.lines(self.unpack.text());
                self.fed += self.decoder.feed(&text[self.fed..]);
            }
            if self.decoder.is_ready() {
                match self.decoder.take()? {
                    Some(batch) => return Ok(Step::Batch(batch)),
                    None => continue,
                }
            }
            if self.ended || self.decoder.refusal().is_some() {
                return Ok(self.decoder.end_of_object()?.map_or(Step::Done, Step::Batch));
            }
            let step = if self.parquet.is_some() { self.read_parquet() } else { self.read_text() };
            if let Some(step) = step {
                return Ok(step);
            }
        }
    }

    /// Why the object was not read in whole, if it was not.
    pub fn damage(&self) -> Option<String> {
        self.decoder.refusal().map(ToString::to_string).or_else(|| self.damage.clone())
    }

    /// Counts and layout.
    pub fn decoder(&self) -> &Decoder<S> {
        &self.decoder
    }

    /// The sink and the memory of the text, when the object is read.
    pub fn into_parts(self) -> (S, Vec<u8>) {
        (self.decoder.into_sink(), self.unpack.into_buffer())
    }

    fn tell_parquet(&mut self) {
        if self.parquet.is_none() && self.unpack.is_parquet() {
            self.parquet = Some(ParquetReader::new(self.size));
        }
    }

    /// Unpacks the next text, or closes.
    fn read_text(&mut self) -> Option<Step> {
        if self.fed < self.unwrap.lines(self.unpack.text()).len() {
            return None;
        }
        if self.damage.is_some() {
            self.close();
            return None;
        }
        self.fed = 0;
        let step = self.unpack.step();
        // Also without text, so that no line is fed twice.
        self.unwrap.feed(self.unpack.text(), &mut self.decoder);
        match step {
            Ok(true) => None,
            Ok(false) if self.pushed_all => {
                self.close();
                None
            }
            Ok(false) => Some(Step::More),
            Err(damage) => {
                self.damage = Some(damage.to_string());
                None
            }
        }
    }

    fn read_parquet(&mut self) -> Option<Step> {
        let parquet = self.parquet.as_mut()?;
        match parquet.advance(&mut self.decoder) {
            Ok(Some(ranges)) => return Some(Step::Ranges(ranges)),
            Ok(None) => self.ended = parquet.is_done(),
            Err(damage) => {
                self.damage = Some(damage.to_string());
                self.ended = true;
            }
        }
        None
    }

    fn close(&mut self) {
        self.ended = true;
        if self.damage.is_some() {
            self.decoder.abandon();
        } else {
            self.unwrap.finish(&mut self.decoder);
            self.decoder.finish();
        }
    }
}
