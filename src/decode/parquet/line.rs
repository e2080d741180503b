//! Rows of columns as the line that text would have: checks, rows and groups are then those of text.

use std::fmt::Write;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryViewArray, DictionaryArray, Float64Array, Int64Array, StringViewArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type, TimeUnit};
use datafusion::arrow::error::ArrowError;

use super::recall::Recalled;
use crate::decode::decoder::Decoder;
use crate::decode::rejects::Reason;
use crate::decode::sink::{Measured, ROWS_AT_ONCE, SEPARATOR, Sink};
use crate::record::tokenise::Span;

/// First whole number that a double cannot tell from its neighbour's neighbour: above, text shows what it is.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// What a line has in the place of null.
pub(super) const NULL: &str = "-";

/// One column of a batch.
#[derive(Debug)]
pub(super) enum Cells {
    /// Not in the file, or not read.
    Null,
    Integer(Int64Array),
    Float(Float64Array),
    Text(StringViewArray),
    /// Numbers of texts that stand once.
    Coded(DictionaryArray<Int32Type>),
    Bytes(BinaryViewArray),
}

impl Cells {
    /// Whether a column of this type can hold a field.
    pub(super) fn can_read(kind: &DataType) -> bool {
        use DataType::{Binary, Date32, Date64, Timestamp, Utf8};
        kind.is_numeric() || matches!(kind, Utf8 | Binary | Timestamp(..) | Date32 | Date64 | DataType::Null)
    }

    /// Numbers of any width are read as their widest; times as Unix seconds.
    pub(super) fn new(array: &ArrayRef) -> Result<Self, ArrowError> {
        use DataType::{
            Binary, BinaryView, Date32, Date64, Dictionary, Float16, Float32, Float64, Null, Timestamp, UInt64, Utf8,
            Utf8View,
        };
        let to = |kind: &DataType| cast(array, kind);
        let integer = |array: ArrayRef| Self::Integer(array.as_primitive::<Int64Type>().clone());
        Ok(match array.data_type() {
            Null => Self::Null,
            Utf8 | Utf8View => Self::Text(to(&Utf8View)?.as_string_view().clone()),
            Dictionary(..) => match array.as_dictionary_opt::<Int32Type>() {
                Some(coded) if coded.values().as_string_opt::<i32>().is_some() => Self::Coded(coded.clone()),
                _ => Self::Text(to(&Utf8View)?.as_string_view().clone()),
            },
            Binary | BinaryView => Self::Bytes(to(&BinaryView)?.as_binary_view().clone()),
            Float16 | Float32 | Float64 => Self::Float(to(&Float64)?.as_primitive::<Float64Type>().clone()),
            Timestamp(..) | Date32 | Date64 => {
                let seconds = to(&Timestamp(TimeUnit::Second, None))?;
                integer(cast(&seconds, &DataType::Int64)?)
            }
            kind if kind.is_integer() && *kind != UInt64 => integer(to(&DataType::Int64)?),
            // Decimals, and integers that may not fit.
            _ => Self::Text(to(&Utf8View)?.as_string_view().clone()),
        })
    }

    /// Appends the value of a row; false if it is not UTF-8.
    #[inline]
    fn write(&self, row: usize, line: &mut String) -> bool {
        match self {
            Self::Integer(values) if values.is_valid(row) => {
                line.push_str(itoa::Buffer::new().format(values.value(row)))
            }
            Self::Text(values) if values.is_valid(row) => line.push_str(shown(values.value(row))),
            Self::Coded(words) => line.push_str(word(words, row).map_or(NULL, shown)),
            Self::Float(values) if values.is_valid(row) => push_float(values.value(row), line),
            Self::Bytes(values) if values.is_valid(row) => match std::str::from_utf8(values.value(row)) {
                Ok(text) => line.push_str(shown(text)),
                Err(_) => return false,
            },
            _ => line.push_str(NULL),
        }
        true
    }
}

/// A text as a line shows it: exporters write two for null.
pub(super) fn shown(text: &str) -> &str {
    if matches!(text, "" | "None") { NULL } else { text }
}

fn word(words: &DictionaryArray<Int32Type>, row: usize) -> Option<&str> {
    let values = words.values().as_string_opt::<i32>()?;
    let key = words.key(row).filter(|key| *key < values.len() && values.is_valid(*key))?;
    Some(values.value(key))
}

/// Data frames turn integers with nulls into doubles, and null into NaN.
fn push_float(value: f64, line: &mut String) {
    if value.is_nan() {
        line.push_str(NULL);
    } else if value.fract() == 0.0 && value.abs() < EXACT {
        line.push_str(itoa::Buffer::new().format(value as i64));
    } else {
        // Writing to a String cannot fail.
        let _ = write!(line, "{value}");
    }
}

/// Writes the rows of a batch one after another.
#[derive(Debug)]
pub(super) struct RowWriter {
    cells: Vec<Cells>,
    recalled: Option<Recalled>,
    block: Vec<(u128, Measured)>,
    /// Of the block of rows at `next`, those that are known again.
    known: [bool; ROWS_AT_ONCE],
    rows: usize,
    next: usize,
    line: String,
    spans: Vec<Span>,
}

impl RowWriter {
    pub(super) fn new(cells: Vec<Cells>, rows: usize, recalled: Option<Recalled>) -> Self {
        Self {
            cells,
            recalled,
            block: Vec::new(),
            known: [false; ROWS_AT_ONCE],
            rows,
            next: 0,
            line: String::new(),
            spans: Vec::new(),
        }
    }

    /// Gives rows to `decoder` until it is ready (true) or there are no more.
    pub(super) fn write<S: Sink>(&mut self, decoder: &mut Decoder<S>) -> bool {
        while self.next < self.rows {
            if decoder.is_ready() {
                return true;
            }
            let row = self.next;
            self.next += 1;
            if let Some(recalled) = &self.recalled {
                if row.is_multiple_of(ROWS_AT_ONCE) {
                    recalled.block(row, &mut self.block);
                    self.known = decoder.recall(&self.block);
                }
                if self.known[row % ROWS_AT_ONCE] {
                    decoder.recalled();
                    continue;
                }
            }
            let fit = self.compose(row);
            decoder.row(&self.line, &self.spans, fit, self.recalled.as_ref().and_then(|recalled| recalled.print(row)));
        }
        false
    }

    fn compose(&mut self, row: usize) -> Result<(), Reason> {
        self.line.clear();
        self.spans.clear();
        let mut is_text = true;
        for cells in &self.cells {
            let start = self.line.len() as u32;
            is_text &= cells.write(row, &mut self.line);
            self.spans.push(Span { start, end: self.line.len() as u32 });
            self.line.push(SEPARATOR.into());
        }
        self.line.pop();
        // A value that holds a separator would make two rows of different columns alike.
        let separators = memchr::memchr2_iter(SEPARATOR, b'\n', self.line.as_bytes()).count();
        match is_text {
            false => Err(Reason::NotUtf8),
            true if separators + 1 != self.cells.len() => Err(Reason::ControlCharacter),
            true => Ok(()),
        }
    }
}
