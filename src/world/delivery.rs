//! The forms in which people have flow logs: what becomes of the lines of one file.

use std::io::{Error, Result, Write};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int32Array, Int64Array, RecordBatch, StringArray};
use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression as Codec;
use parquet::file::properties::WriterProperties;
use serde_json::json;

use super::fields::{self, Field};

/// Events that CloudWatch Logs puts into one message.
const EVENTS: usize = 50;

/// A form of delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    /// To S3 as text, gzip.
    #[default]
    Gzip,
    /// Text that somebody packed anew.
    Zstd,
    /// To S3 as Parquet.
    Parquet,
    /// CloudWatch Logs, by a subscription through Firehose: gzip JSON messages back to back.
    CloudWatch,
    /// Firehose: a JSON object a record, nothing between.
    Firehose,
}

impl Delivery {
    /// Suffix of AWS's file names; `None` where AWS names the file in another way.
    pub fn suffix(self) -> Option<&'static str> {
        match self {
            Self::Gzip => Some(".log.gz"),
            Self::Zstd => Some(".log.zst"),
            Self::Parquet => Some(".log.parquet"),
            Self::CloudWatch | Self::Firehose => None,
        }
    }

    /// The file of these lines of `columns`, with a header line where text may have one and it is `headed`.
    pub(super) fn file(self, columns: &[Field], headed: bool, text: &[u8], level: u32) -> Result<Vec<u8>> {
        let whole = || match headed {
            true => [fields::header(columns).as_bytes(), b"\n", text].concat(),
            false => text.to_vec(),
        };
        let lines = || std::str::from_utf8(text).map(str::lines).map_err(Error::other);
        match self {
            Self::Gzip => gzip(&whole(), level),
            Self::Zstd => zstd::encode_all(whole().as_slice(), 1),
            Self::Parquet => parquet(columns, &lines()?.collect::<Vec<_>>()).map_err(Error::other),
            Self::CloudWatch => {
                let lines: Vec<&str> = lines()?.collect();
                let mut file =
                    gzip(message("CONTROL_MESSAGE", &["CWL CONTROL MESSAGE: Checking health."]).as_bytes(), level)?;
                for events in lines.chunks(EVENTS) {
                    file.extend(gzip(message("DATA_MESSAGE", events).as_bytes(), level)?);
                }
                Ok(file)
            }
            Self::Firehose => {
                Ok(lines()?.map(|line| json!({"message": line}).to_string()).collect::<String>().into_bytes())
            }
        }
    }
}

fn gzip(text: &[u8], level: u32) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(text)?;
    encoder.finish()
}

fn message(kind: &str, events: &[&str]) -> String {
    let event = |(id, message): (usize, &&str)| json!({"id": id.to_string(), "timestamp": 0, "message": message});
    let events: Vec<_> = events.iter().enumerate().map(event).collect();
    json!({
        "messageType": kind, "owner": "111122223333", "logGroup": "flow-logs", "logStream": "eni-0-all",
        "subscriptionFilters": ["all"], "logEvents": events,
    })
    .to_string()
}

/// Columns of AWS's types, `-` as null.
fn parquet(columns: &[Field], lines: &[&str]) -> parquet::errors::Result<Vec<u8>> {
    let rows: Vec<Vec<&str>> = lines.iter().map(|line| line.split_ascii_whitespace().collect()).collect();
    let column = |(at, field): (usize, &Field)| {
        let values = || rows.iter().map(|row| row.get(at).copied().filter(|value| *value != "-"));
        let array: ArrayRef = match field {
            Field::Packets | Field::Bytes | Field::Start | Field::End => {
                Arc::new(values().map(|value| value.and_then(|value| value.parse().ok())).collect::<Int64Array>())
            }
            Field::Version
            | Field::SrcPort
            | Field::DstPort
            | Field::Protocol
            | Field::TcpFlags
            | Field::TrafficPath
            | Field::EncryptionStatus => {
                Arc::new(values().map(|value| value.and_then(|value| value.parse().ok())).collect::<Int32Array>())
            }
            _ => Arc::new(values().collect::<StringArray>()),
        };
        (field.name().replace('-', "_"), array, true)
    };
    let batch = RecordBatch::try_from_iter_with_nullable(columns.iter().enumerate().map(column))?;
    let properties = WriterProperties::builder().set_compression(Codec::GZIP(Default::default())).build();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.close()?;
    Ok(file)
}
