//! The ways in which people's text files differ from what AWS writes.

use super::{Logs, RDP, SSH, V2, gzip, reasons};

const SEEN: &str = "SELECT srcaddr, srcport, bytes, start, action FROM flow_logs ORDER BY srcaddr";
const BOTH: [&str; 2] = ["172.31.16.139|20641|4249|1418530010|ACCEPT", "172.31.9.69|49761|4249|1418530010|REJECT"];

/// Header in AWS's alphabetical form and its row of [`SSH`] and [`RDP`].
fn alphabetical() -> (String, String, String) {
    let mut names: Vec<(usize, &str)> = V2.split_whitespace().enumerate().collect();
    names.sort_by_key(|(_, name)| *name);
    let row = |row: &str| {
        let values: Vec<&str> = row.split_whitespace().collect();
        names.iter().map(|(at, _)| values[*at]).collect::<Vec<_>>().join(" ")
    };
    (names.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(" "), row(SSH), row(RDP))
}

#[track_caller]
fn every_packing(text: &str) -> [Logs; 3] {
    let zstd = zstd::encode_all(text.as_bytes(), 3).unwrap();
    [Logs::of("a.log", text), Logs::of("a.log.gz", gzip(text)), Logs::of("a.log.zst", zstd)]
}

#[tokio::test]
async fn headers_in_every_shape() {
    let (sorted, ssh, rdp) = alphabetical();
    let snake = V2.replace('-', "_");
    let tabbed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join("\t");
    let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join("   ");
    for text in [
        format!("{sorted}\n{ssh}\n{rdp}\n"),
        format!("{snake}\n{SSH}\n{RDP}\n"),
        format!("\n\n  \n\t\n{V2}\n{SSH}\n{RDP}\n"),
        format!("{V2}\n{SSH}\n{V2}\n{snake}\n{RDP}\n{sorted}\n"),
        format!("{V2}\n{SSH}\n{sorted}\n{rdp}\n"),
        format!("\u{feff}{V2}\r\n{SSH}\r\n\r\n{RDP}\r\n"),
        format!("{}\n{}\n{}\n", tabbed(V2), tabbed(SSH), tabbed(RDP)),
        format!("{V2}\n{}\n{}\t\n", tabbed(SSH), spaced(RDP)),
        format!(" {}\n  {} \n{RDP}", spaced(V2), spaced(SSH)),
        // No header: the default format.
        format!("{SSH}\n{RDP}"),
        format!("\u{feff}{}\r\n{}\r\n", tabbed(SSH), spaced(RDP)),
    ] {
        for logs in every_packing(&text) {
            assert_eq!(logs.rows(SEEN).await, BOTH, "{text}");
            assert_eq!(logs.summary().malformed, 0, "{text}");
        }
    }
}

#[tokio::test]
async fn a_log_format_names_the_columns_of_what_has_no_header() {
    let (sorted, ssh, rdp) = alphabetical();
    let format = sorted.split_whitespace().map(|name| format!("${{{name}}}")).collect::<Vec<_>>().join(" ");
    for text in [
        format!("{ssh}\n{rdp}\n"),
        format!("\n{}\r\n{rdp}\r\n", ssh.replace(' ', "\t")),
        format!("{ssh}\n{V2}\n{RDP}\n"),
    ] {
        let logs = Logs::of("a.log", &text).log_format(&format);
        assert_eq!(logs.rows(SEEN).await, BOTH, "{text}");
        assert_eq!(logs.summary().malformed, 0, "{text}");
    }
}

#[tokio::test]
async fn the_version_in_a_row_says_nothing_about_its_columns() {
    let five = SSH.replacen('2', "5", 1);
    let logs = Logs::of("a.log", format!("{V2}\n{five}\n{RDP}\n"));
    assert_eq!(logs.rows("SELECT version, bytes FROM flow_logs ORDER BY 1").await, ["2|4249", "5|4249"]);
    // Without a header it is no row of the default format.
    let summary = Logs::of("a.log", format!("{five}\n{RDP}\n")).scan().await;
    assert!(summary.damaged[0].reason.contains("--log-format"), "{}", summary.damaged[0].reason);
}

/// Which column is missing or new cannot be told, so none is guessed, and the rows of the header's width count.
#[tokio::test]
async fn rows_wider_or_narrower_than_their_header_are_counted() {
    let narrow = RDP.strip_suffix(" OK").unwrap();
    let logs = Logs::of("a.log", format!("{V2}\n{SSH} vpc-1\n{SSH}\n{narrow}\n{SSH} vpc-1 subnet-1\n"));
    assert_eq!(logs.rows("SELECT bytes FROM flow_logs").await, ["4249"]);
    assert_eq!(reasons(&logs.summary()), [("too many columns", 2), ("too few columns", 1)]);
    // The same if all rows are so.
    let summary = Logs::of("a.log", format!("{V2}\n{SSH} vpc-1\n{RDP} vpc-1\n")).scan().await;
    assert_eq!((summary.records, reasons(&summary)), (0, vec![("too many columns", 2)]));
}

#[tokio::test]
async fn time_stamps_of_a_cloudwatch_export_stand_before_rows() {
    let text = format!("2014-12-14T04:06:50.000Z {SSH}\n2014-12-14T04:06:51.000Z {RDP}\nnonsense\n");
    let logs = Logs::of("000000.gz", gzip(&text));
    assert_eq!(logs.rows(SEEN).await, BOTH);
    assert_eq!(reasons(&logs.summary()), [("too few columns", 1)]);
    assert_eq!(logs.summary().scanned[0].fields[0], "@timestamp");
}

#[tokio::test]
async fn tags_are_decoded() {
    let names = "srcaddr dstaddr start bytes instance-tag interface-tag-2 asg-tag";
    let row = |tags: &str| format!("10.0.0.1 10.0.0.2 1 2 {tags}");
    let text = [names, &row("caf%C3%A9%20bar web%2Fprod -"), &row("100%25 50% %ff")].join("\n");
    let logs = Logs::of("a.log", text);
    let rows = logs.rows("SELECT instance_tag, interface_tag_2, asg_tag FROM flow_logs ORDER BY 1").await;
    assert_eq!(rows, ["100%|50%|%ff", "café bar|web/prod|"]);
}

#[tokio::test]
async fn files_of_other_kinds_are_named() {
    let foreign = [
        (
            "trail.txt",
            r#"{"Records":[{"eventVersion":"1.08","eventSource":"s3.amazonaws.com"}]}"#,
            "AWS CloudTrail events",
        ),
        (
            "nsg.txt",
            r#"{"records":[{"category":"NetworkSecurityGroupFlowEvent"}]}"#,
            "Azure network security group flow logs",
        ),
        (
            "gcp.txt",
            "{\n  \"insertId\": \"a\",\n  \"jsonPayload\": {\"bytes_sent\": \"1\"}\n}",
            "Google Cloud log entries",
        ),
        ("ocsf.txt", r#"{"class_uid":4001,"src_endpoint":{"ip":"10.0.0.1"}}"#, "OCSF events"),
        ("lake.txt", "version,account_id,interface_id,srcaddr\n2,1,eni-1,10.0.0.1", "comma-separated values"),
        ("denied.txt", "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "XML or HTML"),
        ("array.txt", "[1, 2, 3]", "JSON without log messages"),
        ("a.txt", "PK\u{3}\u{4}\u{14}\0", "a zip archive"),
        ("prose.txt", "Dear reader, the logs are elsewhere.", "neither a header"),
    ];
    let mut logs = Logs::of("good.log", format!("{V2}\n{SSH}\n"));
    for (name, text, _) in foreign {
        logs = logs.with(name, text);
    }
    let summary = logs.scan().await;
    assert_eq!((summary.objects, summary.records, summary.malformed), (10, 1, 0));
    assert_eq!(summary.damaged.len(), foreign.len());
    for (name, _, reason) in foreign {
        let damaged = summary.damaged.iter().find(|damaged| damaged.object == name).unwrap();
        assert!(damaged.reason.contains(reason), "{name}: {}", damaged.reason);
    }
}
