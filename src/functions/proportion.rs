//! `proportion`: splits whole numbers without losing or inventing one.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::logical_expr::ScalarUDF;

use super::column_function;

pub(super) fn function() -> ScalarUDF {
    column_function("proportion", &[const { DataType::Int64 }; 3], DataType::Int64, |args| {
        let [amounts, parts, wholes] = [0, 1, 2].map(|i| args[i].as_primitive::<Int64Type>());
        let rows = amounts.iter().zip(parts.iter().zip(wholes));
        let shares: Int64Array = rows.map(|(amount, (part, whole))| share(amount?, part?, whole?)).collect();
        Ok(Arc::new(shares) as ArrayRef)
    })
}

/// `floor(amount * part / whole)`; differences of running parts then add up to the amount exactly.
fn share(amount: i64, part: i64, whole: i64) -> Option<i64> {
    if whole == 0 {
        return None;
    }
    i64::try_from((i128::from(amount) * i128::from(part)).div_euclid(i128::from(whole))).ok()
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn running_differences_add_up() {
        let (amount, parts) = (i64::MAX, [3, 5, 7]);
        let mut upto = 0;
        let mut total = 0_i64;
        for part in parts {
            total += share(amount, upto + part, 15).unwrap() - share(amount, upto, 15).unwrap();
            upto += part;
        }
        assert_eq!(total, amount);
    }
}
