//! The columns of a Parquet file: which of them are read, and as what.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Field as ArrowField, FieldRef, Schema};
use datafusion::arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;

use super::line::{Cells, RowWriter};
use super::recall::Recall;
use crate::decode::decoder::Decoder;
use crate::decode::sink::Sink;
use crate::record::fields::Field;
use crate::record::layout::{Layout, Refusal};

/// Names shown of a file that is no flow log.
const SHOWN: usize = 6;

/// Columns of one file.
#[derive(Debug)]
pub(super) struct Table {
    metadata: ArrowReaderMetadata,
    width: usize,
    /// Columns that are read, in the file's order.
    read: Vec<usize>,
    recall: Option<Recall>,
}

impl Table {
    /// The columns that `wants` (positions in the field table) or that rows are judged by, and the layout of all; `coded` if text is
    /// to come with its dictionary.
    pub(super) fn new(
        metadata: &Arc<ParquetMetaData>,
        wants: &dyn Fn(usize) -> bool,
        coded: bool,
    ) -> Result<Result<(Self, Layout), Refusal>, ParquetError> {
        // Types as Parquet has them: an embedded Arrow schema may ask for dictionaries and other forms.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let plain = ArrowReaderMetadata::try_new(Arc::clone(metadata), options.clone())?;
        let names: Vec<&str> = plain.schema().fields().iter().map(|field| field.name().as_str()).collect();
        let layout = match layout(&names) {
            Ok(layout) => layout,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let wanted = |(column, field): &(usize, &'static Field)| {
            let position = Field::position(field.name).unwrap_or(usize::MAX);
            (field.value.is_checked() || wants(position)).then_some(*column)
        };
        let read: Vec<usize> = layout.fields().filter_map(|field| wanted(&field)).collect();
        for column in &read {
            let field = plain.schema().field(*column);
            if !Cells::can_read(field.data_type()) {
                return Ok(Err(Refusal::ColumnType(field.name().clone(), field.data_type().to_string())));
            }
        }
        let views = Schema::new(plain.schema().fields().iter().map(|field| view(field, coded)).collect::<Vec<_>>());
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata), options.with_schema(Arc::new(views)))?;
        Ok(Ok((Self { metadata, width: layout.width(), read, recall: None }, layout)))
    }

    pub(super) fn metadata(&self) -> &ArrowReaderMetadata {
        &self.metadata
    }

    pub(super) fn projection(&self) -> ProjectionMask {
        ProjectionMask::roots(self.metadata.parquet_schema(), self.read.iter().copied())
    }

    /// Rows go to the sink of `decoder`, which was told the columns.
    pub(super) fn for_sink_of<S: Sink>(self, decoder: &Decoder<S>) -> Self {
        Self { recall: if S::RECALLS { Recall::new(decoder, self.width) } else { None }, ..self }
    }

    /// The rows of a batch of the columns read.
    pub(super) fn rows<S: Sink>(&mut self, batch: &RecordBatch, decoder: &Decoder<S>) -> Result<RowWriter, ArrowError> {
        let mut cells: Vec<Cells> = (0..self.width).map(|_| Cells::Null).collect();
        for (column, array) in self.read.iter().zip(batch.columns()) {
            if let Some(cell) = cells.get_mut(*column) {
                *cell = Cells::new(array)?;
            }
        }
        let rows = batch.num_rows();
        let recalled = self.recall.as_mut().and_then(|recall| recall.rows(&cells, rows, decoder));
        Ok(RowWriter::new(cells, rows, recalled))
    }
}

fn layout(names: &[&str]) -> Result<Layout, Refusal> {
    let is_known = |name: &&str| Field::position(name).is_some();
    if names.contains(&"class_uid") {
        return Err(Refusal::Foreign("OCSF events, as Security Lake keeps them"));
    }
    if !names.iter().any(is_known) && !names.iter().any(|name| name.starts_with("tgw")) {
        let more = if names.len() > SHOWN { ", ..." } else { "" };
        return Err(Refusal::ForeignColumns(format!("{}{more}", names[..names.len().min(SHOWN)].join(", "))));
    }
    Layout::new(names.iter().copied())
}

/// Text without a copy, or as numbers of the texts in its dictionary.
fn view(field: &FieldRef, coded: bool) -> ArrowField {
    let kind = match field.data_type() {
        DataType::Utf8 if coded => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        DataType::Utf8 => DataType::Utf8View,
        DataType::Binary => DataType::BinaryView,
        other => other.clone(),
    };
    field.as_ref().clone().with_data_type(kind)
}
