//! Rows known again by their columns, without a line of text.
//!
//! A row's rest (what is not measured) is known by the sum of the fingerprints of its values. AWS's files keep a value once in a
//! dictionary, so each is fingerprinted once a row group and a row costs an addition a column.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array};

use super::line::{Cells, NULL, shown};
use crate::decode::decoder::Decoder;
use crate::decode::sink::{Measured, ROWS_AT_ONCE, Sink};

/// What is remembered of the columns of one file.
#[derive(Debug)]
pub(super) struct Recall {
    measured: [Option<usize>; 7],
    /// By the layout's columns.
    columns: Vec<Values>,
}

/// Fingerprints of a column's values.
#[derive(Debug, Default)]
struct Values {
    /// The dictionary that `prints` are of.
    dictionary: Option<ArrayRef>,
    prints: Vec<u128>,
    /// The number met last: runs of one value are the rule where numbers are no measures.
    last: Option<(i64, u128)>,
}

/// The rows of a batch as far as they may be known again.
#[derive(Debug)]
pub(super) struct Recalled {
    prints: Vec<u128>,
    measured: [Option<Int64Array>; 7],
}

impl Recall {
    /// For a file of `width` columns, if the sink of `decoder` knows rows again.
    pub(super) fn new<S: Sink>(decoder: &Decoder<S>, width: usize) -> Option<Self> {
        let measured = decoder.measured()?;
        Some(Self { measured, columns: (0..width).map(|_| Values::default()).collect() })
    }

    /// The rows of a batch; `None` if a column has another form than AWS gives it.
    pub(super) fn rows<S: Sink>(&mut self, cells: &[Cells], rows: usize, decoder: &Decoder<S>) -> Option<Recalled> {
        let mut prints = vec![0_u128; rows];
        for (column, (cells, values)) in cells.iter().zip(&mut self.columns).enumerate() {
            if self.measured.contains(&Some(column)) {
                continue;
            }
            let print = |text: &str| decoder.print(column, text);
            let Some(of_null) = print(NULL) else { continue };
            match cells {
                Cells::Null => prints.iter_mut().for_each(|sum| *sum = sum.wrapping_add(of_null)),
                Cells::Coded(words) => {
                    let dictionary = words.values();
                    if !values.dictionary.as_ref().is_some_and(|known| Arc::ptr_eq(known, dictionary)) {
                        let texts = dictionary.as_string::<i32>().iter();
                        values.prints.clear();
                        values.prints.extend(texts.map(|text| print(text.map_or(NULL, shown)).unwrap_or(of_null)));
                        values.dictionary = Some(Arc::clone(dictionary));
                    }
                    let keys = words.keys();
                    let of_key = |key: i32| usize::try_from(key).ok().and_then(|key| values.prints.get(key));
                    if keys.null_count() == 0 {
                        for (sum, key) in prints.iter_mut().zip(keys.values()) {
                            *sum = sum.wrapping_add(*of_key(*key)?);
                        }
                    } else {
                        for (sum, key) in prints.iter_mut().zip(keys) {
                            *sum = sum.wrapping_add(key.map_or(Some(of_null), |key| of_key(key).copied())?);
                        }
                    }
                }
                Cells::Integer(numbers) => {
                    for (sum, number) in prints.iter_mut().zip(numbers) {
                        *sum = sum.wrapping_add(match (number, values.last) {
                            (None, _) => of_null,
                            (Some(number), Some((last, print))) if last == number => print,
                            (Some(number), _) => {
                                let print = print(itoa::Buffer::new().format(number))?;
                                values.last = Some((number, print));
                                print
                            }
                        });
                    }
                }
                Cells::Float(_) | Cells::Text(_) | Cells::Bytes(_) => return None,
            }
        }
        let mut measured = [const { None }; 7];
        for (numbers, column) in measured.iter_mut().zip(self.measured) {
            *numbers = match column.and_then(|column| cells.get(column)) {
                None | Some(Cells::Null) => None,
                Some(Cells::Integer(numbers)) => Some(numbers.clone()),
                Some(_) => return None,
            };
        }
        Some(Recalled { prints, measured })
    }
}

impl Recalled {
    /// The fingerprint of a row's rest.
    pub(super) fn print(&self, row: usize) -> Option<u128> {
        self.prints.get(row).copied()
    }

    /// Puts the fingerprints and measures of the block of rows that begins with `first` in the place of `block`.
    pub(super) fn block(&self, first: usize, block: &mut Vec<(u128, Measured)>) {
        let rows = first..self.prints.len().min(first + ROWS_AT_ONCE);
        let measured = |row: usize| {
            self.measured.each_ref().map(|numbers| match numbers {
                Some(numbers) if numbers.is_valid(row) => Some(numbers.value(row)),
                _ => None,
            })
        };
        block.clear();
        block.extend(rows.map(|row| (self.prints[row], measured(row))));
    }
}
