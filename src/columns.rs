//! Builds a record batch column by column from a slice of rows: how every small table (inventory, prices, catalogue) is made.

use std::fmt::Display;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringViewArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};

use crate::Result;

/// Columns over `rows`; every column is nullable.
#[derive(Debug)]
pub(crate) struct Columns<'a, T> {
    rows: &'a [T],
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl<'a, T> Columns<'a, T> {
    pub(crate) fn of(rows: &'a [T]) -> Self {
        Self { rows, fields: Vec::new(), arrays: Vec::new() }
    }

    fn push(mut self, name: &str, data_type: DataType, array: ArrayRef) -> Self {
        self.fields.push(Field::new(name, data_type, true));
        self.arrays.push(array);
        self
    }

    /// Utf8View of text the rows hold.
    pub(crate) fn text(self, name: &str, value: impl Fn(&'a T) -> Option<&'a str>) -> Self {
        let array: StringViewArray = self.rows.iter().map(value).collect();
        self.push(name, DataType::Utf8View, Arc::new(array))
    }

    /// Utf8View of a value as it displays.
    pub(crate) fn display<D: Display>(self, name: &str, value: impl Fn(&'a T) -> Option<D>) -> Self {
        let array: StringViewArray = self.rows.iter().map(|row| value(row).map(|shown| shown.to_string())).collect();
        self.push(name, DataType::Utf8View, Arc::new(array))
    }

    pub(crate) fn integer(self, name: &str, value: impl Fn(&'a T) -> Option<i64>) -> Self {
        let array: Int64Array = self.rows.iter().map(value).collect();
        self.push(name, DataType::Int64, Arc::new(array))
    }

    pub(crate) fn float(self, name: &str, value: impl Fn(&'a T) -> Option<f64>) -> Self {
        let array: Float64Array = self.rows.iter().map(value).collect();
        self.push(name, DataType::Float64, Arc::new(array))
    }

    pub(crate) fn flag(self, name: &str, value: impl Fn(&'a T) -> bool) -> Self {
        let array: BooleanArray = self.rows.iter().map(|row| Some(value(row))).collect();
        self.push(name, DataType::Boolean, Arc::new(array))
    }

    pub(crate) fn finish(self) -> Result<RecordBatch> {
        Ok(RecordBatch::try_new(Arc::new(Schema::new(self.fields)), self.arrays)?)
    }
}
