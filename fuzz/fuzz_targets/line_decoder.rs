//! Stored bytes of one flow log object (text, gzip, zstd, JSON, Parquet), cut into pieces of any size, through both sinks.
//!
//! The first two bytes of the input choose the sizes of the pieces; the rest is the object.

#![no_main]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use libfuzzer_sys::fuzz_target;
use offramp::address::{AddressBook, AwsRanges};
use offramp::decode::decoder::{Decoder, Origin};
use offramp::decode::fold::{Flows, Fold, Sameness};
use offramp::decode::object::{ObjectDecoder, Step};
use offramp::decode::rows::{Rows, Wanted};
use offramp::decode::schema::schema;
use offramp::decode::sink::Sink;
use offramp::inventory::Inventory;
use offramp::source::window::Window;

static BOOK: LazyLock<Arc<dyn Sameness>> = LazyLock::new(|| {
    let ranges = AwsRanges::embedded().expect("embedded ranges");
    Arc::new(AddressBook::new(&ranges, &Inventory::default()))
});
static WANTED: LazyLock<Arc<Wanted>> =
    LazyLock::new(|| Arc::new(Wanted::new((0..schema().fields().len()).collect(), 64).expect("all columns")));

fuzz_target!(|data: &[u8]| {
    let [one, two, stored @ ..] = data else { return };
    let sizes = [usize::from(*one) + 1, usize::from(*two) + 1];
    let rows = || Rows::new(Arc::clone(&WANTED));
    let whole = read(rows(), stored, None);
    let pieces = read(rows(), stored, Some(sizes));
    assert_eq!(whole, pieces, "pieces change the rows");

    let fold = |sizes| {
        let flows = Arc::new(Flows::default());
        let sums = read(Fold::new(Arc::clone(&BOOK), Window::default(), Arc::clone(&flows)), stored, sizes);
        let flows = flows.batches().collect::<Result<Vec<_>, _>>().expect("no error of Arrow");
        (sums, flows)
    };
    let (folded, flows) = fold(None);
    let (pieces, flows_of_pieces) = fold(Some(sizes));
    assert_eq!((&folded, &flows), (&pieces, &flows_of_pieces), "pieces change the sums");

    // Both sinks judge lines alike, and the fold loses nothing. Only it keeps records of transit gateways.
    assert_eq!(whole.counts, folded.counts);
    if flows.iter().any(of_transit_gateway) {
        return;
    }
    for column in ["bytes", "packets"] {
        assert_eq!(sum(&whole.batches, column), sum(&folded.batches, column), "{column}");
    }
    assert_eq!(whole.batches.iter().map(|b| b.num_rows() as i64).sum::<i64>(), sum(&folded.batches, "records"));
});

#[derive(Debug, PartialEq)]
struct Read {
    batches: Vec<RecordBatch>,
    /// Good rows, malformed lines by reason, damage.
    counts: (u64, BTreeMap<String, u64>, Option<String>),
}

/// Reads in pieces of these sizes in turn, or at once.
fn read<S: Sink>(sink: S, stored: &[u8], sizes: Option<[usize; 2]>) -> Read {
    let mut decoder = ObjectDecoder::new(Decoder::new(sink, Origin::default(), None), stored.len() as u64);
    let mut rest = stored;
    if sizes.is_none() {
        decoder.push_whole(Bytes::copy_from_slice(stored), 1 << 20, &mut Vec::new());
        rest = &[];
    }
    let (mut sizes, mut batches) = (sizes.into_iter().flatten().collect::<Vec<_>>().into_iter().cycle(), Vec::new());
    loop {
        match decoder.advance().expect("no error of Arrow") {
            Step::Batch(batch) => batches.push(batch),
            Step::More if rest.is_empty() => decoder.end(),
            Step::More => {
                let size = sizes.next().unwrap_or(1).min(rest.len());
                decoder.push(Bytes::copy_from_slice(&rest[..size]));
                rest = &rest[size..];
            }
            Step::Ranges(ranges) => {
                // Parquet reads from its end; a footer may name what is not there.
                let cut = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(stored.len());
                let piece =
                    |range: &std::ops::Range<u64>| &stored[cut(range.start)..cut(range.end).max(cut(range.start))];
                decoder.push_ranges(ranges.iter().map(|range| Bytes::copy_from_slice(piece(range))).collect());
            }
            Step::Done => break,
        }
    }
    // In no order: what is wrong with an envelope is told when its piece is read, before the lines that it holds.
    let tallies = decoder.decoder().rejects().tallies().iter();
    let rejects = tallies.map(|tally| (tally.reason.to_string(), tally.lines)).collect();
    let counts = (decoder.decoder().records(), rejects, decoder.damage());
    batches.extend(decoder.into_parts().0.take().expect("no error of Arrow"));
    Read { batches, counts }
}

fn of_transit_gateway(batch: &RecordBatch) -> bool {
    let ids = batch.column_by_name("resource_id").expect("the column of flows");
    ids.as_string_view().iter().flatten().any(|id| id.starts_with("tgw-"))
}

/// The sum of an integer column, null as nothing; as the fold does, it wraps.
fn sum(batches: &[RecordBatch], column: &str) -> i64 {
    let of = |batch: &RecordBatch| {
        let values = batch.column_by_name(column).expect("the column");
        values.as_primitive::<Int64Type>().iter().flatten().fold(0, i64::wrapping_add)
    };
    batches.iter().map(of).fold(0, i64::wrapping_add)
}
