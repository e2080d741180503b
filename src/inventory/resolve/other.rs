//! Peering connections, flow log configurations and zones.

use super::filled;
use crate::inventory::collect::Collected;
use crate::inventory::model::{AvailabilityZone, FlowLogConfig, PeeringSide, VpcPeeringConnection};
use crate::inventory::raw::peering::RawPeeringSide;

pub(super) fn peerings(collected: &Collected) -> Vec<VpcPeeringConnection> {
    collected
        .peerings
        .iter()
        .map(|found| VpcPeeringConnection {
            peering_id: found.id.clone(),
            active: found.entry.status.as_ref().is_none_or(|status| status.code.as_deref() == Some("active")),
            requester: side(&found.entry.requester_vpc_info),
            accepter: side(&found.entry.accepter_vpc_info),
        })
        .collect()
}

fn side(raw: &RawPeeringSide) -> PeeringSide {
    let mut cidrs: Vec<_> = raw.cidr_block.iter().map(|cidr| cidr.0).collect();
    for entry in raw.cidr_block_set.iter().chain(&raw.ipv6_cidr_block_set) {
        if let Some(cidr) = entry.cidr_block.or(entry.ipv6_cidr_block).filter(|cidr| !cidrs.contains(&cidr.0)) {
            cidrs.push(cidr.0);
        }
    }
    PeeringSide {
        vpc_id: filled(raw.vpc_id.as_ref()),
        account_id: filled(raw.owner_id.as_ref()),
        region: filled(raw.region.as_ref()),
        cidrs,
    }
}

pub(super) fn flow_logs(collected: &Collected) -> Vec<FlowLogConfig> {
    collected
        .flow_logs
        .iter()
        .map(|found| FlowLogConfig {
            flow_log_id: found.id.clone(),
            resource_id: filled(found.entry.resource_id.as_ref()),
            log_format: filled(found.entry.log_format.as_ref()),
            traffic_type: filled(found.entry.traffic_type.as_ref()),
            max_aggregation_interval: found.entry.max_aggregation_interval,
        })
        .collect()
}

pub(super) fn zones(collected: &Collected) -> Vec<AvailabilityZone> {
    collected
        .zones
        .iter()
        .filter_map(|found| {
            Some(AvailabilityZone {
                zone_name: filled(found.entry.zone_name.as_ref())?,
                zone_id: filled(found.entry.zone_id.as_ref())?,
                region: filled(found.entry.region_name.as_ref()).or_else(|| found.origin.region.clone()),
            })
        })
        .collect()
}
