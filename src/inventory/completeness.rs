//! Which listings hold all that an account has in a Region. What an incomplete one lacks is unknown, not absent.
//!
//! A file speaks for the account and Region in its path. What the path does not say comes from the entries of its folder: a
//! file in a folder for itself speaks for every account and Region that the interfaces and endpoints beside it name (without those,
//! the VPCs, subnets and route tables), since a listing may be empty and still be whole. In a shared VPC the owner's subnets are
//! listed in the participant's files, so they count last.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::collect::{Collected, Keyed};
use super::model::{Completeness, Cut, FoundFile, Inventory, InventoryFile};
use super::origin::Origin;

/// Account and Region; None is not known.
type Place = (Option<String>, Option<String>);

/// Things that a listing lacks though others name them.
type Lacking<'i> = BTreeMap<(InventoryFile, Place), BTreeSet<&'i str>>;

impl Completeness {
    fn speaks_for(&self, account: Option<&str>, region: Option<&str>) -> bool {
        agree(self.account_id.as_deref(), account) && agree(self.region.as_deref(), region)
    }
}

impl Inventory {
    /// Whether the files of this kind list all that the account has in the Region; `None` asks for all accounts or Regions.
    pub fn complete(&self, kind: InventoryFile, account: Option<&str>, region: Option<&str>) -> bool {
        let mut rows = self.completeness.iter().filter(|row| row.kind == kind && row.speaks_for(account, region));
        rows.next().is_some_and(|first| first.complete && rows.all(|row| row.complete))
    }
}

/// Judges the files, and says of each incomplete one how to complete it.
pub(super) fn put(inventory: &mut Inventory, collected: &Collected) {
    let folders = Folders::of(inventory, collected);
    let mut listings = BTreeMap::<(InventoryFile, Place), Listing<'_>>::new();
    let mut notices = Vec::new();
    for file in inventory.files.iter().filter(|file| file.kind != InventoryFile::IpRanges) {
        let cut = file.cut.filter(|cut| *cut != Cut::NextToken || !goes_on(file, &inventory.files));
        notices.extend(cut.map(|cut| cut_off(file, cut)));
        for place in folders.places_of(&Origin::of(Path::new(&file.path))) {
            let listing = listings.entry((file.kind, place)).or_default();
            listing.paths.push(&file.path);
            listing.read |= cut != Some(Cut::Empty);
            // An empty file beside a whole one takes nothing from it.
            listing.cut |= cut.is_some_and(|cut| cut != Cut::Empty);
        }
    }
    let places: BTreeSet<Place> = listings.keys().map(|(_, place)| place.clone()).collect();
    let lacking = lacking(inventory);
    let several = places.len() > 1;
    let mut rows = Vec::new();
    for place in &places {
        for kind in InventoryFile::ALL.into_iter().filter(|kind| *kind != InventoryFile::IpRanges) {
            let listing = listings.get(&(kind, place.clone()));
            let lacks = lacks(&lacking, kind, place);
            if let Some(listing) = listing.filter(|listing| listing.read && !lacks.is_empty()) {
                notices.push(contradicted(listing, kind, &lacks));
            }
            // Beside places with a name nobody knows which of them a file without one is about.
            let anyones = several && place.0.is_none();
            let read = listing.is_some_and(|listing| listing.read);
            let complete = read && listing.is_some_and(|listing| !listing.cut) && lacks.is_empty() && !anyones;
            rows.push(Completeness { kind, account_id: place.0.clone(), region: place.1.clone(), read, complete });
        }
    }
    inventory.completeness = rows;
    inventory.notices.extend(notices);
}

#[derive(Debug, Default)]
struct Listing<'i> {
    paths: Vec<&'i str>,
    read: bool,
    cut: bool,
}

/// Whom the entries in each folder belong to.
struct Folders {
    by_folder: HashMap<PathBuf, BTreeSet<Place>>,
    all: BTreeSet<Place>,
}

impl Folders {
    fn of(inventory: &Inventory, collected: &Collected) -> Self {
        let mut first = Self { by_folder: HashMap::new(), all: BTreeSet::new() };
        let place = |account: &Option<String>, region: &Option<String>| (account.clone(), region.clone());
        let own = &inventory.network_interfaces;
        first.add(&collected.interfaces, own.iter().map(|e| (&e.interface_id, place(&e.account_id, &e.region))));
        let own = &inventory.vpc_endpoints;
        first.add(&collected.endpoints, own.iter().map(|e| (&e.endpoint_id, place(&e.account_id, &e.region))));
        let mut last = Self { by_folder: HashMap::new(), all: BTreeSet::new() };
        let own = &inventory.vpcs;
        last.add(&collected.vpcs, own.iter().map(|e| (&e.vpc_id, place(&e.account_id, &e.region))));
        let own = &inventory.subnets;
        last.add(&collected.subnets, own.iter().map(|e| (&e.subnet_id, place(&e.account_id, &e.region))));
        let own = &inventory.route_tables;
        last.add(&collected.route_tables, own.iter().map(|e| (&e.route_table_id, place(&e.account_id, &e.region))));
        for (folder, places) in last.by_folder {
            first.by_folder.entry(folder).or_insert(places);
        }
        if first.all.is_empty() {
            first.all = last.all;
        }
        first
    }

    fn add<'i, T>(&mut self, found: &Keyed<T>, own: impl Iterator<Item = (&'i String, Place)>) {
        let own: HashMap<&String, Place> = own.filter(|(_, place)| place.0.is_some()).collect();
        for entry in found.iter() {
            if let Some(place) = own.get(&entry.id) {
                self.by_folder.entry(entry.origin.folder.clone()).or_default().insert(place.clone());
                self.all.insert(place.clone());
            }
        }
    }

    fn places_of(&self, origin: &Origin) -> BTreeSet<Place> {
        let (account, region) = (&origin.account_id, &origin.region);
        let own = (account.clone(), region.clone());
        if account.is_some() && region.is_some() {
            return BTreeSet::from([own]);
        }
        let of_folder = self.by_folder.get(&origin.folder);
        let named = of_folder.or(Some(&self.all).filter(|all| all.len() == 1)).into_iter().flatten();
        let here = named.filter(|place| agree(place.0.as_deref(), account.as_deref()));
        let here = here.filter(|place| agree(place.1.as_deref(), region.as_deref()));
        let known = |own: &Option<String>, named: &Option<String>| own.clone().or_else(|| named.clone());
        let places: BTreeSet<Place> = here.map(|place| (known(account, &place.0), known(region, &place.1))).collect();
        if places.is_empty() { BTreeSet::from([own]) } else { places }
    }
}

fn agree(one: Option<&str>, other: Option<&str>) -> bool {
    one.is_none() || other.is_none() || one == other
}

/// Whether a later page of the same listing was saved beside it: files in one folder whose names differ in the number of the page.
fn goes_on(file: &FoundFile, files: &[FoundFile]) -> bool {
    let Some((folder, name, number)) = page_of(&file.path) else { return false };
    files
        .iter()
        .filter(|other| other.kind == file.kind && other.cut != Some(Cut::Empty))
        .any(|other| page_of(&other.path).is_some_and(|(at, stem, page)| at == folder && stem == name && page > number))
}

/// Folder, name and page of a path such as `describe-subnets.page2.json`; a name without a number is the first page.
fn page_of(path: &str) -> Option<(PathBuf, String, u64)> {
    let path = Path::new(path);
    let stem = path.file_stem()?.to_string_lossy().to_ascii_lowercase();
    let head = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = stem.get(head.len()..)?.parse().ok();
    let separators: &[char] = &['-', '_', '.', ' '];
    let bare = head.strip_suffix("page").or_else(|| head.strip_suffix("part")).unwrap_or(head);
    let separated = bare.ends_with(separators);
    let folder = path.parent()?.to_path_buf();
    match number {
        Some(number) if separated => Some((folder, bare.trim_end_matches(separators).to_owned(), number)),
        _ => Some((folder, stem, 0)),
    }
}

/// NAT gateways and endpoints that interfaces and live routes name, and their listings lack.
fn lacking(inventory: &Inventory) -> Lacking<'_> {
    let endpoints: BTreeSet<&str> = inventory.vpc_endpoints.iter().map(|one| one.endpoint_id.as_str()).collect();
    let nats: BTreeSet<&str> = inventory.nat_gateways.iter().map(|one| one.nat_gateway_id.as_str()).collect();
    // The route of one that was deleted is a blackhole.
    let of_routes = inventory.route_tables.iter().flat_map(|table| {
        let live = table.routes.iter().filter(|route| !route.blackhole);
        live.map(|route| (route.target.as_str(), &table.account_id, &table.region))
    });
    let of_interfaces = inventory.network_interfaces.iter().flat_map(|interface| {
        let ids = [&interface.nat_gateway_id, &interface.endpoint_id].into_iter().flatten();
        ids.map(|id| (id.as_str(), &interface.account_id, &interface.region))
    });
    let mut lacking = Lacking::new();
    for (id, account, region) in of_routes.chain(of_interfaces) {
        let kind = match id {
            _ if id.starts_with("vpce-") && !endpoints.contains(id) => InventoryFile::VpcEndpoints,
            _ if id.starts_with("nat-") && !nats.contains(id) => InventoryFile::NatGateways,
            _ => continue,
        };
        lacking.entry((kind, (account.clone(), region.clone()))).or_default().insert(id);
    }
    lacking
}

/// The ids that a listing of this place lacks.
fn lacks<'i>(lacking: &Lacking<'i>, kind: InventoryFile, (account, region): &Place) -> BTreeSet<&'i str> {
    let here = lacking.iter().filter(|((of, place), _)| {
        *of == kind && agree(place.0.as_deref(), account.as_deref()) && agree(place.1.as_deref(), region.as_deref())
    });
    here.flat_map(|(_, ids)| ids).copied().collect()
}

fn cut_off(file: &FoundFile, cut: Cut) -> String {
    let (path, command) = (&file.path, file.kind.command());
    match cut {
        Cut::NextToken => format!(
            "{path} is cut off: NextToken is left, so what it does not list is unknown, not absent; run `aws ec2 {command}` \
             again without --max-items and --no-paginate."
        ),
        Cut::MoreRoutes => format!(
            "{path} is cut off: a search gives at most 1,000 routes and more are there (AdditionalRoutesAvailable), so what it \
             does not list is unknown, not absent; run `aws ec2 {command}` again with narrower --filters (type, or a \
             destination range each), or `aws ec2 export-transit-gateway-routes` to compare."
        ),
        Cut::Empty => format!(
            "{path} is empty, as a refused call leaves it: it counts as absent; run `aws ec2 {command} --output json` again, \
             or remove the file."
        ),
    }
}

fn contradicted(listing: &Listing<'_>, kind: InventoryFile, lacks: &BTreeSet<&str>) -> String {
    let first = lacks.first().copied().unwrap_or_default();
    let more = match lacks.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let command = kind.command();
    format!(
        "{} is incomplete: interfaces or routes name {first}{more}, which it lacks, so what it does not list is unknown, not \
         absent; run `aws ec2 {command}` again without --filters, --max-items and --no-paginate.",
        listing.paths.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_by_their_numbers() {
        let page = |name: &str| page_of(&format!("inv/{name}")).map(|(_, stem, number)| (stem, number));
        let stem = |number| Some(("describe-subnets".to_owned(), number));
        assert_eq!(page("describe-subnets.json"), stem(0));
        assert_eq!(page("describe-subnets.page2.json"), stem(2));
        assert_eq!(page("describe-subnets-10.json"), stem(10));
        assert_eq!(page("Describe-Subnets_part3.json"), stem(3));
        // The end of an id is no number.
        assert_eq!(page("describe-subnets-vpc-0ab1.json"), Some(("describe-subnets-vpc-0ab1".to_owned(), 0)));
    }
}
