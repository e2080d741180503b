//! Rows that a covered gateway or endpoint did not see.

use offramp::report::model::Report;
use offramp::world::writer::{Layout, write_logs};
use offramp::world::{Watch, World, fields, inventory_json, sample};

use super::nat::two_zones;
use super::shop::{ACCOUNT, HOUR, MIB, to_aws, to_endpoint, to_internet};
use super::support::{Bytes, Key, assert_same, report_of, traffic, truth};

#[tokio::test]
async fn rows_that_the_nat_gateway_did_not_see_were_not_on_it() {
    // S3 went by a gateway endpoint that was gone when the inventory was taken. Version 2 has no traffic path, so the
    // table says NAT; the NAT gateway's complete log says it was not there.
    let mut w = World::new(sample::START, 4);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, _) = two_zones(&mut w, vpc);
    let client = w.instance(one);
    let table = w.table_of(one);
    w.gateway_endpoint(vpc, "s3", &[table], None);
    to_aws(&mut w, client, "S3", "us-east-1", 1, (3, 40), (HOUR, HOUR));
    to_internet(&mut w, client, 1, (2, 9), (HOUR, HOUR));
    w.flow_log(fields::V2, &[Watch::Workloads(vpc)]);
    w.flow_log(fields::V5, &[Watch::Edges(vpc)]);
    let mut later = w.clone();
    later.tables[table.0].routes.pop();
    later.endpoints.clear();

    let report = mixed(&[&w], &later).await;
    let expected: Bytes = truth(&w)
        .into_iter()
        .map(|(key, bytes)| match key.path.as_str() {
            "gateway_endpoint" => (Key { path: "unknown".to_owned(), ..key }, bytes),
            _ => (key, bytes),
        })
        .collect();
    assert_same(&traffic(&report), &expected);
    assert_eq!(report.coverage.nat_unmatched_bytes, 43 * MIB);
    assert!(report.opportunities.iter().all(|found| found.decision == "skip"));
}

#[tokio::test]
async fn rows_that_an_endpoint_did_not_see_stay_its_own() {
    // Its interface reported NODATA for the whole time, yet the client's peer is its address: the address proves it.
    let mut w = World::new(sample::START, 4);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, _) = two_zones(&mut w, vpc);
    let client = w.instance(one);
    let sqs = w.interface_endpoint(vpc, "sqs", &[one]);
    to_endpoint(&mut w, client, sqs, 0, (5, 6), (HOUR, HOUR));
    w.flow_log(fields::V5, &[Watch::Workloads(vpc)]);
    let mut silent = w.clone();
    silent.flows.clear();
    silent.flow_logs.clear();
    silent.flow_log(fields::V5, &[Watch::Edges(vpc)]);

    let report = mixed(&[&w, &silent], &silent).await;
    assert_same(&traffic(&report), &truth(&w));
    assert_eq!(report.coverage.endpoint_unmatched_bytes, 11 * MIB);
}

/// Logs of some worlds with the inventory of another.
async fn mixed(logged: &[&World], described: &World) -> Report {
    let directory = tempfile::tempdir().unwrap();
    let (logs, inventory) = (directory.path().join("logs"), directory.path().join("inventory"));
    for world in logged {
        write_logs(world, &logs, &Layout::default()).unwrap();
    }
    inventory_json::write_inventory(described, &inventory).unwrap();
    report_of(&logs, Some(&inventory), &[]).await.report
}
