//! Route tables.

use super::filled;
use crate::inventory::collect::{Collected, Found};
use crate::inventory::model::{Destination, Route, RouteTable, Vpc};
use crate::inventory::raw::route::{RawRoute, RawRouteTable, RawRouteTableAssociation};

pub(super) fn route_tables(collected: &Collected, vpcs: &[Vpc]) -> Vec<RouteTable> {
    collected.route_tables.iter().filter_map(|found| route_table(found, vpcs)).collect()
}

fn route_table(found: &Found<RawRouteTable>, vpcs: &[Vpc]) -> Option<RouteTable> {
    let (origin, raw) = (&found.origin, &found.entry);
    let vpc_id = filled(raw.vpc_id.as_ref())?;
    let vpc = vpcs.iter().find(|vpc| vpc.vpc_id == vpc_id);
    let stands = |association: &&RawRouteTableAssociation| {
        !association.association_state.as_ref().is_some_and(|state| state.is_gone())
    };
    let associations = || raw.associations.iter().filter(stands);
    Some(RouteTable {
        route_table_id: found.id.clone(),
        account_id: filled(raw.owner_id.as_ref())
            .or_else(|| origin.account_id.clone())
            .or_else(|| vpc.and_then(|vpc| vpc.account_id.clone())),
        region: vpc.and_then(|vpc| vpc.region.clone()).or_else(|| origin.region.clone()),
        vpc_id,
        main: associations().any(|association| association.main == Some(true)),
        subnet_ids: associations().filter_map(|association| filled(association.subnet_id.as_ref())).collect(),
        gateway_ids: associations().filter_map(|association| filled(association.gateway_id.as_ref())).collect(),
        routes: raw.routes.iter().filter_map(route).collect(),
    })
}

/// None for a route that forwards nothing: filtered, or with a destination of a kind not known here.
fn route(raw: &RawRoute) -> Option<Route> {
    let state = raw.state.as_deref().unwrap_or("active");
    if state.eq_ignore_ascii_case("filtered") {
        return None;
    }
    let cidr = raw.destination_cidr_block.or(raw.destination_ipv6_cidr_block);
    let destination = match cidr {
        Some(cidr) => Destination::Cidr(cidr.0),
        None => Destination::PrefixList(raw.destination_prefix_list_id.clone()?),
    };
    Some(Route {
        destination,
        target: raw.target().unwrap_or_default().to_owned(),
        blackhole: state.eq_ignore_ascii_case("blackhole"),
        propagated: matches!(raw.origin.as_deref(), Some("EnableVgwRoutePropagation" | "Advertisement")),
    })
}
