//! Subnets, VPCs and zones.

use datafusion::arrow::array::RecordBatch;
use ipnet::IpNet;

use crate::Result;
use crate::columns::Columns;
use crate::inventory::model::Inventory;

pub(super) fn subnets(inventory: &Inventory) -> Result<RecordBatch> {
    Columns::of(&inventory.subnets)
        .text("subnet_id", |row| Some(&row.subnet_id))
        .text("vpc_id", |row| Some(&row.vpc_id))
        .text("account_id", |row| row.account_id.as_deref())
        .text("region", |row| row.region.as_deref())
        .text("az_id", |row| row.az_id.as_deref())
        .display("cidr", |row| row.cidrs.iter().find(|cidr| matches!(cidr, IpNet::V4(_))))
        .display("ipv6_cidr", |row| row.cidrs.iter().find(|cidr| matches!(cidr, IpNet::V6(_))))
        .finish()
}

pub(super) fn vpcs(inventory: &Inventory) -> Result<RecordBatch> {
    Columns::of(&inventory.vpcs)
        .text("vpc_id", |row| Some(&row.vpc_id))
        .text("account_id", |row| row.account_id.as_deref())
        .text("region", |row| row.region.as_deref())
        .flag("internet_firewall", |row| row.internet_firewall)
        .finish()
}

pub(super) fn vpc_cidrs(inventory: &Inventory) -> Result<RecordBatch> {
    let rows: Vec<(&str, IpNet)> =
        inventory.vpcs.iter().flat_map(|vpc| vpc.cidrs.iter().map(|cidr| (vpc.vpc_id.as_str(), *cidr))).collect();
    Columns::of(&rows).text("vpc_id", |row| Some(row.0)).display("cidr", |row| Some(row.1)).finish()
}

pub(super) fn availability_zones(inventory: &Inventory) -> Result<RecordBatch> {
    Columns::of(&inventory.availability_zones)
        .text("zone_name", |row| Some(&row.zone_name))
        .text("zone_id", |row| Some(&row.zone_id))
        .text("region", |row| row.region.as_deref())
        .finish()
}
