//! The columns that a query wants of an object, under construction.

use std::{borrow::Cow, net::Ipv6Addr, sync::Arc};

use datafusion::arrow::{
    array::{ArrayRef, Int64Array, Int64Builder, RecordBatch, RecordBatchOptions, StringViewArray, StringViewBuilder},
    buffer::Buffer,
    datatypes::SchemaRef,
    error::ArrowError,
};

use super::decoder::Origin;
use crate::record::{
    fields::{FIELDS, Field, Value},
    layout::Layout,
    tokenise::Span,
};

/// Builders of the wanted columns.
#[derive(Debug)]
pub(super) struct Columns {
    schema: SchemaRef,
    columns: Vec<Column>,
    rows: usize,
}

#[derive(Debug)]
enum Column {
    Integer {
        token: usize,
        builder: Int64Builder,
    },
    Text {
        token: usize,
        builder: StringViewBuilder,
    },
    Address {
        token: usize,
        builder: StringViewBuilder,
    },
    /// Text that AWS percent-encodes.
    Encoded {
        token: usize,
        builder: StringViewBuilder,
        /// Reused from row to row.
        decoded: Vec<u8>,
    },
    /// Account or Region, with the object's where the row has none. AWS writes `unknown` for the account of some interfaces
    /// of its own, which is no account either.
    Owner {
        token: usize,
        builder: StringViewBuilder,
        object: Option<String>,
    },
    /// One text for all rows; null if there is none.
    Constant(Option<String>),
    /// An integer field that the layout does not have.
    NoInteger,
}

impl Columns {
    /// Builders for `wanted` columns (positions in [`super::schema::schema`], whose projection is `schema`).
    pub(super) fn new(schema: SchemaRef, wanted: &[usize], layout: &Layout, origin: &Origin, rows: usize) -> Self {
        // Most objects are small: a full batch set aside per column would outweigh their rows many times.
        let rows = rows.min(1024);
        let columns = wanted.iter().map(|position| Column::new(*position, layout, origin, rows)).collect();
        Self { schema, columns, rows: 0 }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a line that has passed its checks.
    #[inline]
    pub(super) fn append(&mut self, line: &str, spans: &[Span], numbers: &[Option<i64>]) {
        self.rows += 1;
        for column in &mut self.columns {
            match column {
                Column::Integer { token, builder } => builder.append_option(numbers[*token]),
                Column::Text { token, builder } => builder.append_option(present(spans[*token].of(line))),
                Column::Address { token, builder } => append_address(builder, spans[*token].of(line)),
                Column::Encoded { token, builder, decoded } => append_decoded(builder, spans[*token].of(line), decoded),
                Column::Owner { token, builder, object } => match spans[*token].of(line) {
                    "-" | "unknown" => builder.append_option(object.as_deref()),
                    text => builder.append_value(text),
                },
                Column::Constant(_) | Column::NoInteger => {}
            }
        }
    }

    /// The rows added since the last call, as a batch.
    pub(super) fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let rows = std::mem::take(&mut self.rows);
        let arrays = self.columns.iter_mut().map(|column| column.finish(rows)).collect::<Result<Vec<_>, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)
    }
}

impl Column {
    fn new(position: usize, layout: &Layout, origin: &Origin, rows: usize) -> Self {
        let text = || StringViewBuilder::with_capacity(rows);
        let Some(field) = FIELDS.get(position) else {
            let is_file = position == FIELDS.len();
            let flow_log_id = || origin.flow_log_id.clone().unwrap_or_else(|| layout.id());
            return Self::Constant(Some(if is_file { origin.source_file.clone() } else { flow_log_id() }));
        };
        let object = owner(field, origin);
        match (layout.column_of(position), field.value, object) {
            (Some(token), Value::Integer { .. }, _) => {
                Self::Integer { token, builder: Int64Builder::with_capacity(rows) }
            }
            (Some(token), Value::Address, _) => Self::Address { token, builder: text() },
            (Some(token), Value::Encoded, _) => Self::Encoded { token, builder: text(), decoded: Vec::new() },
            (Some(token), _, Some(object)) => Self::Owner { token, builder: text(), object },
            (Some(token), _, None) => Self::Text { token, builder: text() },
            (None, Value::Integer { .. }, _) => Self::NoInteger,
            (None, _, object) => Self::Constant(object.flatten()),
        }
    }

    fn finish(&mut self, rows: usize) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Self::Integer { builder, .. } => Arc::new(builder.finish()),
            Self::Text { builder, .. }
            | Self::Encoded { builder, .. }
            | Self::Address { builder, .. }
            | Self::Owner { builder, .. } => Arc::new(builder.finish()),
            Self::Constant(None) => Arc::new(StringViewArray::new_null(rows)),
            Self::Constant(Some(text)) => Arc::new(repeat(text, rows)?),
            Self::NoInteger => Arc::new(Int64Array::new_null(rows)),
        })
    }
}

/// What the object says about a field that objects may speak of.
fn owner(field: &Field, origin: &Origin) -> Option<Option<String>> {
    match field.name {
        "account-id" => Some(origin.account_id.clone()),
        "region" => Some(origin.region.clone()),
        _ => None,
    }
}

#[inline]
fn present(text: &str) -> Option<&str> {
    (text != "-").then_some(text)
}

/// What is not UTF-8 after decoding stays as it is in the log.
fn append_decoded(builder: &mut StringViewBuilder, text: &str, decoded: &mut Vec<u8>) {
    if !text.contains('%') {
        return builder.append_option(present(text));
    }
    decoded.clear();
    decoded.extend(percent_encoding::percent_decode_str(text));
    builder.append_value(std::str::from_utf8(decoded).unwrap_or(text));
}

#[inline]
fn append_address(builder: &mut StringViewBuilder, text: &str) {
    builder.append_option(present(&canonical(text)));
}

/// Joins compare addresses as text, so IPv6 is kept in its one canonical form. IPv4 text has only one.
#[inline]
pub(super) fn canonical(address: &str) -> Cow<'_, str> {
    if !address.contains(':') {
        return Cow::Borrowed(address);
    }
    address.parse::<Ipv6Addr>().map_or(Cow::Borrowed(address), |parsed| Cow::Owned(parsed.to_string()))
}

/// `rows` times the same text, stored once.
fn repeat(text: &str, rows: usize) -> Result<StringViewArray, ArrowError> {
    let mut builder = StringViewBuilder::with_capacity(rows);
    let block = builder.append_block(Buffer::from(text.as_bytes()));
    for _ in 0..rows {
        builder.try_append_view(block, 0, text.len() as u32)?;
    }
    Ok(builder.finish())
}
