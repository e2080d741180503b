//! Objects that are not whole, not text, or not there.

use offramp::Error;

use super::{Logs, RDP, SSH, V2, gzip};

fn many(rows: u32) -> String {
    let row = |n: u32| SSH.replace(" 4249 ", &format!(" {} ", n.wrapping_mul(2_654_435_761)));
    format!("{V2}\n{}\n", (0..rows).map(row).collect::<Vec<_>>().join("\n"))
}

#[tokio::test]
async fn gzip_members_are_read_one_after_another() {
    let (first, second) = (format!("{V2}\n{SSH}\n2 1234567"), format!("{}\n{V2}\n{RDP}\n", &SSH["2 1234567".len()..]));
    let logs = Logs::of("a.log.gz", [gzip(&first), gzip(""), gzip(&second)].concat());
    let summary = logs.scan().await;
    assert_eq!((summary.records, summary.malformed, summary.damaged.len()), (3, 0, 0));
}

#[tokio::test]
async fn the_content_and_not_the_suffix_tells_gzip() {
    let text = format!("{V2}\n{SSH}\n");
    let logs = Logs::of("plain.log.gz", &text).with("packed.log", gzip(&text));
    assert_eq!(logs.scan().await.records, 2);
}

#[tokio::test]
async fn a_truncated_gzip_counts_what_was_readable_and_is_named() {
    let whole = gzip(&many(5000));
    let logs = Logs::of("cut.log.gz", &whole[..whole.len() / 2]).with("good.log", many(10));
    let [cut]: [_; 1] =
        logs.rows("SELECT count(*) FROM flow_logs WHERE source_file = 'cut.log.gz'").await.try_into().unwrap();
    let cut: u64 = cut.parse().unwrap();
    assert!((1000..5000).contains(&cut), "{cut}");
    let summary = logs.summary();
    let [damaged] = &summary.damaged[..] else { panic!("{:?}", summary.damaged) };
    assert_eq!((damaged.object.as_str(), damaged.records), ("cut.log.gz", cut));
    assert!(damaged.reason.starts_with("truncated gzip"), "{}", damaged.reason);
    assert_eq!((summary.records, summary.malformed), (cut + 10, 0));
}

/// The last number before the damage may be cut: a sum must never hold a part of it.
#[tokio::test]
async fn half_a_line_before_the_damage_is_no_row() {
    let text = format!("{}\n2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 100 160 ACCEPT OK", V2);
    let whole = gzip(&text);
    let logs = Logs::of("cut.log.gz", &whole[..whole.len() - 1]);
    assert_eq!(logs.scan().await.records, 0);
    assert_eq!(Logs::of("whole.log.gz", whole).scan().await.records, 1);
}

#[tokio::test]
async fn a_wrong_checksum_marks_the_object() {
    let mut stored = gzip(&many(100));
    let checksum = stored.len() - 8;
    stored[checksum] ^= 0xff;
    let summary = Logs::of("a.log.gz", stored).scan().await;
    assert_eq!((summary.records, summary.damaged.len()), (100, 1));
    assert!(summary.damaged[0].reason.starts_with("corrupt gzip"), "{}", summary.damaged[0].reason);
}

#[tokio::test]
async fn binary_files_are_refused_and_empty_ones_are_fine() {
    let logs = Logs::of("random.log.gz", [0x00, 0x9c, 0xff, 0x0a, 0x13])
        .with("columns.parquet", b"PAR1\x15\x04\x15\x80")
        .with("zeros.log", [0; 200_000])
        .with("picture.log.gz", gzip("\u{89}PNG\r\n\u{1a}\n"))
        .with("empty.log", "")
        .with("nothing.log.gz", gzip(""))
        .with("header.log", V2)
        .with("blank.log", "\n \n");
    let summary = logs.scan().await;
    let refused: Vec<_> = summary.damaged.iter().map(|d| (d.object.as_str(), d.reason.as_str())).collect();
    let binary = "binary data, not a flow log";
    assert_eq!(
        refused,
        [
            ("columns.parquet", "truncated Parquet: the object ends too early"),
            ("picture.log.gz", binary),
            ("random.log.gz", binary),
            ("zeros.log", binary),
        ]
    );
    assert_eq!((summary.objects, summary.records, summary.malformed), (8, 0, 0));
}

#[tokio::test]
async fn an_object_that_cannot_be_read_ends_the_query_and_is_named() {
    let logs = Logs::of("a.log", format!("{V2}\n{SSH}\n")).with("gone.log", format!("{V2}\n{SSH}\n"));
    logs.remove("gone.log");
    let error = logs.session().sql("SELECT bytes FROM flow_logs").await.unwrap().collect().await.unwrap_err();
    let error = Error::from(error);
    assert_eq!(error.exit_code(), 3);
    assert!(matches!(error.root(), Error::Store { object, .. } if object == "gone.log"), "{error}");
}
