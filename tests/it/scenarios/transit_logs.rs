//! Flow logs of a transit gateway beside those of VPCs: they tell which way bytes went, and add none.

use std::path::{Path, PathBuf};

use offramp::report::model::Report;
use offramp::world::writer::{Layout, write_logs};
use offramp::world::{Peer, Target, TgwKey, Watch, World, fields, inventory_json, sample};

use super::nat::two_zones;
use super::shop::{ACCOUNT, HOUR, MIB, Shop};
use super::support::{Bytes, Key, assert_same, assert_usd, report_of, traffic, truth_of};

#[tokio::test]
async fn a_spoke_is_known_by_the_transit_gateway_s_log_where_the_inventory_lacks_the_routes() {
    // Only the hub's NAT gateway is logged. Without route tables nothing leads back to the spoke, so its clients are external and
    // the transit gateway's 0.02 a GiB stays out of sight, unless its own log shows the same exchanges.
    for (header, seen) in [(None, "-"), (Some(true), "transit_gateway"), (Some(false), "transit_gateway")] {
        let mut shop = Shop::new();
        let nat = shop.w.nats.iter().position(|nat| nat.vpc == shop.hub).unwrap();
        let interface = shop.w.nats[nat].interface.unwrap();
        shop.w.flow_log(fields::V5, &[Watch::Interface(interface)]);
        let site = Site::of(&shop.w);
        site.forget("describe-route-tables");
        site.forget("search-transit-gateway-routes");
        site.forget("describe-transit-gateway");
        if let Some(header) = header {
            shop.w.write_transit_log(TgwKey(0), header, &site.logs()).unwrap();
        }
        let report = site.report().await;
        let mut expected = Bytes::new();
        for (key, bytes) in truth_of(&shop.w, |flow| shop.w.journey(flow).nat.is_some_and(|key| key.0 == nat)) {
            assert_eq!(key.via, "transit_gateway");
            let key = Key { vpc: "-".to_owned(), zone: "-".to_owned(), via: seen.to_owned(), ..key };
            *expected.entry(key).or_default() += bytes;
        }
        assert_same(&traffic(&report), &expected);
        let gib_month = expected.values().sum::<u64>() as f64 / (1_u64 << 30) as f64 * 730.0 / 6.0;
        let transit = report.nat_gateways.iter().find(|row| row.nat_gateway_id == shop.w.nats[nat].id).unwrap();
        assert_usd(transit.transit_gateway_usd, if header.is_some() { gib_month * 0.02 } else { 0.0 });
    }
}

#[tokio::test]
async fn every_other_figure_is_the_same_with_and_without_the_log() {
    let mut shop = Shop::new();
    for vpc in shop.vpcs() {
        shop.w.flow_log(fields::V9, &[Watch::Vpc(vpc)]);
    }
    // The transit gateway logged for longer than the VPCs: neither window nor coverage may grow.
    let (from, until) = (shop.w.start + HOUR, shop.w.start + 4 * HOUR);
    shop.w.flow_logs.iter_mut().for_each(|log| (log.from, log.until) = (from, until));
    let without = Site::of(&shop.w);
    let with = Site::of(&shop.w);
    let records = shop.w.write_transit_log(TgwKey(0), true, &with.logs()).unwrap();
    let (without, with) = (without.report().await, with.report().await);
    assert_eq!(without.coverage.transit_gateway_logs, None);
    let counted = with.coverage.transit_gateway_logs.clone().unwrap();
    assert_eq!(counted.records, records);
    assert!(counted.objects >= 3, "one for each hour with traffic: {counted:?}");
    assert_eq!(comparable(&with), comparable(&without));
    assert!(with.coverage.records > 0 && with.traffic.iter().any(|row| row.via.as_deref() == Some("transit_gateway")));
}

#[tokio::test]
async fn an_equal_address_in_a_vpc_that_the_log_does_not_name_did_not_pass_it() {
    // Two clients of one address talk to one peer in one hour: one through its own NAT gateway, one through the transit gateway
    // and the hub's.
    let mut w = World::new(sample::START, 4);
    let own = w.vpc(ACCOUNT, "us-east-1", "10.50.0.0/16");
    let (_, private, _) = two_zones(&mut w, own);
    let spoke = w.vpc("777788889999", "us-east-1", "10.50.0.0/16");
    let away = w.subnet(spoke, "10.50.1.0/24", "use1-az1", None);
    let hub = w.vpc("444455556666", "us-east-1", "10.100.0.0/16");
    let (_, hub_private, _) = two_zones(&mut w, hub);
    let tgw = w.transit_gateway("444455556666", "us-east-1");
    w.attach(tgw, spoke, &[away]);
    let attachment = w.attach(tgw, hub, &[hub_private]);
    w.tgw_route(tgw, "0.0.0.0/0", attachment);
    let main = w.vpcs[spoke.0].main_table;
    w.route(main, "0.0.0.0/0", Target::TransitGateway(tgw));
    // The attachment's interface took the spoke's first address.
    w.next_address(private);
    let clients = [w.instance(private), w.instance(away)];
    assert_eq!(w.interfaces[clients[0].0].primary, w.interfaces[clients[1].0].primary);
    for (n, client) in clients.into_iter().enumerate() {
        let peer = Peer::Address([151, 101, 7, 7].into());
        w.flow(client, peer, ((3 + n as u64) * MIB, (50 + n as u64) * MIB), (HOUR, HOUR));
    }
    let nats: Vec<Watch> = w.nats.iter().map(|nat| Watch::Interface(nat.interface.unwrap())).collect();
    w.flow_log(fields::V5, &nats[..1]);
    w.flow_log(fields::V5, &nats[1..]);
    let site = Site::of(&w);
    site.forget("describe-route-tables");
    w.write_transit_log(tgw, true, &site.logs()).unwrap();
    let report = site.report().await;
    let seen: Vec<_> = report.traffic.iter().map(|row| (row.bytes / MIB, row.via.as_deref())).collect();
    assert_eq!(seen.len(), 4, "{seen:?}");
    for (mib, via) in seen {
        assert_eq!(via, if mib % 50 == 0 || mib == 3 { None } else { Some("transit_gateway") }, "{mib} MiB");
    }
}

#[tokio::test]
async fn clients_alone_without_inventory() {
    // Traffic path 1 to a public peer is inferred to be NAT; that a transit gateway lay before it, its log says.
    for (logged, seen) in [(false, "-"), (true, "transit_gateway")] {
        let mut shop = Shop::new();
        shop.w.flow_log(fields::V5, &[Watch::Workloads(shop.spoke)]);
        let site = Site::of(&shop.w);
        if logged {
            shop.w.write_transit_log(TgwKey(0), true, &site.logs()).unwrap();
        }
        let report = report_of(&site.logs(), None, &[]).await.report;
        let expected: Bytes = truth_of(&shop.w, |flow| shop.w.vpc_of(flow.client) == shop.spoke)
            .into_iter()
            .filter(|(key, _)| key.path == "nat_gateway")
            .map(|(key, bytes)| (Key { via: seen.to_owned(), ..key }, bytes))
            .collect();
        assert_same(&traffic(&report), &expected);
        let inferred = report.traffic.iter().filter(|row| row.path == "nat_gateway");
        assert!(
            inferred.clone().count() > 0
                && inferred.clone().all(|row| row.path_evidence.as_deref() != Some("interface"))
        );
    }
}

/// Logs and inventory of a world on disk.
struct Site {
    directory: tempfile::TempDir,
}

impl Site {
    fn of(w: &World) -> Self {
        let site = Self { directory: tempfile::tempdir().unwrap() };
        write_logs(w, &site.logs(), &Layout::default()).unwrap();
        inventory_json::write_inventory(w, &site.inventory()).unwrap();
        site
    }

    fn logs(&self) -> PathBuf {
        self.directory.path().join("logs")
    }

    fn inventory(&self) -> PathBuf {
        self.directory.path().join("inventory")
    }

    /// Removes the inventory files of a command, everywhere.
    fn forget(&self, command: &str) {
        let files = walkdir::WalkDir::new(self.inventory()).into_iter().map(|entry| entry.unwrap().into_path());
        let named = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(command));
        let found: Vec<PathBuf> = files.filter(named).collect();
        assert!(!found.is_empty(), "{command}: nothing to forget");
        found.iter().for_each(|path| std::fs::remove_file(path).unwrap());
    }

    async fn report(&self) -> Report {
        report_of(&self.logs(), Some(Path::new(&self.inventory())), &[]).await.report
    }
}

/// The report without what may differ: when it was made, what was read of the transit gateway's log, and the last digits of sums,
/// whose order is not fixed.
fn comparable(report: &Report) -> serde_json::Value {
    let mut report = report.clone();
    report.generated_at = String::new();
    report.coverage.transit_gateway_logs = None;
    rounded(serde_json::to_value(&report).unwrap())
}

fn rounded(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Number(number) if number.is_f64() => Value::String(format!("{:.7e}", number.as_f64().unwrap())),
        Value::Array(items) => items.into_iter().map(rounded).collect(),
        Value::Object(fields) => fields.into_iter().map(|(key, value)| (key, rounded(value))).collect(),
        other => other,
    }
}
