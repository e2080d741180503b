//! Paths of AWS of 2026 whose price or effect is not known: where the inventory shows one, no saving is stated.

use offramp::report::model::Report;
use serde_json::{Value, json};

use super::handmade::{Handmade, NAT, ONE, S3, assert_cents};
use super::support::of_kind;

const LOG: &str = "fl-0a0a0a0a0a0a0a0a0";

/// 4,380 GiB of S3 a month through the NAT gateway, as its client's log shows them.
fn world() -> Handmade {
    let mut w = Handmade::new();
    w.fetched(LOG, ONE, S3, 1.0, 0..12);
    w.passed(LOG, NAT, ONE, S3, 1.0, 0..12);
    w
}

/// The same VPC with a way to a transit gateway in place of the NAT gateway.
fn spoke() -> Handmade {
    let mut w = Handmade::new();
    w.fetched(LOG, ONE, S3, 1.0, 0..12);
    w.files.insert("describe-nat-gateways", json!({"NatGateways": []}));
    let route = &mut w.files.get_mut("describe-route-tables").unwrap()["RouteTables"][0]["Routes"][1];
    *route = json!({"DestinationCidrBlock": "0.0.0.0/0", "TransitGatewayId": "tgw-1", "State": "active"});
    w
}

fn attachment(id: &str, kind: &str, resource: &str) -> Value {
    json!({
        "TransitGatewayAttachmentId": id, "TransitGatewayId": "tgw-1", "ResourceType": kind, "ResourceId": resource,
        "ResourceOwnerId": "222233334444", "State": "available",
    })
}

/// The opportunity is there, without a dollar, and says why.
#[track_caller]
fn assert_not_stated(report: &Report, word: &str) {
    let found = of_kind(report, "create_gateway_endpoint")[0];
    assert_eq!((found.decision.as_str(), found.net_usd_month), ("unpriced", None), "{}", found.why);
    assert!(found.why.contains(word) && found.why.contains("no saving is stated"), "{}", found.why);
    assert_eq!(report.totals.adopt_usd_month, 0.0);
    assert!(report.notices.iter().any(|notice| notice.to_lowercase().contains(word)), "{:?}", report.notices);
}

#[tokio::test]
async fn without_any_of_them_the_saving_is_stated() {
    assert_cents(Some(world().report().await.totals.adopt_usd_month), 4380.0 * 0.045);
    let report = spoke().report().await;
    let found = of_kind(&report, "create_gateway_endpoint")[0];
    assert_eq!(found.decision, "consider", "{}", found.why);
    assert_cents(found.net_usd_month, 4380.0 * 0.02);
    let paid: f64 = found.saves_by_payer.iter().map(|payer| payer.usd).sum();
    assert_cents(Some(paid), 4380.0 * 0.02);
}

#[tokio::test]
async fn a_proxy_on_the_nat_gateway_hides_where_the_bytes_go() {
    let mut w = world();
    let nat = &mut w.files.get_mut("describe-nat-gateways").unwrap()["NatGateways"][0];
    nat["AttachedAppliances"] =
        json!([{"Type": "network-firewall-proxy", "ApplianceArn": "arn:aws:network-firewall:x"}]);
    assert_not_stated(&w.report().await, "proxy");
}

#[tokio::test]
async fn an_internet_firewall_inspects_without_a_route() {
    let mut w = world();
    let vpc = &mut w.files.get_mut("describe-vpcs").unwrap()["Vpcs"][0];
    vpc["NetworkFirewallAssociations"] = json!([{"AssociationId": "nfw-assoc-1", "State": "associated"}]);
    assert_not_stated(&w.report().await, "internet firewall");
}

#[tokio::test]
async fn a_network_function_of_a_transit_gateway_has_no_known_price() {
    let mut w = spoke();
    w.files.insert(
        "describe-transit-gateway-attachments",
        json!({"TransitGatewayAttachments": [
            attachment("tgw-attach-1", "vpc", "vpc-1"), attachment("tgw-attach-2", "network-function", "vpce-svc-1"),
        ]}),
    );
    assert_not_stated(&w.report().await, "network function");
}

/// The net stands; who pays it is another account's policy.
#[tokio::test]
async fn a_metering_policy_may_name_another_payer() {
    let mut w = spoke();
    w.files.insert(
        "describe-transit-gateway-metering-policies",
        json!({"TransitGatewayMeteringPolicies": [{"TransitGatewayMeteringPolicyId": "tgw-mp-1", "TransitGatewayId": "tgw-1"}]}),
    );
    let report = w.report().await;
    let found = of_kind(&report, "create_gateway_endpoint")[0];
    assert_cents(found.net_usd_month, 4380.0 * 0.02);
    assert!(found.saves_by_payer.is_empty() && found.why.contains("metering policy"), "{}", found.why);
}
