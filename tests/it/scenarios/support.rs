//! Runs `offramp report` over a world and compares its traffic with the truth.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::Path;

use offramp::report::model::{Opportunity, Report};
use offramp::world::writer::Layout;
use offramp::world::{Flow, TruthRow, World, inventory_json, writer};

/// A report and the exit code it came with.
pub struct Outcome {
    pub report: Report,
    pub exit: u8,
}

/// Logs and inventory in a temporary directory, then `offramp report --format json`, which must end with code 0.
pub async fn report(world: &World) -> Report {
    let outcome = report_with(world, &Layout::default(), &[]).await;
    assert_eq!(outcome.exit, 0, "exit code; missing prices: {:?}", outcome.report.prices.missing);
    outcome.report
}

/// The same with a file layout and further arguments; any exit code.
pub async fn report_with(world: &World, layout: &Layout, more: &[&str]) -> Outcome {
    let directory = tempfile::tempdir().unwrap();
    writer::write_logs(world, &directory.path().join("logs"), layout).unwrap();
    inventory_json::write_inventory(world, &directory.path().join("inventory")).unwrap();
    report_of(&directory.path().join("logs"), Some(&directory.path().join("inventory")), more).await
}

/// A report of a directory.
pub async fn report_of(logs: &Path, inventory: Option<&Path>, more: &[&str]) -> Outcome {
    let mut args: Vec<OsString> = vec!["offramp".into(), "report".into(), logs.into()];
    if let Some(inventory) = inventory {
        args.extend(["--inventory".into(), inventory.into()]);
    }
    args.extend(["--format".into(), "json".into()]);
    args.extend(more.iter().map(OsString::from));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = offramp::cli::run(args, &mut out, &mut err).await;
    let report = serde_json::from_slice(&out).unwrap_or_else(|error| {
        panic!(
            "{error}; exit {exit}, stdout {}, stderr {}",
            String::from_utf8_lossy(&out),
            String::from_utf8_lossy(&err)
        )
    });
    Outcome { report, exit }
}

/// What the bytes are summed by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub vpc: String,
    pub zone: String,
    pub service: String,
    pub peer_region: String,
    pub path: String,
    pub via: String,
    pub direction: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { vpc, zone, service, peer_region, path, via, direction } = self;
        write!(f, "{vpc} {zone} {service} {peer_region} {path} via {via} {direction}")
    }
}

/// Bytes by key.
pub type Bytes = BTreeMap<Key, u64>;

/// Bytes of the report. Private pairs (service `private`) are left out: either end may stand for them, see [`pair`].
pub fn traffic(report: &Report) -> Bytes {
    let dash = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let mut bytes = Bytes::new();
    for row in report.traffic.iter().filter(|row| row.bytes > 0 && row.service != "private") {
        let key = Key {
            vpc: dash(&row.vpc_id),
            zone: dash(&row.az_id),
            service: row.service.clone(),
            peer_region: dash(&row.peer_region),
            path: row.path.clone(),
            via: dash(&row.via),
            direction: row.direction.clone(),
        };
        *bytes.entry(key).or_default() += row.bytes;
    }
    bytes
}

/// Bytes of the truth, private pairs left out.
pub fn truth(world: &World) -> Bytes {
    truth_of(world, |_| true)
}

/// Bytes of the truth of some flows.
pub fn truth_of(world: &World, wanted: impl Fn(&Flow) -> bool) -> Bytes {
    keyed(&world.truth_of(wanted))
}

/// Bytes of truth rows by key, private pairs left out.
pub fn keyed(rows: &[TruthRow]) -> Bytes {
    let dash = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let mut bytes = Bytes::new();
    for row in rows.iter().filter(|row| row.bytes > 0 && row.service != "private") {
        let key = Key {
            vpc: row.vpc_id.clone(),
            zone: row.az_id.clone(),
            service: row.service.clone(),
            peer_region: dash(&row.peer_region),
            path: row.path.clone(),
            via: dash(&row.via),
            direction: row.direction.clone(),
        };
        *bytes.entry(key).or_default() += row.bytes;
    }
    bytes
}

/// Fails with one line per key whose bytes differ.
#[track_caller]
pub fn assert_same(got: &Bytes, expected: &Bytes) {
    let mut lines = Vec::new();
    for (key, bytes) in expected {
        let found = got.get(key).copied().unwrap_or(0);
        if found != *bytes {
            lines.push(format!("{key}: expected {bytes}, got {found}"));
        }
    }
    for (key, bytes) in got.iter().filter(|(key, _)| !expected.contains_key(key)) {
        lines.push(format!("{key}: expected nothing, got {bytes}"));
    }
    assert!(!expected.is_empty(), "nothing expected: the test would prove nothing");
    assert!(lines.is_empty(), "\n{}", lines.join("\n"));
}

/// Bytes from the first subnet to the second and back, as counted at whichever end stands for them.
pub fn pair(report: &Report, path: &str, one: &str, two: &str) -> (u64, u64) {
    let sum = |subnet: &str, direction: &str| -> u64 {
        let mine = report.traffic.iter().filter(|row| row.service == "private" && row.path == path);
        let mine = mine.filter(|row| row.subnet_id.as_deref() == Some(subnet) && row.direction == direction);
        mine.map(|row| row.bytes).sum()
    };
    (sum(one, "outbound") + sum(two, "inbound"), sum(two, "outbound") + sum(one, "inbound"))
}

/// Opportunities of a kind.
pub fn of_kind<'r>(report: &'r Report, kind: &str) -> Vec<&'r Opportunity> {
    report.opportunities.iter().filter(|opportunity| opportunity.kind == kind).collect()
}

/// Equal within a hundredth of a cent.
#[track_caller]
pub fn assert_usd(got: Option<f64>, expected: f64) {
    let got = got.expect("a figure, not null");
    assert!((got - expected).abs() < 1e-4 * expected.abs().max(1.0), "got {got}, expected {expected}");
}
