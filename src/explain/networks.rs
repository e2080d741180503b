//! The networks of the address book around an address, and where each of them comes from.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::address::AwsRanges;
use crate::address::book::decode_nat64;
use crate::inventory::Inventory;
use crate::inventory::model::Destination;

/// A network that contains the address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Containing {
    pub network: String,
    /// One sentence for each thing that lists it.
    pub listed_by: Vec<String>,
}

/// All of them, longest prefix first. NAT64 addresses are decoded first, as for the service.
pub fn around(address: IpAddr, ranges: &AwsRanges, inventory: &Inventory) -> Vec<Containing> {
    let address = decode_nat64(address);
    let mut found = BTreeMap::<(u8, IpNet), Vec<String>>::new();
    let mut list = |net: IpNet, by: String| {
        if net.contains(&address) {
            let listed = found.entry((u8::MAX - net.prefix_len(), net.trunc())).or_default();
            if !listed.contains(&by) {
                listed.push(by);
            }
        }
    };
    for range in &ranges.ranges {
        list(range.net, format!("AWS range of {} in {}", range.services.join(", "), range.region));
    }
    for prefixes in &inventory.prefix_lists {
        let name = prefixes.name.as_deref().unwrap_or("unnamed");
        prefixes.entries.iter().for_each(|net| list(*net, format!("prefix list {} ({name})", prefixes.prefix_list_id)));
    }
    for vpc in &inventory.vpcs {
        vpc.cidrs.iter().for_each(|net| list(*net, format!("CIDR of {}", vpc.vpc_id)));
    }
    for subnet in &inventory.subnets {
        subnet.cidrs.iter().for_each(|net| list(*net, format!("CIDR of {} in {}", subnet.subnet_id, subnet.vpc_id)));
    }
    for table in &inventory.route_tables {
        for route in &table.routes {
            if let Destination::Cidr(net) = &route.destination {
                list(*net, format!("route of {} to {}", table.route_table_id, route.target));
            }
        }
    }
    for route in &inventory.transit_gateway_routes {
        let table = route.route_table_id.as_deref().unwrap_or("a transit gateway");
        list(route.destination, format!("route of {table} to {}", route.attachment_ids.join(", ")));
    }
    found.into_iter().map(|((_, net), listed_by)| Containing { network: net.to_string(), listed_by }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_comes_first() {
        let ranges = AwsRanges::embedded().unwrap();
        let found = around("52.216.1.1".parse().unwrap(), &ranges, &Inventory::default());
        let lengths: Vec<u8> = found.iter().map(|c| c.network.parse::<IpNet>().unwrap().prefix_len()).collect();
        assert!(!lengths.is_empty() && lengths.is_sorted_by(|a, b| a >= b), "{found:?}");
        assert!(found[0].listed_by[0].contains("S3") && found[0].listed_by[0].ends_with("in us-east-1"), "{found:?}");
        assert!(around("8.8.8.8".parse().unwrap(), &ranges, &Inventory::default()).is_empty());
    }
}
