//! From a bucket to rows: what SQL sees when the network fails.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::Int64Type;
use offramp::observe::progress::Silent;
use offramp::source::ledger::Ledger;
use offramp::source::provider::{DecodeOptions, FlowLogTable};
use offramp::source::s3::S3Settings;

use super::bucket::{bucket, truth};
use super::*;

/// Bytes by account and Region, and the ledger's count of objects.
async fn sums(s3: &S3Settings, selection: &Selection) -> Result<(BTreeMap<(String, String), u64>, u64)> {
    let context = SessionContext::new();
    let listing = list(&context, &["s3://logs/".parse()?], selection, s3).await?;
    let ledger = Arc::new(Ledger::new(Arc::new(Silent)));
    let table = FlowLogTable::new(listing.objects, DecodeOptions::default(), Arc::clone(&ledger))?;
    context.register_table("flow_logs", Arc::new(table))?;
    let query = "SELECT account_id, region, sum(bytes) FROM flow_logs GROUP BY 1, 2";
    let batches = context.sql(query).await?.collect().await?;
    let rows = |batch: &RecordBatch| {
        let (accounts, regions) = (batch.column(0).as_string_view().clone(), batch.column(1).as_string_view().clone());
        let bytes = batch.column(2).as_primitive::<Int64Type>().clone();
        (0..batch.num_rows())
            .map(move |row| ((accounts.value(row).to_owned(), regions.value(row).to_owned()), bytes.value(row) as u64))
            .collect::<Vec<_>>()
    };
    Ok((batches.iter().flat_map(rows).collect(), ledger.summary().objects))
}

#[tokio::test]
async fn rows_of_all_accounts_and_regions() {
    let (server, _) = bucket();
    let found = sums(&server.settings(), &Selection::default()).await.unwrap();
    assert_eq!(found, (truth(&[9, 10, 11, 33, 34, 35]), 18));
    let found = sums(&server.settings(), &window("2026-09-01", "2026-09-01T11:00:00Z")).await.unwrap();
    // The names of the second day's last objects are later than a day after the window.
    assert_eq!(found, (truth(&[9, 10, 11, 33, 34]), 15));
}

#[tokio::test]
async fn faults_on_the_way_change_no_row() {
    let (server, keys) = bucket();
    for (key, fault) in [
        (&keys[0], Fault::Error(500, "InternalError")),
        (&keys[4], Fault::Error(503, "SlowDown")),
        (&keys[9], Fault::Reset(40)),
        (&keys[13], Fault::Stall(40)),
    ] {
        server.fail(&format!("GET {key}"), 2, fault);
    }
    let found = sums(&server.settings(), &Selection::default()).await.unwrap();
    assert_eq!(found, (truth(&[9, 10, 11, 33, 34, 35]), 18));
    assert!(server.requests().contains(&format!("GET {} bytes=80-{}", keys[9], size(&server, &keys[9]) - 1)));
}

#[tokio::test]
async fn an_object_that_cannot_be_read_is_an_error_and_no_sum() {
    for fault in [Fault::Error(500, "InternalError"), Fault::Error(403, "AccessDenied"), Fault::Reset(20)] {
        let (server, keys) = bucket();
        server.fail(&format!("GET {}", keys[7]), usize::MAX, fault.clone());
        let error = sums(&server.settings(), &Selection::default()).await.unwrap_err();
        assert_eq!(error.exit_code(), 3, "{fault:?}");
        let named = matches!(error.root(), Error::Store { object, .. } if *object == format!("s3://logs/{}", keys[7]));
        assert!(named, "{fault:?}: {error}");
    }
}

fn size(server: &S3Server, key: &str) -> usize {
    server.get("logs", key).len()
}

/// Parquet is read from its end: of a stream only the beginning, then the footer, then the columns that are wanted.
#[tokio::test]
async fn parquet_is_read_by_ranges() {
    let server = S3Server::start(&["logs"]);
    // Ranges closer than 1 MiB are fetched as one.
    let rows = 100_000;
    let noise = |n: u32| format!("{:08x}{:08x}", n.wrapping_mul(2_654_435_761), n.wrapping_mul(2_246_822_519));
    let texts: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec!["10.0.0.1"; rows])),
        Arc::new(StringArray::from(vec!["198.51.100.7"; rows])),
        Arc::new(StringArray::from_iter_values((0..rows as u32).map(noise))),
    ];
    let numbers = [Int64Array::from(vec![7; rows]), Int64Array::from(vec![1_788_220_800; rows])];
    let columns = texts.into_iter().chain(numbers.map(|n| Arc::new(n) as ArrayRef));
    let names = ["srcaddr", "dstaddr", "ecs_task_arn", "bytes", "start"];
    let batch = RecordBatch::try_from_iter(names.into_iter().zip(columns)).unwrap();
    let mut stored = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut stored, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let size = stored.len();
    let key = "lake/flows.parquet";
    server.put("logs", key, stored);

    let context = SessionContext::new();
    let listing =
        list(&context, &["s3://logs".parse().unwrap()], &Selection::default(), &server.settings()).await.unwrap();
    let ledger = Arc::new(Ledger::new(Arc::new(Silent)));
    let table = FlowLogTable::new(listing.objects, DecodeOptions::default(), Arc::clone(&ledger)).unwrap();
    context.register_table("flow_logs", Arc::new(table)).unwrap();
    server.requests();
    let batches = context.sql("SELECT sum(bytes) FROM flow_logs").await.unwrap().collect().await.unwrap();
    assert_eq!(batches[0].column(0).as_primitive::<Int64Type>().value(0), 7 * rows as i64);
    let mut requests = server.requests();
    let mut take = |wanted: String| {
        let at = requests
            .iter()
            .position(|request| *request == wanted)
            .unwrap_or_else(|| panic!("{wanted} of {requests:?}"));
        requests.swap_remove(at);
    };
    take(format!("GET {key}"));
    take(format!("GET {key} bytes={}-{}", size - 65_536, size - 1));
    let ranges = requests.iter().map(|request| {
        let (first, last) = request.split_once("bytes=").unwrap().1.split_once('-').unwrap();
        last.parse::<usize>().unwrap() - first.parse::<usize>().unwrap() + 1
    });
    assert!(ranges.sum::<usize>() * 4 < size, "{requests:?} of {size}");
}
