//! What flow logs cannot tell stays a range label, and no label is ever advised on.

use offramp::world::{Peer, Watch, World, fields, sample};

use super::nat::two_zones;
use super::shop::{ACCOUNT, HOUR, MIB, to_aws, to_internet};
use super::support::{assert_same, report, traffic, truth};

const TIB: u64 = 1 << 20;

#[tokio::test]
async fn saas_on_ec2_and_content_delivery_are_never_an_opportunity() {
    // 4 TiB in two days is far above any endpoint's break-even (about 209 GiB a month in one zone).
    for format in [fields::V5, fields::V2] {
        let (mut w, vpc) = busy();
        w.flow_log(format, &[Watch::Vpc(vpc)]);
        let report = report(&w).await;
        assert_same(&traffic(&report), &truth(&w));
        let advised: Vec<_> = report.opportunities.iter().filter(|o| o.decision != "skip").collect();
        assert!(advised.is_empty(), "{advised:?}");
        assert_eq!(report.totals.adopt_usd_month, 0.0);
        assert_eq!(report.totals.consider_usd_month, 0.0);
        assert!(report.nat_gateways.iter().all(|row| row.movable_bytes == 0));
        // `range:ec2`, `range:amazon` and `range:cloudfront` are unresolved; `internet` is not AWS's at all.
        let unresolved: u64 =
            truth(&w).iter().filter(|(key, _)| key.service.starts_with("range:")).map(|(_, b)| b).sum();
        assert_eq!(report.coverage.unresolved_bytes, unresolved);
    }
}

#[tokio::test]
async fn s3_and_sqs_of_another_region_stay_where_they_are() {
    // No endpoint reaches another Region. The gateway endpoint of the VPC's own Region changes nothing.
    let mut w = World::new(sample::START, 48);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, _) = two_zones(&mut w, vpc);
    let table = w.table_of(one);
    w.gateway_endpoint(vpc, "s3", &[table], None);
    let client = w.instance(one);
    to_aws(&mut w, client, "S3", "eu-west-1", 1, (TIB, 50), (0, 48 * HOUR));
    to_aws(&mut w, client, "AMAZON", "eu-west-1", 2, (TIB, 70), (0, 48 * HOUR));
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let report = report(&w).await;
    assert_same(&traffic(&report), &truth(&w));
    assert!(report.traffic.iter().all(|row| row.peer_region.as_deref() == Some("eu-west-1")));
    assert!(
        report.opportunities.iter().all(|opportunity| opportunity.decision == "skip"),
        "{:?}",
        report.opportunities
    );
}

#[tokio::test]
async fn a_private_client_with_no_known_way_out_has_an_unknown_path() {
    // Traffic path 1 says "something with an interface in the VPC"; the only route is to an internet gateway, which has
    // none. The two disagree, and neither is guessed.
    let mut w = World::new(sample::START, 3);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, _) = two_zones(&mut w, vpc);
    let client = w.instance(one);
    to_internet(&mut w, client, 1, (3, 4), (HOUR, HOUR));
    w.flow_log(fields::V5, &[Watch::Workloads(vpc)]);
    // The inventory was taken after the table had changed; nothing is dated.
    let expected = truth(&w);
    let directory = tempfile::tempdir().unwrap();
    let (logs, inventory) = (directory.path().join("logs"), directory.path().join("inventory"));
    offramp::world::writer::write_logs(&w, &logs, &Default::default()).unwrap();
    let table = w.table_of(one);
    w.tables[table.0].routes.pop();
    w.internet_gateway(vpc, &[table]);
    offramp::world::inventory_json::write_inventory(&w, &inventory).unwrap();

    let report = super::support::report_of(&logs, Some(&inventory), &[]).await.report;
    let expected: super::support::Bytes = expected
        .into_iter()
        .map(|(key, bytes)| (super::support::Key { path: "unknown".to_owned(), ..key }, bytes))
        .collect();
    assert_same(&traffic(&report), &expected);
    assert_eq!(report.coverage.path_conflict_bytes, 7 * MIB);
}

fn busy() -> (World, offramp::world::VpcKey) {
    let mut w = World::new(sample::START, 48);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, _) = two_zones(&mut w, vpc);
    let client = w.instance(one);
    to_aws(&mut w, client, "EC2", "us-east-1", 7, (TIB, TIB), (0, 48 * HOUR));
    to_aws(&mut w, client, "CLOUDFRONT", "GLOBAL", 7, (1000, TIB), (0, 48 * HOUR));
    to_aws(&mut w, client, "AMAZON", "us-east-1", 7, (TIB, 1000), (0, 48 * HOUR));
    let address = Peer::Address([151, 101, 77, 1].into());
    w.flow(client, address, (TIB * MIB / 2, TIB * MIB), (0, 48 * HOUR));
    (w, vpc)
}
