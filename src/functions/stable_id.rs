//! `stable_id`: opportunities keep their id from run to run.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, StringViewArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;

use super::{column_function, text};

pub(super) fn function() -> ScalarUDF {
    column_function("stable_id", &[DataType::Utf8View], DataType::Utf8View, |args| {
        let ids: StringViewArray = text(&args[0]).iter().map(|t| t.map(|t| format!("{:016x}", fnv1a(t)))).collect();
        Ok(Arc::new(ids) as ArrayRef)
    })
}

/// FNV-1a, 64 bits: short, fixed for ever, and nothing here defends against an adversary.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    #[test]
    fn published_test_vector() {
        assert_eq!(super::fnv1a("foobar"), 0x85944171f73967e8);
    }
}
