//! Rows of a statement as values.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayData, ArrayRef, AsArray, RecordBatch, make_array};
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
    let columns = batch.columns().iter().map(rounded_column).collect::<std::result::Result<_, _>>()?;
    RecordBatch::try_new(batch.schema(), columns)
}

/// Also within lists and structures.
fn rounded_column(array: &ArrayRef) -> std::result::Result<ArrayRef, ArrowError> {
    if let Some(numbers) = array.as_primitive_opt::<Float64Type>() {
        return Ok(Arc::new(numbers.unary::<_, Float64Type>(twelve_digits)));
    }
    let data = array.to_data();
    if data.child_data().is_empty() {
        return Ok(Arc::clone(array));
    }
    let child = |data: &ArrayData| Ok(rounded_column(&make_array(data.clone()))?.to_data());
    let children = data.child_data().iter().map(child).collect::<std::result::Result<_, ArrowError>>()?;
    Ok(make_array(data.into_builder().child_data(children).build()?))
}

/// The decimal number of twelve significant digits that is nearest.
fn twelve_digits(number: f64) -> f64 {
    format!("{number:.11e}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array, ListArray, StructArray};
    use datafusion::arrow::buffer::OffsetBuffer;
    use datafusion::arrow::datatypes::{DataType, Field, Float64Type};

    use super::{rounded_column, twelve_digits};

    #[test]
    fn numbers_within_lists_are_cut_off_too() {
        let usd: ArrayRef =
            Arc::new(Float64Array::from(vec![Some(630.926_280_327_554), None, Some(630.926_280_327_553_7)]));
        let part = Arc::new(Field::new("usd", DataType::Float64, true));
        let parts = StructArray::from(vec![(part, usd)]);
        let item = Arc::new(Field::new_list_field(parts.data_type().clone(), true));
        let lists = ListArray::new(item, OffsetBuffer::from_lengths([1, 2]), Arc::new(parts), None);
        let cut = rounded_column(&(Arc::new(lists) as ArrayRef)).unwrap();
        let parts = cut.as_list::<i32>().values().as_struct().column(0).as_primitive::<Float64Type>().clone();
        assert_eq!(parts, Float64Array::from(vec![Some(630.926_280_328), None, Some(630.926_280_328)]));
        assert_eq!(cut.as_list::<i32>().value_length(1), 2);
    }

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
