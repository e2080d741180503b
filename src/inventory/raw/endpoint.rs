//! `describe-vpc-endpoints` and `describe-vpc-endpoint-services`.

use serde::Deserialize;

use super::value::{Seconds, nullable, parsed};
use crate::inventory::page::Entry;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawEndpoint {
    pub vpc_endpoint_id: Option<String>,
    pub vpc_endpoint_type: Option<String>,
    pub vpc_id: Option<String>,
    pub service_name: Option<String>,
    pub service_region: Option<String>,
    pub state: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub route_table_ids: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    pub subnet_ids: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    pub network_interface_ids: Vec<String>,
    pub private_dns_enabled: Option<bool>,
    #[serde(deserialize_with = "nullable")]
    pub dns_entries: Vec<RawDnsEntry>,
    pub requester_managed: Option<bool>,
    pub owner_id: Option<String>,
    pub resource_configuration_arn: Option<String>,
    pub service_network_arn: Option<String>,
    #[serde(deserialize_with = "parsed")]
    pub creation_timestamp: Option<Seconds>,
    #[serde(deserialize_with = "nullable")]
    pub tags: Vec<RawTag>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawTag {
    pub key: Option<String>,
    pub value: Option<String>,
}

impl Entry for RawEndpoint {
    const LISTS: &'static [&'static str] = &["VpcEndpoints"];
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawDnsEntry {
    pub dns_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawEndpointService {
    pub service_name: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub service_type: Vec<RawServiceType>,
    #[serde(deserialize_with = "nullable")]
    pub availability_zones: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    pub availability_zone_ids: Vec<String>,
    pub owner: Option<String>,
    pub private_dns_name: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub private_dns_names: Vec<RawPrivateDnsName>,
}

impl Entry for RawEndpointService {
    const LISTS: &'static [&'static str] = &["ServiceDetails"];
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawServiceType {
    pub service_type: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RawPrivateDnsName {
    pub private_dns_name: Option<String>,
}
