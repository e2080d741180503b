//! Network interfaces.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use super::network::zone_region;
use super::owner::Owners;
use super::zone::Zones;
use super::{filled, snake_case};
use crate::inventory::collect::{Collected, Found};
use crate::inventory::model::{InterfaceAddress, InterfaceKind, Inventory, NetworkInterface, Subnet};
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

/// Adds the interfaces that only NAT gateways and endpoints name: what they belong to is known without
/// `describe-network-interfaces`.
pub(super) fn add_named(inventory: &mut Inventory) {
    let mut known: HashSet<String> = inventory.network_interfaces.iter().map(|own| own.interface_id.clone()).collect();
    let mut named: Vec<NetworkInterface> = Vec::new();
    for nat in &inventory.nat_gateways {
        for address in &nat.addresses {
            let Some(id) = &address.interface_id else { continue };
            let own = address.private_ip.map(|address| InterfaceAddress { address, primary: true, public_ip: None });
            if known.insert(id.clone()) {
                named.push(NetworkInterface {
                    account_id: nat.account_id.clone(),
                    region: nat.region.clone(),
                    vpc_id: nat.vpc_id.clone(),
                    subnet_id: nat.subnet_id.clone(),
                    az_id: nat.az_id.clone(),
                    addresses: own.into_iter().collect(),
                    nat_gateway_id: Some(nat.nat_gateway_id.clone()),
                    ..of_aws(id, InterfaceKind::NatGateway, "nat_gateway")
                });
            } else if let Some(nat) = named.iter_mut().find(|nat| nat.interface_id == *id) {
                nat.addresses.extend(own.map(|own| InterfaceAddress { primary: false, ..own }));
            }
        }
    }
    for endpoint in &inventory.vpc_endpoints {
        let (kind, interface_type) = match endpoint.endpoint_type.as_str() {
            "interface" => (InterfaceKind::InterfaceEndpoint, "vpc_endpoint"),
            "gateway_load_balancer" => (InterfaceKind::GwlbEndpoint, "gateway_load_balancer_endpoint"),
            _ => (InterfaceKind::OtherEndpoint, "vpc_endpoint"),
        };
        // Several subnets: which of them an interface stands in is not said.
        let subnet_id = Some(&endpoint.subnet_ids).filter(|ids| ids.len() == 1).and_then(|ids| ids.first());
        let subnet = subnet_id.and_then(|id| inventory.subnets.iter().find(|subnet| subnet.subnet_id == *id));
        for id in endpoint.interface_ids.iter().filter(|id| known.insert((*id).clone())) {
            named.push(NetworkInterface {
                account_id: endpoint.account_id.clone(),
                region: endpoint.region.clone(),
                vpc_id: endpoint.vpc_id.clone(),
                subnet_id: subnet_id.cloned(),
                az_id: subnet.and_then(|subnet| subnet.az_id.clone()),
                endpoint_id: Some(endpoint.endpoint_id.clone()),
                ..of_aws(id, kind, interface_type)
            });
        }
    }
    inventory.network_interfaces.extend(named);
}

fn of_aws(id: &str, kind: InterfaceKind, interface_type: &str) -> NetworkInterface {
    NetworkInterface {
        interface_id: id.to_owned(),
        kind,
        interface_type: interface_type.to_owned(),
        description: None,
        requester_managed: true,
        account_id: None,
        region: None,
        vpc_id: None,
        subnet_id: None,
        az_id: None,
        instance_id: None,
        addresses: Vec::new(),
        prefixes: Vec::new(),
        nat_gateway_id: None,
        endpoint_id: None,
        transit_gateway_attachment_id: None,
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
