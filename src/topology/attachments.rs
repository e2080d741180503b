//! Attachments of VPCs to transit gateways that no file lists: the transit gateway lies in an account that nobody asked.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::inventory::Inventory;
use crate::inventory::model::{InterfaceKind, NetworkInterface, TransitGatewayAttachment};

/// A VPC is attached to the transit gateways that its own routes name. One that only has a transit gateway's interface is attached to one
/// of those of which no attachment is listed, and so to any of them.
pub(super) fn unlisted(inventory: &Inventory) -> Vec<TransitGatewayAttachment> {
    let listed: HashSet<(&str, &str)> = (inventory.transit_gateway_attachments.iter())
        .filter_map(|a| Some((a.transit_gateway_id.as_str(), a.resource_id.as_deref()?)))
        .collect();
    let listed_ids: HashSet<&str> =
        inventory.transit_gateway_attachments.iter().map(|a| a.attachment_id.as_str()).collect();
    let mut pairs = BTreeSet::<(&str, &str)>::new();
    for table in &inventory.route_tables {
        let targets = table.routes.iter().filter(|route| !route.blackhole && route.target.starts_with("tgw-"));
        pairs.extend(targets.map(|route| (route.target.as_str(), table.vpc_id.as_str())));
    }
    let mut interfaces = BTreeMap::<&str, Vec<&NetworkInterface>>::new();
    for eni in inventory.network_interfaces.iter().filter(|eni| eni.kind == InterfaceKind::TransitGateway) {
        let is_listed = eni.transit_gateway_attachment_id.as_deref().is_some_and(|id| listed_ids.contains(id));
        if let (Some(vpc_id), false) = (eni.vpc_id.as_deref(), is_listed) {
            interfaces.entry(vpc_id).or_default().push(eni);
        }
    }
    let routed: HashSet<&str> = pairs.iter().map(|(_, vpc)| *vpc).collect();
    let foreign: BTreeSet<&str> =
        pairs.iter().map(|(tgw, _)| *tgw).filter(|tgw| !listed.iter().any(|(known, _)| known == tgw)).collect();
    let attached = listed.iter().map(|(_, vpc)| *vpc).collect::<HashSet<_>>();
    for vpc in interfaces.keys().filter(|vpc| !routed.contains(*vpc) && !attached.contains(*vpc)) {
        pairs.extend(foreign.iter().map(|tgw| (*tgw, *vpc)));
    }
    let missing = pairs.into_iter().filter(|pair| !listed.contains(pair));
    missing.map(|(tgw, vpc)| attachment(tgw, vpc, interfaces.get(vpc).map_or(&[], Vec::as_slice))).collect()
}

fn attachment(tgw: &str, vpc: &str, interfaces: &[&NetworkInterface]) -> TransitGatewayAttachment {
    let ids: BTreeSet<&str> =
        interfaces.iter().filter_map(|eni| eni.transit_gateway_attachment_id.as_deref()).collect();
    TransitGatewayAttachment {
        // Empty where it is not known, or not which.
        attachment_id: if ids.len() == 1 { ids.into_iter().collect() } else { String::new() },
        transit_gateway_id: tgw.to_owned(),
        resource_type: "vpc".to_owned(),
        resource_id: Some(vpc.to_owned()),
        resource_account_id: None,
        state: "available".to_owned(),
        route_table_id: None,
        subnet_ids: interfaces.iter().filter_map(|eni| eni.subnet_id.clone()).collect(),
    }
}
