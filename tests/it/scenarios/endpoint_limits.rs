//! What an endpoint cannot carry, what costs nothing, and which change an endpoint gets. Three days of us-east-1 unless said otherwise.

use std::path::Path;

use offramp::report::Report;
use offramp::report::model::{Bound, Opportunity};
use offramp::world::writer::{Layout, write_logs};
use offramp::world::{
    EndpointKey, InterfaceKey, Lookup, NatKey, Peer, SubnetKey, Target, VpcKey, Watch, World, fields, inventory_json,
    sample,
};

use super::nat::two_zones;
use super::shop::{ACCOUNT, HOUR};
use super::support::{assert_usd, of_kind, report_of};

const GIB: u64 = 1 << 30;
const DAILY: f64 = 730.0 / 24.0;

#[tokio::test]
async fn an_endpoint_for_another_region_is_no_means_for_the_own_one() {
    // 20 GiB a day of SQS by the NAT gateway: 608.33 x 0.035 less 7.30 of hours. The VPC's SQS endpoint leads to us-west-2 and is idle.
    let mut site = Site::new();
    site.named("sqs.us-east-1.amazonaws.com", 3, 20);
    let abroad = site.w.interface_endpoint(site.vpc, "sqs", &[site.one]);
    site.edit = vec![("com.amazonaws.us-east-1.sqs".into(), "com.amazonaws.us-west-2.sqs".into())];
    let report = site.report().await;
    let sqs = of_service(&report, "sqs");
    assert_eq!(kinds(&sqs), ["create_interface_endpoint"]);
    assert_eq!(sqs[0].decision, "adopt");
    assert_usd(sqs[0].net_usd_month, 20.0 * DAILY * 0.035 - 7.3);
    assert!(about(&report, &site, abroad).is_empty(), "nothing says that nobody needs it");
    // The service's own Region in a field of its own decides as well; and the endpoint of the own Region is one.
    site.edit = vec![(
        r#""VpcEndpointType": "Interface""#.into(),
        r#""VpcEndpointType": "Interface", "ServiceRegion": "us-west-2""#.into(),
    )];
    assert_eq!(kinds(&of_service(&site.report().await, "sqs")), ["create_interface_endpoint"]);
    site.edit = Vec::new();
    assert!(kinds(&of_service(&site.report().await, "sqs")).contains(&"investigate"), "the means is there");
}

#[tokio::test]
async fn no_gateway_endpoint_replaces_a_cross_region_endpoint() {
    let mut site = Site::new();
    let s3 = site.w.interface_endpoint(site.vpc, "s3", &[site.one]);
    let interface = site.w.endpoint_interfaces(s3)[0];
    site.w.flow_between(site.client, interface, (12 * GIB, 108 * GIB), (0, 72 * HOUR));
    assert_eq!(kinds(&about(&site.report().await, &site, s3)), ["replace_interface_with_gateway"]);
    site.edit = vec![
        ("com.amazonaws.us-east-1.s3\", \"State".into(), "com.amazonaws.eu-west-1.s3\", \"State".into()),
        (
            "\"ServiceName\": \"com.amazonaws.us-east-1.s3\"".into(),
            "\"ServiceName\": \"com.amazonaws.eu-west-1.s3\"".into(),
        ),
    ];
    let report = site.report().await;
    assert!(about(&report, &site, s3).is_empty(), "{:?}", about(&report, &site, s3));
    let row = &report.endpoints[0];
    assert_usd(row.processing_usd, 40.0 * DAILY * 0.01);
}

#[tokio::test]
async fn what_nat64_translates_moves_to_no_endpoint() {
    // 10 GiB a day of S3 by NAT64 and, from another client, 5 by IPv4: only the latter moves, and the gateway stays.
    let mut site = Site::new();
    site.w.vpc_cidr(site.vpc, "2600:1f18:aaaa:bb00::/56");
    let table = site.w.table_of(site.one);
    site.w.route(table, "64:ff9b::/96", Target::Nat(site.nat));
    let own = site.w.address("2600:1f18:aaaa:bb00::15");
    let pod = site.w.instance(site.one);
    site.w.interfaces[pod.0].secondary.push(own);
    let translated = site.w.address("64:ff9b::3.5.1.2");
    site.w.flow(pod, Peer::Address(translated), (3 * GIB, 27 * GIB), (0, 72 * HOUR)).client_address = own;
    for watch in [Watch::Vpc as fn(VpcKey) -> Watch, Watch::Workloads, Watch::Edges] {
        site.watch = watch;
        let report = site.report().await;
        let s3 = of_service(&report, "s3");
        assert_eq!(kinds(&s3), ["investigate"], "{:?}", report.traffic);
        assert!(
            s3[0].why.contains("NAT64") && s3[0].why.contains("dual-stack") && s3[0].why.contains("DNS64"),
            "{}",
            s3[0].why
        );
        assert_eq!((s3[0].decision.as_str(), s3[0].net_usd_month), ("skip", None));
        assert_eq!(s3[0].observed_bytes, 30 * GIB);
        assert!(of_kind(&report, "remove_nat_gateway").is_empty());
    }
    let address = site.w.aws_address("S3", "us-east-1", 1);
    site.w.flow(site.client, Peer::Address(address), (0, 15 * GIB), (0, 72 * HOUR));
    site.watch = Watch::Vpc;
    let report = site.report().await;
    let s3 = of_service(&report, "s3");
    assert_eq!(kinds(&s3), ["create_gateway_endpoint", "investigate"]);
    assert_usd(s3[0].net_usd_month, 5.0 * DAILY * 0.045);
    assert_ne!(s3[0].id, s3[1].id);
    assert!(of_kind(&report, "remove_nat_gateway").is_empty(), "NAT64 needs it");
}

#[tokio::test]
async fn public_apis_stay_where_they_are() {
    // The endpoint of execute-api carries private APIs. Silent or not, with private DNS or without, none is made, changed or deleted.
    let mut site = Site::new();
    site.named("abcdef1234.execute-api.us-east-1.amazonaws.com", 5, 20);
    let report = site.report().await;
    assert!(of_service(&report, "execute-api").is_empty(), "{:?}", of_service(&report, "execute-api"));
    let named = report.traffic.iter().filter(|row| row.service == "execute-api" && row.path == "nat_gateway");
    assert!(named.count() > 0, "the service is told all the same");
    for private_dns in [true, false] {
        let mut site = Site::new();
        site.named("abcdef1234.execute-api.us-east-1.amazonaws.com", 5, 20);
        let api = site.w.interface_endpoint(site.vpc, "execute-api", &[site.one]);
        site.w.endpoints[api.0].private_dns = private_dns;
        // The counterpart: another silent endpoint goes.
        let kms = site.w.interface_endpoint(site.vpc, "kms", &[site.one]);
        let report = site.report().await;
        assert!(about(&report, &site, api).is_empty() && of_service(&report, "execute-api").is_empty());
        assert_eq!(kinds(&about(&report, &site, kms)), ["delete_idle_interface_endpoint"]);
    }
}

#[tokio::test]
async fn guardduty_s_endpoints_are_free() {
    // 20 GiB a day through one, neither hours nor GB; nor do they fill the tiers of the others.
    let mut site = Site::new();
    let free = site.w.interface_endpoint(site.vpc, "guardduty-data", &[site.one, site.two]);
    let interface = site.w.endpoint_interfaces(free)[0];
    site.w.flow_between(site.client, interface, (30 * GIB, 30 * GIB), (0, 72 * HOUR));
    let report = site.report().await;
    let row = &report.endpoints[0];
    assert_eq!((row.hours_usd, row.processing_usd, row.bound), (Some(0.0), Some(0.0), Bound::Exact));
    assert_eq!(row.processed_bytes, 60 * GIB);
    assert!(about(&report, &site, free).is_empty());
    assert!(report.traffic.iter().all(|row| row.path != "interface_endpoint" || row.usd_month == Some(0.0)));
    // Silent, it goes no more than in use.
    let mut site = Site::new();
    let free = site.w.interface_endpoint(site.vpc, "guardduty-data", &[site.one]);
    assert!(about(&site.report().await, &site, free).is_empty());
    // Nor do those that ElastiCache Serverless makes cost.
    site.edit = vec![(
        "com.amazonaws.us-east-1.guardduty-data".into(),
        "com.amazonaws.elasticache.serverless.us-east-1.vpce-svc-0a1b2c3d".into(),
    )];
    let report = site.report().await;
    assert_eq!((report.endpoints[0].hours_usd, report.endpoints[0].processing_usd), (Some(0.0), Some(0.0)));
}

#[tokio::test]
async fn guardduty_s_bytes_move_for_free() {
    let mut site = Site::new();
    site.named("guardduty-data.us-east-1.amazonaws.com", 6, 2);
    let report = site.report().await;
    let found = of_service(&report, "guardduty-data");
    assert_eq!(kinds(&found), ["create_interface_endpoint"]);
    assert_eq!(found[0].decision, "adopt", "no hours, so 2 GiB a day are enough");
    assert_usd(found[0].net_usd_month, 2.0 * DAILY * 0.045);
    assert_eq!((found[0].adds.endpoint_hours_usd, found[0].adds.endpoint_processing_usd), (None, None));
}

#[tokio::test]
async fn an_endpoint_gets_the_change_that_saves_most() {
    // Private DNS is off and nothing uses the endpoint: enabling it saves 0.035 a GiB, its end 7.30 a month. 20 GiB a day are worth more
    // than the hours, 1 GiB a day is not.
    for (gib, kind, decision, net) in [
        (20, "enable_private_dns", "adopt", 20.0 * DAILY * 0.035),
        (1, "delete_idle_interface_endpoint", "consider", 7.3),
    ] {
        let mut site = Site::new();
        site.named("sqs.us-east-1.amazonaws.com", 3, gib);
        let sqs = site.w.interface_endpoint(site.vpc, "sqs", &[site.one]);
        site.w.endpoints[sqs.0].private_dns = false;
        let report = site.report().await;
        let found = about(&report, &site, sqs);
        assert_eq!(kinds(&found), [kind], "{gib}");
        assert_eq!(found[0].decision, decision);
        assert_usd(found[0].net_usd_month, net);
        let adopted = if decision == "adopt" { net } else { 0.0 };
        assert_usd(Some(report.totals.adopt_usd_month), adopted);
    }
    // With only its clients logged nobody knows whether it is idle; then the smaller change is no better founded than before.
    let mut site = Site::new();
    site.named("sqs.us-east-1.amazonaws.com", 3, 1);
    let sqs = site.w.interface_endpoint(site.vpc, "sqs", &[site.one]);
    site.w.endpoints[sqs.0].private_dns = false;
    site.watch = Watch::Workloads;
    let report = site.report().await;
    let found = about(&report, &site, sqs);
    assert_eq!(kinds(&found), ["enable_private_dns"]);
    assert_eq!(found[0].decision, "consider");
    assert_eq!(report.totals.adopt_usd_month, 0.0);
}

#[tokio::test]
async fn hours_are_saved_only_if_every_interface_was_watched() {
    // 40 GiB a day of S3 over an endpoint of two zones. With the log of one zone's interface alone somebody may use the other.
    let mut site = Site::new();
    let s3 = site.w.interface_endpoint(site.vpc, "s3", &[site.one, site.two]);
    let interfaces = site.w.endpoint_interfaces(s3).to_vec();
    site.w.flow_between(site.client, interfaces[0], (12 * GIB, 108 * GIB), (0, 72 * HOUR));
    for (watched, hours) in [(vec![interfaces[0], interfaces[1]], Some(14.6)), (vec![interfaces[0]], None)] {
        let mut w = site.w.clone();
        w.flow_log(fields::V5, &watched.iter().map(|key| Watch::Interface(*key)).collect::<Vec<_>>());
        let report = report_with_lookups(&w, &[], &[]).await;
        let found = of_kind(&report, "replace_interface_with_gateway");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].saves.endpoint_hours_usd, hours);
        assert_usd(found[0].saves.endpoint_processing_usd, 40.0 * DAILY * 0.01);
        assert_eq!(found[0].decision, "consider");
    }
}

#[tokio::test]
async fn a_spoke_alone_saves_at_least_the_transit_gateway() {
    // Of hub and spoke only the spoke's account was asked. 12 GiB a day of S3 leave by the transit gateway, whatever comes then.
    let mut w = World::new(sample::START, 72);
    let spoke = w.vpc(ACCOUNT, "us-east-1", "10.50.0.0/16");
    let subnet = w.subnet(spoke, "10.50.0.0/24", "use1-az1", None);
    let tgw = w.transit_gateway("444455556666", "us-east-1");
    w.attach(tgw, spoke, &[subnet]);
    let main = w.vpcs[spoke.0].main_table;
    w.route(main, "0.0.0.0/0", Target::TransitGateway(tgw));
    let client = w.instance(subnet);
    let s3 = w.aws_address("S3", "us-east-1", 0);
    w.flow(client, Peer::Address(s3), (12 * GIB, 24 * GIB), (0, 72 * HOUR));
    w.flow(client, Peer::Address([151, 101, 1, 1].into()), (0, 3 * GIB), (0, 72 * HOUR));
    w.flow_log(fields::V5, &[Watch::Workloads(spoke)]);
    let report = report_with_lookups(&w, &[], &[]).await;
    assert!(report.traffic.iter().all(|row| row.path == "transit_gateway"), "{:?}", report.traffic);
    let found = of_service(&report, "s3");
    assert_eq!(kinds(&found), ["create_gateway_endpoint"]);
    let found = found[0];
    assert_eq!((found.decision.as_str(), found.bound), ("consider", Bound::AtLeast));
    assert_usd(found.net_usd_month, 12.0 * DAILY * 0.02);
    assert_usd(found.saves.transit_gateway_usd, 12.0 * DAILY * 0.02);
    assert!(found.missing_prices.is_empty(), "no price is missing: the way on is not known");
    assert!(found.why.contains("transit gateway is not known"), "{}", found.why);
    // Outbound 4 GiB a day are owed by the client's account; who owns the hub is not known.
    let shares: Vec<_> = found.saves_by_payer.iter().map(|share| (share.account_id.as_deref(), share.usd)).collect();
    assert_eq!(shares.len(), 2, "{shares:?}");
    assert_eq!(
        found.saves_by_payer.iter().map(|share| share.usd).sum::<f64>().round(),
        found.net_usd_month.unwrap().round()
    );
    let own = shares.iter().find(|share| share.0 == Some(ACCOUNT)).unwrap().1;
    assert_usd(Some(own), 4.0 * DAILY * 0.02);
}

#[tokio::test]
async fn who_pays_less_for_a_spoke() {
    // 4 GiB a day out and 8 in: NAT processing and the transit gateway's inbound half are the hub's, the outbound half the spoke's.
    let mut shop = super::shop::Shop::new();
    shop.w.end = shop.w.start + 72 * HOUR;
    shop.w.flows.clear();
    let s3 = shop.w.aws_address("S3", "us-east-1", 0);
    shop.w.flow(shop.spoke_client, Peer::Address(s3), (12 * GIB, 24 * GIB), (0, 72 * HOUR));
    for vpc in [shop.hub, shop.spoke] {
        shop.w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    }
    let report = super::support::report(&shop.w).await;
    let found = of_kind(&report, "create_gateway_endpoint")[0];
    let of =
        |account: &str| found.saves_by_payer.iter().find(|s| s.account_id.as_deref() == Some(account)).map(|s| s.usd);
    assert_eq!(found.saves_by_payer.len(), 2);
    assert_usd(of("777788889999"), 4.0 * DAILY * 0.02);
    assert_usd(of("444455556666"), 8.0 * DAILY * 0.02 + 12.0 * DAILY * 0.045);
    assert_usd(found.net_usd_month, 12.0 * DAILY * 0.065);
}

#[tokio::test]
async fn another_account_s_nat_gateway_costs_money_too() {
    // A participant of a shared VPC sees its own interfaces and the route to the NAT gateway, no NAT gateway.
    let mut site = Site::new();
    let address = site.w.aws_address("S3", "us-east-1", 1);
    site.w.flow(site.client, Peer::Address(address), (3 * GIB, 27 * GIB), (0, 72 * HOUR));
    site.watch = Watch::Workloads;
    let whole = site.report().await;
    site.hide = vec!["describe-nat-gateways.json"];
    site.edit_all = vec![
        ("\"nat_gateway\"".into(), "\"interface\"".into()),
        ("Interface for NAT Gateway".into(), "Interface for".into()),
    ];
    let report = site.report().await;
    let row = report.nat_gateways.iter().find(|row| row.processed_bytes > 0).expect("the gateway that the route names");
    assert_usd(row.processing_usd, 10.0 * DAILY * 0.045);
    assert_eq!(row.account_id, None, "whose it is, no one said");
    assert_usd(report.totals.nat_usd_month, whole.totals.nat_usd_month.unwrap());
}

#[tokio::test]
async fn without_the_list_of_endpoints_nothing_is_made_at_once() {
    let mut site = Site::new();
    site.named("sqs.us-east-1.amazonaws.com", 3, 20);
    let address = site.w.aws_address("S3", "us-east-1", 1);
    site.w.flow(site.client, Peer::Address(address), (3 * GIB, 27 * GIB), (0, 72 * HOUR));
    site.hide = vec!["describe-vpc-endpoints.json"];
    let report = site.report().await;
    for kind in ["create_interface_endpoint", "create_gateway_endpoint"] {
        let found = of_kind(&report, kind);
        assert_eq!((found.len(), found[0].decision.as_str(), found[0].confidence.as_str()), (1, "consider", "low"));
        assert!(found[0].why.contains("may be there already"), "{}", found[0].why);
    }
    assert_eq!(report.totals.adopt_usd_month, 0.0);
}

#[tokio::test]
async fn ranges_in_the_place_of_a_prefix_list_are_not_certain() {
    let mut site = Site::new();
    let address = site.w.aws_address("S3", "us-east-1", 1);
    site.w.flow(site.client, Peer::Address(address), (3 * GIB, 27 * GIB), (0, 72 * HOUR));
    let found = |report: &Report| of_kind(report, "create_gateway_endpoint")[0].clone();
    let with = found(&site.report().await);
    assert_eq!((with.decision.as_str(), with.confidence.as_str()), ("adopt", "high"));
    site.hide =
        vec!["describe-prefix-lists.json", "describe-managed-prefix-lists.json", "get-managed-prefix-list-entries"];
    let without = found(&site.report().await);
    assert_eq!((without.decision.as_str(), without.confidence.as_str()), ("adopt", "medium"));
    assert!(without.why.contains("ranges stand in"), "{}", without.why);
    assert_eq!(without.net_usd_month, with.net_usd_month);
}

/// A VPC with a NAT gateway for two zones and a client; what the inventory then says otherwise, and what it lacks.
struct Site {
    w: World,
    vpc: VpcKey,
    nat: NatKey,
    one: SubnetKey,
    two: SubnetKey,
    client: InterfaceKey,
    lookups: Vec<Lookup>,
    watch: fn(VpcKey) -> Watch,
    /// Replacements in `describe-vpc-endpoints.json`.
    edit: Vec<(String, String)>,
    /// The same in `describe-network-interfaces.json`.
    edit_all: Vec<(String, String)>,
    /// Names of files that are not there.
    hide: Vec<&'static str>,
}

impl Site {
    fn new() -> Self {
        let mut w = World::new(sample::START, 72);
        let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
        let (nat, one, two) = two_zones(&mut w, vpc);
        let client = w.instance(one);
        let none = Vec::new;
        Self {
            w,
            vpc,
            nat,
            one,
            two,
            client,
            lookups: Vec::new(),
            watch: Watch::Vpc,
            edit: none(),
            edit_all: none(),
            hide: Vec::new(),
        }
    }

    /// The client asks for a name each hour and sends and gets so many GiB a day.
    fn named(&mut self, host: &str, n: usize, gib: u64) {
        let address = self.w.aws_address("AMAZON", "us-east-1", n);
        self.w.flow(self.client, Peer::Address(address), (gib * GIB, 2 * gib * GIB), (0, 72 * HOUR));
        let asked: Vec<i64> = (0..72).map(|hour| hour * HOUR + 60).collect();
        self.lookups.extend(self.w.dns_lookups(self.client, host, address, &asked));
    }

    async fn report(&self) -> Report {
        let mut w = self.w.clone();
        w.flow_log(fields::V5, &[(self.watch)(self.vpc)]);
        let mut changes: Vec<Change<'_>> = vec![Change { file: "describe-vpc-endpoints.json", edits: &self.edit }];
        changes.push(Change { file: "describe-network-interfaces.json", edits: &self.edit_all });
        let files = tempfile::tempdir().unwrap();
        let [logs, inventory, queries] = ["logs", "inventory", "queries"].map(|name| files.path().join(name));
        write_logs(&w, &logs, &Layout::default()).unwrap();
        inventory_json::write_inventory(&w, &inventory).unwrap();
        change(&inventory, &changes, &self.hide);
        if self.lookups.is_empty() {
            return report_of(&logs, Some(&inventory), &[]).await.report;
        }
        w.write_lookups(&self.lookups, &queries).unwrap();
        report_of(&logs, Some(&inventory), &["--resolver", queries.to_str().unwrap()]).await.report
    }
}

struct Change<'a> {
    file: &'static str,
    edits: &'a [(String, String)],
}

async fn report_with_lookups(w: &World, changes: &[Change<'_>], hide: &[&str]) -> Report {
    let files = tempfile::tempdir().unwrap();
    let [logs, inventory] = ["logs", "inventory"].map(|name| files.path().join(name));
    write_logs(w, &logs, &Layout::default()).unwrap();
    inventory_json::write_inventory(w, &inventory).unwrap();
    change(&inventory, changes, hide);
    report_of(&logs, Some(&inventory), &[]).await.report
}

fn change(inventory: &Path, changes: &[Change<'_>], hide: &[&str]) {
    for entry in walkdir::WalkDir::new(inventory) {
        let path = entry.unwrap().into_path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
        if path.is_file() && hide.iter().any(|hidden| name.starts_with(hidden)) {
            std::fs::remove_file(&path).unwrap();
            continue;
        }
        for one in changes.iter().filter(|one| name == one.file) {
            let mut text = std::fs::read_to_string(&path).unwrap();
            for (from, to) in one.edits {
                text = text.replace(from, to);
            }
            std::fs::write(&path, text).unwrap();
        }
    }
}

fn of_service<'r>(report: &'r Report, service: &str) -> Vec<&'r Opportunity> {
    let mut found: Vec<_> = report.opportunities.iter().filter(|one| one.service.as_deref() == Some(service)).collect();
    found.sort_by(|a, b| a.kind.cmp(&b.kind));
    found
}

/// What is said of one endpoint.
fn about<'r>(report: &'r Report, site: &Site, endpoint: EndpointKey) -> Vec<&'r Opportunity> {
    let id = &site.w.endpoints[endpoint.0].id;
    report.opportunities.iter().filter(|one| one.endpoint_id.as_ref() == Some(id)).collect()
}

fn kinds<'r>(found: &[&'r Opportunity]) -> Vec<&'r str> {
    found.iter().map(|one| one.kind.as_str()).collect()
}
