//! The way of a flow through the topology: route tables are looked up hop by hop, as the VPC routers do.

use std::net::IpAddr;

use super::crossing::At;
use super::flow::{Flow, Peer};
use super::topology::{
    AttachmentKey, Destination, EndpointKey, EndpointKind, InterfaceKey, NatKey, Role, SubnetKey, TableKey, Target,
    VpcKey, World,
};

/// Hops before a loop is certain.
const MAX_HOPS: usize = 10;

/// A place that the flow passes, in client-to-peer order.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Node {
    pub at: At,
    /// Where the answers pass: a transit gateway may bring them through the interface of another zone.
    pub back: At,
    /// Has records of the side towards the client.
    pub near: bool,
    /// Has records of the side towards the peer.
    pub far: bool,
    /// The client's address beyond this node, when it translates.
    pub translated: Option<IpAddr>,
}

/// How the flow leaves the last node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Exit {
    Delivered,
    InternetGateway,
    EgressOnlyGateway,
    GatewayEndpoint(EndpointKey),
    Peering,
    InterRegionPeering,
    VirtualPrivateGateway,
    /// With the code that AWS writes for it.
    Other(Option<u8>),
    /// No route.
    Dropped,
}

/// The whole way.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Journey {
    pub nodes: Vec<Node>,
    pub exit: Exit,
    /// As `traffic.path` names it.
    pub path: &'static str,
    pub via: Vec<&'static str>,
    pub nat: Option<NatKey>,
    pub endpoint: Option<EndpointKey>,
}

impl World {
    /// The target of the longest prefix in a table that holds `address` at a time; a static route beats a prefix list.
    pub fn lookup(&self, table: TableKey, address: IpAddr, time: i64) -> Option<&Target> {
        let mut best: Option<((u8, bool), &Target)> = None;
        for route in &self.tables[table.0].routes {
            if route.since.is_some_and(|since| time < since) || route.until.is_some_and(|until| time >= until) {
                continue;
            }
            let strength = match &route.destination {
                Destination::Cidr(net) => net.contains(&address).then_some((net.prefix_len(), true)),
                Destination::PrefixList(list) => {
                    let holding = self.prefix_lists[list.0].cidrs.iter().filter(|net| net.contains(&address));
                    holding.map(|net| (net.prefix_len(), false)).max()
                }
            };
            if let Some(strength) = strength
                && best.is_none_or(|(held, _)| strength > held)
            {
                best = Some((strength, &route.target));
            }
        }
        best.map(|(_, target)| target)
    }

    /// The way of `flow`, by the routes of its first second.
    pub fn journey(&self, flow: &Flow) -> Journey {
        let mut walk = Walk::new(self, flow);
        match flow.through {
            Some(balancer) => {
                walk.push(balancer, true, false);
                walk.finish(Exit::Delivered, Some("load_balancer"))
            }
            None => walk.run(),
        }
    }

    /// The interface of an attachment in the zone of `subnet`, else its first.
    fn attachment_interface(&self, attachment: AttachmentKey, az_id: &str) -> Option<InterfaceKey> {
        let interfaces = &self.attachments[attachment.0].interfaces;
        interfaces.iter().copied().find(|i| self.az_of(*i) == az_id).or(interfaces.first().copied())
    }
}

struct Walk<'w> {
    world: &'w World,
    flow: &'w Flow,
    subnet: SubnetKey,
    nodes: Vec<Node>,
    via: Vec<&'static str>,
    nat: Option<NatKey>,
}

impl<'w> Walk<'w> {
    fn new(world: &'w World, flow: &'w Flow) -> Self {
        let subnet = world.interfaces[flow.client.0].subnet;
        let mut walk = Self { world, flow, subnet, nodes: Vec::with_capacity(4), via: Vec::new(), nat: None };
        walk.push(flow.client, false, true);
        walk
    }

    fn push(&mut self, key: InterfaceKey, near: bool, far: bool) {
        let at = At::Interface(key);
        self.nodes.push(Node { at, back: at, near, far, translated: None });
        self.subnet = self.world.interfaces[key.0].subnet;
    }

    fn run(mut self) -> Journey {
        let address = self.flow.peer.address();
        let mut table = self.world.table_of(self.subnet);
        for _ in 0..MAX_HOPS {
            let Some(target) = self.world.lookup(table, address, self.flow.start) else { break };
            match target {
                Target::Local => return self.deliver(Exit::Delivered),
                Target::InternetGateway => return self.finish(Exit::InternetGateway, None),
                Target::EgressOnlyGateway => return self.finish(Exit::EgressOnlyGateway, None),
                Target::VirtualPrivateGateway(_) => return self.finish(Exit::VirtualPrivateGateway, None),
                Target::Other(gateway) => return self.finish(Exit::Other(gateway.traffic_path), Some(gateway.path)),
                Target::Peering(key) => {
                    let peering = &self.world.peerings[key.0];
                    let region = |vpc: VpcKey| &self.world.vpcs[vpc.0].region;
                    let same = region(peering.requester) == region(peering.accepter);
                    return self.deliver(if same { Exit::Peering } else { Exit::InterRegionPeering });
                }
                Target::Nat(key) => match self.nat(*key) {
                    Some(next) => table = next,
                    None => break,
                },
                Target::Endpoint(key) => match self.world.endpoints[key.0].kind {
                    EndpointKind::Gwlb(interface) => {
                        self.push(interface, true, true);
                        let firewall = self.world.endpoints[key.0].firewall;
                        self.via.push(if firewall { "network_firewall" } else { "gwlb_endpoint" });
                        table = self.world.table_of(self.subnet);
                    }
                    _ => return self.finish(Exit::GatewayEndpoint(*key), None),
                },
                Target::Interface(key) => {
                    self.push(*key, true, true);
                    let interface = &self.world.interfaces[key.0];
                    if let (Role::Appliance { translates: true }, Some(node)) = (&interface.role, self.nodes.last_mut())
                    {
                        node.translated = Some(interface.primary);
                    }
                    self.via.push("network_interface");
                    table = self.world.table_of(self.subnet);
                }
                Target::TransitGateway(key) => match self.transit(*key, address) {
                    Some(next) => table = next,
                    None => break,
                },
            }
        }
        self.finish(Exit::Dropped, Some("unknown"))
    }

    fn nat(&mut self, key: NatKey) -> Option<TableKey> {
        let nat = &self.world.nats[key.0];
        self.nat = Some(key);
        let Some(interface) = nat.interface else {
            let at = At::RegionalNat(key);
            let translated = nat.public_ips.get(self.flow.nat_address % nat.public_ips.len().max(1)).copied();
            self.nodes.push(Node { at, back: at, near: true, far: true, translated });
            return nat.route_table;
        };
        self.push(interface, true, true);
        let own = &self.world.interfaces[interface.0];
        let address = match self.flow.nat_address {
            0 => own.primary,
            n => own.secondary.get(n - 1).copied().unwrap_or(own.primary),
        };
        if let Some(node) = self.nodes.last_mut() {
            node.translated = Some(address);
        }
        Some(self.world.table_of(self.subnet))
    }

    fn transit(&mut self, key: super::topology::TgwKey, address: IpAddr) -> Option<TableKey> {
        let vpc = self.world.subnets[self.subnet.0].vpc;
        let zone = &self.world.subnets[self.subnet.0].az_id;
        let from = self.world.attachments.iter().position(|a| a.tgw == key && a.vpc == vpc)?;
        let near = self.world.attachment_interface(AttachmentKey(from), zone)?;
        let routes = &self.world.tgws[key.0].routes;
        let holding = routes.iter().filter(|(net, _)| net.contains(&address));
        let (_, to) = holding.max_by_key(|(net, _)| net.prefix_len())?;
        let far = self.world.attachment_interface(*to, zone)?;
        self.push(near, true, false);
        self.push(far, false, true);
        self.via.push("transit_gateway");
        Some(self.world.table_of(self.subnet))
    }

    fn deliver(mut self, exit: Exit) -> Journey {
        let Peer::Interface(key, _) = self.flow.peer else {
            let path = if exit == Exit::Delivered { Some("intra_vpc") } else { None };
            return self.finish(exit, path);
        };
        self.push(key, true, false);
        if let Role::InterfaceEndpoint(endpoint) = self.world.interfaces[key.0].role {
            let mut journey = self.finish(exit, Some("interface_endpoint"));
            journey.endpoint = Some(endpoint);
            return journey;
        }
        let path = match (exit, self.via.last()) {
            (Exit::Delivered, None) => Some("intra_vpc"),
            (Exit::Delivered, Some(_)) => self.via.pop(),
            _ => None,
        };
        self.finish(exit, path)
    }

    fn finish(mut self, exit: Exit, path: Option<&'static str>) -> Journey {
        let mut endpoint = None;
        let path = match (self.nat, path, exit) {
            (Some(_), _, _) => "nat_gateway",
            (None, Some(path), _) => path,
            (None, None, Exit::GatewayEndpoint(key)) => {
                endpoint = Some(key);
                "gateway_endpoint"
            }
            (None, None, Exit::InternetGateway) if self.via.last() == Some(&"network_interface") => {
                self.via.pop();
                "network_interface"
            }
            (None, None, Exit::InternetGateway) => "internet_gateway",
            (None, None, Exit::EgressOnlyGateway) => "egress_only_internet_gateway",
            (None, None, Exit::Peering) => "vpc_peering",
            (None, None, Exit::InterRegionPeering) => "inter_region_peering",
            (None, None, Exit::VirtualPrivateGateway) => "virtual_private_gateway",
            (None, None, Exit::Delivered) => "intra_vpc",
            (None, None, Exit::Dropped | Exit::Other(_)) => "unknown",
        };
        self.answers();
        Journey { nodes: self.nodes, exit, path, via: self.via, nat: self.nat, endpoint }
    }

    /// Answers enter a transit gateway by the interface in the zone they come from, and leave it in that zone.
    fn answers(&mut self) {
        for i in 1..self.nodes.len() {
            let (near, far) = (self.nodes[i - 1], self.nodes[i]);
            let (Some(spoke), Some(hub)) = (self.attachment(near.at), self.attachment(far.at)) else { continue };
            let Some(At::Interface(next)) = self.nodes.get(i + 1).map(|node| node.at) else { continue };
            let zone = self.world.az_of(next);
            if let Some(key) = self.world.attachment_interface(hub, zone) {
                self.nodes[i].back = At::Interface(key);
            }
            if let Some(key) = self.world.attachment_interface(spoke, zone) {
                self.nodes[i - 1].back = At::Interface(key);
            }
        }
    }

    fn attachment(&self, at: At) -> Option<AttachmentKey> {
        let At::Interface(key) = at else { return None };
        match self.world.interfaces[key.0].role {
            Role::TransitGateway(attachment) => Some(attachment),
            _ => None,
        }
    }
}
