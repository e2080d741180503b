//! Records out of the JSON that CloudWatch Logs and Firehose put around them.
//!
//! - a CloudWatch Logs subscription: `{"messageType":"DATA_MESSAGE",...,"logEvents":[{"message":"2 ..."}]}`; `CONTROL_MESSAGE`s
//!   are probes without records;
//! - the answer of `aws logs filter-log-events`: `{"events":[{"message":"2 ..."}]}`;
//! - Firehose: `{"message":"2 ..."}`.
//!
//! They may follow each other on lines, without anything between, in an array, or be written over several lines. Messages have no
//! header line: where the format of the log group is known, one is put before them, else they have the columns assumed for files
//! without header.

use std::borrow::Cow;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;

use super::decoder::Decoder;
use super::events::Claims;
use super::rejects::Reason;
use super::sink::Sink;
use super::splitter::{Piece, Splitter};
use crate::record::foreign;
use crate::record::layout::{Layout, Refusal};

/// Longest JSON object, in bytes. CloudWatch Logs packs up to 1 MiB of gzip into one.
pub(crate) const LONGEST: usize = 16 << 20;
/// Objects without a message after which a file without any is refused.
const MOST_FOREIGN: u32 = 64;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

static DEFAULT: OnceLock<Layout> = OnceLock::new();

/// What stands between the text of an object and its lines.
#[derive(Debug)]
pub(super) enum Unwrap {
    /// Only blanks so far, and at the very start these bytes of a byte order mark.
    Undecided(usize),
    /// Nothing.
    Plain,
    Json(Box<Envelopes>),
}

impl Default for Unwrap {
    fn default() -> Self {
        Self::Undecided(0)
    }
}

impl Unwrap {
    /// Reads the next text. The lines it gave are [`Unwrap::lines`] until the next call.
    pub(super) fn feed<S: Sink>(&mut self, text: &[u8], decoder: &mut Decoder<S>) {
        for byte in text {
            let Self::Undecided(marked) = self else { break };
            match byte {
                // A mark that is not whole is a line of text; so is one further on, where `marked` says that it cannot begin.
                byte if BYTE_ORDER_MARK.get(*marked) == Some(byte) => *marked += 1,
                _ if (1..BYTE_ORDER_MARK.len()).contains(marked) => *self = Self::Plain,
                b' ' | b'\t' | b'\r' | b'\n' => *marked = BYTE_ORDER_MARK.len(),
                b'{' | b'[' => {
                    decoder.expect_messages();
                    *self = Self::Json(Box::default());
                }
                _ => *self = Self::Plain,
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
    group: Group,
    /// From the first message on.
    claims: Option<Claims>,
}

/// The log group of the messages so far.
#[derive(Debug, Default)]
struct Group {
    name: String,
    /// A header stands before its messages.
    is_known: bool,
}

impl Default for Envelopes {
    fn default() -> Self {
        Self {
            splitter: Splitter::with_longest(LONGEST),
            lines: Vec::new(),
            found: Found::Nothing,
            group: Group::default(),
            claims: None,
        }
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
        let Self { splitter, lines, found, group, claims } = self;
        let claims = claims.get_or_insert_with(|| decoder.claims());
        let mut repeated = 0;
        lines.clear();
        splitter.feed(text, &mut |line, piece, bytes| {
            // What follows in the same text must not decide, else the size of the text would.
            if let Found::Foreign(MOST_FOREIGN.., _) = found {
                return;
            }
            let read = parse(piece, bytes).and_then(|mut envelope| {
                if !envelope.group.is_empty() {
                    group.enter(&envelope.group, decoder, lines);
                }
                repeated += envelope.leave_out(claims);
                envelope.write(lines, &mut |event| decoder.reject_at(Reason::NoMessage, line, event))
            });
            found.note(&read, bytes);
            if let Err(reason) = read {
                decoder.reject_at(reason, line, bytes);
            }
        });
        decoder.add_duplicate_events(repeated);
        if let Found::Foreign(MOST_FOREIGN.., kind) = *found {
            decoder.refuse(Refusal::Foreign(kind));
        }
    }

    fn finish<S: Sink>(&mut self, decoder: &mut Decoder<S>) {
        let Self { splitter, lines, found, .. } = self;
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

impl Group {
    /// A header line where the columns change.
    fn enter<S: Sink>(&mut self, name: &str, decoder: &Decoder<S>, lines: &mut Vec<u8>) {
        if self.name == name {
            return;
        }
        name.clone_into(&mut self.name);
        let known = decoder.of_log_group(name);
        let layout = match known {
            Some(layout) => layout,
            None if self.is_known => decoder.assumed().unwrap_or_else(|| DEFAULT.get_or_init(Layout::default_format)),
            None => return,
        };
        self.is_known = known.is_some();
        lines.extend_from_slice(layout.names().join(" ").as_bytes());
        lines.push(b'\n');
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
    kind: Cow<'t, str>,
    #[serde(borrow, default, rename = "logGroup")]
    group: Cow<'t, str>,
    #[serde(borrow, default, rename = "logStream")]
    stream: Cow<'t, str>,
    #[serde(borrow, default, rename = "logEvents", alias = "events")]
    events: Option<Vec<Event<'t>>>,
    #[serde(borrow, default)]
    message: Cow<'t, str>,
}

#[derive(Deserialize)]
struct Event<'t> {
    #[serde(borrow, default, alias = "eventId")]
    id: Cow<'t, str>,
    #[serde(borrow, default, rename = "logStreamName")]
    stream: Cow<'t, str>,
    #[serde(borrow, default)]
    message: Cow<'t, str>,
}

fn parse(piece: Piece, bytes: &[u8]) -> Result<Envelope<'_>, Reason> {
    match piece {
        Piece::Object => {}
        Piece::Broken | Piece::Other => return Err(Reason::NotJson),
        Piece::TooLong => return Err(Reason::TooLong),
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Reason::NotUtf8)?;
    serde_json::from_str(text).or_else(|error| match error.classify() {
        Category::Data => with_care(text),
        _ => Err(Reason::NotJson),
    })
}

/// The same where a value is not what it should be: good messages beside it are kept.
fn with_care<'t>(text: &str) -> Result<Envelope<'t>, Reason> {
    let value: Value = serde_json::from_str(text).map_err(|_| Reason::NotJson)?;
    let string = |value: &Value, key| Cow::Owned(value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned());
    let events = value.get("logEvents").or_else(|| value.get("events")).and_then(Value::as_array);
    Ok(Envelope {
        kind: string(&value, "messageType"),
        group: string(&value, "logGroup"),
        stream: string(&value, "logStream"),
        events: events.map(|events| {
            let event = |event| Event {
                id: string(event, if event.get("id").is_some() { "id" } else { "eventId" }),
                stream: string(event, "logStreamName"),
                message: string(event, "message"),
            };
            events.iter().map(event).collect()
        }),
        message: string(&value, "message"),
    })
}

/// The messages in a JSON object of CloudWatch Logs or Firehose; None of any other.
pub(crate) fn messages(object: &[u8]) -> Option<Vec<String>> {
    let envelope = parse(Piece::Object, object).ok()?;
    match envelope.events {
        _ if envelope.kind == "CONTROL_MESSAGE" => Some(Vec::new()),
        Some(events) => Some(events.into_iter().map(|event| event.message.into_owned()).collect()),
        None => Some(envelope.message.into_owned()).filter(|message| !message.trim().is_empty()).map(|one| vec![one]),
    }
}

impl Envelope<'_> {
    /// Leaves out the events that came before; says how many.
    fn leave_out(&mut self, claims: &mut Claims) -> u64 {
        let Self { events: Some(events), stream, .. } = self else { return 0 };
        let all = events.len();
        events.retain(|event| {
            let stream = if event.stream.is_empty() { &*stream } else { &event.stream };
            claims.is_first(&event.id, stream, &event.message)
        });
        (all - events.len()) as u64
    }

    /// Writes the messages as lines; `bad` gets what stands for events without one.
    fn write(&self, lines: &mut Vec<u8>, bad: &mut dyn FnMut(&[u8])) -> Result<(), Reason> {
        match &self.events {
            _ if self.kind == "CONTROL_MESSAGE" => {}
            Some(events) => {
                for (at, _) in events.iter().enumerate().filter(|(_, event)| !write(&event.message, lines)) {
                    bad(format!("event {} of a message of {} {}", at + 1, self.kind, self.group).as_bytes());
                }
            }
            None if !write(&self.message, lines) => return Err(Reason::NoMessage),
            None => {}
        }
        Ok(())
    }
}

/// False if there is nothing to write. Only ends of lines are cut off: all other blanks are judged as they are in text.
fn write(message: &str, lines: &mut Vec<u8>) -> bool {
    let message = message.trim_matches(['\r', '\n']);
    lines.extend_from_slice(message.as_bytes());
    lines.push(b'\n');
    !message.trim().is_empty()
}
