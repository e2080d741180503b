//! Interfaces, gateways and accounts that the inventory does not list: each byte once, and owned as far as anything tells.

use std::collections::BTreeMap;
use std::path::Path;

use offramp::report::model::Report;
use offramp::world::writer::{Layout, write_logs};
use offramp::world::{InterfaceKey, Role, Target, Watch, World, fields, inventory_json, sample};
use serde_json::Value;

use super::nat::plain;
use super::shop::{ACCOUNT, HOUR, Shop, to_aws, to_internet};
use super::support::{Bytes, Key, assert_same, report_of, traffic, truth, truth_of};

/// A report whose inventory lacks what `drop` names: a file by the beginning of its name, or an entry of a file that `keep` refuses.
async fn report_less(w: &World, files: &[&str], keep: impl Fn(&Value) -> bool) -> Report {
    let directory = tempfile::tempdir().unwrap();
    let (logs, inventory) = (directory.path().join("logs"), directory.path().join("inventory"));
    write_logs(w, &logs, &Layout::default()).unwrap();
    inventory_json::write_inventory(w, &inventory).unwrap();
    for entry in walkdir::WalkDir::new(&inventory).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file()) {
        if files.iter().any(|name| entry.file_name().to_string_lossy().starts_with(name)) {
            std::fs::remove_file(entry.path()).unwrap();
        } else {
            prune(entry.path(), &keep);
        }
    }
    report_of(&logs, Some(&inventory), &[]).await.report
}

fn prune(path: &Path, keep: &impl Fn(&Value) -> bool) {
    let mut value: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for entries in value.as_object_mut().unwrap().values_mut().filter_map(Value::as_array_mut) {
        entries.retain(keep);
    }
    std::fs::write(path, value.to_string()).unwrap();
}

/// Keeps all interfaces but the workloads'.
fn no_workloads(entry: &Value) -> bool {
    entry["NetworkInterfaceId"].is_null() || entry["InterfaceType"] != "interface"
}

/// Bytes between private addresses, which [`traffic`] leaves out.
fn private_bytes(report: &Report) -> u64 {
    report.traffic.iter().filter(|row| row.service == "private").map(|row| row.bytes).sum()
}

/// Bytes by service and direction.
fn by_service(bytes: &Bytes) -> BTreeMap<(String, String), u64> {
    let mut sums = BTreeMap::new();
    for (key, bytes) in bytes {
        *sums.entry((key.service.clone(), key.direction.clone())).or_insert(0) += bytes;
    }
    sums
}

#[tokio::test]
async fn clients_that_are_gone_are_placed_by_their_address() {
    // The default format names only the interface, which no file lists any more. Its own address is in all its records; VPC and subnet
    // hold it. So path, zone and VPC are those of a client that is still there, whatever the gateway's log.
    for (workloads, edges) in [
        (fields::V2, None),
        (fields::V2, Some(fields::V2)),
        (fields::V2, Some(fields::V5)),
        (fields::V3, None),
        (fields::V3, Some(fields::V2)),
        (fields::V11, Some(fields::V2)),
    ] {
        let (mut w, vpc, _) = plain();
        w.flow_log(workloads, &[Watch::Workloads(vpc)]);
        if let Some(format) = edges {
            w.flow_log(format, &[Watch::Edges(vpc)]);
        }
        let report = report_less(&w, &[], no_workloads).await;
        assert_same(&traffic(&report), &truth(&w));
        assert_eq!((report.coverage.nat_unmatched_bytes, private_bytes(&report)), (0, 0));
    }
}

#[tokio::test]
async fn the_flow_log_says_which_of_two_equal_vpcs() {
    // Both VPCs of the account hold the address; the flow log is made for one of them.
    let mut w = World::new(sample::START, 4);
    for more in [0, 7] {
        let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
        let (_, one, two) = super::nat::two_zones(&mut w, vpc);
        let (a, b) = (w.instance(one), w.instance(two));
        to_aws(&mut w, a, "S3", "us-east-1", 1, (3 + more, 70 + more), (HOUR, HOUR));
        to_internet(&mut w, b, 3, (1 + more, 8 + more), (HOUR, HOUR));
        w.flow_log(fields::V2, &[Watch::Workloads(vpc)]);
    }
    assert_same(&traffic(&report_less(&w, &[], no_workloads).await), &truth(&w));
    // Without describe-flow-logs nobody knows: the bytes stand, once, without an owner.
    let unknown = traffic(&report_less(&w, &["describe-flow-logs"], no_workloads).await);
    assert!(unknown.keys().all(|key| key.vpc == "-"));
    assert_eq!(by_service(&unknown), by_service(&truth(&w)));
}

#[tokio::test]
async fn default_format_on_both_sides_and_clients_without_owner() {
    // No file says where the clients are, so their rows resolve to no path. The gateway's log names their addresses in the same hours:
    // the bytes are theirs, once, and those of the client without a log are the gateway's.
    for unlogged in [false, true] {
        let (mut w, vpc, nat) = plain();
        let interface = w.nats[nat.0].interface.unwrap();
        let clients: Vec<InterfaceKey> = w.flows.iter().map(|flow| flow.client).collect();
        w.flow_log(fields::V2, &[Watch::Interface(interface)]);
        match unlogged {
            true => w.flow_log(fields::V2, &[Watch::Interface(clients[0])]),
            false => w.flow_log(fields::V2, &[Watch::Workloads(vpc)]),
        };
        for files in [
            &[][..],
            &["describe-subnets"][..],
            &["describe-vpcs", "describe-subnets"][..],
            &["describe-vpcs", "describe-subnets", "describe-route-tables", "describe-flow-logs"][..],
        ] {
            let report = report_less(&w, files, no_workloads).await;
            assert_eq!(by_service(&traffic(&report)), by_service(&truth(&w)), "{unlogged} {files:?}");
            assert_eq!(private_bytes(&report), 0);
        }
    }
}

#[tokio::test]
async fn an_address_that_passed_on_to_another_interface() {
    // The inventory knows only who has the address now. The gateway's rows of the hours before are the other interface's.
    for format in [fields::V2, fields::V5, fields::V11] {
        let mut w = World::new(sample::START, 6);
        let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
        let (_, one, _) = super::nat::two_zones(&mut w, vpc);
        let (old, new) = (w.instance(one), w.instance(one));
        w.interfaces[new.0].primary = w.interfaces[old.0].primary;
        to_aws(&mut w, old, "S3", "us-east-1", 1, (3, 70), (HOUR, HOUR + 1200));
        to_aws(&mut w, new, "S3", "us-east-1", 1, (5, 40), (2 * HOUR + 1800, HOUR));
        w.flow_log(format, &[Watch::Workloads(vpc)]);
        w.flow_log(fields::V5, &[Watch::Edges(vpc)]);
        let gone = w.interfaces[old.0].id.clone();
        let report = report_less(&w, &[], |entry| entry["NetworkInterfaceId"] != gone.as_str()).await;
        assert_same(&traffic(&report), &truth(&w));
    }
}

#[tokio::test]
async fn a_spoke_whose_transit_gateway_lies_in_an_account_that_nobody_asked() {
    // Its own routes name the transit gateway; so do the hub's. Whose clients they are follows, and the path.
    let files = ["describe-transit-gateway", "search-transit-gateway"];
    for (hub, spoke) in [
        (fields::V5, None),
        (fields::V2, None),
        (fields::V5, Some(fields::V2)),
        (fields::V2, Some(fields::V2)),
        (fields::V2, Some(fields::V5)),
        (fields::V11, Some(fields::V11)),
    ] {
        let mut shop = Shop::new();
        shop.w.flow_log(hub, &[Watch::Edges(shop.hub)]);
        if let Some(format) = spoke {
            shop.w.flow_log(format, &[Watch::Workloads(shop.spoke)]);
        }
        let report = report_less(&shop.w, &files, |_| true).await;
        let mut expected = truth_of(&shop.w, |flow| shop.w.vpc_of(flow.client) == shop.spoke);
        if hub == fields::V2 && spoke.is_none() {
            // The hub's NAT gateway names clients and peers apart: no zone. How the clients came is not told either.
            let public = |key: &Key| key.service != "kms";
            let whole = expected.iter().map(|(key, bytes)| match public(key) {
                true => (Key { zone: "-".to_owned(), via: "-".to_owned(), ..key.clone() }, *bytes),
                false => (key.clone(), *bytes),
            });
            let mut sums = Bytes::new();
            whole.for_each(|(key, bytes)| *sums.entry(key).or_default() += bytes);
            expected = sums;
        }
        assert_same(&traffic(&report), &expected);
    }
}

#[tokio::test]
async fn a_spoke_known_by_its_transit_gateway_interface_alone() {
    let mut shop = Shop::new();
    shop.w.flow_log(fields::V5, &[Watch::Edges(shop.hub)]);
    let spoke = shop.w.vpcs[shop.spoke.0].id.clone();
    let files = ["describe-transit-gateway", "search-transit-gateway"];
    let report =
        report_less(&shop.w, &files, |entry| entry["Routes"].is_null() || entry["VpcId"] != spoke.as_str()).await;
    assert_same(&traffic(&report), &truth_of(&shop.w, |flow| shop.w.vpc_of(flow.client) == shop.spoke));
}

#[tokio::test]
async fn a_nat_gateway_that_only_its_interface_tells() {
    // Three private addresses, of which nothing or only describe-network-interfaces tells.
    for (format, lists_interface) in [(fields::V5, true), (fields::V3, true), (fields::V11, true), (fields::V11, false)]
    {
        for watch in [Watch::Vpc as fn(_) -> Watch, Watch::Edges] {
            let (mut w, vpc, nat) = plain();
            w.nat_second_address(nat);
            w.nat_second_address(nat);
            for (n, flow) in w.flows.iter_mut().enumerate() {
                flow.nat_address = n % 3;
            }
            w.flow_log(format, &[watch(vpc)]);
            let report = report_less(&w, &["describe-nat-gateways"], |entry| {
                lists_interface || entry["InterfaceType"] != "nat_gateway"
            })
            .await;
            assert_same(&traffic(&report), &truth(&w));
            assert_eq!(private_bytes(&report), 0, "an internet leg that passes for a client's");
        }
    }
}

#[tokio::test]
async fn a_nat_gateway_whose_interface_has_no_description() {
    let (mut w, vpc, nat) = plain();
    w.nat_second_address(nat);
    for flow in w.flows.iter_mut().skip(1).step_by(2) {
        flow.nat_address = 1;
    }
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let directory = tempfile::tempdir().unwrap();
    let (logs, inventory) = (directory.path().join("logs"), directory.path().join("inventory"));
    write_logs(&w, &logs, &Layout::default()).unwrap();
    inventory_json::write_inventory(&w, &inventory).unwrap();
    for entry in walkdir::WalkDir::new(&inventory).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file()) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == "describe-nat-gateways.json" {
            std::fs::remove_file(entry.path()).unwrap();
        } else if name == "describe-network-interfaces.json" {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            std::fs::write(entry.path(), text.replace("Interface for NAT Gateway", "NAT")).unwrap();
            let text = std::fs::read_to_string(entry.path()).unwrap().replace(&w.nats[nat.0].id, "");
            std::fs::write(entry.path(), text).unwrap();
        }
    }
    let report = report_of(&logs, Some(&inventory), &[]).await.report;
    assert_same(&traffic(&report), &truth(&w));
    assert_eq!(private_bytes(&report), 0, "an internet leg that passes for a client's");
}

#[tokio::test]
async fn a_regional_nat_gateway_in_a_format_without_its_id() {
    // AWS writes no interface where there is none. The flow log's resource, or the VPC's only regional NAT gateway, is it.
    for format in [fields::V5, fields::V3] {
        for files in [&[][..], &["describe-flow-logs"][..], &["describe-nat-gateways", "describe-flow-logs"][..]] {
            let mut shop = Shop::new();
            let nat = shop.w.nats.iter().position(|nat| nat.interface.is_none()).unwrap();
            let id = shop.w.nats[nat].id.clone();
            shop.w.flow_log(format, &[Watch::RegionalNat(offramp::world::NatKey(nat))]);
            shop.w.flow_log(format, &[Watch::Workloads(shop.regional)]);
            let report = report_less(&shop.w, files, |_| true).await;
            let expected = truth_of(&shop.w, |flow| shop.w.vpc_of(flow.client) == shop.regional);
            assert_same(&traffic(&report), &expected);
            assert!(report.traffic.iter().all(|row| row.path_evidence.as_deref() == Some("interface")));
            if files.len() < 2 {
                assert!(report.traffic.iter().all(|row| row.nat_gateway_id.as_ref() == Some(&id)));
            }
        }
    }
}

#[tokio::test]
async fn a_nat_instance_and_its_client_both_logged() {
    // The instance's own leg repeats what it forwards; what it fetches for itself stands.
    for format in [fields::V5, fields::V3, fields::V11, fields::V2] {
        for watch in [Watch::Vpc as fn(_) -> Watch, Watch::Workloads] {
            let mut w = World::new(sample::START, 4);
            let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
            let (front, back) = (w.route_table(vpc), w.route_table(vpc));
            w.internet_gateway(vpc, &[front]);
            let public = w.subnet(vpc, "10.0.0.0/24", "use1-az1", Some(front));
            let private = w.subnet(vpc, "10.0.1.0/24", "use1-az1", Some(back));
            let instance = w.interface(public, Role::Appliance { translates: true });
            w.route(back, "0.0.0.0/0", Target::Interface(instance));
            let client = w.instance(private);
            to_aws(&mut w, client, "S3", "us-east-1", 1, (3, 50), (HOUR, HOUR));
            to_internet(&mut w, client, 4, (2, 20), (HOUR, 2 * HOUR));
            to_aws(&mut w, instance, "S3", "us-east-1", 1, (1, 9), (HOUR, HOUR));
            w.flow_log(format, &[watch(vpc)]);
            let report = report_less(&w, &[], |_| true).await;
            assert_same(&traffic(&report), &truth(&w));
            assert_eq!(private_bytes(&report), 0);
        }
    }
}
