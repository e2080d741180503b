//! Queries as Arrow batches.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Builder, RecordBatch, StringViewBuilder};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;

use super::query::Query;

/// Rows per batch.
pub(super) const BATCH: usize = 8192;

const TEXTS: [&str; 8] =
    ["account_id", "region", "vpc_id", "srcaddr", "instance_id", "names", "address", "source_file"];

/// Columns of `resolver_log`: `query_time` in Unix seconds, then texts. One row per address answered; a query without any
/// has one row without address.
pub(super) fn schema() -> SchemaRef {
    let texts = TEXTS.iter().map(|name| Field::new(*name, DataType::Utf8View, true));
    let time = Field::new("query_time", DataType::Int64, true);
    Arc::new(Schema::new([time].into_iter().chain(texts).collect::<Vec<_>>()))
}

#[derive(Debug)]
pub(super) struct Rows {
    schema: SchemaRef,
    times: Int64Builder,
    texts: [StringViewBuilder; TEXTS.len()],
    length: usize,
}

impl Rows {
    pub(super) fn new() -> Self {
        let texts = std::array::from_fn(|_| StringViewBuilder::new().with_deduplicate_strings());
        Self { schema: schema(), times: Int64Builder::new(), texts, length: 0 }
    }

    pub(super) fn push(&mut self, query: &Query, account_of_key: Option<&str>, source_file: &str) {
        let mut row = |address: Option<&str>| {
            self.times.append_value(query.time);
            let values = [
                query.account_id.as_deref().or(account_of_key),
                query.region.as_deref(),
                query.vpc_id.as_deref(),
                query.srcaddr.as_deref(),
                query.instance_id.as_deref(),
                Some(query.names.as_str()),
                address,
                Some(source_file),
            ];
            for (builder, value) in self.texts.iter_mut().zip(values) {
                builder.append_option(value);
            }
            self.length += 1;
        };
        if query.addresses.is_empty() {
            row(None);
        }
        for address in &query.addresses {
            row(Some(&address.to_string()));
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.length >= BATCH
    }

    /// The rows so far; none if there are none.
    pub(super) fn take(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        if self.length == 0 {
            return Ok(None);
        }
        self.length = 0;
        let texts = self.texts.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        let columns = [Arc::new(self.times.finish()) as ArrayRef].into_iter().chain(texts).collect();
        RecordBatch::try_new(Arc::clone(&self.schema), columns).map(Some)
    }
}
