//! The fold against SQL: the rollup over `folded_flows` and `folded_hours` is the rollup over `flow_logs` row by row.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::util::display::array_value_to_string;
use datafusion::common::ScalarValue;
use offramp::observe::progress::Silent;
use offramp::pipeline::{Job, open, run};
use offramp::queries::{SCAN, UNFOLDED};
use proptest::prelude::*;

#[tokio::test]
async fn equal_on_the_sample() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    let rows = both(&root.join("flow-logs"), Some(&root.join("inventory")), None, None).await;
    assert!(rows > 4000);
}

/// Also between the forms of delivery: groups of Parquet and of messages are those of text.
#[cfg(feature = "world")]
#[tokio::test]
async fn equal_in_every_delivery() {
    use offramp::world::writer::{Layout, write_logs};
    use offramp::world::{Delivery, Peer, Watch, World, fields, sample};
    let mut world = World::new(sample::START, 2);
    let vpc = world.vpc("111122223333", "us-east-1", "10.0.0.0/16");
    let subnet = world.subnet(vpc, "10.0.1.0/24", "use1-az1", None);
    let (one, two) = (world.instance(subnet), world.instance(subnet));
    for (n, client) in [one, two, one].into_iter().enumerate() {
        let peer = Peer::Address(world.aws_address("S3", "us-east-1", n));
        world.flow(client, peer, (5_000_000, 70_000_000), (600 * n as i64, 3600));
    }
    world.flow_between(one, two, (1000, 2000), (0, 3600));
    world.flow_log(fields::V11, &[Watch::Vpc(vpc)]);
    let directory = tempfile::tempdir().unwrap();
    let mut rollups = Vec::new();
    for delivery in [Delivery::Gzip, Delivery::Parquet, Delivery::CloudWatch] {
        let logs = directory.path().join(format!("{delivery:?}"));
        // Names of the flow log are not in all of them, so in none.
        for file in write_logs(&world, &logs, &Layout { delivery, ..Layout::default() }).unwrap() {
            let name = format!("{}.log", file.file_name().unwrap().to_str().unwrap().rsplit('-').next().unwrap());
            std::fs::rename(&file, logs.join(name)).unwrap();
        }
        let rows = rollup_as(fields::V11, &logs, None, None, None, Way::Folded).await;
        assert_eq!(rows, rollup_as(fields::V11, &logs, None, None, None, Way::RowByRow).await, "{delivery:?}");
        rollups.push(rows);
    }
    assert!(rollups[0].len() > 6 && rollups.iter().all(|rows| *rows == rollups[0]));
}

/// A gzip object too large to be inflated at once, of two members, whose peers are nearly all new; then cut off.
#[cfg(feature = "world")]
#[tokio::test(flavor = "multi_thread")]
async fn equal_on_a_large_object() {
    use std::io::Write as _;
    let mut random = fastrand::Rng::with_seed(3);
    let mut line = |n: i64| {
        let (start, peer) = (1_790_000_000 + n % 7000, u32::to_be_bytes(random.u32(0x0800_0000..0x0900_0000)));
        let peer = std::net::Ipv4Addr::from(peer);
        // Nobody reads this column; it keeps gzip from making the object small.
        let noise: String = std::iter::repeat_with(|| random.alphanumeric()).take(220).collect();
        format!(
            "5 111122223333 eni-{} 10.0.0.5 {peer} {} 443 6 1 {n} {start} {} ACCEPT OK 10.0.0.5 {peer} 2 egress 8 {noise} - -\n",
            n % 3,
            32_768 + n % 20_000,
            start + 60
        )
    };
    let lines: Vec<String> = (0..60_000).map(&mut line).collect();
    let member = |lines: &[String]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writeln!(encoder, "{HEADER}").unwrap();
        lines.iter().for_each(|line| encoder.write_all(line.as_bytes()).unwrap());
        encoder.finish().unwrap()
    };
    let stored = [member(&lines[..30_000]), member(&lines[30_000..])].concat();
    assert!(stored.len() > 8 << 20, "{}", stored.len());
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("large.log.gz");
    std::fs::write(&file, &stored).unwrap();
    let rows = both(directory.path(), None, None, None).await;
    assert!((6..1000).contains(&rows), "{rows}");
    let coverage = async || {
        let job = Job { sources: vec![directory.path().to_str().unwrap().parse().unwrap()], ..Job::default() };
        run(&job, Arc::new(Silent)).await.unwrap().report().await.unwrap().coverage
    };
    let whole = coverage().await;
    assert_eq!((whole.records, whole.malformed, whole.damaged.len()), (60_000, 0, 0));
    std::fs::write(&file, &stored[..stored.len() - 1_000_000]).unwrap();
    let cut = coverage().await;
    assert!(cut.records > 50_000 && cut.records < 59_000 && cut.malformed == 0, "{}", cut.records);
    assert!(cut.damaged[0].reason.starts_with("truncated gzip"), "{:?}", cut.damaged);
    std::fs::write(&file, [&stored, &b"junk"[..]].concat()).unwrap();
    let trailed = coverage().await;
    assert_eq!(trailed.records, 60_000);
    assert!(trailed.damaged[0].reason.contains("other data after"), "{:?}", trailed.damaged);
}

/// Rows of Parquet that repeat, with bad ones between them, in row groups whose dictionaries differ.
#[tokio::test]
async fn equal_where_rows_of_parquet_repeat() {
    use crate::decode::parquet::{Absent, Numbers, columns, file};
    let line = |n: i64| {
        let start = 1_790_000_000 + n * 7 % 20_000;
        // Out of range, ends before it starts, not an address, no word of AWS.
        let (bytes, end, peer, action) = match n % 211 {
            0 => (-1, start + 60, "52.216.1.1".to_owned(), "ACCEPT"),
            1 => (n, start - 1, "52.216.1.1".to_owned(), "ACCEPT"),
            2 => (n, start + 60, "52.216.1".to_owned(), "ACCEPT"),
            3 => (n, start + 60, "52.216.1.1".to_owned(), "ALLOW"),
            _ => {
                (n, start + 60, format!("52.216.{}.{}", n / 4000, n % 37), if n % 5 == 0 { "REJECT" } else { "ACCEPT" })
            }
        };
        let (egress, path) = if n % 3 == 0 { ("ingress", "-") } else { ("egress", "8") };
        format!(
            "5 111122223333 eni-{} 10.0.0.5 {peer} {} 443 6 {} {bytes} {start} {end} {action} OK 10.0.0.5 {peer} {} {egress} {path} - - -",
            n % 3,
            1000 * (n % 40),
            n % 9,
            [2, 18, 0][n as usize % 3]
        )
    };
    let lines: Vec<String> = (0..12_000).map(line).collect();
    let text = format!("{HEADER}\n{}", lines.join("\n"));
    let bad = (0..12_000).filter(|n| n % 211 < 4).count() as u64;
    let coverage = async |logs: &Path| {
        let job = Job { sources: vec![logs.to_str().unwrap().parse().unwrap()], ..Job::default() };
        let coverage = run(&job, Arc::new(Silent)).await.unwrap().report().await.unwrap().coverage;
        (coverage.records, coverage.malformed, coverage.damaged.len())
    };
    let directory = tempfile::tempdir().unwrap();
    let as_text = directory.path().join("text");
    std::fs::create_dir(&as_text).unwrap();
    std::fs::write(as_text.join("a.log"), &text).unwrap();
    let expected = rollup(&as_text, None, None, None, Way::RowByRow).await;
    assert_eq!(coverage(&as_text).await, (12_000 - bad, bad, 0));
    for (numbers, absent) in [
        (Numbers::Int32, Absent::Null),
        (Numbers::Int64, Absent::Is("None")),
        (Numbers::Int64, Absent::Is("-")),
        (Numbers::Double, Absent::Null),
    ] {
        let logs = directory.path().join(format!("{numbers:?} {absent:?}"));
        std::fs::create_dir(&logs).unwrap();
        std::fs::write(logs.join("a.log.parquet"), file(columns(&text, numbers, absent), 5000)).unwrap();
        assert_eq!(rollup(&logs, None, None, None, Way::Folded).await, expected, "{numbers:?} {absent:?}");
        both(&logs, None, Some(1_790_003_600), Some(1_790_010_000)).await;
        assert_eq!(coverage(&logs).await, (12_000 - bad, bad, 0), "{numbers:?} {absent:?}");
    }
}

#[tokio::test]
async fn equal_within_a_window() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    // Cuts hours and slots in two.
    let since = "2026-10-05T07:13:20Z".parse::<jiff::Timestamp>().unwrap().as_second();
    both(&root.join("flow-logs"), Some(&root.join("inventory")), Some(since), Some(since + 40_001)).await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn equal_on_random_logs(lines in prop::collection::vec(line(), 1..300), inventory in any::<bool>()) {
        let dir = tempfile::tempdir().unwrap();
        let mut text = format!("{HEADER}\n");
        for line in lines {
            writeln!(text, "{line}").unwrap();
        }
        std::fs::write(dir.path().join("random.log"), text).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data/inventory");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(both(dir.path(), inventory.then_some(root.as_path()), None, None));
    }
}

const HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action \
    log-status pkt-srcaddr pkt-dstaddr tcp-flags flow-direction traffic-path ecs-service-name pkt-dst-aws-service resource-id";

/// Few values a field, so that lines meet in groups; some lines are malformed.
fn line() -> impl Strategy<Value = String> {
    let address = || {
        prop::sample::select(vec![
            "10.0.0.5",
            "10.0.0.6",
            "10.1.2.3",
            "52.216.1.1",
            "52.216.1.2",
            "52.217.9.9",
            "3.5.140.9",
            "8.8.8.8",
            "8.8.4.4",
            "54.239.1.1",
            "13.32.0.1",
            "2600:1f18::1",
            "fd00::1",
            "64:ff9b::808:808",
            "-",
        ])
    };
    let port = || {
        prop::sample::select(vec!["22", "443", "80", "1024", "8080", "32767", "32768", "50000", "65535", "65536", "-"])
    };
    let number = || prop::sample::select(vec!["1", "1400", "9223372036854775807", "x", "-"]);
    (
        (prop::sample::select(vec!["111122223333", "unknown", "-"]), prop::sample::select(vec!["eni-1", "eni-2", "-"])),
        (address(), address(), address(), address()),
        (port(), port(), prop::sample::select(vec!["6", "17", "1"])),
        (number(), number()),
        (0..20_000_i64, 0..900_i64),
        prop::sample::select(vec!["ACCEPT OK", "ACCEPT OK", "ACCEPT OK", "REJECT OK", "- NODATA", "- SKIPDATA", "MAYBE OK"]),
        (prop::sample::select(vec!["0", "2", "3", "18", "19", "-"]), prop::sample::select(vec!["ingress", "egress", "-"])),
        (prop::sample::select(vec!["1", "2", "7", "8", "-"]), prop::sample::select(vec!["shop", "cart", "-"])),
        (prop::sample::select(vec!["S3", "AMAZON", "-"]), prop::sample::select(vec!["nat-1", "-", "-"])),
    )
        .prop_map(|((account, eni), (src, dst, psrc, pdst), (sp, dp, proto), (packets, bytes), (start, length), status, (flags, way), (path, ecs), (code, resource))| {
            let start = 1_790_000_000 + start;
            format!(
                "5 {account} {eni} {src} {dst} {sp} {dp} {proto} {packets} {bytes} {start} {} {status} {psrc} {pdst} {flags} {way} {path} {ecs} {code} {resource}",
                start + length
            )
        })
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    RowByRow,
    Folded,
    FoldedToBeExplained,
}

/// Rolls up in all ways, compares, and returns the number of rows.
async fn both(logs: &Path, inventory: Option<&Path>, since: Option<i64>, until: Option<i64>) -> usize {
    let unfolded = rollup(logs, inventory, since, until, Way::RowByRow).await;
    for way in [Way::Folded, Way::FoldedToBeExplained] {
        let folded = rollup(logs, inventory, since, until, way).await;
        for (key, row) in &unfolded {
            assert_eq!(folded.get(key), Some(row), "{key}");
        }
        assert_eq!(folded.len(), unfolded.len());
    }
    unfolded.len()
}

async fn rollup(
    logs: &Path,
    inventory: Option<&Path>,
    since: Option<i64>,
    until: Option<i64>,
    way: Way,
) -> BTreeMap<String, String> {
    rollup_as(HEADER, logs, inventory, since, until, way).await
}

/// The same with the columns of files without header.
async fn rollup_as(
    log_format: &str,
    logs: &Path,
    inventory: Option<&Path>,
    since: Option<i64>,
    until: Option<i64>,
    way: Way,
) -> BTreeMap<String, String> {
    let mut job = Job {
        log_format: Some(log_format.to_owned()),
        sources: vec![logs.to_str().unwrap().parse().unwrap()],
        inventory: inventory.map(Into::into),
        explained: way == Way::FoldedToBeExplained,
        ..Job::default()
    };
    job.selection.window.since = since;
    job.selection.window.until = until;
    let session = open(&job, Arc::new(Silent)).await.unwrap();
    let ctx = session.context();
    if way == Way::RowByRow {
        let values = vec![("since", ScalarValue::Int64(since)), ("until", ScalarValue::Int64(until))];
        let records = ctx.sql(UNFOLDED.sql).await.unwrap().with_param_values(values).unwrap().cache().await.unwrap();
        for table in ["folded_flows", "folded_hours"] {
            ctx.deregister_table(table).unwrap();
            ctx.register_table(table, records.clone().into_view()).unwrap();
        }
    }
    // What the header lines tell beside the records.
    let told = "SELECT DISTINCT flow_log_id, 0 AS fields, false AS has_packet_fields, true AS has_interface_id FROM folded_flows";
    ctx.register_table("scanned_flow_logs", ctx.sql(told).await.unwrap().into_view()).unwrap();
    for step in &SCAN {
        let frame = ctx.sql(step.query.sql).await.unwrap();
        let frame = if step.is_view { frame } else { frame.cache().await.unwrap() };
        ctx.register_table(step.table, frame.into_view()).unwrap();
    }
    let mut rows = BTreeMap::new();
    for batch in ctx.table("rollup").await.unwrap().collect().await.unwrap() {
        let measures = batch.schema().index_of("records").unwrap();
        for row in 0..batch.num_rows() {
            let text = |columns: std::ops::Range<usize>| {
                let mut out = String::new();
                for column in columns {
                    write!(out, "{}|", array_value_to_string(batch.column(column), row).unwrap()).unwrap();
                }
                out
            };
            let before = rows.insert(text(0..measures), text(measures..batch.num_columns()));
            assert!(before.is_none(), "one row a key");
        }
    }
    rows
}
