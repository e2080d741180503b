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
use super::schema::{KEYS, flows_schema, is_integer, peers_schema};
use super::told::Part;

/// Rows of a batch of [`Flows::batches`].
const BATCH: usize = 8192;

/// Numbered flows, shared by all folds of a scan. Only a kind of line that a fold has not met asks here, so one lock is enough.
#[derive(Debug)]
pub struct Flows {
    /// Random in every process: no log can be made whose keys collide.
    hashers: [RandomState; 2],
    explained: bool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    numbers: Numbers,
    columns: Vec<KeyColumn>,
    flow_log_ids: KeyColumn,
    told: Vec<Part>,
    /// Places in `told`.
    known_told: HashTable<u32>,
}

/// Keys by number. 128 bits of hash stand for a key: among a billion two are mistaken with a probability of 10^-21.
#[derive(Debug, Default)]
struct Numbers {
    known: HashTable<([u64; 2], u32)>,
    count: u32,
}

impl Numbers {
    fn find(&self, hash: [u64; 2]) -> Option<u32> {
        self.known.find(hash[0], |(known, _)| *known == hash).map(|(_, number)| *number)
    }

    fn insert(&mut self, hash: [u64; 2]) -> u32 {
        let number = self.count;
        self.count += 1;
        self.known.insert_unique(hash[0], (hash, number), |(known, _)| known[0]);
        number
    }
}

impl Default for Flows {
    fn default() -> Self {
        let column = |name: &&str| if is_integer(name) { KeyColumn::integer() } else { KeyColumn::text() };
        let columns = KEYS.iter().map(column).collect();
        let state = State {
            numbers: Numbers::default(),
            columns,
            flow_log_ids: KeyColumn::text(),
            told: Vec::new(),
            known_told: HashTable::new(),
        };
        Self { hashers: [RandomState::new(), RandomState::new()], explained: false, state: Mutex::new(state) }
    }
}

impl Flows {
    /// Whether TCP flags stay apart that say what the ports say, so that an explanation can tell which of them settled who opened a
    /// connection. Most flows are then two.
    pub fn to_be_explained(self, explained: bool) -> Self {
        Self { explained, ..self }
    }

    pub(super) fn explained(&self) -> bool {
        self.explained
    }

    /// The number of a flow. `key` is its values and flow log as bytes.
    pub(super) fn number(&self, key: &[u8], values: [KeyValue<'_>; KEYS.len()], flow_log_id: &str) -> u32 {
        let hash = self.hash(key);
        let mut state = self.lock();
        let State { numbers, columns, flow_log_ids, .. } = &mut *state;
        numbers.find(hash).unwrap_or_else(|| {
            for (column, value) in columns.iter_mut().zip(values) {
                column.append(value);
            }
            flow_log_ids.append(KeyValue::Text(Some(flow_log_id)));
            numbers.insert(hash)
        })
    }

    /// Adds bytes of flows by the networks of their peers.
    pub(super) fn tell(&self, parts: &[Part]) {
        let mut state = self.lock();
        let State { told, known_told, .. } = &mut *state;
        for part in parts {
            let key = (part.flow, part.network);
            let hash = self.hashers[0].hash_one(key);
            let key_at = |told: &[Part], at: &u32| (told[*at as usize].flow, told[*at as usize].network);
            match known_told.find(hash, |at| key_at(told, at) == key) {
                Some(at) => told[*at as usize].bytes = told[*at as usize].bytes.wrapping_add(part.bytes),
                None => {
                    told.push(*part);
                    let at = told.len() as u32 - 1;
                    known_told.insert_unique(hash, at, |at| self.hashers[0].hash_one(key_at(told, at)));
                }
            }
        }
    }

    /// The scan is over: what no more lines need to be found is let go.
    pub fn close(&self) {
        let mut state = self.lock();
        state.numbers.known = HashTable::new();
        state.known_told = HashTable::new();
    }

    fn hash(&self, key: &[u8]) -> [u64; 2] {
        self.hashers.each_ref().map(|hasher| hasher.hash_one(key))
    }

    /// All flows met so far, as rows of [`flows_schema`].
    pub fn batches(self: Arc<Self>) -> impl Iterator<Item = Result<RecordBatch, ArrowError>> {
        let (count, texts) = {
            let mut state = self.lock();
            let State { numbers, columns, flow_log_ids, .. } = &mut *state;
            let texts: Vec<_> = columns.iter_mut().chain([flow_log_ids]).map(KeyColumn::values).collect();
            (numbers.count as usize, texts)
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

    /// The bytes of flows by the networks of their peers, as rows of [`peers_schema`]; complete once all groups are taken.
    pub fn peers(self: Arc<Self>) -> impl Iterator<Item = Result<RecordBatch, ArrowError>> {
        let count = self.lock().told.len();
        (0..count).step_by(BATCH).map(move |start| {
            let state = self.lock();
            let told = &state.told[start..count.min(start + BATCH)];
            let columns: [fn(&Part) -> i64; 3] = [|p| i64::from(p.flow), |p| i64::from(p.network), |p| p.bytes];
            let columns = columns.map(|column| Arc::new(told.iter().map(column).collect::<Int64Array>()) as ArrayRef);
            RecordBatch::try_new(peers_schema(), columns.to_vec())
        })
    }

    /// Flow, network and bytes, in their order.
    #[cfg(test)]
    pub(super) fn told(&self) -> Vec<(u32, u32, i64)> {
        self.lock().told.iter().map(|part| (part.flow, part.network, part.bytes)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes the key of a flow.
pub(super) fn write_key(values: &[KeyValue<'_>], flow_log_id: &str, key: &mut Vec<u8>) {
    key.clear();
    key.extend_from_slice(flow_log_id.as_bytes());
    key.push(b'\n');
    for value in values {
        value.write(key);
    }
}
