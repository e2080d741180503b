//! Messages in the envelopes of CloudWatch Logs and Firehose: the same lines are read as from text, and any other JSON does no harm.
//!
//! The first byte of the input chooses the envelope, the second how it is cut; the lines of the rest are the messages.

#![no_main]

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Int64Type;
use libfuzzer_sys::fuzz_target;
use offramp::decode::decoder::{Decoder, Origin};
use offramp::decode::object::{ObjectDecoder, Step};
use offramp::decode::rows::{Rows, Wanted};
use offramp::decode::schema::schema;

const FIRST: &str = "2 123456789010 eni-1 10.0.0.5 10.0.0.6 49761 443 6 20 4249 1418530010 1418530070 ACCEPT OK";
const BYTES: usize = 9;

static WANTED: LazyLock<Arc<Wanted>> = LazyLock::new(|| {
    assert_eq!(schema().field(BYTES).name(), "bytes");
    Arc::new(Wanted::new(vec![BYTES], 64).expect("the column"))
});

fuzz_target!(|data: &[u8]| {
    let [kind, cut, rest @ ..] = data else { return };
    let piece = usize::from(*cut) + 1;
    if kind % 4 == 3 {
        // Not an envelope, or a broken one.
        let stored = [b"{", rest].concat();
        assert_eq!(read(&stored, piece), read(&stored, stored.len()));
        return;
    }
    // A carriage return ends a line of a message, and is a byte of a line of text.
    let text = String::from_utf8_lossy(rest).replace('\r', " ");
    // A blank message is counted as none; a blank line is nothing.
    let lines: Vec<&str> = std::iter::once(FIRST).chain(text.split('\n')).filter(|line| !line.trim().is_empty()).collect();
    let message = |line: &&str| serde_json::json!({ "message": line });
    let stored = match kind % 4 {
        0 => lines.iter().map(|line| message(line).to_string()).collect::<String>(),
        1 => lines.iter().map(|line| format!("{:#}\n", message(line))).collect::<String>(),
        _ => {
            let events: Vec<_> = lines.iter().map(message).collect();
            serde_json::json!({ "messageType": "DATA_MESSAGE", "logGroup": "flow", "logEvents": events }).to_string()
        }
    };
    let expected = read(lines.join("\n").as_bytes(), usize::MAX);
    assert_eq!(read(stored.as_bytes(), piece), expected, "the envelope changes the records");
});

/// Good rows, their bytes, malformed lines, damage.
fn read(stored: &[u8], piece: usize) -> (u64, i64, u64, Option<String>) {
    let decoder = Decoder::new(Rows::new(Arc::clone(&WANTED)), Origin::default(), None);
    let mut decoder = ObjectDecoder::new(decoder, stored.len() as u64);
    let (mut rest, mut bytes) = (stored, 0_i64);
    loop {
        match decoder.advance().expect("no error of Arrow") {
            Step::Batch(batch) => {
                let values = batch.column(0).as_primitive::<Int64Type>();
                bytes = values.iter().flatten().fold(bytes, i64::wrapping_add);
            }
            Step::More if rest.is_empty() => decoder.end(),
            Step::More => {
                let (now, later) = rest.split_at(piece.clamp(1, rest.len()));
                decoder.push(Bytes::copy_from_slice(now));
                rest = later;
            }
            Step::Ranges(ranges) => decoder.push_ranges(vec![Bytes::new(); ranges.len()]),
            Step::Done => break,
        }
    }
    let read = decoder.decoder();
    (read.records(), bytes, read.rejects().lines(), decoder.damage())
}
