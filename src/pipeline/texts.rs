//! The texts of a table, each once.
//!
//! What DataFusion joins and groups has its text copied batch by batch, so a table of flows holds the same few thousand ids a
//! hundred thousand times, and so does all that is made from it. With each text once, a row costs its view of 16 bytes, and statements
//! over the table pass its texts on without a copy.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringViewArray, StringViewBuilder};
use datafusion::arrow::error::ArrowError;

/// Bytes of text a row from which on it pays to look for repeats; ids are about 20 bytes long.
const WORTH: usize = 8;
/// Rows of a table that is large enough to bother.
const LARGE: usize = 8192;

/// The same rows, the texts of each column stored once where they take room.
pub(super) fn texts_once(mut partitions: Vec<Vec<RecordBatch>>) -> Result<Vec<Vec<RecordBatch>>, ArrowError> {
    let rows: usize = partitions.iter().flatten().map(RecordBatch::num_rows).sum();
    let Some(schema) = partitions.iter().flatten().next().map(RecordBatch::schema) else { return Ok(partitions) };
    if rows < LARGE {
        return Ok(partitions);
    }
    for column in 0..schema.fields().len() {
        let texts: Vec<&StringViewArray> =
            partitions.iter().flatten().filter_map(|batch| batch.column(column).as_string_view_opt()).collect();
        if texts.is_empty() || stored(&texts) < WORTH * rows {
            continue;
        }
        let mut builder = StringViewBuilder::with_capacity(rows).with_deduplicate_strings();
        for text in texts.iter().flat_map(|texts| texts.iter()) {
            builder.append_option(text);
        }
        let all: ArrayRef = Arc::new(builder.finish());
        let mut start = 0;
        for batch in partitions.iter_mut().flatten() {
            let mut columns = batch.columns().to_vec();
            columns[column] = all.slice(start, batch.num_rows());
            start += batch.num_rows();
            *batch = RecordBatch::try_new(batch.schema(), columns)?;
        }
    }
    Ok(partitions)
}

/// Bytes of text behind the views, shared ones once.
fn stored(texts: &[&StringViewArray]) -> usize {
    let mut seen = HashSet::new();
    let buffers = texts.iter().flat_map(|texts| texts.data_buffers());
    buffers.filter(|buffer| seen.insert(buffer.as_ptr())).map(|buffer| buffer.capacity()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_stored_once_and_rows_stay() {
        let ids = |from: usize| {
            let id = |row: usize| (!row.is_multiple_of(5)).then(|| format!("eni-of-the-interface-{}", row % 50));
            let array: StringViewArray = (from..from + 3000).map(id).collect();
            RecordBatch::try_from_iter([("interface_id", Arc::new(array) as ArrayRef)]).unwrap()
        };
        let before = vec![vec![ids(0), ids(3000)], vec![], vec![ids(6000)]];
        let after = texts_once(before.clone()).unwrap();
        assert_eq!(before, after);
        let texts = |partitions: &[Vec<RecordBatch>]| {
            let columns: Vec<_> = partitions.iter().flatten().map(|batch| batch.column(0).as_string_view()).collect();
            stored(&columns)
        };
        assert!(texts(&before) > 9000 * 8, "{}", texts(&before));
        assert!(texts(&after) <= 32 * 1024, "{}", texts(&after));
        // Small tables are left alone.
        assert_eq!(texts(&texts_once(vec![vec![ids(0)]]).unwrap()), texts(&[vec![ids(0)]]));
    }
}
