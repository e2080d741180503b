//! The sums of each part of a flow and hour.

use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::error::ArrowError;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::flows::Flows;
use super::schema::hours_schema;
use super::template::Template;
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
    /// Part, hour and number of each group.
    keys: HashTable<(u32, i64, u32)>,
    groups: Vec<Group>,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    part: u32,
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
    fn new(part: u32, hour: i64) -> Self {
        Self {
            part,
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
    /// The number of the group of a template's part in an hour (in hours since 1970).
    #[inline]
    pub(super) fn of(&mut self, template: Template, hour: i64) -> u32 {
        let group = self.groups.get(template.group as usize);
        let same = group.is_some_and(|group| group.hour == hour && group.part == template.part);
        if same { template.group } else { self.find(template.part, hour) }
    }

    fn find(&mut self, part: u32, hour: i64) -> u32 {
        let hash = self.hasher.hash_one((part, hour));
        if let Some((.., group)) = self.keys.find(hash, |(known, at, _)| *known == part && *at == hour) {
            return *group;
        }
        let group = self.groups.len() as u32;
        self.groups.push(Group::new(part, hour));
        let hasher = &self.hasher;
        self.keys.insert_unique(hash, (part, hour, group), |(part, hour, _)| hasher.hash_one((part, hour)));
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

    /// The groups as a batch of [`hours_schema`] with the flows of their parts, and none are left; `None` if there are none.
    pub(super) fn take(&mut self, flows: &Flows) -> Result<Option<RecordBatch>, ArrowError> {
        if self.groups.is_empty() {
            return Ok(None);
        }
        let ids = flows.settle(self.groups.iter().map(|g| (g.part, g.bytes)));
        let columns: [fn(&Group) -> i64; 8] = [
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
        let arrays = std::iter::once(Arc::new(ids) as ArrayRef).chain(arrays).collect();
        let batch = RecordBatch::try_new(hours_schema(), arrays)?;
        // Groups of lines outside the window hold nothing.
        let inside: BooleanArray = self.groups.iter().map(|g| Some(g.records > 0)).collect();
        self.keys.clear();
        self.groups.clear();
        let batch = filter_record_batch(&batch, &inside)?;
        Ok((batch.num_rows() > 0).then_some(batch))
    }
}
