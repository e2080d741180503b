//! What an absent file costs in certainty.

use std::collections::BTreeMap;

use super::model::{Cut, Destination, Inventory, InventoryFile};

/// Accounts and Regions shown of a list.
const PLACES: usize = 3;

impl Inventory {
    /// The kinds of file that are absent and would have told something, each with what its absence costs.
    ///
    /// A file about things that nothing else in the inventory mentions (peering, transit gateways, customer-managed prefix
    /// lists) is not missed.
    pub fn absences(&self) -> Vec<(InventoryFile, &'static str)> {
        let present = |kind| self.files.iter().any(|file| file.kind == kind && file.cut != Some(Cut::Empty));
        InventoryFile::ALL
            .into_iter()
            .filter(|&kind| !present(kind) && self.would_tell(kind))
            .map(|kind| (kind, cost(kind)))
            .collect()
    }

    /// What was listed for some accounts and Regions and not for others, with what that costs there. One sentence a kind.
    pub fn partial_absences(&self) -> Vec<String> {
        let absent = self.absences();
        let mut missing = BTreeMap::<InventoryFile, Vec<String>>::new();
        for row in self.completeness.iter().filter(|row| !row.read && PER_REGION.contains(&row.kind)) {
            if absent.iter().all(|(kind, _)| *kind != row.kind) {
                let place = [row.account_id.as_deref(), row.region.as_deref()];
                let place = place.into_iter().flatten().collect::<Vec<_>>().join(" ");
                missing.entry(row.kind).or_default().push(if place.is_empty() { "the rest".to_owned() } else { place });
            }
        }
        let sentence = |(kind, places): (InventoryFile, Vec<String>)| {
            let more = if places.len() > PLACES { ", ..." } else { "" };
            let shown = places.iter().take(PLACES).map(String::as_str).collect::<Vec<_>>().join(", ");
            format!("{shown}{more}: {}", cost(kind))
        };
        missing.into_iter().map(sentence).collect()
    }

    fn would_tell(&self, kind: InventoryFile) -> bool {
        match kind {
            InventoryFile::ManagedPrefixLists
            | InventoryFile::TransitGatewayMeteringPolicies
            | InventoryFile::TransitGatewayMeteringPolicyEntries => false,
            InventoryFile::ManagedPrefixListEntries => self.has_unknown_prefix_list(),
            InventoryFile::TransitGatewayAttachments | InventoryFile::TransitGatewayRoutes => self.routes_to("tgw-"),
            InventoryFile::VpcPeeringConnections => self.routes_to("pcx-"),
            InventoryFile::AvailabilityZones => {
                self.network_interfaces
                    .iter()
                    .any(|interface| interface.az_id.is_none() && interface.subnet_id.is_some())
                    || self.subnets.iter().any(|subnet| subnet.az_id.is_none())
            }
            _ => true,
        }
    }

    fn routes_to(&self, prefix: &str) -> bool {
        self.route_tables.iter().flat_map(|table| &table.routes).any(|route| route.target.starts_with(prefix))
    }

    /// Whether a route's destination is a list without entries (other than the gateway services', which
    /// describe-prefix-lists prints).
    fn has_unknown_prefix_list(&self) -> bool {
        let known =
            |id: &str| self.prefix_lists.iter().any(|list| list.prefix_list_id == id && !list.entries.is_empty());
        self.route_tables.iter().flat_map(|table| &table.routes).any(|route| match &route.destination {
            Destination::PrefixList(id) => !route.target.starts_with("vpce-") && !known(id),
            Destination::Cidr(_) => false,
        })
    }
}

/// Kinds that every account with VPCs has entries of, or whose emptiness is itself an answer.
const PER_REGION: [InventoryFile; 5] = [
    InventoryFile::NetworkInterfaces,
    InventoryFile::Subnets,
    InventoryFile::NatGateways,
    InventoryFile::VpcEndpoints,
    InventoryFile::RouteTables,
];

fn cost(kind: InventoryFile) -> &'static str {
    match kind {
        InventoryFile::NetworkInterfaces => {
            "without describe-network-interfaces, NAT gateway, endpoint and load balancer interfaces are told only by the \
             logs' own fields, and addresses cannot be tied to their owners"
        }
        InventoryFile::Subnets => {
            "without describe-subnets, zones and owners come from the logs alone, so inter-AZ charges may be unknown"
        }
        InventoryFile::Vpcs => "without describe-vpcs, VPC CIDRs are taken from local routes and subnets",
        InventoryFile::NatGateways => {
            "without describe-nat-gateways, NAT gateways are told by interface descriptions; private, regional and deleted \
             ones, and the hours of gateways without traffic, stay unknown"
        }
        InventoryFile::VpcEndpoints => {
            "without describe-vpc-endpoints, existing endpoints are unknown: advice may name an endpoint that is there, and \
             none is found idle"
        }
        InventoryFile::RouteTables => {
            "without describe-route-tables, paths come from the logs' traffic-path field alone; where it is absent they stay \
             unknown"
        }
        InventoryFile::PrefixLists => {
            "without describe-prefix-lists, S3 and DynamoDB addresses are told by AWS's published ranges, which are close to \
             but not the same as the lists that routes use"
        }
        InventoryFile::ManagedPrefixLists | InventoryFile::ManagedPrefixListEntries => {
            "without get-managed-prefix-list-entries, routes to customer-managed prefix lists cannot be followed"
        }
        InventoryFile::TransitGatewayAttachments => {
            "without describe-transit-gateway-attachments, traffic into a transit gateway cannot be followed to the VPC \
             behind it"
        }
        InventoryFile::TransitGatewayRoutes => {
            "without search-transit-gateway-routes, traffic into a transit gateway is followed only where logs show the way"
        }
        InventoryFile::TransitGatewayMeteringPolicies | InventoryFile::TransitGatewayMeteringPolicyEntries => {
            "without describe-transit-gateway-metering-policies, transit gateway processing is taken to be owed by the owner of \
             the attachment that sends"
        }
        InventoryFile::VpcPeeringConnections => {
            "without describe-vpc-peering-connections, peering within a Region and between Regions look the same"
        }
        InventoryFile::FlowLogs => {
            "without describe-flow-logs, what a flow log watches, and how often, is told by its records alone"
        }
        InventoryFile::AvailabilityZones => {
            "without describe-availability-zones, some zone names cannot be turned into zone ids, so inter-AZ charges may be \
             unknown"
        }
        InventoryFile::VpcEndpointServices => {
            "without describe-vpc-endpoint-services, the endpoint services on offer are those of the built-in catalogue, \
             whatever the Region and zone"
        }
        InventoryFile::IpRanges => {
            "without ip-ranges.json, AWS's ranges are those built in, which may be older than the logs"
        }
    }
}
