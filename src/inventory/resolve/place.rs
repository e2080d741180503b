//! Where things are: subnets and interfaces by id, and the Region of a VPC.

use std::collections::HashMap;

use crate::inventory::model::{NetworkInterface, Subnet};

/// Look-ups over subnets and interfaces.
#[derive(Debug)]
pub(super) struct Places<'a> {
    pub subnets: HashMap<&'a str, &'a Subnet>,
    pub interfaces: HashMap<&'a str, &'a NetworkInterface>,
    pub vpc_regions: HashMap<&'a str, &'a str>,
}

impl<'a> Places<'a> {
    pub(super) fn of(subnets: &'a [Subnet], interfaces: &'a [NetworkInterface]) -> Self {
        let of_interfaces = interfaces.iter().filter_map(|i| Some((i.vpc_id.as_deref()?, i.region.as_deref()?)));
        let of_subnets = subnets.iter().filter_map(|s| Some((s.vpc_id.as_str(), s.region.as_deref()?)));
        Self {
            subnets: subnets.iter().map(|subnet| (subnet.subnet_id.as_str(), subnet)).collect(),
            interfaces: interfaces.iter().map(|interface| (interface.interface_id.as_str(), interface)).collect(),
            vpc_regions: of_interfaces.chain(of_subnets).collect(),
        }
    }
}
