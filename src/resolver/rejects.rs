//! Why a record is malformed.

use std::fmt;

/// Why a record could not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No JSON, or JSON that does not end.
    NotJson,
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// Longer than [`super::splitter::LONGEST`].
    TooLong,
    /// A field of another type than AWS's.
    UnexpectedValue,
    /// JSON of something else.
    NoQueryName,
    /// No time, or none that can be read.
    BadTimestamp,
    /// An A or AAAA answer that is no address.
    BadAddress,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotJson => "not a JSON object",
            Self::NotUtf8 => "not UTF-8",
            Self::TooLong => "record too long",
            Self::UnexpectedValue => "field of an unexpected type",
            Self::NoQueryName => "no query_name",
            Self::BadTimestamp => "no or bad query_timestamp",
            Self::BadAddress => "bad address in answers",
        })
    }
}
