//! Lines to batches: the columns by the header line, good rows out, malformed lines counted.

use std::sync::Arc;

use datafusion::arrow::{array::RecordBatch, error::ArrowError};

use super::{
    events::{Claims, Events},
    rejects::{Reason, Rejects},
    sink::{Measured, ROWS_AT_ONCE, Sink},
};
use crate::record::{
    foreign,
    header::{self, FirstLine},
    headerless::Headerless,
    layout::{Layout, Refusal},
    tokenise::Span,
};

/// Longest line, in bytes. AWS's longest records are about 2 KiB; the limit bounds memory on files without newlines.
pub const LONGEST_LINE: usize = 64 * 1024;

/// Bytes whose encoding is checked at once: stays in the first-level cache until its lines are read.
const BLOCK: usize = 16 * 1024;

/// What all rows of an object have in common.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The object, as named to people.
    pub source_file: String,
    /// For rows whose `account-id` is absent or `unknown`.
    pub account_id: Option<String>,
    /// For rows without `region`.
    pub region: Option<String>,
    /// From the file name; else it is [`Layout::id`].
    pub flow_log_id: Option<String>,
}

/// Decoder of one object's text into a [`Sink`].
#[derive(Debug)]
pub struct Decoder<S> {
    sink: S,
    origin: Origin,
    assumed: Option<Arc<Layout>>,
    /// The layout in force.
    layout: Option<Arc<Layout>>,
    next_layout: Option<Layout>,
    first_layout: Option<Arc<Layout>>,
    refusal: Option<Refusal>,
    carry: Vec<u8>,
    skipping: bool,
    line: u64,
    records: u64,
    rejects: Rejects,
    /// A line with spaces for its tabs.
    spaced: String,
    /// Lines are messages of a log group, where others may stand before the first record.
    messages: bool,
    unrecognised: Option<Refusal>,
    log_groups: Arc<Headerless>,
    /// The times of this object are milliseconds.
    millis: bool,
    events: Arc<Events>,
    duplicate_events: u64,
}

impl<S: Sink> Decoder<S> {
    /// A decoder at the start of an object. `assumed` is the layout of objects without header, if the user gave one.
    pub fn new(sink: S, origin: Origin, assumed: Option<Arc<Layout>>) -> Self {
        Self {
            sink,
            origin,
            assumed,
            layout: None,
            next_layout: None,
            first_layout: None,
            refusal: None,
            carry: Vec::new(),
            skipping: false,
            line: 0,
            records: 0,
            rejects: Rejects::default(),
            spaced: String::new(),
            messages: false,
            unrecognised: None,
            log_groups: Arc::default(),
            millis: false,
            events: Arc::default(),
            duplicate_events: 0,
        }
    }

    /// With the events of log groups that other objects delivered.
    pub fn with_events(self, events: Arc<Events>) -> Self {
        Self { events, ..self }
    }

    /// The events of this object and others.
    pub(super) fn claims(&self) -> Claims {
        self.events.of_object(&self.origin.source_file)
    }

    /// Events of this object that came before, in it or in another.
    pub fn duplicate_events(&self) -> u64 {
        self.duplicate_events
    }

    /// Counts events that came before.
    pub(super) fn add_duplicate_events(&mut self, events: u64) {
        self.duplicate_events += events;
    }

    /// With what is known of log groups, whose messages have no header.
    pub fn with_log_groups(self, log_groups: Arc<Headerless>) -> Self {
        Self { log_groups, ..self }
    }

    /// The columns of messages of this log group, if they are known.
    pub(super) fn of_log_group(&self, name: &str) -> Option<&Layout> {
        self.log_groups.of_log_group(name).map(|layout| &**layout)
    }

    /// The columns of lines of which nothing else is known.
    pub(super) fn assumed(&self) -> Option<&Layout> {
        self.assumed.as_deref()
    }

    /// Lines are messages out of JSON: one that does not tell its columns is malformed, and the next is tried. Blanks fed before
    /// are those before the JSON.
    pub(super) fn expect_messages(&mut self) {
        self.messages = true;
        self.line = 0;
        self.abandon();
    }

    /// Whether the sink reads the field at this position of the field table.
    pub(super) fn wants(&self, position: usize) -> bool {
        self.sink.wants(position)
    }

    /// The columns of an object that states them apart from its rows.
    pub(super) fn columns(&mut self, layout: Layout) {
        self.start(layout);
    }

    /// As [`Sink::measured`].
    pub(super) fn measured(&self) -> Option<[Option<usize>; 7]> {
        self.sink.measured()
    }

    /// As [`Sink::print`].
    pub(super) fn print(&self, column: usize, text: &str) -> Option<u128> {
        self.sink.print(column, text)
    }

    /// Which of the next rows of such an object are known again; the others are to come as [`Decoder::row`], in their order with a
    /// [`Decoder::recalled`] for each of these.
    pub(super) fn recall(&mut self, rows: &[(u128, Measured)]) -> [bool; ROWS_AT_ONCE] {
        self.sink.recall(rows)
    }

    /// The next row was known again.
    #[inline]
    pub(super) fn recalled(&mut self) {
        self.line += 1;
        self.records += 1;
    }

    /// The next row of such an object as a line with its fields, unless its values do not fit a line.
    #[inline]
    pub(super) fn row(&mut self, line: &str, spans: &[Span], fit: Result<(), Reason>, print: Option<u128>) {
        self.line += 1;
        match fit.and_then(|()| self.sink.row(line, spans, print)) {
            Ok(()) => self.records += 1,
            Err(Reason::Milliseconds) if self.turn_to_milliseconds() => {
                self.line -= 1;
                self.row(line, spans, fit, None);
            }
            Err(reason) => self.reject_row(reason, line, spans),
        }
    }

    /// Shown with its names, since no line stands anywhere; what is null or was not read is left out.
    #[cold]
    fn reject_row(&mut self, reason: Reason, line: &str, spans: &[Span]) {
        let names = self.layout.iter().flat_map(|layout| layout.names());
        let values = names.zip(spans).map(|(name, span)| (name, span.of(line))).filter(|(_, value)| *value != "-");
        let shown: Vec<String> = values.map(|(name, value)| format!("{name}={value}")).collect();
        self.rejects.add(reason, self.line, shown.join(" ").as_bytes());
    }

    /// Counts a malformed piece of what the lines come from.
    pub(super) fn reject_at(&mut self, reason: Reason, line: u64, bytes: &[u8]) {
        self.rejects.add(reason, line, bytes);
    }

    /// The object is of another kind: what was thought malformed in it is not.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.rejects = Rejects::default();
        self.refusal = Some(refusal);
    }

    /// Reads text; returns how many bytes were used. Stops early when [`Decoder::is_ready`]: take the batch, feed the rest.
    pub fn feed(&mut self, text: &[u8]) -> usize {
        let mut used = 0;
        while used < text.len() && !self.is_ready() && self.refusal.is_none() {
            let rest = &text[used..];
            let at_once = memchr::memrchr(b'\n', &rest[..rest.len().min(BLOCK)]).map(|end| &rest[..=end]);
            // One check of the encoding for many lines; a block with a bad line is read line by line, as is the first line.
            if let Some(Ok(block)) = at_once.map(simdutf8::basic::from_utf8)
                && self.line > 0
                && self.carry.is_empty()
                && !self.skipping
            {
                used += self.read_block(block);
                continue;
            }
            let Some(end) = memchr::memchr(b'\n', rest) else {
                self.keep(rest);
                return text.len();
            };
            if self.carry.is_empty() && !self.skipping {
                self.read(&rest[..end]);
            } else {
                self.keep(&rest[..end]);
                self.read_carry();
            }
            used += end + 1;
        }
        if self.refusal.is_some() { text.len() } else { used }
    }

    /// The text is complete: the last line may lack its newline.
    pub fn finish(&mut self) {
        if (!self.carry.is_empty() || self.skipping) && self.refusal.is_none() {
            self.read_carry();
        }
        if let Some(refusal) = self.unrecognised.take().filter(|_| self.layout.is_none() && self.refusal.is_none()) {
            self.refuse(refusal);
        }
    }

    /// The text broke off: what is left of the last line may be half a number, so it is dropped.
    pub fn abandon(&mut self) {
        self.carry.clear();
        self.skipping = false;
    }

    /// Whether a batch is full (or the columns change), so that [`Decoder::take`] must come before more text.
    pub fn is_ready(&self) -> bool {
        self.next_layout.is_some() || self.sink.is_full()
    }

    /// The rows read since the last call; `None` if there are none.
    pub fn take(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        let batch = self.sink.take()?;
        if let Some(layout) = self.next_layout.take() {
            self.start(layout);
        }
        Ok(batch)
    }

    /// Why the object cannot be read (any further).
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// Good rows so far, batches taken or not.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Malformed lines so far.
    pub fn rejects(&self) -> &Rejects {
        &self.rejects
    }

    /// The object is at its end: what the sink lets go.
    pub fn end_of_object(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        self.sink.end_of_object()
    }

    /// The sink, when the object is read.
    pub fn into_sink(self) -> S {
        self.sink
    }

    /// The first layout met; `None` while only blank lines were seen.
    pub fn layout(&self) -> Option<&Arc<Layout>> {
        self.first_layout.as_ref()
    }

    /// Reads whole lines, up to the one at which a batch is full; returns the bytes used.
    fn read_block(&mut self, block: &str) -> usize {
        let mut used = 0;
        while used < block.len() && !self.is_ready() && self.refusal.is_none() {
            let rest = &block[used..];
            let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
            self.line += 1;
            let line = &rest[..end];
            self.read_text(line.strip_suffix('\r').unwrap_or(line));
            used += end + 1;
        }
        used
    }

    fn keep(&mut self, part: &[u8]) {
        if self.skipping {
            return;
        }
        self.carry.extend_from_slice(part);
        if self.carry.len() > LONGEST_LINE {
            self.carry.truncate(LONGEST_LINE + 1);
            self.skipping = true;
        }
    }

    fn read_carry(&mut self) {
        self.skipping = false;
        let mut carry = std::mem::take(&mut self.carry);
        self.read(&carry);
        carry.clear();
        self.carry = carry;
    }

    fn read(&mut self, line: &[u8]) {
        self.line += 1;
        let line = if self.line == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match std::str::from_utf8(line) {
            _ if line.len() > LONGEST_LINE => self.reject(Reason::TooLong, line),
            Ok(text) => self.read_text(text),
            Err(_) => self.reject(Reason::NotUtf8, line),
        }
    }

    #[inline]
    fn read_text(&mut self, text: &str) {
        if self.layout.is_none() {
            return self.read_first(text);
        }
        match self.sink.line(text) {
            Ok(()) => self.records += 1,
            Err(reason) => self.read_unfit(reason, text),
        }
    }

    /// The first good record of an object decides the unit of its times.
    #[cold]
    fn turn_to_milliseconds(&mut self) -> bool {
        let turned = !self.millis && self.records == 0;
        if turned {
            self.millis = true;
            self.sink.in_milliseconds();
        }
        turned
    }

    fn read_first(&mut self, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        match header::first_line(&text.replace('\t', " "), self.assumed.as_deref()) {
            Ok(FirstLine::Header(layout)) => self.start(layout),
            Ok(FirstLine::Row(layout)) => {
                self.start(layout);
                self.read_text(text);
            }
            Err(refusal @ Refusal::Unrecognised(_)) if self.messages => {
                self.unrecognised.get_or_insert(refusal);
                self.rejects.add(Reason::UnknownColumns, self.line, text.as_bytes());
            }
            Err(refusal) => self.refuse(refusal),
        }
    }

    /// A line that is no row: tabs instead of spaces, a header again (files joined by hand have several), else malformed.
    #[cold]
    fn read_unfit(&mut self, reason: Reason, text: &str) {
        if reason == Reason::Milliseconds && self.turn_to_milliseconds() {
            return self.read_text(text);
        }
        let mut spaced = std::mem::take(&mut self.spaced);
        spaced.clear();
        spaced.extend(text.chars().map(|c| if c == '\t' { ' ' } else { c }));
        if spaced.trim().is_empty() {
            // A blank line.
        } else if text.contains('\t') && self.fits(&spaced) {
            self.records += 1;
        } else {
            match header::parse(&spaced) {
                Some(Ok(layout)) if self.layout.as_deref() == Some(&layout) => {}
                Some(Ok(layout)) => self.next_layout = Some(layout),
                _ => self.reject(reason, text.as_bytes()),
            }
        }
        self.spaced = spaced;
    }

    fn fits(&mut self, line: &str) -> bool {
        match self.sink.line(line) {
            Err(Reason::Milliseconds) if self.turn_to_milliseconds() => self.sink.line(line).is_ok(),
            read => read.is_ok(),
        }
    }

    /// Before the columns are known nothing tells a bad line from a file of another kind.
    fn reject(&mut self, reason: Reason, line: &[u8]) {
        if self.layout.is_some() || self.messages {
            self.rejects.add(reason, self.line, line);
        } else {
            self.refuse(foreign::binary(line).map_or(Refusal::Binary, Refusal::Foreign));
        }
    }

    fn start(&mut self, layout: Layout) {
        let layout = Arc::new(layout);
        self.sink.start(&layout, &self.origin);
        if self.millis {
            self.sink.in_milliseconds();
        }
        self.first_layout.get_or_insert_with(|| Arc::clone(&layout));
        self.layout = Some(layout);
    }
}
