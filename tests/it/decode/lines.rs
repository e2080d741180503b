//! Good and malformed lines.

use super::{Logs, RDP, SSH, V2, reasons};

#[tokio::test]
async fn a_malformed_line_is_counted_and_costs_no_good_row() {
    let text = format!("{V2}\n{SSH}\nbogus line\n{RDP}\n{SSH} extra\n{}\n", SSH.replace("20641", "http"));
    let logs = Logs::of("a.log", text);
    assert_eq!(logs.rows("SELECT srcport FROM flow_logs ORDER BY 1").await, ["20641", "49761"]);
    let summary = logs.summary();
    assert_eq!(reasons(&summary), [("too few columns", 1), ("too many columns", 1), ("not a number in srcport", 1)]);
    let sample = &summary.by_reason[0].samples[0];
    assert_eq!((sample.object.as_str(), sample.line, sample.text.as_str()), ("a.log", 3, "bogus line"));
}

#[tokio::test]
async fn a_line_is_judged_alike_whatever_the_query_asks() {
    let text = format!("{V2}\n{}\n{}\n", SSH.replace("172.31.16.21", "172.31.16.999"), SSH.replace(" 22 ", " 99999 "));
    let expected = [("number too large in dstport", 1), ("bad address in dstaddr", 1)];
    for sql in ["SELECT count(*) FROM flow_logs", "SELECT interface_id FROM flow_logs", "SELECT * FROM flow_logs"] {
        let logs = Logs::of("a.log", &text);
        logs.rows(sql).await;
        let summary = logs.summary();
        let mut found = reasons(&summary);
        found.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(found, expected, "{sql}");
    }
}

#[tokio::test]
async fn carriage_returns_runs_of_spaces_and_a_byte_order_mark_are_tolerated() {
    let text = format!("\u{feff}{V2}\r\n{}\r\n\r\n{RDP}\r\n", SSH.replace(' ', "  "));
    let logs = Logs::of("a.log", text);
    let rows = logs.rows("SELECT log_status, count(*) FROM flow_logs GROUP BY 1").await;
    assert_eq!(rows, ["OK|2"]);
    assert_eq!(logs.summary().malformed, 0);
}

#[tokio::test]
async fn records_without_traffic_are_rows_with_nulls() {
    let nodata = "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA";
    let logs = Logs::of("a.log", format!("{V2}\n{nodata}\n{}\n", nodata.replace("NODATA", "SKIPDATA")));
    let rows = logs.rows("SELECT log_status, srcaddr, bytes, action, start FROM flow_logs ORDER BY 1").await;
    assert_eq!(rows, ["NODATA||||1431280876", "SKIPDATA||||1431280876"]);
}

#[tokio::test]
async fn bytes_that_are_not_text_are_one_malformed_line() {
    let mut text = format!("{V2}\n{SSH}\n").into_bytes();
    text.extend(b"2 \xff\xfe\x00\x1b[2J\n");
    text.extend(format!("{}\n{RDP}\n", "x".repeat(70_000)).bytes());
    let logs = Logs::of("a.log", text);
    let summary = logs.scan().await;
    assert_eq!((summary.records, reasons(&summary)), (2, vec![("not UTF-8", 1), ("line too long", 1)]));
    assert_eq!(summary.by_reason[0].samples[0].text, "2 \\xff\\xfe\\u{0}\\u{1b}[2J");
    assert_eq!(summary.by_reason[1].samples[0].text.len(), 200);
}

#[tokio::test]
async fn three_samples_over_all_objects() {
    let text = format!("{V2}\n{SSH}\nbad\nbad\n");
    let logs = Logs::of("c.log", &text).with("a.log", &text).with("b.log", &text);
    let summary = logs.scan().await;
    assert_eq!(reasons(&summary), [("too few columns", 6)]);
    let samples: Vec<_> = summary.by_reason[0].samples.iter().map(|s| (s.object.as_str(), s.line)).collect();
    assert_eq!(samples, [("a.log", 3), ("a.log", 4), ("b.log", 3)]);
}

#[tokio::test]
async fn ipv6_addresses_come_out_in_their_one_canonical_form() {
    let row = SSH.replace("172.31.16.139", "2001:0DB8:0:0::1").replace("172.31.16.21", "64:ff9b::c000:221");
    let logs = Logs::of("a.log", format!("{V2}\n{row}\n"));
    assert_eq!(logs.rows("SELECT srcaddr, dstaddr FROM flow_logs").await, ["2001:db8::1|64:ff9b::c000:221"]);
}
