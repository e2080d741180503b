//! What holds for any input, straight on the decoder.

use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::{array::RecordBatch, compute::concat_batches, util::display::array_value_to_string};
use offramp::decode::{
    decoder::{Decoder, Origin},
    object::{ObjectDecoder, Step},
    rows::{Rows, Wanted},
};
use proptest::{collection::vec, prelude::*};

use super::{SSH, V2, gzip};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..600), headed in any::<bool>(), piece in 1..64_usize) {
        let stored = if headed { [V2.as_bytes(), b"\n", &bytes].concat() } else { bytes };
        let (rows, decoder) = decode(&stored, piece, 3);
        prop_assert_eq!(rows.len() as u64, decoder.decoder().records());
    }

    #[test]
    fn damaged_gzip_never_panics(at in 0..200_usize, byte in any::<u8>(), cut in 0..200_usize) {
        let mut stored = gzip(&format!("{V2}\n{SSH}\n").repeat(3));
        let (at, cut) = (at % stored.len(), cut % stored.len());
        stored[at] = byte;
        stored.truncate(stored.len() - cut);
        decode(&stored, 10, 2);
    }

    #[test]
    fn arbitrary_json_never_panics(pieces in vec("[{}\\[\\]\":,]{1,3}|message|logEvents|\"message\":\"2 1|\\\\u00|null|7|\n", 0..60), piece in 1..64_usize) {
        let (rows, decoder) = decode(format!("{{{}", pieces.concat()).as_bytes(), piece, 3);
        prop_assert_eq!(rows.len() as u64, decoder.decoder().records());
    }

    #[test]
    fn good_messages_beside_bad_ones_are_never_lost(messages in vec(prop_oneof![record().prop_map(Ok), json_garbage().prop_map(Err)], 0..30), piece in 1..300_usize, packed in any::<bool>()) {
        let json = |message: &Result<Vec<String>, String>| match message {
            Ok(record) => serde_json::json!({"message": record.join(" ")}).to_string(),
            Err(garbage) => garbage.clone(),
        };
        let text = format!("{}\n{}", serde_json::json!({"message": SSH}), messages.iter().map(|m| json(m) + "\n").collect::<String>());
        let stored = if packed { zstd::encode_all(text.as_bytes(), 1).unwrap() } else { text.into_bytes() };
        let (rows, decoder) = decode(&stored, piece, 4);
        let good: Vec<_> = messages.iter().filter_map(|message| Some(message.as_ref().ok()?.map_dash())).collect();
        prop_assert_eq!(decoder.damage(), None);
        prop_assert_eq!(&rows[1..], good);
    }

    #[test]
    fn what_is_written_is_read(records in vec(record(), 0..40), piece in 1..300_usize, batch in 1..9_usize, packing in 0..4_usize) {
        let text = format!("{V2}\n{}", records.iter().map(|record| record.join(" ") + "\n").collect::<String>());
        let message = |record: &Vec<String>| serde_json::json!({"message": record.join(" ")}).to_string();
        let stored = match packing {
            0 => text.into_bytes(),
            1 => gzip(&text),
            2 => zstd::encode_all(text.as_bytes(), 1).unwrap(),
            _ => records.iter().map(message).collect::<String>().into_bytes(),
        };
        let (rows, decoder) = decode(&stored, piece, batch);
        prop_assert_eq!(decoder.decoder().rejects().lines(), 0);
        let expected: Vec<_> = records.iter().map(|record| record.map_dash()).collect();
        prop_assert_eq!(rows, expected);
    }

    #[test]
    fn good_rows_beside_bad_lines_are_never_lost(lines in vec(prop_oneof![record().prop_map(Ok), garbage().prop_map(Err)], 0..40), piece in 1..300_usize) {
        let text = |line: &Result<Vec<String>, String>| line.as_ref().map_or_else(Clone::clone, |record| record.join(" "));
        let stored = format!("{V2}\n{}", lines.iter().map(|line| text(line) + "\n").collect::<String>());
        let (rows, decoder) = decode(stored.as_bytes(), piece, 4);
        let good: Vec<_> = lines.iter().filter_map(|line| Some(line.as_ref().ok()?.map_dash())).collect();
        prop_assert_eq!(decoder.decoder().rejects().lines() as usize, lines.len() - good.len());
        prop_assert_eq!(rows, good);
    }
}

trait MapDash {
    fn map_dash(&self) -> Vec<String>;
}

impl MapDash for Vec<String> {
    /// As a query shows it: null is empty.
    fn map_dash(&self) -> Vec<String> {
        self.iter().map(|value| if value == "-" { String::new() } else { value.clone() }).collect()
    }
}

/// A record of the default format.
fn record() -> impl Strategy<Value = Vec<String>> {
    let address = prop_oneof![
        any::<[u8; 4]>().prop_map(|octets| std::net::Ipv4Addr::from(octets).to_string()),
        any::<[u16; 8]>().prop_map(|groups| std::net::Ipv6Addr::from(groups).to_string()),
        Just("-".to_owned()),
    ];
    let port = prop_oneof![any::<u16>().prop_map(|port| port.to_string()), Just("-".to_owned())];
    let amount = prop_oneof![(0..=i64::MAX).prop_map(|amount| amount.to_string()), Just("-".to_owned())];
    // Later ones, beyond 2100, are no times of a flow log.
    let time = (0..4_102_444_200_u32, 0..600_u32)
        .prop_map(|(start, length)| (start.to_string(), (u64::from(start) + u64::from(length)).to_string()));
    let names = ("[0-9]{12}", "eni-[0-9a-f]{8}", prop_oneof![Just("ACCEPT"), Just("REJECT"), Just("-")]);
    let status = prop_oneof![Just("OK"), Just("NODATA"), Just("SKIPDATA")];
    (names, [address.clone(), address], [port.clone(), port], any::<u8>(), [amount.clone(), amount], time, status)
        .prop_map(|((account, interface, action), addresses, ports, protocol, amounts, (start, end), status)| {
            let mut record = vec!["2".to_owned(), account, interface];
            record.extend(addresses);
            record.extend(ports);
            record.push(protocol.to_string());
            record.extend(amounts);
            record.extend([start, end, action.to_owned(), status.to_owned()]);
            record
        })
}

/// A line that is no record, no header and not blank.
fn garbage() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Z!{},;]{1,60}",
        "[0-9.]{1,9}( [0-9.]{1,9}){0,20}",
        Just(SSH.replace("OK", "ok")),
        Just(format!("{SSH} 1"))
    ]
}

/// What no record is in, one a line; a line break ends every object that was begun.
fn json_garbage() -> impl Strategy<Value = String> {
    let message = |text: &str| serde_json::json!({"message": text}).to_string();
    prop_oneof![
        "[a-z!;]{1,20}",
        "\\{\"[a-z]{1,5}\":[0-9]{1,3}\\}",
        "\\{\"message\":\"2 [0-9 ]{0,9}",
        Just(message("START RequestId")),
        Just(message(&SSH.replace("OK", "ok"))),
        Just(r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{"message":"probe"}]}"#.to_owned()),
    ]
}

pub(super) fn decode(stored: &[u8], piece: usize, batch_size: usize) -> (Vec<Vec<String>>, ObjectDecoder<Rows>) {
    let wanted = Arc::new(Wanted::new((0..14).collect(), batch_size).unwrap());
    let schema = Arc::clone(wanted.schema());
    let mut decoder = ObjectDecoder::new(Decoder::new(Rows::new(wanted), Origin::default(), None), stored.len() as u64);
    let mut pieces = stored.chunks(piece);
    let mut batches = Vec::new();
    loop {
        match decoder.advance().unwrap() {
            Step::Batch(batch) => {
                assert!((1..=batch_size).contains(&batch.num_rows()));
                batches.push(batch);
            }
            Step::More => match pieces.next() {
                Some(piece) => decoder.push(Bytes::copy_from_slice(piece)),
                None => decoder.end(),
            },
            Step::Ranges(ranges) => {
                let whole = Bytes::copy_from_slice(stored);
                decoder.push_ranges(
                    ranges.iter().map(|range| whole.slice(range.start as usize..range.end as usize)).collect(),
                );
            }
            Step::Done => return (cells(&concat_batches(&schema, &batches).unwrap()), decoder),
        }
    }
}

fn cells(batch: &RecordBatch) -> Vec<Vec<String>> {
    let row = |row| batch.columns().iter().map(|column| array_value_to_string(column, row).unwrap()).collect();
    (0..batch.num_rows()).map(row).collect()
}
