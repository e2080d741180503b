//! The route walk: from a subnet's table, hop by hop, to what carries the bytes out.
//!
//! Rules: longest prefix over active routes, static before prefix list before propagated, a blackhole ends the walk
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html>). A transit gateway attachment, a
//! Gateway Load Balancer endpoint and an appliance lead on to the table of their own subnet, at most four hops.

use ipnet::IpNet;

use super::trace::Trace;
use super::{Table, Topology};
use crate::inventory::model::{InterfaceKind, TransitGatewayAttachment};

const MAX_HOPS: usize = 4;

/// Where a walk ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Walk {
    /// One of the `path` names, `unknown` when the tables do not tell.
    pub path: &'static str,
    /// Hops before the last, in order, joined by `+`.
    pub via: Option<String>,
    /// The NAT gateway at the end.
    pub nat_gateway_id: Option<String>,
    /// The gateway endpoint at the end.
    pub endpoint_id: Option<String>,
    /// The first table, which an endpoint association would change.
    pub route_table_id: Option<String>,
}

/// What a walk looks for.
#[derive(Debug, Clone, Copy)]
struct Seek {
    peer: IpNet,
    /// Unix seconds.
    hour: i64,
}

/// The hop at which a walk leaves the VPC towards other VPCs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hop<'a> {
    /// A peering connection.
    Peering(&'a str),
    /// A transit gateway, entered from a VPC.
    TransitGateway {
        /// `tgw-...`
        id: &'a str,
        /// The VPC whose attachment is entered.
        from_vpc: &'a str,
    },
}

impl Topology {
    /// Walks from a subnet to `peer` as the tables stand for `hour` (Unix seconds): routes to a resource created later are left
    /// out. Without a subnet nothing is known: the main table is the fallback of a subnet, not of an unknown place.
    pub fn walk(&self, vpc_id: Option<&str>, subnet_id: Option<&str>, peer: IpNet, hour: i64) -> Walk {
        self.walk_watched(vpc_id, subnet_id, peer, hour, &mut Trace::unwatched())
    }

    pub(super) fn walk_watched(
        &self,
        vpc_id: Option<&str>,
        subnet_id: Option<&str>,
        peer: IpNet,
        hour: i64,
        trace: &mut Trace,
    ) -> Walk {
        let az_id = subnet_id.and_then(|s| self.subnet(s)?.az_id.as_deref());
        match subnet_id.and_then(|s| self.table_of(vpc_id, Some(s))) {
            Some(table) => {
                let walk = self.walk_table(table, Seek { peer, hour }, az_id, &mut Vec::new(), trace);
                Walk { route_table_id: Some(table.id.clone()), ..walk }
            }
            None => Walk { path: "unknown", ..Walk::default() },
        }
    }

    /// Walks from a given table; for regional NAT gateways, which have a table of their own.
    pub fn walk_from_table(&self, route_table_id: &str, peer: IpNet, hour: i64) -> Walk {
        self.walk_table_watched(route_table_id, peer, hour, &mut Trace::unwatched())
    }

    pub(super) fn walk_table_watched(&self, route_table_id: &str, peer: IpNet, hour: i64, trace: &mut Trace) -> Walk {
        match self.table_by_id(route_table_id) {
            Some(table) => self.walk_table(table, Seek { peer, hour }, None, &mut Vec::new(), trace),
            None => Walk { path: "unknown", ..Walk::default() },
        }
    }

    fn walk_table(
        &self,
        table: &Table,
        seek: Seek,
        az_id: Option<&str>,
        via: &mut Vec<&'static str>,
        trace: &mut Trace,
    ) -> Walk {
        let Seek { peer, hour } = seek;
        let end = |path: &'static str, via: &[&'static str]| Walk {
            path,
            via: (!via.is_empty()).then(|| via.join("+")),
            ..Walk::default()
        };
        let route = table.routes.iter().find(|r| r.net.contains(&peer) && r.since.is_none_or(|s| s <= hour));
        trace.table(via.len(), table, route, peer, hour);
        let Some(route) = route else { return end("unknown", via) };
        if route.blackhole || via.len() > MAX_HOPS {
            return end("unknown", via);
        }
        let target = route.target.as_str();
        let kind = target.split_once('-').map_or(target, |(kind, _)| kind);
        match kind {
            "local" => match via.last().copied() {
                // Back inside a VPC: the hop that led here is what carried the bytes.
                Some(last @ ("transit_gateway" | "network_interface")) => end(last, &via[..via.len() - 1]),
                _ => end("intra_vpc", via),
            },
            "igw" => match via.last().copied() {
                Some("network_interface") => end("network_interface", &via[..via.len() - 1]),
                _ => end("internet_gateway", via),
            },
            "nat" => Walk { nat_gateway_id: Some(target.to_owned()), ..end("nat_gateway", via) },
            "eigw" => end("egress_only_internet_gateway", via),
            "vgw" => end("virtual_private_gateway", via),
            "lgw" => end("local_gateway", via),
            "cagw" => end("carrier_gateway", via),
            "arn:aws:networkmanager" => end("core_network", via),
            "pcx" => end(self.peering_path(target), via),
            "vpce" => match self.endpoint(target) {
                Some(e) if e.endpoint_type == "gateway" => {
                    Walk { endpoint_id: Some(target.to_owned()), ..end("gateway_endpoint", via) }
                }
                Some(e) => {
                    // A GWLB endpoint stands in one subnet.
                    let next = e.subnet_ids.first().and_then(|s| self.table_of(e.vpc_id.as_deref(), Some(s)));
                    let hop = if e.network_firewall { "network_firewall" } else { "gwlb_endpoint" };
                    self.go_on(hop, next, seek, az_id, via, trace)
                }
                // A prefix list route proves a gateway endpoint even when describe-vpc-endpoints is missing.
                None if route.rank == 1 => {
                    Walk { endpoint_id: Some(target.to_owned()), ..end("gateway_endpoint", via) }
                }
                None => end("unknown", via),
            },
            "eni" => {
                let eni = self.interface(target);
                if let Some(nat) = self.nat_of_interface(target) {
                    return Walk { nat_gateway_id: Some(nat.nat_gateway_id.clone()), ..end("nat_gateway", via) };
                }
                let next = eni.and_then(|e| self.table_of(e.vpc_id.as_deref(), e.subnet_id.as_deref()));
                self.go_on("network_interface", next, seek, az_id, via, trace)
            }
            "tgw" => self.walk_transit_gateway(target, &table.vpc_id, seek, az_id, via, trace),
            _ if target.contains(":core-network/") => end("core_network", via),
            _ => end("unknown", via),
        }
    }

    /// Goes on from a middle hop; without a table to go on to, the hop itself is the end.
    fn go_on(
        &self,
        hop: &'static str,
        next: Option<&Table>,
        seek: Seek,
        az_id: Option<&str>,
        via: &mut Vec<&'static str>,
        trace: &mut Trace,
    ) -> Walk {
        let inspects = matches!(hop, "gwlb_endpoint" | "network_firewall");
        let ends_here = || Walk {
            path: if inspects { "unknown" } else { hop },
            via: (!via.is_empty()).then(|| via.join("+")),
            ..Walk::default()
        };
        let Some(next) = next else { return ends_here() };
        let mut longer = via.clone();
        longer.push(hop);
        let walk = self.walk_table(next, seek, az_id, &mut longer, trace);
        if walk.path == "unknown" && !inspects { ends_here() } else { walk }
    }

    fn walk_transit_gateway(
        &self,
        id: &str,
        from_vpc: &str,
        seek: Seek,
        az_id: Option<&str>,
        via: &mut Vec<&'static str>,
        trace: &mut Trace,
    ) -> Walk {
        let peer = seek.peer;
        let ends_here =
            Walk { path: "transit_gateway", via: (!via.is_empty()).then(|| via.join("+")), ..Walk::default() };
        let attachments = self.attachments_for(id, from_vpc, peer);
        let holds = |a: &&TransitGatewayAttachment| {
            let vpc = a.resource_id.as_deref().and_then(|v| self.vpcs.get(v));
            vpc.is_some_and(|v| v.cidrs.iter().any(|c| c.contains(&peer)))
        };
        if let Some(holder) = attachments.iter().find(|a| holds(a)) {
            trace.attachment(via.len() + 1, id, &holder.attachment_id, holder.resource_id.as_deref(), None);
            return ends_here;
        }
        let mut walks: Vec<(Option<&str>, Walk)> = Vec::new();
        for attachment in attachments {
            for subnet in self.attachment_subnets(attachment) {
                let table = self.table_of(attachment.resource_id.as_deref(), Some(subnet));
                // Which VPCs stand behind a transit gateway that no file describes is a guess: those that only lead back are none.
                if self.is_unlisted(attachment) && table.is_some_and(|t| leads_to_transit_gateway(t, seek)) {
                    continue;
                }
                let zone = self.subnet(subnet).and_then(|s| s.az_id.as_deref());
                trace.attachment(
                    via.len() + 1,
                    id,
                    &attachment.attachment_id,
                    attachment.resource_id.as_deref(),
                    Some(subnet),
                );
                let walk = self.go_on("transit_gateway", table, seek, zone, via, trace);
                if walk.path != "transit_gateway" && walk.path != "unknown" {
                    walks.push((zone, walk));
                }
            }
        }
        // A transit gateway keeps traffic in the zone it came from, where the attachment has an interface there.
        if az_id.is_some() && walks.iter().any(|(zone, _)| *zone == az_id) {
            walks.retain(|(zone, _)| *zone == az_id);
        }
        let Some((_, first)) = walks.first().cloned() else { return ends_here };
        if walks.iter().all(|(_, w)| *w == first) {
            return first;
        }
        if walks.iter().all(|(_, w)| w.path == first.path) {
            return Walk { nat_gateway_id: None, endpoint_id: None, ..first };
        }
        ends_here
    }

    /// The VPC attachments to which a transit gateway may send `net`: by its route table when that is known, else all.
    pub(super) fn attachments_for(&self, id: &str, from_vpc: &str, net: IpNet) -> Vec<&TransitGatewayAttachment> {
        let all = self.attached_vpcs(id, from_vpc);
        let own = self.inventory.transit_gateway_attachments.iter();
        let own = own.filter(|a| a.transit_gateway_id == id && a.resource_id.as_deref() == Some(from_vpc));
        let table = own.filter_map(|a| a.route_table_id.as_deref()).next();
        let routes = self.inventory.transit_gateway_routes.iter();
        // A file without a table id in its name speaks for the only table there is.
        let routes: Vec<_> =
            routes.filter(|r| r.route_table_id.is_none() || r.route_table_id.as_deref() == table).collect();
        if routes.is_empty() {
            return all;
        }
        let longest =
            routes.into_iter().filter(|r| r.destination.contains(&net)).max_by_key(|r| r.destination.prefix_len());
        match longest {
            Some(route) if !route.blackhole => {
                let is_listed = |id: &String| all.iter().any(|a| a.attachment_id == *id);
                let names_others = route.attachment_ids.iter().any(|id| !is_listed(id));
                let leads_to = |a: &&TransitGatewayAttachment| {
                    route.attachment_ids.contains(&a.attachment_id) || a.attachment_id.is_empty() && names_others
                };
                all.iter().copied().filter(leads_to).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The subnets in which an attachment has its interfaces.
    fn attachment_subnets<'a>(&'a self, attachment: &'a TransitGatewayAttachment) -> Vec<&'a str> {
        if !attachment.subnet_ids.is_empty() {
            return attachment.subnet_ids.iter().map(String::as_str).collect();
        }
        let vpc = attachment.resource_id.as_deref();
        let enis = self.inventory.network_interfaces.iter().filter(|e| {
            e.kind == InterfaceKind::TransitGateway
                && e.vpc_id.as_deref() == vpc
                && e.transit_gateway_attachment_id.as_ref().is_none_or(|a| *a == attachment.attachment_id)
        });
        enis.filter_map(|e| e.subnet_id.as_deref()).collect()
    }

    fn is_unlisted(&self, attachment: &TransitGatewayAttachment) -> bool {
        self.unlisted_attachments.iter().any(|a| std::ptr::eq(a, attachment))
    }

    fn peering_path(&self, id: &str) -> &'static str {
        let Some(&i) = self.peerings.get(id) else { return "vpc_peering" };
        let peering = &self.inventory.vpc_peering_connections[i];
        match (&peering.requester.region, &peering.accepter.region) {
            (Some(a), Some(b)) if a != b => "inter_region_peering",
            _ => "vpc_peering",
        }
    }

    /// The peering connection or transit gateway by which a table leads to `net`, appliances and GWLB endpoints passed.
    pub(super) fn last_hop_to<'a>(&'a self, table: &'a Table, net: IpNet) -> Option<Hop<'a>> {
        let mut table = table;
        for _ in 0..MAX_HOPS {
            let route = table.routes.iter().find(|r| r.net.contains(&net) && !r.blackhole)?;
            let target = route.target.as_str();
            if target.starts_with("pcx-") {
                return Some(Hop::Peering(target));
            }
            if target.starts_with("tgw-") {
                return Some(Hop::TransitGateway { id: target, from_vpc: &table.vpc_id });
            }
            table = if let Some(e) = self.endpoint(target).filter(|e| e.endpoint_type != "gateway") {
                self.table_of(e.vpc_id.as_deref(), e.subnet_ids.first().map(String::as_str))?
            } else {
                let eni = self.interface(target)?;
                self.table_of(eni.vpc_id.as_deref(), eni.subnet_id.as_deref())?
            };
        }
        None
    }

    /// Whether a VPC holds an interface of a load balancer or Global Accelerator.
    pub fn has_load_balancer(&self, vpc_id: &str) -> bool {
        let mut enis = self.inventory.network_interfaces.iter();
        enis.any(|e| e.kind == InterfaceKind::LoadBalancer && e.vpc_id.as_deref() == Some(vpc_id))
    }
}

fn leads_to_transit_gateway(table: &Table, seek: Seek) -> bool {
    let route = table.routes.iter().find(|r| r.net.contains(&seek.peer) && r.since.is_none_or(|s| s <= seek.hour));
    route.is_some_and(|route| route.target.starts_with("tgw-"))
}
