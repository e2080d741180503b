//! VPC endpoints and the endpoint services on offer.

use datafusion::arrow::array::RecordBatch;

use super::pairs;
use crate::Result;
use crate::columns::Columns;
use crate::inventory::model::{EndpointService, Inventory, VpcEndpoint};

pub(super) fn vpc_endpoints(inventory: &Inventory) -> Result<RecordBatch> {
    Columns::of(&inventory.vpc_endpoints)
        .text("endpoint_id", |row| Some(&row.endpoint_id))
        .text("endpoint_type", |row| Some(&row.endpoint_type))
        .text("vpc_id", |row| row.vpc_id.as_deref())
        .text("service_name", |row| Some(&row.service_name))
        .text("account_id", |row| row.account_id.as_deref())
        .text("region", |row| row.region.as_deref())
        .text("state", |row| Some(&row.state))
        .flag("private_dns_enabled", |row| row.private_dns_enabled)
        .flag("requester_managed", |row| row.requester_managed)
        .flag("is_network_firewall", |row| row.network_firewall)
        .integer("az_count", |row| Some(row.az_count))
        .integer("created", |row| row.created)
        .text("service_region", |row| row.service_region.as_deref())
        .flag("free_of_charge", |row| row.free_of_charge)
        .finish()
}

pub(super) fn endpoint_interfaces(inventory: &Inventory) -> Result<RecordBatch> {
    side_table(inventory, "interface_id", |row| &row.interface_ids)
}

pub(super) fn endpoint_route_tables(inventory: &Inventory) -> Result<RecordBatch> {
    side_table(inventory, "route_table_id", |row| &row.route_table_ids)
}

pub(super) fn endpoint_subnets(inventory: &Inventory) -> Result<RecordBatch> {
    side_table(inventory, "subnet_id", |row| &row.subnet_ids)
}

pub(super) fn endpoint_dns_names(inventory: &Inventory) -> Result<RecordBatch> {
    side_table(inventory, "dns_name", |row| &row.dns_names)
}

fn side_table(inventory: &Inventory, column: &str, values: fn(&VpcEndpoint) -> &[String]) -> Result<RecordBatch> {
    let rows = pairs(&inventory.vpc_endpoints, |row| &row.endpoint_id, values);
    Columns::of(&rows).text("endpoint_id", |row| Some(row.0)).text(column, |row| Some(row.1)).finish()
}

/// One row per service and type; zone ids and names joined by commas.
pub(super) fn endpoint_services(inventory: &Inventory) -> Result<RecordBatch> {
    let rows: Vec<(&EndpointService, &str)> = inventory
        .endpoint_services
        .iter()
        .flat_map(|service| service.types.iter().map(move |kind| (service, kind.as_str())))
        .collect();
    Columns::of(&rows)
        .text("service_name", |row| Some(&row.0.service_name))
        .text("service_type", |row| Some(row.1))
        .display("az_ids", |row| Some(row.0.az_ids.join(",")))
        .display("private_dns_names", |row| Some(row.0.private_dns_names.join(",")))
        .text("owner", |row| row.0.owner.as_deref())
        .finish()
}
