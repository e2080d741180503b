//! Where a layout has what, and how a checked line becomes a key.

use std::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;

use super::Sameness;
use super::alike::{Address, Privates, Shown, Side};
use super::head::{MOST, number};
use super::key::KeyValue;
use super::opened::Classes;
use super::schema::{KEYS, field};
use crate::decode::check::{Checks, LATEST};
use crate::decode::decoder::Origin;
use crate::decode::sink;
use crate::record::fields::{FIELDS, Value};
use crate::record::layout::Layout;
use crate::record::tokenise::Span;

/// Where a layout has what.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) checks: Checks,
    /// Columns up to the last one that is measured; 0 = too many, so that lines are read column by column.
    pub(super) head: usize,
    /// Whether columns follow.
    pub(super) has_tail: bool,
    /// Runs of columns (first, last) of the head that belong to the rest of a line; what follows the head belongs to it in whole.
    pub(super) runs: Vec<(usize, usize)>,
    /// Columns that the rest of a line is made of.
    pub(super) rest: Vec<usize>,
    /// The whole rest of a line in pieces, its addresses apart.
    pub(super) pieces: Vec<Piece>,
    pub(super) measured: [Measured; 7],
    /// Column of each of [`KEYS`].
    pub(super) keys: [Option<usize>; KEYS.len()],
    pub(super) account_id: Option<String>,
    pub(super) region: Option<String>,
    pub(super) flow_log_id: String,
    /// Tells objects apart whose rows get different account, Region or flow log.
    pub(super) origin: u64,
    /// Whether flows keep the flags that say what the ports say.
    pub(super) explained: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    pub(super) column: Option<usize>,
    pub(super) max: i64,
}

/// Part of the rest of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// Columns next to each other, first and last.
    Run(usize, usize),
    /// One of `srcaddr`, `dstaddr`, `pkt_srcaddr`, `pkt_dstaddr`.
    Address(usize),
}

/// Position of `start` in [`MEASURED`].
const START: usize = 5;
const MEASURED: [&str; 7] = ["srcport", "dstport", "tcp_flags", "packets", "bytes", "start", "end"];

impl Plan {
    /// The plan of a layout for the objects of one account, Region and flow log.
    pub(super) fn new(layout: &Layout, origin: &Origin, hasher: &DefaultHashBuilder, explained: bool) -> Self {
        let column_of = |name: &str| FIELDS.iter().position(|f| f.column == name).and_then(|at| layout.column_of(at));
        let measured = MEASURED.map(|column| {
            let field = field(column);
            let max = field.map_or(i64::MAX, |f| if let Value::Integer { max } = f.value { max } else { i64::MAX });
            let max = if matches!(column, "start" | "end") { LATEST - 1 } else { max };
            Measured { column: column_of(column), max }
        });
        // Every column that is checked or read belongs to the rest; texts of the head that nobody reads do not.
        let belongs = |column: usize| {
            let field = layout.fields().find(|(c, _)| *c == column).map(|(_, f)| f);
            field.is_some_and(|f| !MEASURED.contains(&f.column) && (f.value.is_checked() || KEYS.contains(&f.column)))
        };
        let mut runs: Vec<(usize, usize)> = Vec::new();
        let head = measured.iter().filter_map(|m| m.column).max().map_or(0, |last| last + 1);
        let head = if head < MOST { head } else { 0 };
        for column in (0..head).filter(|c| belongs(*c)) {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == column => *last = column,
                _ => runs.push((column, column)),
            }
        }
        let keys = KEYS.map(column_of);
        let mut pieces = Vec::new();
        for column in (0..layout.width()).filter(|c| belongs(*c)) {
            match (ADDRESSES.iter().position(|key| keys[*key] == Some(column)), pieces.last_mut()) {
                (Some(address), _) => pieces.push(Piece::Address(address)),
                (None, Some(Piece::Run(_, last))) if *last + 1 == column => *last = column,
                (None, _) => pieces.push(Piece::Run(column, column)),
            }
        }
        let flow_log_id = origin.flow_log_id.clone().unwrap_or_else(|| layout.id());
        Self {
            checks: Checks::new(layout),
            head,
            has_tail: layout.width() > head,
            runs,
            measured,
            keys,
            pieces,
            rest: (0..layout.width()).filter(|c| belongs(*c)).collect(),
            origin: hasher.hash_one((&origin.account_id, &origin.region, &flow_log_id, layout.names())),
            account_id: origin.account_id.clone(),
            region: origin.region.clone(),
            flow_log_id,
            explained,
        }
    }

    /// From here on every line is read column by column, so that its times are judged as milliseconds: no number is at most -1.
    pub(super) fn in_milliseconds(&mut self) {
        self.checks.in_milliseconds();
        self.measured[START].max = -1;
    }

    /// The measured columns of a line, by where its columns are; `None` = it takes a reading of the whole line.
    #[inline]
    pub(super) fn measured(&self, line: &[u8], span: impl Fn(usize) -> (usize, usize)) -> Option<sink::Measured> {
        let mut measured = [None; 7];
        for (value, Measured { column, max, .. }) in measured.iter_mut().zip(self.measured) {
            let Some(column) = column else { continue };
            let (start, end) = span(column);
            *value = match number(line, start, end) {
                Some(number) if number <= max => Some(number),
                None if line.get(start..end) == Some(b"-") => None,
                _ => return None,
            };
        }
        Some(measured)
    }

    /// `srcaddr`, `dstaddr`, `pkt_srcaddr`, `pkt_dstaddr` of a line, made equal where no rule tells them apart.
    pub(super) fn addresses<'a>(
        &self,
        line: &'a str,
        spans: &[Span],
        sameness: &dyn Sameness,
        privates: &mut Privates,
    ) -> [Option<Shown<'a>>; 4] {
        let address = |key: usize| self.keys[key].and_then(|column| Address::of(line, spans[column]));
        let [source, destination, packet_source, packet_destination] = ADDRESSES.map(address);
        let direction = self.keys[FLOW_DIRECTION].map(|column| spans[column].of(line));
        let mut standing = |address: Address<'a>| privates.standing(address, sameness);
        let sender = Side::new(source, packet_source, direction == Some("egress"), &mut standing);
        let receiver = Side::new(destination, packet_destination, direction == Some("ingress"), &mut standing);
        let (source, packet_source) = sender.alike(receiver);
        let (destination, packet_destination) = receiver.alike(sender);
        [source, destination, packet_source, packet_destination]
    }

    /// The key columns of a checked line with what stands for its four [`Plan::addresses`].
    pub(super) fn values<'a>(
        &'a self,
        line: &'a str,
        spans: &[Span],
        numbers: &[Option<i64>],
        addresses: [Option<&'a str>; 4],
    ) -> [KeyValue<'a>; KEYS.len()] {
        let text = |column: Option<usize>| column.map(|c| spans[c].of(line)).filter(|t| *t != "-");
        let [srcport, dstport, flags, ..] = self.measured.map(|measured| measured.column.and_then(|c| numbers[c]));
        let [srcport, dstport, flags] = Classes::new(srcport, dstport, flags, self.explained).values();
        let mut values = [const { KeyValue::Integer(None) }; KEYS.len()];
        for ((value, name), column) in values.iter_mut().zip(KEYS).zip(self.keys) {
            let number = || column.and_then(|c| numbers[c]);
            *value = match name {
                "srcport" => KeyValue::Integer(srcport),
                "dstport" => KeyValue::Integer(dstport),
                "tcp_flags" => KeyValue::Integer(flags),
                "protocol" | "traffic_path" => KeyValue::Integer(number()),
                "account_id" => KeyValue::Text(text(column).filter(|t| *t != "unknown").or(self.account_id.as_deref())),
                "region" => KeyValue::Text(text(column).or(self.region.as_deref())),
                _ => KeyValue::Text(text(column)),
            };
        }
        for (key, address) in ADDRESSES.iter().zip(addresses) {
            values[*key] = KeyValue::Address(address);
        }
        values
    }
}

// Positions in `KEYS`.
const ADDRESSES: [usize; 4] = [2, 3, 13, 14];
const FLOW_DIRECTION: usize = 19;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_of_the_keys() {
        assert_eq!(ADDRESSES.map(|at| KEYS[at]), ["srcaddr", "dstaddr", "pkt_srcaddr", "pkt_dstaddr"]);
        assert_eq!(KEYS[FLOW_DIRECTION], "flow_direction");
    }
}
