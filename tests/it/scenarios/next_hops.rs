//! What version 9 and 11 tell by themselves, without inventory or beside one that lacks the NAT gateway's zone.

use std::collections::BTreeMap;
use std::path::Path;

use offramp::report::model::Report;
use offramp::world::writer::{Layout, write_logs};
use offramp::world::{Watch, World, fields, inventory_json, sample};

use super::nat::{plain, two_zones};
use super::shop::{ACCOUNT, HOUR, MIB, to_endpoint};
use super::support::{assert_same, assert_usd, report_of, traffic, truth};

/// Without a log of its own a NAT gateway's bytes are scaled by the hours in which its clients' flow log delivers: all of the window.
const DELIVERED: f64 = 5.0;

/// USD a month of the bytes of `plain()`, whose NAT gateway stands in the first zone.
fn expected_usd(w: &World, covered_hours: f64) -> f64 {
    let rate = |zone: &str| if zone == "use1-az1" { 0.045 } else { 0.045 + 0.02 };
    let rows = w.truth();
    rows.iter().map(|row| row.bytes as f64 / (1_u64 << 30) as f64 * 730.0 / covered_hours * rate(&row.az_id)).sum()
}

fn spent(report: &Report) -> Option<f64> {
    report.traffic.iter().map(|row| row.usd_month).sum()
}

#[tokio::test]
async fn clients_alone_name_the_nat_gateway_and_its_zone() {
    let (mut w, vpc, nat) = plain();
    let interface = w.nats[nat.0].interface.unwrap();
    w.flow_log(fields::V11, &[Watch::Workloads(vpc)]);
    let report = without_inventory(&w).await;
    assert_eq!(by_zone(&report), by_zone_of(&w));
    let id = w.interfaces[interface.0].id.as_str();
    for row in &report.traffic {
        assert_eq!((row.path.as_str(), row.nat_gateway_id.as_deref()), ("nat_gateway", Some(id)));
        let evidence = if row.direction == "outbound" { "next_hop" } else { "reverse_flow" };
        assert!(
            matches!(row.path_evidence.as_deref(), Some(seen) if seen == evidence || seen == "next_hop"),
            "{row:?}"
        );
    }
    assert_eq!(report.coverage.az_unknown_bytes, 0);
    assert_usd(spent(&report), expected_usd(&w, DELIVERED));
    // The gateway is listed, with its zone and its hours, though no log or inventory describes it.
    let [row] = report.nat_gateways.as_slice() else { panic!("{:?}", report.nat_gateways) };
    assert_eq!((row.nat_gateway_id.as_str(), row.az_id.as_deref()), (id, Some("use1-az1")));
    assert_usd(row.hours_usd, 730.0 * 0.045);
}

#[tokio::test]
async fn the_nat_gateway_alone_names_its_clients_zones() {
    let (mut w, _, nat) = plain();
    let interface = w.nats[nat.0].interface.unwrap();
    w.flow_log(fields::V11, &[Watch::Interface(interface)]);
    let report = without_inventory(&w).await;
    let whole = |report: &Report| report.traffic.iter().map(|row| row.bytes).sum::<u64>();
    assert_eq!(whole(&report), w.truth().iter().map(|row| row.bytes).sum::<u64>());
    assert!(
        report.traffic.iter().all(|row| row.path_evidence.as_deref() == Some("interface") && row.path == "nat_gateway")
    );
    assert_eq!(report.coverage.az_unknown_bytes, 0);
    assert_usd(spent(&report), expected_usd(&w, 5.0));
}

#[tokio::test]
async fn an_inventory_without_the_nat_gateway_s_zone_is_completed_by_the_next_hop() {
    // Version 11 knows the border; version 5 cannot, and says so.
    for (format, known) in [(fields::V11, true), (fields::V5, false)] {
        let (mut w, vpc, _) = plain();
        w.flow_log(format, &[Watch::Workloads(vpc)]);
        let directory = tempfile::tempdir().unwrap();
        let (logs, inventory) = (directory.path().join("logs"), directory.path().join("inventory"));
        write_logs(&w, &logs, &Layout::default()).unwrap();
        inventory_json::write_inventory(&w, &inventory).unwrap();
        for name in ["describe-subnets", "describe-network-interfaces", "describe-availability-zones"] {
            forget(&inventory, name);
        }
        let report = report_of(&logs, Some(&inventory), &[]).await.report;
        assert!(report.nat_gateways.iter().all(|row| row.nat_gateway_id == w.nats[0].id), "{:?}", report.nat_gateways);
        let whole: u64 = w.truth().iter().map(|row| row.bytes).sum();
        assert_eq!(report.coverage.az_unknown_bytes, if known { 0 } else { whole });
        let border = if known {
            expected_usd(&w, DELIVERED)
        } else {
            whole as f64 / (1_u64 << 30) as f64 * 730.0 / DELIVERED * 0.045
        };
        assert_usd(spent(&report), border);
    }
}

#[tokio::test]
async fn a_nat_gateway_is_known_by_its_own_description_alone() {
    // Version 5 at all interfaces, without describe-network-interfaces: the NAT gateway names its interface and its addresses.
    let (mut w, vpc, nat) = plain();
    w.nat_second_address(nat);
    w.flows.iter_mut().skip(1).step_by(2).for_each(|flow| flow.nat_address = 1);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let directory = tempfile::tempdir().unwrap();
    let (logs, inventory) = (directory.path().join("logs"), directory.path().join("inventory"));
    write_logs(&w, &logs, &Layout::default()).unwrap();
    inventory_json::write_inventory(&w, &inventory).unwrap();
    forget(&inventory, "describe-network-interfaces");
    let report = report_of(&logs, Some(&inventory), &[]).await.report;
    assert_same(&traffic(&report), &truth(&w));
    let [row] = report.nat_gateways.as_slice() else { panic!("{:?}", report.nat_gateways) };
    assert_eq!((row.nat_gateway_id.as_str(), row.leg_ratio), (w.nats[nat.0].id.as_str(), Some(1.0)));
}

#[tokio::test]
async fn a_regional_nat_gateway_by_its_resource_id() {
    for watch in [Watch::Vpc as fn(offramp::world::VpcKey) -> Watch, Watch::Edges] {
        let mut shop = super::shop::Shop::new();
        shop.w.flow_log(fields::V9, &[watch(shop.regional)]);
        let report = without_inventory(&shop.w).await;
        let nat = shop.w.nats.iter().find(|nat| nat.interface.is_none()).unwrap().id.clone();
        let truth = shop.w.truth_of(|flow| shop.w.vpc_of(flow.client) == shop.regional);
        let (mut got, mut expected) = (BTreeMap::new(), BTreeMap::new());
        for row in &report.traffic {
            assert_eq!(
                (row.path.as_str(), row.nat_gateway_id.as_deref()),
                ("nat_gateway", Some(nat.as_str())),
                "{row:?}"
            );
            *got.entry((row.service.clone(), row.direction.clone())).or_insert(0) += row.bytes;
        }
        for row in &truth {
            *expected.entry((row.service.clone(), row.direction.clone())).or_insert(0) += row.bytes;
        }
        assert_eq!(got, expected);
        // eu-west-1: 0.048 a GiB; a regional gateway has no zone to cross. What its flow log delivered counts, idle hours too.
        let hours = report.coverage.scopes[0].covered_hours;
        let gib = expected.values().sum::<u64>() as f64 / (1_u64 << 30) as f64 * 730.0 / hours;
        assert_usd(spent(&report), gib * 0.048);
        assert_eq!(report.coverage.az_unknown_bytes, 0);
    }
}

#[tokio::test]
async fn endpoint_interfaces_are_known_by_their_type() {
    for watch in [Watch::Vpc as fn(offramp::world::VpcKey) -> Watch, Watch::Workloads] {
        let mut w = World::new(sample::START, 4);
        let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
        let (_, one, two) = two_zones(&mut w, vpc);
        let sqs = w.interface_endpoint(vpc, "sqs", &[one]);
        for (n, subnet) in [one, two].into_iter().enumerate() {
            let client = w.instance(subnet);
            to_endpoint(&mut w, client, sqs, 0, (5 + n as u64, 3), (HOUR, HOUR));
        }
        w.flow_log(fields::V11, &[watch(vpc)]);
        let report = without_inventory(&w).await;
        assert!(report.traffic.iter().all(|row| row.path == "interface_endpoint"), "{:?}", report.traffic);
        let sum =
            |direction: &str| report.traffic.iter().filter(|r| r.direction == direction).map(|r| r.bytes).sum::<u64>();
        assert_eq!((sum("outbound"), sum("inbound")), (11 * MIB, 6 * MIB));
    }
}

async fn without_inventory(w: &World) -> Report {
    let directory = tempfile::tempdir().unwrap();
    write_logs(w, directory.path(), &Layout::default()).unwrap();
    report_of(directory.path(), None, &[]).await.report
}

fn forget(inventory: &Path, command: &str) {
    for entry in walkdir::WalkDir::new(inventory) {
        let path = entry.unwrap().into_path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(command)) {
            std::fs::remove_file(path).unwrap();
        }
    }
}

type Zones = BTreeMap<(String, String, String), u64>;

fn by_zone(report: &Report) -> Zones {
    let mut sums = Zones::new();
    for row in &report.traffic {
        let key = (row.az_id.clone().unwrap_or_default(), row.service.clone(), row.direction.clone());
        *sums.entry(key).or_default() += row.bytes;
    }
    sums
}

fn by_zone_of(w: &World) -> Zones {
    let mut sums = Zones::new();
    for row in w.truth() {
        *sums.entry((row.az_id, row.service, row.direction)).or_default() += row.bytes;
    }
    sums
}
