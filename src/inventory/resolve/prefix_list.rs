//! Prefix lists with the entries that three commands print between them.

use std::collections::BTreeMap;
use std::path::Path;

use ipnet::IpNet;

use super::filled;
use crate::inventory::collect::Collected;
use crate::inventory::model::{InventoryFile, PrefixList};

/// The lists by id, and a notice for each file of entries that cannot be tied to a list.
pub(super) fn prefix_lists(collected: &Collected) -> (Vec<PrefixList>, Vec<String>) {
    let mut lists: BTreeMap<String, PrefixList> = BTreeMap::new();
    for found in collected.prefix_lists.iter() {
        let list = lists.entry(found.id.clone()).or_insert_with(|| empty(&found.id));
        list.name = filled(found.entry.prefix_list_name.as_ref());
        add(list, found.entry.cidrs.iter().map(|cidr| cidr.0));
    }
    for (id, cidrs) in &collected.prefix_list_entries {
        add(lists.entry(id.clone()).or_insert_with(|| empty(id)), cidrs.iter().map(|cidr| cidr.0));
    }
    let mut notices = Vec::new();
    for (origin, cidrs) in &collected.unnamed_entries {
        match only_managed_list(collected, &origin.folder) {
            Some(id) => add(lists.entry(id.to_owned()).or_insert_with(|| empty(id)), cidrs.iter().map(|cidr| cidr.0)),
            None => notices.push(format!(
                "{}: its {} prefix list entries are not used, because nothing says which list they belong to; \
                 name the file get-managed-prefix-list-entries-pl-....json",
                origin.path,
                cidrs.len()
            )),
        }
    }
    (lists.into_values().collect(), notices)
}

/// The one list that describe-managed-prefix-lists names in this folder, if it names one.
fn only_managed_list<'a>(collected: &'a Collected, folder: &Path) -> Option<&'a str> {
    let is_managed = |path: &str| {
        let name = Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned());
        name.and_then(|name| InventoryFile::of_file_name(&name)) == Some(InventoryFile::ManagedPrefixLists)
    };
    let mut ids = collected
        .prefix_lists
        .iter()
        .filter(|list| list.origin.folder == folder && is_managed(&list.origin.path))
        .map(|list| list.id.as_str());
    ids.next().filter(|_| ids.next().is_none())
}

fn empty(id: &str) -> PrefixList {
    PrefixList { prefix_list_id: id.to_owned(), name: None, entries: Vec::new() }
}

fn add(list: &mut PrefixList, cidrs: impl Iterator<Item = IpNet>) {
    list.entries.extend(cidrs);
    list.entries.sort();
    list.entries.dedup();
}
