//! `describe-transit-gateway-attachments`, `describe-transit-gateway-vpc-attachments`, `search-transit-gateway-routes`, and the
//! metering policies.

use serde::Deserialize;

use super::value::{Cidr, nullable, parsed};
use crate::inventory::page::Entry;

/// Either command's entry; the second gives subnets, the first the associated route table.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawTransitGatewayAttachment {
    pub transit_gateway_attachment_id: Option<String>,
    pub transit_gateway_id: Option<String>,
    pub resource_type: Option<String>,
    pub resource_id: Option<String>,
    pub resource_owner_id: Option<String>,
    pub state: Option<String>,
    pub association: Option<RawTransitGatewayAssociation>,
    pub vpc_id: Option<String>,
    pub vpc_owner_id: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub subnet_ids: Vec<String>,
}

impl RawTransitGatewayAttachment {
    /// Takes over what only the older entry tells.
    pub(crate) fn complete(&mut self, older: Self) {
        self.transit_gateway_id = self.transit_gateway_id.take().or(older.transit_gateway_id);
        self.resource_type = self.resource_type.take().or(older.resource_type);
        self.resource_id = self.resource_id.take().or(older.resource_id);
        self.resource_owner_id = self.resource_owner_id.take().or(older.resource_owner_id);
        self.state = self.state.take().or(older.state);
        self.association = self.association.take().or(older.association);
        self.vpc_id = self.vpc_id.take().or(older.vpc_id);
        self.vpc_owner_id = self.vpc_owner_id.take().or(older.vpc_owner_id);
        if self.subnet_ids.is_empty() {
            self.subnet_ids = older.subnet_ids;
        }
    }
}

impl Entry for RawTransitGatewayAttachment {
    const LISTS: &'static [&'static str] = &["TransitGatewayAttachments", "TransitGatewayVpcAttachments"];
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawTransitGatewayAssociation {
    pub transit_gateway_route_table_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawTransitGatewayRoute {
    #[serde(deserialize_with = "parsed")]
    pub destination_cidr_block: Option<Cidr>,
    #[serde(deserialize_with = "nullable")]
    pub transit_gateway_attachments: Vec<RawRouteAttachment>,
    pub state: Option<String>,
}

impl Entry for RawTransitGatewayRoute {
    const LISTS: &'static [&'static str] = &["Routes"];
    const AT_MOST_A_THOUSAND: bool = true;
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawRouteAttachment {
    pub transit_gateway_attachment_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawMeteringPolicy {
    pub transit_gateway_metering_policy_id: Option<String>,
    pub transit_gateway_id: Option<String>,
    pub state: Option<String>,
}

impl Entry for RawMeteringPolicy {
    const LISTS: &'static [&'static str] = &["TransitGatewayMeteringPolicies"];
}

/// An entry does not say whose it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawMeteringPolicyEntry {
    pub policy_rule_number: Option<String>,
    /// `source-attachment-owner`, `destination-attachment-owner` or `transit-gateway-owner`.
    pub metered_account: Option<String>,
    pub state: Option<String>,
}

impl Entry for RawMeteringPolicyEntry {
    const LISTS: &'static [&'static str] = &["TransitGatewayMeteringPolicyEntries"];
}
