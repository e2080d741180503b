//! Stored bytes to queries, sans-IO and in bounded memory.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::query::Query;
use super::rejects::Reason;
use crate::decode::envelopes;
use crate::decode::rejects::{SAMPLE_LENGTH, SAMPLES, Sample};
use crate::decode::splitter::{Piece, Splitter};
use crate::decode::unpack::{Damage, Unpack};
use crate::record::excerpt::excerpt;

/// Decoder of one stored object.
#[derive(Debug)]
pub struct QueryDecoder {
    unpack: Unpack,
    splitter: Splitter,
    counts: Counts,
    damage: Option<Damage>,
}

impl Default for QueryDecoder {
    fn default() -> Self {
        let splitter = Splitter::with_longest(envelopes::LONGEST);
        Self { unpack: Unpack::default(), splitter, counts: Counts::default(), damage: None }
    }
}

/// What was found in an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Good records.
    pub records: u64,
    /// Addresses that they answered.
    pub answers: u64,
    /// Malformed records by reason, with the first few to show.
    pub malformed: BTreeMap<Reason, (u64, Vec<Sample>)>,
}

impl QueryDecoder {
    /// Reads the next stored bytes; `each` gets the good records.
    pub fn feed(&mut self, stored: Bytes, each: &mut impl FnMut(Query)) {
        self.unpack.push(stored);
        self.unpack(each);
    }

    /// There are no more stored bytes.
    pub fn finish(&mut self, each: &mut impl FnMut(Query)) {
        self.unpack.end();
        self.unpack(each);
        // What a broken-off object ends in is its damage, not a malformed record.
        if self.damage.is_none() {
            let counts = &mut self.counts;
            self.splitter.finish(&mut |line, piece, bytes| counts.take(line, piece, bytes, each));
        }
    }

    fn unpack(&mut self, each: &mut impl FnMut(Query)) {
        let mut more = self.damage.is_none();
        while more {
            match self.unpack.step() {
                Ok(went_on) => more = went_on,
                Err(damage) => (self.damage, more) = (Some(damage), false),
            }
            let counts = &mut self.counts;
            self.splitter.feed(self.unpack.text(), &mut |line, piece, bytes| counts.take(line, piece, bytes, each));
        }
    }

    /// What was found so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Why the object was not read in whole, if it was not.
    pub fn damage(&self) -> Option<&Damage> {
        self.damage.as_ref()
    }
}

impl Counts {
    fn take(&mut self, line: u64, piece: Piece, bytes: &[u8], each: &mut impl FnMut(Query)) {
        let reason = match piece {
            Piece::Object => match Query::parse(bytes) {
                Ok(query) => {
                    self.records += 1;
                    self.answers += query.addresses.len() as u64;
                    return each(query);
                }
                // Records of a log group: the messages of a subscription, of `filter-log-events` or of Firehose.
                Err(reason) => match envelopes::messages(bytes) {
                    Some(messages) => {
                        return messages.iter().for_each(|message| self.take_message(line, message, each));
                    }
                    None => reason,
                },
            },
            Piece::Broken | Piece::Other => Reason::NotJson,
            Piece::TooLong => Reason::TooLong,
        };
        self.reject(reason, line, bytes);
    }

    fn take_message(&mut self, line: u64, message: &str, each: &mut impl FnMut(Query)) {
        match Query::parse(message.trim().as_bytes()) {
            Ok(query) => {
                self.records += 1;
                self.answers += query.addresses.len() as u64;
                each(query);
            }
            Err(reason) => self.reject(reason, line, message.as_bytes()),
        }
    }

    fn reject(&mut self, reason: Reason, line: u64, bytes: &[u8]) {
        let (count, samples) = self.malformed.entry(reason).or_default();
        *count += 1;
        if samples.len() < SAMPLES {
            samples.push(Sample { line, text: excerpt(bytes, SAMPLE_LENGTH) });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = r#"{"query_timestamp":"2026-09-01T10:00:01Z","query_name":"a.","answers":[{"Rdata":"203.0.113.9","Type":"A"}]}"#;

    fn read(stored: &[u8], size: usize) -> (Vec<Query>, QueryDecoder) {
        let (mut decoder, mut queries) = (QueryDecoder::default(), Vec::new());
        stored
            .chunks(size)
            .for_each(|chunk| decoder.feed(Bytes::copy_from_slice(chunk), &mut |query| queries.push(query)));
        decoder.finish(&mut |query| queries.push(query));
        (queries, decoder)
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn bad_records_are_counted_and_shown() {
        let text = format!("{GOOD}\n{{\"query_name\":\"b.\"}}\n\u{1b}prose\n{GOOD}\n{{\"x\":1\n{GOOD}\n");
        for stored in [text.clone().into_bytes(), gzip(&text)] {
            let (queries, decoder) = read(&stored, 7);
            assert_eq!((queries.len(), decoder.counts().records, decoder.counts().answers), (3, 3, 3));
            let malformed: Vec<_> = decoder.counts().malformed.iter().map(|(r, (n, s))| (*r, *n, s[0].line)).collect();
            assert_eq!(malformed, [(Reason::NotJson, 2, 3), (Reason::BadTimestamp, 1, 2)]);
            assert_eq!(decoder.counts().malformed[&Reason::NotJson].1[0].text, "\\u{1b}prose");
            assert_eq!(decoder.damage(), None);
        }
    }

    #[test]
    fn records_are_read_out_of_what_log_groups_put_around_them() {
        let message = serde_json::to_string(GOOD).unwrap();
        let subscription = format!(
            r#"{{"messageType":"DATA_MESSAGE","logGroup":"g","logEvents":[{{"id":"1","message":{message}}},{{"id":"2","message":{message}}}]}}"#
        );
        let probe = r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","message":"CWL CONTROL MESSAGE"}]}"#;
        let filtered = format!(r#"{{"events":[{{"eventId":"1","message":{message}}}],"searchedLogStreams":[]}}"#);
        let firehose = format!(r#"{{"message":{message}}}{{"message":{message}}}"#);
        for (text, records) in [(subscription + "\n" + probe, 2), (filtered, 1), (firehose, 2)] {
            for stored in [text.clone().into_bytes(), gzip(&text)] {
                let (queries, decoder) = read(&stored, 11);
                assert_eq!((queries.len(), decoder.counts().answers), (records, records as u64), "{text}");
                assert_eq!(decoder.counts().malformed, BTreeMap::new(), "{text}");
            }
        }
        let (queries, decoder) = read(br#"{"logEvents":[{"message":"START RequestId"}]}"#, 99);
        assert_eq!((queries.len(), decoder.counts().malformed[&Reason::NotJson].0), (0, 1));
    }

    #[test]
    fn a_truncated_object_keeps_what_was_readable() {
        let stored = gzip(&format!("{GOOD}\n").repeat(500));
        let (queries, decoder) = read(&stored[..stored.len() - 12], usize::MAX);
        assert_eq!(decoder.damage(), Some(&Damage::Gzip(crate::decode::inflate::Damage::Truncated)));
        assert!(queries.len() > 100 && decoder.counts().malformed.is_empty(), "{}", queries.len());
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces(bytes in prop::collection::vec(any::<u8>(), 0..200), size in 1usize..50) {
            let (whole, decoder) = read(&bytes, usize::MAX);
            let (pieces, other) = read(&bytes, size);
            prop_assert_eq!(whole, pieces);
            prop_assert_eq!(decoder.counts(), other.counts());
        }
    }
}
