//! What becomes of a good line: a row of a batch, or a share of a group.

use std::sync::Arc;

use datafusion::arrow::{array::RecordBatch, error::ArrowError};

use super::{decoder::Origin, rejects::Reason};
use crate::record::{layout::Layout, tokenise::Span};

/// Between fields that were never text. Values have spaces in tags that somebody decoded; nobody writes this.
pub const SEPARATOR: u8 = 0x1f;

/// Rows that are known again at once.
pub const ROWS_AT_ONCE: usize = 32;

/// `srcport`, `dstport`, `tcp_flags`, `packets`, `bytes`, `start` and `end` of one row: what is added up or put in classes.
pub type Measured = [Option<i64>; 7];

/// Takes the lines of one or more objects and gives batches.
pub trait Sink {
    /// Whether rows of separate columns are known again, so that [`Sink::recall`] is of use.
    const RECALLS: bool = false;

    /// A layout comes into force, at the start of an object or in the middle of one.
    fn start(&mut self, layout: &Arc<Layout>, origin: &Origin);

    /// `start` and `end` of this object are milliseconds; again after each [`Sink::start`].
    fn in_milliseconds(&mut self);

    /// Whether it reads the field at this position of the field table. Formats that store columns apart leave others unread; fields
    /// that a line is judged by are always read.
    fn wants(&self, position: usize) -> bool;

    /// One line of text. An error counts it as malformed; nothing of it is kept.
    fn line(&mut self, line: &str) -> Result<(), Reason>;

    /// The same for fields that were never text: as many as the layout has, joined by [`SEPARATOR`], at these places.
    /// `print` is the sum of the [`Sink::print`]s of its values, if they were added up.
    fn row(&mut self, fields: &str, spans: &[Span], print: Option<u128>) -> Result<(), Reason>;

    /// The columns of [`Measured`] in the layout in force.
    fn measured(&self) -> Option<[Option<usize>; 7]> {
        None
    }

    /// Fingerprint of a value of a column, as text would show it; `None` for columns that rows are not known by.
    fn print(&self, _column: usize, _text: &str) -> Option<u128> {
        None
    }

    /// Takes those of the next rows, at most [`ROWS_AT_ONCE`], in whose place a [`Sink::row`] with this sum of fingerprints was good, if it
    /// is remembered and what is measured is beyond doubt; says which, row by row.
    fn recall(&mut self, _rows: &[(u128, Measured)]) -> [bool; ROWS_AT_ONCE] {
        [false; ROWS_AT_ONCE]
    }

    /// Whether [`Sink::take`] must come before more lines.
    fn is_full(&self) -> bool;

    /// What was gathered since the last call; `None` if nothing.
    fn take(&mut self) -> Result<Option<RecordBatch>, ArrowError>;

    /// An object is at its end. What is gathered may go out, or wait for the next object.
    fn end_of_object(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        self.take()
    }
}
