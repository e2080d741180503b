//! Peers under one key have one service and one route, whatever networks the inventory lays over each other.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use fastrand::Rng;
use ipnet::{IpNet, Ipv4Net};
use offramp::address::book::net_of_key;
use offramp::address::ranges::AwsRange;
use offramp::address::{AddressBook, AwsRanges};
use offramp::inventory::Inventory;
use offramp::inventory::model::{Destination, NatAddress, NatGateway, PrefixList, Route, RouteTable, VpcEndpoint};
use offramp::topology::Topology;

/// Few bits, so that networks lie in each other and at the same place.
fn network(rng: &mut Rng) -> IpNet {
    let address = Ipv4Addr::from(0x3400_0000 | rng.u32(0..64) << 18);
    IpNet::V4(Ipv4Net::new(address, rng.u8(8..=14)).unwrap().trunc())
}

fn ranges(rng: &mut Rng) -> AwsRanges {
    let services: [&[&str]; 5] =
        [&["AMAZON"], &["AMAZON", "EC2"], &["AMAZON", "S3"], &["AMAZON", "DYNAMODB"], &["AMAZON", "CLOUDFRONT"]];
    let mut ranges = BTreeMap::new();
    for _ in 0..rng.usize(1..12) {
        let services = services[rng.usize(..services.len())].iter().map(ToString::to_string).collect();
        let region = ["us-east-1", "eu-west-1", "GLOBAL"][rng.usize(..3)].to_owned();
        let net = network(rng);
        ranges.insert(net, AwsRange { net, region, services });
    }
    AwsRanges { ranges: ranges.into_values().collect(), as_of: String::new() }
}

fn endpoint(endpoint_id: &str, service: &str) -> VpcEndpoint {
    VpcEndpoint {
        endpoint_id: endpoint_id.to_owned(),
        endpoint_type: "gateway".to_owned(),
        vpc_id: Some("vpc-a".to_owned()),
        service_name: format!("com.amazonaws.us-east-1.{service}"),
        account_id: None,
        region: None,
        state: "available".to_owned(),
        private_dns_enabled: false,
        requester_managed: false,
        route_table_ids: Vec::new(),
        subnet_ids: Vec::new(),
        az_count: 0,
        interface_ids: Vec::new(),
        dns_names: Vec::new(),
        network_firewall: false,
        service_region: None,
        free_of_charge: false,
        created: None,
    }
}

/// Lists of which some are AWS's and some have no entries; tables whose routes lead to networks and lists in any order.
fn inventory(rng: &mut Rng) -> Inventory {
    let lists = [
        ("pl-s3", Some("com.amazonaws.us-east-1.s3")),
        ("pl-ddb", Some("com.amazonaws.us-east-1.dynamodb")),
        ("pl-own", None),
    ];
    let lists = lists.map(|(id, name)| PrefixList {
        prefix_list_id: id.to_owned(),
        name: name.map(str::to_owned),
        entries: (0..rng.usize(0..5)).map(|_| network(rng)).collect(),
    });
    let targets = [("pl-s3", "vpce-s3"), ("pl-ddb", "vpce-ddb"), ("pl-own", "nat-own")];
    let tables = (0..4).map(|at| {
        let mut routes = Vec::new();
        for _ in 0..rng.usize(0..6) {
            let target = ["igw-1", "nat-1", "nat-2", "vgw-1"][rng.usize(..4)];
            routes.push(route(Destination::Cidr(network(rng)), target));
        }
        for (list, target) in targets.iter().filter(|_| rng.bool()) {
            routes.push(route(Destination::PrefixList((*list).to_owned()), target));
        }
        table(&format!("rtb-{at}"), routes)
    });
    Inventory {
        route_tables: tables.collect(),
        prefix_lists: lists.into(),
        vpc_endpoints: vec![endpoint("vpce-s3", "s3"), endpoint("vpce-ddb", "dynamodb")],
        ..Inventory::default()
    }
}

fn table(route_table_id: &str, routes: Vec<Route>) -> RouteTable {
    RouteTable {
        route_table_id: route_table_id.to_owned(),
        vpc_id: "vpc-a".to_owned(),
        account_id: None,
        region: None,
        main: false,
        subnet_ids: Vec::new(),
        gateway_ids: Vec::new(),
        routes,
    }
}

fn route(destination: Destination, target: &str) -> Route {
    Route { destination, target: target.to_owned(), blackhole: false, propagated: false }
}

#[test]
fn have_one_service_and_one_route() {
    let mut rng = Rng::with_seed(11);
    let mut shared = 0;
    for _ in 0..400 {
        let ranges = ranges(&mut rng);
        let inventory = Arc::new(inventory(&mut rng));
        let book = Arc::new(AddressBook::new(&ranges, &inventory).with_alike_together(&inventory, None));
        let topology = Topology::new(Arc::clone(&inventory), Arc::clone(&book));
        let mut keys = BTreeSet::new();
        for _ in 0..300 {
            let address = IpAddr::V4(Ipv4Addr::from(0x3400_0000 | rng.u32(0..1 << 24)));
            let (network, stands) = (book.longest(address), book.of_key(&book.longest(address).key).unwrap());
            let facts = |n: &offramp::address::Network| {
                (
                    n.private,
                    n.code.clone(),
                    n.region.clone(),
                    n.prefix_list.clone(),
                    n.gateway_range.clone(),
                    n.key.clone(),
                )
            };
            assert_eq!(facts(network), facts(stands), "{address}");
            for table in &inventory.route_tables {
                let walk = |net: IpNet| topology.walk_from_table(&table.route_table_id, net, 0);
                let (own, of_key) = (walk(address.into()), walk(net_of_key(&network.key).unwrap()));
                assert_eq!(
                    own, of_key,
                    "{address} as {} in {:?} {:?}",
                    network.key, table.routes, inventory.prefix_lists
                );
            }
            assert!(book.networks_of(&network.key).any(|net| net == network.net), "{address}");
            keys.insert(network.key.clone());
        }
        shared += keys.iter().filter(|key| key.contains('+')).count();
    }
    assert!(shared > 150, "{shared}");
}

/// What flows keep together is told in the report as if they kept it apart.
#[cfg(feature = "world")]
#[tokio::test]
async fn give_the_report_that_their_networks_give() {
    use offramp::observe::progress::Silent;
    use offramp::pipeline::{Job, run};
    use offramp::world::writer::{Layout, write_logs};
    use offramp::world::{Peer, Watch, World, fields, inventory_json, sample};
    let mut w = World::new(sample::START, 4);
    let vpc = w.vpc("111122223333", "us-east-1", "10.0.0.0/16");
    let (public, private) = (w.route_table(vpc), w.route_table(vpc));
    w.internet_gateway(vpc, &[public]);
    let outside = w.subnet(vpc, "10.0.0.0/24", "use1-az1", Some(public));
    let inside = w.subnet(vpc, "10.0.1.0/24", "use1-az2", Some(private));
    let nat = w.nat_gateway(outside);
    w.route(private, "0.0.0.0/0", offramp::world::Target::Nat(nat));
    w.gateway_endpoint(vpc, "dynamodb", &[private], None);
    let clients = [w.instance(inside), w.instance(inside)];
    let ranges = [
        ("S3", "us-east-1"),
        ("DYNAMODB", "us-east-1"),
        ("EC2", "us-east-1"),
        ("AMAZON", "us-east-1"),
        ("S3", "eu-west-1"),
    ];
    for n in 0..60 {
        let (code, region) = ranges[n % ranges.len()];
        let peer = Peer::Address(w.aws_address(code, region, n));
        w.flow(clients[n % 2], peer, (1000 + 7 * n as u64, 90_000 + 13 * n as u64), (3600 * (n as i64 % 3), 3600));
    }
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let directory = tempfile::tempdir().unwrap();
    write_logs(&w, &directory.path().join("logs"), &Layout::default()).unwrap();
    inventory_json::write_inventory(&w, &directory.path().join("inventory")).unwrap();
    let mut reports = Vec::new();
    let mut flows = Vec::new();
    for told_apart in [None, Some("0.0.0.0/0".parse().unwrap())] {
        let job = Job {
            sources: vec![directory.path().join("logs").to_str().unwrap().parse().unwrap()],
            inventory: Some(directory.path().join("inventory")),
            told_apart,
            ..Job::default()
        };
        let session = offramp::pipeline::open(&job, Arc::new(Silent)).await.unwrap();
        session.classify(offramp::pipeline::Keep::All).await.unwrap();
        let count = session.context().sql("SELECT flow_id FROM flows").await.unwrap().count().await.unwrap();
        flows.push(count);
        let mut report =
            serde_json::to_value(run(&job, Arc::new(Silent)).await.unwrap().report().await.unwrap()).unwrap();
        report["generated_at"].take();
        reports.push(report);
    }
    assert!(3 * flows[0] < flows[1], "{flows:?}");
    assert_eq!(reports[0], reports[1]);
    assert!(reports[0]["coverage"]["unresolved"].as_array().is_some_and(|ranges| ranges.len() == 2));
}

/// Whether two addresses have one key.
fn together(inventory: &Inventory, one: &str, other: &str) -> bool {
    let book = AddressBook::new(&AwsRanges::embedded().unwrap(), inventory).with_alike_together(inventory, None);
    let key = |address: &str| book.longest(address.parse().unwrap()).key.clone();
    key(one) == key(other)
}

#[test]
fn stand_together_only_where_the_inventory_decides_their_route() {
    let (ec2, s3) = (("3.3.16.1", "44.199.180.1"), ("3.5.0.1", "52.216.1.1"));
    let mut inventory = Inventory::default();
    assert!(!together(&inventory, ec2.0, ec2.1), "without route tables the logs may show any path");
    inventory.route_tables.push(table("rtb-1", vec![route(Destination::Cidr("0.0.0.0/0".parse().unwrap()), "nat-1")]));
    assert!(together(&inventory, ec2.0, ec2.1));
    assert!(!together(&inventory, s3.0, s3.1), "a prefix list that is not known may hold one and not the other");
    let entries = ["3.5.0.0/19", "52.216.0.0/15"].map(|net| net.parse().unwrap());
    inventory.prefix_lists.push(PrefixList {
        prefix_list_id: "pl-s3".to_owned(),
        name: Some("com.amazonaws.us-east-1.s3".to_owned()),
        entries: entries.to_vec(),
    });
    assert!(together(&inventory, s3.0, s3.1));
    inventory.prefix_lists[0].entries.pop();
    assert!(!together(&inventory, s3.0, s3.1), "one is in the list, the other is not");
    // A route of its own.
    inventory
        .route_tables
        .push(table("rtb-1", vec![route(Destination::Cidr("44.199.0.0/16".parse().unwrap()), "vgw-1")]));
    assert!(!together(&inventory, ec2.0, ec2.1));
}

/// An allow-list of single public addresses, of which one is the NAT gateway's own.
#[test]
fn never_stand_under_an_own_address() {
    let mut inventory = Inventory::default();
    inventory.route_tables.push(table("rtb-1", Vec::new()));
    let addresses = ["3.3.16.1", "3.3.16.3", "3.3.16.5"];
    inventory.prefix_lists.push(PrefixList {
        prefix_list_id: "pl-own".to_owned(),
        name: None,
        entries: addresses.iter().map(|address| IpNet::from(address.parse::<IpAddr>().unwrap())).collect(),
    });
    assert!(together(&inventory, addresses[0], addresses[1]));
    inventory.nat_gateways.push(NatGateway {
        nat_gateway_id: "nat-1".to_owned(),
        vpc_id: None,
        subnet_id: None,
        account_id: None,
        region: None,
        az_id: None,
        state: "available".to_owned(),
        public: true,
        regional: false,
        addresses: vec![NatAddress {
            private_ip: None,
            public_ip: Some(addresses[0].parse().unwrap()),
            interface_id: None,
            az_id: None,
        }],
        route_table_id: None,
        proxy: false,
        created: None,
        deleted: None,
    });
    assert!(!together(&inventory, addresses[0], addresses[1]));
    assert!(together(&inventory, addresses[1], addresses[2]));
}
