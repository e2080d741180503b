//! Records in the JSON of CloudWatch Logs and Firehose.

use offramp::record::key::KeyFacts;
use serde_json::{Value, json};

use super::{Logs, RDP, SSH, V2, gzip, gzip_bytes, reasons};

const SEEN: &str = "SELECT srcaddr, bytes, action FROM flow_logs ORDER BY srcaddr";
const BOTH: [&str; 2] = ["172.31.16.139|4249|ACCEPT", "172.31.9.69|4249|REJECT"];

fn subscription(kind: &str, messages: &[&str]) -> Value {
    let event = |message: &&str| json!({"id": "3195", "timestamp": 1_418_530_010_000_i64, "message": message});
    json!({
        "messageType": kind, "owner": "123456789010", "logGroup": "flow-logs", "logStream": "eni-1235b8ca123456789-all",
        "subscriptionFilters": ["all"], "logEvents": messages.iter().map(event).collect::<Vec<_>>(),
    })
}

fn firehose(message: &str) -> Value {
    json!({"message": message})
}

fn control() -> Value {
    subscription("CONTROL_MESSAGE", &["CWL CONTROL MESSAGE: Checking health of destination Firehose."])
}

/// One after the other with `between`.
fn joined(values: &[Value], between: &str) -> String {
    values.iter().map(Value::to_string).collect::<Vec<_>>().join(between)
}

#[tokio::test]
async fn every_way_to_deliver_them() {
    let data = [control(), subscription("DATA_MESSAGE", &[SSH]), control(), subscription("DATA_MESSAGE", &[RDP])];
    let one = [subscription("DATA_MESSAGE", &[SSH, RDP])];
    let fire = [firehose(SSH), firehose(&format!("{RDP}\n"))];
    let pretty = |values: &[Value]| {
        values.iter().map(|v| serde_json::to_string_pretty(v).unwrap()).collect::<Vec<_>>().join("\n")
    };
    let answer = json!({"events": [{"message": SSH, "ingestionTime": 1}, {"message": RDP}], "searchedLogStreams": []});
    for text in [
        joined(&data, "\n"),
        joined(&data, ""),
        joined(&one, ""),
        joined(&fire, "\n"),
        joined(&fire, ""),
        joined(&fire, ",\r\n"),
        pretty(&data),
        pretty(&fire),
        format!("\u{feff}\n [{}]", joined(&fire, ",")),
        pretty(&[answer]),
        // A message with both, and escapes.
        joined(&[firehose(&format!("{SSH}\n{RDP}"))], "\n").replace("ACCEPT", "\\u0041CCEPT"),
    ] {
        let members: Vec<u8> = text.split_inclusive('\n').flat_map(gzip).collect();
        let packed = [text.clone().into_bytes(), gzip(&text), members.clone(), zstd::encode_all(&*members, 1).unwrap()];
        for stored in packed {
            let logs = Logs::of("delivered", stored);
            assert_eq!(logs.rows(SEEN).await, BOTH, "{text}");
            let summary = logs.summary();
            assert_eq!((summary.malformed, summary.damaged.len()), (0, 0), "{text}\n{summary:?}");
        }
    }
}

/// Found by fuzzing: bytes of a byte order mark where none can be were blank if the JSON came in the same piece, else a bad line.
#[tokio::test]
async fn half_a_byte_order_mark_is_a_line_of_text() {
    let json = firehose(SSH).to_string();
    for (start, records) in [
        (&b"\xef\xbb\xbf"[..], 1),
        (b"\xef\xbb\xbf \n", 1),
        (b" \n", 1),
        (b"\r\r \t", 1),
        (b"\xef", 0),
        (b"\xef\xbb ", 0),
        (b" \xef\xbb\xbf", 0),
        (b"\xef\xef\xbf", 0),
    ] {
        let stored = [start, json.as_bytes()].concat();
        let summary = Logs::of("fire", &stored).scan().await;
        assert_eq!(summary.records, records, "{start:?}");
        // One byte a member, so that none comes with the next.
        let members: Vec<u8> = stored.iter().flat_map(|byte| gzip_bytes(&[*byte])).collect();
        let cut = Logs::of("fire", members).scan().await;
        assert_eq!(
            (cut.records, cut.malformed, cut.damaged.len()),
            (summary.records, summary.malformed, summary.damaged.len()),
            "{start:?}"
        );
    }
}

/// Found by fuzzing: a blank that separates no fields was cut off here and made a bad line in text.
#[tokio::test]
async fn what_is_a_bad_line_of_text_is_a_bad_message() {
    for blank in ["\u{b}", "\u{c}", "\u{85}", "\u{2028}"] {
        let tabs = RDP.replacen(' ', "\t", 1).replacen("eni-", "\teni-", 1);
        for line in [format!("{blank}{RDP}"), format!("{RDP}{blank}"), format!("{tabs}{blank}\t")] {
            let text = Logs::of("text", format!("{SSH}\n{line}\n")).scan().await;
            let message = Logs::of("fire", joined(&[firehose(SSH), firehose(&line)], "")).scan().await;
            assert_eq!((message.records, message.malformed), (text.records, text.malformed), "{line:?}");
            assert_eq!((text.records, text.malformed), (1, 1), "{line:?}");
        }
    }
}

#[tokio::test]
async fn the_columns_are_those_of_the_log_format() {
    let row = "10.0.0.1 10.0.0.2 77 100";
    let logs = Logs::of("a", firehose(row).to_string()).log_format("srcaddr dstaddr bytes start");
    assert_eq!(logs.rows(SEEN).await, ["10.0.0.1|77|"]);
    let summary = Logs::of("a", joined(&[firehose(row), firehose(row)], "\n")).scan().await;
    assert!(summary.damaged[0].reason.contains("--log-format"), "{:?}", summary.damaged);
    assert_eq!((summary.records, summary.malformed), (0, 0));
}

/// DescribeFlowLogs tells the format of a log group, and of a flow log by the id in a file's name.
#[tokio::test]
async fn known_formats_need_no_option() {
    let of = |group: &str, message: &str| {
        let mut envelope = subscription("DATA_MESSAGE", &[message]);
        envelope["logGroup"] = group.into();
        envelope
    };
    let groups = [
        of("short", "10.0.0.1 10.0.0.2 1 100"),
        of("other", SSH),
        of("short", "10.0.0.3 10.0.0.2 2 100"),
        of("backwards", "100 3 10.0.0.2 10.0.0.4"),
        of("short", "10.0.0.5 10.0.0.2 4 100"),
        of("mixed", RDP),
    ];
    let key = KeyFacts { flow_log_id: Some("fl-1".to_owned()), ..KeyFacts::default() };
    for batch_size in [1, 8192] {
        let logs = Logs::of("a.gz", gzip(&joined(&groups, "")))
            .with_key("b.log", "10.0.0.6 10.0.0.2 5 100\n", key.clone())
            .known(
                "fl-1",
                "arn:aws:logs:us-east-1:111122223333:log-group:short:*",
                "${srcaddr} ${dstaddr} ${bytes} ${start}",
            )
            .known("fl-2", "backwards", "${start} ${bytes} ${dstaddr} ${srcaddr}")
            .known("fl-3", "mixed", "${start} ${bytes} ${dstaddr} ${srcaddr}")
            .known("fl-4", "mixed", "${srcaddr} ${dstaddr} ${bytes} ${start}")
            .batch_size(batch_size);
        let rows = logs.rows("SELECT srcaddr, bytes FROM flow_logs ORDER BY 1").await;
        let expected = [
            "10.0.0.1|1",
            "10.0.0.3|2",
            "10.0.0.4|3",
            "10.0.0.5|4",
            "10.0.0.6|5",
            "172.31.16.139|4249",
            "172.31.9.69|4249",
        ];
        assert_eq!(rows, expected);
        assert_eq!((logs.summary().malformed, logs.summary().damaged.len()), (0, 0));
    }
}

#[tokio::test]
async fn what_is_wrong_costs_no_good_record() {
    let odd =
        json!({"messageType": "DATA_MESSAGE", "logEvents": [{"message": 5}, {"message": SSH}, null, {"message": ""}]});
    let text = [
        r#"{"unknown":1}"#.to_owned(),
        "{\"message\":\"cut off".to_owned(),
        firehose("START RequestId: 5f").to_string(),
        odd.to_string(),
        "prose".to_owned(),
        firehose(&RDP.replace(" 49761 ", " 99999 ")).to_string(),
        firehose(RDP).to_string(),
        "{\"message\":\"2 1".to_owned(),
    ];
    let logs = Logs::of("a.gz", gzip(&text.join("\n")));
    assert_eq!(logs.rows(SEEN).await, BOTH);
    let summary = logs.summary();
    let mut found = reasons(&summary);
    found.sort_unstable();
    let expected = [
        ("neither a row of the default format nor a header", 1),
        ("no log message in the JSON", 4),
        ("not a JSON object", 3),
        ("number too large in srcport", 1),
    ];
    assert_eq!(found, expected);
    assert_eq!(summary.damaged.len(), 0);
}

#[tokio::test]
async fn messages_longer_than_a_batch_and_cut_files() {
    let rows: Vec<String> = (0..3000).map(|n| SSH.replace("20641", &n.to_string())).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let text = subscription("DATA_MESSAGE", &rows).to_string();
    let logs = Logs::of("a.gz", gzip(&text)).batch_size(7);
    assert_eq!(logs.rows("SELECT count(*), sum(srcport) FROM flow_logs").await, ["3000|4498500"]);
    let many: String = rows.iter().map(|row| firehose(row).to_string()).collect();
    let stored = gzip(&many);
    let summary = Logs::of("cut.gz", &stored[..stored.len() / 2]).scan().await;
    assert!((500..3000).contains(&summary.records), "{}", summary.records);
    assert_eq!(
        (summary.malformed, summary.damaged[0].reason.as_str()),
        (0, "truncated gzip: the object ends too early")
    );
}

#[tokio::test]
async fn formats_and_versions_side_by_side() {
    let short = "srcaddr dstaddr start bytes\n10.0.0.1 10.0.0.2 1 5\n";
    let logs = Logs::of("a.log.gz", gzip(&format!("{V2}\n{SSH}\n")))
        .with("b.log", short)
        .with("c", firehose(RDP).to_string())
        .with("d.gz", gzip(&subscription("DATA_MESSAGE", &[RDP, SSH]).to_string()))
        .with("e.zst", zstd::encode_all(short.as_bytes(), 0).unwrap())
        .with("f.log.gz", gzip(RDP));
    let rows = logs.rows("SELECT source_file, count(*), sum(bytes) FROM flow_logs GROUP BY 1 ORDER BY 1").await;
    assert_eq!(rows, ["a.log.gz|1|4249", "b.log|1|5", "c|1|4249", "d.gz|2|8498", "e.zst|1|5", "f.log.gz|1|4249"]);
    let summary = logs.summary();
    assert_eq!((summary.records, summary.malformed, summary.damaged.len()), (7, 0, 0));
}
