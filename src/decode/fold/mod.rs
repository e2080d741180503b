//! Adds up the lines of a log that differ only in what is added up.
//!
//! A line is *measured columns* (ports, flags, packets, bytes, start, end) and *the rest* (who, where, status). The rest repeats: it
//! is known again by its fingerprint ([`template`]), so per line only numbers are parsed and added. A rest that is new is checked
//! and read column by column. No rule of the pipeline is here: `observations.sql` reads the groups as it would read single
//! records, so the result is the same as over `flow_logs` row by row (a test compares the two).
//!
//! What the rules never tell apart is made equal first, which keeps groups few:
//! - ports: below 1024 (443 stays), below 32768, the rest;
//! - flags: SYN and ACK only;
//! - public peers of one *atom* of the address book, where the rollup keeps no exact address ([`Sameness`]).

mod flows;
mod head;
mod key;
mod plan;
mod schema;
mod template;

use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use hashbrown::{DefaultHashBuilder, HashTable};

pub use self::flows::Flows;
use self::head::{MOST, number, separators};
use self::key::{flag_class, port_class};
use self::plan::{Measured, Plan};
use self::schema::KEYS;
pub use self::schema::{flows_schema, hours_schema};
use self::template::{LONGEST_REST, NO_GROUP, Templates};
use super::check::Numbers;
use super::decoder::Origin;
use super::rejects::Reason;
use super::sink::{SEPARATOR, Sink};
use crate::functions::slot_mask;
use crate::record::fields::FIELDS;
use crate::record::layout::Layout;
use crate::record::tokenise::{Span, tokenise};
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

/// The sink that adds up. It goes on over objects, so that a bundle of small files gives one row a group.
pub struct Fold {
    sameness: Arc<dyn Sameness>,
    window: Window,
    flows: Arc<Flows>,
    schema: SchemaRef,
    plan: Option<Plan>,
    hasher: DefaultHashBuilder,
    templates: Templates,
    /// Groups by flow and hour.
    keys: HashTable<u32>,
    groups: Vec<Group>,
    scratch: Vec<u8>,
    spans: Vec<Span>,
    numbers: Numbers,
}

impl fmt::Debug for Fold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fold").field("groups", &self.groups.len()).finish_non_exhaustive()
    }
}

/// What is measured of one line.
#[derive(Debug, Clone, Copy)]
struct Measures {
    packets: i64,
    bytes: i64,
    start: i64,
    end: i64,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    flow: u32,
    hour: i64,
    records: i64,
    packets: i64,
    bytes: i64,
    start: i64,
    last_start: i64,
    finish: i64,
    slots: i64,
}

impl Group {
    fn new(flow: u32, hour: i64) -> Self {
        Self {
            flow,
            hour,
            records: 0,
            packets: 0,
            bytes: 0,
            start: i64::MAX,
            last_start: i64::MIN,
            finish: i64::MIN,
            slots: 0,
        }
    }
}

impl Fold {
    /// An empty fold of the records that start in `window`; their flows are numbered in `flows`.
    pub fn new(sameness: Arc<dyn Sameness>, window: Window, flows: Arc<Flows>) -> Self {
        Self {
            sameness,
            window,
            flows,
            schema: hours_schema(),
            plan: None,
            hasher: DefaultHashBuilder::default(),
            templates: Templates::new(),
            keys: HashTable::new(),
            groups: Vec::new(),
            scratch: Vec::new(),
            spans: Vec::new(),
            numbers: Numbers::new(),
        }
    }

    /// Judges a whole line and finds or makes its flow.
    #[cold]
    fn learn(&mut self, line: &str, spans: &[Span]) -> Result<(u32, Measures), Reason> {
        let Some(plan) = &self.plan else { return Err(Reason::NoStart) };
        plan.checks.run(line, spans, &mut self.numbers)?;
        let [.., packets, bytes, start, end] =
            plan.measured.map(|measured| measured.column.and_then(|column| self.numbers[column]));
        let Some(start) = start else { return Err(Reason::NoStart) };
        let measures =
            Measures { packets: packets.unwrap_or(0), bytes: bytes.unwrap_or(0), start, end: end.unwrap_or(start) };
        let values = plan.values(line, spans, &self.numbers, self.sameness.as_ref());
        self.scratch.clear();
        self.scratch.extend_from_slice(plan.flow_log_id.as_bytes());
        self.scratch.push(b'\n');
        for value in &values {
            value.write(&mut self.scratch);
        }
        Ok((self.flows.number(&self.scratch, &values, &plan.flow_log_id), measures))
    }

    /// The group of a flow in an hour.
    fn group(&mut self, flow: u32, hour: i64) -> u32 {
        let hash = self.hasher.hash_one((flow, hour));
        let groups = &mut self.groups;
        let known = |group: &u32| groups.get(*group as usize).is_some_and(|g| g.flow == flow && g.hour == hour);
        if let Some(group) = self.keys.find(hash, known) {
            return *group;
        }
        let group = groups.len() as u32;
        groups.push(Group::new(flow, hour));
        let hasher = &self.hasher;
        let hash_of = |g: &u32| groups.get(*g as usize).map_or(0, |g| hasher.hash_one((g.flow, g.hour)));
        self.keys.insert_unique(hash, group, hash_of);
        group
    }

    /// Reads the line by its head and leaves the fingerprint of the rest; `None` = it takes a reading column by column.
    #[inline]
    fn skim<const SEPARATOR: u8>(&mut self, line: &[u8]) -> Option<(u128, Measures)> {
        let plan = self.plan.as_ref()?;
        let mut at = [0_u32; MOST];
        let wanted = plan.head.checked_sub(usize::from(!plan.has_tail))?;
        if !separators::<SEPARATOR>(line, wanted, &mut at) {
            return None;
        }
        if !plan.has_tail {
            at[wanted] = line.len() as u32;
        }
        let span = |column: usize| {
            let start = if column == 0 { 0 } else { at[column - 1] as usize + 1 };
            (start, at[column] as usize)
        };
        let mut measured = [None; 7];
        for (value, Measured { column, max, .. }) in measured.iter_mut().zip(plan.measured) {
            let Some(column) = column else { continue };
            let (start, end) = span(column);
            *value = match number(line, start, end) {
                Some(number) if number <= max => Some(number),
                None if line.get(start..end) == Some(b"-") => None,
                _ => return None,
            };
        }
        let [srcport, dstport, flags, packets, bytes, start, end] = measured;
        let start = start?;
        let end = end.unwrap_or(start);
        if end < start {
            return None;
        }
        self.scratch.clear();
        for (first, last) in &plan.runs {
            self.scratch.extend_from_slice(line.get(span(*first).0..span(*last).1)?);
            self.scratch.push(b'\n');
        }
        let tail = if plan.has_tail { line.get(at[wanted - 1] as usize..)? } else { &[] };
        // Without a tail nothing may follow, and two spaces in a row are a matter for the whole reading.
        if tail.is_empty() == plan.has_tail || self.scratch.len() + tail.len() + 32 > LONGEST_REST {
            return None;
        }
        self.scratch.extend_from_slice(tail);
        self.scratch.extend_from_slice(&[b'\n', port_class(srcport), port_class(dstport), flag_class(flags)]);
        self.scratch.extend_from_slice(&plan.origin.to_le_bytes());
        let measures = Measures { packets: packets.unwrap_or(0), bytes: bytes.unwrap_or(0), start, end };
        Some((self.templates.print(&mut self.scratch), measures))
    }

    /// Adds a line to its group; `skimmed` is what its head and fingerprint say, `spans` where its fields are if that is known.
    #[inline]
    fn add(&mut self, line: &str, spans: Option<&[Span]>, skimmed: Option<(u128, Measures)>) -> Result<(), Reason> {
        let known = skimmed.and_then(|(print, _)| self.templates.find(print).copied());
        let (flow, measures) = match (known, skimmed) {
            (Some(template), Some((_, measures))) => (template.flow, measures),
            (_, _) => match spans {
                Some(spans) => self.learn(line, spans)?,
                None => {
                    let mut spans = std::mem::take(&mut self.spans);
                    tokenise(line, &mut spans);
                    let learnt = self.learn(line, &spans);
                    self.spans = spans;
                    learnt?
                }
            },
        };
        // After learning, so that lines outside the window are judged like all others.
        if !self.window.contains(measures.start) {
            return Ok(());
        }
        let hour = measures.start.div_euclid(3600);
        let group = match known {
            Some(template) if template.hour == hour && template.group != NO_GROUP => template.group,
            _ => {
                let group = self.group(flow, hour);
                if let Some((print, _)) = skimmed {
                    self.templates.put(print, flow, hour, group);
                }
                group
            }
        };
        if let Some(group) = self.groups.get_mut(group as usize) {
            let Measures { packets, bytes, start, end } = measures;
            group.records += 1;
            group.packets = group.packets.wrapping_add(packets);
            group.bytes = group.bytes.wrapping_add(bytes);
            group.start = group.start.min(start);
            group.last_start = group.last_start.max(start);
            group.finish = group.finish.max(end);
            group.slots |= slot_mask(start, end);
        }
        Ok(())
    }

    fn clear(&mut self) {
        self.templates.forget_groups();
        self.keys.clear();
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
    fn line(&mut self, line: &str) -> Result<(), Reason> {
        let skimmed = self.skim::<b' '>(line.as_bytes());
        self.add(line, None, skimmed)
    }

    #[inline]
    fn row(&mut self, fields: &str, spans: &[Span]) -> Result<(), Reason> {
        let skimmed = self.skim::<SEPARATOR>(fields.as_bytes());
        self.add(fields, Some(spans), skimmed)
    }

    fn is_full(&self) -> bool {
        self.groups.len() >= MOST_GROUPS
    }

    /// The next object adds to the same groups.
    fn end_of_object(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        Ok(None)
    }

    fn take(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        if self.groups.is_empty() {
            return Ok(None);
        }
        let columns: [fn(&Group) -> i64; 9] = [
            |g| i64::from(g.flow),
            |g| g.hour * 3600,
            |g| g.records,
            |g| g.packets,
            |g| g.bytes,
            |g| g.start,
            |g| g.last_start,
            |g| g.finish,
            |g| g.slots,
        ];
        let arrays = columns.map(|column| Arc::new(self.groups.iter().map(column).collect::<Int64Array>()) as ArrayRef);
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays.into())?;
        // Groups of lines outside the window hold nothing.
        let inside: BooleanArray = self.groups.iter().map(|g| Some(g.records > 0)).collect();
        self.clear();
        let batch = filter_record_batch(&batch, &inside)?;
        Ok((batch.num_rows() > 0).then_some(batch))
    }
}
