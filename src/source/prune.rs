//! Which folders and objects a run needs, told by their keys alone.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};

use super::window::Window;
use crate::record::key::{FileName, Folder, KeyFacts, Level};
use crate::record::kind::LogKind;
use crate::record::query_log_name::QueryLogName;

/// Records cannot be written before they began: one hour covers clocks and the naming of periods.
const EARLY_SECONDS: i64 = 3600;
/// Delivery is best effort and can be late.
const LATE_SECONDS: i64 = 86_400;

/// What the person asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Time the records start in.
    pub window: Window,
    /// Accounts; empty means all.
    pub account_ids: Vec<String>,
    /// Regions; empty means all.
    pub regions: Vec<String>,
}

impl Selection {
    /// Whether a folder can hold a wanted object. What its name does not tell is wanted.
    pub fn wants_folder(&self, folder: &Folder) -> bool {
        let span = |first: Date| match folder.level {
            Level::Year => first.checked_add(1.year()),
            _ => first.checked_add(1.month()),
        };
        let period = folder.period.filter(|_| folder.facts.day.is_none());
        let in_time = period.is_none_or(|first| {
            let last = span(first).and_then(|next| next.yesterday()).unwrap_or(Date::MAX);
            self.wants_days(first, last)
        });
        in_time && self.wants_day(&folder.facts) && self.wants_owner_of(&folder.facts)
    }

    /// Whether an object can hold a wanted record. What its key does not tell is wanted.
    pub fn wants_object(&self, facts: &KeyFacts) -> bool {
        let in_time = match facts.published {
            Some(published) => {
                self.window.since.is_none_or(|since| published >= since.saturating_sub(EARLY_SECONDS))
                    && self.window.until.is_none_or(|until| published < until.saturating_add(LATE_SECONDS))
            }
            None => self.wants_day(facts),
        };
        in_time && self.wants_owner_of(facts)
    }

    /// Whether logs of that account and Region are wanted; what is not known is.
    pub fn wants_owner(&self, account_id: Option<&str>, region: Option<&str>) -> bool {
        let among = |wanted: &[String], found: Option<&str>| {
            wanted.is_empty() || found.is_none_or(|found| wanted.iter().any(|one| one == found))
        };
        among(&self.account_ids, account_id) && among(&self.regions, region)
    }

    fn wants_owner_of(&self, facts: &KeyFacts) -> bool {
        self.wants_owner(facts.account_id.as_deref(), facts.region.as_deref())
    }

    fn wants_day(&self, facts: &KeyFacts) -> bool {
        facts.day.is_none_or(|day| self.wants_days(day, day))
    }

    /// The day in a key is when AWS wrote the object, so the window is a day wider on each side.
    fn wants_days(&self, first: Date, last: Date) -> bool {
        let earliest = self.window.since.map(day_of).map(|day| day.yesterday().unwrap_or(Date::MIN));
        let latest = self.window.until.map(|until| day_of(until.saturating_sub(1)));
        let latest = latest.map(|day| day.tomorrow().unwrap_or(Date::MAX));
        earliest.is_none_or(|earliest| last >= earliest) && latest.is_none_or(|latest| first <= latest)
    }
}

/// The UTC day of a Unix second.
fn day_of(second: i64) -> Date {
    let clamped = second.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Timestamp::from_second(clamped).map_or(Date::MIN, |time| TimeZone::UTC.to_datetime(time).date())
}

/// Suffixes of what lies beside logs and is none.
const OTHER_SUFFIXES: [&str; 20] = [
    ".json",
    ".json.gz",
    ".csv",
    ".csv.gz",
    ".md",
    ".html",
    ".htm",
    ".pdf",
    ".xml",
    ".xlsx",
    ".sql",
    ".toml",
    ".yaml",
    ".yml",
    ".tf",
    ".py",
    ".sh",
    ".png",
    ".crc",
    ".metadata",
];

/// Whether a key may be a flow log. In `AWSLogs/` only what AWS names so; elsewhere everything that is not plainly
/// something else, since the header line decides.
pub fn is_candidate(key: &str) -> bool {
    is_candidate_of(LogKind::FlowLogs, key)
}

/// The same for either kind of log. Resolver query logs are JSON, so that suffix is no sign against them.
pub fn is_candidate_of(kind: LogKind, key: &str) -> bool {
    let (folder, base) = key.rsplit_once('/').unwrap_or(("", key));
    let named =
        [FileName::parse(base).map(|_| LogKind::FlowLogs), QueryLogName::parse(base).map(|_| LogKind::ResolverQueries)];
    if let Some(named) = named.into_iter().flatten().next() {
        return named == kind;
    }
    let lower = base.to_ascii_lowercase();
    let plainly_other = base.is_empty()
        || base.starts_with(['.', '_'])
        || base.ends_with("_$folder$")
        || OTHER_SUFFIXES
            .iter()
            .filter(|suffix| kind == LogKind::FlowLogs || !suffix.starts_with(".json"))
            .any(|suffix| lower.ends_with(suffix))
        || is_other_service(base);
    let folder = Folder::parse_as(kind, folder);
    !plainly_other && (folder.is_of_kind || !folder.in_aws_logs)
}

/// `123456789012_CloudTrail_...`: AWS names the logs of its services alike.
fn is_other_service(base: &str) -> bool {
    let mut parts = base.split('_');
    let account = parts.next().is_some_and(|part| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit()));
    account && parts.next().is_some_and(|service| service != "vpcflowlogs") && parts.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-09-10T00:00:00Z
    const DAY: i64 = 1_788_998_400;
    const REGION: &str = "AWSLogs/123456789012/vpcflowlogs/us-east-1";

    fn ten_to_eleven() -> Selection {
        Selection { window: Window { since: Some(DAY + 36_000), until: Some(DAY + 39_600) }, ..Selection::default() }
    }

    fn wants(selection: &Selection, folder: &str) -> bool {
        selection.wants_folder(&Folder::parse(folder))
    }

    #[test]
    fn days_months_and_years_around_the_window() {
        let selection = ten_to_eleven();
        for (folder, wanted) in [
            ("2026", true),
            ("2025", false),
            ("2027", false),
            ("2026/09", true),
            ("2026/08", false),
            ("2026/10", false),
            ("2026/09/08", false),
            ("2026/09/09", true),
            ("2026/09/10", true),
            ("2026/09/10/23", true),
            ("2026/09/11", true),
            ("2026/09/12", false),
            ("year=2026/month=09/day=12", false),
            ("backup", true),
        ] {
            assert_eq!(wants(&selection, &format!("{REGION}/{folder}")), wanted, "{folder}");
        }
    }

    #[test]
    fn a_window_at_the_edge_of_a_year_reaches_into_the_next() {
        let mut selection = Selection::default();
        selection.window.until = Some(1_798_761_600); // 2027-01-01T00:00:00Z, not part of the window
        assert!(wants(&selection, &format!("{REGION}/2027")));
        assert!(wants(&selection, &format!("{REGION}/2027/01/01")));
        assert!(!wants(&selection, &format!("{REGION}/2027/01/02")));
        selection.window = Window { since: Some(1_798_761_600), until: None };
        assert!(wants(&selection, &format!("{REGION}/2026/12/31")));
        assert!(!wants(&selection, &format!("{REGION}/2026/12/30")));
        assert!(!wants(&selection, &format!("{REGION}/2026/11")));
    }

    #[test]
    fn the_time_in_the_name_is_finer_than_the_day() {
        let selection = ten_to_eleven();
        for (time, wanted) in [
            ("20260910T0855Z", false),
            ("20260910T0900Z", true),
            ("20260910T1030Z", true),
            ("20260911T1055Z", true),
            ("20260911T1100Z", false),
        ] {
            let name = format!("123456789012_vpcflowlogs_us-east-1_fl-1_{time}_ab.log.gz");
            assert_eq!(selection.wants_object(&KeyFacts::parse(&name)), wanted, "{time}");
        }
        assert!(selection.wants_object(&KeyFacts::parse(&format!("{REGION}/2026/09/11/part.gz"))));
        assert!(!selection.wants_object(&KeyFacts::parse(&format!("{REGION}/2026/09/12/part.gz"))));
        assert!(selection.wants_object(&KeyFacts::parse("anything.gz")));
    }

    #[test]
    fn accounts_and_regions() {
        let selection = Selection {
            account_ids: vec!["123456789012".to_owned()],
            regions: vec!["us-east-1".to_owned()],
            ..Selection::default()
        };
        assert!(wants(&selection, "AWSLogs"));
        assert!(wants(&selection, "AWSLogs/aws-account-id=123456789012"));
        assert!(!wants(&selection, "AWSLogs/210987654321"));
        assert!(!wants(&selection, "AWSLogs/123456789012/vpcflowlogs/eu-west-1"));
        let other = "210987654321_vpcflowlogs_us-east-1_fl-1_20260910T0855Z_ab.log.gz";
        assert!(!selection.wants_object(&KeyFacts::parse(other)));
    }

    #[test]
    fn candidates() {
        for (key, candidate) in [
            ("AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/09/10/garbage.bin", true),
            ("AWSLogs/123456789012/CloudTrail/us-east-1/2026/09/10/x.log.gz", false),
            ("AWSLogs/123456789012/AWSLogTestFile", false),
            ("AWSLogs/x/123456789012_vpcflowlogs_us-east-1_fl-1_20260910T0855Z_ab.log.gz", true),
            ("123456789012_vpcdnsquerylogs_vpc-1_20260910T0855Z_ab.log.gz", false),
            ("x/vpc-1_vpcdnsquerylogs_123456789012_20260910T0855Z_ab.log.gz", false),
            ("123456789012_elasticloadbalancing_us-east-1_app.log.gz", false),
            ("123456789012_flows", true),
            ("exports/flows-2026", true),
            ("exports/part-0001.gz", true),
            ("exports/_SUCCESS", false),
            ("exports/.part.crc", false),
            ("exports/logs_$folder$", false),
            ("inventory/describe-vpcs.JSON", false),
            ("exports/", false),
        ] {
            assert_eq!(is_candidate(key), candidate, "{key}");
        }
    }
}
