//! Objects dealt to partitions so that each has about the same bytes to read.

use std::{cmp::Reverse, collections::BinaryHeap, sync::Arc};

use super::listing::LogObject;

/// At most `partitions` groups of `objects`, none empty. Largest first to the lightest group; within a group the order of
/// `objects` is kept, since neighbours in a listing are neighbours in time.
pub(crate) fn balance(objects: &[Arc<LogObject>], partitions: usize) -> Vec<Vec<Arc<LogObject>>> {
    let count = partitions.clamp(1, objects.len().max(1));
    let mut groups = vec![Vec::new(); count];
    let mut lightest: BinaryHeap<_> = (0..count).map(|group| Reverse((0_u64, group))).collect();
    let mut largest_first: Vec<usize> = (0..objects.len()).collect();
    largest_first.sort_by_key(|at| Reverse(objects[*at].meta.size));
    for at in largest_first {
        let Some(Reverse((weight, group))) = lightest.pop() else { break };
        groups[group].push(at);
        // Opening costs about as much as reading 4 KiB, which keeps empty objects from piling up in one group.
        lightest.push(Reverse((weight + objects[at].meta.size + 4096, group)));
    }
    groups.retain(|group| !group.is_empty());
    let in_order = |mut group: Vec<usize>| {
        group.sort_unstable();
        group.into_iter().map(|at| Arc::clone(&objects[at])).collect()
    };
    groups.into_iter().map(in_order).collect()
}

#[cfg(test)]
mod tests {
    use datafusion::execution::object_store::ObjectStoreUrl;
    use object_store::ObjectMeta;

    use super::*;
    use crate::record::key::KeyFacts;

    fn sizes(sizes: &[u64], partitions: usize) -> Vec<Vec<u64>> {
        let object = |size: &u64| {
            let meta = ObjectMeta {
                location: "x".into(),
                last_modified: Default::default(),
                size: *size,
                e_tag: None,
                version: None,
            };
            let store = ObjectStoreUrl::local_filesystem();
            Arc::new(LogObject { store, meta, display: "x".into(), key: KeyFacts::default() })
        };
        let objects: Vec<_> = sizes.iter().map(object).collect();
        balance(&objects, partitions).into_iter().map(|group| group.iter().map(|o| o.meta.size).collect()).collect()
    }

    #[test]
    fn bytes_are_balanced_and_order_kept() {
        let mib = 1 << 20;
        let groups = sizes(&[mib, 9 * mib, 2 * mib, 4 * mib, 3 * mib], 2);
        assert_eq!(groups, [vec![mib, 9 * mib], vec![2 * mib, 4 * mib, 3 * mib]]);
        assert_eq!(sizes(&[0, 0, 0, 0], 2).iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
    }

    #[test]
    fn no_group_is_empty() {
        assert_eq!(sizes(&[5], 8), [[5]]);
        assert!(sizes(&[], 8).is_empty());
    }
}
