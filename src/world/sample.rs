//! The world of `sample-data/`: a web shop with the usual expensive mistakes, three days of it.

use std::fs;
use std::path::Path;

use super::flow::{Flow, Peer, Side};
use super::logging::Watch;
use super::topology::{InterfaceKey, SubnetKey, Target, TgwKey, World};
use super::writer::Layout;
use super::{fields, inventory_json, writer};
use crate::{Error, Result};

/// Monday 2026-10-05, 00:00 UTC.
pub const START: i64 = 1_791_158_400;
const DAYS: i64 = 3;
const GIB: u64 = 1 << 30;
const SHOP: &str = "111122223333";
const NETWORK: &str = "444455556666";
const ANALYTICS: &str = "777788889999";

/// Writes logs, inventory and truth below `root`.
pub fn write(root: &Path, seed: u64) -> Result<()> {
    let world = world(seed);
    let layout = Layout { period: 6 * 3600, level: 9, ..Layout::default() };
    writer::write_logs(&world, &root.join("flow-logs"), &layout)?;
    inventory_json::write_inventory(&world, &root.join("inventory"))?;
    let truth = serde_json::to_string_pretty(&world.truth()).map_err(|e| Error::Output(e.to_string()))?;
    let path = root.join("truth.json");
    fs::write(&path, truth + "\n").map_err(|source| Error::Io { path: path.clone(), source })
}

/// The sample world.
pub fn world(seed: u64) -> World {
    let mut sample = Sample { world: World::new(START, DAYS * 24), rng: fastrand::Rng::with_seed(seed) };
    sample.shop();
    sample.data();
    sample.inspected();
    let tgw = sample.hub();
    sample.spoke(tgw);
    sample.europe();
    sample.world
}

struct Sample {
    world: World,
    rng: fastrand::Rng,
}

impl Sample {
    /// Sessions of `minutes` every `hours` with about `(out, in)` GiB a day in all.
    fn traffic(&mut self, flow: Flow, (out, into): (f64, f64), hours: i64, minutes: i64) {
        for day in 0..DAYS {
            let busy = 0.85 + 0.3 * self.rng.f64();
            for at in (0..24).step_by(hours as usize) {
                let share = busy * (0.8 + 0.4 * self.rng.f64()) * hours as f64 / 24.0;
                let bytes = |gib: f64| (gib * share * GIB as f64) as u64;
                let start = day * 86_400 + at * 3600 + self.rng.i64(0..(hours * 3600 - minutes * 60));
                let volumes = (bytes(out), bytes(into));
                let made = self.world.flow(flow.client, flow.peer, volumes, (start, minutes * 60));
                made.client_address = flow.client_address;
                made.peer_port = flow.peer_port;
                made.initiator = flow.initiator;
                made.nat_address = flow.nat_address;
                if flow.initiator == Side::Peer {
                    made.client_port = flow.client_port;
                }
            }
        }
    }

    fn to(&self, client: InterfaceKey, peer: Peer) -> Flow {
        Flow {
            client,
            client_address: self.world.interfaces[client.0].primary,
            client_port: 0,
            peer,
            peer_port: 443,
            protocol: 6,
            initiator: Side::Client,
            outbound: Default::default(),
            inbound: Default::default(),
            start: 0,
            duration: 0,
            through: None,
            nat_address: 0,
        }
    }

    fn aws(&mut self, client: InterfaceKey, code: &str, region: &str, n: usize) -> Flow {
        let address = self.world.aws_address(code, region, n);
        self.to(client, Peer::Address(address))
    }

    fn internet(&mut self, client: InterfaceKey, n: u8) -> Flow {
        self.to(client, Peer::Address([151, 101, n, 69].into()))
    }

    fn at(&self, client: InterfaceKey, peer: InterfaceKey) -> Flow {
        self.to(client, Peer::Interface(peer, self.world.interfaces[peer.0].primary))
    }

    /// One NAT gateway for two zones, no S3 endpoint, a DynamoDB endpoint that one table lacks, an idle endpoint.
    fn shop(&mut self) {
        let w = &mut self.world;
        let vpc = w.vpc(SHOP, "us-east-1", "10.0.0.0/16");
        let (public, table_a, table_b) = (w.route_table(vpc), w.route_table(vpc), w.route_table(vpc));
        w.internet_gateway(vpc, &[public]);
        let public_a = w.subnet(vpc, "10.0.0.0/24", "use1-az1", Some(public));
        let private_a = w.subnet(vpc, "10.0.16.0/20", "use1-az1", Some(table_a));
        let private_b = w.subnet(vpc, "10.0.32.0/20", "use1-az2", Some(table_b));
        let nat = w.nat_gateway(public_a);
        w.nat_second_address(nat);
        w.route(table_a, "0.0.0.0/0", Target::Nat(nat));
        w.route(table_b, "0.0.0.0/0", Target::Nat(nat));
        w.gateway_endpoint(vpc, "dynamodb", &[table_a], None);
        let sqs = w.interface_endpoint(vpc, "sqs", &[private_a, private_b]);
        w.interface_endpoint(vpc, "kms", &[private_a, private_b]);
        let sqs = w.endpoint_interfaces(sqs).to_vec();
        let (app_a, app_b, batch) = (w.instance(private_a), w.instance(private_b), w.instance(private_a));
        let pod = w.secondary_address(app_b);
        let web = w.instance(public_a);
        let balancer = w.application_load_balancer(public_a, "shop");
        w.interfaces[web.0].public_ip = Some([198, 51, 100, 200].into());
        w.interfaces[balancer.0].public_ip = Some([198, 51, 100, 201].into());
        w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);

        let flow = self.aws(app_a, "S3", "us-east-1", 3);
        self.traffic(flow, (14.0, 190.0), 2, 25);
        let flow = Flow { nat_address: 1, ..self.aws(app_b, "S3", "us-east-1", 17) };
        self.traffic(flow, (9.0, 110.0), 2, 25);
        let flow = Flow { client_address: pod, ..self.aws(app_b, "S3", "us-east-1", 4) };
        self.traffic(flow, (2.0, 16.0), 4, 15);
        let flow = self.aws(app_b, "DYNAMODB", "us-east-1", 2);
        self.traffic(flow, (22.0, 31.0), 2, 20);
        let flow = self.aws(app_a, "DYNAMODB", "us-east-1", 1);
        self.traffic(flow, (12.0, 25.0), 4, 20);
        let flow = self.at(app_a, sqs[0]);
        self.traffic(flow, (3.0, 2.0), 4, 15);
        let flow = self.at(app_b, sqs[1]);
        self.traffic(flow, (2.5, 1.5), 4, 15);
        let flow = self.aws(app_b, "AMAZON", "us-east-1", 11);
        self.traffic(flow, (9.0, 8.0), 4, 20);
        let flow = self.aws(batch, "EC2", "us-east-1", 40);
        self.traffic(flow, (4.0, 52.0), 4, 30);
        let flow = self.aws(batch, "CLOUDFRONT", "GLOBAL", 9);
        self.traffic(flow, (0.5, 44.0), 4, 20);
        let flow = self.aws(batch, "S3", "eu-west-1", 6);
        self.traffic(flow, (11.0, 1.0), 6, 20);
        let flow = self.internet(batch, 7);
        self.traffic(flow, (1.0, 13.0), 4, 15);
        let flow = Flow { initiator: Side::Peer, client_port: 443, peer_port: 51_514, ..self.internet(web, 200) };
        self.traffic(flow, (26.0, 2.0), 4, 30);
        let flow = Flow { initiator: Side::Peer, client_port: 443, peer_port: 49_320, ..self.internet(balancer, 201) };
        self.traffic(flow, (18.0, 1.5), 4, 30);
        let flow = Flow { peer_port: 8080, ..self.at(balancer, app_a) };
        self.traffic(flow, (1.5, 18.0), 4, 30);
    }

    /// S3 over the gateway endpoint, as it should be, and over an interface endpoint, as it need not be.
    fn data(&mut self) {
        let w = &mut self.world;
        let vpc = w.vpc(SHOP, "us-east-1", "10.1.0.0/16");
        let (public, private) = (w.route_table(vpc), w.route_table(vpc));
        w.internet_gateway(vpc, &[public]);
        let public_a = w.subnet(vpc, "10.1.0.0/24", "use1-az1", Some(public));
        let private_a = w.subnet(vpc, "10.1.1.0/24", "use1-az1", Some(private));
        let nat = w.nat_gateway(public_a);
        w.route(private, "0.0.0.0/0", Target::Nat(nat));
        w.gateway_endpoint(vpc, "s3", &[private], None);
        let s3 = w.interface_endpoint(vpc, "s3", &[private_a]);
        w.endpoints[s3.0].private_dns = false;
        let s3 = w.endpoint_interfaces(s3).to_vec();
        let (etl, reports) = (w.instance(private_a), w.instance(private_a));
        let shop = super::topology::VpcKey(vpc.0 - 1);
        let pcx = w.peer(shop, vpc);
        w.route(private, "10.0.0.0/16", Target::Peering(pcx));
        for table in 0..w.tables.len() {
            if w.tables[table].vpc == shop {
                w.route(super::topology::TableKey(table), "10.1.0.0/16", Target::Peering(pcx));
            }
        }
        let batch = w.interface_with(shop, [10, 0, 16, 13].into());
        w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);

        let flow = self.aws(etl, "S3", "us-east-1", 21);
        self.traffic(flow, (60.0, 410.0), 2, 40);
        let flow = self.at(reports, s3[0]);
        self.traffic(flow, (5.0, 75.0), 4, 30);
        let flow = self.internet(etl, 30);
        self.traffic(flow, (0.4, 6.0), 6, 10);
        if let Some(batch) = batch {
            let flow = Flow { peer_port: 5432, ..self.at(batch, etl) };
            self.traffic(flow, (1.0, 9.0), 6, 20);
        }
    }

    /// Egress inspected by a Gateway Load Balancer endpoint before it reaches the NAT gateway.
    fn inspected(&mut self) {
        let w = &mut self.world;
        let vpc = w.vpc(SHOP, "us-east-1", "10.2.0.0/16");
        let (public, inspect, private) = (w.route_table(vpc), w.route_table(vpc), w.route_table(vpc));
        w.internet_gateway(vpc, &[public]);
        let public_a = w.subnet(vpc, "10.2.0.0/24", "use1-az1", Some(public));
        let inspect_a = w.subnet(vpc, "10.2.1.0/24", "use1-az1", Some(inspect));
        let private_a = w.subnet(vpc, "10.2.2.0/24", "use1-az1", Some(private));
        let nat = w.nat_gateway(public_a);
        let service = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0";
        let gwlb = w.gwlb_endpoint(inspect_a, service);
        w.route(private, "0.0.0.0/0", Target::Endpoint(gwlb));
        w.route(inspect, "0.0.0.0/0", Target::Nat(nat));
        w.route(public, "10.2.2.0/24", Target::Endpoint(gwlb));
        let agent = w.instance(private_a);
        w.flow_log(fields::V11, &[Watch::Vpc(vpc)]);

        let flow = self.internet(agent, 61);
        self.traffic(flow, (2.0, 11.0), 4, 20);
        let flow = self.aws(agent, "S3", "us-east-1", 33);
        self.traffic(flow, (7.0, 3.0), 6, 20);
    }

    /// The central NAT gateway behind a transit gateway.
    fn hub(&mut self) -> TgwKey {
        let w = &mut self.world;
        let vpc = w.vpc(NETWORK, "us-east-1", "10.100.0.0/16");
        let (public, attached) = (w.route_table(vpc), w.route_table(vpc));
        w.internet_gateway(vpc, &[public]);
        let public_a = w.subnet(vpc, "10.100.0.0/24", "use1-az1", Some(public));
        let tgw_a = w.subnet(vpc, "10.100.1.0/28", "use1-az1", Some(attached));
        let tgw_b = w.subnet(vpc, "10.100.1.16/28", "use1-az2", Some(attached));
        w.subnets[tgw_a.0].next_host = 4;
        w.subnets[tgw_b.0].next_host = 4;
        let nat = w.nat_gateway(public_a);
        w.route(attached, "0.0.0.0/0", Target::Nat(nat));
        let tgw = w.transit_gateway(NETWORK, "us-east-1");
        let attachment = w.attach(tgw, vpc, &[tgw_a, tgw_b]);
        w.tgw_route(tgw, "0.0.0.0/0", attachment);
        w.route(public, "10.50.0.0/16", Target::TransitGateway(tgw));
        w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
        tgw
    }

    /// A spoke of another account; its own flow log has the default format.
    fn spoke(&mut self, tgw: TgwKey) {
        let w = &mut self.world;
        let vpc = w.vpc(ANALYTICS, "us-east-1", "10.50.0.0/16");
        let private = w.vpcs[vpc.0].main_table;
        let zones: Vec<SubnetKey> = [("10.50.0.0/24", "use1-az1"), ("10.50.1.0/24", "use1-az2")]
            .map(|(cidr, zone)| w.subnet(vpc, cidr, zone, None))
            .to_vec();
        w.attach(tgw, vpc, &zones);
        w.route(private, "0.0.0.0/0", Target::TransitGateway(tgw));
        let (one, two) = (w.instance(zones[0]), w.instance(zones[1]));
        w.flow_log(fields::V2, &[Watch::Vpc(vpc)]);

        let flow = self.aws(one, "S3", "us-east-1", 50);
        self.traffic(flow, (25.0, 95.0), 4, 40);
        let flow = self.aws(two, "S3", "us-east-1", 51);
        self.traffic(flow, (15.0, 60.0), 4, 40);
        let flow = self.internet(two, 90);
        self.traffic(flow, (0.5, 3.0), 6, 15);
    }

    /// Another Region, with a regional NAT gateway.
    fn europe(&mut self) {
        let w = &mut self.world;
        let vpc = w.vpc(SHOP, "eu-west-1", "10.200.0.0/16");
        w.internet_gateway(vpc, &[]);
        let table = w.vpcs[vpc.0].main_table;
        let private_a = w.subnet(vpc, "10.200.1.0/24", "euw1-az1", None);
        let private_b = w.subnet(vpc, "10.200.2.0/24", "euw1-az2", None);
        let nat = w.regional_nat_gateway(vpc, &["euw1-az1", "euw1-az2"]);
        w.route(table, "0.0.0.0/0", Target::Nat(nat));
        let (one, two) = (w.instance(private_a), w.instance(private_b));
        w.flow_log(fields::V9, &[Watch::Vpc(vpc)]);

        let flow = self.aws(one, "S3", "eu-west-1", 8);
        self.traffic(flow, (6.0, 70.0), 4, 30);
        let flow = Flow { nat_address: 1, ..self.aws(two, "S3", "eu-west-1", 9) };
        self.traffic(flow, (3.0, 28.0), 4, 30);
        let flow = Flow { nat_address: 1, ..self.aws(two, "EC2", "eu-west-1", 12) };
        self.traffic(flow, (1.0, 8.0), 6, 20);
    }
}
