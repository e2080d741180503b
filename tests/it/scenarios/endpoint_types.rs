//! Endpoints that are no plain interface endpoint of an AWS service: resource, service network, those still being made; and what
//! very much traffic costs.

use std::path::Path;

use offramp::world::writer::{Layout, write_logs};
use offramp::world::{EndpointKey, InterfaceKey, Peer, Watch, World, fields, inventory_json, sample};

use super::nat::two_zones;
use super::shop::{ACCOUNT, HOUR};
use super::support::{Outcome, assert_usd, report, report_of};

const GIB: u64 = 1 << 30;
const DAILY: f64 = 730.0 / 24.0;

#[tokio::test]
async fn a_resource_endpoint_has_prices_of_its_own_and_no_advice() {
    let (mut w, endpoint, _) = one_endpoint("sqs");
    w.endpoints[endpoint.0].service =
        "arn:aws:vpc-lattice:us-east-1:222233334444:resourceconfiguration/rcfg-0a1b2c3d4e5f60718".to_owned();
    let outcome = retyped(&w, "Resource").await;
    assert_eq!(outcome.exit, 0);
    let report = outcome.report;
    assert!(
        report
            .traffic
            .iter()
            .all(|row| row.path == "interface_endpoint" && row.path_evidence.as_deref() == Some("interface"))
    );
    // Resource endpoints: 0.02 an hour and zone, 0.01 a GiB, without tiers.
    let spent: f64 = report.traffic.iter().filter_map(|row| row.usd_month).sum();
    assert_usd(Some(spent), 5.0 * DAILY * 0.01);
    let row = &report.endpoints[0];
    assert_eq!((row.endpoint_type.as_str(), row.observed), ("resource", true));
    assert!(row.service.starts_with("arn:aws:vpc-lattice:"), "{}", row.service);
    assert_usd(row.hours_usd, 730.0 * 0.02);
    assert_usd(row.processing_usd, 5.0 * DAILY * 0.01);
    assert!(report.opportunities.iter().all(|found| found.endpoint_id.is_none()), "{:?}", report.opportunities);
}

#[tokio::test]
async fn a_service_network_endpoint_without_a_price_is_counted_and_has_no_dollars() {
    let (w, _, _) = one_endpoint("sqs");
    let report = retyped(&w, "ServiceNetwork").await.report;
    assert_eq!(report.traffic.iter().map(|row| row.bytes).sum::<u64>(), 15 * GIB);
    assert!(report.traffic.iter().all(|row| row.path == "interface_endpoint" && row.usd_month.is_none()));
    assert_eq!((report.endpoints[0].hours_usd, report.endpoints[0].processing_usd), (None, None));
    for charge in ["service_network_endpoint_gib", "service_network_endpoint_az_hour"] {
        assert!(
            report.prices.missing.iter().any(|hint| hint.contains(charge)),
            "{charge}: {:?}",
            report.prices.missing
        );
    }
    assert!(report.opportunities.iter().all(|found| found.endpoint_id.is_none()));
}

#[tokio::test]
async fn an_endpoint_that_waits_for_its_acceptance_is_one() {
    // 20 GiB of SQS a day through the NAT gateway would pay for an endpoint; one is on its way, so nothing is to be made.
    for (state, kind) in
        [("available", "create_interface_endpoint"), ("pendingAcceptance", "investigate"), ("pending", "investigate")]
    {
        let mut w = World::new(sample::START, 72);
        let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
        let (_, one, _) = two_zones(&mut w, vpc);
        let client = w.instance(one);
        let address = w.aws_address("AMAZON", "us-east-1", 3);
        w.flow(client, Peer::Address(address), (30 * GIB, 30 * GIB), (0, 72 * HOUR));
        // The counterpart, in the first round: an endpoint of another service.
        w.interface_endpoint(vpc, if state == "available" { "kms" } else { "sqs" }, &[one]);
        w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
        let directory = tempfile::tempdir().unwrap();
        let [logs, inventory, resolver] = ["logs", "inventory", "resolver"].map(|name| directory.path().join(name));
        write_logs(&w, &logs, &Layout::default()).unwrap();
        inventory_json::write_inventory(&w, &inventory).unwrap();
        edit(&inventory, "\"State\": \"available\"", &format!("\"State\": \"{state}\""));
        let asked: Vec<i64> = (0..72).map(|hour| hour * HOUR + 60).collect();
        w.write_lookups(&w.dns_lookups(client, "sqs.us-east-1.amazonaws.com", address, &asked), &resolver).unwrap();
        let report = report_of(&logs, Some(&inventory), &["--resolver", resolver.to_str().unwrap()]).await.report;
        let found: Vec<_> =
            report.opportunities.iter().filter(|found| found.service.as_deref() == Some("sqs")).collect();
        let kinds: Vec<_> = found.iter().map(|found| found.kind.as_str()).collect();
        assert_eq!(kinds, [kind], "{state}");
        assert_eq!(found[0].decision == "adopt", kind == "create_interface_endpoint", "{state}");
    }
}

#[tokio::test]
async fn endpoint_gib_above_the_first_tier_cost_less() {
    // 3 PiB a month in one account and Region: the first at 0.01, the second and third at 0.006 a GiB.
    let (mut w, _, _) = one_endpoint("sqs");
    let pib = (1_u64 << 20) as f64;
    let flow = &mut w.flows[0];
    let daily = 3.0 * pib / DAILY;
    (flow.outbound.bytes, flow.inbound.bytes) = ((daily * 2.0 * GIB as f64) as u64, (daily * GIB as f64) as u64);
    let report = report(&w).await;
    let expected = pib * 0.01 + 2.0 * pib * 0.006;
    let spent: f64 = report.traffic.iter().filter_map(|row| row.usd_month).sum();
    assert_usd(Some(spent), expected);
    assert_usd(report.endpoints[0].monthly_gib, 3.0 * pib);
    assert_usd(report.endpoints[0].processing_usd, expected);
}

/// An interface endpoint with 5 GiB a day for three days.
fn one_endpoint(service: &str) -> (World, EndpointKey, InterfaceKey) {
    let mut w = World::new(sample::START, 72);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, _) = two_zones(&mut w, vpc);
    let endpoint = w.interface_endpoint(vpc, service, &[one]);
    let client = w.instance(one);
    let interface = w.endpoint_interfaces(endpoint)[0];
    w.flow_between(client, interface, (6 * GIB, 9 * GIB), (0, 72 * HOUR));
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    (w, endpoint, client)
}

/// A report in whose inventory the interface endpoints are of another type.
async fn retyped(w: &World, kind: &str) -> Outcome {
    let directory = tempfile::tempdir().unwrap();
    let (logs, inventory) = (directory.path().join("logs"), directory.path().join("inventory"));
    write_logs(w, &logs, &Layout::default()).unwrap();
    inventory_json::write_inventory(w, &inventory).unwrap();
    edit(&inventory, "\"VpcEndpointType\": \"Interface\"", &format!("\"VpcEndpointType\": \"{kind}\""));
    edit(&inventory, "com.amazonaws.us-east-1.arn:", "arn:");
    report_of(&logs, Some(&inventory), &[]).await
}

/// Replaces text in `describe-vpc-endpoints.json`.
fn edit(inventory: &Path, from: &str, to: &str) {
    for entry in walkdir::WalkDir::new(inventory) {
        let path = entry.unwrap().into_path();
        if path.file_name().is_some_and(|name| name == "describe-vpc-endpoints.json") {
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, text.replace(from, to)).unwrap();
        }
    }
}
