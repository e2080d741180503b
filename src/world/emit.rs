//! Turns crossings into records: cut by aggregation interval, once per flow log that watches the place, and completed by
//! NODATA and SKIPDATA records so that every watched interface speaks for every interval.

use std::collections::HashMap;

use super::crossing::{At, Crossing};
use super::flow::{Flow, Side};
use super::logging::Traffic;
use super::ranges::Ranges;
use super::row::{NextHop, Packet, Row};
use super::topology::{InterfaceKey, Role, World};

/// Bytes on records that no tool may add up.
const NOISE: u64 = 9_000_000_000_000_000;

/// Makes the records of one world and hands them to a sink as (flow log, record).
#[derive(Debug)]
pub struct Emitter<'w> {
    world: &'w World,
    watchers: HashMap<At, Vec<Watcher>>,
}

#[derive(Debug)]
struct Watcher {
    log: usize,
    /// Which intervals since the world began have a record.
    busy: Vec<bool>,
}

impl<'w> Emitter<'w> {
    /// An emitter for a checked world.
    pub fn new(world: &'w World) -> Self {
        let interfaces = (0..world.interfaces.len()).map(|i| At::Interface(InterfaceKey(i)));
        let regional = world.nats.iter().enumerate().filter(|(_, nat)| nat.interface.is_none());
        let places = interfaces.chain(regional.map(|(i, _)| At::RegionalNat(super::topology::NatKey(i))));
        let mut watchers = HashMap::new();
        for at in places {
            let watching = world.flow_logs.iter().enumerate().filter(|(_, log)| log.watches(world, at));
            let count = |interval: i64| ((world.end - world.start) / interval + 2) as usize;
            let watching: Vec<_> =
                watching.map(|(log, f)| Watcher { log, busy: vec![false; count(f.interval)] }).collect();
            if !watching.is_empty() {
                watchers.insert(at, watching);
            }
        }
        Self { world, watchers }
    }

    /// The records of one flow.
    pub fn flow(&mut self, flow: &Flow, sink: &mut dyn FnMut(usize, &Row<'_>)) {
        let world = self.world;
        let journey = world.journey(flow);
        let peer = Ranges::embedded().peer(flow.peer.address());
        for crossing in world.crossings(flow, &journey) {
            let Some(watchers) = self.watchers.get_mut(&crossing.at) else { continue };
            for watcher in watchers {
                let cut = Cut { world, flow, crossing: &crossing, service: peer.code };
                cut.records(watcher, sink);
            }
        }
    }

    /// NODATA and SKIPDATA records of every watched interval without one; REJECT noise where asked.
    pub fn finish(&mut self, sink: &mut dyn FnMut(usize, &Row<'_>)) {
        self.finish_between(self.world.start, self.world.end, sink);
    }

    /// The same for the intervals that begin in `[since, before)` (or, at the world's start, before it).
    pub fn finish_between(&mut self, since: i64, before: i64, sink: &mut dyn FnMut(usize, &Row<'_>)) {
        let mut places: Vec<_> = self.watchers.iter().collect();
        places.sort_by_key(|(at, _)| **at);
        for (at, watchers) in places {
            let At::Interface(key) = *at else { continue };
            let interface = &self.world.interfaces[key.0];
            for watcher in watchers {
                let log = &self.world.flow_logs[watcher.log];
                let first = first_interval(self.world, *at, log.interval);
                let skip = ((since - first) / log.interval).max(0) as usize;
                for (i, busy) in watcher.busy.iter().enumerate().skip(skip) {
                    let from = first + i as i64 * log.interval;
                    if from >= before {
                        break;
                    }
                    let skipped = log.skipped(*at, from);
                    let (born, died) = (interface.born.unwrap_or(i64::MIN), interface.died.unwrap_or(i64::MAX));
                    let start = from.max(self.world.start).max(born);
                    let end = (from + log.interval).min(self.world.end).min(died);
                    if start >= end || from < log.from || start >= log.until || log.silent(*at, from) {
                        continue;
                    }
                    let mut row = base(self.world, *at);
                    (row.start, row.end) = (start + interface.skew, end + interface.skew);
                    // A log of refused packets alone: a scan now and then.
                    if log.traffic == Traffic::Reject && !skipped && (i + key.0) % 5 == 2 {
                        sink(watcher.log, &rejected(self.world, key, row));
                        continue;
                    }
                    if !*busy || skipped {
                        row.status = if skipped { "SKIPDATA" } else { "NODATA" };
                        row.bytes = log.noise.then_some(NOISE);
                        sink(watcher.log, &row);
                    }
                    if log.noise && log.traffic == Traffic::All {
                        sink(watcher.log, &rejected(self.world, key, row));
                    }
                }
            }
        }
    }
}

/// One crossing seen by one flow log.
struct Cut<'a> {
    world: &'a World,
    flow: &'a Flow,
    crossing: &'a Crossing,
    service: Option<&'static str>,
}

impl Cut<'_> {
    fn records(&self, watcher: &mut Watcher, sink: &mut dyn FnMut(usize, &Row<'_>)) {
        let (flow, world) = (self.flow, self.world);
        let log = &world.flow_logs[watcher.log];
        let skew = match self.crossing.at {
            At::Interface(key) => world.interfaces[key.0].skew,
            At::RegionalNat(_) => 0,
        };
        let first = first_interval(world, self.crossing.at, log.interval);
        let mut i = ((flow.start - first) / log.interval).max(0);
        loop {
            let from = first + i * log.interval;
            if from >= flow.end() {
                break;
            }
            let until = from + log.interval;
            let (start, end) = (from.max(flow.start), until.min(flow.end()));
            let volume = flow.volume(self.crossing.sender, start, end);
            let speaks = !log.skipped(self.crossing.at, from) && !log.silent(self.crossing.at, from);
            let logged = from >= log.from && from < log.until && speaks && log.traffic != Traffic::Reject;
            if volume.packets > 0 && logged {
                let mut row = base(world, self.crossing.at);
                (row.start, row.end) = (start + skew, end + skew);
                row.bytes = Some(volume.bytes);
                row.packets = Some(volume.packets);
                row.action = Some("ACCEPT");
                row.status = "OK";
                row.packet = Some(self.packet(start == flow.start, end == flow.end()));
                if let Some(busy) = watcher.busy.get_mut(i as usize) {
                    *busy = true;
                }
                sink(watcher.log, &row);
            }
            i += 1;
        }
    }

    fn packet(&self, first: bool, last: bool) -> Packet<'_> {
        let (flow, crossing) = (self.flow, self.crossing);
        let opening = if crossing.sender == flow.initiator { 2 } else { 18 };
        let flags = if first { opening } else { 0 } | u8::from(last);
        let (src_service, dst_service) = match crossing.sender {
            Side::Client => (None, self.service),
            Side::Peer => (self.service, None),
        };
        Packet {
            src: crossing.src,
            dst: crossing.dst,
            pkt_src: crossing.pkt_src,
            pkt_dst: crossing.pkt_dst,
            src_port: crossing.src_port,
            dst_port: crossing.dst_port,
            protocol: flow.protocol,
            tcp_flags: (flow.protocol == 6).then_some(flags),
            egress: crossing.egress,
            traffic_path: crossing.traffic_path.filter(|_| crossing.egress),
            src_service,
            dst_service,
            next_hop: crossing.next_hop.map(|key| self.next_hop(key)),
        }
    }

    fn next_hop(&self, key: InterfaceKey) -> NextHop<'_> {
        let world = self.world;
        let hop = &world.interfaces[key.0];
        let subnet = &world.subnets[hop.subnet.0];
        let account = match self.crossing.at {
            At::Interface(own) => &world.interfaces[own.0].account,
            At::RegionalNat(nat) => &world.vpcs[world.nats[nat.0].vpc.0].account,
        };
        let kind = interface_type(&hop.role);
        let own = (*account == hop.account)
            .then(|| (hop.id.as_str(), subnet.id.as_str(), world.vpcs[subnet.vpc.0].id.as_str(), kind));
        NextHop { az: &subnet.az_id, own }
    }
}

/// The start of the interval that holds the beginning of the world.
fn first_interval(world: &World, at: At, interval: i64) -> i64 {
    let phase = match at {
        At::Interface(key) => world.interfaces[key.0].phase,
        At::RegionalNat(_) => 0,
    };
    (world.start - phase).div_euclid(interval) * interval + phase
}

fn base(world: &World, at: At) -> Row<'_> {
    match at {
        At::Interface(key) => {
            let interface = &world.interfaces[key.0];
            let subnet = &world.subnets[interface.subnet.0];
            let vpc = &world.vpcs[subnet.vpc.0];
            // AWS made these for a service: it does not name their owner.
            let nameless = matches!(interface.role, Role::InterfaceEndpoint(_) | Role::NetworkLoadBalancer(_));
            Row {
                account: Some(if nameless { "unknown" } else { &interface.account }),
                interface_id: Some(&interface.id),
                vpc: Some(&vpc.id),
                subnet: Some(&subnet.id),
                instance: interface.instance_id.as_deref(),
                region: Some(&vpc.region),
                az: Some(&subnet.az_id),
                interface_type: interface_type(&interface.role),
                ..Row::default()
            }
        }
        At::RegionalNat(key) => {
            let nat = &world.nats[key.0];
            let vpc = &world.vpcs[nat.vpc.0];
            Row {
                account: Some(&vpc.account),
                vpc: Some(&vpc.id),
                region: Some(&vpc.region),
                resource_id: Some(&nat.id),
                interface_type: Some("regional_nat_gateway"),
                ..Row::default()
            }
        }
    }
}

fn interface_type(role: &Role) -> Option<&'static str> {
    match role {
        Role::Nat(_) => Some("nat_gateway"),
        Role::InterfaceEndpoint(_) | Role::GwlbEndpoint(_) => Some("vpc_endpoint"),
        Role::TransitGateway(_) => Some("transit_gateway"),
        Role::NetworkLoadBalancer(_) => Some("network_load_balancer"),
        _ => None,
    }
}

/// A scan from the internet that the security group refused.
fn rejected<'w>(world: &World, key: InterfaceKey, row: Row<'w>) -> Row<'w> {
    let own = world.interfaces[key.0].primary;
    let scanner = std::net::IpAddr::from([203, 0, 113, 99]);
    let packet = Packet {
        src: scanner,
        dst: own,
        pkt_src: scanner,
        pkt_dst: own,
        src_port: 51_000,
        dst_port: 22,
        protocol: 6,
        tcp_flags: Some(2),
        egress: false,
        traffic_path: None,
        src_service: None,
        dst_service: None,
        next_hop: None,
    };
    Row {
        packet: Some(packet),
        bytes: Some(NOISE),
        packets: Some(NOISE / 1000),
        action: Some("REJECT"),
        status: "OK",
        ..row
    }
}
