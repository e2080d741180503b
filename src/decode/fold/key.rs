//! Key columns of a group: a value of one line, and the column that it goes to.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Builder, StringViewBuilder};

use crate::decode::columns::append_address;

/// A key column under construction.
#[derive(Debug)]
pub(super) enum KeyColumn {
    Text(StringViewBuilder),
    Integer(Int64Builder),
}

/// One key column of one line.
#[derive(Debug, Clone, Copy)]
pub(super) enum KeyValue<'a> {
    Text(Option<&'a str>),
    Address(Option<&'a str>),
    Integer(Option<i64>),
}

impl<'a> KeyValue<'a> {
    pub(super) fn text(self) -> Option<&'a str> {
        if let Self::Address(text) | Self::Text(text) = self { text } else { None }
    }

    pub(super) fn write(&self, key: &mut Vec<u8>) {
        match self {
            Self::Text(Some(text)) | Self::Address(Some(text)) => {
                key.push(1);
                key.extend_from_slice(text.as_bytes());
                key.push(b'\n');
            }
            Self::Integer(Some(number)) => {
                key.push(1);
                key.extend_from_slice(&number.to_le_bytes());
            }
            Self::Text(None) | Self::Address(None) | Self::Integer(None) => key.push(0),
        }
    }
}

impl KeyColumn {
    pub(super) fn integer() -> Self {
        Self::Integer(Int64Builder::new())
    }

    pub(super) fn text() -> Self {
        Self::Text(text_builder())
    }

    pub(super) fn append(&mut self, value: KeyValue<'_>) {
        match (self, value) {
            (Self::Integer(builder), KeyValue::Integer(number)) => builder.append_option(number),
            (Self::Integer(builder), _) => builder.append_null(),
            (Self::Text(builder), KeyValue::Text(text)) => builder.append_option(text),
            (Self::Text(builder), KeyValue::Address(text)) => append_address(builder, text.unwrap_or("-")),
            (Self::Text(builder), KeyValue::Integer(_)) => builder.append_null(),
        }
    }

    /// The values appended so far.
    pub(super) fn so_far(&self) -> ArrayRef {
        match self {
            Self::Text(builder) => Arc::new(builder.finish_cloned()),
            Self::Integer(builder) => Arc::new(builder.finish_cloned()),
        }
    }
}

pub(super) fn text_builder() -> StringViewBuilder {
    StringViewBuilder::new().with_deduplicate_strings()
}

/// A port that stands for all that the rules treat alike: 443, below 1024, below 32768, the rest.
pub(super) fn port_of_class(port: i64) -> i64 {
    match port_class(Some(port)) {
        1 => 443,
        2 => 1,
        3 => 1024,
        _ => 32_768,
    }
}

pub(super) fn port_class(port: Option<i64>) -> u8 {
    match port {
        None => 0,
        Some(443) => 1,
        Some(port) if port < 1024 => 2,
        Some(port) if port < 32_768 => 3,
        Some(_) => 4,
    }
}

/// SYN and ACK; a number of its own for no flags at all.
pub(super) fn flag_class(flags: Option<i64>) -> u8 {
    flags.map_or(32, |flags| (flags & 18) as u8)
}
