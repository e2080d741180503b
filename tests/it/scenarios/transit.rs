//! A spoke behind a transit gateway, VPCs that repeat a CIDR.

use offramp::world::writer::{Layout, write_logs};
use offramp::world::{Target, VpcKey, Watch, World, fields, inventory_json, sample};

use super::shop::{ACCOUNT, HOUR, MIB, Shop, to_aws, to_internet};
use super::support::{assert_same, pair, report, report_of, traffic, truth, truth_of};

#[tokio::test]
async fn a_spoke_is_counted_once_whoever_logs() {
    let kinds: [fn(VpcKey) -> Watch; 3] = [Watch::Vpc, Watch::Edges, Watch::Workloads];
    for (hub, spoke) in
        [(Some(0), Some(0)), (Some(0), None), (None, Some(0)), (Some(1), Some(2)), (None, Some(2)), (Some(1), None)]
    {
        let mut shop = Shop::new();
        if let Some(kind) = hub {
            shop.w.flow_log(fields::V5, &[kinds[kind](shop.hub)]);
        }
        if let Some(kind) = spoke {
            shop.w.flow_log(fields::V5, &[kinds[kind](shop.spoke)]);
        }
        let report = report(&shop.w).await;
        let expected = truth_of(&shop.w, |flow| shop.w.vpc_of(flow.client) == shop.spoke);
        assert_same(&traffic(&report), &expected);
    }
}

#[tokio::test]
async fn a_spoke_logged_in_version_2_beside_a_hub_in_version_11() {
    let mut shop = Shop::new();
    shop.w.flow_log(fields::V11, &[Watch::Vpc(shop.hub)]);
    shop.w.flow_log(fields::V2, &[Watch::Vpc(shop.spoke)]);
    let expected = truth_of(&shop.w, |flow| shop.w.vpc_of(flow.client) == shop.spoke);
    assert_same(&traffic(&report(&shop.w).await), &expected);
}

#[tokio::test]
async fn without_inventory_and_interface_types_a_transit_gateway_is_known_by_how_it_behaves() {
    // Its interfaces never show an address of their own in a packet; they add no bytes, and are the hop before the NAT gateway.
    let mut shop = Shop::new();
    shop.w.flow_log(&fields::V5.replace(" instance-id", ""), &[Watch::Vpc(shop.hub)]);
    let directory = tempfile::tempdir().unwrap();
    write_logs(&shop.w, directory.path(), &Layout::default()).unwrap();
    let report = report_of(directory.path(), None, &[]).await.report;
    let mut expected = super::support::Bytes::new();
    for (key, bytes) in
        truth_of(&shop.w, |flow| shop.w.journey(flow).nat.is_some() && shop.w.vpc_of(flow.client) == shop.spoke)
    {
        assert_eq!(key.via, "transit_gateway");
        let key = super::support::Key { vpc: "-".to_owned(), zone: "-".to_owned(), ..key };
        *expected.entry(key).or_default() += bytes;
    }
    assert_same(&traffic(&report), &expected);
    let inferred = report.traffic.iter().filter(|row| row.path == "nat_gateway");
    assert!(
        inferred.clone().count() > 0 && inferred.clone().all(|row| row.path_evidence.as_deref() == Some("inferred"))
    );
}

#[tokio::test]
async fn peering_across_regions() {
    for format in [fields::V5, fields::V2] {
        let mut w = World::new(sample::START, 3);
        let here = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
        let there = w.vpc(ACCOUNT, "eu-west-1", "10.1.0.0/16");
        let pcx = w.peer(here, there);
        let subnets =
            [w.subnet(here, "10.0.1.0/24", "use1-az1", None), w.subnet(there, "10.1.1.0/24", "euw1-az1", None)];
        for (vpc, cidr) in [(here, "10.1.0.0/16"), (there, "10.0.0.0/16")] {
            let main = w.vpcs[vpc.0].main_table;
            w.route(main, cidr, Target::Peering(pcx));
        }
        let ends = subnets.map(|subnet| w.instance(subnet));
        w.flow_between(ends[0], ends[1], (30 * MIB, 50 * MIB), (HOUR, HOUR)).peer_port = 5432;
        w.flow_log(format, &[Watch::Vpc(here)]);
        w.flow_log(format, &[Watch::Vpc(there)]);
        let report = report(&w).await;
        let [one, two] = subnets.map(|key| w.subnets[key.0].id.clone());
        assert_eq!(pair(&report, "inter_region_peering", &one, &two), (30 * MIB, 50 * MIB));
    }
}

#[tokio::test]
async fn the_same_cidr_in_two_vpcs() {
    // Each address is resolved in the VPC of the interface that saw it, so both owners come out, the equal addresses
    // of their clients notwithstanding.
    for watch in [Watch::Vpc as fn(VpcKey) -> Watch, Watch::Edges, Watch::Workloads] {
        let mut w = World::new(sample::START, 4);
        for (account, more) in [(ACCOUNT, 0), ("222233334444", 7)] {
            let vpc = w.vpc(account, "us-east-1", "10.0.0.0/16");
            let (_, one, two) = super::nat::two_zones(&mut w, vpc);
            let (a, b) = (w.instance(one), w.instance(two));
            let sqs = w.interface_endpoint(vpc, "sqs", &[one]);
            to_aws(&mut w, a, "S3", "us-east-1", 1, (3 + more, 70 + more), (HOUR, HOUR));
            to_internet(&mut w, b, 3, (1 + more, 8 + more), (HOUR, HOUR));
            super::shop::to_endpoint(&mut w, b, sqs, 0, (5 + more, 4 + more), (HOUR, HOUR));
            w.flow_log(fields::V5, &[watch(vpc)]);
        }
        assert_eq!(w.interfaces[1].primary, w.interfaces[5].primary, "equal addresses in both VPCs");
        assert_same(&traffic(&report(&w).await), &truth(&w));
    }
}

#[tokio::test]
async fn an_address_that_two_attached_vpcs_hold_has_no_owner() {
    // A hub whose transit gateway reaches two VPCs of the same CIDR, and only its NAT gateway is logged: no record says
    // which of the two the client is in. Its bytes count, its owner stays empty.
    let mut shop = Shop::new();
    shop.w.flows.retain(|flow| flow.client == shop.spoke_client);
    let twin = shop.w.vpc("999900001111", "us-east-1", "10.50.0.0/16");
    let subnet = shop.w.subnet(twin, "10.50.1.0/24", "use1-az2", None);
    let tgw = offramp::world::TgwKey(0);
    shop.w.attach(tgw, twin, &[subnet]);
    let main = shop.w.vpcs[twin.0].main_table;
    shop.w.route(main, "0.0.0.0/0", Target::TransitGateway(tgw));
    shop.w.flow_log(fields::V5, &[Watch::Edges(shop.hub)]);
    let directory = tempfile::tempdir().unwrap();
    let (logs, inventory) = (directory.path().join("logs"), directory.path().join("inventory"));
    write_logs(&shop.w, &logs, &Layout::default()).unwrap();
    inventory_json::write_inventory(&shop.w, &inventory).unwrap();
    // The transit gateway's routes would settle it.
    for entry in walkdir::WalkDir::new(&inventory) {
        let path = entry.unwrap().into_path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("search-transit-gateway-routes")) {
            std::fs::remove_file(path).unwrap();
        }
    }
    let report = report_of(&logs, Some(&inventory), &[]).await.report;
    let mut expected = super::support::Bytes::new();
    for (key, bytes) in truth(&shop.w) {
        let key = super::support::Key { vpc: "-".to_owned(), zone: "-".to_owned(), ..key };
        *expected.entry(key).or_default() += bytes;
    }
    assert_same(&traffic(&report), &expected);
}
