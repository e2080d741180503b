//! What really happened, as the report should say it where the logs allow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::flow::{Flow, Peer};
use super::ranges::Ranges;
use super::topology::World;
use super::walk::Journey;

/// Bytes of one key over the whole world. The owner columns are the client's; a private pair is seen from the
/// flow's client.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct TruthRow {
    pub account_id: String,
    pub region: String,
    pub vpc_id: String,
    pub az_id: String,
    pub subnet_id: String,
    pub interface_id: String,
    pub service: String,
    pub peer_region: Option<String>,
    pub path: String,
    pub via: Option<String>,
    pub nat_gateway_id: Option<String>,
    pub endpoint_id: Option<String>,
    pub direction: String,
    pub bytes: u64,
    pub packets: u64,
}

impl World {
    /// The truth of all flows, summed by key and sorted.
    pub fn truth(&self) -> Vec<TruthRow> {
        self.truth_of(|_| true)
    }

    /// The truth of the flows that `wanted` picks.
    pub fn truth_of(&self, wanted: impl Fn(&Flow) -> bool) -> Vec<TruthRow> {
        let mut sums: BTreeMap<TruthRow, (u64, u64)> = BTreeMap::new();
        for flow in self.flows.iter().filter(|flow| wanted(flow)) {
            for row in self.truth_of_flow(flow, &self.journey(flow)) {
                let volume = (row.bytes, row.packets);
                let sum = sums.entry(TruthRow { bytes: 0, packets: 0, ..row }).or_default();
                *sum = (sum.0 + volume.0, sum.1 + volume.1);
            }
        }
        sums.into_iter().map(|(key, (bytes, packets))| TruthRow { bytes, packets, ..key }).collect()
    }

    /// The two rows (outbound, inbound) of one flow.
    pub fn truth_of_flow(&self, flow: &Flow, journey: &Journey) -> [TruthRow; 2] {
        let interface = &self.interfaces[flow.client.0];
        let subnet = &self.subnets[interface.subnet.0];
        let vpc = &self.vpcs[subnet.vpc.0];
        let (service, peer_region) = self.service(flow, journey);
        let nat = journey.nat.map(|key| self.nats[key.0].id.clone());
        let row = TruthRow {
            account_id: interface.account.clone(),
            region: vpc.region.clone(),
            vpc_id: vpc.id.clone(),
            az_id: subnet.az_id.clone(),
            subnet_id: subnet.id.clone(),
            interface_id: interface.id.clone(),
            service,
            peer_region,
            path: journey.path.to_owned(),
            via: (!journey.via.is_empty()).then(|| journey.via.join("+")),
            nat_gateway_id: nat,
            endpoint_id: journey.endpoint.map(|key| self.endpoints[key.0].id.clone()),
            direction: "outbound".to_owned(),
            bytes: flow.outbound.bytes,
            packets: flow.outbound.packets,
        };
        let inbound = TruthRow {
            direction: "inbound".to_owned(),
            bytes: flow.inbound.bytes,
            packets: flow.inbound.packets,
            ..row.clone()
        };
        [row, inbound]
    }

    /// What flow logs can tell of the service: S3, DynamoDB and endpoints by name, all else as a range label.
    fn service(&self, flow: &Flow, journey: &Journey) -> (String, Option<String>) {
        if journey.path == "interface_endpoint"
            && let Some(key) = journey.endpoint
        {
            return (self.endpoints[key.0].service.clone(), None);
        }
        let address = flow.peer.address();
        if matches!(flow.peer, Peer::Interface(..)) || is_private(address) {
            return ("private".to_owned(), None);
        }
        let peer = Ranges::embedded().peer(address);
        let label = match peer.code {
            Some(code @ ("S3" | "DYNAMODB")) => code.to_lowercase(),
            Some(code) => format!("range:{}", code.to_lowercase()),
            None => "internet".to_owned(),
        };
        (label, peer.region.map(str::to_owned))
    }
}

fn is_private(address: std::net::IpAddr) -> bool {
    match address {
        std::net::IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private() || v4.is_link_local() || (a == 100 && (64..128).contains(&b))
        }
        std::net::IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}
