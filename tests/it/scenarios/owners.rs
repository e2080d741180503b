//! Whose bytes they are when the inventory does not tell all, or the subnet is someone else's.

use offramp::world::writer::{Layout, write_logs};
use offramp::world::{Watch, World, fields, inventory_json, sample};

use super::shop::{ACCOUNT, HOUR, Shop, to_aws};
use super::support::{Bytes, Key, Outcome, assert_same, of_kind, report, report_of, traffic, truth, truth_of};

#[tokio::test]
async fn clients_of_an_account_without_inventory_are_external() {
    // Only the hub is logged and described. Its NAT gateway's clients lie outside all known VPCs: bytes, service and
    // path stand, the owner is empty, and nothing can be advised for a VPC that nobody knows.
    let mut shop = Shop::new();
    shop.w.flow_log(fields::V5, &[Watch::Edges(shop.hub)]);
    let report = without_spoke(&shop.w).await.report;
    let mut expected = Bytes::new();
    for (key, bytes) in truth_of(&shop.w, |flow| shop.w.vpc_of(flow.client) == shop.spoke) {
        *expected.entry(Key { vpc: "-".to_owned(), zone: "-".to_owned(), ..key }).or_default() += bytes;
    }
    assert_same(&traffic(&report), &expected);
    assert!(of_kind(&report, "create_gateway_endpoint").iter().all(|found| found.decision != "adopt"));
}

#[tokio::test]
async fn rows_of_an_account_without_inventory_are_evidence_of_what_the_hub_counted() {
    // The spoke is logged too, in version 2: its rows have no VPC and its routes are unknown. They show the same
    // address, peer and hour as the NAT gateway's, so they are not a second set of bytes.
    let mut shop = Shop::new();
    shop.w.flow_log(fields::V5, &[Watch::Vpc(shop.hub)]);
    shop.w.flow_log(fields::V2, &[Watch::Workloads(shop.spoke)]);
    let report = without_spoke(&shop.w).await.report;
    let public = |key: &Key| key.service != "kms";
    let by_service = |bytes: &Bytes| {
        let mut sums = std::collections::BTreeMap::new();
        for (key, bytes) in bytes.iter().filter(|(key, _)| public(key)) {
            *sums.entry((key.service.clone(), key.path.clone(), key.direction.clone())).or_insert(0) += bytes;
        }
        sums
    };
    let expected = truth_of(&shop.w, |flow| shop.w.vpc_of(flow.client) == shop.spoke);
    assert_eq!(by_service(&traffic(&report)), by_service(&expected));
}

#[tokio::test]
async fn a_shared_subnet_is_paid_by_the_owner_of_the_vpc() {
    let mut w = World::new(sample::START, 6);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, _) = super::nat::two_zones(&mut w, vpc);
    let guest = w.instance(one);
    w.interfaces[guest.0].account = "555566667777".to_owned();
    to_aws(&mut w, guest, "S3", "us-east-1", 1, (5, 70), (HOUR, 4 * HOUR));
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let report = report(&w).await;
    assert_same(&traffic(&report), &truth(&w));
    let found = of_kind(&report, "create_gateway_endpoint")[0];
    assert_eq!(found.payer_account_id.as_deref(), Some(ACCOUNT));
    assert_eq!(found.client_account_ids, ["555566667777"]);
    assert!(report.traffic.iter().all(|row| row.account_id.as_deref() == Some("555566667777")));
}

async fn without_spoke(w: &World) -> Outcome {
    let directory = tempfile::tempdir().unwrap();
    let (logs, inventory) = (directory.path().join("logs"), directory.path().join("inventory"));
    write_logs(w, &logs, &Layout::default()).unwrap();
    inventory_json::write_inventory(w, &inventory).unwrap();
    std::fs::remove_dir_all(inventory.join("777788889999")).unwrap();
    report_of(&logs, Some(&inventory), &[]).await
}
