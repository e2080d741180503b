//! What happened to each object of a scan: good rows, malformed lines by reason, damage. Shared by all partitions.

use super::listing::LogObject;
use crate::decode::object::ObjectDecoder;
use crate::decode::sink::Sink;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    decode::events::Events,
    decode::rejects::{Reason, Rejects, SAMPLES},
    observe::progress::{Progress, Silent},
    record::layout::{Layout, RecordKind},
    report::model::{DamagedObject, MalformedReason, MalformedSample},
};

/// Accounts of all objects read so far. An object that is read again replaces its entry, so running a plan twice, or
/// scanning the table twice in one query, counts nothing twice.
#[derive(Debug)]
pub struct Ledger {
    state: Mutex<State>,
    events: Arc<Events>,
    progress: Arc<dyn Progress>,
}

/// What reading one object in whole came to.
#[derive(Debug, Clone, Default)]
pub struct ObjectAccount {
    /// The object, as named to people.
    pub source_file: String,
    /// From the key.
    pub account_id: Option<String>,
    /// From the key.
    pub region: Option<String>,
    /// From the file name.
    pub flow_log_id: Option<String>,
    /// As stored, in bytes.
    pub size: u64,
    /// Its columns; `None` if it has no line.
    pub layout: Option<Arc<Layout>>,
    /// Good rows.
    pub records: u64,
    /// Malformed lines.
    pub rejects: Rejects,
    /// Events that were delivered before.
    pub duplicate_events: u64,
    /// Why it was not read in whole.
    pub damage: Option<String>,
}

/// Totals of a scan.
#[derive(Debug, Clone, Default)]
pub struct ScanSummary {
    /// Objects read, the damaged and refused ones included.
    pub objects: u64,
    /// Objects of transit gateway flow logs, which are not among `objects`.
    pub transit_gateway_objects: u64,
    /// Good rows of VPC flow logs, NODATA and SKIPDATA included.
    pub records: u64,
    /// Events of log groups that were delivered again.
    pub duplicate_events: u64,
    /// The first object by name, whatever it is.
    pub first_object: Option<String>,
    /// Malformed lines.
    pub malformed: u64,
    /// Malformed lines by reason, most frequent first; samples of the first objects by name.
    pub by_reason: Vec<MalformedReason>,
    /// Objects not read in whole, by name.
    pub damaged: Vec<DamagedObject>,
    /// All objects of VPC flow logs with a layout, by name.
    pub scanned: Vec<ScannedObject>,
}

/// One object that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScannedObject {
    /// The object, as in the column `source_file`.
    pub source_file: String,
    /// As in the column `flow_log_id`, so never absent here.
    pub flow_log_id: Option<String>,
    /// From the key.
    pub account_id: Option<String>,
    /// From the key.
    pub region: Option<String>,
    /// Its columns by the names of `flow_logs`, left to right; unknown ones included.
    pub fields: Arc<[String]>,
    /// Good rows.
    pub records: u64,
    /// Malformed lines.
    pub malformed: u64,
    /// Whether it was not read in whole.
    pub damaged: bool,
}

#[derive(Debug, Default)]
struct State {
    entries: BTreeMap<String, Entry>,
    /// The first samples by object and line, so that they do not depend on which object was read first.
    samples: BTreeMap<Reason, BTreeSet<(String, u64, String)>>,
    /// Objects share their field lists: a bucket has many objects and few formats.
    field_lists: BTreeSet<Arc<[String]>>,
}

#[derive(Debug)]
struct Entry {
    kind: RecordKind,
    scanned: Option<ScannedObject>,
    records: u64,
    malformed: Vec<(Reason, u64)>,
    duplicate_events: u64,
    damage: Option<String>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self::new(Arc::new(Silent))
    }
}

impl ObjectAccount {
    /// The account of an object read to its end.
    pub(super) fn of<S: Sink>(object: &LogObject, read: &ObjectDecoder<S>) -> Self {
        let decoder = read.decoder();
        Self {
            source_file: object.display.clone(),
            account_id: object.key.account_id.clone(),
            region: object.key.region.clone(),
            flow_log_id: object.key.flow_log_id.clone(),
            size: object.meta.size,
            layout: decoder.layout().cloned(),
            records: decoder.records(),
            rejects: decoder.rejects().clone(),
            duplicate_events: decoder.duplicate_events(),
            damage: read.damage(),
        }
    }
}

impl Ledger {
    /// An empty ledger that tells `progress` of each object when it is entered for the first time.
    pub fn new(progress: Arc<dyn Progress>) -> Self {
        Self { state: Mutex::default(), events: Arc::default(), progress }
    }

    /// Events of log groups by the object that brought them first.
    pub fn events(&self) -> Arc<Events> {
        Arc::clone(&self.events)
    }

    /// Enters an object; an earlier entry of the same object is replaced.
    pub fn enter(&self, account: ObjectAccount) {
        let mut state = self.lock();
        for samples in state.samples.values_mut() {
            samples.retain(|(object, ..)| *object != account.source_file);
        }
        for tally in account.rejects.tallies() {
            let samples = state.samples.entry(tally.reason).or_default();
            for sample in &tally.samples {
                samples.insert((account.source_file.clone(), sample.line, sample.text.clone()));
            }
            while samples.len() > SAMPLES {
                samples.pop_last();
            }
        }
        let kind = account.layout.as_ref().map_or(RecordKind::Vpc, |layout| layout.kind());
        let described = account.layout.as_ref().filter(|_| kind == RecordKind::Vpc);
        let entry = Entry {
            kind,
            scanned: described.map(|layout| state.scanned(&account, layout)),
            records: account.records,
            malformed: account.rejects.tallies().iter().map(|tally| (tally.reason, tally.lines)).collect(),
            duplicate_events: account.duplicate_events,
            damage: account.damage,
        };
        let is_new = state.entries.insert(account.source_file, entry).is_none();
        drop(state);
        if is_new {
            self.progress.advance(1, account.size);
        }
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *self.lock() = State::default();
    }

    /// Totals over all objects entered.
    pub fn summary(&self) -> ScanSummary {
        let state = self.lock();
        let first_object = state.entries.keys().next().cloned();
        let mut summary = ScanSummary { first_object, ..ScanSummary::default() };
        let mut lines: BTreeMap<Reason, u64> = BTreeMap::new();
        for (object, entry) in &state.entries {
            match entry.kind {
                RecordKind::Vpc => {
                    summary.objects += 1;
                    summary.records += entry.records;
                }
                RecordKind::TransitGateway => summary.transit_gateway_objects += 1,
            }
            summary.duplicate_events += entry.duplicate_events;
            for (reason, count) in &entry.malformed {
                *lines.entry(*reason).or_default() += count;
                summary.malformed += count;
            }
            let damage = entry.damage.clone().map(|reason| (object.clone(), reason));
            summary.damaged.extend(damage.map(|(object, reason)| DamagedObject {
                object,
                reason,
                records: entry.records,
            }));
            summary.scanned.extend(entry.scanned.clone());
        }
        summary.by_reason = lines.into_iter().map(|(reason, lines)| state.reason(reason, lines)).collect();
        summary.by_reason.sort_by_key(|reason| std::cmp::Reverse(reason.lines));
        summary
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn scanned(&mut self, account: &ObjectAccount, layout: &Layout) -> ScannedObject {
        let fields: Vec<String> = layout.names().iter().map(|name| name.replace('-', "_")).collect();
        let fields = match self.field_lists.get(fields.as_slice()) {
            Some(known) => Arc::clone(known),
            None => {
                let list: Arc<[String]> = fields.into();
                self.field_lists.insert(Arc::clone(&list));
                list
            }
        };
        ScannedObject {
            source_file: account.source_file.clone(),
            flow_log_id: account.flow_log_id.clone().or_else(|| Some(layout.id())),
            account_id: account.account_id.clone(),
            region: account.region.clone(),
            fields,
            records: account.records,
            malformed: account.rejects.lines(),
            damaged: account.damage.is_some(),
        }
    }

    fn reason(&self, reason: Reason, lines: u64) -> MalformedReason {
        let sample = |(object, line, text): &(String, u64, String)| MalformedSample {
            object: object.clone(),
            line: *line,
            text: text.clone(),
        };
        let samples = self.samples.get(&reason).into_iter().flatten().map(sample).collect();
        MalformedReason { reason: reason.to_string(), lines, samples }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    use super::*;

    fn account(name: &str, bad_lines: u64) -> ObjectAccount {
        let mut rejects = Rejects::default();
        for line in 1..=bad_lines {
            rejects.add(Reason::TooFewColumns, line, name.as_bytes());
        }
        let layout = Some(Arc::new(Layout::default_format()));
        ObjectAccount { source_file: name.into(), records: 10, rejects, layout, ..ObjectAccount::default() }
    }

    #[test]
    fn an_object_read_twice_counts_once() {
        let ledger = Ledger::default();
        ledger.enter(account("a", 2));
        ledger.enter(account("b", 0));
        ledger.enter(account("a", 2));
        let summary = ledger.summary();
        assert_eq!((summary.objects, summary.records, summary.malformed), (2, 20, 2));
        assert_eq!(summary.by_reason.len(), 1);
        assert_eq!(summary.by_reason[0].samples.len(), 2);
        ledger.clear();
        assert_eq!(ledger.summary().objects, 0);
    }

    #[derive(Debug, Default)]
    struct Seen(AtomicU64, AtomicU64);

    impl Progress for Seen {
        fn objects(&self, _total: u64, _bytes: u64) {}
        fn advance(&self, objects: u64, bytes: u64) {
            self.0.fetch_add(objects, Relaxed);
            self.1.fetch_add(bytes, Relaxed);
        }
        fn finish(&self) {}
    }

    #[test]
    fn progress_hears_of_each_object_once() {
        let seen = Arc::new(Seen::default());
        let ledger = Ledger::new(Arc::<Seen>::clone(&seen));
        for name in ["a", "b", "a"] {
            ledger.enter(ObjectAccount { size: 7, ..account(name, 0) });
        }
        assert_eq!((seen.0.load(Relaxed), seen.1.load(Relaxed)), (2, 14));
    }

    #[test]
    fn samples_do_not_depend_on_the_order_of_reading() {
        let summaries = [["a", "b", "c"], ["c", "b", "a"]].map(|order| {
            let ledger = Ledger::default();
            order.into_iter().for_each(|name| ledger.enter(account(name, 2)));
            ledger.summary().by_reason
        });
        assert_eq!(summaries[0], summaries[1]);
        let objects: Vec<_> = summaries[0][0].samples.iter().map(|sample| sample.object.as_str()).collect();
        assert_eq!((summaries[0][0].lines, objects), (6, vec!["a", "a", "b"]));
    }

    #[test]
    fn objects_of_one_format_share_its_field_list() {
        let ledger = Ledger::default();
        ledger.enter(account("a", 0));
        ledger.enter(account("b", 0));
        let scanned = ledger.summary().scanned;
        assert!(Arc::ptr_eq(&scanned[0].fields, &scanned[1].fields));
        assert_eq!(
            (scanned[0].fields[1].as_str(), scanned[0].flow_log_id.as_deref()),
            ("account_id", Some("layout-b0d10ded"))
        );
    }
}
