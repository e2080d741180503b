//! What stays of the dollars when a price is missing: the known part as a lower bound, and never more money.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::datasource::MemTable;
use offramp::observe::progress::Silent;
use offramp::pipeline::{self, Job, Keep};
use offramp::prices::Charge;
use offramp::report::model::{Bound, Opportunity};
use offramp::report::{CsvTable, Format, Report, render};
use offramp::source::location::Location;
use offramp::world::writer::{Layout, write_logs};
use offramp::world::{
    InterfaceKey, Lookup, Peer, SubnetKey, Target, VpcKey, Watch, World, fields, inventory_json, sample,
};

use super::nat::two_zones;
use super::shop::{ACCOUNT, HOUR};
use super::support::{assert_usd, of_kind};

const GIB: u64 = 1 << 30;
const DAILY: f64 = 730.0 / 24.0;

#[tokio::test]
async fn one_byte_across_zones_does_not_blank_the_headline() {
    // 100 GiB a day of S3 in the gateway's zone and a MiB from the other. Without the price of the zone border: at least the
    // hours, 32.85, and 100 x 730/24 x 0.045 = 136.88 of processing, of which the S3 saving is the processing.
    let mut w = World::new(sample::START, 72);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, two) = two_zones(&mut w, vpc);
    let (a, b) = (w.instance(one), w.instance(two));
    daily(&mut w, a, "S3", 100);
    let address = w.aws_address("S3", "us-east-1", 0);
    w.flow(b, Peer::Address(address), (0, 1 << 20), (0, 72 * HOUR));
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let site = Site { w, lookups: Vec::new() };
    let full = site.without(&[]).await;
    let cut = site.without(&[Charge::InterAzGib]).await;
    let gib = (100.0 * 3.0 + 1.0 / 1024.0) / 3.0 * DAILY;
    assert_eq!((full.totals.nat_usd_month_bound, full.totals.adopt_usd_month_bound), (Bound::Exact, Bound::Exact));
    assert_usd(cut.totals.nat_usd_month, 32.85 + gib * 0.045);
    assert_eq!(cut.totals.nat_usd_month_bound, Bound::AtLeast);
    let found = of_kind(&cut, "create_gateway_endpoint")[0];
    assert_eq!((found.decision.as_str(), found.bound), ("adopt", Bound::AtLeast));
    assert_usd(found.net_usd_month, gib * 0.045);
    assert_eq!(found.saves.inter_az_usd, None, "the charge itself has no figure");
    assert!(found.missing_prices.iter().any(|hint| hint.contains("inter_az_gib")), "{:?}", found.missing_prices);
    assert!(found.range.is_some_and(|range| range.low <= gib * 0.045 + 1e-6));
    assert_eq!(cut.totals.adopt_usd_month_bound, Bound::AtLeast);
    let nat = &cut.nat_gateways[0];
    assert_eq!((nat.inter_az_usd, nat.bound), (None, Bound::AtLeast));
    assert_usd(nat.processing_usd, gib * 0.045);
    let crossing = cut.traffic.iter().filter(|row| row.az_id.as_deref() == Some("use1-az2"));
    assert!(crossing.clone().count() > 0 && crossing.clone().all(|row| row.bound == Bound::AtLeast));
    assert!(cut.traffic.iter().any(|row| row.bound == Bound::Exact), "the others are as they were");

    let table = render(&cut, Format::Table, CsvTable::Traffic, false).unwrap();
    let words = table.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("NAT gateways cost at least $169."), "{table}");
    assert!(words.contains("to adopt would save at least $136.8"), "{table}");
    assert!(words.contains("inter_az_gib"), "the override to write: {table}");
    let markdown = render(&cut, Format::Markdown, CsvTable::Traffic, false).unwrap();
    assert!(markdown.contains("at least \\$136.8") && markdown.contains("at least \\$169."), "{markdown}");
    let csv = |table| render(&cut, Format::Csv, table, false).unwrap();
    for table in [CsvTable::Opportunities, CsvTable::NatGateways, CsvTable::Traffic] {
        let text = csv(table);
        assert!(text.lines().next().unwrap().split(',').any(|column| column == "bound"), "{text}");
        assert!(text.contains("at_least"), "{text}");
    }
    let json = render(&cut, Format::Json, CsvTable::Traffic, false).unwrap();
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["totals"]["nat_usd_month_bound"], "at_least");
}

#[tokio::test]
async fn a_cost_without_a_price_turns_the_decision_and_a_saving_does_not() {
    // 20 GiB a day of SQS: an endpoint saves 27.37 of NAT processing and costs 7.30 of hours and 6.08 of GB.
    let site = queue(20);
    let decided = |report: &Report| {
        let found = of_kind(report, "create_interface_endpoint")[0];
        (found.decision.clone(), found.net_usd_month.map(|usd| (usd * 100.0).round() / 100.0), found.bound)
    };
    let gib = 20.0 * DAILY;
    let net = (gib * 0.035 - 7.3) * 100.0;
    assert_eq!(decided(&site.without(&[]).await), ("adopt".into(), Some(net.round() / 100.0), Bound::Exact));
    for cost in [Charge::InterfaceEndpointAzHour, Charge::InterfaceEndpointGib] {
        let report = site.without(&[cost]).await;
        assert_eq!(decided(&report), ("unpriced".into(), None, Bound::AtLeast), "{cost}");
        assert_eq!(report.totals.adopt_usd_month, 0.0);
        assert_eq!(report.totals.adopt_usd_month_bound, Bound::AtLeast);
        let missing = &of_kind(&report, "create_interface_endpoint")[0].missing_prices;
        assert!(missing.len() == 1 && missing[0].contains(cost.as_str()), "{missing:?}");
    }
    // The saving itself is unknown: what it costs is no reason against it, and none for it.
    let report = site.without(&[Charge::NatGib]).await;
    assert_eq!(decided(&report), ("unpriced".into(), None, Bound::AtLeast));
    // What has nothing to do with it changes nothing.
    for other in [Charge::TransitGatewayGib, Charge::GwlbEndpointGib, Charge::FirewallGib] {
        assert_eq!(decided(&site.without(&[other]).await).0, "adopt", "{other}");
    }
    // 1 GiB a day saves 1.37, less than the hours alone: whatever a GB on the endpoint costs, it does not pay.
    let small = queue(1);
    let report = small.without(&[Charge::InterfaceEndpointGib]).await;
    let found = of_kind(&report, "create_interface_endpoint")[0];
    assert_eq!((found.decision.as_str(), found.net_usd_month), ("skip", None));
}

#[tokio::test]
async fn a_change_with_a_known_part_is_adopted_for_it() {
    // The spoke's S3 saves NAT and transit gateway; without the latter's price the former stands.
    let site = many_charges();
    let spoke = &site.w.vpcs[2].id;
    let report = site.without(&[Charge::TransitGatewayGib]).await;
    let found: Vec<&Opportunity> =
        of_kind(&report, "create_gateway_endpoint").into_iter().filter(|o| o.vpc_id.as_ref() == Some(spoke)).collect();
    assert_eq!((found[0].decision.as_str(), found[0].bound), ("adopt", Bound::AtLeast));
    assert_usd(found[0].net_usd_month, 12.0 * DAILY * 0.045);
    let report = site.without(&[Charge::NatGib]).await;
    let found: Vec<&Opportunity> =
        of_kind(&report, "create_gateway_endpoint").into_iter().filter(|o| o.vpc_id.as_ref() == Some(spoke)).collect();
    assert_eq!((found[0].decision.as_str(), found[0].bound), ("adopt", Bound::AtLeast));
    assert_usd(found[0].net_usd_month, 12.0 * DAILY * 0.02);
}

#[tokio::test]
async fn no_dollar_is_higher_without_a_price() {
    let site = many_charges();
    let full = site.without(&[]).await;
    let kinds: Vec<&str> = full.opportunities.iter().map(|o| o.kind.as_str()).collect();
    for kind in [
        "create_gateway_endpoint",
        "create_interface_endpoint",
        "enable_private_dns",
        "replace_interface_with_gateway",
        "delete_idle_interface_endpoint",
        "nat_per_az",
    ] {
        assert!(kinds.contains(&kind), "{kind} is not in the world: {kinds:?}");
    }
    let used = [
        Charge::NatHour,
        Charge::NatGib,
        Charge::InterfaceEndpointAzHour,
        Charge::InterfaceEndpointGib,
        Charge::GwlbEndpointAzHour,
        Charge::GwlbEndpointGib,
        Charge::TransitGatewayGib,
        Charge::InterAzGib,
        Charge::PublicIpv4Hour,
    ];
    for (at, charge) in used.into_iter().enumerate() {
        let cut = site.without(&[charge]).await;
        never_more(&full, &cut, charge.as_str());
        assert!(cut.prices.missing.iter().any(|hint| hint.contains(charge.as_str())), "{charge} is not used");
        let pair = [charge, used[(at + 1) % used.len()]];
        never_more(&full, &site.without(&pair).await, &format!("{pair:?}"));
    }
}

/// The invariants of a report that lacks a price that the full one has.
fn never_more(full: &Report, cut: &Report, what: &str) {
    let most = |usd: f64| usd + 1e-6 * usd.abs().max(1.0);
    let adopted = |report: &Report| -> BTreeMap<String, f64> {
        let adopted = report.opportunities.iter().filter(|one| one.decision == "adopt");
        adopted.map(|one| (one.id.clone(), one.net_usd_month.unwrap())).collect()
    };
    let before = adopted(full);
    for (id, usd) in adopted(cut) {
        let least = before.get(&id).copied().unwrap_or(0.0);
        let one = cut.opportunities.iter().find(|one| one.id == id).unwrap();
        assert!(usd <= most(least), "{what}: {} {:?} {usd} above {least}", one.kind, one.service);
    }
    let (old, new) = (&full.totals, &cut.totals);
    assert!(new.adopt_usd_month <= most(old.adopt_usd_month), "{what}");
    let lower = |old: f64, new: f64| new < old - 1e-6;
    if lower(old.adopt_usd_month, new.adopt_usd_month) {
        assert_eq!(new.adopt_usd_month_bound, Bound::AtLeast, "{what}");
    }
    let nat = new.nat_usd_month.unwrap_or(0.0);
    assert!(nat <= most(old.nat_usd_month.unwrap()), "{what}");
    if lower(old.nat_usd_month.unwrap(), nat) {
        assert_eq!(new.nat_usd_month_bound, Bound::AtLeast, "{what}");
    }
    for (old, new) in full.nat_gateways.iter().zip(&cut.nat_gateways) {
        for (old, new) in [
            (old.hours_usd, new.hours_usd),
            (old.processing_usd, new.processing_usd),
            (old.inter_az_usd, new.inter_az_usd),
            (old.transit_gateway_usd, new.transit_gateway_usd),
        ] {
            // A charge is as it was, or has no figure.
            assert!(new.is_none_or(|new| (new - old.unwrap_or(-1.0)).abs() < 1e-6), "{what}: {old:?} {new:?}");
        }
        assert!(new.bound == Bound::AtLeast || new.observed_usd == old.observed_usd, "{what}");
    }
    let spent = |report: &Report| report.traffic.iter().filter_map(|row| row.usd_month).sum::<f64>();
    assert!(spent(cut) <= most(spent(full)), "{what}");
    if lower(spent(full), spent(cut)) {
        assert!(cut.traffic.iter().any(|row| row.bound == Bound::AtLeast), "{what}");
    }
    for one in &cut.opportunities {
        assert!(one.decision != "unpriced" || one.net_usd_month.is_none(), "{what}");
        if one.bound == Bound::Exact && one.decision == "adopt" {
            assert_usd(one.net_usd_month, before[&one.id]);
        }
    }
}

/// A world and what its clients asked the resolver.
struct Site {
    w: World,
    lookups: Vec<Lookup>,
}

impl Site {
    /// The report by a price table that lacks some charges.
    async fn without(&self, charges: &[Charge]) -> Report {
        let files = tempfile::tempdir().unwrap();
        let [logs, inventory, queries] = ["logs", "inventory", "queries"].map(|name| files.path().join(name));
        write_logs(&self.w, &logs, &Layout::default()).unwrap();
        inventory_json::write_inventory(&self.w, &inventory).unwrap();
        let location = |path: &std::path::Path| path.to_str().unwrap().parse::<Location>().unwrap();
        let mut job = Job { sources: vec![location(&logs)], inventory: Some(inventory), ..Job::default() };
        if !self.lookups.is_empty() {
            self.w.write_lookups(&self.lookups, &queries).unwrap();
            job.resolver = vec![location(&queries)];
        }
        let session = pipeline::open(&job, Arc::new(Silent)).await.unwrap();
        let ctx = session.context();
        let names: Vec<_> = charges.iter().map(|charge| format!("'{charge}'")).collect();
        let kept = if names.is_empty() { "true".into() } else { format!("charge NOT IN ({})", names.join(", ")) };
        let rows = ctx.sql(&format!("SELECT * FROM prices WHERE {kept}")).await.unwrap();
        let schema = Arc::new(rows.schema().as_arrow().clone());
        let rows = rows.collect().await.unwrap();
        ctx.deregister_table("prices").unwrap();
        ctx.register_table("prices", Arc::new(MemTable::try_new(schema, vec![rows]).unwrap())).unwrap();
        session.classify(Keep::Report).await.unwrap();
        session.report().await.unwrap()
    }

    /// The client asks for a name each hour and sends so many GiB a day there.
    fn named(&mut self, client: InterfaceKey, host: &str, n: usize, gib: u64) {
        let address = self.w.aws_address("AMAZON", "us-east-1", n);
        self.w.flow(client, Peer::Address(address), (gib * GIB, 2 * gib * GIB), (0, 72 * HOUR));
        let asked: Vec<i64> = (0..72).map(|hour| hour * HOUR + 60).collect();
        self.lookups.extend(self.w.dns_lookups(client, host, address, &asked));
    }
}

fn daily(w: &mut World, client: InterfaceKey, code: &str, gib: u64) {
    let address = w.aws_address(code, "us-east-1", 0);
    w.flow(client, Peer::Address(address), (0, 3 * gib * GIB), (0, 72 * HOUR));
}

fn queue(gib: u64) -> Site {
    let mut w = World::new(sample::START, 72);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, _) = two_zones(&mut w, vpc);
    let client = w.instance(one);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let mut site = Site { w, lookups: Vec::new() };
    site.named(client, "sqs.us-east-1.amazonaws.com", 3, gib);
    site
}

/// Zone borders, endpoints of every fate, a spoke behind a transit gateway, an inspected VPC: three days of us-east-1.
fn many_charges() -> Site {
    let mut w = World::new(sample::START, 72);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, two) = two_zones(&mut w, vpc);
    let (a, b) = (w.instance(one), w.instance(two));
    daily(&mut w, a, "S3", 50);
    daily(&mut w, b, "S3", 20);
    w.flow(b, Peer::Address([151, 101, 1, 1].into()), (150 * GIB, 450 * GIB), (0, 72 * HOUR));
    w.interface_endpoint(vpc, "kms", &[one, two]);
    let sns = w.interface_endpoint(vpc, "sns", &[one]);
    w.endpoints[sns.0].private_dns = false;
    shared_endpoint(&mut w, vpc, one, a);
    hub_and_spoke(&mut w);
    inspected(&mut w);
    for vpc in 0..w.vpcs.len() {
        w.flow_log(fields::V5, &[Watch::Vpc(VpcKey(vpc))]);
    }
    let mut site = Site { w, lookups: Vec::new() };
    site.named(a, "sqs.us-east-1.amazonaws.com", 3, 20);
    site.named(a, "sns.us-east-1.amazonaws.com", 4, 30);
    site
}

/// An S3 interface endpoint that a peered VPC uses too: only the own clients' GB may move.
fn shared_endpoint(w: &mut World, vpc: VpcKey, subnet: SubnetKey, own: InterfaceKey) {
    let s3 = w.interface_endpoint(vpc, "s3", &[subnet]);
    let interface = w.endpoint_interfaces(s3)[0];
    let other = w.vpc(ACCOUNT, "us-east-1", "10.7.0.0/16");
    let pcx = w.peer(vpc, other);
    let there = w.subnet(other, "10.7.1.0/24", "use1-az1", None);
    let (table, here) = (w.vpcs[other.0].main_table, w.table_of(subnet));
    w.route(table, "10.0.0.0/16", Target::Peering(pcx));
    w.route(here, "10.7.0.0/16", Target::Peering(pcx));
    let client = w.instance(there);
    w.flow_between(own, interface, (12 * GIB, 108 * GIB), (0, 72 * HOUR));
    w.flow_between(client, interface, (3 * GIB, 12 * GIB), (0, 72 * HOUR));
}

/// 12 GiB of S3 a day from a spoke by the hub's NAT gateway.
fn hub_and_spoke(w: &mut World) {
    let spoke = w.vpc("777788889999", "us-east-1", "10.50.0.0/16");
    let hub = w.vpc("444455556666", "us-east-1", "10.100.0.0/16");
    let (public, attached) = (w.route_table(hub), w.route_table(hub));
    w.internet_gateway(hub, &[public]);
    let front = w.subnet(hub, "10.100.0.0/24", "use1-az1", Some(public));
    let landing = w.subnet(hub, "10.100.1.0/24", "use1-az1", Some(attached));
    let nat = w.nat_gateway(front);
    w.route(attached, "0.0.0.0/0", Target::Nat(nat));
    let tgw = w.transit_gateway("444455556666", "us-east-1");
    let attachment = w.attach(tgw, hub, &[landing]);
    w.tgw_route(tgw, "0.0.0.0/0", attachment);
    for table in [public, attached] {
        w.route(table, "10.50.0.0/16", Target::TransitGateway(tgw));
    }
    let subnet = w.subnet(spoke, "10.50.0.0/24", "use1-az1", None);
    w.attach(tgw, spoke, &[subnet]);
    let main = w.vpcs[spoke.0].main_table;
    w.route(main, "0.0.0.0/0", Target::TransitGateway(tgw));
    let client = w.instance(subnet);
    daily(w, client, "S3", 12);
    w.flow(client, Peer::Address([151, 101, 2, 2].into()), (0, 3 * GIB), (0, 72 * HOUR));
}

/// A client behind an appliance's endpoint before a NAT gateway.
fn inspected(w: &mut World) {
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.20.0.0/16");
    let (public, inspect, private) = (w.route_table(vpc), w.route_table(vpc), w.route_table(vpc));
    w.internet_gateway(vpc, &[public]);
    let front = w.subnet(vpc, "10.20.0.0/24", "use1-az1", Some(public));
    let middle = w.subnet(vpc, "10.20.1.0/24", "use1-az1", Some(inspect));
    let back = w.subnet(vpc, "10.20.2.0/24", "use1-az1", Some(private));
    let nat = w.nat_gateway(front);
    let endpoint = w.gwlb_endpoint(middle, "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0");
    w.route(private, "0.0.0.0/0", Target::Endpoint(endpoint));
    w.route(inspect, "0.0.0.0/0", Target::Nat(nat));
    w.route(public, "10.20.2.0/24", Target::Endpoint(endpoint));
    let client = w.instance(back);
    daily(w, client, "S3", 10);
}
