//! Ways out of a VPC that are no NAT gateway, and NAT gateways that lead to no internet.

use offramp::world::{InterfaceKey, NatKey, OtherGateway, Peer, Target, Watch, World, fields, sample};

use super::shop::{ACCOUNT, HOUR, MIB};
use super::support::{assert_usd, report, report_with};

#[tokio::test]
async fn each_gateway_by_its_name_and_free_of_nat_charges() {
    // Version 5 with AWS's codes (1 for what has an interface in the VPC, 3 for a virtual private gateway, 6 for a Local Zone),
    // version 2 by the route table alone.
    let ways = [
        (
            "CoreNetworkArn",
            "arn:aws:networkmanager::111122223333:core-network/core-network-0a1b2c3d4e5f60718",
            "core_network",
            Some(1),
        ),
        ("LocalGatewayId", "lgw-0a1b2c3d4e5f60718", "local_gateway", Some(1)),
        ("CarrierGatewayId", "cagw-0a1b2c3d4e5f60718", "carrier_gateway", None),
        ("GatewayId", "vgw-0a1b2c3d4e5f60718", "virtual_private_gateway", Some(3)),
    ];
    for (key, id, path, traffic_path) in ways {
        for format in [fields::V5, fields::V2] {
            let mut w = World::new(sample::START, 3);
            let gateway = OtherGateway { key, id: id.to_owned(), path, traffic_path };
            let client = behind(&mut w, Target::Other(gateway));
            w.flow(client, Peer::Address([192, 168, 9, 9].into()), (3 * MIB, 5 * MIB), (HOUR, HOUR));
            let vpc = w.vpc_of(client);
            w.flow_log(format, &[Watch::Vpc(vpc)]);
            let report = report(&w).await;
            let seen: Vec<_> =
                report.traffic.iter().map(|row| (row.direction.as_str(), row.path.as_str(), row.bytes)).collect();
            let mut expected = vec![("inbound", path, 5 * MIB), ("outbound", path, 3 * MIB)];
            expected.sort_by_key(|row| std::cmp::Reverse(row.2));
            assert_eq!(seen, expected, "{format}");
            assert!(report.traffic.iter().all(|row| row.usd_month == Some(0.0)));
            assert!(report.opportunities.is_empty());
        }
    }
}

#[tokio::test]
async fn traffic_path_6_is_a_local_zone() {
    let mut w = World::new(sample::START, 3);
    let gateway = OtherGateway {
        key: "GatewayId",
        id: "igw-0a1b2c3d4e5f60718".to_owned(),
        path: "local_zone",
        traffic_path: Some(6),
    };
    let client = behind(&mut w, Target::Other(gateway));
    w.flow(client, Peer::Address([192, 168, 9, 9].into()), (3 * MIB, 5 * MIB), (HOUR, HOUR));
    let vpc = w.vpc_of(client);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let report = report(&w).await;
    assert_eq!(report.traffic.iter().map(|row| row.bytes).sum::<u64>(), 8 * MIB);
    assert!(
        report.traffic.iter().all(|row| row.path == "local_zone" && row.usd_month == Some(0.0)),
        "{:?}",
        report.traffic
    );
    // The table names an internet gateway: observed wins, and the difference is told.
    assert_eq!(report.coverage.path_conflict_bytes, 8 * MIB);
}

#[tokio::test]
async fn a_private_nat_gateway_is_counted_and_priced_without_public_addresses() {
    // Overlapping networks reach the office through a private NAT gateway: its GB and hours cost the same, it has no public IPv4.
    // Without a log of its own it is covered as long as its client's flow log delivers: six hours, whoever is watched.
    for watch in [Watch::Vpc as fn(offramp::world::VpcKey) -> Watch, Watch::Edges, Watch::Workloads] {
        let (mut w, nat, client) = private_nat();
        w.flow(client, Peer::Address([192, 168, 9, 9].into()), (300 * MIB, 212 * MIB), (HOUR, HOUR));
        let vpc = w.vpc_of(client);
        w.flow_log(fields::V5, &[watch(vpc)]);
        let report = report(&w).await;
        let sum =
            |direction: &str| report.traffic.iter().filter(|r| r.direction == direction).map(|r| r.bytes).sum::<u64>();
        assert_eq!((sum("outbound"), sum("inbound")), (300 * MIB, 212 * MIB), "{:?}", report.traffic);
        let id = w.nats[nat.0].id.as_str();
        let own = |row: &offramp::report::model::TrafficRow| {
            row.path == "nat_gateway" && row.service == "private" && row.nat_gateway_id.as_deref() == Some(id)
        };
        assert!(report.traffic.iter().all(own), "{:?}", report.traffic);
        let row = &report.nat_gateways[0];
        assert_eq!((row.processed_bytes, row.movable_bytes), (512 * MIB, 0));
        assert_usd(row.processing_usd, 0.5 * 730.0 / 6.0 * 0.045);
        assert_usd(row.hours_usd, 730.0 * 0.045);
        assert!(
            report.opportunities.iter().all(|found| found.saves.public_ipv4_usd.is_none()),
            "{:?}",
            report.opportunities
        );
    }
}

#[tokio::test]
async fn an_idle_private_nat_gateway_saves_its_hours_and_no_address() {
    let (mut w, _, client) = private_nat();
    let vpc = w.vpc_of(client);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let report = report_with(&w, &Default::default(), &[]).await.report;
    let found = super::support::of_kind(&report, "remove_nat_gateway");
    assert_eq!(found.len(), 1);
    assert_usd(found[0].net_usd_month, 730.0 * 0.045);
    assert_eq!(found[0].saves.public_ipv4_usd, None);
}

/// A client whose table leads 192.168.0.0/16 to `target`.
fn behind(w: &mut World, target: Target) -> InterfaceKey {
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let table = w.route_table(vpc);
    let subnet = w.subnet(vpc, "10.0.1.0/24", "use1-az1", Some(table));
    w.route(table, "192.168.0.0/16", target);
    w.instance(subnet)
}

/// A client that reaches the office through a private NAT gateway and a virtual private gateway; six hours.
fn private_nat() -> (World, NatKey, InterfaceKey) {
    let mut w = World::new(sample::START, 6);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    w.vpc_cidr(vpc, "100.64.0.0/24");
    let (front, back) = (w.route_table(vpc), w.route_table(vpc));
    let routable = w.subnet(vpc, "100.64.0.0/24", "use1-az1", Some(front));
    let private = w.subnet(vpc, "10.0.1.0/24", "use1-az1", Some(back));
    let nat = w.nat_gateway(routable);
    let interface = w.nats[nat.0].interface.unwrap();
    w.nats[nat.0].public_ips.clear();
    w.interfaces[interface.0].public_ip = None;
    w.route(front, "192.168.0.0/16", Target::VirtualPrivateGateway("vgw-0a1b2c3d4e5f60718".to_owned()));
    w.route(back, "192.168.0.0/16", Target::Nat(nat));
    let client = w.instance(private);
    (w, nat, client)
}
