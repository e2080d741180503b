//! Every dollar by hand. Three full days of us-east-1; a month is 730 hours, a GiB is what AWS bills as a GB.
//!
//! Prices (AWS price list, us-east-1): NAT 0.045 an hour and 0.045 a GiB; interface endpoint 0.01 an hour and zone and
//! 0.01 a GiB; transit gateway 0.02 a GiB; inter-AZ 0.01 a GiB each way; public IPv4 0.005 an hour.

use offramp::report::model::Report;
use offramp::world::{InterfaceKey, NatKey, Peer, SubnetKey, Target, VpcKey, Watch, World, fields, sample};

use super::nat::two_zones;
use super::shop::{ACCOUNT, HOUR, Shop};
use super::support::{assert_usd, of_kind, report};

const GIB: u64 = 1 << 30;
/// One GiB a day for a month.
const DAILY: f64 = 730.0 / 24.0;

#[tokio::test]
async fn create_gateway_endpoint() {
    // 100 GiB a day in the NAT gateway's zone, 50 from the other zone.
    let mut site = Site::new();
    site.daily_s3(site.a, (4, 96));
    site.daily_s3(site.b, (2, 48));
    site.daily_internet(site.a, (1, 2));
    let report = site.report().await;
    let found = of_kind(&report, "create_gateway_endpoint");
    assert_eq!(found.len(), 1);
    let found = found[0];
    assert_eq!(found.decision, "adopt");
    assert_eq!(found.service.as_deref(), Some("s3"));
    assert_eq!(found.vpc_id.as_deref(), Some(site.w.vpcs[site.vpc.0].id.as_str()));
    assert_eq!(found.observed_bytes, 3 * 150 * GIB);
    assert_usd(found.monthly_gib, 150.0 * DAILY); // 4,562.5
    assert_usd(found.saves.nat_processing_usd, 150.0 * DAILY * 0.045); // 205.3125
    assert_usd(found.saves.inter_az_usd, 50.0 * DAILY * 0.02); // 30.4167
    assert_usd(found.net_usd_month, 205.3125 + 30.416_667);
    // Equal days, so no spread; the low end takes inter-AZ at 0.01.
    let range = found.range.unwrap();
    assert_usd(Some(range.low), 205.3125 + 15.208_333);
    assert_usd(Some(range.high), 205.3125 + 30.416_667);
    assert_usd(Some(report.totals.adopt_usd_month), 235.729_167);
    let nat = &report.nat_gateways[0];
    assert_eq!((nat.processed_bytes, nat.movable_bytes), (3 * 153 * GIB, 3 * 150 * GIB));
    assert_usd(nat.processing_usd, 153.0 * DAILY * 0.045);
    assert_usd(nat.inter_az_usd, 50.0 * DAILY * 0.02);
    // Internet bytes of the same zone pay processing only; egress to the internet is no part of it.
    let internet: f64 =
        report.traffic.iter().filter(|row| row.service == "internet").filter_map(|row| row.usd_month).sum();
    assert_usd(Some(internet), 3.0 * DAILY * 0.045);
}

#[tokio::test]
async fn the_range_follows_the_spread_of_the_days() {
    // 80, 100 and 120 GiB: mean 100, s = 20, 2 s / sqrt 3 = 23.0940.
    let mut site = Site::new();
    for (day, gib) in [80, 100, 120].into_iter().enumerate() {
        let peer = Peer::Address(site.w.aws_address("S3", "us-east-1", 0));
        site.w.flow(site.a, peer, (0, gib * GIB), (day as i64 * 24 * HOUR, 24 * HOUR));
    }
    site.daily_internet(site.a, (1, 2));
    let report = site.report().await;
    let found = of_kind(&report, "create_gateway_endpoint")[0];
    assert_usd(found.net_usd_month, 100.0 * DAILY * 0.045);
    let range = found.range.unwrap();
    assert_usd(Some(range.low), (100.0 - 23.094_011) * DAILY * 0.045);
    assert_usd(Some(range.high), (100.0 + 23.094_011) * DAILY * 0.045);
}

#[tokio::test]
async fn a_nat_gateway_that_only_carried_s3_can_go_afterwards() {
    let mut site = Site::new();
    site.daily_s3(site.a, (1, 9));
    let report = site.report().await;
    let gateway = of_kind(&report, "create_gateway_endpoint")[0];
    let found = of_kind(&report, "remove_nat_gateway");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].decision, "consider", "something is deleted");
    assert_eq!(found[0].depends_on, [gateway.id.as_str()]);
    assert_usd(found[0].saves.nat_hours_usd, 730.0 * 0.045); // 32.85
    assert_usd(found[0].saves.public_ipv4_usd, 730.0 * 0.005); // 3.65
    assert_usd(found[0].net_usd_month, 36.5);
    // Not in the total: it is stated apart.
    assert_usd(Some(report.totals.adopt_usd_month), 10.0 * DAILY * 0.045);
    assert_usd(Some(report.totals.consider_usd_month), 36.5);
}

#[tokio::test]
async fn associate_route_table() {
    // The endpoint exists; one of two tables lacks it. The share of each table is told.
    let mut site = Site::new();
    let with = site.w.route_table(site.vpc);
    site.w.gateway_endpoint(site.vpc, "dynamodb", &[with], None);
    let peer = Peer::Address(site.w.aws_address("DYNAMODB", "us-east-1", 0));
    site.w.flow(site.b, peer, (30 * GIB, 60 * GIB), (0, 72 * HOUR));
    site.daily_internet(site.a, (1, 2));
    let report = site.report().await;
    let found = of_kind(&report, "associate_route_table");
    assert_eq!(found.len(), 1);
    let found = found[0];
    assert_eq!((found.decision.as_str(), found.service.as_deref()), ("adopt", Some("dynamodb")));
    assert!(of_kind(&report, "create_gateway_endpoint").is_empty(), "no byte used twice");
    let table = &site.w.tables[site.w.table_of(site.w.interfaces[site.b.0].subnet).0].id;
    assert_eq!(found.route_table_ids, [table.as_str()]);
    assert_eq!(found.route_tables.len(), 1);
    assert_usd(Some(found.route_tables[0].gib), 30.0 * DAILY);
    assert_usd(found.saves.nat_processing_usd, 30.0 * DAILY * 0.045);
    assert_usd(found.saves.inter_az_usd, 30.0 * DAILY * 0.02);
    assert_usd(found.net_usd_month, 30.0 * DAILY * 0.065);
}

#[tokio::test]
async fn a_spoke_saves_the_transit_gateway_too() {
    // 12 GiB a day of S3 from the spoke through the hub's NAT gateway. The endpoint belongs to the spoke's VPC and
    // account; a zone crossed by the transit gateway costs nothing.
    let mut shop = Shop::new();
    shop.w.end = shop.w.start + 72 * HOUR;
    shop.w.flows.clear();
    let peer = Peer::Address(shop.w.aws_address("S3", "us-east-1", 0));
    let client = shop.spoke_client;
    shop.w.flow(client, peer, (12 * GIB, 24 * GIB), (0, 72 * HOUR));
    shop.w.flow(client, Peer::Address([151, 101, 1, 1].into()), (0, 3 * GIB), (0, 72 * HOUR));
    for vpc in [shop.hub, shop.spoke] {
        shop.w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    }
    let report = report(&shop.w).await;
    let found = of_kind(&report, "create_gateway_endpoint");
    assert_eq!(found.len(), 1);
    let found = found[0];
    assert_eq!(found.vpc_id.as_deref(), Some(shop.w.vpcs[shop.spoke.0].id.as_str()));
    assert_eq!(found.payer_account_id.as_deref(), Some("777788889999"));
    assert_usd(found.saves.nat_processing_usd, 12.0 * DAILY * 0.045);
    assert_usd(found.saves.transit_gateway_usd, 12.0 * DAILY * 0.02);
    assert!(found.saves.inter_az_usd.unwrap_or(0.0) == 0.0);
    assert_usd(found.net_usd_month, 12.0 * DAILY * 0.065);
    let nat = report.nat_gateways.iter().find(|row| row.vpc_id == Some(shop.w.vpcs[shop.hub.0].id.clone())).unwrap();
    assert_usd(nat.transit_gateway_usd, 13.0 * DAILY * 0.02);
    assert!(nat.inter_az_usd.unwrap_or(0.0) == 0.0);
}

#[tokio::test]
async fn replace_interface_with_gateway() {
    // 40 GiB a day of S3 over an interface endpoint of two zones, all from inside its VPC: fees and hours go.
    let mut site = Site::new();
    let s3 = site.w.interface_endpoint(site.vpc, "s3", &[site.one, site.two]);
    let interfaces = site.w.endpoint_interfaces(s3).to_vec();
    site.w.flow_between(site.a, interfaces[0], (9 * GIB, 81 * GIB), (0, 72 * HOUR));
    site.w.flow_between(site.b, interfaces[1], (3 * GIB, 27 * GIB), (0, 72 * HOUR));
    site.daily_internet(site.a, (1, 2));
    let report = site.report().await;
    let found = of_kind(&report, "replace_interface_with_gateway");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].decision, "consider", "hours go, so the endpoint is deleted");
    assert_usd(found[0].saves.endpoint_processing_usd, 40.0 * DAILY * 0.01); // 12.1667
    assert_usd(found[0].saves.endpoint_hours_usd, 730.0 * 2.0 * 0.01); // 14.60
    assert_usd(found[0].net_usd_month, 12.166_667 + 14.6);
    let row = report.endpoints.iter().find(|row| row.endpoint_type == "interface").unwrap();
    assert_eq!((row.az_count, row.processed_bytes), (2, 120 * GIB));
    assert_usd(row.processing_usd, 12.166_667);
    assert_usd(row.hours_usd, 14.6);
}

#[tokio::test]
async fn an_interface_endpoint_that_others_use_keeps_its_hours() {
    // 40 GiB a day from inside the VPC, 5 from a peered one, whose clients no gateway endpoint can serve. Only the GB
    // of the former move.
    let mut site = Site::new();
    let s3 = site.w.interface_endpoint(site.vpc, "s3", &[site.one]);
    let interface = site.w.endpoint_interfaces(s3)[0];
    let other = site.w.vpc(ACCOUNT, "us-east-1", "10.7.0.0/16");
    let pcx = site.w.peer(site.vpc, other);
    let subnet = site.w.subnet(other, "10.7.1.0/24", "use1-az1", None);
    let (there, here) = (site.w.vpcs[other.0].main_table, site.w.table_of(site.one));
    site.w.route(there, "10.0.0.0/16", Target::Peering(pcx));
    site.w.route(here, "10.7.0.0/16", Target::Peering(pcx));
    let client = site.w.instance(subnet);
    site.w.flow_between(site.a, interface, (12 * GIB, 108 * GIB), (0, 72 * HOUR));
    site.w.flow_between(client, interface, (3 * GIB, 12 * GIB), (0, 72 * HOUR));
    site.daily_internet(site.a, (1, 2));
    site.w.flow_log(fields::V5, &[Watch::Vpc(other)]);
    let report = site.report().await;
    let found = of_kind(&report, "replace_interface_with_gateway");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].decision, "adopt", "only GB move");
    assert_usd(found[0].saves.endpoint_processing_usd, 40.0 * DAILY * 0.01);
    assert_eq!(found[0].saves.endpoint_hours_usd.unwrap_or(0.0), 0.0);
    assert_usd(found[0].net_usd_month, 40.0 * DAILY * 0.01);
    assert_usd(Some(report.totals.adopt_usd_month), 40.0 * DAILY * 0.01);
}

#[tokio::test]
async fn bytes_of_the_internet_gateway_pay_no_nat() {
    // 500 GiB a day of S3 from a public subnet: free already, and no part of the 10 that pass the NAT gateway.
    let mut site = Site::new();
    let front = site.w.interfaces[site.w.nats[site.nat.0].interface.unwrap().0].subnet;
    let web = site.w.instance(front);
    site.daily_s3(web, (100, 400));
    site.daily_s3(site.a, (1, 9));
    site.daily_internet(site.a, (1, 2));
    let report = site.report().await;
    let found = of_kind(&report, "create_gateway_endpoint");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].observed_bytes, 30 * GIB);
    assert_usd(found[0].net_usd_month, 10.0 * DAILY * 0.045);
    let public: Vec<_> = report.traffic.iter().filter(|row| row.path == "internet_gateway").collect();
    assert!(public.iter().all(|row| row.usd_month == Some(0.0)), "never internet egress");
}

#[tokio::test]
async fn what_was_done_in_mid_window_is_not_advised_again() {
    // The route exists since the second day. The first day's bytes paid NAT, and no change is left to make.
    let mut site = Site::new();
    let table = site.w.table_of(site.one);
    let since = site.w.start + 24 * HOUR;
    site.w.gateway_endpoint(site.vpc, "s3", &[table], Some(since));
    for day in 0..3 {
        let peer = Peer::Address(site.w.aws_address("S3", "us-east-1", 0));
        site.w.flow(site.a, peer, (GIB, 99 * GIB), (day * 24 * HOUR, 24 * HOUR));
    }
    site.daily_internet(site.a, (1, 2));
    let report = site.report().await;
    let s3: Vec<_> = report.opportunities.iter().filter(|found| found.service.as_deref() == Some("s3")).collect();
    assert!(s3.iter().all(|found| found.decision == "skip"), "{s3:?}");
    assert_eq!(report.nat_gateways[0].processed_bytes, 100 * GIB + 9 * GIB);
}

#[tokio::test]
async fn a_nat_gateway_that_carried_nothing() {
    // Watched and silent for three days: its hours and its address can go. One that nobody watched is left alone.
    let mut site = Site::new();
    let other = site.w.vpc(ACCOUNT, "us-east-1", "10.7.0.0/16");
    let (unwatched, _, _) = two_zones(&mut site.w, other);
    let report = site.report().await;
    let found = of_kind(&report, "remove_nat_gateway");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].nat_gateway_ids, [site.w.nats[site.nat.0].id.as_str()]);
    assert_usd(found[0].net_usd_month, 36.5);
    let id = &site.w.nats[unwatched.0].id;
    let row = report.nat_gateways.iter().find(|row| row.nat_gateway_id == *id);
    assert!(row.is_some_and(|row| !row.observed));
}

#[tokio::test]
async fn delete_idle_interface_endpoint() {
    let mut site = Site::new();
    site.w.interface_endpoint(site.vpc, "kms", &[site.one, site.two]);
    site.daily_internet(site.a, (1, 2));
    let report = site.report().await;
    let found = of_kind(&report, "delete_idle_interface_endpoint");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].decision, "consider");
    assert_usd(found[0].saves.endpoint_hours_usd, 14.6);
    assert_usd(found[0].net_usd_month, 14.6);
    assert_eq!(report.totals.adopt_usd_month, 0.0);
}

#[tokio::test]
async fn nat_per_az() {
    // 200 GiB a day of internet cross zones: 6,083.3 GiB x 0.02 = 121.67 a month against 36.50 for one more gateway.
    let mut site = Site::new();
    site.daily_internet(site.a, (10, 20));
    site.daily_internet(site.b, (50, 150));
    let report = site.report().await;
    let found = of_kind(&report, "nat_per_az");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].decision, "adopt", "the low end, 60.83 - 36.50, is above zero");
    assert_usd(found[0].saves.inter_az_usd, 200.0 * DAILY * 0.02);
    assert_usd(found[0].adds.nat_hours_usd, 32.85);
    assert_usd(found[0].adds.public_ipv4_usd, 3.65);
    assert_usd(found[0].net_usd_month, 200.0 * DAILY * 0.02 - 36.5);
}

#[tokio::test]
async fn crossing_zones_for_less_than_a_gateway_costs_is_left_alone() {
    // 30 GiB a day x 0.02 = 18.25 a month.
    let mut site = Site::new();
    site.daily_internet(site.b, (10, 20));
    let report = site.report().await;
    assert!(of_kind(&report, "nat_per_az").iter().all(|found| found.decision == "skip"));
    assert_eq!(report.totals.adopt_usd_month, 0.0);
}

#[tokio::test]
async fn the_nat_bill_is_processing_and_hours() {
    let mut site = Site::new();
    site.daily_internet(site.a, (10, 20));
    let report = site.report().await;
    let nat = &report.nat_gateways[0];
    assert_usd(nat.processing_usd, 30.0 * DAILY * 0.045);
    // As logged, not scaled: 90 GiB.
    assert_usd(nat.observed_usd, 90.0 * 0.045);
    let hours = nat.hours_usd.unwrap();
    assert_usd(report.totals.nat_usd_month, 30.0 * DAILY * 0.045 + hours);
    // 730 hours of the gateway; its public address may be stated with it.
    assert!((hours - 32.85).abs() < 1e-6 || (hours - 36.5).abs() < 1e-6, "{hours}");
}

/// One NAT gateway for two zones, a client in each, three days.
struct Site {
    w: World,
    vpc: VpcKey,
    nat: NatKey,
    one: SubnetKey,
    two: SubnetKey,
    a: InterfaceKey,
    b: InterfaceKey,
}

impl Site {
    fn new() -> Self {
        let mut w = World::new(sample::START, 72);
        let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
        let (nat, one, two) = two_zones(&mut w, vpc);
        let (a, b) = (w.instance(one), w.instance(two));
        Self { w, vpc, nat, one, two, a, b }
    }

    /// GiB a day, evenly.
    fn daily_s3(&mut self, client: InterfaceKey, (out, into): (u64, u64)) {
        let peer = Peer::Address(self.w.aws_address("S3", "us-east-1", 0));
        self.w.flow(client, peer, (3 * out * GIB, 3 * into * GIB), (0, 72 * HOUR));
    }

    fn daily_internet(&mut self, client: InterfaceKey, (out, into): (u64, u64)) {
        let peer = Peer::Address([151, 101, 1, 1].into());
        self.w.flow(client, peer, (3 * out * GIB, 3 * into * GIB), (0, 72 * HOUR));
    }

    async fn report(&mut self) -> Report {
        assert_eq!(self.nat, NatKey(0));
        self.w.flow_log(fields::V5, &[Watch::Vpc(self.vpc)]);
        report(&self.w).await
    }
}
