//! Network interfaces.

use std::collections::HashMap;
use std::net::IpAddr;

use super::network::zone_region;
use super::owner::Owners;
use super::zone::Zones;
use super::{filled, snake_case};
use crate::inventory::collect::{Collected, Found};
use crate::inventory::model::{InterfaceAddress, NetworkInterface, Subnet};
use crate::inventory::raw::interface::RawInterface;

pub(super) fn interfaces(
    collected: &Collected,
    zones: &Zones,
    subnets: &[Subnet],
    owners: &Owners<'_>,
) -> Vec<NetworkInterface> {
    let subnets: HashMap<&str, &Subnet> = subnets.iter().map(|subnet| (subnet.subnet_id.as_str(), subnet)).collect();
    collected.interfaces.iter().map(|found| interface(found, zones, &subnets, owners)).collect()
}

fn interface(
    found: &Found<RawInterface>,
    zones: &Zones,
    subnets: &HashMap<&str, &Subnet>,
    owners: &Owners<'_>,
) -> NetworkInterface {
    let (origin, raw) = (&found.origin, &found.entry);
    let subnet_id = filled(raw.subnet_id.as_ref());
    let subnet = subnet_id.as_deref().and_then(|id| subnets.get(id));
    let az_id = filled(raw.availability_zone_id.as_ref())
        .or_else(|| subnet.and_then(|subnet| subnet.az_id.clone()))
        .or_else(|| zones.id(origin, None, raw.availability_zone.as_ref()));
    let region = zone_region(raw.availability_zone.as_ref(), az_id.as_ref())
        .or_else(|| subnet.and_then(|subnet| subnet.region.clone()))
        .or_else(|| origin.region.clone());
    let interface_type = snake_case(raw.interface_type.as_deref().unwrap_or("interface"));
    let owner = owners.owner(&found.id, &interface_type, raw);
    let ipv4_prefixes = raw.ipv4_prefixes.iter().filter_map(|prefix| prefix.ipv4_prefix);
    let ipv6_prefixes = raw.ipv6_prefixes.iter().filter_map(|prefix| prefix.ipv6_prefix);
    NetworkInterface {
        interface_id: found.id.clone(),
        kind: owner.kind,
        interface_type,
        description: filled(raw.description.as_ref()),
        requester_managed: raw.requester_managed.unwrap_or(false),
        account_id: filled(raw.owner_id.as_ref()).or_else(|| origin.account_id.clone()),
        region,
        vpc_id: filled(raw.vpc_id.as_ref()).or_else(|| subnet.map(|subnet| subnet.vpc_id.clone())),
        subnet_id,
        az_id,
        instance_id: raw.attachment.as_ref().and_then(|attachment| filled(attachment.instance_id.as_ref())),
        addresses: addresses(raw),
        prefixes: ipv4_prefixes.chain(ipv6_prefixes).map(|cidr| cidr.0).collect(),
        nat_gateway_id: owner.nat_gateway_id,
        endpoint_id: owner.endpoint_id,
        transit_gateway_attachment_id: owner.transit_gateway_attachment_id,
    }
}

fn addresses(raw: &RawInterface) -> Vec<InterfaceAddress> {
    let top_public = raw.association.as_ref().and_then(|association| association.public_ip);
    let is_primary = |address: IpAddr| raw.private_ip_address == Some(address);
    let mut addresses: Vec<InterfaceAddress> = raw
        .private_ip_addresses
        .iter()
        .filter_map(|entry| {
            let address = entry.private_ip_address?;
            let primary = entry.primary.unwrap_or_else(|| is_primary(address));
            let own_public = entry.association.as_ref().and_then(|association| association.public_ip);
            let public_ip = own_public.or(if primary { top_public } else { None });
            Some(InterfaceAddress { address, primary, public_ip })
        })
        .collect();
    if let Some(address) = raw.private_ip_address.filter(|own| addresses.iter().all(|known| known.address != *own)) {
        addresses.insert(0, InterfaceAddress { address, primary: true, public_ip: top_public });
    }
    addresses.extend(raw.ipv6_addresses.iter().filter_map(|entry| {
        let primary = entry.is_primary_ipv6.unwrap_or(false);
        Some(InterfaceAddress { address: entry.ipv6_address?, primary, public_ip: None })
    }));
    addresses
}
