//! The sums of each flow and hour.

use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::error::ArrowError;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::schema::hours_schema;
use crate::functions::slot_mask;

/// Groups at which a batch is due: bounds memory whatever the input.
const MOST_GROUPS: usize = 64 * 1024;

/// What is measured of one line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measures {
    pub(super) packets: i64,
    pub(super) bytes: i64,
    pub(super) start: i64,
    pub(super) end: i64,
}

/// Groups so far, and where to find them.
#[derive(Default)]
pub(super) struct Groups {
    hasher: DefaultHashBuilder,
    /// Flow, hour and number of each group.
    keys: HashTable<(u32, i64, u32)>,
    groups: Vec<Group>,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    flow: u32,
    hour: i64,
    records: i64,
    packets: i64,
    bytes: i64,
    start: i64,
    last_start: i64,
    finish: i64,
    slots: i64,
}

impl Group {
    fn new(flow: u32, hour: i64) -> Self {
        Self {
            flow,
            hour,
            records: 0,
            packets: 0,
            bytes: 0,
            start: i64::MAX,
            last_start: i64::MIN,
            finish: i64::MIN,
            slots: 0,
        }
    }
}

impl fmt::Debug for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Groups").field("groups", &self.groups.len()).finish_non_exhaustive()
    }
}

impl Groups {
    /// The number of the group of a flow in an hour (in hours since 1970); it may be `last`, where the flow was last met.
    #[inline]
    pub(super) fn of(&mut self, last: u32, flow: u32, hour: i64) -> u32 {
        let group = self.groups.get(last as usize);
        let same = group.is_some_and(|group| group.hour == hour && group.flow == flow);
        if same { last } else { self.find(flow, hour) }
    }

    fn find(&mut self, flow: u32, hour: i64) -> u32 {
        let hash = self.hasher.hash_one((flow, hour));
        if let Some((.., group)) = self.keys.find(hash, |(known, at, _)| *known == flow && *at == hour) {
            return *group;
        }
        let group = self.groups.len() as u32;
        self.groups.push(Group::new(flow, hour));
        let hasher = &self.hasher;
        self.keys.insert_unique(hash, (flow, hour, group), |(flow, hour, _)| hasher.hash_one((flow, hour)));
        group
    }

    /// Adds a line to a group.
    #[inline]
    pub(super) fn add(&mut self, group: u32, Measures { packets, bytes, start, end }: Measures) {
        if let Some(group) = self.groups.get_mut(group as usize) {
            group.records += 1;
            group.packets = group.packets.wrapping_add(packets);
            group.bytes = group.bytes.wrapping_add(bytes);
            group.start = group.start.min(start);
            group.last_start = group.last_start.max(start);
            group.finish = group.finish.max(end);
            group.slots |= slot_mask(start, end);
        }
    }

    /// Whether [`Groups::take`] is due.
    pub(super) fn is_full(&self) -> bool {
        self.groups.len() >= MOST_GROUPS
    }

    /// The groups as a batch of [`hours_schema`], and none are left; `None` if there are none.
    pub(super) fn take(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        if self.groups.is_empty() {
            return Ok(None);
        }
        let columns: [fn(&Group) -> i64; 9] = [
            |g| i64::from(g.flow),
            |g| g.hour * 3600,
            |g| g.records,
            |g| g.packets,
            |g| g.bytes,
            |g| g.start,
            |g| g.last_start,
            |g| g.finish,
            |g| g.slots,
        ];
        let arrays = columns.map(|column| Arc::new(self.groups.iter().map(column).collect::<Int64Array>()) as ArrayRef);
        let batch = RecordBatch::try_new(hours_schema(), arrays.to_vec())?;
        // Groups of lines outside the window hold nothing.
        let inside: BooleanArray = self.groups.iter().map(|g| Some(g.records > 0)).collect();
        self.keys.clear();
        self.groups.clear();
        let batch = filter_record_batch(&batch, &inside)?;
        Ok((batch.num_rows() > 0).then_some(batch))
    }
}
