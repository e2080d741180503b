//! `describe-vpc-peering-connections`.

use serde::Deserialize;

use super::value::{Cidr, nullable, parsed};
use crate::inventory::page::Entry;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawPeering {
    pub vpc_peering_connection_id: Option<String>,
    pub status: Option<RawPeeringStatus>,
    #[serde(deserialize_with = "nullable")]
    pub requester_vpc_info: RawPeeringSide,
    #[serde(deserialize_with = "nullable")]
    pub accepter_vpc_info: RawPeeringSide,
}

impl Entry for RawPeering {
    const LISTS: &'static [&'static str] = &["VpcPeeringConnections"];
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawPeeringStatus {
    pub code: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawPeeringSide {
    pub vpc_id: Option<String>,
    pub owner_id: Option<String>,
    pub region: Option<String>,
    #[serde(deserialize_with = "parsed")]
    pub cidr_block: Option<Cidr>,
    #[serde(deserialize_with = "nullable")]
    pub cidr_block_set: Vec<RawPeeringCidr>,
    #[serde(deserialize_with = "nullable")]
    pub ipv6_cidr_block_set: Vec<RawPeeringCidr>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawPeeringCidr {
    #[serde(deserialize_with = "parsed")]
    pub cidr_block: Option<Cidr>,
    #[serde(deserialize_with = "parsed")]
    pub ipv6_cidr_block: Option<Cidr>,
}
