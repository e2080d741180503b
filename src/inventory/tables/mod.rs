//! The inventory as SQL tables in the schema `inventory`. A table is there, empty, also when its file is absent.

mod endpoints;
mod interfaces;
mod network;
mod other;
mod routes;

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::catalog::{MemorySchemaProvider, SchemaProvider};
use datafusion::datasource::MemTable;
use datafusion::execution::context::SessionContext;

use super::model::Inventory;
use crate::{Error, Result};

type Table = (&'static str, fn(&Inventory) -> Result<RecordBatch>);

const TABLES: [Table; 26] = [
    ("network_interfaces", interfaces::network_interfaces),
    ("interface_addresses", interfaces::interface_addresses),
    ("subnets", network::subnets),
    ("vpcs", network::vpcs),
    ("vpc_cidrs", network::vpc_cidrs),
    ("availability_zones", network::availability_zones),
    ("nat_gateways", interfaces::nat_gateways),
    ("nat_addresses", interfaces::nat_addresses),
    ("vpc_endpoints", endpoints::vpc_endpoints),
    ("endpoint_interfaces", endpoints::endpoint_interfaces),
    ("endpoint_route_tables", endpoints::endpoint_route_tables),
    ("endpoint_subnets", endpoints::endpoint_subnets),
    ("endpoint_dns_names", endpoints::endpoint_dns_names),
    ("endpoint_services", endpoints::endpoint_services),
    ("route_tables", routes::route_tables),
    ("route_table_associations", routes::route_table_associations),
    ("subnet_route_tables", routes::subnet_route_tables),
    ("routes", routes::routes),
    ("prefix_lists", routes::prefix_lists),
    ("transit_gateway_attachments", other::transit_gateway_attachments),
    ("transit_gateway_attachment_subnets", other::transit_gateway_attachment_subnets),
    ("transit_gateway_routes", other::transit_gateway_routes),
    ("transit_gateways_metered", other::transit_gateways_metered),
    ("vpc_peering_connections", other::vpc_peering_connections),
    ("flow_log_configs", other::flow_log_configs),
    ("completeness", other::completeness),
];

/// Makes the schema `inventory` of `ctx`'s default catalog.
pub fn register(ctx: &SessionContext, inventory: &Inventory) -> Result<()> {
    let schema = MemorySchemaProvider::new();
    for (name, build) in TABLES {
        let batch = build(inventory)?;
        let table = MemTable::try_new(batch.schema(), vec![vec![batch]])?;
        schema.register_table(name.to_owned(), Arc::new(table))?;
    }
    let default_catalog = ctx.state().config().options().catalog.default_catalog.clone();
    let catalog = ctx
        .catalog(&default_catalog)
        .ok_or_else(|| Error::Usage(format!("the session has no catalog named {default_catalog}")))?;
    catalog.register_schema("inventory", Arc::new(schema))?;
    Ok(())
}

/// (owner id, one of its values) for each value: the rows of a side table.
fn pairs<'a, T>(
    rows: &'a [T],
    id: impl Fn(&'a T) -> &'a str,
    values: impl Fn(&'a T) -> &'a [String],
) -> Vec<(&'a str, &'a str)> {
    rows.iter().flat_map(|row| values(row).iter().map(|value| (id(row), value.as_str())).collect::<Vec<_>>()).collect()
}
