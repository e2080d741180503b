//! Adds up the lines of a log that differ only in what is added up.
//!
//! A line is *measured columns* (ports, flags, packets, bytes, start, end) and *the rest* (who, where, status). The rest repeats: it
//! is compared as bytes with those seen before, so per line only numbers are parsed and added. A rest that is new is checked and
//! read column by column, once. No rule of the pipeline is here: `observations.sql` reads the groups as it would read single
//! records, so the result is the same as over `flow_logs` row by row (a test compares the two).
//!
//! What the rules never tell apart is made equal first, which keeps groups few:
//! - ports: below 1024 (443 stays), below 32768, the rest;
//! - flags: SYN and ACK only;
//! - public peers of one *atom* of the address book, where the rollup keeps no exact address ([`Sameness`]).

use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, Int64Builder, RecordBatch, StringViewBuilder};
use datafusion::arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::check::{Checks, Numbers, number_in};
use super::decoder::Origin;
use super::rejects::Reason;
use super::sink::Sink;
use crate::functions::slot_mask;
use crate::record::fields::{FIELDS, Field, Value};
use crate::record::layout::Layout;
use crate::record::tokenise::Span;
use crate::source::window::Window;

/// The fields that `observations.sql` reads, besides those it adds up.
const KEYS: [&str; 26] = [
    "account_id",
    "interface_id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "action",
    "log_status",
    "vpc_id",
    "subnet_id",
    "instance_id",
    "tcp_flags",
    "pkt_srcaddr",
    "pkt_dstaddr",
    "region",
    "az_id",
    "pkt_src_aws_service",
    "pkt_dst_aws_service",
    "flow_direction",
    "traffic_path",
    "resource_id",
    "interface_type",
    "next_hop_interface_type",
    "next_hop_interface_id",
    "next_hop_az_id",
];

/// What a group adds up: records, packets, bytes, earliest and latest start, latest end (Unix seconds), mask of 10-minute slots.
const MEASURES: [&str; 7] = ["records", "packets", "bytes", "start", "last_start", "finish", "slots"];

/// Groups at which a batch is due: bounds memory whatever the input.
const MOST_GROUPS: usize = 64 * 1024;
/// Bytes of remembered rests at which they are forgotten.
const MOST_TEXT: usize = 32 << 20;

/// Addresses that no rule tells apart.
pub trait Sameness: Send + Sync {
    /// The address that stands for all that are treated alike, if `address` is not kept for itself.
    fn representative(&self, address: &str) -> Option<&str>;

    /// Whether an address is private, or in a VPC or subnet of the inventory.
    fn is_private(&self, address: &str) -> bool;
}

/// Schema of the batches: the key fields, `flow_log_id`, and the sums.
pub fn folded_schema() -> SchemaRef {
    let keys = KEYS.iter().map(|name| {
        let integer = field(name).is_some_and(Field::is_integer);
        ArrowField::new(*name, if integer { DataType::Int64 } else { DataType::Utf8View }, true)
    });
    let id = ArrowField::new("flow_log_id", DataType::Utf8View, true);
    let measures = MEASURES.iter().map(|name| ArrowField::new(*name, DataType::Int64, false));
    Arc::new(Schema::new(keys.chain([id]).chain(measures).collect::<Vec<_>>()))
}

fn field(column: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|f| f.column == column)
}

/// The sink that adds up. It goes on over objects, so that a bundle of small files gives one row a group.
pub struct Fold {
    sameness: Arc<dyn Sameness>,
    window: Window,
    schema: SchemaRef,
    plan: Option<Plan>,
    hasher: DefaultHashBuilder,
    /// Rests seen, as they stand in the log, each with its group.
    rests: HashTable<Rest>,
    text: Vec<u8>,
    /// Groups by their key after what is the same was made equal.
    keys: HashTable<(u64, u32)>,
    key_text: Vec<u8>,
    key_ends: Vec<usize>,
    groups: Vec<Group>,
    columns: Vec<KeyColumn>,
    flow_log_ids: StringViewBuilder,
    scratch: Vec<u8>,
    numbers: Numbers,
}

impl fmt::Debug for Fold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fold").field("groups", &self.groups.len()).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy)]
struct Rest {
    hash: u64,
    at: u32,
    length: u32,
    group: u32,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    records: i64,
    packets: i64,
    bytes: i64,
    start: i64,
    last_start: i64,
    finish: i64,
    slots: i64,
}

#[derive(Debug)]
enum KeyColumn {
    Text(StringViewBuilder),
    Integer(Int64Builder),
}

/// Where a layout has what.
#[derive(Debug)]
struct Plan {
    checks: Checks,
    width: usize,
    /// Runs of columns (first, last) that make the rest of a line.
    runs: Vec<(usize, usize)>,
    measured: [Measured; 7],
    /// Column of each of [`KEYS`].
    keys: [Option<usize>; KEYS.len()],
    account_id: Option<String>,
    region: Option<String>,
    flow_log_id: String,
    /// Tells objects apart whose rows get different account, Region or flow log.
    origin: u64,
}

#[derive(Debug, Clone, Copy)]
struct Measured {
    column: Option<usize>,
    max: i64,
    name: &'static str,
}

const MEASURED: [&str; 7] = ["srcport", "dstport", "tcp_flags", "packets", "bytes", "start", "end"];

impl Fold {
    /// An empty fold of the records that start in `window`.
    pub fn new(sameness: Arc<dyn Sameness>, window: Window) -> Self {
        let column = |name: &&str| match field(name).is_some_and(Field::is_integer) {
            true => KeyColumn::Integer(Int64Builder::new()),
            false => KeyColumn::Text(text_builder()),
        };
        Self {
            sameness,
            window,
            schema: folded_schema(),
            plan: None,
            hasher: DefaultHashBuilder::default(),
            rests: HashTable::new(),
            text: Vec::new(),
            keys: HashTable::new(),
            key_text: Vec::new(),
            key_ends: Vec::new(),
            groups: Vec::new(),
            columns: KEYS.iter().map(column).collect(),
            flow_log_ids: text_builder(),
            scratch: Vec::new(),
            numbers: Numbers::new(),
        }
    }

    /// A rest that was not seen before: check the whole line, then find or make its group.
    #[cold]
    fn learn(&mut self, line: &str, spans: &[Span], hash: u64, hour: i64) -> Result<u32, Reason> {
        let Some(plan) = &self.plan else { return Ok(0) };
        plan.checks.run(line, spans, &mut self.numbers)?;
        let rest = Rest { hash, at: self.text.len() as u32, length: self.scratch.len() as u32, group: 0 };
        self.text.extend_from_slice(&self.scratch);
        let values = plan.values(line, spans, &self.numbers, self.sameness.as_ref());
        self.scratch.clear();
        self.scratch.extend_from_slice(&plan.origin.to_le_bytes());
        self.scratch.extend_from_slice(&hour.to_le_bytes());
        for value in &values {
            value.write(&mut self.scratch);
        }
        let key_hash = self.hasher.hash_one(self.scratch.as_slice());
        let start = |group: u32| if group == 0 { 0 } else { self.key_ends[group as usize - 1] };
        let same = |(h, group): &(u64, u32)| {
            *h == key_hash && self.key_text[start(*group)..self.key_ends[*group as usize]] == self.scratch[..]
        };
        let group = match self.keys.find(key_hash, same) {
            Some((_, group)) => *group,
            None => {
                let group = self.groups.len() as u32;
                self.groups.push(Group {
                    records: 0,
                    packets: 0,
                    bytes: 0,
                    start: i64::MAX,
                    last_start: i64::MIN,
                    finish: i64::MIN,
                    slots: 0,
                });
                self.key_text.extend_from_slice(&self.scratch);
                self.key_ends.push(self.key_text.len());
                self.keys.insert_unique(key_hash, (key_hash, group), |(h, _)| *h);
                for (column, value) in self.columns.iter_mut().zip(values) {
                    column.append(value);
                }
                self.flow_log_ids.append_value(&plan.flow_log_id);
                group
            }
        };
        self.rests.insert_unique(hash, Rest { group, ..rest }, |r| r.hash);
        Ok(group)
    }

    fn clear(&mut self) {
        self.rests.clear();
        self.text.clear();
        self.keys.clear();
        self.key_text.clear();
        self.key_ends.clear();
        self.groups.clear();
    }
}

impl Sink for Fold {
    fn start(&mut self, layout: &Arc<Layout>, origin: &Origin) {
        self.plan = Some(Plan::new(layout, origin, &self.hasher));
    }

    #[inline]
    fn line(&mut self, line: &str, spans: &[Span]) -> Result<(), Reason> {
        let Some(plan) = &self.plan else { return Ok(()) };
        if spans.len() != plan.width {
            return plan.checks.run(line, spans, &mut self.numbers);
        }
        let mut measured = [None; 7];
        for (value, Measured { column, max, name }) in measured.iter_mut().zip(plan.measured) {
            if let Some(column) = column {
                let Ok(number) = number_in(spans[column].of(line), max, name) else {
                    // The whole line is judged, so that it is counted by the reason that a row-by-row read would give.
                    return plan.checks.run(line, spans, &mut self.numbers);
                };
                *value = number;
            }
        }
        let [srcport, dstport, flags, packets, bytes, start, end] = measured;
        let Some(start) = start.filter(|start| end.is_none_or(|end| end >= *start)) else {
            return plan.checks.run(line, spans, &mut self.numbers);
        };
        let hour = start.div_euclid(3600);
        self.scratch.clear();
        for (first, last) in &plan.runs {
            let run = spans[*first].start as usize..spans[*last].end as usize;
            self.scratch.extend_from_slice(&line.as_bytes()[run]);
            self.scratch.push(b'\n');
        }
        self.scratch.extend_from_slice(&[port_class(srcport), port_class(dstport), flag_class(flags)]);
        self.scratch.extend_from_slice(&hour.to_le_bytes());
        self.scratch.extend_from_slice(&plan.origin.to_le_bytes());
        let hash = self.hasher.hash_one(self.scratch.as_slice());
        let seen =
            |r: &Rest| r.hash == hash && self.text[r.at as usize..(r.at + r.length) as usize] == self.scratch[..];
        let group = match self.rests.find(hash, seen) {
            Some(rest) => rest.group,
            None => self.learn(line, spans, hash, hour)?,
        };
        // After learning, so that lines outside the window are judged like all others.
        if !self.window.contains(start) {
            return Ok(());
        }
        let finish = end.unwrap_or(start);
        if let Some(group) = self.groups.get_mut(group as usize) {
            group.records += 1;
            group.packets = group.packets.wrapping_add(packets.unwrap_or(0));
            group.bytes = group.bytes.wrapping_add(bytes.unwrap_or(0));
            group.start = group.start.min(start);
            group.last_start = group.last_start.max(start);
            group.finish = group.finish.max(finish);
            group.slots |= slot_mask(start, finish);
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.groups.len() >= MOST_GROUPS || self.text.len() >= MOST_TEXT
    }

    /// The next object adds to the same groups.
    fn end_of_object(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        Ok(None)
    }

    fn take(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        if self.groups.is_empty() {
            return Ok(None);
        }
        let mut arrays: Vec<ArrayRef> = self.columns.iter_mut().map(KeyColumn::finish).collect();
        arrays.push(Arc::new(self.flow_log_ids.finish()));
        self.flow_log_ids = text_builder();
        let measures: [fn(&Group) -> i64; 7] =
            [|g| g.records, |g| g.packets, |g| g.bytes, |g| g.start, |g| g.last_start, |g| g.finish, |g| g.slots];
        for measure in measures {
            arrays.push(Arc::new(self.groups.iter().map(measure).collect::<Int64Array>()));
        }
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)?;
        // Groups of lines outside the window hold nothing.
        let inside: datafusion::arrow::array::BooleanArray = self.groups.iter().map(|g| Some(g.records > 0)).collect();
        self.clear();
        let batch = datafusion::arrow::compute::filter_record_batch(&batch, &inside)?;
        Ok((batch.num_rows() > 0).then_some(batch))
    }
}

impl Plan {
    fn new(layout: &Layout, origin: &Origin, hasher: &DefaultHashBuilder) -> Self {
        let column_of = |name: &str| FIELDS.iter().position(|f| f.column == name).and_then(|at| layout.column_of(at));
        let measured = MEASURED.map(|column| {
            let field = field(column);
            let max = field.map_or(i64::MAX, |f| if let Value::Integer { max } = f.value { max } else { i64::MAX });
            Measured { column: column_of(column), max, name: field.map_or(column, |f| f.name) }
        });
        // Every column that is checked or read belongs to the rest; texts that nobody reads do not split groups.
        let belongs = |column: usize| {
            let field = layout.fields().find(|(c, _)| *c == column).map(|(_, f)| f);
            field.is_some_and(|f| !MEASURED.contains(&f.column) && (f.value != Value::Text || KEYS.contains(&f.column)))
        };
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for column in (0..layout.width()).filter(|c| belongs(*c)) {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == column => *last = column,
                _ => runs.push((column, column)),
            }
        }
        let flow_log_id = origin.flow_log_id.clone().unwrap_or_else(|| layout.id());
        Self {
            checks: Checks::new(layout),
            width: layout.width(),
            runs,
            measured,
            keys: KEYS.map(column_of),
            origin: hasher.hash_one((&origin.account_id, &origin.region, &flow_log_id, layout.names())),
            account_id: origin.account_id.clone(),
            region: origin.region.clone(),
            flow_log_id,
        }
    }

    /// The key columns of a checked line, with what is the same made equal.
    fn values<'a>(
        &'a self,
        line: &'a str,
        spans: &[Span],
        numbers: &[Option<i64>],
        sameness: &'a dyn Sameness,
    ) -> [KeyValue<'a>; KEYS.len()] {
        let text = |column: Option<usize>| column.map(|c| spans[c].of(line)).filter(|t| *t != "-");
        let mut values = [const { KeyValue::Integer(None) }; KEYS.len()];
        for ((value, name), column) in values.iter_mut().zip(KEYS).zip(self.keys) {
            let number = || column.and_then(|c| numbers[c]);
            *value = match name {
                "srcport" | "dstport" => KeyValue::Integer(number().map(port_of_class)),
                "tcp_flags" => KeyValue::Integer(number().map(|flags| flags & 18)),
                "protocol" | "traffic_path" => KeyValue::Integer(number()),
                "account_id" => KeyValue::Text(text(column).filter(|t| *t != "unknown").or(self.account_id.as_deref())),
                "region" => KeyValue::Text(text(column).or(self.region.as_deref())),
                "srcaddr" | "dstaddr" | "pkt_srcaddr" | "pkt_dstaddr" => KeyValue::Address(text(column)),
                _ => KeyValue::Text(text(column)),
            };
        }
        let sides = [(SRCADDR, PKT_SRCADDR, "egress"), (DSTADDR, PKT_DSTADDR, "ingress")];
        let [sender, receiver] = sides.map(|(record, packet, own)| Side {
            record: values[record].text(),
            packet: values[packet].text(),
            own: values[FLOW_DIRECTION].text() == Some(own),
        });
        for ((record, packet, _), side, other) in [(sides[0], sender, receiver), (sides[1], receiver, sender)] {
            let (alike_record, alike_packet) = side.alike(other, sameness);
            values[record] = KeyValue::Address(alike_record);
            values[packet] = KeyValue::Address(alike_packet);
        }
        values
    }
}

const SRCADDR: usize = 2;
const DSTADDR: usize = 3;
const PKT_SRCADDR: usize = 13;
const PKT_DSTADDR: usize = 14;

const FLOW_DIRECTION: usize = 19;

/// The addresses of one side of a record: as AWS writes it, and of the packet.
#[derive(Debug, Clone, Copy)]
struct Side<'a> {
    record: Option<&'a str>,
    packet: Option<&'a str>,
    /// The interface's own side, as far as `flow_direction` tells.
    own: bool,
}

impl<'a> Side<'a> {
    /// The addresses of the peer may be made alike; those of a client never. A side is the peer's for sure if all of the other side
    /// is private and it is not the interface's own, or if the packet's address is not the record's (the interface forwards).
    fn alike(self, other: Side<'_>, sameness: &'a dyn Sameness) -> (Option<&'a str>, Option<&'a str>) {
        let kept = (self.record, self.packet);
        let mut others = [other.record, other.packet].into_iter().flatten();
        if !others.all(|address| sameness.is_private(address)) {
            return kept;
        }
        let alike = |address: Option<&'a str>| address.map(|a| sameness.representative(a).unwrap_or(a));
        match (self.record, self.packet) {
            (Some(record), Some(packet)) if record != packet => (self.record, alike(self.packet)),
            _ if self.own => kept,
            (record, packet) => (alike(record), alike(packet)),
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum KeyValue<'a> {
    Text(Option<&'a str>),
    Address(Option<&'a str>),
    Integer(Option<i64>),
}

impl<'a> KeyValue<'a> {
    fn text(self) -> Option<&'a str> {
        if let Self::Address(text) | Self::Text(text) = self { text } else { None }
    }

    fn write(&self, key: &mut Vec<u8>) {
        match self {
            Self::Text(Some(text)) | Self::Address(Some(text)) => {
                key.push(1);
                key.extend_from_slice(text.as_bytes());
                key.push(b'\n');
            }
            Self::Integer(Some(number)) => {
                key.push(1);
                key.extend_from_slice(&number.to_le_bytes());
            }
            Self::Text(None) | Self::Address(None) | Self::Integer(None) => key.push(0),
        }
    }
}

impl KeyColumn {
    fn append(&mut self, value: KeyValue<'_>) {
        match (self, value) {
            (Self::Integer(builder), KeyValue::Integer(number)) => builder.append_option(number),
            (Self::Integer(builder), _) => builder.append_null(),
            (Self::Text(builder), KeyValue::Text(text)) => builder.append_option(text),
            (Self::Text(builder), KeyValue::Address(text)) => {
                super::columns::append_address(builder, text.unwrap_or("-"))
            }
            (Self::Text(builder), KeyValue::Integer(_)) => builder.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => {
                let array = Arc::new(builder.finish());
                *builder = text_builder();
                array
            }
            Self::Integer(builder) => Arc::new(builder.finish()),
        }
    }
}

fn text_builder() -> StringViewBuilder {
    StringViewBuilder::new().with_deduplicate_strings()
}

/// A port that stands for all that the rules treat alike: 443, below 1024, below 32768, the rest.
fn port_of_class(port: i64) -> i64 {
    match port {
        443 => 443,
        ..1024 => 1,
        ..32_768 => 1024,
        _ => 32_768,
    }
}

fn port_class(port: Option<i64>) -> u8 {
    match port {
        None => 0,
        Some(443) => 1,
        Some(..1024) => 2,
        Some(..32_768) => 3,
        Some(_) => 4,
    }
}

fn flag_class(flags: Option<i64>) -> u8 {
    flags.map_or(32, |flags| (flags & 18) as u8)
}
