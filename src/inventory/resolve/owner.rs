//! What an interface belongs to: a NAT gateway, an endpoint, a transit gateway attachment, a load balancer, or a workload.

use std::collections::HashMap;

use super::snake_case;
use crate::inventory::collect::Collected;
use crate::inventory::model::InterfaceKind;
use crate::inventory::origin::id_in;
use crate::inventory::raw::endpoint::RawEndpoint;
use crate::inventory::raw::interface::RawInterface;

/// Interfaces that NAT gateways and endpoints name as theirs, and the types of endpoints.
#[derive(Debug)]
pub(super) struct Owners<'a> {
    nat_gateways: HashMap<&'a str, &'a str>,
    endpoints: HashMap<&'a str, &'a str>,
    endpoint_types: HashMap<&'a str, String>,
}

/// An interface's kind and the ids of its owner.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub kind: InterfaceKind,
    pub nat_gateway_id: Option<String>,
    pub endpoint_id: Option<String>,
    pub transit_gateway_attachment_id: Option<String>,
}

impl<'a> Owners<'a> {
    pub(super) fn of(collected: &'a Collected) -> Self {
        let nat_gateways = collected.nat_gateways.iter().flat_map(|nat| {
            let interfaces = nat.entry.nat_gateway_addresses.iter().filter_map(|a| a.network_interface_id.as_deref());
            interfaces.map(|interface| (interface, nat.id.as_str()))
        });
        let endpoints = collected.endpoints.iter().flat_map(|endpoint| {
            let interfaces = endpoint.entry.network_interface_ids.iter();
            interfaces.map(|interface| (interface.as_str(), endpoint.id.as_str()))
        });
        Self {
            nat_gateways: nat_gateways.collect(),
            endpoints: endpoints.collect(),
            endpoint_types: collected.endpoints.iter().map(|e| (e.id.as_str(), endpoint_type(&e.entry))).collect(),
        }
    }

    /// The owner: what NAT gateways and endpoints say first, then the interface's type, then its description.
    pub(super) fn owner(&self, interface_id: &str, interface_type: &str, raw: &RawInterface) -> Owner {
        // AWS writes these descriptions on interfaces of its own; on an instance's interface the text is the customer's.
        let attached_to_instance = raw.attachment.as_ref().is_some_and(|attachment| attachment.instance_id.is_some());
        let description = raw.description.as_deref().filter(|_| !attached_to_instance).unwrap_or_default();
        let described = |prefix: &str| id_in(description, prefix);

        let of_nat = self.nat_gateways.get(interface_id).map(|id| (*id).to_owned());
        let of_endpoint = self.endpoints.get(interface_id).map(|id| (*id).to_owned());
        let kind = if of_nat.is_some() {
            InterfaceKind::NatGateway
        } else if let Some(endpoint_id) = &of_endpoint {
            self.endpoint_kind(Some(endpoint_id))
        } else {
            match interface_type {
                "nat_gateway" => InterfaceKind::NatGateway,
                "vpc_endpoint" => self.endpoint_kind(described("vpce-").as_ref()),
                "gateway_load_balancer_endpoint" => InterfaceKind::GwlbEndpoint,
                "transit_gateway" => InterfaceKind::TransitGateway,
                "load_balancer" | "network_load_balancer" | "gateway_load_balancer" | "global_accelerator_managed" => {
                    InterfaceKind::LoadBalancer
                }
                _ => self.kind_of_description(description),
            }
        };
        Owner {
            kind,
            nat_gateway_id: of_nat.or_else(|| described("nat-").filter(|_| kind == InterfaceKind::NatGateway)),
            endpoint_id: of_endpoint.or_else(|| described("vpce-").filter(|_| is_endpoint(kind))),
            transit_gateway_attachment_id: described("tgw-attach-").filter(|_| kind == InterfaceKind::TransitGateway),
        }
    }

    fn endpoint_kind(&self, endpoint_id: Option<&String>) -> InterfaceKind {
        match endpoint_id.and_then(|id| self.endpoint_types.get(id.as_str())).map(String::as_str) {
            Some("interface") | None => InterfaceKind::InterfaceEndpoint,
            Some("gateway_load_balancer") => InterfaceKind::GwlbEndpoint,
            Some(_) => InterfaceKind::OtherEndpoint,
        }
    }

    fn kind_of_description(&self, description: &str) -> InterfaceKind {
        if description.starts_with("Interface for NAT Gateway nat-") {
            InterfaceKind::NatGateway
        } else if description.starts_with("VPC Endpoint Interface vpce-") {
            self.endpoint_kind(id_in(description, "vpce-").as_ref())
        } else if description.starts_with("Network Interface for Transit Gateway Attachment tgw-attach-") {
            InterfaceKind::TransitGateway
        } else if description.starts_with("ELB ") {
            InterfaceKind::LoadBalancer
        } else {
            InterfaceKind::Workload
        }
    }
}

fn is_endpoint(kind: InterfaceKind) -> bool {
    matches!(kind, InterfaceKind::InterfaceEndpoint | InterfaceKind::GwlbEndpoint | InterfaceKind::OtherEndpoint)
}

/// The endpoint's type in snake case. Old output has none: then interfaces make it an interface endpoint.
pub(super) fn endpoint_type(raw: &RawEndpoint) -> String {
    match raw.vpc_endpoint_type.as_deref() {
        Some(text) if !text.is_empty() => snake_case(text),
        _ if raw.network_interface_ids.is_empty() => "gateway".to_owned(),
        _ => "interface".to_owned(),
    }
}
