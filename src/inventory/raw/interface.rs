//! `describe-network-interfaces`.

use std::net::IpAddr;

use serde::Deserialize;

use super::value::{Cidr, nullable, parsed};
use crate::inventory::page::Entry;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawInterface {
    pub network_interface_id: Option<String>,
    pub interface_type: Option<String>,
    pub description: Option<String>,
    pub requester_managed: Option<bool>,
    pub owner_id: Option<String>,
    pub vpc_id: Option<String>,
    pub subnet_id: Option<String>,
    pub availability_zone: Option<String>,
    pub availability_zone_id: Option<String>,
    pub attachment: Option<RawAttachment>,
    #[serde(deserialize_with = "parsed")]
    pub private_ip_address: Option<IpAddr>,
    pub association: Option<RawAssociation>,
    #[serde(deserialize_with = "nullable")]
    pub private_ip_addresses: Vec<RawPrivateAddress>,
    #[serde(deserialize_with = "nullable")]
    pub ipv6_addresses: Vec<RawIpv6Address>,
    #[serde(deserialize_with = "nullable")]
    pub ipv4_prefixes: Vec<RawIpv4Prefix>,
    #[serde(deserialize_with = "nullable")]
    pub ipv6_prefixes: Vec<RawIpv6Prefix>,
}

impl Entry for RawInterface {
    const LISTS: &'static [&'static str] = &["NetworkInterfaces"];
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawAttachment {
    pub instance_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawAssociation {
    #[serde(deserialize_with = "parsed")]
    pub public_ip: Option<IpAddr>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawPrivateAddress {
    #[serde(deserialize_with = "parsed")]
    pub private_ip_address: Option<IpAddr>,
    pub primary: Option<bool>,
    pub association: Option<RawAssociation>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawIpv6Address {
    #[serde(deserialize_with = "parsed")]
    pub ipv6_address: Option<IpAddr>,
    pub is_primary_ipv6: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawIpv4Prefix {
    #[serde(deserialize_with = "parsed")]
    pub ipv4_prefix: Option<Cidr>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawIpv6Prefix {
    #[serde(deserialize_with = "parsed")]
    pub ipv6_prefix: Option<Cidr>,
}
