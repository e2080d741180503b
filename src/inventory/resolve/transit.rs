//! Transit gateway attachments and routes.

use super::{filled, snake_case};
use crate::inventory::collect::Collected;
use crate::inventory::model::{TransitGatewayAttachment, TransitGatewayRoute};

pub(super) fn attachments(collected: &Collected) -> Vec<TransitGatewayAttachment> {
    collected
        .attachments
        .iter()
        .map(|found| {
            let raw = &found.entry;
            let resource_type = filled(raw.resource_type.as_ref())
                .unwrap_or_else(|| if raw.vpc_id.is_some() { "vpc" } else { "unknown" }.to_owned());
            TransitGatewayAttachment {
                attachment_id: found.id.clone(),
                transit_gateway_id: filled(raw.transit_gateway_id.as_ref()).unwrap_or_default(),
                resource_type: snake_case(&resource_type),
                resource_id: filled(raw.resource_id.as_ref()).or_else(|| filled(raw.vpc_id.as_ref())),
                resource_account_id: filled(raw.resource_owner_id.as_ref())
                    .or_else(|| filled(raw.vpc_owner_id.as_ref())),
                state: raw.state.as_deref().unwrap_or("available").to_ascii_lowercase(),
                route_table_id: raw
                    .association
                    .as_ref()
                    .and_then(|association| filled(association.transit_gateway_route_table_id.as_ref())),
                subnet_ids: raw.subnet_ids.clone(),
            }
        })
        .collect()
}

/// Transit gateways with a policy that is not deleted; an unknown one where only entries tell that another account pays.
pub(super) fn metered(collected: &Collected) -> Vec<Option<String>> {
    let stands = |state: &Option<String>| state.as_deref().is_none_or(|state| !state.eq_ignore_ascii_case("deleted"));
    let policies = collected.metering_policies.iter().filter(|found| stands(&found.entry.state));
    let mut metered: Vec<_> = policies.map(|found| filled(found.entry.transit_gateway_id.as_ref())).collect();
    let other_payer =
        |account: &Option<String>| account.as_deref().is_some_and(|payer| payer != "source-attachment-owner");
    let mut entries = collected.metering_entries.iter().filter(|found| stands(&found.entry.state));
    if metered.is_empty() && entries.any(|found| other_payer(&found.entry.metered_account)) {
        metered.push(None);
    }
    metered.sort();
    metered.dedup();
    metered
}

pub(super) fn routes(collected: &Collected) -> Vec<TransitGatewayRoute> {
    collected
        .transit_routes
        .iter()
        .filter_map(|found| {
            let raw = &found.entry;
            let attachments = raw.transit_gateway_attachments.iter();
            Some(TransitGatewayRoute {
                route_table_id: found.origin.id_with_prefix("tgw-rtb-"),
                destination: raw.destination_cidr_block?.0,
                attachment_ids: attachments
                    .filter_map(|attachment| filled(attachment.transit_gateway_attachment_id.as_ref()))
                    .collect(),
                blackhole: raw.state.as_deref().is_some_and(|state| state.eq_ignore_ascii_case("blackhole")),
            })
        })
        .collect()
}
