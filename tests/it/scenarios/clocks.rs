//! Interfaces whose clocks differ: interval edges and reported times do not agree across an hour edge.

use offramp::world::{Watch, World, fields};

use super::shop::{HOUR, Shop};
use super::support::{assert_same, report, traffic, truth};

#[tokio::test]
async fn interval_edges_that_differ_by_interface() {
    let shop = with_clocks(|i| ((i * 97) % 600, 0), 600);
    let report = report(&shop.w).await;
    assert_same(&traffic(&report), &truth(&shop.w));
}

#[tokio::test]
async fn reported_times_that_are_off_by_up_to_a_minute() {
    let shop = with_clocks(|i| (0, (i * 17) % 61 - 30), 600);
    let report = report(&shop.w).await;
    assert_same(&traffic(&report), &truth(&shop.w));
}

#[tokio::test]
async fn both_in_one_minute_intervals() {
    let shop = with_clocks(|i| ((i * 7) % 60, (i * 17) % 61 - 30), 60);
    let report = report(&shop.w).await;
    assert_same(&traffic(&report), &truth(&shop.w));
}

#[tokio::test]
async fn a_flow_that_ends_just_after_the_hour_at_one_interface_only() {
    // Client rows: 1:50-2:00 and 2:00-2:03. NAT rows: 1:50-1:55 and 1:55-2:03, both in hour 1. The client's row of
    // hour 2 has no row of the NAT gateway in its hour, and is evidence all the same.
    let mut shop = Shop::new();
    shop.w.flows.clear();
    let nat = shop.w.nats[shop.nat.0].interface.unwrap();
    shop.w.interfaces[nat.0].phase = 300;
    let client = shop.w.interface_with(shop.main, [10, 0, 1, 12].into()).unwrap();
    super::shop::to_internet(&mut shop.w, client, 9, (17, 39), (2 * HOUR - 600, 780));
    let vpcs = shop.vpcs();
    logged(&mut shop.w, &vpcs);
    let report = report(&shop.w).await;
    assert_same(&traffic(&report), &truth(&shop.w));
    assert_eq!(report.coverage.nat_unmatched_bytes, 0);
}

/// The base world with (phase, skew) by interface number. All flows last from the second hour to the fifth: an hour
/// from the ends, so that no interval falls off the world, and without a pause, so that every slot has a record
/// (a record of a flow that ends early in an interval leaves the slot after it to nobody).
fn with_clocks(clock: impl Fn(i64) -> (i64, i64), interval: i64) -> Shop {
    let mut shop = Shop::new();
    for i in 0..shop.w.interfaces.len() {
        let regional = shop.w.vpc_of(offramp::world::InterfaceKey(i)) == shop.regional;
        let interface = &mut shop.w.interfaces[i];
        (interface.phase, interface.skew) = clock(i as i64);
        // A regional NAT gateway has no interface to report NODATA, so the hour before its first record is not covered,
        // and a client's record that slips into it would count twice, as the rules say of such a seam.
        if regional {
            interface.skew = interface.skew.abs();
        }
    }
    let start = shop.w.start;
    for flow in &mut shop.w.flows {
        (flow.start, flow.duration) = (start + HOUR, 4 * HOUR);
    }
    let vpcs = shop.vpcs();
    logged(&mut shop.w, &vpcs);
    shop.w.flow_logs.iter_mut().for_each(|log| log.interval = interval);
    shop
}

fn logged(w: &mut World, vpcs: &[offramp::world::VpcKey]) {
    for vpc in vpcs {
        w.flow_log(fields::V9, &[Watch::Vpc(*vpc)]);
    }
}
