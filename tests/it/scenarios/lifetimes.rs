//! From observed bytes to a month: what the logs speak for, and for how long a gateway existed.

use serde_json::json;

use super::handmade::{ENDPOINT, Handmade, Interface, NAT, ONE, S3, START, TWO, assert_cents, nat};

const LOG: &str = "fl-0a0a0a0a0a0a0a0a0";
const OTHER: &str = "fl-0b0b0b0b0b0b0b0b0";
const SECOND_NAT: Interface = Interface { id: "eni-nat-b", address: "10.20.0.6", ..NAT };
const IDLE: Interface = Interface { id: "eni-idle", address: "10.20.1.12", ..ONE };

/// A task that lives one hour of a day behind a gateway without a log was silent for 23 hours, not unseen: 6 GiB a day are 182.5 a month.
#[tokio::test]
async fn a_client_of_one_hour_is_scaled_by_the_hours_of_its_flow_log() {
    let mut w = Handmade::new();
    w.idle(LOG, IDLE, 0..144);
    w.fetched(LOG, ONE, S3, 1.0, 60..66);
    let report = w.report().await;
    assert_cents(Some(report.totals.adopt_usd_month), 182.5 * 0.045);
    assert_eq!(report.nat_gateways[0].covered_hours, 24.0);
    assert_cents(report.nat_gateways[0].monthly_gib, 182.5);
}

/// In a shared VPC the flow log watches interfaces of several accounts: a participant's task is scaled by all of its hours.
#[tokio::test]
async fn a_participant_is_scaled_by_the_hours_of_the_owner_s_flow_log() {
    let mut w = Handmade::new();
    w.idle(LOG, IDLE, 0..144);
    w.fetched(LOG, ONE, S3, 1.0, 60..66);
    w.owned_by(ONE, "555566667777");
    let report = w.report().await;
    assert_cents(report.nat_gateways[0].monthly_gib, 182.5);
}

/// The same to an endpoint whose interface is not logged: $0.01 a GiB.
#[tokio::test]
async fn bytes_to_an_endpoint_without_a_log_are_scaled_alike() {
    let mut w = Handmade::new().with_endpoint();
    w.idle(LOG, IDLE, 0..144);
    w.fetched(LOG, ONE, ENDPOINT.address, 1.0, 60..66);
    let report = w.report().await;
    assert_cents(report.endpoints[0].processing_usd, 1.825);
}

/// The clients of two subnets have flow logs of their own, one of which delivered a quarter of the time: each part is scaled by its own.
#[tokio::test]
async fn parts_of_several_flow_logs_are_scaled_each_by_its_own() {
    let mut w = Handmade::new();
    w.fetched(LOG, ONE, S3, 1.0, 0..24);
    w.fetched(OTHER, TWO, S3, 1.0, 0..6);
    let report = w.report().await;
    assert_eq!(report.window.hours, 4.0);
    // 24 GiB in 4 of 4 h and 6 GiB in 1 of 4 h: 4,380 a month each.
    assert_cents(report.nat_gateways[0].monthly_gib, 2.0 * 4380.0);
}

/// The gateway's log has the first of two hours, its client's the second: together they speak for both, once each.
#[tokio::test]
async fn a_gateway_and_its_stand_ins_speak_for_the_hours_of_both() {
    let mut w = Handmade::new();
    w.passed(LOG, NAT, ONE, S3, 1.0, 0..6);
    w.fetched(OTHER, ONE, S3, 1.0, 6..12);
    let report = w.report().await;
    assert_cents(report.nat_gateways[0].monthly_gib, 4380.0);
    assert_cents(Some(report.totals.adopt_usd_month), 4380.0 * 0.045);
}

/// The last record reaches beyond the last slot in which one starts, and a first one began long before what is asked for.
#[tokio::test]
async fn no_slot_outside_the_window_counts() {
    let mut w = Handmade::new();
    w.passed(LOG, NAT, ONE, S3, 1.0, 0..12);
    w.fetched(LOG, ONE, S3, 1.0, 0..12);
    let (start, end) = (START + 11 * 600 + 500, START + 14 * 600);
    w.line(LOG, format!("5 222233334444 eni-nat - - - - - - - {start} {end} - NODATA vpc-1 subnet-public - - - - - us-east-1 use1-az1 - - - -"));
    let report = w.report().await;
    assert_eq!(
        (report.window.hours, report.nat_gateways[0].covered_hours, report.coverage.covered_hours),
        (2.0, 2.0, 2.0)
    );
    assert_cents(report.nat_gateways[0].monthly_gib, 4380.0);
    let report = w.report_with(&["--since", "2026-10-05T00:30:00Z", "--until", "2026-10-05T01:30:00Z"]).await;
    assert_eq!((report.window.hours, report.nat_gateways[0].covered_hours), (1.0, 1.0));
    assert_cents(report.nat_gateways[0].monthly_gib, 4380.0);
}

/// One empty slot between two records is no gap at ten minutes of aggregation, two are; at one minute one is; SKIPDATA always is.
#[tokio::test]
async fn a_short_silence_of_a_gateway_is_no_gap() {
    let world = |hole: std::ops::Range<i64>| {
        let mut w = Handmade::new();
        for slots in [0..hole.start, hole.end..12] {
            w.passed(LOG, NAT, ONE, S3, 1.0, slots);
        }
        w
    };
    let hours = async |w: &Handmade| w.report().await.coverage.gateways[0].covered_hours;
    assert_eq!(hours(&world(7..8)).await, 2.0);
    assert_eq!(hours(&world(5..6)).await, 2.0, "at the edge of an hour");
    assert_eq!(hours(&world(6..7)).await, 2.0, "at the beginning of an hour");
    assert!((hours(&world(7..9)).await - 10.0 / 6.0).abs() < 1e-9);
    let mut skipped = world(7..8);
    skipped.skipped(LOG, NAT, 7..8);
    assert!((hours(&skipped).await - 11.0 / 6.0).abs() < 1e-9);
    let mut minutes = world(7..8);
    minutes.files.insert(
        "describe-flow-logs",
        json!({"FlowLogs": [{"FlowLogId": LOG, "ResourceId": "vpc-1", "TrafficType": "ALL", "MaxAggregationInterval": 60}]}),
    );
    assert!((hours(&minutes).await - 11.0 / 6.0).abs() < 1e-9);
}

/// Two gateways that follow each other are one a month: bytes and hours.
#[tokio::test]
async fn a_replaced_gateway_is_one_a_month() {
    let mut w = Handmade::new();
    w.passed(LOG, NAT, ONE, S3, 1.0, 0..12);
    w.passed(LOG, SECOND_NAT, ONE, S3, 1.0, 12..24);
    w.fetched(LOG, ONE, S3, 1.0, 0..24);
    let (mut first, mut second) = (nat("nat-1", NAT), nat("nat-2", SECOND_NAT));
    first["State"] = json!("deleted");
    first["DeleteTime"] = json!("2026-10-05T02:00:00Z");
    second["CreateTime"] = json!("2026-10-05T02:00:00Z");
    w.files.insert("describe-nat-gateways", json!({"NatGateways": [first, second]}));
    let report = w.report().await;
    assert_cents(report.totals.nat_usd_month, 4380.0 * 0.045 + 32.85);
    assert_cents(Some(report.totals.adopt_usd_month), 4380.0 * 0.045);
    let young = report.nat_gateways.iter().find(|nat| nat.nat_gateway_id == "nat-2").unwrap();
    assert_eq!((young.life_hours, young.covered_hours, young.window_share), (Some(2.0), 2.0, Some(1.0)));
    assert_cents(young.hours_usd, 32.85 / 2.0);
    // Its own month from now on, in no total.
    assert_cents(young.run_rate_usd_month, 4380.0 * 0.045 + 32.85);
    let old = report.nat_gateways.iter().find(|nat| nat.nat_gateway_id == "nat-1").unwrap();
    assert_eq!(old.run_rate_usd_month, None, "it is gone");
    assert!(report.coverage.gaps.iter().all(|gap| gap.kind != "nat_gateway"), "{:?}", report.coverage.gaps);
}

/// Without their entries the interfaces' records tell: the flow log goes on delivering for the client outside of each span.
#[tokio::test]
async fn lives_are_read_off_the_records_where_nothing_else_tells() {
    let mut w = Handmade::new();
    w.passed(LOG, NAT, ONE, S3, 1.0, 0..12);
    w.passed(LOG, SECOND_NAT, ONE, S3, 1.0, 12..24);
    w.fetched(LOG, ONE, S3, 1.0, 0..24);
    // Gone interfaces leave no entry; that they were a NAT gateway's the interface descriptions say.
    let mut interfaces = w.files["describe-network-interfaces"].clone();
    let entry = json!({
        "NetworkInterfaceId": "eni-nat-b", "InterfaceType": "nat_gateway", "Description": "Interface for NAT Gateway nat-2",
        "OwnerId": "222233334444", "VpcId": "vpc-1", "SubnetId": "subnet-public", "PrivateIpAddress": "10.20.0.6",
        "PrivateIpAddresses": [{"Primary": true, "PrivateIpAddress": "10.20.0.6"}],
    });
    interfaces["NetworkInterfaces"].as_array_mut().unwrap().push(entry);
    w.files.insert("describe-network-interfaces", interfaces);
    w.files.remove("describe-nat-gateways");
    let report = w.report().await;
    assert_cents(report.totals.nat_usd_month, 4380.0 * 0.045 + 32.85);
}

/// A flow log that was switched on late is no birth: the gateway was there, unseen, and its month is scaled from what was seen.
#[tokio::test]
async fn a_flow_log_that_begins_late_is_no_birth() {
    let mut w = Handmade::new();
    w.idle(OTHER, TWO, 0..24);
    w.passed(LOG, NAT, ONE, S3, 1.0, 12..24);
    w.fetched(LOG, ONE, S3, 1.0, 12..24);
    w.files.remove("describe-nat-gateways");
    let report = w.report().await;
    assert_eq!(report.window.hours, 4.0);
    assert_cents(report.totals.nat_usd_month, 4380.0 * 0.045 + 32.85);
    let share = report.nat_gateways[0].window_share.unwrap();
    assert!((share - 0.5).abs() < 1e-9, "half of it was seen: {share}");
}

/// An endpoint that was made in the middle of the window pays hours from then on, and its bytes are those of half a month.
#[tokio::test]
async fn a_young_endpoint_pays_from_its_creation() {
    let mut w = Handmade::new().with_endpoint();
    let endpoint = &mut w.files.get_mut("describe-vpc-endpoints").unwrap()["VpcEndpoints"][0];
    endpoint["CreationTimestamp"] = json!("2026-10-05T02:00:00Z");
    w.fetched(LOG, ONE, ENDPOINT.address, 1.0, 12..24);
    w.idle(LOG, ONE, 0..12);
    w.idle(LOG, ENDPOINT, 12..24);
    let report = w.report().await;
    assert_cents(report.endpoints[0].hours_usd, 7.30 / 2.0);
    assert_eq!(report.endpoints[0].life_hours, Some(2.0));
    assert!(
        super::support::of_kind(&report, "delete_idle_interface_endpoint").is_empty(),
        "seen for half of the window"
    );
}
