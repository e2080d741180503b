//! The flows of a scan: every distinct key of its folds, numbered once for all workers.
//!
//! A *flow* is who exchanged with whom, and how, without the time. Logs repeat their flows every interval, so the text of a key is
//! kept once and the groups carry its number.

use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringViewBuilder};
use datafusion::arrow::error::ArrowError;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::key::{KeyColumn, KeyValue, text_builder};
use super::schema::{KEYS, flows_schema, is_integer};

/// Numbered flows, shared by all folds of a scan. Only a group that a fold has not met asks here, so one lock is enough.
#[derive(Debug)]
pub struct Flows {
    hasher: DefaultHashBuilder,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    numbers: HashTable<(u64, u32)>,
    text: Vec<u8>,
    ends: Vec<usize>,
    columns: Vec<KeyColumn>,
    flow_log_ids: StringViewBuilder,
}

impl Default for Flows {
    fn default() -> Self {
        Self { hasher: DefaultHashBuilder::default(), state: Mutex::new(State::new()) }
    }
}

impl State {
    fn new() -> Self {
        let column = |name: &&str| if is_integer(name) { KeyColumn::integer() } else { KeyColumn::text() };
        Self {
            numbers: HashTable::new(),
            text: Vec::new(),
            ends: Vec::new(),
            columns: KEYS.iter().map(column).collect(),
            flow_log_ids: text_builder(),
        }
    }
}

impl Flows {
    /// The number of a flow. `key` is its key columns and flow log as bytes; the values are kept when it is new.
    pub(super) fn number(&self, key: &[u8], values: &[KeyValue<'_>], flow_log_id: &str) -> u32 {
        let hash = self.hasher.hash_one(key);
        let mut state = self.lock();
        let State { numbers, text, ends, columns, flow_log_ids } = &mut *state;
        let start = |number: u32| if number == 0 { 0 } else { ends[number as usize - 1] };
        let same = |(h, number): &(u64, u32)| *h == hash && text[start(*number)..ends[*number as usize]] == *key;
        if let Some((_, number)) = numbers.find(hash, same) {
            return *number;
        }
        let number = ends.len() as u32;
        numbers.insert_unique(hash, (hash, number), |(h, _)| *h);
        text.extend_from_slice(key);
        ends.push(text.len());
        for (column, value) in columns.iter_mut().zip(values) {
            column.append(*value);
        }
        flow_log_ids.append_value(flow_log_id);
        number
    }

    /// All flows met so far, as rows of [`flows_schema`].
    pub fn batch(&self) -> Result<RecordBatch, ArrowError> {
        let mut state = self.lock();
        let State { ends, columns, flow_log_ids, .. } = &mut *state;
        let ids: ArrayRef = Arc::new((0..ends.len() as i64).collect::<Int64Array>());
        let keys = columns.iter().map(KeyColumn::so_far);
        let arrays = std::iter::once(ids).chain(keys).chain([Arc::new(flow_log_ids.finish_cloned()) as ArrayRef]);
        RecordBatch::try_new(flows_schema(), arrays.collect())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
