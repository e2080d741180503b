//! Other protocols, IPv6, and logs of few fields.

use offramp::world::{Peer, Side, Target, Watch, World, fields, sample};

use super::nat::{plain, two_zones};
use super::shop::{ACCOUNT, HOUR, MIB, to_internet};
use super::support::{Bytes, Key, assert_same, report, report_with, traffic, truth};

#[tokio::test]
async fn udp_and_icmp_pass_the_nat_gateway_like_tcp() {
    for (format, kind) in [(fields::V5, Watch::Vpc as fn(offramp::world::VpcKey) -> Watch), (fields::V5, Watch::Edges)]
    {
        let mut w = World::new(sample::START, 4);
        let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
        let (_, one, two) = two_zones(&mut w, vpc);
        let clients = [w.instance(one), w.instance(two)];
        for (n, client) in clients.into_iter().enumerate() {
            for (protocol, ports) in [(17, (50_123, 443)), (17, (123, 123)), (1, (0, 0)), (50, (0, 0))] {
                let peer = Peer::Address([151, 101, protocol, 40 + n as u8].into());
                let flow = w.flow(client, peer, (3 * MIB, (4 + n as u64) * MIB), (HOUR, HOUR));
                flow.protocol = protocol;
                (flow.client_port, flow.peer_port) = ports;
            }
        }
        w.flow_log(format, &[kind(vpc)]);
        assert_same(&traffic(&report(&w).await), &truth(&w));
    }
}

#[tokio::test]
async fn a_client_that_talks_from_a_low_port() {
    // Both ports look like a server's; the flags of the first packets say who opened. Later records cannot, and 8443
    // against 443 makes the peer the server, which is right.
    let (mut w, vpc, _) = plain();
    for flow in &mut w.flows {
        flow.client_port = 8443;
    }
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    assert_same(&traffic(&report(&w).await), &truth(&w));
}

#[tokio::test]
async fn ipv6_leaves_by_the_egress_only_gateway() {
    let mut w = World::new(sample::START, 4);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, _) = two_zones(&mut w, vpc);
    let client = w.instance(one);
    let own = w.address("2600:1f18:aaaa:bb00::15");
    w.interfaces[client.0].secondary.push(own);
    w.vpcs[vpc.0].egress_only_gateway = Some("eigw-0123456789abcdef0".to_owned());
    let table = w.table_of(one);
    w.route(table, "::/0", Target::EgressOnlyGateway);
    // S3 of us-east-1 over IPv6, and the internet over IPv4 by NAT beside it.
    let s3 = w.address("2600:1fa0:8000::5");
    w.flow(client, Peer::Address(s3), (7 * MIB, 80 * MIB), (HOUR, HOUR)).client_address = own;
    to_internet(&mut w, client, 3, (1, 6), (HOUR, HOUR));
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let expected = truth(&w);
    let egress_only = expected.keys().filter(|key| key.path == "egress_only_internet_gateway" && key.service == "s3");
    assert_eq!(egress_only.count(), 2);
    let report = report(&w).await;
    assert_same(&traffic(&report), &expected);
    // IPv6 never pays NAT, so nothing of it can be saved.
    assert!(report.opportunities.iter().all(|found| found.service.as_deref() != Some("s3")));
}

#[tokio::test]
async fn nat64_is_the_exception() {
    // 64:ff9b::/96 holds the IPv4 address of the peer in its last 32 bits; the route leads to the NAT gateway.
    let mut w = World::new(sample::START, 4);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (nat, one, _) = two_zones(&mut w, vpc);
    let client = w.instance(one);
    let own = w.address("2600:1f18:aaaa:bb00::15");
    w.interfaces[client.0].secondary.push(own);
    let table = w.table_of(one);
    w.route(table, "64:ff9b::/96", Target::Nat(nat));
    let s3 = w.address("64:ff9b::3.5.1.2");
    w.flow(client, Peer::Address(s3), (7 * MIB, 80 * MIB), (HOUR, HOUR)).client_address = own;
    w.flow_log(fields::V5, &[Watch::Workloads(vpc)]);
    let mut expected = Bytes::new();
    for (key, bytes) in truth(&w) {
        let key = Key { service: "s3".to_owned(), peer_region: "us-east-1".to_owned(), ..key };
        *expected.entry(key).or_default() += bytes;
    }
    assert!(expected.keys().all(|key| key.path == "nat_gateway"));
    assert_same(&traffic(&report(&w).await), &expected);
}

#[tokio::test]
async fn without_an_interface_id_ranges_are_all_there_is() {
    // Who the client is shows from the private side, what the peer is from AWS's ranges; no path can be told.
    let (mut w, vpc, _) = plain();
    w.flow_log("start end srcaddr dstaddr srcport dstport packets bytes action", &[Watch::Workloads(vpc)]);
    let outcome = report_with(&w, &Default::default(), &[]).await;
    let mut expected = Bytes::new();
    for (key, bytes) in truth(&w) {
        let key = Key { vpc: "-".to_owned(), zone: "-".to_owned(), path: "unknown".to_owned(), ..key };
        *expected.entry(key).or_default() += bytes;
    }
    assert_same(&without_owner(&traffic(&outcome.report)), &expected);
    assert!(outcome.report.opportunities.iter().all(|found| found.decision == "skip"));
}

#[tokio::test]
async fn without_an_action_all_rows_count_and_the_report_says_so() {
    let (mut w, vpc, _) = plain();
    let format = fields::V5.replace(" action", "");
    w.flow_log(&format, &[Watch::Vpc(vpc)]);
    let report = report(&w).await;
    assert_same(&traffic(&report), &truth(&w));
    assert!(report.notices.iter().any(|notice| notice.contains("action")), "{:?}", report.notices);
}

#[tokio::test]
async fn requests_between_two_high_ports_are_told_by_their_flags() {
    // A public peer opens a connection to port 40000 of an instance in a public subnet: only SYN says who opened it.
    let mut w = World::new(sample::START, 2);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (nat, _, _) = two_zones(&mut w, vpc);
    let front = w.interfaces[w.nats[nat.0].interface.unwrap().0].subnet;
    let server = w.instance(front);
    let flow = w.flow(server, Peer::Address([151, 101, 9, 9].into()), (30 * MIB, 2 * MIB), (HOUR, 300));
    (flow.initiator, flow.client_port, flow.peer_port) = (Side::Peer, 40_000, 50_000);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    assert_same(&traffic(&report(&w).await), &truth(&w));
}

/// The owner may still be found by the address; here only the bytes are compared.
fn without_owner(bytes: &Bytes) -> Bytes {
    let mut sums = Bytes::new();
    for (key, bytes) in bytes {
        *sums.entry(Key { vpc: "-".to_owned(), zone: "-".to_owned(), ..key.clone() }).or_default() += bytes;
    }
    sums
}
