//! The file names AWS gives to flow log objects.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::key::{account, region};

/// The time in a file name, to the minute.
pub(super) const TIME: &str = "%Y%m%dT%H%MZ";

/// How a flow log object is encoded, by its suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// `.log.gz`
    GzipText,
    /// `.log`: AWS does not write it, `gunzip` does.
    Text,
    /// `.log.zst`: AWS does not write it, people who pack anew do.
    ZstdText,
    /// `.log.parquet`
    Parquet,
}

impl FileFormat {
    const SUFFIXES: [(Self, &str); 4] = [
        (Self::GzipText, ".log.gz"),
        (Self::Text, ".log"),
        (Self::ZstdText, ".log.zst"),
        (Self::Parquet, ".log.parquet"),
    ];

    fn suffix(self) -> &'static str {
        Self::SUFFIXES.iter().find(|(format, _)| *format == self).map_or("", |(_, suffix)| suffix)
    }
}

/// `{account}_vpcflowlogs_{region}_{flow-log-id}_{YYYYMMDD}T{HHmm}Z_{hash}` and a suffix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName {
    /// Owner of the flow log's resource, 12 digits.
    pub account_id: String,
    /// AWS Region.
    pub region: String,
    /// `fl-...`
    pub flow_log_id: String,
    /// UTC, to the minute: the five-minute period in which the records of the file end.
    pub time: DateTime,
    /// Tells files of one period apart.
    pub hash: String,
    /// Encoding.
    pub format: FileFormat,
}

impl FileName {
    /// Reads a base name; `None` when it is not of AWS's grammar.
    pub fn parse(base: &str) -> Option<Self> {
        let (format, stem) = FileFormat::SUFFIXES
            .iter()
            .find_map(|(format, suffix)| base.strip_suffix(suffix).map(|stem| (*format, stem)))?;
        let parts: Vec<&str> = stem.split('_').collect();
        let [owner, "vpcflowlogs", place, flow_log_id, time, hash] = parts[..] else { return None };
        let bare = |text: &str| !text.contains('=');
        Some(Self {
            account_id: account(owner).filter(|_| bare(owner))?.to_owned(),
            region: region(place).filter(|_| bare(place))?.to_owned(),
            flow_log_id: flow_log_id
                .strip_prefix("fl-")
                .filter(|id| alphanumeric(id))
                .map(|_| flow_log_id.to_owned())?,
            time: minute(time)?,
            hash: Some(hash).filter(|hash| alphanumeric(hash))?.to_owned(),
            format,
        })
    }

    /// The time in the name, Unix seconds.
    pub fn published(&self) -> i64 {
        TimeZone::UTC.to_timestamp(self.time).map_or(0, |timestamp| timestamp.as_second())
    }

    /// What makes two files the same object wherever they lie: everything but the encoding.
    pub fn identity(&self) -> String {
        let name = self.to_string();
        name.strip_suffix(self.format.suffix()).unwrap_or(&name).to_owned()
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account_id, region, flow_log_id, time, hash, format } = self;
        let time = time.strftime(TIME);
        write!(f, "{account_id}_vpcflowlogs_{region}_{flow_log_id}_{time}_{hash}{}", format.suffix())
    }
}

pub(super) fn alphanumeric(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

pub(super) fn minute(text: &str) -> Option<DateTime> {
    let time = DateTime::strptime(TIME, text).ok()?;
    // strptime takes fewer digits too.
    (time.strftime(TIME).to_string() == text).then_some(time)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in crate::record) fn any_name() -> impl Strategy<Value = FileName> {
        let format = prop::sample::select(FileFormat::SUFFIXES.map(|(format, _)| format).to_vec());
        let time = (1i16..=9999, 1i8..=12, 1i8..=28, 0i8..24, 0i8..60);
        ("[0-9]{12}", "[a-z]{2}(-gov)?-[a-z]{4,9}-[1-9]", "fl-[0-9a-f]{8,17}", time, "[0-9a-f]{8}", format).prop_map(
            |(account_id, region, flow_log_id, (year, month, day, hour, minute), hash, format)| {
                let time = DateTime::constant(year, month, day, hour, minute, 0, 0);
                FileName { account_id, region, flow_log_id, time, hash, format }
            },
        )
    }

    proptest! {
        #[test]
        fn a_formatted_name_reads_back(name in any_name()) {
            prop_assert_eq!(FileName::parse(&name.to_string()), Some(name));
        }

        #[test]
        fn parsing_never_panics(text in "\\PC{0,60}", time in "\\PC{14}") {
            FileName::parse(&text);
            FileName::parse(&format!("123456789012_vpcflowlogs_us-east-1_fl-1_{time}_1a.log.gz"));
        }
    }

    #[test]
    fn other_names_are_refused() {
        for name in [
            "123456789012_vpcdnsquerylogs_us-east-1_fl-1_20260901T0355Z_1a.log.gz",
            "123456789012_CloudTrail_us-east-1_20260901T0355Z_1a.json.gz",
            "12345_vpcflowlogs_us-east-1_fl-1_20260901T0355Z_1a.log.gz",
            "123456789012_vpcflowlogs_us-east-1_fl-1_20261301T0355Z_1a.log.gz",
            "123456789012_vpcflowlogs_us-east-1_fl-1_20260901T0355Z_1a.csv",
            "123456789012_vpcflowlogs_us-east-1_20260901T0355Z_1a.log.gz",
        ] {
            assert_eq!(FileName::parse(name), None, "{name}");
        }
    }

    #[test]
    fn the_encoding_is_no_part_of_the_identity() {
        let stem = "123456789012_vpcflowlogs_us-east-1_fl-1_20260901T0355Z_1a";
        for suffix in [".log", ".log.gz", ".log.zst", ".log.parquet"] {
            let name = FileName::parse(&format!("{stem}{suffix}"));
            assert_eq!(name.map(|name| name.identity()).as_deref(), Some(stem));
        }
    }
}
