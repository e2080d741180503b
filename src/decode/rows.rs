//! Every good line of a VPC flow log as a row, with the columns that a query wants.

use std::sync::Arc;

use datafusion::arrow::{array::RecordBatch, datatypes::SchemaRef, error::ArrowError};

use super::{
    check::{Checks, Numbers},
    columns::Columns,
    decoder::Origin,
    rejects::Reason,
    schema::schema,
    sink::Sink,
};
use crate::record::{
    layout::{Layout, RecordKind},
    tokenise::{Span, tokenise},
};

/// What a query wants.
#[derive(Debug, Clone)]
pub struct Wanted {
    columns: Vec<usize>,
    schema: SchemaRef,
    batch_size: usize,
}

impl Wanted {
    /// These columns (positions in [`schema`]) in batches of at most `batch_size` rows.
    pub fn new(columns: Vec<usize>, batch_size: usize) -> Result<Self, ArrowError> {
        let schema = Arc::new(schema().project(&columns)?);
        Ok(Self { columns, schema, batch_size: batch_size.max(1) })
    }

    /// Schema of the batches.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

/// The sink of `flow_logs`.
#[derive(Debug)]
pub struct Rows {
    wanted: Arc<Wanted>,
    /// No columns for records that are not of a VPC: they are judged like all others and left out.
    reading: Option<(Checks, Option<Columns>)>,
    numbers: Numbers,
    spans: Vec<Span>,
}

impl Rows {
    /// No rows yet.
    pub fn new(wanted: Arc<Wanted>) -> Self {
        Self { wanted, reading: None, numbers: Numbers::new(), spans: Vec::new() }
    }
}

impl Sink for Rows {
    fn start(&mut self, layout: &Arc<Layout>, origin: &Origin) {
        let Wanted { columns, schema, batch_size } = &*self.wanted;
        let columns = (layout.kind() == RecordKind::Vpc)
            .then(|| Columns::new(Arc::clone(schema), columns, layout, origin, *batch_size));
        self.reading = Some((Checks::new(layout), columns));
    }

    fn in_milliseconds(&mut self) {
        if let Some((checks, _)) = &mut self.reading {
            checks.in_milliseconds();
        }
    }

    fn wants(&self, position: usize) -> bool {
        self.wanted.columns.contains(&position)
    }

    #[inline]
    fn line(&mut self, line: &str) -> Result<(), Reason> {
        let mut spans = std::mem::take(&mut self.spans);
        tokenise(line, &mut spans);
        let outcome = self.row(line, &spans, None);
        self.spans = spans;
        outcome
    }

    #[inline]
    fn row(&mut self, fields: &str, spans: &[Span], _print: Option<u128>) -> Result<(), Reason> {
        let Some((checks, columns)) = &mut self.reading else { return Ok(()) };
        checks.run(fields, spans, &mut self.numbers)?;
        if let Some(columns) = columns {
            columns.append(fields, spans, &self.numbers);
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        let columns = self.reading.as_ref().and_then(|(_, columns)| columns.as_ref());
        columns.is_some_and(|columns| columns.rows() >= self.wanted.batch_size)
    }

    fn take(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        match &mut self.reading {
            Some((_, Some(columns))) if columns.rows() > 0 => columns.finish().map(Some),
            _ => Ok(None),
        }
    }
}
