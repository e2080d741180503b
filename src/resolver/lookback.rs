//! How long an answer speaks for an address.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// Time before an hour's end in which an answer names the addresses of that hour. The log has no TTL and repeats no answer
/// from the cache, and connections outlive their lookup: so hours, a day by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lookback {
    /// At least 1.
    seconds: i64,
}

impl Default for Lookback {
    fn default() -> Self {
        Self { seconds: 86_400 }
    }
}

impl Lookback {
    /// In seconds.
    pub fn seconds(self) -> i64 {
        self.seconds
    }
}

impl FromStr for Lookback {
    type Err = Error;

    /// `24h`, `90m`, `2d`.
    fn from_str(text: &str) -> Result<Self> {
        let unit = |suffix: char| match suffix {
            's' => Some(1),
            'm' => Some(60),
            'h' => Some(3600),
            'd' => Some(86_400),
            _ => None,
        };
        let (digits, unit) = text.char_indices().next_back().map_or(("", None), |(at, last)| (&text[..at], unit(last)));
        let number = Some(digits).filter(|d| d.bytes().all(|b| b.is_ascii_digit())).and_then(|d| d.parse::<i64>().ok());
        // A year: longer than AWS keeps an address with a name.
        let seconds =
            number.zip(unit).and_then(|(n, unit)| n.checked_mul(unit)).filter(|s| (1..=366 * 86_400).contains(s));
        match seconds {
            Some(seconds) => Ok(Self { seconds }),
            None => Err(Error::Usage(format!("{text:?} is no look-back: give 24h, 90m or 2d, at most a year"))),
        }
    }
}

impl fmt::Display for Lookback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seconds {
            s if s % 3600 == 0 => write!(f, "{}h", s / 3600),
            s if s % 60 == 0 => write!(f, "{}m", s / 60),
            s => write!(f, "{s}s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_typed() {
        for (text, seconds) in [("24h", 86_400), ("90m", 5400), ("2d", 172_800), ("1s", 1)] {
            let lookback: Lookback = text.parse().unwrap();
            assert_eq!(lookback.seconds(), seconds);
            assert_eq!(lookback.to_string().parse::<Lookback>().unwrap(), lookback);
        }
        for text in ["", "24", "h", "0h", "-1h", "+1h", "1é", "9999999999999999999d", "999d"] {
            assert!(text.parse::<Lookback>().unwrap_err().to_string().contains("at most a year"), "{text}");
        }
        assert_eq!(Lookback::default().to_string(), "24h");
    }
}
