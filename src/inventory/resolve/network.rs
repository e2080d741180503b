//! Subnets and VPCs.

use std::collections::{BTreeMap, HashSet};

use ipnet::IpNet;

use super::filled;
use super::place::Places;
use super::zone::Zones;
use crate::inventory::collect::Collected;
use crate::inventory::model::{Subnet, Vpc};
use crate::inventory::raw::network::RawCidrAssociation;
use crate::inventory::raw::route::RawRoute;
use crate::inventory::region;

/// The Region of a zone, by its name, else by its id.
pub(super) fn zone_region(name: Option<&String>, id: Option<&String>) -> Option<String> {
    name.and_then(|name| region::of_zone_name(name)).or_else(|| id.and_then(|id| region::of_zone_id(id)))
}

pub(super) fn subnets(collected: &Collected, zones: &Zones) -> Vec<Subnet> {
    let subnet = |found: &crate::inventory::collect::Found<_>| subnet(found, zones);
    collected.subnets.iter().filter_map(subnet).collect()
}

fn subnet(
    found: &crate::inventory::collect::Found<crate::inventory::raw::network::RawSubnet>,
    zones: &Zones,
) -> Option<Subnet> {
    let (origin, raw) = (&found.origin, &found.entry);
    let az_id = zones.id(origin, raw.availability_zone_id.as_ref(), raw.availability_zone.as_ref());
    let ipv6 = raw.ipv6_cidr_block_association_set.iter().filter_map(RawCidrAssociation::cidr);
    Some(Subnet {
        subnet_id: found.id.clone(),
        vpc_id: filled(raw.vpc_id.as_ref())?,
        account_id: filled(raw.owner_id.as_ref()).or_else(|| origin.account_id.clone()),
        region: zone_region(raw.availability_zone.as_ref(), az_id.as_ref()).or_else(|| origin.region.clone()),
        az_id,
        cidrs: raw.cidr_block.into_iter().chain(ipv6).map(|cidr| cidr.0).collect(),
    })
}

/// VPCs of describe-vpcs, then those that only route tables and subnets tell of.
pub(super) fn vpcs(collected: &Collected, subnets: &[Subnet], places: &Places<'_>) -> Vec<Vpc> {
    let mut vpcs: Vec<Vpc> = collected
        .vpcs
        .iter()
        .map(|found| {
            let raw = &found.entry;
            let associations = raw.cidr_block_association_set.iter().chain(&raw.ipv6_cidr_block_association_set);
            let mut cidrs: Vec<IpNet> = raw.cidr_block.iter().map(|cidr| cidr.0).collect();
            for cidr in associations.filter_map(RawCidrAssociation::cidr) {
                add(&mut cidrs, cidr.0);
            }
            Vpc {
                vpc_id: found.id.clone(),
                account_id: filled(raw.owner_id.as_ref()).or_else(|| found.origin.account_id.clone()),
                region: places.vpc_regions.get(found.id.as_str()).map(|region| (*region).to_owned()),
                cidrs,
                internet_firewall: !raw.network_firewall_associations.is_empty(),
            }
            .or_region(found.origin.region.as_ref())
        })
        .collect();
    let known: HashSet<String> = vpcs.iter().map(|vpc| vpc.vpc_id.clone()).collect();
    let mut built: BTreeMap<&str, Vpc> = BTreeMap::new();
    add_local_routes(&mut built, collected, places);
    add_subnets(&mut built, subnets);
    vpcs.extend(built.into_values().filter(|vpc| !known.contains(&vpc.vpc_id)));
    let inspected: HashSet<&str> = collected
        .route_tables
        .iter()
        .filter(|table| table.entry.routes.iter().any(RawRoute::has_internet_firewall))
        .filter_map(|table| table.entry.vpc_id.as_deref())
        .collect();
    for vpc in &mut vpcs {
        vpc.internet_firewall |= inspected.contains(vpc.vpc_id.as_str());
    }
    vpcs
}

fn add_local_routes<'a>(built: &mut BTreeMap<&'a str, Vpc>, collected: &'a Collected, places: &Places<'_>) {
    for table in collected.route_tables.iter() {
        let Some(vpc_id) = table.entry.vpc_id.as_deref() else { continue };
        let vpc = built.entry(vpc_id).or_insert_with(|| empty_vpc(vpc_id));
        vpc.account_id = vpc.account_id.take().or_else(|| filled(table.entry.owner_id.as_ref()));
        vpc.account_id = vpc.account_id.take().or_else(|| table.origin.account_id.clone());
        vpc.region = vpc.region.take().or_else(|| places.vpc_regions.get(vpc_id).map(|region| (*region).to_owned()));
        vpc.region = vpc.region.take().or_else(|| table.origin.region.clone());
        for route in table.entry.routes.iter().filter(|route| route.target() == Some("local")) {
            for cidr in route.destination_cidr_block.iter().chain(&route.destination_ipv6_cidr_block) {
                add(&mut vpc.cidrs, cidr.0);
            }
        }
    }
}

fn add_subnets<'a>(built: &mut BTreeMap<&'a str, Vpc>, subnets: &'a [Subnet]) {
    for subnet in subnets {
        let vpc = built.entry(&subnet.vpc_id).or_insert_with(|| empty_vpc(&subnet.vpc_id));
        vpc.account_id = vpc.account_id.take().or_else(|| subnet.account_id.clone());
        vpc.region = vpc.region.take().or_else(|| subnet.region.clone());
        for cidr in &subnet.cidrs {
            if !vpc.cidrs.iter().any(|known| known.contains(cidr)) {
                add(&mut vpc.cidrs, *cidr);
            }
        }
    }
}

fn empty_vpc(vpc_id: &str) -> Vpc {
    Vpc { vpc_id: vpc_id.to_owned(), account_id: None, region: None, cidrs: Vec::new(), internet_firewall: false }
}

fn add(cidrs: &mut Vec<IpNet>, cidr: IpNet) {
    if !cidrs.contains(&cidr) {
        cidrs.push(cidr);
    }
}

impl Vpc {
    fn or_region(mut self, region: Option<&String>) -> Self {
        self.region = self.region.or_else(|| region.cloned());
        self
    }
}
