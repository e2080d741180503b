//! Stored bytes of one object of Resolver query logs, cut into pieces of any size.
//!
//! The first two bytes of the input choose the sizes of the pieces; the rest is the object.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use offramp::resolver::decoder::{Counts, QueryDecoder};
use offramp::resolver::query::Query;

fuzz_target!(|data: &[u8]| {
    let [one, two, stored @ ..] = data else { return };
    let whole = read(stored, &[stored.len().max(1)]);
    let pieces = read(stored, &[usize::from(*one) + 1, usize::from(*two) + 1]);
    assert_eq!(whole, pieces);
    let (queries, counts, _) = whole;
    assert_eq!(counts.records, queries.len() as u64);
    assert!(queries.iter().all(|query| !query.names.is_empty()), "a record without a name is malformed");
});

fn read(stored: &[u8], sizes: &[usize]) -> (Vec<Query>, Counts, Option<String>) {
    let (mut decoder, mut queries) = (QueryDecoder::default(), Vec::new());
    let (mut rest, mut sizes) = (stored, sizes.iter().cycle());
    while !rest.is_empty() {
        let (piece, later) = rest.split_at(sizes.next().copied().unwrap_or(1).min(rest.len()));
        decoder.feed(Bytes::copy_from_slice(piece), &mut |query| queries.push(query));
        rest = later;
    }
    decoder.finish(&mut |query| queries.push(query));
    let damage = decoder.damage().map(ToString::to_string);
    (queries, decoder.counts().clone(), damage)
}
