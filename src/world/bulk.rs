//! Worlds of any size for benchmarks, made hour by hour so that memory stays small.

use std::net::IpAddr;
use std::path::Path;

use ipnet::IpNet;

use super::emit::Emitter;
use super::flow::{Flow, Peer, Side, Volume};
use super::logging::Watch;
use super::ranges::Ranges;
use super::topology::{InterfaceKey, Target, World};
use super::writer::{Layout, Writer};
use super::{fields, inventory_json};
use crate::Result;

/// Size of a world.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Shape {
    pub vpcs: usize,
    /// Instances of a VPC.
    pub instances: usize,
    /// Distinct public peers.
    pub peers: usize,
    /// Flows of an hour.
    pub flows_per_hour: usize,
    /// Peers that query logs name. All are then addresses that AWS lists for no service: only names could tell them apart.
    pub named: usize,
}

impl Shape {
    /// Few interfaces and hundreds of peers.
    pub fn narrow() -> Self {
        Self { vpcs: 2, instances: 20, peers: 300, flows_per_hour: 40_000, named: 0 }
    }

    /// Thousands of interfaces and 200,000 peers.
    pub fn wide() -> Self {
        Self { vpcs: 8, instances: 400, peers: 200_000, flows_per_hour: 60_000, named: 0 }
    }

    /// As [`Shape::wide`], with nearly a million pairs of client and peer in its one hour; worlds of other seeds have others, but the same
    /// names.
    pub fn pairs() -> Self {
        Self { vpcs: 8, instances: 400, peers: 2_000_000, flows_per_hour: 850_000, named: 5_000 }
    }
}

/// What query logs call the peers that they name.
const NAME: &str = "sqs.us-east-1.amazonaws.com";
/// The longest world.
const HOURS: i64 = 24 * 31;

/// Writes flow logs (v5) until `bytes` of text are made, then the inventory and the query logs, if any, below `root`.
pub fn write(root: &Path, shape: &Shape, bytes: u64, seed: u64) -> Result<()> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let (mut world, clients) = topology(shape);
    world.check()?;
    let peers = peers(shape, &mut rng);
    let layout = Layout { level: 1, seed, ..Layout::default() };
    let mut writer = Writer::new(&world, &root.join("flow-logs"), layout);
    let mut emitter = Emitter::new(&world);
    let mut hours = 0;
    while writer.text_bytes < bytes && hours < HOURS {
        let from = world.start + hours * 3600;
        for _ in 0..shape.flows_per_hour {
            let flow = random_flow(&world, &clients, &peers, from, &mut rng);
            writer.flow(&mut emitter, &flow);
            if writer.text_bytes >= bytes {
                break;
            }
        }
        hours += 1;
        emitter.finish_between(from, from + 3600, &mut |log, row| writer.row(log, row));
        writer.flush(from)?;
    }
    writer.flush(i64::MAX)?;
    world.end = world.start + hours * 3600;
    let named = peers.iter().take(shape.named).zip(clients.iter().cycle());
    let lookups = named.flat_map(|(peer, client)| world.dns_lookups(*client, NAME, *peer, &[60]));
    world.write_lookups(&lookups.collect::<Vec<_>>(), &root.join("query-logs"))?;
    inventory_json::write_inventory(&world, &root.join("inventory"))
}

fn topology(shape: &Shape) -> (World, Vec<InterfaceKey>) {
    let mut w = World::new(super::sample::START, HOURS);
    let mut clients = Vec::new();
    for i in 0..shape.vpcs {
        let vpc = w.vpc("111122223333", "us-east-1", &format!("10.{i}.0.0/16"));
        let (public, private) = (w.route_table(vpc), w.route_table(vpc));
        w.internet_gateway(vpc, &[public]);
        let zones = [1, 2].map(|zone| {
            let az = format!("use1-az{zone}");
            let public = w.subnet(vpc, &format!("10.{i}.{zone}.0/24"), &az, Some(public));
            (public, w.subnet(vpc, &format!("10.{i}.{}.0/20", zone * 16), &az, Some(private)))
        });
        let nat = w.nat_gateway(zones[0].0);
        w.route(private, "0.0.0.0/0", Target::Nat(nat));
        w.gateway_endpoint(vpc, "dynamodb", &[private], None);
        clients.extend((0..shape.instances).map(|n| w.instance(zones[n % 2].1)));
        w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    }
    (w, clients)
}

/// Half internet and content delivery, a third S3, the rest other AWS services; or all of EC2's ranges.
fn peers(shape: &Shape, rng: &mut fastrand::Rng) -> Vec<IpAddr> {
    let ranges = Ranges::embedded();
    if shape.named > 0 {
        // The large ones only, or the same few addresses of the small ones would come again and again.
        let mut networks = ranges.networks("EC2", "us-east-1");
        networks.retain(|net| net.prefix_len() <= 20);
        let mut always = fastrand::Rng::with_seed(0);
        return (0..shape.peers)
            .map(|n| unserved(ranges, &networks, if n < shape.named { &mut always } else { rng }))
            .collect();
    }
    let kinds = [("S3", "us-east-1"), ("DYNAMODB", "us-east-1"), ("AMAZON", "us-east-1"), ("EC2", "us-east-1")];
    let internet = |rng: &mut fastrand::Rng| IpAddr::from([151, 101, rng.u8(..), rng.u8(1..255)]);
    let wide = |rng: &mut fastrand::Rng| IpAddr::from([100 + rng.u8(4..8), rng.u8(16..24), rng.u8(..), rng.u8(1..255)]);
    let peer = |n: usize| match n % 10 {
        0..=2 => ranges.address(kinds[0].0, kinds[0].1, n),
        3 => ranges.address(kinds[1].0, kinds[1].1, n),
        4 => ranges.address(kinds[2].0, kinds[2].1, n),
        5 => ranges.address(kinds[3].0, kinds[3].1, n),
        _ => None,
    };
    (0..shape.peers)
        .map(|n| {
            // Picking from the table costs a scan of it, so AWS's share is made of a few thousand addresses.
            let aws = if n < 20_000 { peer(n) } else { None };
            aws.unwrap_or_else(|| if n % 2 == 0 { internet(rng) } else { wide(rng) })
        })
        .collect()
}

/// An address that AWS lists as EC2's and no other service's.
fn unserved(ranges: &Ranges, networks: &[IpNet], rng: &mut fastrand::Rng) -> IpAddr {
    loop {
        if let IpNet::V4(net) = networks[rng.usize(..networks.len())] {
            let address = u32::from(net.network()) + rng.u32(..=u32::from(net.hostmask()));
            let address = IpAddr::V4(address.into());
            if ranges.peer(address).code == Some("EC2") {
                return address;
            }
        }
    }
}

fn random_flow(world: &World, clients: &[InterfaceKey], peers: &[IpAddr], from: i64, rng: &mut fastrand::Rng) -> Flow {
    let client = clients[rng.usize(..clients.len())];
    let inbound = 1u64 << rng.u32(10..28);
    let duration = rng.i64(1..600);
    Flow {
        client,
        client_address: world.interfaces[client.0].primary,
        client_port: rng.u16(32_768..61_000),
        peer: Peer::Address(peers[rng.usize(..peers.len())]),
        peer_port: 443,
        protocol: 6,
        initiator: Side::Client,
        outbound: Volume::of(inbound / 16 + rng.u64(..500)),
        inbound: Volume::of(inbound + rng.u64(..1000)),
        start: from + rng.i64(0..3600 - duration),
        duration,
        through: None,
        nat_address: 0,
    }
}
