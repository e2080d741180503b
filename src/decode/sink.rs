//! What becomes of a good line: a row of a batch, or a share of a group.

use std::sync::Arc;

use datafusion::arrow::{array::RecordBatch, error::ArrowError};

use super::{decoder::Origin, rejects::Reason};
use crate::record::{layout::Layout, tokenise::Span};

/// Between fields that were never text. Values have spaces in tags that somebody decoded; nobody writes this.
pub const SEPARATOR: u8 = 0x1f;

/// Takes the lines of one or more objects and gives batches.
pub trait Sink {
    /// A layout comes into force, at the start of an object or in the middle of one.
    fn start(&mut self, layout: &Arc<Layout>, origin: &Origin);

    /// Whether it reads the field at this position of the field table. Formats that store columns apart leave others unread; fields
    /// that a line is judged by are always read.
    fn wants(&self, position: usize) -> bool;

    /// One line of text. An error counts it as malformed; nothing of it is kept.
    fn line(&mut self, line: &str) -> Result<(), Reason>;

    /// The same for fields that were never text: as many as the layout has, joined by [`SEPARATOR`], at these places.
    fn row(&mut self, fields: &str, spans: &[Span]) -> Result<(), Reason>;

    /// Whether [`Sink::take`] must come before more lines.
    fn is_full(&self) -> bool;

    /// What was gathered since the last call; `None` if nothing.
    fn take(&mut self) -> Result<Option<RecordBatch>, ArrowError>;

    /// An object is at its end. What is gathered may go out, or wait for the next object.
    fn end_of_object(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        self.take()
    }
}
