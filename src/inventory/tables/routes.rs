//! Route tables, their routes, and the table that each subnet uses.

use std::collections::{BTreeMap, HashMap};

use datafusion::arrow::array::RecordBatch;
use ipnet::IpNet;

use crate::Result;
use crate::columns::Columns;
use crate::inventory::model::{Destination, Inventory, PrefixList, Route, RouteTable};

pub(super) fn route_tables(inventory: &Inventory) -> Result<RecordBatch> {
    Columns::of(&inventory.route_tables)
        .text("route_table_id", |row| Some(&row.route_table_id))
        .text("vpc_id", |row| Some(&row.vpc_id))
        .text("account_id", |row| row.account_id.as_deref())
        .text("region", |row| row.region.as_deref())
        .flag("is_main", |row| row.main)
        .finish()
}

/// Explicit associations as printed: each row has a subnet or a gateway.
pub(super) fn route_table_associations(inventory: &Inventory) -> Result<RecordBatch> {
    let rows: Vec<(&str, Option<&str>, Option<&str>)> = inventory
        .route_tables
        .iter()
        .flat_map(|table| {
            let id = table.route_table_id.as_str();
            let subnets = table.subnet_ids.iter().map(move |subnet| (id, Some(subnet.as_str()), None));
            subnets.chain(table.gateway_ids.iter().map(move |gateway| (id, None, Some(gateway.as_str()))))
        })
        .collect();
    Columns::of(&rows)
        .text("route_table_id", |row| Some(row.0))
        .text("subnet_id", |row| row.1)
        .text("gateway_id", |row| row.2)
        .finish()
}

/// The table that each known subnet uses: the associated one, else the VPC's main table.
pub(super) fn subnet_route_tables(inventory: &Inventory) -> Result<RecordBatch> {
    let tables = &inventory.route_tables;
    let main_tables: HashMap<&str, &str> = tables
        .iter()
        .filter(|table| table.main)
        .map(|table| (table.vpc_id.as_str(), table.route_table_id.as_str()))
        .collect();
    let explicit: HashMap<&str, &RouteTable> =
        tables.iter().flat_map(|table| table.subnet_ids.iter().map(move |subnet| (subnet.as_str(), table))).collect();
    let mut rows: Vec<(&str, &str, &str)> = Vec::new();
    for (subnet_id, vpc_id) in subnets_of_vpcs(inventory) {
        let table = explicit.get(subnet_id).map(|table| table.route_table_id.as_str());
        if let Some(table) = table.or_else(|| main_tables.get(vpc_id).copied()) {
            rows.push((subnet_id, vpc_id, table));
        }
    }
    Columns::of(&rows)
        .text("subnet_id", |row| Some(row.0))
        .text("vpc_id", |row| Some(row.1))
        .text("route_table_id", |row| Some(row.2))
        .finish()
}

/// Subnets with their VPC, from everything that names them: describe-subnets may be absent.
fn subnets_of_vpcs(inventory: &Inventory) -> BTreeMap<&str, &str> {
    let tables = inventory
        .route_tables
        .iter()
        .flat_map(|table| table.subnet_ids.iter().map(move |subnet| (subnet.as_str(), table.vpc_id.as_str())));
    let interfaces =
        inventory.network_interfaces.iter().filter_map(|i| Some((i.subnet_id.as_deref()?, i.vpc_id.as_deref()?)));
    let nat_gateways =
        inventory.nat_gateways.iter().filter_map(|nat| Some((nat.subnet_id.as_deref()?, nat.vpc_id.as_deref()?)));
    let subnets = inventory.subnets.iter().map(|subnet| (subnet.subnet_id.as_str(), subnet.vpc_id.as_str()));
    tables.chain(interfaces).chain(nat_gateways).chain(subnets).collect()
}

pub(super) fn routes(inventory: &Inventory) -> Result<RecordBatch> {
    let rows: Vec<(&str, &Route)> = inventory
        .route_tables
        .iter()
        .flat_map(|table| table.routes.iter().map(|route| (table.route_table_id.as_str(), route)))
        .collect();
    Columns::of(&rows)
        .text("route_table_id", |row| Some(row.0))
        .display("destination", |row| {
            Some(match &row.1.destination {
                Destination::Cidr(cidr) => cidr.to_string(),
                Destination::PrefixList(id) => id.clone(),
            })
        })
        .text("target", |row| Some(&row.1.target))
        .flag("is_blackhole", |row| row.1.blackhole)
        .flag("is_propagated", |row| row.1.propagated)
        .finish()
}

/// One row per entry; a list without known entries has one row without CIDR.
pub(super) fn prefix_lists(inventory: &Inventory) -> Result<RecordBatch> {
    let rows: Vec<(&PrefixList, Option<IpNet>)> = inventory
        .prefix_lists
        .iter()
        .flat_map(|list| {
            let unknown = list.entries.is_empty().then_some((list, None));
            unknown.into_iter().chain(list.entries.iter().map(move |entry| (list, Some(*entry))))
        })
        .collect();
    Columns::of(&rows)
        .text("prefix_list_id", |row| Some(&row.0.prefix_list_id))
        .text("name", |row| row.0.name.as_deref())
        .display("cidr", |row| row.1)
        .finish()
}
