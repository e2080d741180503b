//! Joins what was collected into the model: zones, Regions and accounts filled in, interfaces tied to their owners.

mod endpoint;
mod interface;
mod nat;
mod network;
mod other;
mod owner;
mod place;
mod prefix_list;
mod route;
mod transit;
mod zone;

use super::collect::Collected;
use super::completeness;
use super::model::Inventory;
use owner::Owners;
use place::Places;
use zone::Zones;

/// The inventory that the files make together.
pub(crate) fn resolve(collected: &Collected) -> Inventory {
    let zones = Zones::of(collected);
    let subnets = network::subnets(collected, &zones);
    let owners = Owners::of(collected);
    let network_interfaces = interface::interfaces(collected, &zones, &subnets, &owners);
    let places = Places::of(&subnets, &network_interfaces);
    let vpcs = network::vpcs(collected, &subnets, &places);
    let (prefix_lists, notices) = prefix_list::prefix_lists(collected);
    let mut inventory = Inventory {
        nat_gateways: nat::nat_gateways(collected, &zones, &places, &vpcs),
        vpc_endpoints: endpoint::endpoints(collected, &places, &vpcs),
        route_tables: route::route_tables(collected, &vpcs),
        prefix_lists,
        transit_gateway_attachments: transit::attachments(collected),
        transit_gateway_routes: transit::routes(collected),
        vpc_peering_connections: other::peerings(collected),
        flow_logs: other::flow_logs(collected),
        availability_zones: other::zones(collected),
        endpoint_services: endpoint::services(collected, &zones),
        files: collected.files.clone(),
        notices,
        ..Inventory::default()
    };
    drop(places);
    inventory.network_interfaces = network_interfaces;
    inventory.subnets = subnets;
    inventory.vpcs = vpcs;
    completeness::put(&mut inventory, collected);
    interface::add_named(&mut inventory);
    inventory
}

/// None instead of empty text.
fn filled(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}

/// `GatewayLoadBalancer`, `natGateway` and `efa-only` in one spelling: lower case words joined by underscores.
fn snake_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    let mut after_lower_case = false;
    for letter in text.chars() {
        if letter.is_ascii_uppercase() && after_lower_case {
            out.push('_');
        }
        after_lower_case = letter.is_ascii_lowercase();
        out.push(if letter == '-' { '_' } else { letter.to_ascii_lowercase() });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_names_have_one_spelling() {
        for (text, snake) in [
            ("natGateway", "nat_gateway"),
            ("nat_gateway", "nat_gateway"),
            ("GatewayLoadBalancer", "gateway_load_balancer"),
            ("efa-only", "efa_only"),
            ("Interface", "interface"),
            ("VPC", "vpc"),
        ] {
            assert_eq!(snake_case(text), snake);
        }
    }
}
