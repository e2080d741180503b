//! Records out of the JSON that CloudWatch Logs and Firehose put around them.
//!
//! - a CloudWatch Logs subscription: `{"messageType":"DATA_MESSAGE",...,"logEvents":[{"message":"2 ..."}]}`; `CONTROL_MESSAGE`s
//!   are probes without records;
//! - the answer of `aws logs filter-log-events`: `{"events":[{"message":"2 ..."}]}`;
//! - Firehose: `{"message":"2 ..."}`.
//!
//! They may follow each other on lines, without anything between, in an array, or be written over several lines. Messages have no
//! header line, so the layout is the one assumed for files without header.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;

use super::decoder::Decoder;
use super::rejects::Reason;
use super::sink::Sink;
use super::splitter::{Piece, Splitter};
use crate::record::foreign;
use crate::record::layout::Refusal;

/// Longest JSON object, in bytes. CloudWatch Logs packs up to 1 MiB of gzip into one.
const LONGEST: usize = 16 << 20;
/// Objects without a message after which a file without any is refused.
const MOST_FOREIGN: u32 = 64;

/// What stands between the text of an object and its lines.
#[derive(Debug, Default)]
pub(super) enum Unwrap {
    /// Only blanks so far.
    #[default]
    Undecided,
    /// Nothing.
    Plain,
    Json(Box<Envelopes>),
}

impl Unwrap {
    /// Reads the next text. The lines it gave are [`Unwrap::lines`] until the next call.
    pub(super) fn feed<S: Sink>(&mut self, text: &[u8], decoder: &mut Decoder<S>) {
        if let Self::Undecided = self {
            // A byte order mark is blank too.
            let first = text.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0xef | 0xbb | 0xbf));
            match first {
                Some(b'{' | b'[') => {
                    decoder.expect_messages();
                    *self = Self::Json(Box::default());
                }
                Some(_) => *self = Self::Plain,
                None => {}
            }
        }
        if let Self::Json(envelopes) = self {
            envelopes.feed(text, decoder);
        }
    }

    /// Lines to decode: the text itself, or the messages in it.
    pub(super) fn lines<'t>(&'t self, text: &'t [u8]) -> &'t [u8] {
        if let Self::Json(envelopes) = self { &envelopes.lines } else { text }
    }

    /// The text is complete.
    pub(super) fn finish<S: Sink>(&mut self, decoder: &mut Decoder<S>) {
        if let Self::Json(envelopes) = self {
            envelopes.finish(decoder);
        }
    }
}

/// Cuts the text and takes the messages out.
#[derive(Debug)]
pub(super) struct Envelopes {
    splitter: Splitter,
    lines: Vec<u8>,
    found: Found,
}

impl Default for Envelopes {
    fn default() -> Self {
        Self { splitter: Splitter::with_longest(LONGEST), lines: Vec::new(), found: Found::Nothing }
    }
}

#[derive(Debug, Clone, Copy)]
enum Found {
    Nothing,
    /// Other JSON, how often, and of which kind the first was.
    Foreign(u32, &'static str),
    Messages,
}

impl Envelopes {
    fn feed<S: Sink>(&mut self, text: &[u8], decoder: &mut Decoder<S>) {
        let Self { splitter, lines, found } = self;
        lines.clear();
        splitter.feed(text, &mut |line, piece, bytes| {
            let read = read(piece, bytes, lines, &mut |event| decoder.reject_at(Reason::NoMessage, line, event));
            found.note(&read, bytes);
            if let Err(reason) = read {
                decoder.reject_at(reason, line, bytes);
            }
        });
        if let Found::Foreign(MOST_FOREIGN.., kind) = *found {
            decoder.refuse(Refusal::Foreign(kind));
        }
    }

    fn finish<S: Sink>(&mut self, decoder: &mut Decoder<S>) {
        let Self { splitter, lines, found } = self;
        lines.clear();
        splitter.finish(&mut |line, _, bytes| {
            found.note(&Err(Reason::NotJson), bytes);
            decoder.reject_at(Reason::NotJson, line, bytes);
        });
        if let Found::Foreign(_, kind) = *found {
            decoder.refuse(Refusal::Foreign(kind));
        }
    }
}

impl Found {
    fn note(&mut self, read: &Result<(), Reason>, bytes: &[u8]) {
        match (&mut *self, read) {
            (_, Ok(())) => *self = Self::Messages,
            (Self::Nothing, Err(_)) => *self = Self::Foreign(1, foreign::json(bytes)),
            (Self::Foreign(count, _), Err(_)) => *count = count.saturating_add(1),
            (Self::Messages, Err(_)) => {}
        }
    }
}

#[derive(Deserialize)]
struct Envelope<'t> {
    #[serde(borrow, default, rename = "messageType")]
    message_type: Cow<'t, str>,
    #[serde(borrow, default, rename = "logEvents", alias = "events")]
    events: Option<Vec<Event<'t>>>,
    #[serde(borrow, default)]
    message: Cow<'t, str>,
}

#[derive(Deserialize)]
struct Event<'t> {
    #[serde(borrow, default)]
    message: Cow<'t, str>,
}

/// Writes the messages of one piece of text as lines; `bad` gets events without one.
fn read(piece: Piece, bytes: &[u8], lines: &mut Vec<u8>, bad: &mut dyn FnMut(&[u8])) -> Result<(), Reason> {
    match piece {
        Piece::Object => {}
        Piece::Broken | Piece::Other => return Err(Reason::NotJson),
        Piece::TooLong => return Err(Reason::TooLong),
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Reason::NotUtf8)?;
    let envelope = match serde_json::from_str::<Envelope<'_>>(text) {
        Ok(envelope) => envelope,
        Err(error) if error.classify() == Category::Data => return read_with_care(text, lines, bad),
        Err(_) => return Err(Reason::NotJson),
    };
    if envelope.message_type == "CONTROL_MESSAGE" {
        return Ok(());
    }
    match envelope.events {
        Some(events) => {
            for event in events {
                if !write(&event.message, lines) {
                    bad(text.as_bytes());
                }
            }
        }
        None if !write(&envelope.message, lines) => return Err(Reason::NoMessage),
        None => {}
    }
    Ok(())
}

/// The same where a value is not what it should be: good messages beside it are kept.
fn read_with_care(text: &str, lines: &mut Vec<u8>, bad: &mut dyn FnMut(&[u8])) -> Result<(), Reason> {
    let value: Value = serde_json::from_str(text).map_err(|_| Reason::NotJson)?;
    let mut message =
        |value: &Value| value.get("message").and_then(Value::as_str).is_some_and(|text| write(text, lines));
    match value.get("logEvents").or_else(|| value.get("events")).and_then(Value::as_array) {
        Some(events) => {
            events.iter().filter(|event| !message(event)).for_each(|event| bad(event.to_string().as_bytes()));
            Ok(())
        }
        None if message(&value) => Ok(()),
        None => Err(Reason::NoMessage),
    }
}

/// False if there is nothing to write.
fn write(message: &str, lines: &mut Vec<u8>) -> bool {
    let message = message.trim();
    lines.extend_from_slice(message.as_bytes());
    lines.push(b'\n');
    !message.is_empty()
}
