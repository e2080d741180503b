//! The time window of a run.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::error::{Error, Result};

/// Records that start in `[since, until)`, Unix seconds. An absent end is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// First second that counts.
    pub since: Option<i64>,
    /// First second that does not count any more.
    pub until: Option<i64>,
}

impl Window {
    /// The window of two options as typed; `now` is what `7d` counts back from.
    pub fn parse(since: Option<&str>, until: Option<&str>, now: Timestamp) -> Result<Self> {
        let read = |option: &str, text: Option<&str>| {
            text.map(|text| parse_time(text, now).map_err(|why| Error::Usage(format!("{option} {text:?}: {why}"))))
                .transpose()
        };
        let window = Self { since: read("--since", since)?, until: read("--until", until)? };
        match (window.since, window.until) {
            (Some(first), Some(end)) if first >= end => {
                Err(Error::Usage(format!("--since must be before --until: the window {window} is empty")))
            }
            _ => Ok(window),
        }
    }

    /// Whether a Unix second lies in the window.
    pub fn contains(&self, second: i64) -> bool {
        self.since.is_none_or(|since| second >= since) && self.until.is_none_or(|until| second < until)
    }

    /// Whether both ends are open.
    pub fn is_unbounded(&self) -> bool {
        self.since.is_none() && self.until.is_none()
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time =
            |second: i64| Timestamp::from_second(second).map_or_else(|_| second.to_string(), |time| time.to_string());
        match (self.since, self.until) {
            (None, None) => f.write_str("all time"),
            (Some(since), None) => write!(f, "since {}", time(since)),
            (None, Some(until)) => write!(f, "until {}", time(until)),
            (Some(since), Some(until)) => write!(f, "{} to {}", time(since), time(until)),
        }
    }
}

/// Unix seconds of RFC 3339 (`2026-09-01T10:00:00Z`; without an offset UTC), a date (its first second, UTC), or a
/// time ago (`90m`, `24h`, `7d`, `2w`).
pub fn parse_time(text: &str, now: Timestamp) -> std::result::Result<i64, String> {
    let wanted = "want a date (2026-09-01), a time (2026-09-01T10:00:00Z) or a time ago (7d, 24h, 90m, 2w)";
    let text = text.trim();
    if let Some(ago) = parse_ago(text) {
        let then = ago.and_then(|ago| now.checked_sub(ago).ok());
        return then.map(Timestamp::as_second).ok_or_else(|| "lies before the calendar begins".to_owned());
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time.as_second());
    }
    let civil = if text.contains(['T', 't', ' ']) {
        text.parse::<DateTime>()
    } else {
        text.parse::<Date>().map(DateTime::from)
    };
    let civil = civil.map_err(|_| wanted.to_owned())?;
    TimeZone::UTC.to_timestamp(civil).map(Timestamp::as_second).map_err(|error| error.to_string())
}

/// `None` when the text is no number with a unit; `Some(None)` when the number is too large.
fn parse_ago(text: &str) -> Option<Option<SignedDuration>> {
    let unit = text.chars().next_back()?;
    let digits = text.strip_suffix(unit)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse::<i64>().ok().and_then(|count| count.checked_mul(seconds)).map(SignedDuration::from_secs))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_788_264_000; // 2026-09-01T12:00:00Z

    fn window(since: Option<&str>, until: Option<&str>) -> Result<Window> {
        Window::parse(since, until, Timestamp::from_second(NOW).unwrap())
    }

    #[test]
    fn every_way_to_write_a_time() {
        for (text, second) in [
            ("7d", NOW - 7 * 86_400),
            ("24h", NOW - 86_400),
            ("90m", NOW - 5400),
            ("2w", NOW - 14 * 86_400),
            ("0d", NOW),
            ("2026-09-01", NOW - 43_200),
            ("2026-09-01T10:30:00Z", NOW - 5400),
            ("2026-09-01T12:30:00+02:00", NOW - 5400),
            ("2026-09-01T10:30:00", NOW - 5400),
            ("2026-09-01 10:30", NOW - 5400),
        ] {
            assert_eq!(window(Some(text), None).unwrap().since, Some(second), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for text in ["", "d", "yesterday", "2026-13-01", "2026-02-30", "-7d", "7x", "9999999999999999d", "7 days", "é"]
        {
            let error = window(Some("2026-01-01"), Some(text)).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{text}");
            assert!(error.to_string().starts_with(&format!("--until {text:?}: ")), "{error}");
        }
    }

    #[test]
    fn an_empty_window_is_refused() {
        let error = window(Some("1h"), Some("2026-09-01T11:00:00Z")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "--since must be before --until: the window 2026-09-01T11:00:00Z to 2026-09-01T11:00:00Z is empty"
        );
    }

    #[test]
    fn the_end_is_not_part_of_the_window() {
        let day = window(Some("2026-09-01"), Some("2026-09-02")).unwrap();
        assert!(day.contains(NOW - 43_200) && day.contains(NOW + 43_199));
        assert!(!day.contains(NOW - 43_201) && !day.contains(NOW + 43_200));
        assert!(Window::default().contains(i64::MIN));
    }
}
