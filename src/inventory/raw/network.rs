//! `describe-subnets`, `describe-vpcs`, `describe-availability-zones`.

use serde::Deserialize;

use super::value::{Cidr, nullable, parsed};
use crate::inventory::page::Entry;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawSubnet {
    pub subnet_id: Option<String>,
    pub vpc_id: Option<String>,
    pub owner_id: Option<String>,
    pub availability_zone: Option<String>,
    pub availability_zone_id: Option<String>,
    #[serde(deserialize_with = "parsed")]
    pub cidr_block: Option<Cidr>,
    #[serde(deserialize_with = "nullable")]
    pub ipv6_cidr_block_association_set: Vec<RawCidrAssociation>,
}

impl Entry for RawSubnet {
    const LISTS: &'static [&'static str] = &["Subnets"];
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawVpc {
    pub vpc_id: Option<String>,
    pub owner_id: Option<String>,
    #[serde(deserialize_with = "parsed")]
    pub cidr_block: Option<Cidr>,
    #[serde(deserialize_with = "nullable")]
    pub cidr_block_association_set: Vec<RawCidrAssociation>,
    #[serde(deserialize_with = "nullable")]
    pub ipv6_cidr_block_association_set: Vec<RawCidrAssociation>,
    #[serde(deserialize_with = "nullable")]
    pub network_firewall_associations: Vec<serde::de::IgnoredAny>,
}

impl Entry for RawVpc {
    const LISTS: &'static [&'static str] = &["Vpcs"];
}

/// A CIDR and its state, IPv4 or IPv6.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawCidrAssociation {
    #[serde(deserialize_with = "parsed")]
    pub cidr_block: Option<Cidr>,
    pub cidr_block_state: Option<RawState>,
    #[serde(deserialize_with = "parsed")]
    pub ipv6_cidr_block: Option<Cidr>,
    pub ipv6_cidr_block_state: Option<RawState>,
}

impl RawCidrAssociation {
    /// The CIDR, unless it has been taken away again (AWS keeps it listed for a while).
    pub(crate) fn cidr(&self) -> Option<Cidr> {
        let state = self.cidr_block_state.as_ref().or(self.ipv6_cidr_block_state.as_ref());
        let gone = state.is_some_and(RawState::is_gone);
        self.cidr_block.or(self.ipv6_cidr_block).filter(|_| !gone)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawState {
    pub state: Option<String>,
}

impl RawState {
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self.state.as_deref(), Some("disassociated" | "disassociating" | "failed"))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawZone {
    pub zone_name: Option<String>,
    pub zone_id: Option<String>,
    pub region_name: Option<String>,
}

impl Entry for RawZone {
    const LISTS: &'static [&'static str] = &["AvailabilityZones"];
}
