//! The flows of a scan: every distinct key of its folds, numbered once for all workers.
//!
//! A *flow* is who exchanged with whom, and how, without the time. Logs repeat their flows every interval, so the groups carry a
//! flow's number, and what it stands for is kept once. The few values of a column are kept once too, and flows hold their numbers.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch};
use datafusion::arrow::compute::{filter_record_batch, is_not_null};
use datafusion::arrow::error::ArrowError;
use hashbrown::HashTable;

use super::key::{KeyColumn, KeyValue};
use super::schema::{KEYS, flows_schema, is_integer, peers_schema};

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
    parts: Parts,
    numbers: Numbers,
    columns: Vec<KeyColumn>,
    flow_log_ids: KeyColumn,
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

    fn close(&mut self) {
        self.known = HashTable::new();
    }
}

/// Flows by the networks of their peers, where these are told apart; else a flow is its only part.
#[derive(Debug)]
struct Parts {
    numbers: Numbers,
    flows: Vec<u32>,
    networks: KeyColumn,
    bytes: Vec<i64>,
}

impl Parts {
    fn find(&self, hash: [u64; 2]) -> Option<u32> {
        self.numbers.find(hash)
    }

    fn insert(&mut self, hash: [u64; 2], flow: u32, network: Option<&str>) -> u32 {
        self.flows.push(flow);
        self.networks.append(KeyValue::Text(network));
        self.bytes.push(0);
        self.numbers.insert(hash)
    }
}

impl Default for Flows {
    fn default() -> Self {
        let column = |name: &&str| if is_integer(name) { KeyColumn::integer() } else { KeyColumn::text() };
        let columns = KEYS.iter().map(column).collect();
        let parts =
            Parts { numbers: Numbers::default(), flows: Vec::new(), networks: KeyColumn::text(), bytes: Vec::new() };
        let state = State { parts, numbers: Numbers::default(), columns, flow_log_ids: KeyColumn::text() };
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

    /// The number of a part of a flow. `key` is its key columns and flow log as bytes; `network` the address that stands for the
    /// peer's network, where the flow has parts; `values` are the flow's, asked for when the part is new.
    pub(super) fn part<'a>(
        &self,
        key: &[u8],
        network: Option<&str>,
        values: impl FnOnce() -> [KeyValue<'a>; KEYS.len()],
        flow_log_id: &str,
    ) -> u32 {
        let hash = self.hash(key);
        let mut state = self.lock();
        let State { parts, numbers, columns, flow_log_ids } = &mut *state;
        if let Some(part) = parts.find(hash) {
            return part;
        }
        let values = values();
        let of_flow = if network.is_some() { self.hash(&bytes_of(&values, flow_log_id)) } else { hash };
        let flow = numbers.find(of_flow).unwrap_or_else(|| {
            for (column, value) in columns.iter_mut().zip(values) {
                column.append(value);
            }
            flow_log_ids.append(KeyValue::Text(Some(flow_log_id)));
            numbers.insert(of_flow)
        });
        parts.insert(hash, flow, network)
    }

    /// The scan is over: what no more lines need to be found is let go.
    pub fn close(&self) {
        let mut state = self.lock();
        state.numbers.close();
        state.parts.numbers.close();
    }

    /// The flows of these parts, whose bytes are added to those of their networks.
    pub(super) fn settle(&self, sums: impl Iterator<Item = (u32, i64)>) -> Int64Array {
        let mut state = self.lock();
        let Parts { flows, bytes, .. } = &mut state.parts;
        let flow_of = |(part, sum): (u32, i64)| {
            let part = part as usize;
            bytes[part] = bytes[part].wrapping_add(sum);
            i64::from(flows[part])
        };
        sums.map(flow_of).collect()
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
    pub fn peers(&self) -> Vec<Result<RecordBatch, ArrowError>> {
        let mut state = self.lock();
        let Parts { flows, networks, bytes, .. } = &mut state.parts;
        let texts = networks.values();
        let batch = |start: usize| {
            let rows = start..flows.len().min(start + BATCH);
            let networks = networks.rows(rows.clone(), &texts)?;
            let ids: ArrayRef =
                Arc::new(flows[rows.clone()].iter().map(|flow| i64::from(*flow)).collect::<Int64Array>());
            let bytes: ArrayRef = Arc::new(bytes[rows].iter().copied().collect::<Int64Array>());
            let told = is_not_null(&networks)?;
            filter_record_batch(&RecordBatch::try_new(peers_schema(), vec![ids, networks, bytes])?, &told)
        };
        (0..flows.len()).step_by(BATCH).map(batch).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key columns and flow log of a flow as bytes.
pub(super) fn bytes_of(values: &[KeyValue<'_>], flow_log_id: &str) -> Vec<u8> {
    let mut key = Vec::new();
    write_key(values, flow_log_id, &mut key);
    key
}

/// Writes the key of a flow, or of a part of one.
pub(super) fn write_key(values: &[KeyValue<'_>], flow_log_id: &str, key: &mut Vec<u8>) {
    key.clear();
    key.extend_from_slice(flow_log_id.as_bytes());
    key.push(b'\n');
    for value in values {
        value.write(key);
    }
}
