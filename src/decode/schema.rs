//! The columns of `flow_logs`.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::record::fields::FIELDS;

/// Column of `flow_logs` with the object that a row comes from.
pub const SOURCE_FILE: &str = "source_file";
/// Column of `flow_logs` with the flow log that a row comes from.
pub const FLOW_LOG_ID: &str = "flow_log_id";

/// All columns: the fields in table order, then [`SOURCE_FILE`] and [`FLOW_LOG_ID`].
pub fn schema() -> SchemaRef {
    let fields = FIELDS.iter().map(|field| {
        let kind = if field.is_integer() { DataType::Int64 } else { DataType::Utf8View };
        Field::new(field.column, kind, true)
    });
    let origin = [SOURCE_FILE, FLOW_LOG_ID].map(|name| Field::new(name, DataType::Utf8View, true));
    Arc::new(Schema::new(fields.chain(origin).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_then_the_origin() {
        let schema = schema();
        assert_eq!(schema.fields().len(), 56);
        assert_eq!(schema.field(9), &Field::new("bytes", DataType::Int64, true));
        assert_eq!(schema.field(19), &Field::new("pkt_srcaddr", DataType::Utf8View, true));
        assert_eq!(schema.field(55).name(), "flow_log_id");
    }
}
