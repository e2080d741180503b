//! What a query sees of a row, and what is read for it.

use datafusion::arrow::util::display::array_value_to_string;
use offramp::record::key::KeyFacts;

use super::{Logs, RDP, SSH, V2};

fn key() -> KeyFacts {
    KeyFacts {
        account_id: Some("111122223333".into()),
        region: Some("eu-west-1".into()),
        flow_log_id: Some("fl-0123456789abcdef0".into()),
        ..KeyFacts::default()
    }
}

#[tokio::test]
async fn counting_needs_no_column() {
    let text = format!("{V2}\n{}", format!("{SSH}\n").repeat(1000));
    for batch_size in [1, 7, 8192] {
        let logs = Logs::of("a.log", &text).with("b.log", &text).batch_size(batch_size);
        assert_eq!(logs.rows("SELECT count(*) FROM flow_logs").await, ["2000"]);
    }
}

#[tokio::test]
async fn batches_keep_to_the_batch_size_and_lose_nothing() {
    let text = format!("{V2}\n{}", (0..100).map(|n| SSH.replace("20641", &n.to_string()) + "\n").collect::<String>());
    let logs = Logs::of("a.log", text).batch_size(7);
    let batches = logs.batches("SELECT srcport, bytes FROM flow_logs").await;
    assert!(batches.iter().all(|batch| batch.num_rows() <= 7));
    let ports =
        batches.iter().flat_map(|b| (0..b.num_rows()).map(|row| array_value_to_string(b.column(0), row).unwrap()));
    assert_eq!(ports.collect::<Vec<_>>(), (0..100).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn every_column_can_be_asked_for_and_absent_ones_are_null() {
    let logs = Logs::of("a.log", format!("{V2}\n{SSH}\n"));
    let batches = logs.batches("SELECT * FROM flow_logs").await;
    let row: Vec<_> = (0..56).map(|column| array_value_to_string(batches[0].column(column), 0).unwrap()).collect();
    assert_eq!(row[..14].join(" "), SSH);
    assert!(row[14..54].iter().all(String::is_empty), "{row:?}");
    assert_eq!(row[54..], ["a.log", "layout-b0d10ded"]);
}

#[tokio::test]
async fn columns_may_be_asked_for_twice_computed_or_in_another_order() {
    let logs = Logs::of("a.log", format!("{V2}\n{SSH}\n{RDP}\n"));
    let sql = "SELECT bytes * 2 AS twice, action, bytes, source_file FROM flow_logs WHERE dstport = 22";
    assert_eq!(logs.rows(sql).await, ["8498|ACCEPT|4249|a.log"]);
}

#[tokio::test]
async fn the_key_fills_what_the_row_does_not_say() {
    let unknown = SSH.replace("123456789010", "unknown");
    let absent = SSH.replace("123456789010", "-");
    let logs = Logs::new()
        .with_key("named.log", format!("{V2}\n{SSH}\n{unknown}\n{absent}\n"), key())
        .with_key("short.log", "srcaddr dstaddr start bytes region\n10.0.0.1 10.0.0.2 1 2 us-east-1\n", key())
        .with("plain.log", format!("{V2}\n{unknown}\n"));
    let sql = "SELECT source_file, account_id, region, flow_log_id FROM flow_logs ORDER BY 1, 2";
    assert_eq!(
        logs.rows(sql).await,
        [
            "named.log|111122223333|eu-west-1|fl-0123456789abcdef0",
            "named.log|111122223333|eu-west-1|fl-0123456789abcdef0",
            "named.log|123456789010|eu-west-1|fl-0123456789abcdef0",
            "plain.log|||layout-b0d10ded",
            "short.log|111122223333|us-east-1|fl-0123456789abcdef0",
        ]
    );
    let scanned = logs.summary().scanned;
    assert_eq!(scanned[0].flow_log_id.as_deref(), Some("fl-0123456789abcdef0"));
    assert_eq!(
        (scanned[0].account_id.as_deref(), scanned[1].flow_log_id.as_deref()),
        (Some("111122223333"), Some("layout-b0d10ded"))
    );
}

#[tokio::test]
async fn a_scan_of_nothing_is_empty() {
    let logs = Logs::new();
    assert_eq!(logs.rows("SELECT count(*) FROM flow_logs").await, ["0"]);
    assert!(logs.rows("SELECT srcaddr, bytes FROM flow_logs").await.is_empty());
}

#[tokio::test]
async fn reading_twice_counts_once_and_a_limit_counts_only_whole_objects() {
    let text = format!("{V2}\n{}", format!("{SSH}\n").repeat(50));
    let logs = Logs::of("a.log", &text).with("b.log", &text).batch_size(10);
    assert_eq!(logs.rows("SELECT bytes FROM flow_logs LIMIT 3").await.len(), 3);
    assert_eq!(logs.summary().records % 50, 0);
    let both =
        "SELECT count(*) FROM flow_logs a JOIN (SELECT DISTINCT source_file FROM flow_logs) b USING (source_file)";
    assert_eq!(logs.rows(both).await, ["100"]);
    let summary = logs.scan().await;
    assert_eq!((summary.objects, summary.records, summary.scanned.len()), (2, 100, 2));
}
