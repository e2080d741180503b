//! Where a layout has what, and how a checked line becomes a key.

use std::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;

use super::Sameness;
use super::head::MOST;
use super::key::{KeyValue, port_of_class};
use super::schema::{KEYS, field};
use crate::decode::check::Checks;
use crate::decode::decoder::Origin;
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
    pub(super) measured: [Measured; 7],
    /// Column of each of [`KEYS`].
    pub(super) keys: [Option<usize>; KEYS.len()],
    pub(super) account_id: Option<String>,
    pub(super) region: Option<String>,
    pub(super) flow_log_id: String,
    /// Tells objects apart whose rows get different account, Region or flow log.
    pub(super) origin: u64,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    pub(super) column: Option<usize>,
    pub(super) max: i64,
}

const MEASURED: [&str; 7] = ["srcport", "dstport", "tcp_flags", "packets", "bytes", "start", "end"];

impl Plan {
    /// The plan of a layout for the objects of one account, Region and flow log.
    pub(super) fn new(layout: &Layout, origin: &Origin, hasher: &DefaultHashBuilder) -> Self {
        let column_of = |name: &str| FIELDS.iter().position(|f| f.column == name).and_then(|at| layout.column_of(at));
        let measured = MEASURED.map(|column| {
            let field = field(column);
            let max = field.map_or(i64::MAX, |f| if let Value::Integer { max } = f.value { max } else { i64::MAX });
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
        let flow_log_id = origin.flow_log_id.clone().unwrap_or_else(|| layout.id());
        Self {
            checks: Checks::new(layout),
            head,
            has_tail: layout.width() > head,
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
    pub(super) fn values<'a>(
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

// Positions in `KEYS`.
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
        let others = || [other.record, other.packet].into_iter().flatten();
        if others().next().is_none() || !others().all(|address| sameness.is_private(address)) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_of_the_keys() {
        let at = [SRCADDR, DSTADDR, PKT_SRCADDR, PKT_DSTADDR, FLOW_DIRECTION];
        assert_eq!(
            at.map(|position| KEYS[position]),
            ["srcaddr", "dstaddr", "pkt_srcaddr", "pkt_dstaddr", "flow_direction"]
        );
    }
}
