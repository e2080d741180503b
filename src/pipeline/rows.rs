//! Rows of a statement as values.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Float64Type;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::json::ArrayWriter;
use datafusion::prelude::DataFrame;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// All rows, numbers with fractions to twelve digits: sums are made in parallel, and the last of their sixteen digits depend on the
/// order, which would make reports of the same logs differ. `name` is the table's or statement's, for the error.
pub(super) async fn values<T: DeserializeOwned>(frame: DataFrame, name: &str) -> Result<Vec<T>> {
    let batches = frame.collect().await?.iter().map(rounded).collect::<std::result::Result<Vec<_>, _>>()?;
    let mut json = ArrayWriter::new(Vec::new());
    json.write_batches(&batches.iter().collect::<Vec<&RecordBatch>>())?;
    json.finish()?;
    let json = json.into_inner();
    if json.is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_slice(&json).map_err(|e| Error::Output(format!("{name}: {e}")))
}

fn rounded(batch: &RecordBatch) -> std::result::Result<RecordBatch, ArrowError> {
    let column = |array: &ArrayRef| match array.as_primitive_opt::<Float64Type>() {
        Some(numbers) => Arc::new(numbers.unary::<_, Float64Type>(twelve_digits)) as ArrayRef,
        None => Arc::clone(array),
    };
    RecordBatch::try_new(batch.schema(), batch.columns().iter().map(column).collect())
}

/// The decimal number of twelve significant digits that is nearest.
fn twelve_digits(number: f64) -> f64 {
    format!("{number:.11e}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::twelve_digits;

    #[test]
    fn the_last_digits_are_cut_off() {
        for (number, expected) in [
            (188_667.479_648_603_3, 188_667.479_649),
            (62_667.165_441_075_36, 62_667.165_441_1),
            (1e-9 / 3.0, 3.333_333_333_33e-10),
            (-0.045, -0.045),
            (0.0, 0.0),
            (123_456_789_012.0, 123_456_789_012.0),
        ] {
            assert_eq!(twelve_digits(number).to_bits(), f64::to_bits(expected), "{number}");
        }
        assert!(twelve_digits(f64::NAN).is_nan() && twelve_digits(f64::INFINITY).is_infinite());
    }
}
