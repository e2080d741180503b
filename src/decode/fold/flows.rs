//! The flows of a scan: every distinct key of its folds, numbered once for all workers.
//!
//! A *flow* is who exchanged with whom, and how, without the time. Logs repeat their flows every interval, so the groups carry a
//! flow's number, and what it stands for is kept once. The few values of a column are kept once too, and flows hold their numbers.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch};
use datafusion::arrow::error::ArrowError;
use hashbrown::HashTable;

use super::key::{KeyColumn, KeyValue};
use super::schema::{KEYS, flows_schema, is_integer};

/// Rows of a batch of [`Flows::batches`].
const BATCH: usize = 8192;

/// Numbered flows, shared by all folds of a scan. Only a kind of line that a fold has not met asks here, so one lock is enough.
#[derive(Debug)]
pub struct Flows {
    /// Random in every process: no log can be made whose keys collide.
    hashers: [RandomState; 2],
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// 128 bits of hash stand for a key: among a billion flows two are mistaken with a probability of 10^-21.
    numbers: HashTable<([u64; 2], u32)>,
    columns: Vec<KeyColumn>,
    flow_log_ids: KeyColumn,
}

impl Default for Flows {
    fn default() -> Self {
        let column = |name: &&str| if is_integer(name) { KeyColumn::integer() } else { KeyColumn::text() };
        let columns = KEYS.iter().map(column).collect();
        let state = State { numbers: HashTable::new(), columns, flow_log_ids: KeyColumn::text() };
        Self { hashers: [RandomState::new(), RandomState::new()], state: Mutex::new(state) }
    }
}

impl Flows {
    /// The number of a flow. `key` is its key columns and flow log as bytes; the values are kept when it is new.
    pub(super) fn number(&self, key: &[u8], values: &[KeyValue<'_>], flow_log_id: &str) -> u32 {
        let hash = [self.hashers[0].hash_one(key), self.hashers[1].hash_one(key)];
        let mut state = self.lock();
        let State { numbers, columns, flow_log_ids } = &mut *state;
        if let Some((_, number)) = numbers.find(hash[0], |(known, _)| *known == hash) {
            return *number;
        }
        let number = numbers.len() as u32;
        numbers.insert_unique(hash[0], (hash, number), |(known, _)| known[0]);
        for (column, value) in columns.iter_mut().zip(values) {
            column.append(*value);
        }
        flow_log_ids.append(KeyValue::Text(Some(flow_log_id)));
        number
    }

    /// All flows met so far, as rows of [`flows_schema`].
    pub fn batches(self: Arc<Self>) -> impl Iterator<Item = Result<RecordBatch, ArrowError>> {
        let (count, texts) = {
            let mut state = self.lock();
            let State { numbers, columns, flow_log_ids } = &mut *state;
            let texts: Vec<_> = columns.iter_mut().chain([flow_log_ids]).map(KeyColumn::values).collect();
            (numbers.len(), texts)
        };
        (0..count).step_by(BATCH).map(move |start| {
            let rows = start..count.min(start + BATCH);
            let ids: ArrayRef = Arc::new(rows.clone().map(|id| id as i64).collect::<Int64Array>());
            let state = self.lock();
            let columns = state.columns.iter().chain([&state.flow_log_ids]).zip(&texts);
            let columns = columns.map(|(column, texts)| column.rows(rows.clone(), texts));
            let columns = std::iter::once(Ok(ids)).chain(columns).collect::<Result<_, _>>()?;
            RecordBatch::try_new(flows_schema(), columns)
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
