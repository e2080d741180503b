//! Parquet gives the rows that text gives.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BinaryArray, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use datafusion::arrow::datatypes::Int32Type;
use datafusion::arrow::util::pretty::pretty_format_batches;
use offramp::record::fields::{FIELDS, Field};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;

use super::{Logs, RDP, SSH, V2, reasons};

const NODATA: &str = "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA";

/// How a writer stores numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Numbers {
    Int32,
    Int64,
    Double,
    Text,
}

/// How a writer stores what is not there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Absent {
    Null,
    Is(&'static str),
}

/// A header line and rows as columns. What does not fit an integer column makes it text.
pub(crate) fn columns(text: &str, numbers: Numbers, absent: Absent) -> Vec<(String, ArrayRef)> {
    let mut lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let names = lines.next().unwrap();
    let rows: Vec<_> = lines.collect();
    let column = |(at, name): (usize, &&str)| {
        let values = || rows.iter().map(|row| Some(row[at]).filter(|value| *value != "-"));
        let is_number = Field::position(name).is_some_and(|position| FIELDS[position].is_integer());
        let integers: Option<Vec<Option<i64>>> =
            values().map(|v| v.map_or(Some(None), |v| v.parse().ok().map(Some))).collect();
        let array: ArrayRef = match (numbers, integers.filter(|_| is_number)) {
            (Numbers::Int32, Some(n)) if n.iter().flatten().all(|n| i32::try_from(*n).is_ok()) => {
                Arc::new(n.iter().map(|n| n.map(|n| n as i32)).collect::<Int32Array>())
            }
            (Numbers::Int32 | Numbers::Int64, Some(n)) => Arc::new(Int64Array::from(n)),
            (Numbers::Double, Some(n)) => {
                Arc::new(n.iter().map(|n| Some(n.map_or(f64::NAN, |n| n as f64))).collect::<Float64Array>())
            }
            _ => Arc::new(match absent {
                Absent::Null => values().collect::<StringArray>(),
                Absent::Is(word) => values().map(|v| Some(v.unwrap_or(word))).collect(),
            }),
        };
        (name.replace('-', "_"), array)
    };
    names.iter().enumerate().map(column).collect()
}

/// The file, in row groups of so many rows.
pub(crate) fn file(columns: Vec<(String, ArrayRef)>, group: usize) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true))).unwrap();
    let properties = WriterProperties::builder()
        .set_compression(Compression::GZIP(Default::default()))
        .set_max_row_group_row_count(Some(group))
        .build();
    let mut stored = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut stored, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    stored
}

fn plain(text: &str) -> Vec<u8> {
    file(columns(text, Numbers::Int64, Absent::Null), 1 << 20)
}

async fn all(logs: &Logs) -> String {
    let names: Vec<_> = FIELDS.iter().map(|field| format!("\"{}\"", field.column)).collect();
    let sql = format!("SELECT {}, flow_log_id FROM flow_logs", names.join(", "));
    pretty_format_batches(&logs.batches(&sql).await).unwrap().to_string()
}

#[tokio::test]
async fn any_type_and_any_null_gives_the_rows_of_text() {
    let v11 = "version srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status instance-tag pkt-srcaddr \
               traffic-path interface-type new-field";
    let row =
        "11 10.0.0.5 2001:DB8::1 443 50000 6 3 4000000000 1614866493 1614866511 ACCEPT OK a%20b - 8 nat_gateway x";
    for text in [format!("{V2}\n{SSH}\n{NODATA}\n{RDP}"), format!("{v11}\n{row}\n{}", row.replace(" 8 ", " - "))] {
        let expected = all(&Logs::of("a.log", &text)).await;
        for numbers in [Numbers::Int32, Numbers::Int64, Numbers::Double, Numbers::Text] {
            for absent in [Absent::Null, Absent::Is("-"), Absent::Is(""), Absent::Is("None")] {
                let logs = Logs::of("a.log.parquet", file(columns(&text, numbers, absent), 2));
                assert_eq!(all(&logs).await, expected, "{numbers:?} {absent:?}");
                assert_eq!((logs.summary().malformed, logs.summary().damaged.len()), (0, 0));
            }
        }
    }
}

#[tokio::test]
async fn order_further_columns_and_unusual_types_do_not_matter() {
    let text = format!("{V2}\n{SSH}\n{RDP}");
    let expected = all(&Logs::of("a.log", &text)).await;
    let mut shuffled = columns(&text, Numbers::Int64, Absent::Null);
    shuffled.reverse();
    for (name, array) in &mut shuffled {
        match name.as_str() {
            "start" => *array = Arc::new(TimestampMillisecondArray::from(vec![1_418_530_010_000, 1_418_530_010_999])),
            "srcaddr" => *array = Arc::new(BinaryArray::from(vec![b"172.31.16.139".as_slice(), b"172.31.9.69"])),
            _ => {}
        }
    }
    shuffled.insert(3, ("day".to_owned(), Arc::new(StringArray::from(vec!["2014-12-14"; 2]))));
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1)]), None]);
    shuffled.insert(7, ("nested".to_owned(), Arc::new(list)));
    let logs = Logs::of("whatever.name", file(shuffled, 100));
    let got = all(&logs).await;
    let without_id = |table: &str| table.replace([' ', '-', '+'], "");
    let id = |fields: &str| offramp::record::layout::Layout::new(fields.split(' ')).unwrap().id();
    let names = logs.summary().scanned[0].fields.join(" ");
    assert_eq!(without_id(&got.replace(&id(&names), "ID")), without_id(&expected.replace(&id(V2), "ID")));
}

#[tokio::test]
async fn rows_are_judged_as_lines_are_whatever_the_query_asks() {
    let bad = [
        ("start after end", SSH.replace("1418530070", "1418530009")),
        ("no start time", SSH.replace("1418530010", "-")),
        ("negative number in bytes", SSH.replace("4249", "-4249")),
        ("number too large in dstport", SSH.replace(" 22 ", " 65536 ")),
        ("bad address in srcaddr", SSH.replace("172.31.16.139", "host")),
        ("unknown action", SSH.replace("ACCEPT", "accept")),
    ];
    let rows: Vec<_> = bad.iter().flat_map(|(_, row)| [SSH, row]).chain([RDP]).collect();
    let stored = plain(&format!("{V2}\n{}", rows.join("\n")));
    for (sql, batch) in [
        ("SELECT count(*) FROM flow_logs", 8192),
        ("SELECT interface_id FROM flow_logs", 1),
        ("SELECT * FROM flow_logs", 3),
    ] {
        let logs = Logs::of("a.parquet", &stored).batch_size(batch);
        logs.rows(sql).await;
        let summary = logs.summary();
        let mut found = reasons(&summary);
        let mut expected: Vec<_> = bad.iter().map(|(reason, _)| (*reason, 1)).collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!((found, summary.records), (expected, 7), "{sql}");
        let sample = summary.by_reason.iter().find(|r| r.reason == "no start time").unwrap().samples[0].clone();
        // Without the start, which is null.
        let shown = "packets=20 bytes=4249 end=1418530070 action=ACCEPT";
        let is_shown = sample.text.starts_with("version=2 ") && sample.text.contains(shown);
        assert!(sample.line == 4 && is_shown, "{sample:?}");
    }
}

#[tokio::test]
async fn numbers_that_are_none_and_values_that_hold_separators() {
    let mut odd = columns(&format!("{V2}\n{SSH}\n{RDP}\n{SSH}\n{RDP}"), Numbers::Double, Absent::Null);
    for (name, array) in &mut odd {
        match name.as_str() {
            "bytes" => *array = Arc::new(Float64Array::from(vec![Some(443.5), Some(f64::INFINITY), None, Some(1e15)])),
            "interface_id" => *array = Arc::new(StringArray::from(vec!["eni-1", "eni-1", "a b", "a\u{1f}b"])),
            _ => {}
        }
    }
    let logs = Logs::of("a.parquet", file(odd, 100));
    assert_eq!(logs.rows("SELECT interface_id, bytes FROM flow_logs").await, ["a b|"]);
    let summary = logs.summary();
    let mut found = reasons(&summary);
    found.sort_unstable();
    assert_eq!(found, [("control character in a value", 1), ("not a number in bytes", 2)]);
}

#[tokio::test]
async fn columns_that_nobody_wants_are_not_read() {
    let value = |n: u32| format!("arn:aws:ecs:{:x}{:x}", n.wrapping_mul(2_654_435_761), n.wrapping_mul(40_503));
    let rows: Vec<_> = (0..20_000).map(|n| format!("{SSH} {}", value(n))).collect();
    let stored = plain(&format!("{V2} ecs-task-arn\n{}", rows.join("\n")));
    let logs = Logs::of("a.parquet", &stored);
    let mut read = Vec::new();
    for column in ["srcaddr", "ecs_task_arn"] {
        let plan = logs.batches(&format!("EXPLAIN ANALYZE SELECT {column} FROM flow_logs")).await;
        let plan = pretty_format_batches(&plan).unwrap().to_string();
        let bytes = plan.split("bytes_scanned=").nth(1).and_then(|rest| rest.split([',', ']']).next()).unwrap();
        let mut words = bytes.split_whitespace();
        let number: f64 = words.next().unwrap().parse().unwrap();
        let unit =
            [("K", 1e3), ("M", 1e6), ("B", 1.0)].iter().find(|(u, _)| words.next().is_some_and(|w| w.starts_with(u)));
        read.push(number * unit.map_or(1.0, |(_, factor)| *factor));
    }
    assert!(read[0] + 200_000.0 < read[1], "{read:?} of {}", stored.len());
    assert_eq!(logs.summary().records, 20_000);
}

#[tokio::test]
async fn what_is_no_flow_log_is_refused() {
    let texts = |names: &str| -> Vec<u8> {
        file(names.split(' ').map(|n| (n.to_owned(), Arc::new(StringArray::from(vec!["x"])) as ArrayRef)).collect(), 9)
    };
    let mut listed = columns(&format!("{V2}\n{SSH}"), Numbers::Int64, Absent::Null);
    listed[9].1 = Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1)])]));
    let cases = [
        (texts("version srcaddr dstaddr end"), "the format has no start, bytes"),
        (texts("a b c d e f g h"), "Parquet without columns of a flow log; it has a, b, c, d, e, f, ..."),
        (texts("class_uid metadata time"), "OCSF events, as Security Lake keeps them"),
        (texts("version tgw_attachment_id srcaddr dstaddr start bytes"), "the format has no tgw-id"),
        (file(listed, 9), "the Parquet column bytes is of type"),
    ];
    for (stored, reason) in cases {
        let summary = Logs::of("a.parquet", stored).scan().await;
        assert_eq!((summary.records, summary.malformed, summary.damaged.len()), (0, 0, 1), "{reason}");
        assert!(summary.damaged[0].reason.starts_with(reason), "{}", summary.damaged[0].reason);
    }
}

fn many(rows: u32) -> String {
    let row = |n: u32| SSH.replace(" 4249 ", &format!(" {} ", n.wrapping_mul(2_654_435_761)));
    format!("{V2}\n{}", (0..rows).map(row).collect::<Vec<_>>().join("\n"))
}

#[tokio::test]
async fn damaged_files_are_named_with_the_rows_read_before() {
    let stored = file(columns(&many(4000), Numbers::Int64, Absent::Null), 1000);
    let cut = Logs::of("a.parquet", &stored[..stored.len() - 100]).scan().await;
    assert_eq!(cut.damaged[0].reason, "truncated Parquet: the object ends too early");
    let mut broken = stored.clone();
    // Pages of the third row group.
    let at = stored.len() * 11 / 20;
    broken[at..at + 400].fill(0x55);
    let summary = Logs::of("a.parquet", broken).with("good.parquet", stored).scan().await;
    let [damaged] = &summary.damaged[..] else { panic!("{:?}", summary.damaged) };
    assert!(damaged.reason.starts_with("corrupt Parquet: "), "{}", damaged.reason);
    assert_eq!(damaged.records, 2000);
    assert_eq!((summary.records, summary.malformed), (6000, 0));
    for short in [&b"PAR1"[..], b"PAR1PAR1", b"PAR1\0\0\0\0PAR1", b"PAR1\xff\xff\xff\xffPAR1", b"PARE\x01\0\0\0PARE"] {
        assert_eq!(Logs::of("a.parquet", short).scan().await.damaged.len(), 1, "{short:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn mangled_files_never_panic(at in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 1..5), from_end in any::<bool>()) {
        let mut stored = plain(&many(20));
        let length = stored.len();
        // The metadata at the end deserves most of the blows.
        let at = if from_end { length - 1 - at.index(length.min(900)) } else { at.index(length) };
        let end = (at + bytes.len()).min(length);
        stored[at..end].copy_from_slice(&bytes[..end - at]);
        super::properties::decode(&stored, 4096, 7);
    }
}
