//! Each object counted once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::listing::LogObject;
use crate::record::key::FileName;
use crate::record::query_log_name::QueryLogName;

/// Objects by identity. A base file name of AWS's grammar identifies an object wherever it lies (account, flow log,
/// time, hash); any other object is identified by its whole key.
#[derive(Debug, Default)]
pub(super) struct Distinct {
    objects: BTreeMap<String, LogObject>,
    duplicates: Vec<String>,
}

impl Distinct {
    pub(super) fn add(&mut self, object: LogObject) {
        let base = object.meta.location.filename().unwrap_or_default();
        let named = FileName::parse(base).map(|name| name.identity());
        let identity = named
            .or_else(|| QueryLogName::parse(base).map(|name| name.to_string()))
            .unwrap_or_else(|| format!("{}{}", object.store.as_str(), object.meta.location));
        match self.objects.entry(identity) {
            Entry::Vacant(entry) => {
                entry.insert(object);
            }
            Entry::Occupied(mut entry) => {
                let known = entry.get();
                if known.store == object.store && known.meta.location == object.meta.location {
                    // Overlapping sources, or a link: one object, found twice.
                    return;
                }
                // A copy that broke off is the smaller one.
                let better = object.meta.size > known.meta.size
                    || (object.meta.size == known.meta.size && object.display < known.display);
                let other = if better { entry.insert(object) } else { object };
                self.duplicates.push(other.display);
            }
        }
    }

    /// The objects to read and the names of the further copies, each in order.
    pub(super) fn finish(self) -> (Vec<LogObject>, Vec<String>) {
        let mut objects: Vec<_> = self.objects.into_values().collect();
        objects.sort_by(|left, right| left.display.cmp(&right.display));
        let mut duplicates = self.duplicates;
        duplicates.sort();
        (objects, duplicates)
    }
}

#[cfg(test)]
mod tests {
    use datafusion::execution::object_store::ObjectStoreUrl;
    use object_store::ObjectMeta;

    use super::*;
    use crate::record::key::KeyFacts;

    fn object(key: &str, size: u64) -> LogObject {
        let meta = ObjectMeta {
            location: key.into(),
            last_modified: std::time::UNIX_EPOCH.into(),
            size,
            e_tag: None,
            version: None,
        };
        let store = ObjectStoreUrl::parse("s3://logs").unwrap();
        LogObject { store, meta, display: format!("s3://logs/{key}"), key: KeyFacts::default() }
    }

    fn distinct(objects: &[(&str, u64)]) -> (Vec<String>, Vec<String>) {
        let mut distinct = Distinct::default();
        for (key, size) in objects {
            distinct.add(object(key, *size));
        }
        let (objects, duplicates) = distinct.finish();
        let name = |text: &str| text.trim_start_matches("s3://logs/").replace(NAME, "NAME");
        (
            objects.iter().map(|object| name(&object.display)).collect(),
            duplicates.iter().map(|text| name(text)).collect(),
        )
    }

    const NAME: &str = "123456789012_vpcflowlogs_us-east-1_fl-1_20260901T0355Z_ab.log";

    #[test]
    fn a_name_of_awss_grammar_counts_once_wherever_it_lies() {
        let (first, second, third) = (format!("b/{NAME}.gz"), format!("a/{NAME}.gz"), format!("c/{NAME}"));
        let (read, duplicates) = distinct(&[(&first, 9), (&second, 9), (&third, 4)]);
        assert_eq!(
            (read, duplicates),
            (vec!["a/NAME.gz".to_owned()], vec!["b/NAME.gz".to_owned(), "c/NAME".to_owned()])
        );
    }

    #[test]
    fn a_copy_that_broke_off_is_not_the_one_to_read() {
        let (whole, broken) = (format!("z/{NAME}.gz"), format!("a/{NAME}.gz"));
        for order in [[(whole.as_str(), 9), (broken.as_str(), 0)], [(broken.as_str(), 0), (whole.as_str(), 9)]] {
            assert_eq!(distinct(&order), (vec!["z/NAME.gz".to_owned()], vec!["a/NAME.gz".to_owned()]));
        }
    }

    #[test]
    fn other_names_are_told_apart_by_the_whole_key() {
        let (read, duplicates) = distinct(&[("a/part-0.gz", 1), ("b/part-0.gz", 1), ("a/part-0.gz", 1)]);
        assert_eq!((read.len(), duplicates.len()), (2, 0));
    }
}
