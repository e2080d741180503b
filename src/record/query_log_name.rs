//! The file names AWS gives to Route 53 Resolver query log objects.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::file_name::{TIME, alphanumeric, minute};
use super::key::account;

/// `{vpc-id}_vpcdnsquerylogs_{account}_{YYYYMMDD}T{HHmm}Z_{hash}.log.gz`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryLogName {
    /// What the query log configuration is associated with: a VPC, or a Route 53 Profile's id.
    pub vpc_id: String,
    /// 12 digits.
    pub account_id: String,
    /// UTC, to the minute: when the file was begun.
    pub time: DateTime,
    /// Tells files of one minute apart.
    pub hash: String,
}

impl QueryLogName {
    /// Reads a base name, with or without `.gz`; `None` when it is not of AWS's grammar.
    pub fn parse(base: &str) -> Option<Self> {
        let stem = base.strip_suffix(".gz").unwrap_or(base).strip_suffix(".log")?;
        let parts: Vec<&str> = stem.split('_').collect();
        let [vpc_id, "vpcdnsquerylogs", owner, time, hash] = parts[..] else { return None };
        let id = |text: &&str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        Some(Self {
            vpc_id: Some(vpc_id).filter(id)?.to_owned(),
            account_id: account(owner).filter(|_| !owner.contains('='))?.to_owned(),
            time: minute(time)?,
            hash: Some(hash).filter(|hash| alphanumeric(hash))?.to_owned(),
        })
    }

    /// The time in the name, Unix seconds.
    pub fn published(&self) -> i64 {
        TimeZone::UTC.to_timestamp(self.time).map_or(0, |timestamp| timestamp.as_second())
    }

    /// The key AWS would write the object to, below an optional bucket prefix that ends in `/`.
    pub fn key(&self, prefix: &str) -> String {
        let (year, month, day) = (self.time.year(), self.time.month(), self.time.day());
        let Self { vpc_id, account_id, .. } = self;
        format!("{prefix}AWSLogs/{account_id}/vpcdnsquerylogs/{vpc_id}/{year:04}/{month:02}/{day:02}/{self}.log.gz")
    }
}

/// Without suffix: what makes two files the same object wherever they lie.
impl fmt::Display for QueryLogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { vpc_id, account_id, time, hash } = self;
        write!(f, "{vpc_id}_vpcdnsquerylogs_{account_id}_{}_{hash}", time.strftime(TIME))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;
    use proptest::prelude::*;

    use super::*;
    use crate::record::key::{Folder, KeyFacts, Level};
    use crate::record::kind::LogKind;

    #[test]
    fn a_key_tells_account_day_and_time() {
        let name = QueryLogName {
            vpc_id: "vpc-0a1".to_owned(),
            account_id: "111122223333".to_owned(),
            time: datetime(2026, 9, 1, 3, 55, 0, 0),
            hash: "1a2b".to_owned(),
        };
        let key = name.key("team/");
        assert_eq!(
            key,
            "team/AWSLogs/111122223333/vpcdnsquerylogs/vpc-0a1/2026/09/01/vpc-0a1_vpcdnsquerylogs_111122223333_20260901T0355Z_1a2b.log.gz"
        );
        let facts = KeyFacts::parse_as(LogKind::ResolverQueries, &key);
        assert_eq!(facts.account_id.as_deref(), Some("111122223333"));
        assert_eq!((facts.published, facts.region.as_deref()), (Some(1_788_234_900), None));
        assert_eq!(facts.day, Some(jiff::civil::date(2026, 9, 1)));
        assert_eq!(KeyFacts::parse(&key), KeyFacts::default(), "no flow log");
    }

    #[test]
    fn levels_of_the_layout() {
        let level = |folder: &str| Folder::parse_as(LogKind::ResolverQueries, folder).level;
        for (folder, expected) in [
            ("AWSLogs/111122223333", Level::Account),
            ("AWSLogs/111122223333/vpcdnsquerylogs", Level::Service),
            ("AWSLogs/111122223333/vpcdnsquerylogs/vpc-0a1", Level::Region),
            ("AWSLogs/111122223333/vpcdnsquerylogs/vpc-0a1/2026/09", Level::Month),
            ("AWSLogs/111122223333/vpcdnsquerylogs/vpc-0a1/2026/09/01", Level::Leaf),
            ("AWSLogs/111122223333/vpcflowlogs", Level::Leaf),
        ] {
            assert_eq!(level(folder), expected, "{folder}");
        }
    }

    proptest! {
        #[test]
        fn a_formatted_name_reads_back(vpc in "(vpc|rp)-[0-9a-f]{1,17}", account_id in "[0-9]{12}", day in 1i8..=28, hash in "[0-9a-f]{8}") {
            let name = QueryLogName { vpc_id: vpc, account_id, time: datetime(2026, 2, day, 3, 4, 0, 0), hash };
            for suffix in ["log", "log.gz"] {
                prop_assert_eq!(QueryLogName::parse(&format!("{name}.{suffix}")), Some(name.clone()));
            }
        }

        #[test]
        fn parsing_never_panics(text in "\\PC{0,60}", time in "\\PC{14}") {
            QueryLogName::parse(&text);
            QueryLogName::parse(&format!("vpc-1_vpcdnsquerylogs_123456789012_{time}_1a.log.gz"));
        }
    }
}
