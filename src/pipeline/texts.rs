//! The texts of a table, each once.
//!
//! What DataFusion joins and groups has its text copied batch by batch, so a table of flows holds the same few thousand ids a
//! hundred thousand times, and so does all that is made from it. With each text once, a row costs its view of 16 bytes, and statements
//! over the table pass its texts on without a copy.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringViewArray, StringViewBuilder};

use super::packed::Packed;

/// Bytes of text a row from which on it pays to look for repeats; ids are about 20 bytes long.
const WORTH: usize = 8;
/// Rows of a table that is large enough to bother.
const LARGE: usize = 8192;

/// Stores the texts of each column once where they take room.
pub(super) fn texts_once(partitions: &mut [Vec<Packed>]) {
    let rows: usize = partitions.iter().flatten().map(|batch| batch.rows).sum();
    let columns = partitions.iter().flatten().next().map_or(0, |batch| batch.columns.len());
    if rows < LARGE {
        return;
    }
    for column in 0..columns {
        let texts: Vec<&StringViewArray> = (partitions.iter().flatten())
            .filter_map(|batch| batch.columns[column].values.as_string_view_opt())
            .collect();
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
            batch.columns[column].values = all.slice(start, batch.rows);
            start += batch.rows;
        }
    }
}

/// Bytes of text behind the views, shared ones once.
fn stored(texts: &[&StringViewArray]) -> usize {
    let mut seen = HashSet::new();
    let buffers = texts.iter().flat_map(|texts| texts.data_buffers());
    buffers.filter(|buffer| seen.insert(buffer.as_ptr())).map(|buffer| buffer.capacity()).sum()
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::RecordBatch;

    use super::*;

    #[test]
    fn repeats_are_stored_once_and_rows_stay() {
        let ids = |from: usize| {
            let id = |row: usize| (!row.is_multiple_of(5)).then(|| format!("eni-of-the-interface-{}", row % 50));
            let array: StringViewArray = (from..from + 3000).map(id).collect();
            Packed::new(&RecordBatch::try_from_iter([("interface_id", Arc::new(array) as ArrayRef)]).unwrap())
        };
        let values = |partitions: &[Vec<Packed>]| -> Vec<ArrayRef> {
            partitions.iter().flatten().map(|batch| Arc::clone(&batch.columns[0].values)).collect()
        };
        let bytes = |values: &[ArrayRef]| stored(&values.iter().map(|v| v.as_string_view()).collect::<Vec<_>>());
        let mut partitions = vec![vec![ids(0), ids(3000)], vec![], vec![ids(6000)]];
        let before = values(&partitions);
        texts_once(&mut partitions);
        let after = values(&partitions);
        assert_eq!(before, after);
        assert!(bytes(&before) > 9000 * 8, "{}", bytes(&before));
        assert!(bytes(&after) <= 32 * 1024, "{}", bytes(&after));
        // Small tables are left alone.
        let mut few = vec![vec![ids(0)]];
        texts_once(&mut few);
        assert_eq!(bytes(&values(&few)), bytes(&values(&[vec![ids(0)]])));
    }
}
