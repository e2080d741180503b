//! Whether a line is a record. A line is judged by all its fields, whatever columns a query wants, so that counts of
//! malformed lines do not depend on the query.

use std::net::Ipv6Addr;

use super::rejects::Reason;
use crate::record::{
    fields::{Field, Value},
    layout::{Layout, RecordKind},
    tokenise::Span,
};

/// Earliest time in milliseconds, 2014-01-01: AWS's own examples are of December 2014. Less is no time in milliseconds.
const EARLIEST_MILLIS: i64 = 1_388_534_400_000;
/// No record has this time or a later one: 2100-01-01. Not a day after now, since the same logs must give the same report whenever it
/// is made; milliseconds, read as seconds, lie tens of thousands of years beyond it.
pub const LATEST: i64 = 4_102_444_800;

/// The checks of one layout.
#[derive(Debug)]
pub struct Checks {
    width: usize,
    fields: Vec<(usize, &'static Field)>,
    start: usize,
    end: Option<usize>,
    /// Times are milliseconds.
    millis: bool,
    /// Column of the transit gateway's id: without one nothing tells its records from those of a VPC.
    transit_gateway: Option<usize>,
}

/// Numbers of a checked line by column; `None` in columns that are null or hold no number.
pub type Numbers = Vec<Option<i64>>;

impl Checks {
    /// Checks for lines of `layout`.
    pub fn new(layout: &Layout) -> Self {
        let fields: Vec<_> = layout.fields().filter(|(_, field)| field.value.is_checked()).collect();
        let column = |name| fields.iter().find(|(_, field)| field.name == name).map(|(column, _)| *column);
        let (start, end) = (column("start").unwrap_or(layout.width()), column("end"));
        let id = layout.fields().find(|(_, field)| field.name == "resource-id").map(|(column, _)| column);
        let transit_gateway = id.filter(|_| layout.kind() == RecordKind::TransitGateway);
        Self { width: layout.width(), fields, start, end, millis: false, transit_gateway }
    }

    /// Columns of the layout.
    pub fn width(&self) -> usize {
        self.width
    }

    /// From here on `start` and `end` are milliseconds.
    pub fn in_milliseconds(&mut self) {
        self.millis = true;
    }

    /// Checks a tokenised line and leaves its numbers in `numbers`.
    #[inline]
    pub fn run(&self, line: &str, spans: &[Span], numbers: &mut Numbers) -> Result<(), Reason> {
        if spans.len() != self.width {
            return Err(if spans.len() < self.width { Reason::TooFewColumns } else { Reason::TooManyColumns });
        }
        numbers.clear();
        numbers.resize(self.width, None);
        for (column, field) in &self.fields {
            let text = spans[*column].of(line);
            if text == "-" {
                continue;
            }
            match field.value {
                Value::Integer { max } => numbers[*column] = Some(number(text, max, field.name)?),
                Value::Address if !is_address(text) => return Err(Reason::BadAddress(field.name)),
                Value::OneOf(words) if !words.contains(&text) => return Err(Reason::UnknownWord(field.name)),
                _ => {}
            }
        }
        if self.transit_gateway.is_some_and(|column| !spans[column].of(line).starts_with("tgw-")) {
            return Err(Reason::UnknownWord("tgw-id"));
        }
        let Some(start) = numbers.get(self.start).copied().flatten() else { return Err(Reason::NoStart) };
        let start = self.seconds(start, "start")?;
        let end = self.end.and_then(|column| Some((column, numbers[column]?)));
        let end = end.map(|(column, end)| self.seconds(end, "end").map(|end| (column, end))).transpose()?;
        numbers[self.start] = Some(start);
        if let Some((column, end)) = end {
            numbers[column] = Some(end);
        }
        if end.is_some_and(|(_, end)| end < start) { Err(Reason::StartAfterEnd) } else { Ok(()) }
    }

    /// A time in seconds, if it can be one of a flow log.
    #[inline]
    fn seconds(&self, time: i64, field: &'static str) -> Result<i64, Reason> {
        match (0..LATEST).contains(&time) {
            true if !self.millis => Ok(time),
            _ => self.rare_seconds(time, field),
        }
    }

    #[cold]
    fn rare_seconds(&self, time: i64, field: &'static str) -> Result<i64, Reason> {
        match (EARLIEST_MILLIS..LATEST * 1000).contains(&time) {
            true if self.millis => Ok(time.div_euclid(1000)),
            true => Err(Reason::Milliseconds),
            false => Err(Reason::OtherEra(field)),
        }
    }
}

/// Up to 18 digits fit whatever they are, so the common case is one pass without overflow checks.
#[inline]
fn number(text: &str, max: i64, field: &'static str) -> Result<i64, Reason> {
    if !(1..=18).contains(&text.len()) {
        return rare_number(text, max, field);
    }
    let mut value = 0;
    for byte in text.bytes() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return rare_number(text, max, field);
        }
        value = value * 10 + i64::from(digit);
    }
    if value > max { Err(Reason::TooLarge(field)) } else { Ok(value) }
}

#[cold]
fn rare_number(text: &str, max: i64, field: &'static str) -> Result<i64, Reason> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.strip_prefix('-') {
        Some(rest) if digits(rest) => Err(Reason::Negative(field)),
        None if digits(text) => match text.parse() {
            Ok(value) if value <= max => Ok(value),
            _ => Err(Reason::TooLarge(field)),
        },
        _ => Err(Reason::NotANumber(field)),
    }
}

#[inline]
fn is_address(text: &str) -> bool {
    is_ipv4(text.as_bytes()) || text.parse::<Ipv6Addr>().is_ok()
}

/// Exactly what [`std::net::Ipv4Addr`] accepts, at half its cost: four addresses a record are checked.
#[inline]
fn is_ipv4(text: &[u8]) -> bool {
    let (mut octet, mut digits, mut dots) = (0_u32, 0_u32, 0_u32);
    for byte in text {
        let digit = u32::from(byte.wrapping_sub(b'0'));
        if digit <= 9 {
            let leading_zero = digits > 0 && octet == 0;
            octet = octet * 10 + digit;
            digits += 1;
            if octet > 255 || leading_zero {
                return false;
            }
        } else if *byte == b'.' && digits > 0 {
            (octet, digits, dots) = (0, 0, dots + 1);
        } else {
            return false;
        }
    }
    dots == 3 && digits > 0
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;
    use crate::record::tokenise::tokenise;

    const NAMES: &str = "srcaddr dstaddr srcport protocol bytes start end action log-status subnet-id";

    fn check(line: &str) -> Result<Numbers, Reason> {
        let layout = Layout::new(NAMES.split(' ')).unwrap();
        let (mut spans, mut numbers) = (Vec::new(), Vec::new());
        tokenise(line, &mut spans);
        Checks::new(&layout).run(line, &spans, &mut numbers).map(|()| numbers)
    }

    #[test]
    fn numbers_stand_in_their_columns() {
        let numbers =
            check("10.0.0.1 fd00::1 443 6 9223372036854775807 1700000100 1700000160 ACCEPT OK subnet-1").unwrap();
        assert_eq!(numbers[2..7], [Some(443), Some(6), Some(i64::MAX), Some(1700000100), Some(1700000160)]);
        assert_eq!((numbers[0], numbers[9]), (None, None));
    }

    #[test]
    fn records_without_traffic_are_valid() {
        assert!(check("- - - - - 1700000100 1700000160 - NODATA -").is_ok());
        assert!(check("- - - - - 1700000100 1700000160 - SKIPDATA -").is_ok());
    }

    #[test]
    fn each_reason_is_told() {
        use Reason::*;
        for (line, reason) in [
            ("bogus line", TooFewColumns),
            ("10.0.0.1 10.0.0.2 1 6 1 1700000100 1700000160 ACCEPT OK subnet-1 more", TooManyColumns),
            ("10.0.0.300 10.0.0.2 1 6 1 1700000100 1700000160 ACCEPT OK -", BadAddress("srcaddr")),
            ("10.0.0.1 fd00::zz 1 6 1 1700000100 1700000160 ACCEPT OK -", BadAddress("dstaddr")),
            ("10.0.0.1 10.0.0.2 http 6 1 1700000100 1700000160 ACCEPT OK -", NotANumber("srcport")),
            ("10.0.0.1 10.0.0.2 +1 6 1 1700000100 1700000160 ACCEPT OK -", NotANumber("srcport")),
            ("10.0.0.1 10.0.0.2 65536 6 1 1700000100 1700000160 ACCEPT OK -", TooLarge("srcport")),
            ("10.0.0.1 10.0.0.2 1 256 1 1700000100 1700000160 ACCEPT OK -", TooLarge("protocol")),
            ("10.0.0.1 10.0.0.2 1 6 9223372036854775808 1700000100 1700000160 ACCEPT OK -", TooLarge("bytes")),
            ("10.0.0.1 10.0.0.2 1 6 -5 1700000100 1700000160 ACCEPT OK -", Negative("bytes")),
            ("10.0.0.1 10.0.0.2 1 6 -5x 1700000100 1700000160 ACCEPT OK -", NotANumber("bytes")),
            ("10.0.0.1 10.0.0.2 1 6 1 - 1700000160 ACCEPT OK -", NoStart),
            ("10.0.0.1 10.0.0.2 1 6 1 1700000161 1700000160 ACCEPT OK -", StartAfterEnd),
            ("10.0.0.1 10.0.0.2 1 6 1 1700000100000 1700000160000 ACCEPT OK -", Milliseconds),
            ("10.0.0.1 10.0.0.2 1 6 1 1700000100 4102444800 ACCEPT OK -", OtherEra("end")),
            ("10.0.0.1 10.0.0.2 1 6 1 1700000100 1700000160000 ACCEPT OK -", Milliseconds),
            ("10.0.0.1 10.0.0.2 1 6 1 1700000100 1700000160 accept OK -", UnknownWord("action")),
            ("10.0.0.1 10.0.0.2 1 6 1 1700000100 1700000160 ACCEPT MAYBE -", UnknownWord("log-status")),
        ] {
            assert_eq!(check(line), Err(reason), "{line}");
        }
    }

    #[test]
    fn milliseconds_are_read_where_they_are_expected_and_seconds_are_not() {
        let layout = Layout::new(NAMES.split(' ')).unwrap();
        let mut checks = Checks::new(&layout);
        checks.in_milliseconds();
        let run = |line: &str| {
            let (mut spans, mut numbers) = (Vec::new(), Vec::new());
            tokenise(line, &mut spans);
            checks.run(line, &spans, &mut numbers).map(|()| (numbers[5], numbers[6]))
        };
        let line = "10.0.0.1 10.0.0.2 1 6 1 1700000100999 1700000160000 ACCEPT OK -";
        assert_eq!(run(line), Ok((Some(1_700_000_100), Some(1_700_000_160))));
        let seconds = "10.0.0.1 10.0.0.2 1 6 1 1700000100 1700000160 ACCEPT OK -";
        assert_eq!(run(seconds), Err(Reason::OtherEra("start")));
    }

    proptest! {
        #[test]
        fn addresses_are_those_of_the_standard_library(text in "(0|[1-9][0-9]{0,2}|[0-9]{0,3})([.](0|[1-9][0-9]{0,2}|[0-9]{0,3})){2,4}") {
            prop_assert_eq!(is_ipv4(text.as_bytes()), text.parse::<Ipv4Addr>().is_ok(), "{}", text);
        }

        #[test]
        fn numbers_are_those_of_the_standard_library(text in "-?[0-9]{1,20}|[0-9a-f+. -]{0,20}", max in prop_oneof![Just(255), Just(i64::MAX)]) {
            let expected = text.parse::<i64>().ok().filter(|value| (0..=max).contains(value) && !text.starts_with(['+', '-']));
            prop_assert_eq!(number(&text, max, "bytes").ok(), expected, "{}", text);
        }
    }
}
