//! Inspection before the NAT gateway, by dollars: Gateway Load Balancer endpoints and Network Firewall.

use offramp::report::model::Report;
use offramp::world::{EndpointKey, Peer, SubnetKey, Target, VpcKey, Watch, World, fields, sample};

use super::shop::{ACCOUNT, HOUR};
use super::support::{Outcome, assert_same, assert_usd, of_kind, report, report_of, report_with, traffic, truth};

const GIB: u64 = 1 << 30;
/// One GiB a day for a month.
const DAILY: f64 = 730.0 / 24.0;

/// Neither is a list price: what a bill might say.
const FIREWALL_PRICES: &str = "[[price]]\nregion = \"us-east-1\"\ncharge = \"firewall_gib\"\nusd = 0.07\n\n\
    [[price]]\nregion = \"us-east-1\"\ncharge = \"firewall_az_hour\"\nusd = 0.4\n";

#[tokio::test]
async fn s3_behind_a_gateway_load_balancer_endpoint_is_worth_a_second_look() {
    // 10 GiB a day pay 0.045 at the NAT gateway and 0.0035 at the GWLB endpoint. A gateway endpoint would pass the appliance by.
    let (mut w, vpc, endpoint) = inspected(third_party);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let report = report(&w).await;
    let expected = truth(&w);
    assert!(expected.keys().all(|key| key.path == "nat_gateway" && key.via == "gwlb_endpoint"));
    assert_same(&traffic(&report), &expected);
    let found = of_kind(&report, "create_gateway_endpoint")[0];
    assert_eq!(found.decision, "consider");
    assert!(found.why.contains("inspection"), "{}", found.why);
    assert_usd(found.saves.nat_processing_usd, 10.0 * DAILY * 0.045);
    assert_usd(found.saves.gwlb_processing_usd, 10.0 * DAILY * 0.0035);
    assert_usd(found.net_usd_month, 10.0 * DAILY * 0.0485);
    let row = report.endpoints.iter().find(|row| row.endpoint_id == w.endpoints[endpoint.0].id).unwrap();
    assert_usd(row.hours_usd, 730.0 * 0.01);
    assert_usd(report.nat_gateways[0].hours_usd, 730.0 * 0.045);
    assert_eq!(report.totals.adopt_usd_month, 0.0);
}

#[tokio::test]
async fn network_firewall_takes_the_nat_gateway_s_charges_on_itself() {
    // AWS waives the NAT gateway's hours and GB where Network Firewall stands before it; the firewall's own price counts.
    for (format, watch) in
        [(fields::V5, Watch::Vpc as fn(VpcKey) -> Watch), (fields::V2, Watch::Workloads), (fields::V5, Watch::Edges)]
    {
        let (mut w, vpc, endpoint) = inspected(World::firewall_endpoint);
        w.flow_log(format, &[watch(vpc)]);
        let report = priced(&w).await.report;
        let expected = truth(&w);
        assert!(expected.keys().all(|key| key.path == "nat_gateway" && key.via == "network_firewall"));
        assert_same(&traffic(&report), &expected);
        let spent: f64 = report.traffic.iter().filter_map(|row| row.usd_month).sum();
        assert_usd(Some(spent), 12.0 * DAILY * 0.07);
        let nat = &report.nat_gateways[0];
        assert_eq!((nat.processed_bytes, nat.hours_usd, nat.processing_usd), (3 * 12 * GIB, Some(0.0), Some(0.0)));
        let row = report.endpoints.iter().find(|row| row.endpoint_id == w.endpoints[endpoint.0].id).unwrap();
        assert_usd(row.hours_usd, 730.0 * 0.4);
        let found = of_kind(&report, "create_gateway_endpoint")[0];
        assert_eq!(found.decision, "consider", "inspection would be bypassed");
        assert_eq!(found.saves.nat_processing_usd, None);
        assert_usd(found.saves.firewall_processing_usd, 10.0 * DAILY * 0.07);
        assert_usd(found.net_usd_month, 10.0 * DAILY * 0.07);
    }
}

#[tokio::test]
async fn network_firewall_without_a_price_has_no_dollars() {
    let (mut w, vpc, _) = inspected(World::firewall_endpoint);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let outcome = report_with(&w, &Default::default(), &[]).await;
    assert_eq!(outcome.exit, 1);
    let Report { traffic, endpoints, opportunities, prices, .. } = outcome.report;
    assert!(traffic.iter().all(|row| row.usd_month.is_none()));
    assert!(endpoints.iter().all(|row| row.hours_usd.is_none()));
    assert!(opportunities.iter().any(|found| found.decision == "unpriced"));
    for charge in ["firewall_gib", "firewall_az_hour"] {
        assert!(prices.missing.iter().any(|hint| hint.contains(charge)), "{charge}: {:?}", prices.missing);
    }
}

#[tokio::test]
async fn a_nat_gateway_whose_hours_are_waived_saves_none() {
    // Only S3, which may leave by a gateway endpoint: what is left is an idle NAT gateway that costs its address.
    let (mut w, vpc, _) = inspected(World::firewall_endpoint);
    w.flows.truncate(1);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let report = priced(&w).await.report;
    assert!(of_kind(&report, "remove_nat_gateway").iter().all(|found| found.saves.nat_hours_usd.unwrap_or(0.0) == 0.0));
}

/// A client behind an inspection endpoint behind a NAT gateway: 10 GiB of S3 and 2 of the internet a day, three days.
fn inspected(endpoint: fn(&mut World, SubnetKey) -> EndpointKey) -> (World, VpcKey, EndpointKey) {
    let mut w = World::new(sample::START, 72);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (public, inspect, private) = (w.route_table(vpc), w.route_table(vpc), w.route_table(vpc));
    w.internet_gateway(vpc, &[public]);
    let front = w.subnet(vpc, "10.0.0.0/24", "use1-az1", Some(public));
    let middle = w.subnet(vpc, "10.0.1.0/24", "use1-az1", Some(inspect));
    let back = w.subnet(vpc, "10.0.2.0/24", "use1-az1", Some(private));
    let nat = w.nat_gateway(front);
    let endpoint = endpoint(&mut w, middle);
    w.route(private, "0.0.0.0/0", Target::Endpoint(endpoint));
    w.route(inspect, "0.0.0.0/0", Target::Nat(nat));
    w.route(public, "10.0.2.0/24", Target::Endpoint(endpoint));
    let client = w.instance(back);
    let s3 = Peer::Address(w.aws_address("S3", "us-east-1", 1));
    w.flow(client, s3, (3 * GIB, 27 * GIB), (0, 72 * HOUR));
    w.flow(client, Peer::Address([151, 101, 1, 1].into()), (GIB, 5 * GIB), (0, 72 * HOUR));
    (w, vpc, endpoint)
}

async fn priced(w: &World) -> Outcome {
    let directory = tempfile::tempdir().unwrap();
    let (logs, inventory) = (directory.path().join("logs"), directory.path().join("inventory"));
    offramp::world::writer::write_logs(w, &logs, &Default::default()).unwrap();
    offramp::world::inventory_json::write_inventory(w, &inventory).unwrap();
    let prices = directory.path().join("prices.toml");
    std::fs::write(&prices, FIREWALL_PRICES).unwrap();
    report_of(&logs, Some(&inventory), &["--prices", prices.to_str().unwrap()]).await
}

fn third_party(w: &mut World, subnet: SubnetKey) -> EndpointKey {
    w.gwlb_endpoint(subnet, "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0")
}
