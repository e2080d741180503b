//! Network interfaces and NAT gateways.

use std::collections::BTreeSet;
use std::net::IpAddr;

use datafusion::arrow::array::RecordBatch;

use crate::Result;
use crate::columns::Columns;
use crate::inventory::model::{Inventory, NatAddress, NatGateway};

pub(super) fn network_interfaces(inventory: &Inventory) -> Result<RecordBatch> {
    Columns::of(&inventory.network_interfaces)
        .text("interface_id", |row| Some(&row.interface_id))
        .text("kind", |row| Some(row.kind.as_str()))
        .text("interface_type", |row| Some(&row.interface_type))
        .text("description", |row| row.description.as_deref())
        .flag("requester_managed", |row| row.requester_managed)
        .text("account_id", |row| row.account_id.as_deref())
        .text("region", |row| row.region.as_deref())
        .text("vpc_id", |row| row.vpc_id.as_deref())
        .text("subnet_id", |row| row.subnet_id.as_deref())
        .text("az_id", |row| row.az_id.as_deref())
        .text("instance_id", |row| row.instance_id.as_deref())
        .text("nat_gateway_id", |row| row.nat_gateway_id.as_deref())
        .text("endpoint_id", |row| row.endpoint_id.as_deref())
        .text("transit_gateway_attachment_id", |row| row.transit_gateway_attachment_id.as_deref())
        .finish()
}

struct AddressRow<'a> {
    interface_id: &'a str,
    vpc_id: Option<&'a str>,
    address: String,
    is_primary: bool,
    public_ip: Option<IpAddr>,
}

/// Addresses as `IpAddr` prints them, then delegated prefixes as CIDR text.
pub(super) fn interface_addresses(inventory: &Inventory) -> Result<RecordBatch> {
    let rows: Vec<AddressRow<'_>> = inventory
        .network_interfaces
        .iter()
        .flat_map(|interface| {
            let row = |address: String, is_primary, public_ip| AddressRow {
                interface_id: &interface.interface_id,
                vpc_id: interface.vpc_id.as_deref(),
                address,
                is_primary,
                public_ip,
            };
            let addresses = interface.addresses.iter().map(move |a| row(a.address.to_string(), a.primary, a.public_ip));
            addresses.chain(interface.prefixes.iter().map(move |prefix| row(prefix.to_string(), false, None)))
        })
        .collect();
    Columns::of(&rows)
        .text("interface_id", |row| Some(row.interface_id))
        .text("vpc_id", |row| row.vpc_id)
        .text("address", |row| Some(&row.address))
        .flag("is_primary", |row| row.is_primary)
        .display("public_ip", |row| row.public_ip)
        .finish()
}

pub(super) fn nat_gateways(inventory: &Inventory) -> Result<RecordBatch> {
    Columns::of(&inventory.nat_gateways)
        .text("nat_gateway_id", |row| Some(&row.nat_gateway_id))
        .text("vpc_id", |row| row.vpc_id.as_deref())
        .text("subnet_id", |row| row.subnet_id.as_deref())
        .text("account_id", |row| row.account_id.as_deref())
        .text("region", |row| row.region.as_deref())
        .text("az_id", |row| row.az_id.as_deref())
        .text("state", |row| Some(&row.state))
        .flag("is_public", |row| row.public)
        .flag("is_regional", |row| row.regional)
        .integer("public_address_count", |row| count(row.addresses.iter().filter_map(|a| a.public_ip).count()))
        .integer("az_count", az_count)
        .integer("created", |row| row.created)
        .integer("deleted", |row| row.deleted)
        .text("route_table_id", |row| row.route_table_id.as_deref())
        .flag("proxy", |row| row.proxy)
        .finish()
}

/// One for a zonal gateway; the zones of its addresses for a regional one, unknown when no address names a zone.
fn az_count(nat: &NatGateway) -> Option<i64> {
    if !nat.regional {
        return Some(1);
    }
    let zones: BTreeSet<&str> = nat.addresses.iter().filter_map(|address| address.az_id.as_deref()).collect();
    count(zones.len()).filter(|count| *count > 0)
}

pub(super) fn nat_addresses(inventory: &Inventory) -> Result<RecordBatch> {
    let rows: Vec<(&str, &NatAddress)> = inventory
        .nat_gateways
        .iter()
        .flat_map(|nat| nat.addresses.iter().map(|address| (nat.nat_gateway_id.as_str(), address)))
        .collect();
    Columns::of(&rows)
        .text("nat_gateway_id", |row| Some(row.0))
        .text("interface_id", |row| row.1.interface_id.as_deref())
        .display("private_ip", |row| row.1.private_ip)
        .display("public_ip", |row| row.1.public_ip)
        .text("az_id", |row| row.1.az_id.as_deref())
        .finish()
}

fn count(count: usize) -> Option<i64> {
    i64::try_from(count).ok()
}
