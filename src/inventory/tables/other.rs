//! Transit gateways, peering, flow log configurations, and which listings were read in whole.

use datafusion::arrow::array::RecordBatch;

use super::pairs;
use crate::Result;
use crate::columns::Columns;
use crate::inventory::model::{Inventory, TransitGatewayRoute};

pub(super) fn transit_gateway_attachments(inventory: &Inventory) -> Result<RecordBatch> {
    Columns::of(&inventory.transit_gateway_attachments)
        .text("attachment_id", |row| Some(&row.attachment_id))
        .text("transit_gateway_id", |row| Some(&row.transit_gateway_id))
        .text("resource_type", |row| Some(&row.resource_type))
        .text("resource_id", |row| row.resource_id.as_deref())
        .text("resource_account_id", |row| row.resource_account_id.as_deref())
        .text("state", |row| Some(&row.state))
        .text("route_table_id", |row| row.route_table_id.as_deref())
        .finish()
}

pub(super) fn transit_gateway_attachment_subnets(inventory: &Inventory) -> Result<RecordBatch> {
    let rows = pairs(&inventory.transit_gateway_attachments, |row| &row.attachment_id, |row| &row.subnet_ids);
    Columns::of(&rows).text("attachment_id", |row| Some(row.0)).text("subnet_id", |row| Some(row.1)).finish()
}

/// One row per route and attachment; a route without attachment (blackhole) has one row.
pub(super) fn transit_gateway_routes(inventory: &Inventory) -> Result<RecordBatch> {
    let rows: Vec<(&TransitGatewayRoute, Option<&str>)> = inventory
        .transit_gateway_routes
        .iter()
        .flat_map(|route| {
            let none = route.attachment_ids.is_empty().then_some((route, None));
            none.into_iter().chain(route.attachment_ids.iter().map(move |id| (route, Some(id.as_str()))))
        })
        .collect();
    Columns::of(&rows)
        .text("route_table_id", |row| row.0.route_table_id.as_deref())
        .display("destination", |row| Some(row.0.destination))
        .text("attachment_id", |row| row.1)
        .flag("is_blackhole", |row| row.0.blackhole)
        .finish()
}

/// One row per transit gateway with a metering policy; null = of an unknown one.
pub(super) fn transit_gateways_metered(inventory: &Inventory) -> Result<RecordBatch> {
    Columns::of(&inventory.transit_gateways_metered).text("transit_gateway_id", |row| row.as_deref()).finish()
}

pub(super) fn vpc_peering_connections(inventory: &Inventory) -> Result<RecordBatch> {
    Columns::of(&inventory.vpc_peering_connections)
        .text("peering_id", |row| Some(&row.peering_id))
        .flag("is_active", |row| row.active)
        .text("requester_vpc_id", |row| row.requester.vpc_id.as_deref())
        .text("accepter_vpc_id", |row| row.accepter.vpc_id.as_deref())
        .text("requester_region", |row| row.requester.region.as_deref())
        .text("accepter_region", |row| row.accepter.region.as_deref())
        .finish()
}

pub(super) fn flow_log_configs(inventory: &Inventory) -> Result<RecordBatch> {
    Columns::of(&inventory.flow_logs)
        .text("flow_log_id", |row| Some(&row.flow_log_id))
        .text("resource_id", |row| row.resource_id.as_deref())
        .text("log_format", |row| row.log_format.as_deref())
        .text("traffic_type", |row| row.traffic_type.as_deref())
        .integer("max_aggregation_interval", |row| row.max_aggregation_interval)
        .text("account_id", |row| row.account_id.as_deref())
        .text("region", |row| row.region.as_deref())
        .text("destination_type", |row| row.destination_type.as_deref())
        .text("destination", |row| row.destination.as_deref())
        .text("file_format", |row| row.file_format.as_deref())
        .flag("hive_partitions", |row| row.hive_partitions)
        .flag("per_hour_partitions", |row| row.per_hour_partitions)
        .flag("is_active", |row| row.active)
        .text("delivery_error", |row| row.delivery_error.as_deref())
        .finish()
}

/// Which listings were read in whole. A row without account or Region stands for all of them; no row that matches means not read.
/// A kind is complete for an account and Region where `bool_and(complete)` over the rows that match is true; they match with
/// `kind = '...' AND coalesce(c.account_id = x.account_id, TRUE) AND coalesce(c.region = x.region, TRUE)`, so that whoever does not
/// know the account asks for all.
pub(super) fn completeness(inventory: &Inventory) -> Result<RecordBatch> {
    Columns::of(&inventory.completeness)
        .text("kind", |row| Some(row.kind.command()))
        .text("account_id", |row| row.account_id.as_deref())
        .text("region", |row| row.region.as_deref())
        .flag("read", |row| row.read)
        .flag("complete", |row| row.complete)
        .finish()
}
