//! Zone names to zone ids. A zone name means another zone in each account, so a name counts only where it can mean one id.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;

use crate::inventory::collect::Collected;
use crate::inventory::origin::Origin;

/// Zone names as seen by the account of each file.
#[derive(Debug)]
pub(super) struct Zones {
    by_name: HashMap<String, HashSet<Sighting>>,
    one_account: bool,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Sighting {
    account_id: Option<String>,
    folder: PathBuf,
    zone_id: String,
}

impl Zones {
    /// From describe-availability-zones, and from subnets, which carry both name and id.
    pub(super) fn of(collected: &Collected) -> Self {
        let mut by_name: HashMap<String, HashSet<Sighting>> = HashMap::new();
        let listed = collected.zones.iter().map(|z| (&z.origin, &z.entry.zone_name, &z.entry.zone_id));
        let subnets =
            collected.subnets.iter().map(|s| (&s.origin, &s.entry.availability_zone, &s.entry.availability_zone_id));
        for (origin, name, id) in listed.chain(subnets) {
            if let (Some(name), Some(id)) = (name, id) {
                by_name.entry(name.clone()).or_default().insert(Sighting {
                    account_id: origin.account_id.clone(),
                    folder: origin.folder.clone(),
                    zone_id: id.clone(),
                });
            }
        }
        Self { by_name, one_account: accounts(collected).len() <= 1 }
    }

    /// The id of a zone: as printed, else of the name as the file's account sees it, when that is one id.
    pub(super) fn id(&self, origin: &Origin, zone_id: Option<&String>, zone_name: Option<&String>) -> Option<String> {
        if let Some(id) = zone_id.filter(|id| !id.is_empty()) {
            return Some(id.clone());
        }
        let sightings = self.by_name.get(zone_name?)?;
        let same_account = |s: &&Sighting| s.account_id.is_some() && s.account_id == origin.account_id;
        let same_folder =
            |s: &&Sighting| s.folder == origin.folder && (s.account_id.is_none() || origin.account_id.is_none());
        one(sightings.iter().filter(same_account))
            .or_else(|| one(sightings.iter().filter(same_folder)))
            .or_else(|| if self.one_account { one(sightings.iter()) } else { None })
    }
}

fn one<'a>(sightings: impl Iterator<Item = &'a Sighting>) -> Option<String> {
    let ids: BTreeSet<&str> = sightings.map(|sighting| sighting.zone_id.as_str()).collect();
    if ids.len() == 1 { ids.into_iter().next().map(str::to_owned) } else { None }
}

/// The accounts that paths or owners name.
fn accounts(collected: &Collected) -> HashSet<&str> {
    let interfaces = collected.interfaces.iter().map(|i| (&i.origin, &i.entry.owner_id));
    let subnets = collected.subnets.iter().map(|s| (&s.origin, &s.entry.owner_id));
    let vpcs = collected.vpcs.iter().map(|v| (&v.origin, &v.entry.owner_id));
    let zones = collected.zones.iter().map(|z| (&z.origin, &None));
    interfaces
        .chain(subnets)
        .chain(vpcs)
        .chain(zones)
        .flat_map(|(origin, owner)| [origin.account_id.as_deref(), owner.as_deref()])
        .flatten()
        .collect()
}
