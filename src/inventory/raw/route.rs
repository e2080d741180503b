//! `describe-route-tables` and the prefix list commands.

use serde::Deserialize;

use super::network::RawState;
use super::value::{Cidr, nullable, parsed};
use crate::inventory::page::Entry;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawRouteTable {
    pub route_table_id: Option<String>,
    pub vpc_id: Option<String>,
    pub owner_id: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub associations: Vec<RawRouteTableAssociation>,
    #[serde(deserialize_with = "nullable")]
    pub routes: Vec<RawRoute>,
}

impl Entry for RawRouteTable {
    const LISTS: &'static [&'static str] = &["RouteTables"];
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawRouteTableAssociation {
    pub main: Option<bool>,
    pub subnet_id: Option<String>,
    pub gateway_id: Option<String>,
    pub association_state: Option<RawState>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawRoute {
    #[serde(deserialize_with = "parsed")]
    pub destination_cidr_block: Option<Cidr>,
    #[serde(deserialize_with = "parsed")]
    pub destination_ipv6_cidr_block: Option<Cidr>,
    #[serde(deserialize_with = "parsed")]
    pub destination_prefix_list_id: Option<String>,
    pub nat_gateway_id: Option<String>,
    pub transit_gateway_id: Option<String>,
    pub vpc_peering_connection_id: Option<String>,
    pub network_interface_id: Option<String>,
    pub egress_only_internet_gateway_id: Option<String>,
    pub local_gateway_id: Option<String>,
    pub carrier_gateway_id: Option<String>,
    pub core_network_arn: Option<String>,
    pub odb_network_arn: Option<String>,
    pub vpc_endpoint_id: Option<String>,
    pub gateway_id: Option<String>,
    pub instance_id: Option<String>,
    pub ip_address: Option<String>,
    pub origin: Option<String>,
    pub state: Option<String>,
    /// What AWS writes in it is not documented; that it is there tells enough.
    pub igw_firewall: Option<serde_json::Value>,
}

impl RawRoute {
    pub(crate) fn has_internet_firewall(&self) -> bool {
        self.igw_firewall
            .as_ref()
            .is_some_and(|told| !(told.is_null() || told == &serde_json::json!(false) || told.as_str() == Some("")))
    }

    /// The target as AWS writes it. An interface stands before the instance it is attached to.
    pub(crate) fn target(&self) -> Option<&str> {
        [
            &self.nat_gateway_id,
            &self.transit_gateway_id,
            &self.vpc_peering_connection_id,
            &self.network_interface_id,
            &self.egress_only_internet_gateway_id,
            &self.local_gateway_id,
            &self.carrier_gateway_id,
            &self.core_network_arn,
            &self.odb_network_arn,
            &self.vpc_endpoint_id,
            &self.gateway_id,
            &self.instance_id,
            &self.ip_address,
        ]
        .into_iter()
        .filter_map(Option::as_deref)
        .find(|target| !target.is_empty())
    }
}

/// An entry of `describe-prefix-lists` (with `Cidrs`) or `describe-managed-prefix-lists` (without).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawPrefixList {
    pub prefix_list_id: Option<String>,
    pub prefix_list_name: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub cidrs: Vec<Cidr>,
}

impl RawPrefixList {
    /// Takes over what only the older entry tells: the commands print different halves of one list.
    pub(crate) fn complete(&mut self, older: Self) {
        self.prefix_list_name = self.prefix_list_name.take().or(older.prefix_list_name);
        if self.cidrs.is_empty() {
            self.cidrs = older.cidrs;
        }
    }
}

impl Entry for RawPrefixList {
    const LISTS: &'static [&'static str] = &["PrefixLists"];
}

/// An entry of `get-managed-prefix-list-entries`, which does not say whose entry it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawPrefixListEntry {
    #[serde(deserialize_with = "parsed")]
    pub cidr: Option<Cidr>,
}

impl Entry for RawPrefixListEntry {
    const LISTS: &'static [&'static str] = &["Entries"];
}
