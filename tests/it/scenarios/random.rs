//! Worlds drawn at random: any mix of gateways, endpoints, formats, intervals and losses must give the truth.

use fastrand::Rng;
use offramp::report::model::Report;
use offramp::world::writer::Layout;
use offramp::world::{
    Delivery, InterfaceKey, Peer, Side, SubnetKey, Target, TgwKey, TruthRow, VpcKey, Watch, World, fields, sample,
};

use super::shop::{ACCOUNT, HOUR};
use super::support::{assert_same, assert_usd, of_kind, report_with, traffic, truth};

const SEEDS: std::ops::Range<u64> = 0..3;
/// In turn, apart from the draws: a world is the same in each.
const DELIVERIES: [Delivery; 3] = [Delivery::Gzip, Delivery::Parquet, Delivery::Zstd];

#[tokio::test]
async fn random_worlds() {
    for seed in SEEDS {
        let (draw, layout) = Draw::of(seed);
        let layout = Layout { delivery: DELIVERIES[seed as usize % DELIVERIES.len()], ..layout };
        let outcome = report_with(&draw.w, &layout, &[]).await;
        assert_eq!(outcome.exit, 0, "seed {seed}");
        let (got, expected) = (traffic(&outcome.report), truth(&draw.w));
        if got != expected {
            for log in &draw.w.flow_logs {
                println!(
                    "seed {seed}: {:?} every {} s, {} fields, lost {:?}",
                    log.watch,
                    log.interval,
                    log.fields.len(),
                    log.skips
                );
            }
        }
        assert_same(&got, &expected);
        assert_money(&draw.w, &outcome.report);
    }
}

/// S3 and DynamoDB of the own Region that passed a NAT gateway did so for want of a route, so all of it can move, each
/// byte once; and the figures of each opportunity add up.
#[track_caller]
fn assert_money(w: &World, report: &Report) {
    let rows = w.truth();
    let movable = |row: &&TruthRow| {
        row.path == "nat_gateway"
            && row.service != "internet"
            && !row.service.starts_with("range:")
            && row.peer_region.as_ref() == Some(&row.region)
    };
    for nat in &report.nat_gateways {
        let mine = || rows.iter().filter(|row| row.nat_gateway_id.as_ref() == Some(&nat.nat_gateway_id));
        assert_eq!(nat.processed_bytes, mine().map(|row| row.bytes).sum::<u64>(), "{}", nat.nat_gateway_id);
        assert_eq!(
            nat.movable_bytes,
            mine().filter(movable).map(|row| row.bytes).sum::<u64>(),
            "{}",
            nat.nat_gateway_id
        );
    }
    let moves = ["associate_route_table", "create_gateway_endpoint"].map(|kind| of_kind(report, kind)).concat();
    let moved: u64 = moves.iter().map(|found| found.observed_bytes).sum();
    assert_eq!(moved, rows.iter().filter(movable).map(|row| row.bytes).sum::<u64>());
    let mut adopted = 0.0;
    for found in report.opportunities.iter().filter(|found| found.decision != "skip") {
        let sum =
            |part: serde_json::Value| part.as_object().unwrap().values().map(|usd| usd.as_f64().unwrap()).sum::<f64>();
        let (saves, adds) =
            (sum(serde_json::to_value(&found.saves).unwrap()), sum(serde_json::to_value(&found.adds).unwrap()));
        assert_usd(found.net_usd_month, saves - adds);
        if found.decision == "adopt" {
            adopted += saves - adds;
        }
    }
    assert_usd(Some(report.totals.adopt_usd_month), adopted);
}

struct Draw {
    w: World,
    rng: Rng,
    vpcs: Vec<Site>,
}

struct Site {
    vpc: VpcKey,
    clients: Vec<InterfaceKey>,
    web: Vec<InterfaceKey>,
    endpoints: Vec<InterfaceKey>,
    balancer: Option<InterfaceKey>,
    /// A hub has edges worth logging without its workloads.
    lost: Option<InterfaceKey>,
}

/// The world of a seed.
pub fn world(seed: u64) -> World {
    Draw::of(seed).0.w
}

impl Draw {
    fn of(seed: u64) -> (Self, Layout) {
        let mut draw = Self { w: World::new(sample::START, 5), rng: Rng::with_seed(seed), vpcs: Vec::new() };
        draw.build();
        draw.logs();
        let layout =
            Layout { shuffle: draw.rng.bool(), seed, period: [300, 3600][draw.rng.usize(..2)], ..Layout::default() };
        (draw, layout)
    }

    fn build(&mut self) {
        let hub = self.rng.bool().then(|| self.hub());
        for n in 0..self.rng.u8(1..4) {
            let site = self.site(n, hub);
            self.vpcs.push(site);
        }
        for at in 0..self.vpcs.len() {
            for _ in 0..self.rng.usize(4..14) {
                self.flow(at);
            }
        }
    }

    fn hub(&mut self) -> TgwKey {
        let w = &mut self.w;
        let vpc = w.vpc("444455556666", "us-east-1", "10.200.0.0/16");
        let (public, attached) = (w.route_table(vpc), w.route_table(vpc));
        w.internet_gateway(vpc, &[public]);
        let front = w.subnet(vpc, "10.200.0.0/24", "use1-az1", Some(public));
        let zones = [("10.200.1.0/24", "use1-az1"), ("10.200.2.0/24", "use1-az2")]
            .map(|(cidr, zone)| w.subnet(vpc, cidr, zone, Some(attached)));
        let nat = w.nat_gateway(front);
        w.route(attached, "0.0.0.0/0", Target::Nat(nat));
        let tgw = w.transit_gateway("444455556666", "us-east-1");
        let attachment = w.attach(tgw, vpc, &zones);
        w.tgw_route(tgw, "0.0.0.0/0", attachment);
        for table in [public, attached] {
            w.route(table, "10.0.0.0/9", Target::TransitGateway(tgw));
        }
        self.vpcs.push(Site {
            vpc,
            clients: Vec::new(),
            web: Vec::new(),
            endpoints: Vec::new(),
            balancer: None,
            lost: None,
        });
        tgw
    }

    /// A VPC of two zones whose private subnets leave by a NAT gateway of their own, a shared one, or the hub.
    fn site(&mut self, n: u8, hub: Option<TgwKey>) -> Site {
        let (w, rng) = (&mut self.w, &mut self.rng);
        let vpc = w.vpc(ACCOUNT, "us-east-1", &format!("10.{n}.0.0/16"));
        let public = w.route_table(vpc);
        w.internet_gateway(vpc, &[public]);
        let tables = [w.route_table(vpc), w.route_table(vpc)];
        let zones = ["use1-az1", "use1-az2"];
        let front = [0, 1].map(|z| w.subnet(vpc, &format!("10.{n}.{z}.0/24"), zones[z], Some(public)));
        let back: [SubnetKey; 2] =
            [0, 1].map(|z| w.subnet(vpc, &format!("10.{n}.{}.0/24", 16 + z), zones[z], Some(tables[z])));
        let spoke = hub.filter(|_| rng.bool());
        let mut lost = None;
        match spoke {
            Some(tgw) => {
                w.attach(tgw, vpc, &back);
                for table in tables {
                    w.route(table, "0.0.0.0/0", Target::TransitGateway(tgw));
                }
            }
            None => {
                let first = w.nat_gateway(front[0]);
                let second = if rng.bool() { w.nat_gateway(front[1]) } else { first };
                if rng.bool() {
                    w.nat_second_address(first);
                }
                w.route(tables[0], "0.0.0.0/0", Target::Nat(first));
                w.route(tables[1], "0.0.0.0/0", Target::Nat(second));
                lost = w.nats[first.0].interface.filter(|_| rng.bool());
            }
        }
        for service in ["s3", "dynamodb"] {
            if rng.u8(..3) == 0 {
                let with: Vec<_> = tables.into_iter().filter(|_| rng.bool()).collect();
                w.gateway_endpoint(vpc, service, &with, None);
            }
        }
        let mut endpoints = Vec::new();
        for service in ["sqs", "kms"] {
            if rng.bool() {
                let key = w.interface_endpoint(vpc, service, &back[..rng.usize(1..3)]);
                endpoints.extend_from_slice(w.endpoint_interfaces(key));
            }
        }
        let clients: Vec<_> = (0..rng.usize(2..5)).map(|i| w.instance(back[i % 2])).collect();
        for client in &clients {
            if rng.bool() {
                w.secondary_address(*client);
            }
            w.interfaces[client.0].xen = rng.u8(..4) == 0;
        }
        let web = (0..rng.usize(..2)).map(|_| w.instance(front[0])).collect();
        let balancer = rng.bool().then(|| w.network_load_balancer(front[0], "front"));
        Site { vpc, clients, web, endpoints, balancer, lost }
    }

    /// A flow of a client of a VPC: to a public peer from a small set (so that they repeat), to an endpoint, or from
    /// the internet.
    fn flow(&mut self, at: usize) {
        let site = &self.vpcs[at];
        let (w, rng) = (&mut self.w, &mut self.rng);
        if site.clients.is_empty() {
            return;
        }
        let start = rng.i64(0..4 * HOUR);
        let time = (start, rng.i64(1..5 * HOUR - start));
        let volume = (rng.u64(2_000..50_000_000) + 20_000_000, rng.u64(2_000..900_000_000) + 20_000_000);
        let client = site.clients[rng.usize(..site.clients.len())];
        let n = rng.usize(..4);
        let peer = match rng.u8(..7) {
            0 => w.aws_address("S3", "us-east-1", n),
            1 => w.aws_address("DYNAMODB", "us-east-1", n),
            2 => w.aws_address("AMAZON", "us-east-1", n),
            3 => w.aws_address("EC2", "us-east-1", n),
            4 => w.aws_address("S3", "eu-west-1", n),
            5 => w.aws_address("CLOUDFRONT", "GLOBAL", n),
            _ => [151, 101, n as u8, 7].into(),
        };
        match (rng.u8(..8), site.balancer, site.web.first(), site.endpoints.len()) {
            (0, Some(balancer), _, _) => {
                // Requests through a load balancer that keeps addresses: both its legs.
                for (end, through) in [(balancer, None), (client, Some(balancer))] {
                    let flow = w.flow(end, Peer::Address([151, 101, n as u8, 7].into()), volume, time);
                    (flow.initiator, flow.client_port, flow.peer_port) = (Side::Peer, 443, 40_000 + n as u16);
                    flow.through = through;
                }
            }
            (1, _, Some(web), _) => {
                let flow = w.flow(*web, Peer::Address([151, 101, n as u8, 7].into()), volume, time);
                (flow.initiator, flow.client_port, flow.peer_port) = (Side::Peer, 443, 50_000 + n as u16);
            }
            (2, _, Some(web), _) => {
                w.flow(*web, Peer::Address(peer), volume, time);
            }
            (3 | 4, _, _, count @ 1..) => {
                let endpoint = site.endpoints[rng.usize(..count)];
                w.flow_between(client, endpoint, volume, time);
            }
            _ => {
                let own = w.interfaces[client.0].secondary.first().copied().filter(|_| rng.bool());
                let nat_address = rng.usize(..2);
                let udp = rng.u8(..5) == 0;
                let flow = w.flow(client, Peer::Address(peer), volume, time);
                flow.nat_address = nat_address;
                flow.client_address = own.unwrap_or(flow.client_address);
                flow.protocol = if udp { 17 } else { 6 };
            }
        }
    }

    /// Every workload is logged all the time, by one flow log or by two that follow each other; NAT gateways and endpoints
    /// with it, apart from it, for a part of the time, or not at all.
    fn logs(&mut self) {
        for at in 0..self.vpcs.len() {
            let rng = &mut self.rng;
            let vpc = self.vpcs[at].vpc;
            let full = [fields::V3, fields::V5, fields::V9, fields::V11];
            let all = [fields::V2, fields::V3, fields::V5, fields::V9, fields::V11];
            let (always, edge) = ((self.w.start, self.w.end), self.w.start + rng.i64(3..24) * 600);
            let (before, after) = ((self.w.start, edge), (edge, self.w.end));
            // Of an hour that two flow logs share, one is chosen and the other's part left out: they change on the hour.
            let change = self.w.start + rng.i64(1..5) * HOUR;
            let (old, new) = ((self.w.start, change), (change, self.w.end));
            let mut pick = |from: &[&'static str]| from[rng.usize(..from.len())];
            let logs = match pick(&["a", "b", "c", "d", "e", "f", "g"]) {
                "a" => vec![(pick(&all), Watch::Vpc(vpc), always)],
                "b" => vec![(pick(&all), Watch::Workloads(vpc), always)],
                "c" => vec![(pick(&all), Watch::Workloads(vpc), always), (pick(&full), Watch::Edges(vpc), always)],
                "d" => vec![(pick(&all), Watch::Vpc(vpc), always), (pick(&all), Watch::Vpc(vpc), always)],
                "e" => vec![(pick(&full), Watch::Vpc(vpc), old), (pick(&full), Watch::Vpc(vpc), new)],
                "f" => vec![(pick(&all), Watch::Workloads(vpc), always), (pick(&full), Watch::Edges(vpc), after)],
                _ => vec![(pick(&all), Watch::Workloads(vpc), always), (pick(&full), Watch::Edges(vpc), before)],
            };
            let lost = self.vpcs[at].lost;
            for (format, watch, (from, until)) in logs {
                let noise = self.rng.bool();
                let interval = [60, 600][self.rng.usize(..2)];
                let skip = self.w.start + self.rng.i64(0..20) * 600;
                let log = self.w.flow_log(format, &[watch]);
                (log.noise, log.interval, log.from, log.until) = (noise, interval, from, until);
                // A NAT gateway's version 2 log stands for its processed bytes by its client leg, losses and all.
                if format != fields::V2 {
                    log.skips.extend(lost.map(|key| (key, skip, skip + 3000)));
                }
            }
        }
    }
}
