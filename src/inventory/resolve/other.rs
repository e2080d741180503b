//! Peering connections, flow log configurations and zones.

use super::filled;
use crate::inventory::collect::Collected;
use crate::inventory::model::{AvailabilityZone, FlowLogConfig, PeeringSide, VpcPeeringConnection};
use crate::inventory::origin::Origin;
use crate::inventory::raw::flow_log::RawFlowLog;
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
    collected.flow_logs.iter().map(|found| flow_log(&found.id, &found.origin, &found.entry)).collect()
}

/// Account and Region are the path's: the call prints neither.
fn flow_log(id: &str, origin: &Origin, raw: &RawFlowLog) -> FlowLogConfig {
    let failed = raw.deliver_logs_status.as_deref().is_some_and(|status| status.eq_ignore_ascii_case("failed"));
    let error = filled(raw.deliver_logs_error_message.as_ref()).unwrap_or_else(|| "delivery failed".to_owned());
    let options = raw.destination_options.as_ref();
    FlowLogConfig {
        flow_log_id: id.to_owned(),
        account_id: origin.account_id.clone(),
        region: origin.region.clone(),
        resource_id: filled(raw.resource_id.as_ref()),
        log_format: filled(raw.log_format.as_ref()),
        traffic_type: filled(raw.traffic_type.as_ref()),
        max_aggregation_interval: raw.max_aggregation_interval,
        destination_type: filled(raw.log_destination_type.as_ref()),
        destination: filled(raw.log_destination.as_ref()).or_else(|| filled(raw.log_group_name.as_ref())),
        file_format: filled(options.and_then(|options| options.file_format.as_ref())),
        hive_partitions: options.and_then(|options| options.hive_compatible_partitions).unwrap_or(false),
        per_hour_partitions: options.and_then(|options| options.per_hour_partition).unwrap_or(false),
        active: raw.flow_log_status.as_deref().is_none_or(|status| status.eq_ignore_ascii_case("active")),
        delivery_error: failed.then_some(error),
    }
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
