//! What a cut does to the inventory files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::world::World;

/// File kinds with the key of their list and of an entry's id; availability zones and services are cut as files only.
pub(super) const KINDS: [(&str, &str, &str); 12] = [
    ("describe-network-interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    ("describe-subnets", "Subnets", "SubnetId"),
    ("describe-vpcs", "Vpcs", "VpcId"),
    ("describe-route-tables", "RouteTables", "RouteTableId"),
    ("describe-prefix-lists", "PrefixLists", "PrefixListId"),
    ("describe-nat-gateways", "NatGateways", "NatGatewayId"),
    ("describe-vpc-endpoints", "VpcEndpoints", "VpcEndpointId"),
    ("describe-flow-logs", "FlowLogs", "FlowLogId"),
    ("describe-transit-gateway-attachments", "TransitGatewayAttachments", "TransitGatewayAttachmentId"),
    ("describe-transit-gateway-vpc-attachments", "TransitGatewayVpcAttachments", "TransitGatewayAttachmentId"),
    ("describe-availability-zones", "AvailabilityZones", "ZoneId"),
    ("describe-vpc-endpoint-services", "ServiceDetails", "ServiceName"),
];
pub(super) const TRANSIT_ROUTES: &str = "search-transit-gateway-routes";

/// One change.
#[derive(Debug, Clone)]
pub(super) enum Edit {
    /// Files of a kind, of one account or all.
    File(String, Option<String>),
    Account(String),
    /// Entries of a kind by id.
    Entries(&'static str, Vec<String>),
    /// The answer was cut off half way.
    Page(String),
    /// `TrafficType` of `describe-flow-logs`.
    TrafficType,
}

impl Edit {
    pub(super) fn apply(&self, _: &World, documents: &mut BTreeMap<PathBuf, Value>) {
        match self {
            Self::File(kind, account) => documents.retain(|path, _| {
                !(is_kind(path, kind) && account.as_ref().is_none_or(|account| path.starts_with(account)))
            }),
            Self::Account(account) => documents.retain(|path, _| !path.starts_with(account)),
            Self::Entries(kind, ids) => {
                let Some((_, list, id)) = KINDS.iter().find(|known| known.0 == *kind) else { return };
                for (_, value) in documents.iter_mut().filter(|(path, _)| is_kind(path, kind)) {
                    if let Some(entries) = value[*list].as_array_mut() {
                        entries.retain(|entry| !ids.iter().any(|wanted| entry[*id] == json!(wanted)));
                    }
                }
            }
            Self::Page(kind) if kind == TRANSIT_ROUTES => {
                for (_, value) in documents.iter_mut().filter(|(path, _)| is_kind(path, kind)) {
                    halve(&mut value["Routes"]);
                    value["AdditionalRoutesAvailable"] = json!(true);
                }
            }
            Self::Page(kind) => {
                let Some((_, list, _)) = KINDS.iter().find(|known| known.0 == kind) else { return };
                for (_, value) in documents.iter_mut().filter(|(path, _)| is_kind(path, kind)) {
                    halve(&mut value[*list]);
                    value["NextToken"] = json!("eyJ2IjoiMiJ9");
                }
            }
            Self::TrafficType => {
                for (_, value) in documents.iter_mut().filter(|(path, _)| is_kind(path, "describe-flow-logs")) {
                    for entry in value["FlowLogs"].as_array_mut().into_iter().flatten() {
                        if let Some(fields) = entry.as_object_mut() {
                            fields.remove("TrafficType");
                        }
                    }
                }
            }
        }
    }
}

/// Is that a file of the kind? `describe-vpc-endpoints` is not the beginning of `describe-vpc-endpoint-services`.
pub(super) fn is_kind(path: &Path, kind: &str) -> bool {
    let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { return false };
    name == kind || (kind == TRANSIT_ROUTES && name.starts_with(kind))
}

fn halve(list: &mut Value) {
    if let Some(entries) = list.as_array_mut() {
        entries.truncate(entries.len() / 2);
    }
}
