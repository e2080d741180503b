//! Both ends of a private pair logged: every byte once.

use offramp::world::{Side, Watch, World, fields, sample};

use super::shop::{ACCOUNT, HOUR, MIB};
use super::support::{pair, report};

#[tokio::test]
async fn a_pair_across_zones_counts_once() {
    for format in [fields::V2, fields::V3, fields::V5, fields::V11] {
        let (mut w, vpc, [one, two]) = two_subnets();
        let (a, b, c) = (w.instance(one), w.instance(two), w.instance(two));
        w.flow_between(a, b, (100 * MIB, 40 * MIB), (HOUR, HOUR)).peer_port = 5432;
        w.flow_between(c, a, (7 * MIB, 9 * MIB), (HOUR, 2 * HOUR)).peer_port = 8080;
        w.flow_log(format, &[Watch::Vpc(vpc)]);
        let report = report(&w).await;
        let [one, two] = [one, two].map(|key| w.subnets[key.0].id.clone());
        // From the first subnet: what a sent to b and answered to c.
        assert_eq!(pair(&report, "intra_vpc", &one, &two), ((100 + 9) * MIB, (40 + 7) * MIB), "{format}");
    }
}

#[tokio::test]
async fn one_end_logged_is_enough() {
    for end in [0, 1] {
        let (mut w, _, [one, two]) = two_subnets();
        let ends = [w.instance(one), w.instance(two)];
        w.flow_between(ends[0], ends[1], (100 * MIB, 40 * MIB), (HOUR, HOUR)).peer_port = 5432;
        w.flow_log(fields::V5, &[Watch::Interface(ends[end])]);
        let report = report(&w).await;
        let [one, two] = [one, two].map(|key| w.subnets[key.0].id.clone());
        assert_eq!(pair(&report, "intra_vpc", &one, &two), (100 * MIB, 40 * MIB));
    }
}

#[tokio::test]
async fn where_one_end_lost_records_the_other_stands() {
    let (mut w, vpc, [one, two]) = two_subnets();
    let (a, b) = (w.instance(one), w.instance(two));
    w.flow_between(a, b, (100 * MIB, 40 * MIB), (HOUR, 2 * HOUR)).peer_port = 5432;
    let lost = (a, w.start + HOUR, w.start + 2 * HOUR);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]).skips.push(lost);
    let report = report(&w).await;
    let [one, two] = [one, two].map(|key| w.subnets[key.0].id.clone());
    assert_eq!(pair(&report, "intra_vpc", &one, &two), (100 * MIB, 40 * MIB));
    assert_eq!(report.coverage.skipdata, 6);
}

#[tokio::test]
async fn a_pair_inside_one_subnet() {
    let (mut w, vpc, [one, _]) = two_subnets();
    let (a, b) = (w.instance(one), w.instance(one));
    let flow = w.flow_between(a, b, (100 * MIB, 40 * MIB), (HOUR, HOUR));
    (flow.peer_port, flow.initiator) = (8080, Side::Client);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let report = report(&w).await;
    // Either end may stand for it: a's egress is outbound, b's ingress inbound, and both lie in the same subnet.
    let total: u64 = report.traffic.iter().map(|row| row.bytes).sum();
    assert_eq!(total, 140 * MIB);
    assert!(report.traffic.iter().all(|row| row.path == "intra_vpc" && row.service == "private"));
}

fn two_subnets() -> (World, offramp::world::VpcKey, [offramp::world::SubnetKey; 2]) {
    let mut w = World::new(sample::START, 4);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let subnets =
        [("10.0.1.0/24", "use1-az1"), ("10.0.2.0/24", "use1-az2")].map(|(cidr, zone)| w.subnet(vpc, cidr, zone, None));
    (w, vpc, subnets)
}
