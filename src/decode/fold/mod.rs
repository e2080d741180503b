//! Adds up the lines of a log that differ only in what is added up.
//!
//! A line is *measured columns* (ports, flags, packets, bytes, start, end) and *the rest* (who, where, status). The rest repeats: it
//! is known again by its fingerprint ([`template`]), so per line only numbers are parsed and added ([`groups`]). A rest that is new is
//! known again by its fingerprint with the addresses made equal; what is new even so is checked and read column by column. No rule of
//! the pipeline is here: `observations.sql` reads the groups as it would read single records, so the result is the same as over
//! `flow_logs` row by row (a test compares the two).
//!
//! What the rules never tell apart is made equal first, which keeps groups few:
//! - ports and TCP flags that tell the same of who opened the connection ([`opened`]);
//! - public peers that one service and one route have, where the rollup keeps no exact address ([`Sameness`]). Their bytes are added up
//!   by network where the service is not known, so that the report can say where they went ([`told`]).

mod alike;
mod flows;
mod groups;
mod habit;
mod head;
mod key;
mod opened;
mod plan;
mod schema;
mod template;
mod told;

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::error::ArrowError;
use hashbrown::DefaultHashBuilder;

use self::alike::{Privates, Shown};
pub use self::flows::Flows;
use self::flows::write_key;
use self::groups::{Groups, Measures};
use self::habit::Habit;
use self::head::{MOST, separators};
use self::opened::Classes;
use self::plan::{Measured, Piece, Plan};
use self::schema::KEYS;
pub use self::schema::{flows_schema, hours_schema, peers_schema};
use self::template::{Template, Templates};
use self::told::Told;
use super::check::Numbers;
use super::decoder::Origin;
use super::rejects::Reason;
use super::sink::{self, ROWS_AT_ONCE, Sink};
use crate::record::fields::FIELDS;
use crate::record::layout::Layout;
use crate::record::tokenise::{Span, tokenise};
use crate::source::window::Window;

/// Addresses that no rule tells apart.
pub trait Sameness: Send + Sync {
    /// What is known of an address.
    fn standing(&self, address: &str) -> Standing;

    /// The address that stands for others under this number of [`Standing::flow`].
    fn stands(&self, number: u32) -> &str;
}

/// What is known of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Private, or in a VPC or subnet of the inventory.
    pub private: bool,
    /// Number of its network, where the bytes of a flow are told by network.
    pub told: Option<u32>,
    /// Number of the address that stands for all of one flow; `None` = it stands for itself.
    pub flow: Option<u32>,
}

impl Standing {
    /// Of a private address, which is kept.
    pub const PRIVATE: Self = Self { private: true, ..Self::KEPT };
    /// Of a public one that is kept.
    pub const KEPT: Self = Self { private: false, told: None, flow: None };
}

/// 131,072 templates: 2 MiB a worker, about what a second-level cache holds.
const TEMPLATES: u32 = 15;
/// As many kinds.
const KINDS: u32 = 15;

/// The sink that adds up. It goes on over objects, so that a bundle of small files gives one row a group.
pub struct Fold {
    sameness: Arc<dyn Sameness>,
    window: Window,
    flows: Arc<Flows>,
    plan: Option<Plan>,
    hasher: DefaultHashBuilder,
    /// By the rest as it stands.
    templates: Templates,
    /// By the rest with its addresses made equal: where peers are many, most lines are new and few are of a new kind.
    kinds: Templates,
    habit: Habit,
    privates: Privates,
    groups: Groups,
    told: Told,
    scratch: Vec<u8>,
    spans: Vec<Span>,
    numbers: Numbers,
}

impl fmt::Debug for Fold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fold").field("groups", &self.groups).finish_non_exhaustive()
    }
}

/// What the head of a line says.
#[derive(Debug, Clone, Copy)]
struct Skimmed {
    /// Fingerprint of the rest, where it is of use.
    print: Option<u128>,
    /// Classes of the ports and flags.
    classes: Classes,
    measures: Measures,
}

impl Fold {
    /// An empty fold of the records that start in `window`; their flows are numbered in `flows`.
    pub fn new(sameness: Arc<dyn Sameness>, window: Window, flows: Arc<Flows>) -> Self {
        Self {
            sameness,
            window,
            flows,
            plan: None,
            hasher: DefaultHashBuilder::default(),
            templates: Templates::new(TEMPLATES),
            kinds: Templates::new(KINDS),
            habit: Habit::default(),
            privates: Privates::new(),
            groups: Groups::default(),
            told: Told::default(),
            scratch: Vec::new(),
            spans: Vec::new(),
            numbers: Numbers::new(),
        }
    }

    /// Judges a whole line and finds or makes its flow, and the network that its bytes are told by.
    #[cold]
    fn learn(&mut self, line: &str, spans: &[Span]) -> Result<(u32, Option<u32>, Measures), Reason> {
        let Some(plan) = &self.plan else { return Err(Reason::NoStart) };
        plan.checks.run(line, spans, &mut self.numbers)?;
        let [.., packets, bytes, start, end] =
            plan.measured.map(|measured| measured.column.and_then(|column| self.numbers[column]));
        let Some(start) = start else { return Err(Reason::NoStart) };
        let measures =
            Measures { packets: packets.unwrap_or(0), bytes: bytes.unwrap_or(0), start, end: end.unwrap_or(start) };
        let addresses = plan.addresses(line, spans, self.sameness.as_ref(), &mut self.privates);
        let flows = addresses.map(|shown| shown.map(|shown| shown.flow(self.sameness.as_ref())));
        let values = plan.values(line, spans, &self.numbers, flows);
        write_key(&values, &plan.flow_log_id, &mut self.scratch);
        let flow = self.flows.number(&self.scratch, values, &plan.flow_log_id);
        Ok((flow, network_told(addresses), measures))
    }

    /// Reads the line by its head and leaves the fingerprint of the rest; `None` = it takes a reading column by column.
    #[inline]
    fn skim(&self, line: &[u8]) -> Option<Skimmed> {
        let plan = self.plan.as_ref()?;
        let mut at = [0_u32; MOST];
        let wanted = plan.head.checked_sub(usize::from(!plan.has_tail))?;
        if !separators(line, wanted, &mut at) {
            return None;
        }
        if !plan.has_tail {
            at[wanted] = line.len() as u32;
        }
        let span = |column: usize| {
            let start = if column == 0 { 0 } else { at[column - 1] as usize + 1 };
            (start, at[column] as usize)
        };
        let (classes, measures) = measures(plan.measured(line, span)?, plan.explained)?;
        let tail = if plan.has_tail { line.get(at[wanted - 1] as usize..)? } else { &[] };
        // Without a tail nothing may follow, and two spaces in a row are a matter for the whole reading.
        if tail.is_empty() == plan.has_tail {
            return None;
        }
        let mut print = self.templates.begin();
        for (first, last) in &plan.runs {
            print.run(line, span(*first).0, span(*last).1);
        }
        print.run(line, line.len() - tail.len(), line.len());
        let print = print.end([plan.origin, classes.word()]);
        Some(Skimmed { print, classes, measures })
    }

    /// The same of a line whose fields are known; `print` is the fingerprint of the values, if they have one.
    fn skim_fields(&self, line: &str, spans: &[Span], print: Option<u128>) -> Option<Skimmed> {
        let plan = self.plan.as_ref().filter(|plan| plan.checks.width() == spans.len())?;
        let span = |column: usize| (spans[column].start as usize, spans[column].end as usize);
        let (classes, measures) = measures(plan.measured(line.as_bytes(), span)?, plan.explained)?;
        let print = print.filter(|_| self.habit.repeats()).map(|print| self.print_of_row(print, classes));
        Some(Skimmed { print, classes, measures })
    }

    /// The fingerprint of a row whose values' fingerprints come to `sum`.
    #[inline]
    fn print_of_row(&self, sum: u128, classes: Classes) -> u128 {
        let origin = self.plan.as_ref().map_or(0, |plan| plan.origin);
        self.templates.of_values(sum, [origin, classes.word()])
    }

    /// The fingerprint of a line's kind: of all that its flow is made from, with the addresses made equal; and the network that its
    /// bytes are told by.
    fn kind(&mut self, line: &str, spans: &[Span], classes: Classes) -> Option<(u128, Option<u32>)> {
        let plan = self.plan.as_ref()?;
        if spans.len() != plan.checks.width() {
            return None;
        }
        let addresses = plan.addresses(line, spans, self.sameness.as_ref(), &mut self.privates);
        let mut print = self.kinds.begin();
        for piece in &plan.pieces {
            match *piece {
                Piece::Run(first, last) => {
                    print.run(line.as_bytes(), spans[first].start as usize, spans[last].end as usize);
                }
                Piece::Address(address) => match addresses[address] {
                    Some(Shown { flow: Some(number), .. }) => print.run(&not_a_text(number), 0, 8),
                    shown => {
                        let text = shown.map_or("-", |shown| shown.address).as_bytes();
                        print.run(text, 0, text.len());
                    }
                },
            }
        }
        let print = print.end([plan.origin, classes.word()])?;
        Some((print, network_told(addresses)))
    }

    /// Adds a line of text column by column.
    fn add_fields(&mut self, line: &str, skimmed: Option<Skimmed>) -> Result<(), Reason> {
        let mut spans = std::mem::take(&mut self.spans);
        tokenise(line, &mut spans);
        let skimmed = skimmed.or_else(|| self.skim_fields(line, &spans, None));
        let added = self.add_new(line, &spans, skimmed);
        self.spans = spans;
        added
    }

    /// The template of a fingerprint and its flow, if both are still known.
    #[inline]
    fn find(&self, print: u128) -> Option<(Template, u32)> {
        let template = self.templates.find(print)?;
        Some((template, self.told.flow(template.part)?))
    }

    /// Adds a line whose rest is known.
    #[inline]
    fn add_known(&mut self, print: u128, (template, flow): (Template, u32), measures: Measures) {
        if self.window.contains(measures.start) {
            let hour = measures.start.div_euclid(3600);
            let group = self.groups.of(template.group, flow, hour);
            if group != template.group {
                self.templates.put(print, template.part, group);
            }
            self.groups.add(group, measures);
            self.told.add(template.part, measures.bytes);
        }
    }

    /// Adds a line whose rest is new.
    fn add_new(&mut self, line: &str, spans: &[Span], skimmed: Option<Skimmed>) -> Result<(), Reason> {
        let kind = skimmed.and_then(|skimmed| self.kind(line, spans, skimmed.classes));
        let known = kind.and_then(|(kind, _)| self.kinds.find(kind));
        let (flow, at, network, measures) = match (known, kind, skimmed) {
            (Some(template), Some((_, network)), Some(Skimmed { measures, .. })) => {
                (template.part, template.group, network, measures)
            }
            _ => {
                let (flow, network, measures) = self.learn(line, spans)?;
                (flow, u32::MAX, network, measures)
            }
        };
        // After learning, so that lines outside the window are judged like all others.
        if !self.window.contains(measures.start) {
            return Ok(());
        }
        let hour = measures.start.div_euclid(3600);
        let group = self.groups.of(at, flow, hour);
        if let Some((kind, _)) = kind.filter(|_| group != at) {
            self.kinds.put(kind, flow, group);
        }
        let part = network.map_or(flow, |network| self.told.part(flow, network));
        if let Some(Skimmed { print: Some(print), .. }) = skimmed {
            self.templates.put(print, part, group);
        }
        self.groups.add(group, measures);
        self.told.add(part, measures.bytes);
        Ok(())
    }
}

/// The network by which the bytes of a line are told: the packet's before the record's, and of the side that is the peer's; none where
/// both sides may be.
fn network_told([source, destination, packet_source, packet_destination]: [Option<Shown<'_>>; 4]) -> Option<u32> {
    let sides = [packet_source.or(source), packet_destination.or(destination)];
    match sides.map(|shown| shown.filter(|shown| shown.told.is_some())) {
        [Some(one), None] | [None, Some(one)] => one.told,
        [Some(one), Some(other)] => match (one.alike, other.alike) {
            (true, false) => one.told,
            (false, true) => other.told,
            _ => None,
        },
        [None, None] => None,
    }
}

/// A number among texts: no text has such bytes.
#[inline]
fn not_a_text(number: u32) -> [u8; 8] {
    (u64::MAX << 32 | u64::from(number)).to_le_bytes()
}

/// Classes of ports and flags, and what is added up; `None` if that takes a reading of the whole line.
#[inline]
fn measures(
    [srcport, dstport, flags, packets, bytes, start, end]: sink::Measured,
    explained: bool,
) -> Option<(Classes, Measures)> {
    let start = start?;
    let end = end.unwrap_or(start);
    let measures = Measures { packets: packets.unwrap_or(0), bytes: bytes.unwrap_or(0), start, end };
    (end >= start).then(|| (Classes::new(srcport, dstport, flags, explained), measures))
}

impl Sink for Fold {
    const RECALLS: bool = true;

    fn start(&mut self, layout: &Arc<Layout>, origin: &Origin) {
        self.plan = Some(Plan::new(layout, origin, &self.hasher, self.flows.explained()));
    }

    fn in_milliseconds(&mut self) {
        if let Some(plan) = &mut self.plan {
            plan.in_milliseconds();
        }
    }

    fn wants(&self, position: usize) -> bool {
        FIELDS.get(position).is_some_and(|field| KEYS.contains(&field.column))
    }

    #[inline]
    fn line(&mut self, line: &str) -> Result<(), Reason> {
        let skimmed = if self.habit.repeats() { self.skim(line.as_bytes()) } else { None };
        let known = skimmed.and_then(|skimmed| Some((self.find(skimmed.print?)?, skimmed)));
        self.habit.note(known.is_some());
        let Some((template, Skimmed { print: Some(print), measures, .. })) = known else {
            return self.add_fields(line, skimmed);
        };
        self.add_known(print, template, measures);
        Ok(())
    }

    fn row(&mut self, fields: &str, spans: &[Span], print: Option<u128>) -> Result<(), Reason> {
        let skimmed = self.skim_fields(fields, spans, print);
        self.habit.note(false);
        self.add_new(fields, spans, skimmed)
    }

    fn measured(&self) -> Option<[Option<usize>; 7]> {
        self.plan.as_ref().map(|plan| plan.measured.map(|measured| measured.column))
    }

    fn print(&self, column: usize, text: &str) -> Option<u128> {
        let belongs = self.plan.as_ref().is_some_and(|plan| plan.rest.contains(&column));
        belongs.then(|| self.templates.print_of_value(column, text))
    }

    /// All are looked up before any is added: the processor then waits for the templates of many rows at once.
    fn recall(&mut self, rows: &[(u128, sink::Measured)]) -> [bool; ROWS_AT_ONCE] {
        let mut found = [None; ROWS_AT_ONCE];
        let Some(plan) = self.plan.as_ref().filter(|_| self.habit.repeats()) else { return [false; ROWS_AT_ONCE] };
        let allowed = |(value, column): (&Option<i64>, &Measured)| value.is_none_or(|v| (0..=column.max).contains(&v));
        for (found, (print, measured)) in found.iter_mut().zip(rows) {
            if measured.iter().zip(&plan.measured).all(allowed)
                && let Some((classes, measures)) = measures(*measured, plan.explained)
            {
                let print = self.print_of_row(*print, classes);
                *found = self.find(print).map(|known| (print, known, measures));
            }
        }
        for (print, known, measures) in found.iter().flatten() {
            self.habit.note(true);
            self.add_known(*print, *known, *measures);
        }
        found.map(|found| found.is_some())
    }

    fn is_full(&self) -> bool {
        self.groups.is_full() || self.told.is_full()
    }

    /// The next object adds to the same groups.
    fn end_of_object(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        Ok(None)
    }

    fn take(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        if self.told.settle(&self.flows) {
            self.templates.forget();
        }
        self.groups.take()
    }
}
