//! One topology in every form in which people have flow logs: the same bytes on the same paths.

use offramp::world::writer::Layout;
use offramp::world::{Delivery, Watch, World, fields};

use super::shop::Shop;
use super::support::{Bytes, assert_same, report_with, traffic, truth};

async fn bytes(world: &World, delivery: Delivery, more: &[&str]) -> Bytes {
    let outcome = report_with(world, &Layout { delivery, ..Layout::default() }, more).await;
    let coverage = &outcome.report.coverage;
    assert_eq!((outcome.exit, coverage.malformed, coverage.damaged_objects), (0, 0, 0), "{delivery:?}: {coverage:?}");
    traffic(&outcome.report)
}

fn logged(format: &str) -> Shop {
    let mut shop = Shop::new();
    for vpc in shop.vpcs() {
        shop.w.flow_log(format, &[Watch::Vpc(vpc)]);
    }
    shop
}

#[tokio::test]
async fn with_their_columns_inside() {
    for format in [fields::V9, fields::V11] {
        let shop = logged(format);
        for delivery in [Delivery::Gzip, Delivery::Zstd, Delivery::Parquet] {
            assert_same(&bytes(&shop.w, delivery, &[]).await, &truth(&shop.w));
        }
    }
}

#[tokio::test]
async fn with_the_columns_given() {
    for (format, delivery) in [(fields::V9, Delivery::CloudWatch), (fields::V11, Delivery::Firehose)] {
        let shop = logged(format);
        assert_same(&bytes(&shop.w, delivery, &["--log-format", format]).await, &truth(&shop.w));
    }
}

#[tokio::test]
async fn in_the_default_format() {
    // Regional NAT gateways have no name in it, so their VPC is logged at its workloads.
    let mut shop = Shop::new();
    for vpc in shop.vpcs() {
        let watch = if vpc == shop.regional { Watch::Workloads(vpc) } else { Watch::Vpc(vpc) };
        shop.w.flow_log(fields::V2, &[watch]);
    }
    for delivery in [Delivery::Parquet, Delivery::CloudWatch, Delivery::Firehose] {
        assert_same(&bytes(&shop.w, delivery, &[]).await, &truth(&shop.w));
    }
}

/// Each VPC in another form and another version, all under one prefix.
#[tokio::test]
async fn mixed_under_one_prefix() {
    let deliveries = [Delivery::Gzip, Delivery::Parquet, Delivery::Zstd, Delivery::CloudWatch, Delivery::Firehose];
    let formats = [fields::V11, fields::V9, fields::V5, fields::V9, fields::V9];
    let directory = tempfile::tempdir().unwrap();
    let shop = Shop::new();
    let logs = directory.path().join("logs");
    for ((vpc, delivery), format) in shop.vpcs().into_iter().zip(deliveries).zip(formats) {
        let mut one = Shop::new();
        one.w.flow_log(format, &[Watch::Vpc(vpc)]);
        offramp::world::writer::write_logs(&one.w, &logs, &Layout { delivery, ..Layout::default() }).unwrap();
    }
    let inventory = directory.path().join("inventory");
    offramp::world::inventory_json::write_inventory(&shop.w, &inventory).unwrap();
    let outcome = super::support::report_of(&logs, Some(&inventory), &["--log-format", fields::V9]).await;
    assert_eq!((outcome.exit, outcome.report.coverage.damaged_objects), (0, 0));
    assert_same(&traffic(&outcome.report), &truth(&shop.w));
}
