//! What happened to each object of query logs. Shared by all partitions of a scan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::decoder::Counts;
use super::rejects::Reason;
use crate::decode::rejects::SAMPLES;
use crate::report::model::{DamagedObject, MalformedReason, MalformedSample, ResolverCoverage};

/// Accounts of all objects read so far. An object that is read again replaces its entry.
#[derive(Debug, Default)]
pub struct ResolverLedger {
    entries: Mutex<BTreeMap<String, Entry>>,
}

#[derive(Debug)]
struct Entry {
    counts: Counts,
    damage: Option<String>,
}

impl ResolverLedger {
    /// Enters an object that was read to its end.
    pub fn enter(&self, object: &str, counts: Counts, damage: Option<String>) {
        self.lock().insert(object.to_owned(), Entry { counts, damage });
    }

    /// Totals over all objects, with those that could not be opened (name, reason).
    pub fn summary(&self, refused: &[(String, String)]) -> ResolverCoverage {
        let entries = self.lock();
        let mut lines = BTreeMap::<Reason, u64>::new();
        let mut samples = BTreeMap::<Reason, BTreeSet<(&str, u64, &str)>>::new();
        let mut coverage = ResolverCoverage { objects: (entries.len() + refused.len()) as u64, ..Default::default() };
        for (object, Entry { counts, damage }) in entries.iter() {
            coverage.records += counts.records;
            coverage.queries += counts.records;
            coverage.answers += counts.answers;
            for (reason, (count, shown)) in &counts.malformed {
                *lines.entry(*reason).or_default() += count;
                let shown = shown.iter().map(|s| (object.as_str(), s.line, s.text.as_str()));
                samples.entry(*reason).or_default().extend(shown);
            }
            coverage.damaged.extend(damage.iter().map(|reason| DamagedObject {
                object: object.clone(),
                reason: reason.clone(),
                records: counts.records,
            }));
        }
        coverage.damaged.extend(refused.iter().map(|(object, reason)| DamagedObject {
            object: object.clone(),
            reason: reason.clone(),
            records: 0,
        }));
        coverage.malformed = lines.values().sum();
        coverage.malformed_by_reason = lines.iter().map(|(reason, lines)| shown(*reason, *lines, &samples)).collect();
        coverage.malformed_by_reason.sort_by_key(|reason| std::cmp::Reverse(reason.lines));
        coverage
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn shown(reason: Reason, lines: u64, samples: &BTreeMap<Reason, BTreeSet<(&str, u64, &str)>>) -> MalformedReason {
    let first = samples.get(&reason).into_iter().flatten().take(SAMPLES);
    let samples = first.map(|(object, line, text)| MalformedSample {
        object: (*object).to_owned(),
        line: *line,
        text: (*text).to_owned(),
    });
    MalformedReason { reason: reason.to_string(), lines, samples: samples.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::rejects::Sample;

    #[test]
    fn an_object_read_twice_counts_once() {
        let ledger = ResolverLedger::default();
        let sample = Sample { line: 3, text: "prose".to_owned() };
        let counts = Counts { records: 5, answers: 7, malformed: [(Reason::NotJson, (9, vec![sample]))].into() };
        ledger.enter("a", counts.clone(), None);
        ledger.enter("a", counts.clone(), None);
        ledger.enter("b", counts, Some("truncated".to_owned()));
        let summary = ledger.summary(&[("c".to_owned(), "gone".to_owned())]);
        assert_eq!((summary.objects, summary.records, summary.answers, summary.malformed), (3, 10, 14, 18));
        let [reason] = summary.malformed_by_reason.as_slice() else { panic!("{summary:?}") };
        assert_eq!((reason.reason.as_str(), reason.lines, reason.samples.len()), ("not a JSON object", 18, 2));
        let damaged: Vec<_> = summary.damaged.iter().map(|d| (d.object.as_str(), d.records)).collect();
        assert_eq!(damaged, [("b", 5), ("c", 0)]);
    }
}
