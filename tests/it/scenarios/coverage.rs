//! How long each account was logged decides how its bytes scale to a month; what has no price has no dollars.

use offramp::world::{VpcKey, Watch, World, fields, sample};

use super::nat::two_zones;
use super::shop::{ACCOUNT, HOUR, to_aws, to_internet};
use super::support::{assert_same, assert_usd, of_kind, report, report_with, traffic, truth};

const OTHER: &str = "222233334444";
const MONTH: f64 = 730.0;

#[tokio::test]
async fn an_account_logged_20_hours_beside_one_logged_20_days() {
    // Each NAT gateway's bytes scale by its own covered hours, not by the window of both.
    let mut w = World::new(sample::START, 480);
    let short = small(&mut w, ACCOUNT, "10.0.0.0/16", 100);
    let long = small(&mut w, OTHER, "10.1.0.0/16", 0);
    let from = w.start + 100 * HOUR;
    let log = w.flow_log(fields::V5, &[Watch::Vpc(short)]);
    (log.from, log.until) = (from, from + 20 * HOUR);
    w.flow_log(fields::V5, &[Watch::Vpc(long)]);

    let report = report(&w).await;
    assert_same(&traffic(&report), &truth(&w));
    for (account, hours) in [(ACCOUNT, 20.0), (OTHER, 480.0)] {
        let row = report.nat_gateways.iter().find(|row| row.account_id.as_deref() == Some(account)).unwrap();
        // 2,000 MiB of S3 and 100 MiB of the internet.
        let gib = 2100.0 / 1024.0;
        assert_usd(row.monthly_gib, gib * MONTH / hours);
        assert_usd(row.processing_usd, gib * MONTH / hours * 0.045);
        assert_usd(row.observed_usd, gib * 0.045);
        let found = of_kind(&report, "create_gateway_endpoint");
        let found = found.iter().find(|o| o.account_id.as_deref() == Some(account)).unwrap();
        assert_eq!(found.decision, "adopt");
        assert_usd(found.net_usd_month, 2000.0 / 1024.0 * MONTH / hours * 0.045);
    }
}

#[tokio::test]
async fn a_region_without_prices_gets_no_dollars() {
    let mut w = World::new(sample::START, 48);
    let vpc = w.vpc(ACCOUNT, "af-south-1", "10.0.0.0/16");
    let (_, one, _) = two_zones(&mut w, vpc);
    w.subnets.iter_mut().for_each(|subnet| subnet.az_id = subnet.az_id.replace("use1", "afs1"));
    let client = w.instance(one);
    to_aws(&mut w, client, "S3", "af-south-1", 1, (900, 90_000), (0, 48 * HOUR));
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);

    let outcome = report_with(&w, &Default::default(), &[]).await;
    assert_eq!(outcome.exit, 1, "done, but not in dollars");
    let report = outcome.report;
    assert_same(&traffic(&report), &truth(&w));
    let nat = &report.nat_gateways[0];
    assert_eq!((nat.processing_usd, nat.hours_usd), (None, None));
    assert!(nat.monthly_gib.is_some_and(|gib| gib > 0.0));
    assert!(report.traffic.iter().all(|row| row.usd_month.is_none()));
    let found = of_kind(&report, "create_gateway_endpoint");
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].decision.as_str(), found[0].net_usd_month), ("unpriced", None));
    assert!(!found[0].missing_prices.is_empty());
    assert_eq!(report.totals.nat_usd_month, None);
    assert_eq!(report.totals.adopt_usd_month, 0.0);
    assert!(report.prices.missing.iter().any(|line| line.contains("af-south-1")), "{:?}", report.prices.missing);
}

#[tokio::test]
async fn a_region_without_prices_beside_one_with_prices() {
    let mut w = World::new(sample::START, 48);
    let priced = small(&mut w, ACCOUNT, "10.0.0.0/16", 0);
    let unpriced = w.vpc(ACCOUNT, "af-south-1", "10.9.0.0/16");
    let (_, one, _) = two_zones(&mut w, unpriced);
    let client = w.instance(one);
    to_aws(&mut w, client, "S3", "af-south-1", 1, (900, 90_000), (0, 48 * HOUR));
    for vpc in [priced, unpriced] {
        w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    }
    let outcome = report_with(&w, &Default::default(), &[]).await;
    assert_eq!(outcome.exit, 1);
    // 2,000 MiB in 48 hours, priced; nothing of the other Region is in the total.
    let expected = 2000.0 / 1024.0 * MONTH / 48.0 * 0.045;
    assert_usd(Some(outcome.report.totals.adopt_usd_month), expected);
}

#[tokio::test]
async fn the_window_cuts_what_counts() {
    let (mut w, vpc, _) = super::nat::plain();
    w.flows.clear();
    let client = w.interfaces.iter().position(|i| i.instance_id.is_some()).map(offramp::world::InterfaceKey).unwrap();
    to_internet(&mut w, client, 1, (3, 30), (HOUR, HOUR));
    to_internet(&mut w, client, 1, (5, 50), (3 * HOUR, HOUR));
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let middle = w.start + 2 * HOUR;
    let outcome = report_with(&w, &Default::default(), &["--since", "2026-10-05T02:00:00Z"]).await;
    let expected = super::support::truth_of(&w, |flow| flow.start >= middle);
    assert_same(&traffic(&outcome.report), &expected);
}

/// A VPC with one client that moves 2,000 MiB of S3 and 100 MiB of the internet through its NAT gateway within 20 hours
/// from `hour` on.
fn small(w: &mut World, account: &str, cidr: &str, hour: i64) -> VpcKey {
    let vpc = w.vpc(account, "us-east-1", cidr);
    let (_, one, _) = two_zones(w, vpc);
    let client = w.instance(one);
    to_aws(w, client, "S3", "us-east-1", 1, (500, 1500), (hour * HOUR, 20 * HOUR));
    to_internet(w, client, 1, (20, 80), (hour * HOUR, 20 * HOUR));
    vpc
}
