//! What an object's key says about its rows: the grammar of AWS's folders.

use jiff::civil::Date;

pub use super::file_name::{FileFormat, FileName};
use super::kind::LogKind;
use super::query_log_name::QueryLogName;

/// Facts that the key or file name of a log object carries; each is absent where the name does not follow AWS's layout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyFacts {
    /// Owner of the flow log's resource.
    pub account_id: Option<String>,
    /// AWS Region.
    pub region: Option<String>,
    /// `fl-...`, from the file name.
    pub flow_log_id: Option<String>,
    /// UTC day of the folder, which is when AWS wrote the object, not when the flows happened.
    pub day: Option<Date>,
    /// UTC hour of the folder (per-hour layouts only).
    pub hour: Option<u8>,
    /// Time in the file name, Unix seconds.
    pub published: Option<i64>,
}

impl KeyFacts {
    /// Facts of an S3 key or a path with `/` between folders. Never fails: what does not fit is absent.
    pub fn parse(key: &str) -> Self {
        Self::parse_as(LogKind::FlowLogs, key)
    }

    /// The same for either kind of log.
    pub fn parse_as(kind: LogKind, key: &str) -> Self {
        let (folder, base) = key.rsplit_once('/').unwrap_or(("", key));
        let mut facts = Folder::parse_as(kind, folder).facts;
        if kind == LogKind::ResolverQueries {
            if let Some(name) = QueryLogName::parse(base) {
                facts.published = Some(name.published());
                facts.account_id = Some(name.account_id);
            }
        } else if let Some(name) = FileName::parse(base) {
            facts.published = Some(name.published());
            facts.account_id = Some(name.account_id);
            facts.region = Some(name.region);
            facts.flow_log_id = Some(name.flow_log_id);
        }
        facts
    }
}

/// The folder layouts that AWS offers when a flow log to S3 is created.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Layout {
    /// `aws-account-id=.../aws-service=vpcflowlogs/aws-region=.../year=...` instead of bare values.
    pub hive: bool,
    /// One more folder level for the hour.
    pub per_hour: bool,
}

impl Layout {
    /// The key AWS would write `name` to. `prefix` is the optional bucket prefix, with or without slashes around it.
    pub fn key(self, prefix: &str, name: &FileName) -> String {
        let prefix = prefix.trim_matches('/');
        let slash = if prefix.is_empty() { "" } else { "/" };
        let FileName { account_id, region, time, .. } = name;
        let (year, month, day, hour) = (time.year(), time.month(), time.day(), time.hour());
        let folder = if self.hive {
            format!(
                "aws-account-id={account_id}/aws-service=vpcflowlogs/aws-region={region}/year={year:04}/month={month:02}/day={day:02}"
            )
        } else {
            format!("{account_id}/vpcflowlogs/{region}/{year:04}/{month:02}/{day:02}")
        };
        let hour = match (self.per_hour, self.hive) {
            (false, _) => String::new(),
            (true, false) => format!("/{hour:02}"),
            (true, true) => format!("/hour={hour:02}"),
        };
        format!("{prefix}{slash}AWSLogs/{folder}{hour}/{name}")
    }
}

/// How deep a folder lies in AWS's layout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Level {
    /// No part of the layout seen yet: an `AWSLogs/` may lie below.
    #[default]
    Above,
    /// `AWSLogs/`: accounts below.
    AwsLogs,
    /// An account's folder: services below.
    Account,
    /// `vpcflowlogs/`: regions below; `vpcdnsquerylogs/`: VPCs.
    Service,
    /// A Region's or a VPC's folder: years below.
    Region,
    /// Months below.
    Year,
    /// Days below.
    Month,
    /// A day, an hour, or anything that leaves the layout: everything below belongs to it.
    Leaf,
}

/// A folder read by AWS's layout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folder {
    /// How far the layout was followed.
    pub level: Level,
    /// Inside `AWSLogs/`, the folder AWS reserves for logs of all its services.
    pub in_aws_logs: bool,
    /// Inside the folder of the kind of log that was asked for.
    pub is_of_kind: bool,
    /// Account, Region, day and hour, as far as the layout was followed.
    pub facts: KeyFacts,
    /// First day of the year or month, for [`Level::Year`] and [`Level::Month`].
    pub period: Option<Date>,
}

impl Folder {
    /// Reads a folder of flow logs (`/` between names, slashes at the ends ignored).
    pub fn parse(folder: &str) -> Self {
        Self::parse_as(LogKind::FlowLogs, folder)
    }

    /// The same for either kind of log; folders of the other kind belong to another service.
    pub fn parse_as(kind: LogKind, folder: &str) -> Self {
        let names: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
        let aws_logs = names.iter().rposition(|name| *name == "AWSLogs");
        let service = names.iter().rposition(|name| kind.is_service_folder(name));
        let mut read = Self { in_aws_logs: aws_logs.is_some(), is_of_kind: service.is_some(), ..Self::default() };
        match (service, aws_logs) {
            (Some(at), _) => {
                read.facts.account_id = at.checked_sub(1).and_then(|before| account(names[before])).map(str::to_owned);
                read.below_service(kind, &names[at + 1..]);
            }
            (None, Some(at)) => match &names[at + 1..] {
                [] => read.level = Level::AwsLogs,
                // Organisation trails put an organisation id between; its accounts lie one level lower.
                [organisation] if organisation.starts_with("o-") => read.level = Level::AwsLogs,
                [name] | [_, name] if account(name).is_some() => {
                    read.level = Level::Account;
                    read.facts.account_id = account(name).map(str::to_owned);
                }
                _ => read.level = Level::Leaf,
            },
            (None, None) => {}
        }
        read
    }

    fn below_service(&mut self, kind: LogKind, names: &[&str]) {
        self.level = Level::Service;
        let mut names = names.iter();
        let Some(name) = names.next() else { return };
        self.level = Level::Leaf;
        if kind == LogKind::FlowLogs {
            let Some(region) = region(name) else { return };
            self.facts.region = Some(region.to_owned());
        }
        self.level = Level::Region;
        let Some(name) = names.next() else { return };
        self.level = Level::Leaf;
        let Some(year) = number(name, "year=", 4) else { return };
        let Ok(first) = Date::new(year, 1, 1) else { return };
        (self.level, self.period) = (Level::Year, Some(first));
        let Some(name) = names.next() else { return };
        self.level = Level::Leaf;
        let Some(Ok(first)) = number(name, "month=", 2).map(|month| Date::new(year, month as i8, 1)) else { return };
        (self.level, self.period) = (Level::Month, Some(first));
        let Some(name) = names.next() else { return };
        self.level = Level::Leaf;
        let Some(Ok(day)) = number(name, "day=", 2).map(|day| Date::new(year, first.month(), day as i8)) else {
            return;
        };
        self.facts.day = Some(day);
        self.facts.hour =
            names.next().and_then(|name| number(name, "hour=", 2)).map(|hour| hour as u8).filter(|h| *h < 24);
    }
}

/// The 12-digit account of `123456789012` or `aws-account-id=123456789012`.
pub(super) fn account(name: &str) -> Option<&str> {
    let digits = name.strip_prefix("aws-account-id=").unwrap_or(name);
    (digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// The Region of `eu-west-1` or `aws-region=eu-west-1`: words joined by `-`, a number last.
pub(super) fn region(name: &str) -> Option<&str> {
    let name = name.strip_prefix("aws-region=").unwrap_or(name);
    let (words, number) = name.rsplit_once('-')?;
    let word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase());
    let shape = words.split('-').count() >= 2 && words.split('-').all(word);
    (shape && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(name)
}

/// The number of exactly `width` digits in `2026` or `year=2026`.
fn number(name: &str, hive: &str, width: usize) -> Option<i16> {
    let digits = name.strip_prefix(hive).unwrap_or(name);
    (digits.len() == width && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use jiff::civil::date;

    const NAME: &str = "123456789012_vpcflowlogs_us-east-1_fl-0123456789abcdef0_20260901T0355Z_1a2b3c4d.log.gz";

    #[test]
    fn each_layout_gives_the_same_facts() {
        for folder in [
            "AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/09/01",
            "team/a/AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/09/01/03",
            "AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/year=2026/month=09/day=01",
            "AWSLogs/aws-account-id=123456789012/service=vpcflowlogs/aws-region=us-east-1/year=2026/month=09/day=01/hour=03",
        ] {
            let facts = KeyFacts::parse(&format!("{folder}/{NAME}"));
            assert_eq!(facts.account_id.as_deref(), Some("123456789012"), "{folder}");
            assert_eq!(facts.region.as_deref(), Some("us-east-1"), "{folder}");
            assert_eq!(facts.flow_log_id.as_deref(), Some("fl-0123456789abcdef0"), "{folder}");
            assert_eq!(facts.day, Some(date(2026, 9, 1)), "{folder}");
            assert_eq!(facts.hour, folder.ends_with("03").then_some(3), "{folder}");
            assert_eq!(facts.published, Some(1_788_234_900), "{folder}");
            let unnamed = KeyFacts::parse(&format!("{folder}/part-0.gz"));
            assert_eq!((unnamed.day, unnamed.region), (facts.day, facts.region), "{folder}");
            assert_eq!((unnamed.published, unnamed.flow_log_id), (None, None), "{folder}");
        }
    }

    #[test]
    fn levels_of_the_layout() {
        for (folder, level) in [
            ("", Level::Above),
            ("logs/prod/", Level::Above),
            ("logs/AWSLogs/", Level::AwsLogs),
            ("AWSLogs/o-abc123", Level::AwsLogs),
            ("AWSLogs/123456789012", Level::Account),
            ("AWSLogs/o-abc123/aws-account-id=123456789012/", Level::Account),
            ("AWSLogs/123456789012/CloudTrail", Level::Leaf),
            ("AWSLogs/123456789012/vpcflowlogs", Level::Service),
            ("123456789012/vpcflowlogs/eu-west-1", Level::Region),
            ("AWSLogs/123456789012/vpcflowlogs/us-gov-west-1/2026", Level::Year),
            ("AWSLogs/123456789012/vpcflowlogs/eu-west-1/2026/13", Level::Leaf),
            ("AWSLogs/123456789012/vpcflowlogs/eu-west-1/year=2026/month=09", Level::Month),
            ("AWSLogs/123456789012/vpcflowlogs/eu-west-1/2026/02/30", Level::Leaf),
            ("AWSLogs/123456789012/vpcflowlogs/eu-west-1/2026/02/28/23", Level::Leaf),
            ("AWSLogs/123456789012/vpcflowlogs/backup", Level::Leaf),
        ] {
            assert_eq!(Folder::parse(folder).level, level, "{folder}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(key in "\\PC{0,80}", parts in prop::collection::vec("AWSLogs|vpcflowlogs|year=[0-9]{0,5}|[0-9]{2,12}|us-east-1|é_|day=-1", 0..9)) {
            KeyFacts::parse(&key);
            KeyFacts::parse(&parts.join("/"));
            KeyFacts::parse(&format!("{}/{key}", parts.join("/")));
        }

        #[test]
        fn a_formatted_key_reads_back(name in crate::record::file_name::tests::any_name(), hive: bool, per_hour: bool, prefix in "|[a-z]{1,6}(/[a-z]{1,6})?") {
            let key = Layout { hive, per_hour }.key(&prefix, &name);
            let facts = KeyFacts::parse(&key);
            prop_assert_eq!(facts.account_id.as_deref(), Some(name.account_id.as_str()));
            prop_assert_eq!(facts.region.as_deref(), Some(name.region.as_str()));
            prop_assert_eq!(facts.flow_log_id.as_deref(), Some(name.flow_log_id.as_str()));
            prop_assert_eq!(facts.day, Some(name.time.date()));
            prop_assert_eq!(facts.hour, per_hour.then_some(name.time.hour() as u8));
            prop_assert_eq!(facts.published, Some(name.published()));
            prop_assert_eq!(FileName::parse(key.rsplit('/').next().unwrap_or("")), Some(name));
        }
    }
}
