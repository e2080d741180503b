//! The base topology: every path, one or two flows on each, six hours.

use offramp::world::{EndpointKey, InterfaceKey, NatKey, Peer, Side, SubnetKey, Target, TgwKey, VpcKey, World, sample};

pub const MIB: u64 = 1 << 20;
pub const HOUR: i64 = 3600;
pub const ACCOUNT: &str = "111122223333";

/// The base world without flow logs.
pub struct Shop {
    pub w: World,
    pub main: VpcKey,
    pub inspected: VpcKey,
    pub hub: VpcKey,
    pub spoke: VpcKey,
    pub regional: VpcKey,
    pub nat: NatKey,
    pub spoke_client: InterfaceKey,
    /// Subnets of the private pair inside `main`, of the peered pair, and of the pair over the transit gateway.
    pub intra: (SubnetKey, SubnetKey),
    pub peered: (SubnetKey, SubnetKey),
    pub transit: (SubnetKey, SubnetKey),
}

/// Path, subnets, bytes from the first to the second and back.
pub type Pair<'a> = (&'static str, (&'a str, &'a str), (u64, u64));

/// Bytes of the private pairs, client to peer and back.
pub const INTRA: (u64, u64) = (31 * MIB, 17 * MIB);
pub const PEERED: (u64, u64) = (5 * MIB, 43 * MIB);
pub const TRANSIT: (u64, u64) = (9 * MIB, 21 * MIB);

impl Shop {
    pub fn new() -> Self {
        let mut w = World::new(sample::START, 6);
        let main = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
        let inspected = w.vpc(ACCOUNT, "us-east-1", "10.2.0.0/16");
        let hub = w.vpc("444455556666", "us-east-1", "10.100.0.0/16");
        let spoke = w.vpc("777788889999", "us-east-1", "10.50.0.0/16");
        let regional = w.vpc(ACCOUNT, "eu-west-1", "10.60.0.0/16");
        let (nat, one, two, table) = main_vpc(&mut w, main);
        inspected_vpc(&mut w, inspected);
        let (spoke_client, spoke_subnet, hub_subnet) = hub_and_spoke(&mut w, hub, spoke);
        regional_vpc(&mut w, regional);
        let peered = peering(&mut w, main, inspected, one, table);
        Self {
            w,
            main,
            inspected,
            hub,
            spoke,
            regional,
            nat,
            spoke_client,
            intra: (one, two),
            peered,
            transit: (spoke_subnet, hub_subnet),
        }
    }

    pub fn vpcs(&self) -> [VpcKey; 5] {
        [self.main, self.inspected, self.hub, self.spoke, self.regional]
    }

    pub fn subnet(&self, key: SubnetKey) -> &str {
        &self.w.subnets[key.0].id
    }

    /// The three private pairs, as (path, subnets, bytes).
    pub fn pairs(&self) -> [Pair<'_>; 3] {
        let ids = |(one, two): (SubnetKey, SubnetKey)| (self.subnet(one), self.subnet(two));
        [
            ("intra_vpc", ids(self.intra), INTRA),
            ("vpc_peering", ids(self.peered), PEERED),
            ("transit_gateway", ids(self.transit), TRANSIT),
        ]
    }
}

/// A flow to an AWS range.
pub fn to_aws(
    w: &mut World,
    client: InterfaceKey,
    code: &str,
    region: &str,
    n: usize,
    mib: (u64, u64),
    time: (i64, i64),
) {
    let address = w.aws_address(code, region, n);
    w.flow(client, Peer::Address(address), (mib.0 * MIB, mib.1 * MIB), time);
}

/// A flow to the internet.
pub fn to_internet(w: &mut World, client: InterfaceKey, n: u8, mib: (u64, u64), time: (i64, i64)) {
    w.flow(client, Peer::Address([151, 101, n, 69].into()), (mib.0 * MIB, mib.1 * MIB), time);
}

/// A flow to an interface of an endpoint.
pub fn to_endpoint(
    w: &mut World,
    client: InterfaceKey,
    endpoint: EndpointKey,
    n: usize,
    mib: (u64, u64),
    time: (i64, i64),
) {
    let interface = w.endpoint_interfaces(endpoint)[n];
    w.flow_between(client, interface, (mib.0 * MIB, mib.1 * MIB), time);
}

/// One NAT gateway for two zones, a DynamoDB endpoint in one table, SQS over an interface endpoint, a public subnet.
fn main_vpc(w: &mut World, vpc: VpcKey) -> (NatKey, SubnetKey, SubnetKey, offramp::world::TableKey) {
    let (public, table_one, table_two) = (w.route_table(vpc), w.route_table(vpc), w.route_table(vpc));
    w.internet_gateway(vpc, &[public]);
    let public_one = w.subnet(vpc, "10.0.0.0/24", "use1-az1", Some(public));
    let one = w.subnet(vpc, "10.0.1.0/24", "use1-az1", Some(table_one));
    let two = w.subnet(vpc, "10.0.2.0/24", "use1-az2", Some(table_two));
    let nat = w.nat_gateway(public_one);
    for table in [table_one, table_two] {
        w.route(table, "0.0.0.0/0", Target::Nat(nat));
        w.route(table, "192.168.0.0/16", Target::VirtualPrivateGateway("vgw-0a1b2c3d4e5f60718".to_owned()));
    }
    w.gateway_endpoint(vpc, "dynamodb", &[table_one], None);
    let sqs = w.interface_endpoint(vpc, "sqs", &[one, two]);
    w.interface_endpoint(vpc, "kms", &[one]);
    let (a, b, web) = (w.instance(one), w.instance(two), w.instance(public_one));

    to_aws(w, a, "S3", "us-east-1", 1, (3, 40), (600, 4 * HOUR));
    to_aws(w, b, "S3", "us-east-1", 2, (7, 90), (HOUR, 2 * HOUR));
    to_aws(w, a, "DYNAMODB", "us-east-1", 1, (11, 13), (HOUR, 900));
    to_aws(w, b, "DYNAMODB", "us-east-1", 1, (19, 23), (2 * HOUR, 1800));
    to_aws(w, a, "AMAZON", "us-east-1", 3, (2, 1), (300, 5 * HOUR));
    to_aws(w, a, "EC2", "us-east-1", 4, (1, 6), (HOUR, HOUR));
    to_aws(w, b, "CLOUDFRONT", "GLOBAL", 5, (1, 50), (HOUR, HOUR));
    to_aws(w, b, "S3", "eu-west-1", 6, (30, 2), (3 * HOUR, HOUR));
    to_aws(w, b, "AMAZON", "eu-west-1", 7, (4, 3), (3 * HOUR, HOUR));
    to_internet(w, a, 1, (1, 9), (HOUR, 3 * HOUR));
    to_endpoint(w, a, sqs, 0, (8, 5), (HOUR, 2 * HOUR));
    to_endpoint(w, b, sqs, 1, (6, 4), (HOUR, 2 * HOUR));
    // A client of one zone at the endpoint's interface in the other: PrivateLink has no inter-AZ charge.
    to_endpoint(w, a, sqs, 1, (2, 2), (4 * HOUR, 600));
    to_aws(w, web, "S3", "us-east-1", 8, (5, 15), (HOUR, HOUR));
    to_internet(w, web, 2, (1, 2), (HOUR, 600));
    let request = w.flow(web, Peer::Address([151, 101, 3, 1].into()), (70 * MIB, 2 * MIB), (HOUR, 2 * HOUR));
    (request.initiator, request.client_port, request.peer_port) = (Side::Peer, 443, 51_514);
    w.flow(a, Peer::Address([192, 168, 7, 7].into()), (3 * MIB, 4 * MIB), (2 * HOUR, 600));
    w.flow_between(a, b, INTRA, (HOUR, 3 * HOUR)).peer_port = 5432;
    (nat, one, two, table_one)
}

/// Egress through a Gateway Load Balancer endpoint.
fn inspected_vpc(w: &mut World, vpc: VpcKey) {
    let (public, inspect, private) = (w.route_table(vpc), w.route_table(vpc), w.route_table(vpc));
    w.internet_gateway(vpc, &[public]);
    let public_one = w.subnet(vpc, "10.2.0.0/24", "use1-az1", Some(public));
    let inspect_one = w.subnet(vpc, "10.2.1.0/24", "use1-az1", Some(inspect));
    let private_one = w.subnet(vpc, "10.2.2.0/24", "use1-az1", Some(private));
    let nat = w.nat_gateway(public_one);
    let gwlb = w.gwlb_endpoint(inspect_one, "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0");
    w.route(private, "0.0.0.0/0", Target::Endpoint(gwlb));
    w.route(inspect, "0.0.0.0/0", Target::Nat(nat));
    w.route(public, "10.2.2.0/24", Target::Endpoint(gwlb));
    let agent = w.instance(private_one);
    to_internet(w, agent, 20, (2, 12), (HOUR, 2 * HOUR));
    to_aws(w, agent, "S3", "us-east-1", 9, (14, 3), (HOUR, 2 * HOUR));
}

/// A spoke of one account behind the NAT gateway and the endpoint of another.
fn hub_and_spoke(w: &mut World, hub: VpcKey, spoke: VpcKey) -> (InterfaceKey, SubnetKey, SubnetKey) {
    let (public, attached) = (w.route_table(hub), w.route_table(hub));
    w.internet_gateway(hub, &[public]);
    let public_one = w.subnet(hub, "10.100.0.0/24", "use1-az1", Some(public));
    let tgw_one = w.subnet(hub, "10.100.1.0/28", "use1-az1", Some(attached));
    let tgw_two = w.subnet(hub, "10.100.1.16/28", "use1-az2", Some(attached));
    let shared = w.subnet(hub, "10.100.2.0/24", "use1-az1", Some(attached));
    for subnet in [tgw_one, tgw_two] {
        w.subnets[subnet.0].next_host_at(4);
    }
    let nat = w.nat_gateway(public_one);
    w.route(attached, "0.0.0.0/0", Target::Nat(nat));
    let tgw: TgwKey = w.transit_gateway("444455556666", "us-east-1");
    let attachment = w.attach(tgw, hub, &[tgw_one, tgw_two]);
    w.tgw_route(tgw, "0.0.0.0/0", attachment);
    for table in [public, attached] {
        w.route(table, "10.50.0.0/16", Target::TransitGateway(tgw));
    }
    let kms = w.interface_endpoint(hub, "kms", &[shared]);
    let one = w.subnet(spoke, "10.50.0.0/24", "use1-az1", None);
    let two = w.subnet(spoke, "10.50.1.0/24", "use1-az2", None);
    w.attach(tgw, spoke, &[one, two]);
    let main = w.vpcs[spoke.0].main_table;
    w.route(main, "0.0.0.0/0", Target::TransitGateway(tgw));
    let (client, other) = (w.instance(two), w.instance(one));
    let server = w.instance(shared);
    to_aws(w, client, "S3", "us-east-1", 10, (6, 60), (HOUR, 3 * HOUR));
    to_internet(w, client, 30, (2, 8), (HOUR, HOUR));
    to_aws(w, other, "AMAZON", "us-east-1", 31, (5, 4), (2 * HOUR, HOUR));
    to_endpoint(w, client, kms, 0, (3, 3), (HOUR, HOUR));
    w.flow_between(client, server, TRANSIT, (HOUR, HOUR)).peer_port = 8443;
    (client, two, shared)
}

/// A regional NAT gateway, in a Region where its GB has a price.
fn regional_vpc(w: &mut World, vpc: VpcKey) {
    w.internet_gateway(vpc, &[]);
    let one = w.subnet(vpc, "10.60.1.0/24", "euw1-az1", None);
    let two = w.subnet(vpc, "10.60.2.0/24", "euw1-az2", None);
    let nat = w.regional_nat_gateway(vpc, &["euw1-az1", "euw1-az2"]);
    let main = w.vpcs[vpc.0].main_table;
    w.route(main, "0.0.0.0/0", Target::Nat(nat));
    let (a, b) = (w.instance(one), w.instance(two));
    to_aws(w, a, "S3", "eu-west-1", 11, (2, 33), (HOUR, 2 * HOUR));
    to_internet(w, b, 40, (1, 7), (HOUR, HOUR));
}

fn peering(
    w: &mut World,
    main: VpcKey,
    other: VpcKey,
    from: SubnetKey,
    table: offramp::world::TableKey,
) -> (SubnetKey, SubnetKey) {
    let pcx = w.peer(main, other);
    let back = w.route_table(other);
    w.route(table, "10.2.0.0/16", Target::Peering(pcx));
    w.route(back, "10.0.0.0/16", Target::Peering(pcx));
    let subnet = w.subnet(other, "10.2.8.0/24", "use1-az1", Some(back));
    let (client, server) = (w.instance(from), w.instance(subnet));
    w.flow_between(client, server, PEERED, (HOUR, HOUR)).peer_port = 5432;
    (from, subnet)
}
