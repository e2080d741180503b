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

mod key;
mod plan;
mod schema;

use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringViewBuilder};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use hashbrown::{DefaultHashBuilder, HashTable};

use self::key::{KeyColumn, flag_class, port_class, text_builder};
use self::plan::{Measured, Plan};
pub use self::schema::folded_schema;
use self::schema::{KEYS, is_integer};
use super::check::{Numbers, number_in};
use super::decoder::Origin;
use super::rejects::Reason;
use super::sink::Sink;
use crate::functions::slot_mask;
use crate::record::fields::FIELDS;
use crate::record::layout::Layout;
use crate::record::tokenise::Span;
use crate::source::window::Window;

/// Addresses that no rule tells apart.
pub trait Sameness: Send + Sync {
    /// The address that stands for all that are treated alike, if `address` is not kept for itself.
    fn representative(&self, address: &str) -> Option<&str>;

    /// Whether an address is private, or in a VPC or subnet of the inventory.
    fn is_private(&self, address: &str) -> bool;
}

/// Groups at which a batch is due: bounds memory whatever the input.
const MOST_GROUPS: usize = 64 * 1024;
/// Bytes of remembered rests at which they are forgotten.
const MOST_TEXT: usize = 32 << 20;

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

impl Fold {
    /// An empty fold of the records that start in `window`.
    pub fn new(sameness: Arc<dyn Sameness>, window: Window) -> Self {
        let column = |name: &&str| match is_integer(name) {
            true => KeyColumn::integer(),
            false => KeyColumn::text(),
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

    fn wants(&self, position: usize) -> bool {
        FIELDS.get(position).is_some_and(|field| KEYS.contains(&field.column))
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
        let inside: BooleanArray = self.groups.iter().map(|g| Some(g.records > 0)).collect();
        self.clear();
        let batch = filter_record_batch(&batch, &inside)?;
        Ok((batch.num_rows() > 0).then_some(batch))
    }
}
