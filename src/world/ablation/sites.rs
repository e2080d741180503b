//! The VPCs of a random world, each of a kind that went wrong somewhere.

use std::net::IpAddr;

use fastrand::Rng;

use super::scene::Scene;
use crate::world::{InterfaceKey, Peer, Role, Side, SubnetKey, TableKey, Target, TgwKey, VpcKey, Watch, World, fields};

const SHOP: &str = "111122223333";
const NETWORK: &str = "444455556666";
const SPOKES: &str = "777788889999";
const TENANT: &str = "222233334444";
const HOUR: i64 = 3600;
const MIB: u64 = 1 << 20;
const FORMATS: [&str; 4] = [fields::V3, fields::V5, fields::V9, fields::V11];
/// What answers at the shared addresses, in turn.
const NAMES: [&str; 4] = ["sqs", "kms", "sts", "logs"];

/// Fills the world: a plain VPC always, and some of the other kinds.
pub(super) fn build(scene: &mut Scene, rng: &mut Rng, region: &str) {
    let phase = if rng.u8(..4) == 0 { rng.i64(1..600) } else { 0 };
    let mut site = Sites { scene, rng, region: region.to_owned(), next: 0 };
    site.plain();
    if site.rng.bool() {
        site.replaced();
    }
    if site.rng.bool() {
        site.hub_and_spokes();
    }
    if site.rng.u8(..5) < 2 {
        site.shared();
    }
    if site.rng.u8(..5) < 2 {
        site.regional();
    }
    if site.rng.u8(..6) == 0 {
        site.nat_instance();
    }
    if site.rng.u8(..6) == 0 {
        site.public_cidr();
    }
    if site.rng.u8(..4) == 0 && site.region == "us-east-1" {
        site.elsewhere();
    }
    scene.phased = phase != 0;
    for (i, interface) in scene.world.interfaces.iter_mut().enumerate() {
        interface.phase = phase * (i as i64 % 3);
    }
}

struct Sites<'s> {
    scene: &'s mut Scene,
    rng: &'s mut Rng,
    region: String,
    /// Second octet of the next VPC.
    next: u8,
}

/// A VPC of two zones: public subnets with their table, private ones with a table each.
struct Place {
    vpc: VpcKey,
    front: [SubnetKey; 2],
    back: [SubnetKey; 2],
    tables: [TableKey; 2],
    public: TableKey,
}

impl Sites<'_> {
    fn world(&mut self) -> &mut World {
        &mut self.scene.world
    }

    fn zone(&self, n: usize) -> String {
        let prefix = match self.region.as_str() {
            "eu-west-1" => "euw1",
            "sa-east-1" => "sae1",
            _ => "use1",
        };
        format!("{prefix}-az{}", n + 1)
    }

    fn place(&mut self, account: &str) -> Place {
        let n = self.next;
        self.next += 1;
        self.place_at(account, &format!("10.{n}"))
    }

    fn place_at(&mut self, account: &str, base: &str) -> Place {
        let zones = [self.zone(0), self.zone(1)];
        let region = self.region.clone();
        let w = self.world();
        let vpc = w.vpc(account, &region, &format!("{base}.0.0/16"));
        let public = w.route_table(vpc);
        w.internet_gateway(vpc, &[public]);
        let tables = [w.route_table(vpc), w.route_table(vpc)];
        let front = [0, 1].map(|z| w.subnet(vpc, &format!("{base}.{z}.0/24"), &zones[z], Some(public)));
        let back = [0, 1].map(|z| w.subnet(vpc, &format!("{base}.{}.0/24", 16 + z), &zones[z], Some(tables[z])));
        Place { vpc, front, back, tables, public }
    }

    /// NAT gateways for the private tables: one for both, or one a zone; several addresses sometimes.
    fn nats(&mut self, place: &Place) {
        let (two, more) = (self.rng.bool(), self.rng.bool());
        let w = self.world();
        let first = w.nat_gateway(place.front[0]);
        let second = if two { w.nat_gateway(place.front[1]) } else { first };
        if more {
            w.nat_second_address(first);
        }
        w.route(place.tables[0], "0.0.0.0/0", Target::Nat(first));
        w.route(place.tables[1], "0.0.0.0/0", Target::Nat(second));
    }

    fn endpoints(&mut self, place: &Place) -> Vec<InterfaceKey> {
        for service in ["s3", "dynamodb"] {
            if self.rng.u8(..3) == 0 {
                let with: Vec<_> = place.tables.into_iter().filter(|_| self.rng.bool()).collect();
                self.world().gateway_endpoint(place.vpc, service, &with, None);
            }
        }
        let mut used = Vec::new();
        for service in ["sqs", "kms", "logs", "execute-api", "guardduty-data"] {
            let rare = matches!(service, "execute-api" | "guardduty-data");
            if self.rng.u8(..if rare { 8 } else { 3 }) > 0 {
                continue;
            }
            let zones = self.rng.usize(1..3);
            let (busy, open) = (self.rng.bool(), self.rng.u8(..3) > 0);
            let key = self.world().interface_endpoint(place.vpc, service, &place.back[..zones]);
            self.world().endpoints[key.0].private_dns = open;
            if busy || rare {
                used.extend_from_slice(self.world().endpoint_interfaces(key));
            }
        }
        if self.rng.u8(..6) == 0 {
            // Of another Region: no means for this one.
            self.world().interface_endpoint(place.vpc, "com.amazonaws.us-west-2.sqs", &place.back[..1]);
        }
        used
    }

    /// Clients of a private subnet each: steady ones, sparse ones, and some that live for a while and are gone.
    fn clients(&mut self, subnets: &[SubnetKey], count: usize) -> Vec<InterfaceKey> {
        let (start, end) = (self.scene.world.start, self.scene.world.end);
        (0..count)
            .map(|i| {
                let subnet = subnets[i % subnets.len()];
                let lambda = self.rng.u8(..4) == 0;
                let w = &mut self.scene.world;
                let key = if lambda { w.interface(subnet, Role::Lambda) } else { w.instance(subnet) };
                if i > 0 && self.rng.u8(..5) < 2 {
                    let hours = (end - start) / HOUR;
                    let born = start + self.rng.i64(0..hours - 4) * HOUR + [0, 600][self.rng.usize(..2)];
                    let w = &mut self.scene.world;
                    w.interfaces[key.0].born = Some(born);
                    w.interfaces[key.0].died = Some(born + self.rng.i64(1..4) * HOUR);
                }
                key
            })
            .collect()
    }

    /// When a client is busy, in seconds of the world: each lasts less than an hour.
    fn sessions(&mut self, client: InterfaceKey) -> Vec<(i64, i64)> {
        let w = &self.scene.world;
        let (born, died) = (w.interfaces[client.0].born, w.interfaces[client.0].died);
        let (from, until) = (born.unwrap_or(w.start) - w.start, died.unwrap_or(w.end) - w.start);
        let sparse = died.is_some() || self.rng.bool();
        if sparse {
            let length = (until - from).min(HOUR) - 120;
            let start = from + self.rng.i64(0..(until - from - length).max(1));
            return vec![(start, length)];
        }
        let step = 6 * HOUR;
        let sessions = (from..until - step + 1).step_by(step as usize);
        sessions.map(|at| (at + self.rng.i64(0..step - 2400), self.rng.i64(600..2400))).collect()
    }

    /// Traffic of a client through its subnet's way out, and to endpoints.
    fn talk(&mut self, client: InterfaceKey, endpoints: &[InterfaceKey]) {
        let kinds = self.rng.usize(1..4);
        for _ in 0..kinds {
            let n = self.rng.usize(..8);
            let kind = self.rng.u8(..10);
            let region = self.region.clone();
            let named = self.rng.u8(..4) > 0;
            let address = match kind {
                0..3 => self.world().aws_address("S3", &region, n),
                3 => self.world().aws_address("DYNAMODB", &region, n),
                4..6 => self.world().aws_address("AMAZON", &region, n),
                6 => self.world().aws_address("EC2", &region, n),
                7 => self.world().aws_address("S3", "us-west-2", n),
                _ => IpAddr::from([151, 101, n as u8, 7]),
            };
            if (4..6).contains(&kind) {
                let name = NAMES[n % NAMES.len()];
                self.scene.names.insert(address, name.to_owned());
                if named {
                    let host = format!("{name}.{region}.amazonaws.com");
                    let hours = (self.scene.world.end - self.scene.world.start) / HOUR;
                    let times: Vec<i64> = (0..hours).step_by(8).map(|hour| hour * HOUR - 60).collect();
                    let asked = self.scene.world.dns_lookups(client, &host, address, &times);
                    self.scene.lookups.extend(asked);
                }
            }
            for time in self.sessions(client) {
                let volume = (self.rng.u64(10..800) * MIB, self.rng.u64(10..9000) * MIB);
                let nat_address = self.rng.usize(..2);
                let flow = self.world().flow(client, Peer::Address(address), volume, time);
                flow.nat_address = nat_address;
            }
        }
        if let Some(endpoint) = self.one_of(endpoints) {
            for time in self.sessions(client) {
                let volume = (self.rng.u64(10..800) * MIB, self.rng.u64(10..900) * MIB);
                self.world().flow_between(client, endpoint, volume, time);
            }
        }
    }

    fn one_of(&mut self, keys: &[InterfaceKey]) -> Option<InterfaceKey> {
        if keys.is_empty() { None } else { keys.get(self.rng.usize(..keys.len())).copied() }
    }

    /// The flow logs of a VPC: one for all, or one for workloads and one for edges.
    fn logs(&mut self, vpc: VpcKey) {
        let days = (self.scene.world.end - self.scene.world.start) / 86_400;
        let interval = if days == 1 && self.rng.u8(..6) == 0 { 60 } else { 600 };
        let noise = self.rng.u8(..5) == 0;
        let format = FORMATS[self.rng.usize(..FORMATS.len())];
        let watches = match self.rng.u8(..8) {
            0 => vec![(fields::V2, Watch::Workloads(vpc)), (format, Watch::Edges(vpc))],
            1 => vec![(fields::V2, Watch::Vpc(vpc))],
            _ => vec![(format, Watch::Vpc(vpc))],
        };
        if watches.iter().any(|(format, _)| [fields::V2, fields::V3].contains(format)) {
            self.scene.whole = false;
        }
        for (format, watch) in watches {
            let log = self.world().flow_log(format, &[watch]);
            (log.interval, log.noise) = (interval, noise);
        }
    }

    fn plain(&mut self) {
        let place = self.place(SHOP);
        self.nats(&place);
        let endpoints = self.endpoints(&place);
        let count = self.rng.usize(3..6);
        for client in self.clients(&place.back, count) {
            self.talk(client, &endpoints);
        }
        self.logs(place.vpc);
    }

    fn replaced(&mut self) {
        let place = self.place(SHOP);
        let (start, end) = (self.scene.world.start, self.scene.world.end);
        let time = start + (end - start) / HOUR / 2 * HOUR;
        let w = self.world();
        let (old, new) = (w.nat_gateway(place.front[0]), w.nat_gateway(place.front[0]));
        for table in place.tables {
            w.route(table, "0.0.0.0/0", Target::Nat(old));
        }
        w.replace_nat_gateway(old, new, time);
        let count = self.rng.usize(1..4);
        for client in self.clients(&place.back, count) {
            self.talk(client, &[]);
        }
        // No flow may straddle the change: its route is that of its first second.
        let edge = time;
        self.world().flows.retain(|flow| flow.end() <= edge || flow.start >= edge);
        self.logs(place.vpc);
    }

    fn hub_and_spokes(&mut self) {
        let hub = self.place(NETWORK);
        let (two, more) = (self.rng.bool(), self.rng.bool());
        let region = self.region.clone();
        let w = self.world();
        let first = w.nat_gateway(hub.front[0]);
        let second = if two { w.nat_gateway(hub.front[1]) } else { first };
        if more {
            w.nat_second_address(first);
        }
        w.route(hub.tables[0], "0.0.0.0/0", Target::Nat(first));
        w.route(hub.tables[1], "0.0.0.0/0", Target::Nat(second));
        let tgw = w.transit_gateway(NETWORK, &region);
        let attachment = w.attach(tgw, hub.vpc, &hub.back);
        w.tgw_route(tgw, "0.0.0.0/0", attachment);
        for table in [hub.public, hub.tables[0], hub.tables[1]] {
            w.route(table, "10.0.0.0/8", Target::TransitGateway(tgw));
        }
        self.logs(hub.vpc);
        for _ in 0..self.rng.usize(1..3) {
            let account = [SHOP, SPOKES][self.rng.usize(..2)];
            self.spoke(account, tgw);
        }
    }

    fn spoke(&mut self, account: &str, tgw: TgwKey) {
        let place = self.place(account);
        let w = self.world();
        w.attach(tgw, place.vpc, &place.back);
        for table in place.tables {
            w.route(table, "0.0.0.0/0", Target::TransitGateway(tgw));
        }
        let endpoints = if self.rng.bool() { self.endpoints(&place) } else { Vec::new() };
        let count = self.rng.usize(1..4);
        for client in self.clients(&place.back, count) {
            self.talk(client, &endpoints);
        }
        self.logs(place.vpc);
    }

    /// Subnets of the network account that a tenant's interfaces use.
    fn shared(&mut self) {
        let place = self.place(NETWORK);
        self.nats(&place);
        let count = self.rng.usize(2..4);
        for (i, client) in self.clients(&place.back, count).into_iter().enumerate() {
            if i != 1 {
                self.world().interfaces[client.0].account = TENANT.to_owned();
            }
            self.talk(client, &[]);
        }
        self.logs(place.vpc);
    }

    fn regional(&mut self) {
        let place = self.place(SHOP);
        let zones = [self.zone(0), self.zone(1)];
        let w = self.world();
        let nat = w.regional_nat_gateway(place.vpc, &[&zones[0], &zones[1]]);
        for table in place.tables {
            w.route(table, "0.0.0.0/0", Target::Nat(nat));
        }
        let count = self.rng.usize(1..4);
        for client in self.clients(&place.back, count) {
            self.talk(client, &[]);
        }
        let format = [fields::V9, fields::V11][self.rng.usize(..2)];
        self.world().flow_log(format, &[Watch::Vpc(place.vpc)]);
    }

    fn nat_instance(&mut self) {
        let place = self.place(SHOP);
        let w = self.world();
        let gateway = w.interface(place.front[0], Role::Appliance { translates: true });
        w.interfaces[gateway.0].public_ip = Some([203, 0, 113, 7].into());
        for table in place.tables {
            w.route(table, "0.0.0.0/0", Target::Interface(gateway));
        }
        for client in self.clients(&place.back, 2) {
            self.talk(client, &[]);
        }
        self.logs(place.vpc);
    }

    /// Addresses that look like the internet's.
    fn public_cidr(&mut self) {
        let place = self.place_at(SHOP, "11.7");
        self.nats(&place);
        let clients = self.clients(&place.back, 2);
        for client in &clients {
            self.talk(*client, &[]);
        }
        if let [one, two] = clients[..] {
            let free = |w: &World, key: InterfaceKey| w.interfaces[key.0].died.is_none();
            if free(&self.scene.world, one) && free(&self.scene.world, two) {
                let flow = self.world().flow_between(one, two, (300 * MIB, 700 * MIB), (2 * HOUR, 1800));
                (flow.peer_port, flow.initiator) = (5432, Side::Client);
            }
        }
        self.logs(place.vpc);
    }

    /// A second Region, whose price may be missing.
    fn elsewhere(&mut self) {
        self.region = "sa-east-1".to_owned();
        for (charge, usd) in
            [("nat_hour", 0.093), ("nat_gib", 0.093), ("inter_az_gib", 0.01), ("public_ipv4_hour", 0.005)]
        {
            self.scene.prices.push((self.region.clone(), charge, usd));
        }
        let place = self.place(SHOP);
        self.nats(&place);
        let count = self.rng.usize(1..3);
        for client in self.clients(&place.back, count) {
            self.talk(client, &[]);
        }
        self.logs(place.vpc);
    }
}
