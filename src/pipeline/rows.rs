//! Rows of a statement as values.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::json::ArrayWriter;
use datafusion::prelude::DataFrame;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// All rows; `name` is the table's or statement's, for the error.
pub(super) async fn values<T: DeserializeOwned>(frame: DataFrame, name: &str) -> Result<Vec<T>> {
    let batches = frame.collect().await?;
    let mut json = ArrayWriter::new(Vec::new());
    json.write_batches(&batches.iter().collect::<Vec<&RecordBatch>>())?;
    json.finish()?;
    let json = json.into_inner();
    if json.is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_slice(&json).map_err(|e| Error::Output(format!("{name}: {e}")))
}
