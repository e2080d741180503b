//! NAT gateways: what is logged where, several addresses, logs that begin in mid-hour.

use offramp::world::{InterfaceKey, NatKey, SubnetKey, Target, VpcKey, Watch, World, fields, sample};

use super::shop::{ACCOUNT, HOUR, to_aws, to_internet};
use super::support::{assert_same, report, traffic, truth};

#[tokio::test]
async fn workload_logs_in_version_2_beside_nat_logs_in_version_5() {
    let (mut w, vpc, _) = plain();
    w.flow_log(fields::V2, &[Watch::Workloads(vpc)]);
    w.flow_log(fields::V5, &[Watch::Edges(vpc)]);
    let report = report(&w).await;
    assert_same(&traffic(&report), &truth(&w));
    assert_eq!(report.coverage.nat_unmatched_bytes, 0);
}

#[tokio::test]
async fn workload_logs_in_version_5_beside_nat_logs_in_version_2() {
    // Without packet fields the NAT gateway's rows cover nothing; its clients' own rows stand.
    let (mut w, vpc, _) = plain();
    w.flow_log(fields::V5, &[Watch::Workloads(vpc)]);
    w.flow_log(fields::V2, &[Watch::Edges(vpc)]);
    assert_same(&traffic(&report(&w).await), &truth(&w));
}

#[tokio::test]
async fn only_the_nat_gateway_in_version_2() {
    // The internet leg tells peers and bytes, the client leg that clients exist whose rows are nowhere. Each byte once,
    // owned by the one VPC of the clients, the zone and interface unknown.
    let (mut w, _, nat) = plain();
    let interface = w.nats[nat.0].interface.unwrap();
    w.flow_log(fields::V2, &[Watch::Interface(interface)]);
    let report = report(&w).await;
    let mut expected = super::support::Bytes::new();
    for (key, bytes) in truth(&w) {
        *expected.entry(super::support::Key { zone: "-".to_owned(), ..key }).or_default() += bytes;
    }
    assert_same(&traffic(&report), &expected);
    assert!(report.traffic.iter().all(|row| row.interface_id.is_none()));
    assert!(report.opportunities.iter().all(|opportunity| opportunity.decision != "adopt"), "at most `consider`");
}

#[tokio::test]
async fn a_nat_gateway_with_two_private_addresses() {
    // Rows of the second address's internet leg must not pass for a client's.
    for (format, watch) in [
        (fields::V5, Watch::Vpc as fn(VpcKey) -> Watch),
        (fields::V5, Watch::Edges),
        (fields::V3, Watch::Vpc),
        (fields::V11, Watch::Vpc),
    ] {
        let (mut w, vpc, nat) = plain();
        w.nat_second_address(nat);
        for flow in w.flows.iter_mut().skip(1).step_by(2) {
            flow.nat_address = 1;
        }
        w.flow_log(format, &[watch(vpc)]);
        let report = report(&w).await;
        assert_same(&traffic(&report), &truth(&w));
        assert!(report.nat_gateways[0].leg_ratio.is_some_and(|ratio| (ratio - 1.0).abs() < 1e-9));
    }
}

#[tokio::test]
async fn a_nat_log_that_begins_in_mid_hour() {
    // Before 2:30 the workload rows stand in, after 3:00 the NAT gateway's rows count; in the hour between, the larger
    // of the two per exchange, which are the workload's.
    let (mut w, vpc, _) = plain();
    w.flow_log(fields::V5, &[Watch::Workloads(vpc)]);
    let from = w.start + 2 * HOUR + 1800;
    w.flow_log(fields::V5, &[Watch::Edges(vpc)]).from = from;
    assert_same(&traffic(&report(&w).await), &truth(&w));
}

#[tokio::test]
async fn a_nat_log_that_ends_in_mid_hour() {
    let (mut w, vpc, _) = plain();
    w.flow_log(fields::V5, &[Watch::Workloads(vpc)]);
    let until = w.start + 2 * HOUR + 1800;
    w.flow_log(fields::V5, &[Watch::Edges(vpc)]).until = until;
    assert_same(&traffic(&report(&w).await), &truth(&w));
}

#[tokio::test]
async fn a_workload_log_that_begins_in_mid_hour() {
    // The NAT gateway saw everything, so nothing is missing.
    let (mut w, vpc, _) = plain();
    let from = w.start + 2 * HOUR + 1800;
    w.flow_log(fields::V5, &[Watch::Workloads(vpc)]).from = from;
    w.flow_log(fields::V5, &[Watch::Edges(vpc)]);
    assert_same(&traffic(&report(&w).await), &truth(&w));
}

#[tokio::test]
async fn one_client_logged_and_one_not() {
    // Coverage is the NAT interface's, so the client without a log is counted at the NAT gateway like the other.
    let (mut w, vpc, _) = plain();
    let logged = w.flows[0].client;
    w.flow_log(fields::V5, &[Watch::Edges(vpc), Watch::Interface(logged)]);
    assert_same(&traffic(&report(&w).await), &truth(&w));
}

#[tokio::test]
async fn calls_to_one_peer_through_two_nat_gateways() {
    // The same client and peer, first through one gateway, then (its table changed) through the other: dedupe goes by
    // exchange, not by gateway.
    let (mut w, vpc, nat) = plain();
    let second = w.nat_gateway(w.interfaces[w.nats[nat.0].interface.unwrap().0].subnet);
    let client = w.flows[0].client;
    let table = w.table_of(w.interfaces[client.0].subnet);
    let switched = w.start + 3 * HOUR;
    w.route_since(table, "0.0.0.0/1", Target::Nat(second), Some(switched));
    to_aws(&mut w, client, "S3", "us-east-1", 0, (4, 32), (3 * HOUR, HOUR));
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    assert_same(&traffic(&report(&w).await), &truth(&w));
}

/// A NAT gateway in the first of two zones that serves both.
pub fn two_zones(w: &mut World, vpc: VpcKey) -> (NatKey, SubnetKey, SubnetKey) {
    let (public, private) = (w.route_table(vpc), w.route_table(vpc));
    w.internet_gateway(vpc, &[public]);
    let base = w.vpcs[vpc.0].cidrs[0].network().to_string();
    let base = base.trim_end_matches(".0.0").to_owned();
    let front = w.subnet(vpc, &format!("{base}.0.0/24"), "use1-az1", Some(public));
    let one = w.subnet(vpc, &format!("{base}.1.0/24"), "use1-az1", Some(private));
    let two = w.subnet(vpc, &format!("{base}.2.0/24"), "use1-az2", Some(private));
    let nat = w.nat_gateway(front);
    w.route(private, "0.0.0.0/0", Target::Nat(nat));
    (nat, one, two)
}

/// S3, other AWS ranges and the internet from both zones, four hours, flows across every hour edge.
pub fn plain() -> (World, VpcKey, NatKey) {
    let mut w = World::new(sample::START, 5);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (nat, one, two) = two_zones(&mut w, vpc);
    let (a, b): (InterfaceKey, InterfaceKey) = (w.instance(one), w.instance(two));
    for (i, client) in [a, b].into_iter().enumerate() {
        let more = i as u64;
        to_aws(&mut w, client, "S3", "us-east-1", i, (3 + more, 80 + more), (600, 4 * HOUR - 600));
        to_aws(&mut w, client, "AMAZON", "us-east-1", i, (6 + more, 5), (HOUR / 2, 3 * HOUR));
        to_internet(&mut w, client, i as u8, (1, 9 + more), (2 * HOUR - 900, 1800));
    }
    (w, vpc, nat)
}
