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
        transit_gateways_metered: transit::metered(collected),
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
    newer_paths(&mut inventory);
    inventory
}

/// Says where the inventory shows a path of which AWS's price, or what the logs can tell, is not known.
fn newer_paths(inventory: &mut Inventory) {
    let proxies = inventory.nat_gateways.iter().filter(|nat| nat.proxy).map(|nat| nat.nat_gateway_id.as_str());
    let firewalls = inventory.vpcs.iter().filter(|vpc| vpc.internet_firewall).map(|vpc| vpc.vpc_id.as_str());
    let functions = inventory.transit_gateway_attachments.iter();
    let functions =
        functions.filter(|one| one.resource_type == "network_function").map(|one| one.attachment_id.as_str());
    let metered = inventory.transit_gateways_metered.iter().map(|id| id.as_deref().unwrap_or("a transit gateway"));
    let tunnels = inventory.vpc_endpoints.iter().filter(|one| one.endpoint_type == "tunnel");
    let tunnels = tunnels.map(|one| one.endpoint_id.as_str());
    let told = [
        (
            proxies.collect::<Vec<_>>(),
            "a Network Firewall proxy is attached, so that clients' logs show the proxy and not the destination: such bytes have no service",
        ),
        (
            firewalls.collect(),
            "an internet firewall inspects at the internet gateway without any route: what moving traffic past it saves or bypasses is not stated",
        ),
        (
            functions.collect(),
            "a network function is attached to the transit gateway, whose price is not known: what moving traffic past it saves is not stated",
        ),
        (
            metered.collect(),
            "a metering policy may charge transit gateway processing to another account than the sending attachment's owner",
        ),
        (tunnels.collect(), "tunnel endpoint, whose traffic is encapsulated: no advice on it"),
    ];
    let told = told.into_iter().filter(|(ids, _)| !ids.is_empty());
    let told: Vec<String> = told.map(|(ids, what)| format!("{}: {what}.", ids.join(", "))).collect();
    inventory.notices.extend(told);
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
