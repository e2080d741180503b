//! Stored bytes to batches: inflate and decode in step, in bounded memory.

use bytes::Bytes;
use datafusion::arrow::{array::RecordBatch, error::ArrowError};

use super::{decoder::Decoder, inflate::Inflate, sink::Sink};

/// Decoder of one stored object.
#[derive(Debug)]
pub struct ObjectDecoder<S> {
    inflate: Inflate,
    decoder: Decoder<S>,
    stored: Bytes,
    fed: usize,
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
    /// All is read that can be read.
    Done,
}

impl<S: Sink> ObjectDecoder<S> {
    /// Stored bytes go through gzip where they are gzip, then to `decoder`.
    pub fn new(decoder: Decoder<S>) -> Self {
        Self { inflate: Inflate::default(), decoder, stored: Bytes::new(), fed: 0, ended: false, damage: None }
    }

    /// The next stored bytes; only after [`Step::More`].
    pub fn push(&mut self, stored: Bytes) {
        self.stored = stored;
    }

    /// There are no more stored bytes.
    pub fn end(&mut self) {
        if let Err(damage) = self.inflate.finish() {
            self.damage.get_or_insert(damage.to_string());
        }
        self.close();
    }

    /// Works on until there is a batch, or more bytes are needed.
    pub fn advance(&mut self) -> Result<Step, ArrowError> {
        loop {
            self.fed += self.decoder.feed(&self.inflate.text()[self.fed..]);
            if self.decoder.is_ready() {
                match self.decoder.take()? {
                    Some(batch) => return Ok(Step::Batch(batch)),
                    None => continue,
                }
            }
            if self.ended || self.decoder.refusal().is_some() {
                return Ok(self.decoder.end_of_object()?.map_or(Step::Done, Step::Batch));
            }
            if self.fed < self.inflate.text().len() {
                continue;
            }
            if self.damage.is_some() {
                self.close();
                continue;
            }
            if self.stored.is_empty() {
                return Ok(Step::More);
            }
            self.fed = 0;
            match self.inflate.step(&self.stored) {
                Ok(used) => self.stored = self.stored.split_off(used),
                Err(damage) => self.damage = Some(damage.to_string()),
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

    /// The sink, when the object is read.
    pub fn into_sink(self) -> S {
        self.decoder.into_sink()
    }

    fn close(&mut self) {
        self.ended = true;
        if self.damage.is_some() { self.decoder.abandon() } else { self.decoder.finish() }
    }
}
