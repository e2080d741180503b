//! Key columns of a group: a value of one line, and the column that it goes to.

use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, StringViewBuilder, UInt32Array};
use datafusion::arrow::compute::take;
use datafusion::arrow::error::ArrowError;
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::decode::columns::canonical;

/// No text.
const NO_TEXT: u32 = u32::MAX;
/// No number: fields are never negative.
const NO_NUMBER: i64 = -1;

/// A key column under construction.
#[derive(Debug)]
pub(super) enum KeyColumn {
    Text(Box<Texts>),
    Integer(Vec<i64>),
}

/// A column of text: the values once, and each row's number of its value.
#[derive(Debug)]
pub(super) struct Texts {
    hasher: DefaultHashBuilder,
    /// Hash and number of each value.
    known: HashTable<(u64, u32)>,
    values: StringViewBuilder,
    rows: Vec<u32>,
}

/// One key column of one line.
#[derive(Debug, Clone, Copy)]
pub(super) enum KeyValue<'a> {
    Text(Option<&'a str>),
    Address(Option<&'a str>),
    Integer(Option<i64>),
}

impl KeyValue<'_> {
    pub(super) fn write(&self, key: &mut Vec<u8>) {
        match self {
            Self::Text(Some(text)) | Self::Address(Some(text)) => {
                key.push(1);
                key.extend_from_slice(text.as_bytes());
                key.push(b'\n');
            }
            Self::Integer(Some(number)) => {
                key.push(1);
                key.extend_from_slice(&number.to_le_bytes());
            }
            Self::Text(None) | Self::Address(None) | Self::Integer(None) => key.push(0),
        }
    }
}

impl KeyColumn {
    pub(super) fn integer() -> Self {
        Self::Integer(Vec::new())
    }

    pub(super) fn text() -> Self {
        Self::Text(Box::new(Texts {
            hasher: DefaultHashBuilder::default(),
            known: HashTable::new(),
            values: StringViewBuilder::new(),
            rows: Vec::new(),
        }))
    }

    pub(super) fn append(&mut self, value: KeyValue<'_>) {
        match (self, value) {
            (Self::Integer(rows), KeyValue::Integer(number)) => rows.push(number.unwrap_or(NO_NUMBER)),
            (Self::Integer(rows), _) => rows.push(NO_NUMBER),
            (Self::Text(texts), KeyValue::Text(text)) => texts.append(text),
            (Self::Text(texts), KeyValue::Address(text)) => texts.append(text.map(canonical).as_deref()),
            (Self::Text(texts), KeyValue::Integer(_)) => texts.rows.push(NO_TEXT),
        }
    }

    /// The values so far, for [`KeyColumn::rows`]; nothing for numbers.
    pub(super) fn values(&mut self) -> Option<ArrayRef> {
        match self {
            Self::Text(texts) => Some(Arc::new(texts.values.finish_cloned())),
            Self::Integer(_) => None,
        }
    }

    /// These rows with their values.
    pub(super) fn rows(&self, range: Range<usize>, values: &Option<ArrayRef>) -> Result<ArrayRef, ArrowError> {
        match (self, values) {
            (Self::Text(texts), Some(values)) => {
                let rows = texts.rows[range].iter();
                let rows: UInt32Array = rows.map(|row| (*row != NO_TEXT).then_some(*row)).collect();
                take(values, &rows, None)
            }
            (Self::Integer(rows), _) => {
                let rows = rows[range].iter();
                Ok(Arc::new(rows.map(|row| (*row != NO_NUMBER).then_some(*row)).collect::<Int64Array>()))
            }
            (Self::Text(_), None) => {
                Err(ArrowError::InvalidArgumentError("a column of text without values".to_owned()))
            }
        }
    }
}

impl Texts {
    fn append(&mut self, text: Option<&str>) {
        let number = text.map(|text| {
            let hash = self.hasher.hash_one(text);
            let same = |(known, number): &(u64, u32)| {
                *known == hash && self.values.get_value(*number as usize) == text.as_bytes()
            };
            if let Some((_, number)) = self.known.find(hash, same) {
                return *number;
            }
            let number = self.known.len() as u32;
            self.values.append_value(text);
            self.known.insert_unique(hash, (hash, number), |(hash, _)| *hash);
            number
        });
        self.rows.push(number.unwrap_or(NO_TEXT));
    }
}
