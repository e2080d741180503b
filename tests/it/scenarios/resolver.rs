//! Resolver query logs name what flow logs call AMAZON, and only where one answer is possible.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use datafusion::arrow::array::AsArray;
use ipnet::IpNet;
use offramp::address::book::{Network, net_of_key};
use offramp::address::{AddressBook, AwsRanges};
use offramp::observe::progress::Silent;
use offramp::pipeline::{self, Job, Keep};
use offramp::report::model::Report;
use offramp::source::location::Location;
use offramp::world::writer::{self, Layout};
use offramp::world::{InterfaceKey, Lookup, Peer, SubnetKey, VpcKey, Watch, World, fields, inventory_json, sample};
use tempfile::TempDir;

use super::nat::two_zones;
use super::shop::{ACCOUNT, HOUR, MIB};
use super::support::{Outcome, assert_usd, of_kind, report_of};

const GIB: u64 = 1 << 30;
const DAILY: f64 = 730.0 / 24.0;
const SQS: &str = "sqs.us-east-1.amazonaws.com";
const KMS: &str = "kms.us-east-1.amazonaws.com";

#[tokio::test]
async fn amazon_bytes_are_named_right() {
    // One query serves the whole day: answers from a cache are not logged.
    for (format, watch) in
        [(fields::V5, Watch::Vpc as fn(VpcKey) -> Watch), (fields::V5, Watch::Edges), (fields::V2, Watch::Workloads)]
    {
        for asked in [vec![60], vec![60, HOUR, 2 * HOUR, 3 * HOUR]] {
            let mut scene = Scene::new(4);
            let address = scene.talk(scene.a, "AMAZON", "us-east-1", 3, 4);
            scene.asks(scene.a, SQS, address, &asked);
            scene.w.flow_log(format, &[watch(scene.vpc)]);
            let report = scene.report(&[]).await;
            assert_eq!(named(&report), [("sqs dns us-east-1".to_owned(), 4 * 11 * MIB)].into(), "{asked:?}");
            assert_eq!(report.coverage.unresolved_bytes, 0);
            let resolver = report.coverage.resolver.unwrap();
            assert_eq!((resolver.records, resolver.answers), (asked.len() as u64, asked.len() as u64));
        }
    }
}

#[tokio::test]
async fn without_query_logs_nothing_is_guessed() {
    let mut scene = Scene::new(2);
    scene.talk(scene.a, "AMAZON", "us-east-1", 3, 2);
    scene.w.flow_log(fields::V5, &[Watch::Vpc(scene.vpc)]);
    let report = super::support::report(&scene.w).await;
    assert_eq!(named(&report), [("range:amazon flow_field us-east-1".to_owned(), 22 * MIB)].into());
    assert_eq!(report.coverage.resolver, None);
}

#[tokio::test]
async fn two_services_behind_one_address_in_one_window_are_unresolved() {
    // KMS was asked for 100 s into the first hour: with two hours of look-back it speaks for two hours.
    let mut scene = Scene::new(6);
    let address = scene.talk(scene.a, "AMAZON", "us-east-1", 3, 6);
    scene.asks(scene.a, KMS, address, &[100]);
    scene.asks(scene.a, SQS, address, &[0, 3500, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 5 * HOUR]);
    scene.w.flow_log(fields::V5, &[Watch::Vpc(scene.vpc)]);
    let report = scene.report(&["--dns-lookback", "2h"]).await;
    let expected =
        [("range:amazon flow_field us-east-1".to_owned(), 22 * MIB), ("sqs dns us-east-1".to_owned(), 44 * MIB)];
    assert_eq!(named(&report), expected.into());
    assert_eq!((report.coverage.dns_ambiguous_bytes, report.coverage.unresolved_bytes), (22 * MIB, 22 * MIB));
    // By default it speaks for a day.
    let report = scene.report(&[]).await;
    assert_eq!(report.coverage.dns_ambiguous_bytes, 66 * MIB);
    assert!(report.opportunities.is_empty(), "{:?}", report.opportunities);
}

#[tokio::test]
async fn an_answer_older_than_the_look_back_says_nothing() {
    let mut scene = Scene::new(6);
    let address = scene.talk(scene.a, "AMAZON", "us-east-1", 3, 6);
    scene.asks(scene.a, SQS, address, &[-HOUR + 1, 4 * HOUR]);
    scene.w.flow_log(fields::V5, &[Watch::Vpc(scene.vpc)]);
    // The first query is 7199 s before the end of the first hour, the second 7200 s before the end of the last.
    for (lookback, hours) in [("7198s", 1), ("7199s", 2), ("2h", 3)] {
        let report = scene.report(&["--dns-lookback", lookback]).await;
        assert_eq!(named(&report)["sqs dns us-east-1"], hours * 11 * MIB, "{lookback}");
    }
}

#[tokio::test]
async fn another_region_is_named_and_not_movable() {
    let mut scene = Scene::new(2);
    let address = scene.talk(scene.a, "AMAZON", "eu-west-1", 3, 2);
    scene.asks(scene.a, "sqs.eu-west-1.amazonaws.com", address, &[60]);
    scene.w.flow_log(fields::V5, &[Watch::Vpc(scene.vpc)]);
    let report = scene.report(&[]).await;
    assert_eq!(named(&report), [("sqs dns eu-west-1".to_owned(), 22 * MIB)].into());
    assert!(report.opportunities.is_empty(), "{:?}", report.opportunities);
}

#[tokio::test]
async fn names_outside_the_catalogue() {
    // Alone: unresolved. Beside a service: ambiguous.
    let mut scene = Scene::new(2);
    let vendor = scene.talk(scene.a, "EC2", "us-east-1", 3, 2);
    scene.asks(scene.a, "api.vendor.example", vendor, &[60]);
    let shared = scene.talk(scene.b, "AMAZON", "us-east-1", 5, 2);
    scene.asks(scene.b, SQS, shared, &[60]);
    scene.asks(scene.b, "www.shop.example", shared, &[70]);
    scene.w.flow_log(fields::V5, &[Watch::Vpc(scene.vpc)]);
    let report = scene.report(&[]).await;
    let expected = [
        ("range:amazon flow_field us-east-1".to_owned(), 22 * MIB),
        ("range:ec2 flow_field us-east-1".to_owned(), 22 * MIB),
    ];
    assert_eq!(named(&report), expected.into());
    assert_eq!(report.coverage.dns_ambiguous_bytes, 22 * MIB);
}

#[tokio::test]
async fn an_address_that_stands_for_others_names_none_of_them() {
    // The first address of an atom, and of all atoms that are alike, stands for the rest; here DNS names it.
    let mut scene = Scene::new(2);
    scene.w.flow_log(fields::V5, &[Watch::Vpc(scene.vpc)]);
    let directory = tempfile::tempdir().unwrap();
    inventory_json::write_inventory(&scene.w, directory.path()).unwrap();
    let inventory = offramp::inventory::read(directory.path()).unwrap();
    let ranges = AwsRanges::embedded().unwrap();
    let alike = AddressBook::new(&ranges, &inventory).with_alike_together(&inventory, None);
    let unnamed: Vec<IpAddr> = (3..30).map(|n| scene.talk(scene.a, "AMAZON", "us-east-1", n, 1)).collect();
    let stands_for_all = |network: &Network| net_of_key(&network.key).unwrap() == network.net;
    let networks = || unnamed.iter().map(|address| alike.longest(*address));
    let network = networks().find(|network| network.key.contains('+') && !stands_for_all(network)).unwrap();
    let first = net_of_key(&network.key).unwrap().addr();
    assert!(![first, network.net.addr()].iter().any(|address| unnamed.contains(address)));
    for (address, name) in [(first, KMS), (network.net.addr(), SQS)] {
        scene.w.flow(scene.a, Peer::Address(address), (2 * MIB, 20 * MIB), (700, 1000));
        scene.asks(scene.a, name, address, &[60]);
    }
    let named_only = [("kms dns us-east-1".to_owned(), 22 * MIB), ("sqs dns us-east-1".to_owned(), 22 * MIB)];
    let rest = [("range:amazon flow_field us-east-1".to_owned(), 27 * 11 * MIB)];
    let report = scene.report(&[]).await;
    assert_eq!(named(&report), named_only.into_iter().chain(rest).collect());
}

#[tokio::test]
async fn only_what_dns_names_is_kept_by_address() {
    let mut scene = Scene::new(2);
    let addresses: Vec<IpAddr> = (3..30).map(|n| scene.talk(scene.a, "AMAZON", "us-east-1", n, 1)).collect();
    scene.asks(scene.a, SQS, addresses[7], &[60]);
    scene.asks(scene.a, "www.shop.example", "8.8.8.8".parse().unwrap(), &[60]);
    scene.w.flow_log(fields::V5, &[Watch::Vpc(scene.vpc)]);
    let files = scene.written();
    let location = |name: &str| files.path().join(name).to_str().unwrap().parse::<Location>().unwrap();
    let job = Job {
        sources: vec![location("logs")],
        inventory: Some(files.path().join("inventory")),
        resolver: vec![location("queries")],
        ..Job::default()
    };
    let asked = addresses[9];
    for (told_apart, kept) in [(None, vec![addresses[7]]), (Some(IpNet::from(asked)), vec![addresses[7], asked])] {
        let session = pipeline::open(&Job { told_apart, ..job.clone() }, Arc::new(Silent)).await.unwrap();
        session.classify(Keep::All).await.unwrap();
        let keys = "SELECT DISTINCT peer_key FROM flows WHERE peer_key NOT LIKE '%/%' AND NOT is_private(peer_key)";
        let batches = session.context().sql(keys).await.unwrap().collect().await.unwrap();
        let keys = batches.iter().flat_map(|batch| batch.column(0).as_string_view().iter().flatten());
        let keys: BTreeSet<IpAddr> = keys.map(|key| key.parse().unwrap()).collect();
        assert_eq!(keys, kept.into_iter().collect());
    }
}

#[tokio::test]
async fn the_client_s_own_answers_come_first() {
    // One address, three clients: the first two asked for one service each, the third did not ask.
    let mut scene = Scene::new(2);
    let address = scene.talk(scene.a, "AMAZON", "us-east-1", 3, 2);
    scene.talk(scene.b, "AMAZON", "us-east-1", 3, 2);
    let third = scene.w.instance(scene.one);
    scene.talk(third, "AMAZON", "us-east-1", 3, 2);
    scene.asks(scene.a, KMS, address, &[60]);
    scene.asks(scene.b, SQS, address, &[60]);
    // A DNS server asks for the second client, whose instance AWS knows all the same.
    let last = scene.lookups.last_mut().unwrap();
    (last.srcaddr, last.with_instance) = ("10.0.1.200".parse().unwrap(), true);
    scene.w.flow_log(fields::V5, &[Watch::Vpc(scene.vpc)]);
    let report = scene.report(&[]).await;
    let of = |client: InterfaceKey| {
        let id = scene.w.interfaces[client.0].id.as_str();
        let rows =
            report.traffic.iter().filter(|row| row.interface_id.as_deref() == Some(id) && row.path == "nat_gateway");
        rows.map(|row| row.service.as_str()).collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    assert_eq!((of(scene.a), of(scene.b), of(third)), (vec!["kms"], vec!["sqs"], vec!["range:amazon"]));
    assert_eq!(report.coverage.dns_ambiguous_bytes, 22 * MIB);
}

#[tokio::test]
async fn a_vpc_without_a_log_shares_those_of_its_account_and_region() {
    // (account of the second VPC, whether it has a log of its own, whether the answers come by a Profile)
    for (account, own_log, by_profile, shared) in [
        (ACCOUNT, false, false, true),
        (ACCOUNT, false, true, true),
        (ACCOUNT, true, false, false),
        ("999999999999", false, false, false),
    ] {
        let mut scene = Scene::new(2);
        let other = scene.w.vpc(account, "us-east-1", "10.9.0.0/16");
        let (_, subnet, _) = two_zones(&mut scene.w, other);
        let client = scene.w.instance(subnet);
        let address = scene.talk(client, "AMAZON", "us-east-1", 3, 2);
        scene.asks(scene.a, SQS, address, &[60]);
        scene.lookups.iter_mut().for_each(|lookup| lookup.by_profile = by_profile);
        if own_log {
            scene.asks(client, "elsewhere.example", [198, 51, 100, 7].into(), &[60]);
        }
        scene.w.flow_log(fields::V5, &[Watch::Vpc(other)]);
        let report = scene.report(&[]).await;
        let expected = if shared { "sqs dns_shared us-east-1" } else { "range:amazon flow_field us-east-1" };
        assert_eq!(named(&report), [(expected.to_owned(), 22 * MIB)].into(), "{account} {own_log} {by_profile}");
        assert!(report.opportunities.iter().all(|o| o.confidence != "high"));
    }
}

#[tokio::test]
async fn wildcards_and_cname_chains() {
    let mut scene = Scene::new(2);
    let api = scene.talk(scene.a, "AMAZON", "us-east-1", 3, 2);
    scene.asks(scene.a, "api.shop.example", api, &[60]);
    scene.lookups[0].cnames = vec!["d1.execute-api.us-east-1.amazonaws.com".to_owned()];
    let registry = scene.talk(scene.b, "EC2", "us-east-1", 5, 2);
    scene.asks(scene.b, "111122223333.dkr.ecr.us-east-1.amazonaws.com", registry, &[60]);
    scene.w.flow_log(fields::V5, &[Watch::Vpc(scene.vpc)]);
    let report = scene.report(&[]).await;
    let expected = [("execute-api dns us-east-1".to_owned(), 22 * MIB), ("ecr.dkr dns us-east-1".to_owned(), 22 * MIB)];
    assert_eq!(named(&report), expected.into());
}

#[tokio::test]
async fn a_host_that_no_endpoint_serves_is_the_service_and_not_movable() {
    for with_endpoint in [false, true] {
        let mut scene = Scene::new(72);
        if with_endpoint {
            scene.w.interface_endpoint(scene.vpc, "sqs", &[scene.one]);
        }
        let address = scene.daily(scene.a, 3, 100);
        scene.asks(scene.a, "queue.amazonaws.com", address, &[60, 24 * HOUR, 48 * HOUR]);
        scene.w.flow_log(fields::V5, &[Watch::Vpc(scene.vpc)]);
        let report = scene.report(&[]).await;
        assert_eq!(named(&report), [("sqs dns us-east-1".to_owned(), 300 * GIB)].into());
        let advised =
            report.opportunities.iter().filter(|o| o.service.as_deref() == Some("sqs") && o.observed_bytes > 0);
        let advised: Vec<_> = advised.map(|o| (o.kind.as_str(), o.decision.as_str(), o.net_usd_month)).collect();
        assert_eq!(advised, [("investigate", "skip", None)], "endpoint: {with_endpoint}");
        assert!(of_kind(&report, "investigate")[0].why.contains("host name"));
        assert_eq!(report.nat_gateways[0].movable_bytes, 0);
    }
}

#[tokio::test]
async fn dollars_of_an_interface_endpoint_in_two_zones() {
    // 100 GiB a day in the NAT gateway's zone, 50 from the other.
    let mut scene = Scene::busy(100, 50);
    let report = scene.report(&[]).await;
    let found = of_kind(&report, "create_interface_endpoint");
    assert_eq!(found.len(), 1, "{:?}", report.opportunities);
    let found = found[0];
    assert_eq!(found.decision, "adopt");
    assert_eq!(found.endpoint_service_name.as_deref(), Some("com.amazonaws.us-east-1.sqs"));
    assert_eq!((found.az_count, found.observed_bytes), (2, 450 * GIB));
    assert_usd(found.saves.nat_processing_usd, 150.0 * DAILY * 0.045); // 205.3125
    assert_usd(found.saves.inter_az_usd, 50.0 * DAILY * 0.02); // 30.4167
    assert_usd(found.adds.endpoint_processing_usd, 150.0 * DAILY * 0.01); // 45.625
    assert_usd(found.adds.endpoint_hours_usd, 2.0 * 7.3);
    assert_usd(found.net_usd_month, 205.3125 + 30.416_667 - 45.625 - 14.6); // 175.5042
    // Equal days; the low end takes the zone border at 0.01.
    let range = found.range.unwrap();
    assert_usd(Some(range.low), 160.295_833);
    assert_usd(Some(range.high), 175.504_167);
    // Hours over the saving per GiB: 14.6 / ((205.3125 + 30.4167 - 45.625) / 4562.5).
    assert_usd(found.break_even_gib_month, 350.4);
    assert_eq!(report.nat_gateways[0].movable_bytes, 450 * GIB);
}

#[tokio::test]
async fn one_zone_pays_where_two_do_not_and_little_traffic_pays_nowhere() {
    // 5 GiB a day and zone: 13.6875 + 3.0417 - 3.0417 = 13.6875, less than two zones (14.6), more than one (7.3).
    let report = Scene::busy(5, 5).report(&[]).await;
    let found = of_kind(&report, "create_interface_endpoint")[0];
    assert_eq!(found.decision, "consider");
    assert_usd(found.net_usd_month, 13.6875 - 14.6);
    // 1 GiB a day and zone: 2.7375 a month, less than one zone. Pays from 14.6 / 0.045 GiB.
    let report = Scene::busy(1, 1).report(&[]).await;
    let found = of_kind(&report, "create_interface_endpoint")[0];
    assert_eq!(found.decision, "skip");
    assert_usd(found.net_usd_month, 2.7375 - 14.6);
    assert_usd(found.break_even_gib_month, 14.6 / 0.045);
    assert_eq!(report.totals.adopt_usd_month, 0.0);
}

#[tokio::test]
async fn an_endpoint_that_stands_already() {
    for (private_dns, kind) in [(true, "investigate"), (false, "enable_private_dns")] {
        let mut scene = Scene::busy(100, 50);
        let endpoint = scene.w.interface_endpoint(scene.vpc, "sqs", &[scene.one, scene.two]);
        scene.w.endpoints[endpoint.0].private_dns = private_dns;
        let report = scene.report(&[]).await;
        let moving: Vec<_> = report.opportunities.iter().filter(|o| o.observed_bytes > 0).collect();
        assert_eq!(moving.iter().map(|o| o.kind.as_str()).collect::<Vec<_>>(), [kind]);
        if kind == "enable_private_dns" {
            assert_eq!(moving[0].decision, "adopt");
            // No hours: the endpoint is paid for already.
            assert_usd(moving[0].net_usd_month, 205.3125 + 30.416_667 - 45.625);
        }
    }
}

/// A VPC with a NAT gateway in the first of two zones, a client in each, and what was asked.
struct Scene {
    w: World,
    vpc: VpcKey,
    one: SubnetKey,
    two: SubnetKey,
    a: InterfaceKey,
    b: InterfaceKey,
    lookups: Vec<Lookup>,
}

impl Scene {
    fn new(hours: i64) -> Self {
        let mut w = World::new(sample::START, hours);
        let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
        let (_, one, two) = two_zones(&mut w, vpc);
        let (a, b) = (w.instance(one), w.instance(two));
        Self { w, vpc, one, two, a, b, lookups: Vec::new() }
    }

    /// Three days of SQS from both zones, GiB a day, asked for once a day.
    fn busy(a: u64, b: u64) -> Self {
        let mut scene = Self::new(72);
        for (client, gib) in [(scene.a, a), (scene.b, b)] {
            let address = scene.daily(client, 3, gib);
            scene.asks(client, SQS, address, &[60, 24 * HOUR, 48 * HOUR]);
        }
        scene.w.flow_log(fields::V5, &[Watch::Vpc(scene.vpc)]);
        scene
    }

    /// Three days to an AMAZON address, evenly.
    fn daily(&mut self, client: InterfaceKey, n: usize, gib: u64) -> IpAddr {
        let address = self.w.aws_address("AMAZON", "us-east-1", n);
        self.w.flow(client, Peer::Address(address), (3 * gib * GIB / 2, 3 * gib * GIB / 2), (0, 72 * HOUR));
        address
    }

    /// 11 MiB in each of the first hours, well inside the hour.
    fn talk(&mut self, client: InterfaceKey, code: &str, region: &str, n: usize, hours: i64) -> IpAddr {
        let address = self.w.aws_address(code, region, n);
        for hour in 0..hours {
            self.w.flow(client, Peer::Address(address), (MIB, 10 * MIB), (hour * HOUR + 700, 1000));
        }
        address
    }

    fn asks(&mut self, client: InterfaceKey, name: &str, address: IpAddr, times: &[i64]) {
        let lookups = self.w.dns_lookups(client, name, address, times);
        self.lookups.extend(lookups);
    }

    /// `logs`, `inventory` and `queries`.
    fn written(&self) -> TempDir {
        let directory = tempfile::tempdir().unwrap();
        writer::write_logs(&self.w, &directory.path().join("logs"), &Layout::default()).unwrap();
        inventory_json::write_inventory(&self.w, &directory.path().join("inventory")).unwrap();
        self.w.write_lookups(&self.lookups, &directory.path().join("queries")).unwrap();
        directory
    }

    async fn report(&mut self, more: &[&str]) -> Report {
        let directory = self.written();
        let [logs, inventory, queries] = ["logs", "inventory", "queries"].map(|name| directory.path().join(name));
        let queries = queries.to_str().unwrap();
        let more: Vec<&str> = ["--resolver", queries].iter().chain(more).copied().collect();
        let Outcome { report, exit } = report_of(&logs, Some(&inventory), &more).await;
        assert_eq!(exit, 0);
        report
    }
}

/// Bytes on the NAT gateway by service, evidence and Region.
fn named(report: &Report) -> BTreeMap<String, u64> {
    let mut bytes = BTreeMap::new();
    for row in report.traffic.iter().filter(|row| row.path == "nat_gateway") {
        let dash = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let key = format!("{} {} {}", row.service, dash(&row.service_evidence), dash(&row.peer_region));
        *bytes.entry(key).or_default() += row.bytes;
    }
    bytes
}
