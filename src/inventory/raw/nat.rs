//! `describe-nat-gateways`.

use std::net::IpAddr;

use serde::Deserialize;

use super::value::{Seconds, nullable, parsed};
use crate::inventory::page::Entry;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawNatGateway {
    pub nat_gateway_id: Option<String>,
    pub vpc_id: Option<String>,
    #[serde(deserialize_with = "parsed")]
    pub subnet_id: Option<String>,
    pub state: Option<String>,
    pub connectivity_type: Option<String>,
    pub availability_mode: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub nat_gateway_addresses: Vec<RawNatAddress>,
    #[serde(deserialize_with = "nullable")]
    pub attached_appliances: Vec<RawAppliance>,
    pub route_table_id: Option<String>,
    #[serde(deserialize_with = "parsed")]
    pub create_time: Option<Seconds>,
    #[serde(deserialize_with = "parsed")]
    pub delete_time: Option<Seconds>,
}

impl Entry for RawNatGateway {
    const LISTS: &'static [&'static str] = &["NatGateways"];
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawAppliance {
    #[serde(rename = "Type")]
    pub kind: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawNatAddress {
    #[serde(deserialize_with = "parsed")]
    pub network_interface_id: Option<String>,
    #[serde(deserialize_with = "parsed")]
    pub private_ip: Option<IpAddr>,
    #[serde(deserialize_with = "parsed")]
    pub public_ip: Option<IpAddr>,
    pub status: Option<String>,
    pub availability_zone: Option<String>,
    pub availability_zone_id: Option<String>,
}
