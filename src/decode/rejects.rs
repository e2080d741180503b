//! Malformed lines: counted by reason, a few kept to show.

use std::fmt;

use crate::record::excerpt::excerpt;

/// Samples kept per reason.
pub const SAMPLES: usize = 3;
/// Longest sample, in characters.
pub const SAMPLE_LENGTH: usize = 200;

/// Why a line is malformed. Fields are named as AWS writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Fewer columns than the header.
    TooFewColumns,
    /// More columns than the header.
    TooManyColumns,
    /// Text where a number belongs.
    NotANumber(&'static str),
    /// A number below zero.
    Negative(&'static str),
    /// A number larger than the field can hold.
    TooLarge(&'static str),
    /// Neither an IPv4 nor an IPv6 address.
    BadAddress(&'static str),
    /// A word that the field does not have.
    UnknownWord(&'static str),
    /// No time at all: the record cannot be placed.
    NoStart,
    /// The record ends before it starts.
    StartAfterEnd,
    /// Times in milliseconds in an object whose other times are seconds.
    Milliseconds,
    /// A time beyond this century, or seconds among milliseconds.
    OtherEra(&'static str),
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// Longer than [`super::decoder::LONGEST_LINE`], or a JSON object beyond all bounds.
    TooLong,
    /// A message before any that tells its columns.
    UnknownColumns,
    /// Where a JSON object of CloudWatch Logs or Firehose should be.
    NotJson,
    /// A JSON object, or an event in one, without a log message.
    NoMessage,
    /// A separator inside a value of a Parquet file.
    ControlCharacter,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewColumns => f.write_str("too few columns"),
            Self::TooManyColumns => f.write_str("too many columns"),
            Self::NotANumber(field) => write!(f, "not a number in {field}"),
            Self::Negative(field) => write!(f, "negative number in {field}"),
            Self::TooLarge(field) => write!(f, "number too large in {field}"),
            Self::BadAddress(field) => write!(f, "bad address in {field}"),
            Self::UnknownWord(field) => write!(f, "unknown {field}"),
            Self::NoStart => f.write_str("no start time"),
            Self::StartAfterEnd => f.write_str("start after end"),
            Self::Milliseconds => f.write_str("milliseconds among times in seconds"),
            Self::OtherEra(field) => write!(f, "no time of a flow log in {field}"),
            Self::NotUtf8 => f.write_str("not UTF-8"),
            Self::TooLong => f.write_str("line too long"),
            Self::UnknownColumns => f.write_str("neither a row of the default format nor a header"),
            Self::NotJson => f.write_str("not a JSON object"),
            Self::NoMessage => f.write_str("no log message in the JSON"),
            Self::ControlCharacter => f.write_str("control character in a value"),
        }
    }
}

/// One malformed line of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// 1-based; of a message in JSON the number of the message, of Parquet the number of the row.
    pub line: u64,
    /// Start of the line, safe to print.
    pub text: String,
}

/// Malformed lines of one reason in one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// What is wrong.
    pub reason: Reason,
    /// How many.
    pub lines: u64,
    /// The first [`SAMPLES`] of them.
    pub samples: Vec<Sample>,
}

/// Malformed lines of one object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rejects {
    tallies: Vec<Tally>,
}

impl Rejects {
    /// Counts one line.
    pub fn add(&mut self, reason: Reason, line: u64, bytes: &[u8]) {
        let at = self.tallies.iter().position(|tally| tally.reason == reason).unwrap_or_else(|| {
            self.tallies.push(Tally { reason, lines: 0, samples: Vec::new() });
            self.tallies.len() - 1
        });
        let tally = &mut self.tallies[at];
        tally.lines += 1;
        if tally.samples.len() < SAMPLES {
            tally.samples.push(Sample { line, text: excerpt(bytes, SAMPLE_LENGTH) });
        }
    }

    /// All reasons met.
    pub fn tallies(&self) -> &[Tally] {
        &self.tallies
    }

    /// All malformed lines.
    pub fn lines(&self) -> u64 {
        self.tallies.iter().map(|tally| tally.lines).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_go_on_after_the_samples_are_full() {
        let mut rejects = Rejects::default();
        for line in 1..=5 {
            rejects.add(Reason::BadAddress("srcaddr"), line, b"bogus");
        }
        rejects.add(Reason::TooLong, 9, &[b'x'; 4000]);
        assert_eq!(rejects.lines(), 6);
        let [addresses, long] = rejects.tallies() else { panic!("{rejects:?}") };
        assert_eq!((addresses.lines, addresses.reason.to_string()), (5, "bad address in srcaddr".into()));
        assert_eq!(addresses.samples.iter().map(|sample| sample.line).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(long.samples[0].text.len(), SAMPLE_LENGTH);
    }
}
