//! Resolver query logs through the program: what is found, read, counted and refused.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

use flate2::{Compression, write::GzEncoder};
use offramp::report::model::Report;

/// 2026-09-01T10:00:00Z
const TEN: i64 = 1_788_256_800;
const HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action \
    log-status vpc-id pkt-srcaddr pkt-dstaddr region pkt-dst-aws-service";
/// AMAZON and nothing else in us-east-1.
const ADDRESS: &str = "52.46.130.1";

fn flow(code: &str, bytes: u64) -> String {
    let (start, end) = (TEN + 60, TEN + 120);
    format!(
        "5 111122223333 eni-0a1 10.0.1.5 {ADDRESS} 40000 443 6 10 {bytes} {start} {end} ACCEPT OK vpc-0a1 10.0.1.5 {ADDRESS} us-east-1 {code}\n"
    )
}

fn query(time: &str, name: &str) -> String {
    format!(
        r#"{{"account_id":"111122223333","region":"us-east-1","vpc_id":"vpc-0a1","query_timestamp":"{time}","query_name":"{name}.","rcode":"NOERROR","answers":[{{"Rdata":"{ADDRESS}","Type":"A","Class":"IN"}}],"srcaddr":"10.0.1.5"}}"#
    )
}

fn sqs(time: &str) -> String {
    query(time, "sqs.us-east-1.amazonaws.com")
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

async fn run(command: &str, root: &Path, more: &[&str]) -> (u8, String, String) {
    let mut args: Vec<OsString> = vec!["offramp".into(), command.into(), root.into(), "--resolver".into(), root.into()];
    args.extend(more.iter().map(OsString::from));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = offramp::cli::run(args, &mut out, &mut err).await;
    (exit, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

async fn report(root: &Path, more: &[&str]) -> (u8, Report) {
    let more: Vec<_> = ["--format", "json"].iter().chain(more).copied().collect();
    let (exit, out, err) = run("report", root, &more).await;
    (exit, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {err}")))
}

/// A bucket as AWS fills it: both kinds of log side by side.
fn bucket(flows: &str, queries: &[u8]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let account = root.path().join("AWSLogs/111122223333");
    let name = "111122223333_vpcflowlogs_us-east-1_fl-0a1_20260901T1005Z_ab.log.gz";
    write(&account.join("vpcflowlogs/us-east-1/2026/09/01").join(name), &gzip(&format!("{HEADER}\n{flows}")));
    let name = "vpc-0a1_vpcdnsquerylogs_111122223333_20260901T0955Z_cd.log.gz";
    write(&account.join("vpcdnsquerylogs/vpc-0a1/2026/09/01").join(name), queries);
    root
}

#[tokio::test]
async fn both_kinds_of_log_under_one_prefix() {
    let good = sqs("2026-09-01T09:55:00Z");
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(&good).unwrap()).unwrap();
    for stored in [
        gzip(&format!("{good}\n{good}\n")),
        good.repeat(2).into_bytes(),
        format!("[{good},\n{good}]").into_bytes(),
        format!("{pretty}\n{pretty}\n").into_bytes(),
        format!("[\n{pretty},\n{pretty}\n]").into_bytes(),
    ] {
        let root = bucket(&flow("AMAZON", 700), &stored);
        let (exit, report) = report(root.path(), &[]).await;
        assert_eq!(exit, 0);
        let row = &report.traffic[0];
        assert_eq!((row.service.as_str(), row.service_evidence.as_deref(), row.bytes), ("sqs", Some("dns"), 700));
        let resolver = report.coverage.resolver.unwrap();
        assert_eq!((resolver.objects, resolver.records, resolver.malformed), (1, 2, 0));
        assert_eq!((report.coverage.objects, report.coverage.malformed), (1, 0));
    }
}

#[tokio::test]
async fn a_code_stays_where_a_name_disagrees() {
    for (name, conflict) in
        [("sqs.us-east-1.amazonaws.com", 700), ("b.s3.us-east-1.amazonaws.com", 0), ("x.example", 0)]
    {
        let queries = query("2026-09-01T09:55:00Z", name);
        let root = bucket(&flow("S3", 700), &gzip(&queries));
        let (_, report) = report(root.path(), &[]).await;
        let row = &report.traffic[0];
        assert_eq!((row.service.as_str(), row.service_evidence.as_deref()), ("s3", Some("flow_field")), "{name}");
        assert_eq!((report.coverage.dns_conflict_bytes, report.coverage.dns_ambiguous_bytes), (conflict, 0), "{name}");
    }
}

#[tokio::test]
async fn malformed_records_and_damaged_objects_are_counted() {
    let good = sqs("2026-09-01T09:55:00Z");
    let text = format!("{good}\n{{\"query_name\":\"x.\"}}\nprose\n{good}\n");
    let root = bucket(&flow("AMAZON", 700), &gzip(&text));
    let whole = gzip(&format!("{good}\n").repeat(300));
    let path = "AWSLogs/111122223333/vpcdnsquerylogs/vpc-0a1/2026/09/01/vpc-0a1_vpcdnsquerylogs_111122223333_20260901T0950Z_ef.log.gz";
    write(&root.path().join(path), &whole[..whole.len() - 9]);
    let (exit, report) = report(root.path(), &[]).await;
    assert_eq!((exit, report.traffic[0].service.as_str()), (1, "sqs"));
    let resolver = report.coverage.resolver.unwrap();
    assert_eq!((resolver.objects, resolver.malformed), (2, 2));
    let reasons: Vec<_> = resolver.malformed_by_reason.iter().map(|r| (r.reason.as_str(), r.samples[0].line)).collect();
    assert_eq!(reasons, [("not a JSON object", 3), ("no or bad query_timestamp", 2)]);
    assert_eq!(resolver.damaged.len(), 1);
    let (_, table, _) = run("report", root.path(), &[]).await;
    for line in
        ["2 query log objects, 30", "2 malformed query records were left out", "1 query log objects are damaged"]
    {
        assert!(table.contains(line), "{line} in {table}");
    }
    assert!(resolver.damaged[0].reason.contains("truncated") && resolver.damaged[0].object.ends_with("_ef.log.gz"));
}

#[tokio::test]
async fn the_window_reaches_back_by_the_look_back() {
    // A query on the day before the window: its object is read, since it may name the window's first addresses.
    let root = bucket(&flow("AMAZON", 700), &gzip(&query("2026-09-01T09:55:00Z", "other.example")));
    let folder = root.path().join("AWSLogs/111122223333/vpcdnsquerylogs/vpc-0a1/2026/08/28");
    write(
        &folder.join("vpc-0a1_vpcdnsquerylogs_111122223333_20260828T1200Z_01.log.gz"),
        &gzip(&sqs("2026-08-28T12:00:00Z")),
    );
    let window = ["--since", "2026-09-01T10:00:00Z", "--until", "2026-09-01T11:00:00Z"];
    let objects = async |more: &[&str]| {
        let more: Vec<_> = window.iter().chain(more).copied().collect();
        let (_, report) = report(root.path(), &more).await;
        (report.coverage.resolver.unwrap().objects, report.coverage.dns_ambiguous_bytes)
    };
    assert_eq!(objects(&[]).await, (1, 0));
    assert_eq!(objects(&["--dns-lookback", "5d"]).await, (2, 700));
    let (_, table, _) = run("report", root.path(), &["--dns-lookback", "5d"]).await;
    assert!(table.contains("DNS ambiguous"), "{table}");
}

#[tokio::test]
async fn the_answers_are_tables_too() {
    let root = bucket(&flow("AMAZON", 700), &gzip(&sqs("2026-09-01T09:55:00Z")));
    let sql = "SELECT service, covered, queries, names FROM resolver_answers WHERE address IS NOT NULL";
    let (exit, out, err) = run("sql", root.path(), &["--format", "csv", "-c", sql]).await;
    assert_eq!(
        (exit, out.as_str()),
        (0, "service,covered,queries,names\nsqs,true,1,sqs.us-east-1.amazonaws.com\n"),
        "{err}"
    );
    let sql = "SELECT count(*) AS n, max(query_time) AS t FROM resolver_log";
    let (_, out, _) = run("sql", root.path(), &["--format", "csv", "-c", sql]).await;
    assert_eq!(out, format!("n,t\n1,{}\n", TEN - 300));
}

#[tokio::test]
async fn a_source_without_query_logs_says_so() {
    let root = bucket(&flow("AMAZON", 700), &gzip(&sqs("2026-09-01T09:55:00Z")));
    let flows = root.path().join("AWSLogs/111122223333/vpcflowlogs");
    let (exit, _, err) = run("report", &flows, &[]).await;
    assert_eq!(exit, 4);
    assert!(err.contains("no Resolver query log objects in"), "{err}");
    let (exit, _, err) = run("report", root.path(), &["--dns-lookback", "soon"]).await;
    assert_eq!(exit, 2);
    assert!(err.contains("24h"), "{err}");
}
