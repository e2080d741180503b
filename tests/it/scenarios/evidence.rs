//! Every coverage figure against what the world's flow logs did deliver.

use std::collections::BTreeMap;

use offramp::address::{AddressBook, AwsRanges};
use offramp::inventory::Inventory;
use offramp::report::model::{Gap, Report};
use offramp::world::{Peer, VpcKey, Watch, World, fields, sample};

use super::nat::{plain, two_zones};
use super::shop::{ACCOUNT, HOUR, MIB, to_aws, to_endpoint, to_internet};
use super::support::{report, report_with, truth};

#[tokio::test]
async fn an_hour_cut_out_of_a_log_is_a_gap_of_the_log_and_of_its_nat_gateway() {
    let (mut w, vpc, nat) = plain();
    cut(&mut w, vpc, 2 * HOUR, 3 * HOUR);
    let report = report(&w).await;
    let vpc_id = w.vpcs[vpc.0].id.clone();
    let gap = |kind: &str, id: &str| Gap {
        kind: kind.to_owned(),
        id: id.to_owned(),
        interface_id: None,
        account_id: Some(ACCOUNT.to_owned()),
        region: Some("us-east-1".to_owned()),
        vpc_id: Some(vpc_id.clone()),
        start: "2026-10-05T02:00:00Z".to_owned(),
        end: "2026-10-05T03:00:00Z".to_owned(),
        hours: 1.0,
    };
    let (log, nat) = (&w.flow_logs[0].id, &w.nats[nat.0].id);
    assert_eq!(report.coverage.gaps, [gap("flow_log", log), gap("nat_gateway", nat)]);

    let gateway = &report.coverage.gateways[0];
    assert_eq!((gateway.kind.as_str(), &gateway.id), ("nat_gateway", nat));
    assert_eq!((gateway.covered_hours, gateway.full_hours, gateway.partial_hours), (4.0, 4, 0));
    assert_eq!((gateway.window_share, gateway.has_packet_fields), (Some(0.8), Some(true)));
    let scope = &report.coverage.scopes[0];
    assert_eq!((scope.covered_hours, scope.window_share), (4.0, Some(0.8)));
    // Every figure in dollars says so.
    assert!(report.traffic.iter().all(|row| row.window_share == Some(0.8)), "{:?}", report.traffic);
    assert_eq!(report.nat_gateways[0].window_share, Some(0.8));
    assert_eq!(report.totals.nat_window_share, Some(0.8));
    let found = &report.opportunities[0];
    assert_eq!((found.decision.as_str(), found.covered_hours, found.window_share), ("adopt", 4.0, Some(0.8)));
    assert_eq!(report.totals.adopt_window_share, Some(0.8));
}

#[tokio::test]
async fn a_gap_in_mid_hour_leaves_two_partial_hours() {
    let (mut w, vpc, _) = plain();
    cut(&mut w, vpc, 2 * HOUR + 1800, 3 * HOUR + 600);
    let report = report(&w).await;
    let gateway = &report.coverage.gateways[0];
    assert_eq!((gateway.full_hours, gateway.partial_hours), (3, 2));
    assert!((gateway.covered_hours - (5.0 - 4.0 / 6.0)).abs() < 1e-9, "{}", gateway.covered_hours);
    let gap = report.coverage.gaps.iter().find(|gap| gap.kind == "nat_gateway").unwrap();
    assert_eq!((gap.start.as_str(), gap.end.as_str()), ("2026-10-05T02:30:00Z", "2026-10-05T03:10:00Z"));
}

#[tokio::test]
async fn the_asked_window_begins_and_ends_with_gaps() {
    let (mut w, vpc, _) = plain();
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let asked = ["--since", "2026-10-04T22:00:00Z", "--until", "2026-10-05T06:00:00Z"];
    let report = report_with(&w, &Default::default(), &asked).await.report;
    let gaps: Vec<_> = report.coverage.gaps.iter().filter(|gap| gap.kind == "flow_log").collect();
    let told: Vec<_> = gaps.iter().map(|gap| (gap.start.as_str(), gap.end.as_str(), gap.hours)).collect();
    assert_eq!(
        told,
        [("2026-10-04T22:00:00Z", "2026-10-05T00:00:00Z", 2.0), ("2026-10-05T05:00:00Z", "2026-10-05T06:00:00Z", 1.0)]
    );
    assert_eq!(report.coverage.scopes[0].window_share, Some(5.0 / 8.0));
}

#[tokio::test]
async fn a_log_without_holes_has_no_gaps_and_ratios_of_one() {
    let (mut w, vpc, _) = plain();
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let report = report(&w).await;
    assert_eq!(report.coverage.gaps, []);
    assert_eq!(report.coverage.skipdata_hours, []);
    assert_eq!(report.totals.adopt_window_share, Some(1.0));
    let nat = &report.nat_gateways[0];
    for ratio in [nat.leg_ratio, nat.vantage_ratio] {
        assert!(ratio.is_some_and(|ratio| (ratio - 1.0).abs() < 1e-9), "{nat:?}");
    }
}

#[tokio::test]
async fn a_log_that_lost_half_of_a_clients_rows_shows_in_the_vantage_ratio() {
    // One of two clients with the same exchanges is not logged itself in the second hour.
    let mut w = World::new(sample::START, 4);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, _) = two_zones(&mut w, vpc);
    let client = w.instance(one);
    to_aws(&mut w, client, "S3", "us-east-1", 1, (12, 36), (HOUR, HOUR));
    // The client's rows of half of that hour are lost; the NAT gateway's are whole.
    let lost = (client, w.start + HOUR, w.start + HOUR + 1800);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]).skips.push(lost);
    let report = report(&w).await;
    let nat = &report.nat_gateways[0];
    assert!(nat.vantage_ratio.is_some_and(|ratio| (ratio - 0.5).abs() < 0.01), "{nat:?}");
    assert!(nat.leg_ratio.is_some_and(|ratio| (ratio - 1.0).abs() < 1e-9), "{nat:?}");
}

#[tokio::test]
async fn dropped_records_are_named_by_interface_and_hour() {
    let (mut w, vpc, nat) = plain();
    let (client, interface) = (w.flows[0].client, w.nats[nat.0].interface.unwrap());
    let lost = [
        (interface, w.start + 2 * HOUR + 1200, w.start + 2 * HOUR + 3000),
        (client, w.start + HOUR, w.start + 3 * HOUR - 600),
    ];
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]).skips.extend(lost);
    let report = report(&w).await;
    let mut told: Vec<_> = report
        .coverage
        .skipdata_hours
        .iter()
        .map(|one| (one.interface_id.clone().unwrap(), one.hour.clone(), one.slots, one.records))
        .collect();
    told.sort();
    let mut expected = vec![
        (w.interfaces[interface.0].id.clone(), "2026-10-05T02:00:00Z".to_owned(), 3, 3),
        (w.interfaces[client.0].id.clone(), "2026-10-05T01:00:00Z".to_owned(), 6, 6),
        (w.interfaces[client.0].id.clone(), "2026-10-05T02:00:00Z".to_owned(), 5, 5),
    ];
    expected.sort();
    assert_eq!(told, expected);
    assert_eq!(report.coverage.scopes[0].skipdata_slots, 14);
    let gateway = &report.coverage.gateways[0];
    assert_eq!((gateway.skipdata_slots, gateway.full_hours, gateway.partial_hours), (3, 4, 1));
    // What the NAT gateway itself lost is a gap of its log, filled by its clients' rows where money is concerned.
    let gap = report.coverage.gaps.iter().find(|gap| gap.kind == "nat_gateway").unwrap();
    assert_eq!((gap.start.as_str(), gap.hours), ("2026-10-05T02:20:00Z", 0.5));
    assert_eq!(gateway.scaled_hours, 5.0);
}

#[tokio::test]
async fn each_flow_log_has_its_own_records_objects_and_copies() {
    let (mut w, vpc, nat) = plain();
    let interface = w.nats[nat.0].interface.unwrap();
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]).noise = true;
    w.flow_log(fields::V2, &[Watch::Interface(interface)]);
    let report = report(&w).await;
    let scope = |id: &str| {
        let found = report.coverage.scopes.iter().find(|scope| scope.flow_log_id.as_deref() == Some(id));
        found.unwrap_or_else(|| panic!("no scope {id}"))
    };
    let (all, copy) = (scope(&w.flow_logs[0].id), scope(&w.flow_logs[1].id));
    let sum = |one: fn(&offramp::report::model::CoverageScope) -> u64| one(all) + one(copy);
    let coverage = &report.coverage;
    assert_eq!(sum(|one| one.records), coverage.records);
    assert_eq!(sum(|one| one.accepted), coverage.accepted);
    assert_eq!(sum(|one| one.rejected), coverage.rejected);
    assert_eq!(sum(|one| one.nodata), coverage.nodata);
    assert_eq!(sum(|one| one.objects), coverage.objects);
    assert_eq!(sum(|one| one.duplicate_bytes), coverage.duplicate_bytes);
    assert!(all.rejected > 0 && copy.rejected == 0);
    assert_eq!((all.duplicate_bytes, copy.bytes), (0, copy.duplicate_bytes));
    let payload: u64 = w.flows.iter().map(|flow| flow.outbound.bytes + flow.inbound.bytes).sum();
    assert_eq!((all.bytes, copy.bytes), (3 * payload, 2 * payload));
    assert_eq!((all.interfaces, copy.interfaces), (w.interfaces.len() as u64, 1));
    assert_eq!((all.has_packet_fields, copy.has_packet_fields, copy.fields), (true, false, 14));
}

#[tokio::test]
async fn the_top_peers_behind_a_range_are_its_networks_with_their_bytes() {
    let mut w = World::new(sample::START, 3);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, two) = two_zones(&mut w, vpc);
    let clients = [w.instance(one), w.instance(two)];
    let book = AddressBook::new(&AwsRanges::embedded().unwrap(), &Inventory::default());
    let mut expected = BTreeMap::new();
    for n in 0..13_u64 {
        let address = w.aws_address("AMAZON", "us-east-1", n as usize);
        for client in clients {
            w.flow(client, Peer::Address(address), ((n + 1) * MIB, MIB), (HOUR, HOUR));
        }
        // Without names nothing tells the addresses of a network apart.
        *expected.entry(book.longest(address).net.to_string()).or_insert(0) += 2 * (n + 2) * MIB;
    }
    to_aws(&mut w, clients[0], "EC2", "us-east-1", 2, (1, 1), (HOUR, HOUR));
    to_internet(&mut w, clients[0], 9, (5, 5), (HOUR, HOUR));
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let report = report(&w).await;

    let labels: Vec<_> = report.coverage.unresolved.iter().map(|range| range.label.as_str()).collect();
    assert_eq!(labels, ["range:amazon", "range:ec2"]);
    let amazon = &report.coverage.unresolved[0];
    let all: u64 = expected.values().sum();
    assert_eq!((amazon.bytes, amazon.nat_bytes, amazon.peer_count), (all, all, expected.len() as u64));
    let top: BTreeMap<_, _> = amazon.peers.iter().map(|one| (one.peer.clone(), one.bytes)).collect();
    assert_eq!(top, expected);
    let unresolved: u64 = report.coverage.unresolved.iter().map(|range| range.bytes).sum();
    assert_eq!(unresolved, report.coverage.unresolved_bytes);
    known(&w, &report);
}

#[tokio::test]
async fn what_is_not_settled_is_told_by_vpc() {
    let mut w = World::new(sample::START, 3);
    let mut expected = Vec::new();
    for n in 0..2_u64 {
        let vpc = w.vpc(ACCOUNT, "us-east-1", &format!("10.{n}.0.0/16"));
        let (_, one, _) = two_zones(&mut w, vpc);
        let client = w.instance(one);
        to_aws(&mut w, client, "AMAZON", "us-east-1", 1, (1 + n, 7), (HOUR, HOUR));
        to_internet(&mut w, client, 9, (5, 5), (HOUR, HOUR));
        w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
        expected.push((w.vpcs[vpc.0].id.clone(), (8 + n) * MIB));
    }
    let report = report(&w).await;
    let told: Vec<_> = report.coverage.unsettled.iter().collect();
    assert!(told.iter().all(|one| one.reason == "service_unresolved"), "{told:?}");
    assert!(told.iter().all(|one| one.account_id.as_deref() == Some(ACCOUNT)), "{told:?}");
    // Most bytes first.
    expected.reverse();
    let bytes: Vec<_> = told.iter().map(|one| (one.vpc_id.clone().unwrap(), one.bytes)).collect();
    assert_eq!(bytes, expected);
}

#[tokio::test]
async fn a_path_that_nothing_tells_is_told_by_vpc_as_unknown_and_as_conflict() {
    // Traffic path 1 and a route to an internet gateway: see `unresolved`.
    let mut w = World::new(sample::START, 3);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, _) = two_zones(&mut w, vpc);
    let client = w.instance(one);
    to_internet(&mut w, client, 1, (3, 4), (HOUR, HOUR));
    w.flow_log(fields::V5, &[Watch::Workloads(vpc)]);
    let directory = tempfile::tempdir().unwrap();
    let (logs, inventory) = (directory.path().join("logs"), directory.path().join("inventory"));
    offramp::world::writer::write_logs(&w, &logs, &Default::default()).unwrap();
    let table = w.table_of(one);
    w.tables[table.0].routes.pop();
    w.internet_gateway(vpc, &[table]);
    offramp::world::inventory_json::write_inventory(&w, &inventory).unwrap();
    let report = super::support::report_of(&logs, Some(&inventory), &[]).await.report;
    let told: Vec<_> = report.coverage.unsettled.iter().map(|one| (one.reason.as_str(), one.bytes)).collect();
    assert_eq!(told, [("path_conflict", 7 * MIB), ("path_unknown", 7 * MIB)]);
    assert_eq!((report.coverage.bytes, report.coverage.path_known_bytes), (7 * MIB, 0));
}

#[tokio::test]
async fn an_object_found_twice_is_named() {
    let (mut w, vpc, _) = plain();
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let directory = tempfile::tempdir().unwrap();
    let logs = directory.path().join("logs");
    let written = offramp::world::writer::write_logs(&w, &logs, &Default::default()).unwrap();
    let copy = logs.join("copy").join(written[0].file_name().unwrap());
    std::fs::create_dir(logs.join("copy")).unwrap();
    std::fs::copy(&written[0], &copy).unwrap();
    let report = super::support::report_of(&logs, None, &[]).await.report;
    assert_eq!(report.coverage.duplicate_objects, 1);
    assert_eq!(report.coverage.duplicates, [copy.display().to_string()]);
}

#[tokio::test]
async fn each_interface_of_an_endpoint_has_its_own_coverage() {
    let mut w = World::new(sample::START, 4);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, two) = two_zones(&mut w, vpc);
    let endpoint = w.interface_endpoint(vpc, "sqs", &[one, two]);
    let client = w.instance(one);
    to_endpoint(&mut w, client, endpoint, 0, (8, 5), (HOUR, 2 * HOUR));
    let [first, second] = w.endpoint_interfaces(endpoint) else { panic!("two interfaces") };
    let (first, second) = (*first, *second);
    w.flow_log(fields::V5, &[Watch::Workloads(vpc)]);
    w.flow_log(fields::V5, &[Watch::Interface(first)]);
    let report = report(&w).await;
    let hours = |key: offramp::world::InterfaceKey| {
        let id = &w.interfaces[key.0].id;
        let row = report.coverage.gateways.iter().find(|row| row.interface_id.as_ref() == Some(id)).unwrap();
        assert_eq!((row.kind.as_str(), &row.id), ("endpoint", &w.endpoints[endpoint.0].id));
        (row.full_hours, row.has_packet_fields)
    };
    assert_eq!((hours(first), hours(second)), ((4, Some(true)), (0, None)));
    known(&w, &report);
}

/// The shares on the first screen are those of the truth.
#[track_caller]
fn known(w: &World, report: &Report) {
    let rows = truth(w);
    let all: u64 = rows.values().sum();
    let unnamed: u64 = rows.iter().filter(|(key, _)| key.service.starts_with("range:")).map(|(_, bytes)| bytes).sum();
    let coverage = &report.coverage;
    assert_eq!(
        (coverage.bytes, coverage.service_known_bytes, coverage.path_known_bytes),
        (all, all - unnamed, all),
        "every path is known"
    );
}

/// One flow log of a VPC whose records from `from` to `until` seconds after the start are missing.
fn cut(w: &mut World, vpc: VpcKey, from: i64, until: i64) {
    let (from, until) = (w.start + from, w.start + until);
    let log = w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    log.until = from;
    let id = log.id.clone();
    let log = w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    (log.from, log.id) = (until, id);
}
