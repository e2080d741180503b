//! The header line decides the columns.

use offramp::{
    Error,
    source::{
        ledger::Ledger,
        provider::{DecodeOptions, FlowLogTable},
    },
};

use super::{Logs, RDP, SSH, V2, gzip, reasons};

const SEEN: &str = "SELECT srcaddr, dstaddr, srcport, bytes, start, log_status FROM flow_logs ORDER BY srcaddr";

#[tokio::test]
async fn the_default_format_with_and_without_header() {
    let expected =
        ["172.31.16.139|172.31.16.21|20641|4249|1418530010|OK", "172.31.9.69|172.31.9.12|49761|4249|1418530010|OK"];
    for text in [format!("{V2}\n{SSH}\n{RDP}\n"), format!("{SSH}\n{RDP}"), format!("\n  \n\n{V2}\n{SSH}\n{RDP}\n")] {
        assert_eq!(Logs::of("a.log", &text).rows(SEEN).await, expected, "{text}");
        assert_eq!(Logs::of("a.log.gz", gzip(&text)).rows(SEEN).await, expected, "{text}");
    }
}

#[tokio::test]
async fn any_order_and_spelling() {
    let names = "action bytes dst-new-thing dstaddr end log_status pkt_dstaddr pkt-srcaddr srcaddr start tcp-flags";
    let row = "ACCEPT 77 whatever 10.0.0.2 160 OK 192.0.2.9 10.0.0.1 10.0.0.7 100 19";
    let logs = Logs::of("a.log", format!("{names}\n{row}\n"));
    let sql =
        "SELECT srcaddr, dstaddr, pkt_srcaddr, pkt_dstaddr, bytes, start, \"end\", tcp_flags, action FROM flow_logs";
    assert_eq!(logs.rows(sql).await, ["10.0.0.7|10.0.0.2|10.0.0.1|192.0.2.9|77|100|160|19|ACCEPT"]);
    let scanned = logs.summary().scanned;
    assert_eq!(scanned[0].fields.join(" "), names.replace('-', "_"));
}

#[tokio::test]
async fn a_log_format_speaks_for_files_without_header_only() {
    let logs = Logs::of("bare.log", "10.0.0.1 10.0.0.2 5 100\n10.0.0.3 10.0.0.2 6 100\n")
        .with("headed.log", format!("{V2}\n{SSH}\n"))
        .log_format("${srcaddr} ${dstaddr} ${bytes} ${start}");
    let rows = logs.rows("SELECT source_file, srcaddr, bytes FROM flow_logs ORDER BY 1, 2").await;
    assert_eq!(rows, ["bare.log|10.0.0.1|5", "bare.log|10.0.0.3|6", "headed.log|172.31.16.139|4249"]);
}

#[test]
fn a_log_format_that_cannot_work_is_a_usage_error() {
    let options =
        DecodeOptions { log_format: Some("${srcaddr} ${dstaddr} ${start}".into()), ..DecodeOptions::default() };
    let error = FlowLogTable::new(Vec::new(), options, Ledger::default().into()).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(matches!(&error, Error::Usage(text) if text.contains("--log-format") && text.contains("bytes")), "{error}");
}

#[tokio::test]
async fn a_header_again_is_no_row_and_no_malformed_line() {
    let logs = Logs::of("a.log", format!("{V2}\n{SSH}\n{V2}\n{RDP}\n{V2}\n"));
    assert_eq!(logs.rows(SEEN).await.len(), 2);
    assert_eq!((logs.summary().malformed, logs.summary().records), (0, 2));
}

#[tokio::test]
async fn another_header_in_the_middle_changes_the_columns() {
    let other = "bytes start dstaddr srcaddr\n9 100 10.0.0.2 10.0.0.1";
    for batch_size in [1, 8192] {
        let logs = Logs::of("joined.log", format!("{V2}\n{SSH}\n{other}\n{V2}\n{RDP}\n")).batch_size(batch_size);
        let rows = logs.rows("SELECT srcaddr, bytes, action FROM flow_logs ORDER BY srcaddr").await;
        assert_eq!(rows, ["10.0.0.1|9|", "172.31.16.139|4249|ACCEPT", "172.31.9.69|4249|REJECT"]);
        assert_eq!(logs.summary().malformed, 0);
    }
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_by_object_and_says_why() {
    let logs = Logs::of("good.log", format!("{V2}\n{SSH}\n"))
        .with("no-bytes.log", "version srcaddr dstaddr end\n2 10.0.0.1 10.0.0.2 5\n")
        .with("no-peer.log", "version srcaddr pkt-dstaddr bytes start\n2 10.0.0.1 10.0.0.2 5 6\n")
        .with(
            "tgw.log",
            "version tgw-attachment-id srcaddr dstaddr bytes start\n6 tgw-attach-1 10.0.0.1 10.0.0.2 1 1\n",
        )
        .with("gcp.json", "{\"jsonPayload\":{\"bytes_sent\":\"1\"}}\n")
        .with("table.csv", "version,account_id,srcaddr\n2,1,10.0.0.1\n")
        .with(
            "elb.log",
            "https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817\n",
        );
    assert_eq!(logs.rows("SELECT count(*) FROM flow_logs").await, ["1"]);
    let summary = logs.summary();
    let refused: Vec<_> = summary.damaged.iter().map(|d| (d.object.as_str(), d.records)).collect();
    let names = ["elb.log", "gcp.json", "no-bytes.log", "no-peer.log", "table.csv", "tgw.log"];
    assert_eq!(refused, names.map(|name| (name, 0)));
    let reason = |name: &str| summary.damaged.iter().find(|d| d.object == name).unwrap().reason.clone();
    assert!(reason("no-bytes.log").contains("no start, bytes"), "{}", reason("no-bytes.log"));
    assert!(reason("no-peer.log").contains("no dstaddr"), "{}", reason("no-peer.log"));
    assert!(reason("tgw.log").contains("no tgw-id"), "{}", reason("tgw.log"));
    assert!(reason("gcp.json").starts_with("Google Cloud log entries"));
    assert!(reason("table.csv").starts_with("comma-separated values"));
    assert!(reason("elb.log").starts_with("load balancer access logs"));
    assert_eq!((summary.objects, summary.malformed), (7, 0));
    assert_eq!(reasons(&summary), []);
}

#[tokio::test]
async fn transit_gateway_logs_are_judged_and_give_no_rows() {
    let header = "version resource-type account-id tgw-id tgw-attachment-id srcaddr dstaddr packets bytes start end";
    let row = |start: &str| format!("6 TransitGateway 123456789010 tgw-1 - 10.0.0.1 10.0.0.2 1 1 {start} 9\n");
    let logs = Logs::of("good.log", format!("{V2}\n{SSH}\n"))
        .with("tgw.log", format!("{header}\n{}{}", row("1"), row("x") + &row("1").replace("tgw-1", "-")));
    assert_eq!(logs.rows("SELECT count(*) FROM flow_logs").await, ["1"]);
    let summary = logs.summary();
    assert_eq!((summary.objects, summary.transit_gateway_objects, summary.records), (1, 1, 1));
    let bad = std::collections::BTreeMap::from_iter(reasons(&summary));
    assert_eq!(bad, [("not a number in start", 1), ("unknown tgw-id", 1)].into());
    assert!(summary.damaged.is_empty() && summary.scanned.len() == 1);
}
