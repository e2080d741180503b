//! Rows of a query as a table, CSV or JSON, written batch by batch.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::csv::WriterBuilder as CsvBuilder;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::json::writer::{JsonArray, JsonFormat, LineDelimited};
use datafusion::arrow::json::{Writer as JsonWriter, WriterBuilder as JsonBuilder};
use datafusion::arrow::util::display::FormatOptions;
use datafusion::arrow::util::pretty::pretty_format_batches_with_options;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;

use super::sink::Sink;
use crate::cli::Rows;
use crate::report::templates::one_line;
use crate::{Error, Result};

/// Rows that a table shows: it is laid out in memory.
const TABLE_ROWS: usize = 10_000;

/// Writes the rows of one query.
pub(super) struct Writer {
    format: Rows,
    schema: SchemaRef,
}

impl Writer {
    pub(super) fn new(format: Rows, schema: SchemaRef) -> Self {
        Self { format, schema }
    }

    /// Writes all rows, and tells whether some were left out (tables only).
    pub(super) async fn write(self, rows: SendableRecordBatchStream, sink: &mut Sink<'_>) -> Result<bool> {
        match self.format {
            Rows::Table => self.table(rows, sink).await,
            Rows::Csv => self.csv(rows, sink).await,
            Rows::Json => json::<JsonArray>(rows, sink).await,
            Rows::Ndjson => json::<LineDelimited>(rows, sink).await,
        }
    }

    async fn table(self, mut rows: SendableRecordBatchStream, sink: &mut Sink<'_>) -> Result<bool> {
        // An empty batch first: a result without rows still shows its columns.
        let mut shown = vec![RecordBatch::new_empty(self.schema)];
        let mut room = TABLE_ROWS;
        let mut cut = false;
        while let Some(batch) = rows.next().await.transpose()? {
            cut = batch.num_rows() > room;
            shown.push(batch.slice(0, batch.num_rows().min(room)));
            room -= batch.num_rows().min(room);
            if cut {
                break;
            }
        }
        let options = FormatOptions::default().with_null("NULL");
        let text = pretty_format_batches_with_options(&shown, &options)?.to_string();
        for line in text.lines() {
            sink.print(&(one_line(line) + "\n"))?;
        }
        Ok(cut)
    }

    async fn csv(self, mut rows: SendableRecordBatchStream, sink: &mut Sink<'_>) -> Result<bool> {
        let flat = flat_schema(&self.schema);
        // Written even when no batch comes.
        let mut header = true;
        let mut next = Some(RecordBatch::new_empty(Arc::clone(&self.schema)));
        while let Some(batch) = next.filter(|_| !sink.is_closed()) {
            let mut text = Vec::new();
            CsvBuilder::new().with_header(header).build(&mut text).write(&flattened(&batch, &flat)?)?;
            sink.put(&text)?;
            header = false;
            next = rows.next().await.transpose()?;
        }
        Ok(false)
    }
}

async fn json<F: JsonFormat>(mut rows: SendableRecordBatchStream, sink: &mut Sink<'_>) -> Result<bool> {
    let mut writer: JsonWriter<_, F> = JsonBuilder::new().with_explicit_nulls(true).build(Vec::new());
    while let Some(batch) = rows.next().await.transpose()?.filter(|_| !sink.is_closed()) {
        writer.write(&batch)?;
        sink.put(&std::mem::take(writer.get_mut()))?;
    }
    writer.finish()?;
    sink.put(&writer.into_inner())?;
    Ok(false)
}

/// Nested columns become text: CSV has no other way.
fn flat_schema(schema: &Schema) -> SchemaRef {
    let flat = |field: &Arc<Field>| match field.data_type().is_nested() {
        true => Arc::new(Field::new(field.name(), DataType::Utf8, true)),
        false => Arc::clone(field),
    };
    Arc::new(Schema::new(schema.fields().iter().map(flat).collect::<Vec<_>>()))
}

fn flattened(batch: &RecordBatch, flat: &SchemaRef) -> Result<RecordBatch> {
    let schema = batch.schema();
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| {
        if field.data_type().is_nested() { as_json(column, field) } else { Ok(Arc::clone(column)) }
    });
    Ok(RecordBatch::try_new(Arc::clone(flat), columns.collect::<Result<Vec<_>>>()?)?)
}

fn as_json(column: &ArrayRef, field: &Arc<Field>) -> Result<ArrayRef> {
    let broken = |error: serde_json::Error| Error::Output(format!("column {}: {error}", field.name()));
    let schema = Arc::new(Schema::new(vec![Field::new("cell", field.data_type().clone(), true)]));
    let batch = RecordBatch::try_new(schema, vec![Arc::clone(column)])?;
    let mut lines = JsonBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(Vec::new());
    lines.write(&batch)?;
    lines.finish()?;
    let mut cells = Vec::with_capacity(batch.num_rows());
    for line in lines.into_inner().split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let row: serde_json::Value = serde_json::from_slice(line).map_err(broken)?;
        cells.push(row.get("cell").filter(|cell| !cell.is_null()).map(ToString::to_string));
    }
    Ok(Arc::new(StringArray::from(cells)))
}
