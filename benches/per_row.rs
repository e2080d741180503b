//! The per-row path, step by step: inflate, tokenise, fold, look-up, group-by. Throughput is bytes of text, or rows.

#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::HashSet;
use std::hint::black_box;
use std::net::IpAddr;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use datafusion::arrow::array::RecordBatch;
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;
use offramp::address::{AddressBook, AwsRanges};
use offramp::decode::decoder::{Decoder, Origin};
use offramp::decode::fold::{Flows, Fold, Sameness, hours_schema};
use offramp::decode::inflate::Inflate;
use offramp::decode::rows::{Rows, Wanted};
use offramp::decode::sink::Sink;
use offramp::inventory::Inventory;
use offramp::record::tokenise::tokenise;
use offramp::source::window::Window;
use offramp::world::bulk;

/// One gzip file of a generated world, and its text.
struct Log {
    stored: Vec<u8>,
    text: Vec<u8>,
}

fn log(shape: &bulk::Shape) -> Log {
    let folder = tempfile::tempdir().unwrap();
    bulk::write(folder.path(), shape, 20_000_000, 1).unwrap();
    let files = walkdir::WalkDir::new(folder.path().join("flow-logs")).into_iter().map(Result::unwrap);
    let largest = files.filter(|f| f.file_type().is_file()).max_by_key(|f| f.metadata().unwrap().len()).unwrap();
    let stored = std::fs::read(largest.path()).unwrap();
    let mut inflate = Inflate::default();
    assert!(inflate.whole(&stored, usize::MAX));
    inflate.step(b"").unwrap();
    let text = inflate.text().to_vec();
    assert!(!text.is_empty());
    Log { stored, text }
}

fn book() -> AddressBook {
    let book = AddressBook::new(&AwsRanges::embedded().unwrap(), &Inventory::default());
    book.keep_named(HashSet::new(), None);
    book
}

fn fold(text: &[u8], book: &Arc<dyn Sameness>) -> Vec<RecordBatch> {
    let sink = Fold::new(Arc::clone(book), Window::default(), Arc::new(Flows::default()));
    read(Decoder::new(sink, Origin::default(), None), text)
}

fn read<S: Sink>(mut decoder: Decoder<S>, text: &[u8]) -> Vec<RecordBatch> {
    let (mut batches, mut used) = (Vec::new(), 0);
    while used < text.len() {
        used += decoder.feed(&text[used..]);
        if decoder.is_ready() {
            batches.extend(decoder.take().unwrap());
        }
    }
    decoder.finish();
    batches.extend(decoder.take().unwrap());
    batches
}

fn per_row(c: &mut Criterion) {
    let book: Arc<dyn Sameness> = Arc::new(book());
    for (name, shape) in [("narrow", bulk::Shape::narrow()), ("wide", bulk::Shape::wide())] {
        let log = log(&shape);
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Bytes(log.text.len() as u64));
        group.bench_function("inflate/whole", |b| {
            let mut inflate = Inflate::default();
            b.iter(|| assert!(inflate.whole(black_box(&log.stored), usize::MAX)));
        });
        group.bench_function("inflate/streamed", |b| {
            b.iter_batched(
                Inflate::default,
                |mut inflate| {
                    let mut rest = &log.stored[..];
                    while !rest.is_empty() {
                        rest = &rest[inflate.step(rest).unwrap()..];
                    }
                    inflate
                },
                BatchSize::SmallInput,
            );
        });
        let rows = log.text.iter().filter(|byte| **byte == b'\n').count() as u64;
        group.throughput(Throughput::Elements(rows));
        let text = std::str::from_utf8(&log.text).unwrap();
        group.bench_function("tokenise", |b| {
            let mut spans = Vec::new();
            b.iter(|| text.lines().for_each(|line| tokenise(black_box(line), &mut spans)));
        });
        group.bench_function("fold", |b| b.iter(|| fold(black_box(&log.text), &book)));
        let columns = offramp::decode::schema::schema().fields().len();
        let wanted = Arc::new(Wanted::new((0..columns).collect(), 8192).unwrap());
        group.bench_function("rows/all_columns", |b| {
            b.iter(|| {
                read(Decoder::new(Rows::new(Arc::clone(&wanted)), Origin::default(), None), black_box(&log.text))
            });
        });
        let batches = fold(&log.text, &book);
        let groups: usize = batches.iter().map(RecordBatch::num_rows).sum();
        group.throughput(Throughput::Elements(groups as u64));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let ctx = SessionContext::new();
        let table = MemTable::try_new(hours_schema(), vec![batches]).unwrap();
        ctx.register_table("folded_hours", Arc::new(table)).unwrap();
        group.bench_function("group_by", |b| {
            let query = offramp::queries::SCAN[0].query.sql;
            b.iter(|| runtime.block_on(async { ctx.sql(query).await.unwrap().collect().await.unwrap() }));
        });
        group.finish();
    }
}

fn lookup(c: &mut Criterion) {
    let book = book();
    let addresses: Vec<IpAddr> =
        (0..10_000_u32).map(|n| IpAddr::from(n.wrapping_mul(2_654_435_761).to_be_bytes())).collect();
    let mut group = c.benchmark_group("lookup");
    group.throughput(Throughput::Elements(addresses.len() as u64));
    group.bench_function("longest_network", |b| {
        b.iter(|| addresses.iter().filter(|a| book.longest(**black_box(a)).private).count());
    });
    group.finish();
}

criterion_group!(benches, per_row, lookup);
criterion_main!(benches);
