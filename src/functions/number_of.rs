//! `number_of`: texts that are compared and joined often get a number, once.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::{ArrayRef, Int64Array};
use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use hashbrown::HashTable;

use super::{column_function, text};

/// Numbers hold within a session, and say nothing of the order of the texts. 128 bits of a random hash stand for a text.
pub(super) fn function() -> ScalarUDF {
    let hashers = [RandomState::new(), RandomState::new()];
    let known = Mutex::new(HashTable::<([u64; 2], i64)>::new());
    column_function("number_of", &[DataType::Utf8View], DataType::Int64, move |args| {
        let hash = |text: &str| hashers.each_ref().map(|hasher| hasher.hash_one(text));
        let hashes: Vec<Option<[u64; 2]>> = text(&args[0]).iter().map(|text| text.map(hash)).collect();
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut number = |hash: [u64; 2]| {
            let next = known.len() as i64 + 1;
            known.entry(hash[0], |(other, _)| *other == hash, |(other, _)| other[0]).or_insert((hash, next)).get().1
        };
        Ok(Arc::new(hashes.into_iter().map(|hash| hash.map(&mut number)).collect::<Int64Array>()) as ArrayRef)
    })
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::AsArray;
    use datafusion::arrow::datatypes::Int64Type;
    use datafusion::prelude::SessionContext;

    #[tokio::test]
    async fn equal_texts_have_equal_numbers() {
        let ctx = SessionContext::new();
        ctx.register_udf(super::function());
        let numbers = async |values: &str| {
            let sql = format!("SELECT number_of(column1) FROM (VALUES {values})");
            let batches = ctx.sql(&sql).await.unwrap().collect().await.unwrap();
            batches
                .iter()
                .flat_map(|b| b.column(0).as_primitive::<Int64Type>().iter().collect::<Vec<_>>())
                .collect::<Vec<_>>()
        };
        let first = numbers("('a'), ('b'), (NULL), ('a')").await;
        assert!(first[0] == first[3] && first[0] != first[1] && first[2].is_none(), "{first:?}");
        assert_eq!(numbers("('b'), ('a')").await, [first[1], first[0]]);
    }
}
