//! The same bytes delivered twice.

use offramp::world::writer::{Layout, write_logs};
use offramp::world::{Watch, fields, inventory_json};

use super::support::{assert_same, report, report_of, traffic, truth};

#[tokio::test]
async fn two_flow_logs_on_one_interface() {
    // VPC, subnet and interface level at once, each delivers its copy; the one with most fields stands.
    let (mut w, vpc, nat) = super::nat::plain();
    let interface = w.nats[nat.0].interface.unwrap();
    w.flow_log(fields::V2, &[Watch::Vpc(vpc)]);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    w.flow_log(fields::V5, &[Watch::Interface(interface)]);
    let report = report(&w).await;
    assert_same(&traffic(&report), &truth(&w));
    // A flow leaves its bytes once at its client and twice at the NAT gateway. One copy of the former and two of the
    // latter are left over: 1 + 2 * 2 times the payload.
    let payload: u64 = w.flows.iter().map(|flow| flow.outbound.bytes + flow.inbound.bytes).sum();
    assert_eq!(report.coverage.duplicate_bytes, 5 * payload);
}

#[tokio::test]
async fn a_flow_log_made_in_mid_day_beside_an_older_one() {
    // The newer log has more fields but 98 % of the bytes it has not: the day belongs to the older one.
    let (mut w, vpc, _) = super::nat::plain();
    w.flow_log(fields::V3, &[Watch::Vpc(vpc)]);
    let from = w.start + 2 * 3600;
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]).from = from;
    assert_same(&traffic(&report(&w).await), &truth(&w));
}

#[tokio::test]
async fn a_flow_log_that_replaced_another_in_mid_day() {
    // Neither has the whole day: where the day's choice has no covered hour, the hour's own choice stands.
    let (mut w, vpc, _) = super::nat::plain();
    let edge = w.start + 2 * 3600;
    w.flow_log(fields::V3, &[Watch::Vpc(vpc)]).until = edge;
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]).from = edge;
    assert_same(&traffic(&report(&w).await), &truth(&w));
}

#[tokio::test]
async fn a_version_5_log_that_a_version_2_log_replaced() {
    // Hours of the NAT interface with packet fields count there, later hours at its clients; the gateway's processed
    // bytes are both.
    let (mut w, vpc, _) = super::nat::plain();
    let edge = w.start + 2 * 3600;
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]).until = edge;
    w.flow_log(fields::V2, &[Watch::Vpc(vpc)]).from = edge;
    let report = report(&w).await;
    assert_same(&traffic(&report), &truth(&w));
    let payload: u64 = w.flows.iter().map(|flow| flow.outbound.bytes + flow.inbound.bytes).sum();
    assert_eq!(report.nat_gateways[0].processed_bytes, payload);
}

#[tokio::test]
async fn the_fuller_of_two_flow_logs_stands_whatever_its_fields() {
    // The NAT interface's version 5 log lost most of two hours; the version 2 log beside it lost nothing and is chosen.
    // It covers nothing (no packet fields), so the clients' rows count, and the gateway's bytes are its client leg.
    let (mut w, vpc, nat) = super::nat::plain();
    let interface = w.nats[nat.0].interface.unwrap();
    let lost = (interface, w.start + 3600, w.start + 2 * 3600 + 3000);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]).skips.push(lost);
    w.flow_log(fields::V2, &[Watch::Vpc(vpc)]);
    let report = report(&w).await;
    assert_same(&traffic(&report), &truth(&w));
    let payload: u64 = w.flows.iter().map(|flow| flow.outbound.bytes + flow.inbound.bytes).sum();
    assert_eq!(report.nat_gateways[0].processed_bytes, payload);
}

#[tokio::test]
async fn the_same_object_under_two_prefixes() {
    let (mut w, vpc, _) = super::nat::plain();
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let directory = tempfile::tempdir().unwrap();
    let logs = directory.path().join("logs");
    let first = write_logs(&w, &logs, &Layout::default()).unwrap();
    write_logs(&w, &logs, &Layout { prefix: "copy/of/it/".to_owned(), ..Layout::default() }).unwrap();
    let inventory = directory.path().join("inventory");
    inventory_json::write_inventory(&w, &inventory).unwrap();

    let outcome = report_of(&logs, Some(&inventory), &[]).await;
    assert_same(&traffic(&outcome.report), &truth(&w));
    assert_eq!(outcome.report.coverage.duplicate_objects, first.len() as u64);
    assert_eq!(outcome.report.coverage.objects, first.len() as u64);
}

#[tokio::test]
async fn identical_rows_inside_one_flow_log_are_legal() {
    // Two connections of the same ports in one interval, aggregated apart: equal rows that both count.
    let (mut w, vpc, _) = super::nat::plain();
    let twin = w.flows[0].clone();
    w.flows.push(twin);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    assert_same(&traffic(&report(&w).await), &truth(&w));
}
