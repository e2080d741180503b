//! One topology with every path, logged in different ways.

use offramp::world::writer::Layout;
use offramp::world::{Watch, World, fields};

use super::shop::{MIB, Shop};
use super::support::{Bytes, assert_same, keyed, pair, report, report_with, traffic, truth, truth_of};

#[tokio::test]
async fn version_5_at_all_interfaces() {
    let shop = Shop::new().logged(fields::V5);
    let report = report(&shop.w).await;
    assert_same(&traffic(&report), &truth(&shop.w));
    assert_pairs(&report, &shop);
    // The virtual private gateway has one end in the world, so its bytes have one owner: 3 MiB out, 4 MiB in.
    let on_premises: Vec<_> = report.traffic.iter().filter(|row| row.path == "virtual_private_gateway").collect();
    assert!(on_premises.iter().all(|row| row.vpc_id.as_deref() == Some(&shop.w.vpcs[shop.main.0].id)));
    let sum = |direction: &str| on_premises.iter().filter(|r| r.direction == direction).map(|r| r.bytes).sum::<u64>();
    assert_eq!((sum("outbound"), sum("inbound")), (3 * MIB, 4 * MIB));
    for row in &report.nat_gateways {
        let expected: u64 = shop
            .w
            .truth()
            .iter()
            .filter(|t| t.nat_gateway_id.as_ref() == Some(&row.nat_gateway_id))
            .map(|t| t.bytes)
            .sum();
        assert_eq!(row.processed_bytes, expected, "{}", row.nat_gateway_id);
        // The internet leg carries each byte once more.
        assert!(row.leg_ratio.is_none_or(|ratio| (ratio - 1.0).abs() < 1e-9), "{row:?}");
    }
    assert_eq!(report.nat_gateways.len(), shop.w.nats.len());
}

#[tokio::test]
async fn version_3_at_all_interfaces() {
    // No direction, path or service fields: orientation from the interface's own addresses, services from ranges.
    let shop = Shop::new().logged(fields::V3);
    let report = report(&shop.w).await;
    assert_same(&traffic(&report), &truth(&shop.w));
    assert_pairs(&report, &shop);
}

#[tokio::test]
async fn version_2_at_all_interfaces() {
    // NAT interfaces without packet fields cover nothing; every client is logged, so workload rows and route tables
    // tell all.
    let shop = Shop::new().logged(fields::V2);
    let report = report(&shop.w).await;
    assert_same(&traffic(&report), &truth(&shop.w));
    assert_pairs(&report, &shop);
}

#[tokio::test]
async fn version_2_without_header_lines() {
    let mut shop = Shop::new().logged(fields::V2);
    shop.w.flow_logs.iter_mut().for_each(|log| log.header = false);
    let report = report(&shop.w).await;
    assert_same(&traffic(&report), &truth(&shop.w));
}

#[tokio::test]
async fn workload_interfaces_only() {
    let mut shop = Shop::new();
    for vpc in shop.vpcs() {
        shop.w.flow_log(fields::V5, &[Watch::Workloads(vpc)]);
    }
    let report = report(&shop.w).await;
    assert_same(&traffic(&report), &truth(&shop.w));
    assert_pairs(&report, &shop);
}

#[tokio::test]
async fn version_2_at_workload_interfaces_only() {
    let mut shop = Shop::new();
    for vpc in shop.vpcs() {
        shop.w.flow_log(fields::V2, &[Watch::Workloads(vpc)]);
    }
    let report = report(&shop.w).await;
    assert_same(&traffic(&report), &truth(&shop.w));
    assert_pairs(&report, &shop);
}

#[tokio::test]
async fn nat_and_endpoint_interfaces_only() {
    // Only what passed them leaves rows; its clients are known by their addresses.
    let mut shop = Shop::new();
    for vpc in shop.vpcs() {
        shop.w.flow_log(fields::V9, &[Watch::Edges(vpc)]);
    }
    let report = report(&shop.w).await;
    assert_same(&traffic(&report), &seen_at_edges(&shop.w));
}

#[tokio::test]
async fn version_11_at_all_interfaces() {
    let shop = Shop::new().logged(fields::V11);
    let report = report(&shop.w).await;
    assert_same(&traffic(&report), &truth(&shop.w));
    assert_pairs(&report, &shop);
}

#[tokio::test]
async fn version_11_tells_nat_and_transit_gateway_without_inventory() {
    // The interface types and next hops are in the rows. Owners of clients seen only by address, zones of their
    // subnets and the services behind endpoint interfaces are not, so only bytes through NAT gateways are compared,
    // by service.
    let shop = Shop::new().logged(fields::V11);
    let directory = tempfile::tempdir().unwrap();
    offramp::world::writer::write_logs(&shop.w, directory.path(), &Layout::default()).unwrap();
    let outcome = super::support::report_of(directory.path(), None, &[]).await;
    let by_service = |bytes: &Bytes| {
        let mut sums = std::collections::BTreeMap::new();
        for (key, bytes) in bytes.iter().filter(|(key, _)| key.path == "nat_gateway") {
            *sums.entry((key.service.clone(), key.peer_region.clone(), key.direction.clone())).or_insert(0) += bytes;
        }
        sums
    };
    assert_eq!(by_service(&traffic(&outcome.report)), by_service(&truth(&shop.w)));
}

#[tokio::test]
async fn shuffled_rows() {
    let shop = Shop::new().logged(fields::V5);
    for seed in [1, 2] {
        let layout = Layout { shuffle: true, seed, period: 300, ..Layout::default() };
        let outcome = report_with(&shop.w, &layout, &[]).await;
        assert_same(&traffic(&outcome.report), &truth(&shop.w));
    }
}

#[tokio::test]
async fn fields_in_any_order() {
    let backwards: Vec<&str> = fields::V11.split_ascii_whitespace().rev().collect();
    let shop = Shop::new().logged(&backwards.join(" "));
    let report = report(&shop.w).await;
    assert_same(&traffic(&report), &truth(&shop.w));
}

#[tokio::test]
async fn one_minute_intervals() {
    let mut shop = Shop::new().logged(fields::V5);
    shop.w.flow_logs.iter_mut().for_each(|log| log.interval = 60);
    let report = report(&shop.w).await;
    assert_same(&traffic(&report), &truth(&shop.w));
    assert_pairs(&report, &shop);
}

#[tokio::test]
async fn clients_not_on_nitro() {
    // Traffic path 2 stands for both the internet gateway and gateway endpoints.
    let mut shop = Shop::new().logged(fields::V5);
    shop.w.interfaces.iter_mut().for_each(|interface| interface.xen = true);
    let report = report(&shop.w).await;
    assert_same(&traffic(&report), &truth(&shop.w));
}

#[test]
fn the_topology_shows_every_path() {
    let shop = Shop::new();
    shop.w.check().unwrap();
    let rows = shop.w.truth();
    let seen: std::collections::BTreeSet<(&str, &str)> =
        rows.iter().map(|row| (row.path.as_str(), row.via.as_deref().unwrap_or("-"))).collect();
    let expected = [
        ("gateway_endpoint", "-"),
        ("interface_endpoint", "-"),
        ("interface_endpoint", "transit_gateway"),
        ("internet_gateway", "-"),
        ("intra_vpc", "-"),
        ("nat_gateway", "-"),
        ("nat_gateway", "gwlb_endpoint"),
        ("nat_gateway", "transit_gateway"),
        ("transit_gateway", "-"),
        ("virtual_private_gateway", "-"),
        ("vpc_peering", "-"),
    ];
    assert_eq!(seen, expected.into());
}

impl Shop {
    /// A flow log of `format` on each VPC; the regional NAT gateway needs version 9 to have a name, or none at all
    /// before version 5, where its rows would not even say whose they are.
    fn logged(mut self, format: &str) -> Self {
        for vpc in self.vpcs() {
            if vpc != self.regional || format.contains("resource-id") {
                self.w.flow_log(format, &[Watch::Vpc(vpc)]);
            } else if format.contains("flow-direction") {
                self.w.flow_log(fields::V9, &[Watch::Vpc(vpc)]);
            } else {
                self.w.flow_log(format, &[Watch::Workloads(vpc)]);
            }
        }
        self
    }
}

fn seen_at_edges(w: &World) -> Bytes {
    let rows = w.truth_of(|flow| w.journey(flow).nat.is_some() || w.journey(flow).path == "interface_endpoint");
    let bytes = keyed(&rows);
    assert_ne!(bytes.len(), truth_of(w, |_| true).len());
    bytes
}

#[track_caller]
fn assert_pairs(report: &offramp::report::model::Report, shop: &Shop) {
    for (path, (one, two), bytes) in shop.pairs() {
        assert_eq!(pair(report, path, one, two), bytes, "{path}");
    }
}
