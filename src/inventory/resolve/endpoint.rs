//! VPC endpoints and the endpoint services on offer.

use std::collections::BTreeSet;

use super::filled;
use super::owner::endpoint_type;
use super::place::Places;
use super::zone::Zones;
use crate::inventory::collect::{Collected, Found};
use crate::inventory::model::{EndpointService, Vpc, VpcEndpoint};
use crate::inventory::raw::endpoint::{RawEndpoint, RawTag};
use crate::inventory::region;

pub(super) fn endpoints(collected: &Collected, places: &Places<'_>, vpcs: &[Vpc]) -> Vec<VpcEndpoint> {
    collected.endpoints.iter().map(|found| endpoint(found, places, vpcs)).collect()
}

fn endpoint(found: &Found<RawEndpoint>, places: &Places<'_>, vpcs: &[Vpc]) -> VpcEndpoint {
    let (origin, raw) = (&found.origin, &found.entry);
    let vpc = vpcs.iter().find(|vpc| Some(&vpc.vpc_id) == raw.vpc_id.as_ref());
    let service_name = [&raw.service_name, &raw.resource_configuration_arn, &raw.service_network_arn]
        .into_iter()
        .find_map(|name| filled(name.as_ref()))
        .unwrap_or_default();
    VpcEndpoint {
        endpoint_id: found.id.clone(),
        endpoint_type: endpoint_type(raw),
        vpc_id: filled(raw.vpc_id.as_ref()),
        account_id: filled(raw.owner_id.as_ref())
            .or_else(|| origin.account_id.clone())
            .or_else(|| vpc.and_then(|vpc| vpc.account_id.clone())),
        region: region(found, places, vpc),
        state: raw.state.as_deref().unwrap_or("available").to_ascii_lowercase(),
        private_dns_enabled: raw.private_dns_enabled.unwrap_or(false),
        requester_managed: raw.requester_managed.unwrap_or(false),
        route_table_ids: raw.route_table_ids.clone(),
        az_count: az_count(raw, places),
        subnet_ids: raw.subnet_ids.clone(),
        interface_ids: raw.network_interface_ids.clone(),
        dns_names: raw.dns_entries.iter().filter_map(|entry| filled(entry.dns_name.as_ref())).collect(),
        network_firewall: is_network_firewall(raw),
        service_region: filled(raw.service_region.as_ref())
            .or_else(|| raw.service_name.as_deref().and_then(region::in_text))
            .or_else(|| region(found, places, vpc)),
        free_of_charge: is_free_of_charge(raw),
        created: raw.creation_timestamp.map(|time| time.0),
        service_name,
    }
}

/// Network Firewall tags its endpoints, and its service role may make no others.
fn is_network_firewall(raw: &RawEndpoint) -> bool {
    let managed = |tag: &RawTag| tag.key.as_deref() == Some("AWSNetworkFirewallManaged");
    raw.tags.iter().any(|tag| managed(tag) && tag.value.as_deref() == Some("true"))
}

/// GuardDuty states no cost for its endpoint, whoever made it. ElastiCache Serverless must tag those that it makes (its service role
/// may make no others), and none is billed.
fn is_free_of_charge(raw: &RawEndpoint) -> bool {
    let service = raw.service_name.as_deref().unwrap_or_default();
    let managed = |tag: &RawTag| tag.key.as_deref() == Some("AmazonElastiCacheManaged");
    service.ends_with(".guardduty-data")
        || service.ends_with(".guardduty-data-fips")
        || service.starts_with("com.amazonaws.elasticache.serverless.")
        || raw.tags.iter().any(|tag| managed(tag) && tag.value.as_deref() == Some("true"))
}

/// Subnets, interfaces and VPC first: a cross-Region endpoint's service name carries the Region of the service.
fn region(found: &Found<RawEndpoint>, places: &Places<'_>, vpc: Option<&Vpc>) -> Option<String> {
    let raw = &found.entry;
    let of_subnet = raw.subnet_ids.iter().find_map(|id| places.subnets.get(id.as_str())?.region.clone());
    let of_interface =
        || raw.network_interface_ids.iter().find_map(|id| places.interfaces.get(id.as_str())?.region.clone());
    of_subnet
        .or_else(of_interface)
        .or_else(|| vpc.and_then(|vpc| vpc.region.clone()))
        .or_else(|| found.origin.region.clone())
        .or_else(|| raw.service_name.as_deref().and_then(region::in_text))
        .or_else(|| filled(raw.service_region.as_ref()))
}

/// Zones of the subnets; with an unknown zone among them the number of subnets, since an endpoint has one subnet a zone.
fn az_count(raw: &RawEndpoint, places: &Places<'_>) -> i64 {
    let zones: Option<BTreeSet<&str>> =
        raw.subnet_ids.iter().map(|id| places.subnets.get(id.as_str())?.az_id.as_deref()).collect();
    let count = match zones {
        Some(zones) if !zones.is_empty() => zones.len(),
        _ if !raw.subnet_ids.is_empty() => raw.subnet_ids.len(),
        _ => raw.network_interface_ids.len(),
    };
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn services(collected: &Collected, zones: &Zones) -> Vec<EndpointService> {
    collected
        .services
        .iter()
        .filter_map(|found| {
            let raw = &found.entry;
            let mut az_ids = raw.availability_zone_ids.clone();
            if az_ids.is_empty() {
                let named = raw.availability_zones.iter();
                az_ids = named.filter_map(|name| zones.id(&found.origin, None, Some(name))).collect();
            }
            let listed = raw.private_dns_names.iter().filter_map(|name| filled(name.private_dns_name.as_ref()));
            let mut private_dns_names: Vec<String> = listed.collect();
            if private_dns_names.is_empty() {
                private_dns_names.extend(filled(raw.private_dns_name.as_ref()));
            }
            Some(EndpointService {
                service_name: filled(raw.service_name.as_ref())?,
                types: raw.service_type.iter().filter_map(|kind| filled(kind.service_type.as_ref())).collect(),
                az_ids,
                private_dns_names,
                owner: filled(raw.owner.as_ref()),
            })
        })
        .collect()
}
