//! A flow at one place in one direction: what a record there says, apart from time and volume.

use std::net::IpAddr;

use super::flow::{Flow, Side};
use super::topology::{InterfaceKey, NatKey, Role, World};
use super::walk::{Exit, Journey, Node};

/// Where records are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum At {
    /// At an interface.
    Interface(InterfaceKey),
    /// At a regional NAT gateway, which has no interface to see.
    RegionalNat(NatKey),
}

/// One crossing.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Crossing {
    pub at: At,
    pub egress: bool,
    pub src: IpAddr,
    pub dst: IpAddr,
    pub pkt_src: IpAddr,
    pub pkt_dst: IpAddr,
    pub src_port: u16,
    pub dst_port: u16,
    /// On egress only.
    pub traffic_path: Option<u8>,
    /// Where the packet goes to (egress) or came from (ingress).
    pub next_hop: Option<InterfaceKey>,
    /// Whose packets these are.
    pub sender: Side,
}

impl World {
    /// Every record that a flow leaves, for all places, whether logged or not.
    pub fn crossings(&self, flow: &Flow, journey: &Journey) -> Vec<Crossing> {
        let mut found = Vec::with_capacity(journey.nodes.len() * 4);
        let peer = flow.peer.address();
        let mut near = (flow.client_address, flow.client_port);
        for (i, node) in journey.nodes.iter().enumerate() {
            let far = match node.translated {
                Some(address) => (address, 1024 + (u32::from(near.1) * 31 % 60_000) as u16),
                None => near,
            };
            let previous = i.checked_sub(1).and_then(|i| journey.nodes.get(i));
            let next = journey.nodes.get(i + 1);
            let leg = Leg { world: self, peer: (peer, flow.peer_port), previous, next };
            let path = self.traffic_path(flow, journey, i);
            if node.near {
                found.push(leg.ingress(node.at, Side::Client, near));
            }
            if node.far {
                found.push(leg.egress(node.at, Side::Client, far, path));
                found.push(leg.ingress(node.back, Side::Peer, far));
            }
            if node.near {
                let back = if i + 1 == journey.nodes.len() { peering_code(journey.exit).unwrap_or(1) } else { 1 };
                found.push(leg.egress(node.back, Side::Peer, near, Some(back)));
            }
            near = far;
        }
        found
    }

    /// The code on the egress row towards the peer of node `i`.
    fn traffic_path(&self, flow: &Flow, journey: &Journey, i: usize) -> Option<u8> {
        if i + 2 == journey.nodes.len()
            && let Some(code) = peering_code(journey.exit)
        {
            return Some(code);
        }
        if i + 1 < journey.nodes.len() {
            return Some(1);
        }
        let xen = i == 0 && self.interfaces[flow.client.0].xen;
        match journey.exit {
            Exit::InternetGateway => Some(if xen { 2 } else { 8 }),
            Exit::GatewayEndpoint(_) => Some(if xen { 2 } else { 7 }),
            Exit::Delivered => Some(1),
            Exit::VirtualPrivateGateway => Some(3),
            Exit::Peering | Exit::InterRegionPeering => peering_code(journey.exit),
            Exit::Other(code) => code,
            Exit::EgressOnlyGateway | Exit::Dropped => None,
        }
    }
}

fn peering_code(exit: Exit) -> Option<u8> {
    match exit {
        Exit::Peering => Some(4),
        Exit::InterRegionPeering => Some(5),
        _ => None,
    }
}

struct Leg<'a> {
    world: &'a World,
    peer: (IpAddr, u16),
    previous: Option<&'a Node>,
    next: Option<&'a Node>,
}

impl Leg<'_> {
    /// A record of packets that arrive: the own side (`dst`) is the interface's primary address.
    fn ingress(&self, at: At, sender: Side, client: (IpAddr, u16)) -> Crossing {
        let (from, to, neighbour) = match sender {
            Side::Client => (client, self.peer, self.previous.map(|node| node.at)),
            Side::Peer => (self.peer, client, self.next.map(|node| node.back)),
        };
        let next_hop = self.interface(neighbour).filter(|key| self.names_sender(*key));
        self.crossing(at, false, (from, to), None, next_hop, sender)
    }

    /// A record of packets that leave: the own side (`src`) is the interface's primary address.
    fn egress(&self, at: At, sender: Side, client: (IpAddr, u16), path: Option<u8>) -> Crossing {
        let (from, to, neighbour) = match sender {
            Side::Client => (client, self.peer, self.next.map(|node| node.at)),
            Side::Peer => (self.peer, client, self.previous.map(|node| node.back)),
        };
        self.crossing(at, true, (from, to), path, self.interface(neighbour), sender)
    }

    fn crossing(
        &self,
        at: At,
        egress: bool,
        (from, to): ((IpAddr, u16), (IpAddr, u16)),
        traffic_path: Option<u8>,
        next_hop: Option<InterfaceKey>,
        sender: Side,
    ) -> Crossing {
        // A NAT gateway has IPv4 addresses only, also where it translates IPv6 (NAT64).
        let is_nat = |key: InterfaceKey| matches!(self.world.interfaces[key.0].role, Role::Nat(_));
        let own = match at {
            At::Interface(key) if from.0.is_ipv4() || is_nat(key) => Some(self.world.interfaces[key.0].primary),
            _ => None,
        };
        Crossing {
            at,
            egress,
            src: if egress { own.unwrap_or(from.0) } else { from.0 },
            dst: if egress { to.0 } else { own.unwrap_or(to.0) },
            pkt_src: from.0,
            pkt_dst: to.0,
            src_port: from.1,
            dst_port: to.1,
            traffic_path,
            next_hop,
            sender,
        }
    }

    fn interface(&self, at: Option<At>) -> Option<InterfaceKey> {
        match at {
            Some(At::Interface(key)) => Some(key),
            _ => None,
        }
    }

    /// Transit gateways and network load balancers are not named on ingress.
    fn names_sender(&self, key: InterfaceKey) -> bool {
        !matches!(self.world.interfaces[key.0].role, Role::TransitGateway(_) | Role::NetworkLoadBalancer(_))
    }
}
