//! NAT gateways. Their output names no account and no zone: both come from their interface, subnet or VPC.

use super::filled;
use super::network::zone_region;
use super::place::Places;
use super::zone::Zones;
use crate::inventory::collect::{Collected, Found};
use crate::inventory::model::{NatAddress, NatGateway, Vpc};
use crate::inventory::raw::nat::RawNatGateway;

pub(super) fn nat_gateways(collected: &Collected, zones: &Zones, places: &Places<'_>, vpcs: &[Vpc]) -> Vec<NatGateway> {
    collected.nat_gateways.iter().map(|found| nat_gateway(found, zones, places, vpcs)).collect()
}

fn nat_gateway(found: &Found<RawNatGateway>, zones: &Zones, places: &Places<'_>, vpcs: &[Vpc]) -> NatGateway {
    let (origin, raw) = (&found.origin, &found.entry);
    let regional = raw.availability_mode.as_deref().is_some_and(|mode| mode.eq_ignore_ascii_case("regional"));
    let subnet_id = raw.subnet_id.clone().filter(|_| !regional);
    let subnet = subnet_id.as_deref().and_then(|id| places.subnets.get(id));
    let interface = raw
        .nat_gateway_addresses
        .iter()
        .find_map(|address| places.interfaces.get(address.network_interface_id.as_deref()?));
    let addresses = addresses(found, zones, places);
    let az_id = subnet
        .and_then(|subnet| subnet.az_id.clone())
        .or_else(|| interface.and_then(|interface| interface.az_id.clone()))
        .or_else(|| addresses.iter().find_map(|address| address.az_id.clone()))
        .filter(|_| !regional);
    let vpc_id = filled(raw.vpc_id.as_ref()).or_else(|| subnet.map(|subnet| subnet.vpc_id.clone()));
    let vpc = vpcs.iter().find(|vpc| Some(&vpc.vpc_id) == vpc_id.as_ref());
    let zone_of_address = raw
        .nat_gateway_addresses
        .iter()
        .find_map(|address| zone_region(address.availability_zone.as_ref(), address.availability_zone_id.as_ref()));
    NatGateway {
        nat_gateway_id: found.id.clone(),
        account_id: interface
            .and_then(|interface| interface.account_id.clone())
            .or_else(|| vpc.and_then(|vpc| vpc.account_id.clone()))
            .or_else(|| subnet.and_then(|subnet| subnet.account_id.clone()))
            .or_else(|| origin.account_id.clone()),
        region: zone_of_address
            .or_else(|| subnet.and_then(|subnet| subnet.region.clone()))
            .or_else(|| interface.and_then(|interface| interface.region.clone()))
            .or_else(|| vpc.and_then(|vpc| vpc.region.clone()))
            .or_else(|| origin.region.clone()),
        vpc_id,
        subnet_id,
        az_id,
        state: raw.state.as_deref().unwrap_or("available").to_ascii_lowercase(),
        public: !raw.connectivity_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("private")),
        regional,
        addresses,
        proxy: raw.attached_appliances.iter().any(|one| one.kind.as_deref() == Some("network-firewall-proxy")),
        route_table_id: filled(raw.route_table_id.as_ref()),
        created: raw.create_time.map(|time| time.0),
        deleted: raw.delete_time.map(|time| time.0),
    }
}

fn addresses(found: &Found<RawNatGateway>, zones: &Zones, places: &Places<'_>) -> Vec<NatAddress> {
    let usable = |status: Option<&str>| status != Some("failed");
    let raw = found.entry.nat_gateway_addresses.iter().filter(|address| usable(address.status.as_deref()));
    raw.map(|address| {
        let interface = address.network_interface_id.as_deref().and_then(|id| places.interfaces.get(id));
        NatAddress {
            interface_id: address.network_interface_id.clone(),
            private_ip: address.private_ip,
            public_ip: address.public_ip,
            az_id: zones
                .id(&found.origin, address.availability_zone_id.as_ref(), address.availability_zone.as_ref())
                .or_else(|| interface.and_then(|interface| interface.az_id.clone())),
        }
    })
    .collect()
}
