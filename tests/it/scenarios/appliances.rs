//! Firewalls and NAT instances: interfaces that forward for others.

use offramp::world::writer::{Layout, write_logs};
use offramp::world::{InterfaceKey, Role, SubnetKey, Target, VpcKey, Watch, World, fields, sample};

use super::shop::{ACCOUNT, HOUR, to_aws, to_internet};
use super::support::{Key, assert_same, report, report_of, traffic, truth};

#[tokio::test]
async fn a_firewall_instance_before_the_nat_gateway() {
    // Its rows show other interfaces' addresses on their own side: they count for nobody whose interface is logged.
    for (format, watch) in
        [(fields::V5, Watch::Vpc as fn(VpcKey) -> Watch), (fields::V3, Watch::Vpc), (fields::V11, Watch::Vpc)]
    {
        let (mut w, vpc, private, public) = site();
        let inspect = w.route_table(vpc);
        let middle = w.subnet(vpc, "10.0.3.0/24", "use1-az1", Some(inspect));
        let nat = w.nat_gateway(public);
        let firewall = w.interface(middle, Role::Appliance { translates: false });
        let (near, back) = (w.table_of(private), w.table_of(public));
        w.route(near, "0.0.0.0/0", Target::Interface(firewall));
        w.route(inspect, "0.0.0.0/0", Target::Nat(nat));
        w.route(back, "10.0.1.0/24", Target::Interface(firewall));
        flows(&mut w, private);
        w.flow_log(format, &[watch(vpc)]);
        let expected = truth(&w);
        assert!(expected.keys().all(|key| key.path == "nat_gateway" && key.via == "network_interface"));
        assert_same(&traffic(&report(&w).await), &expected);
    }
}

#[tokio::test]
async fn a_firewall_instance_before_the_nat_gateway_with_only_workloads_logged() {
    let (mut w, vpc, private, public) = site();
    let inspect = w.route_table(vpc);
    let middle = w.subnet(vpc, "10.0.3.0/24", "use1-az1", Some(inspect));
    let nat = w.nat_gateway(public);
    let firewall = w.interface(middle, Role::Appliance { translates: false });
    let near = w.table_of(private);
    w.route(near, "0.0.0.0/0", Target::Interface(firewall));
    w.route(inspect, "0.0.0.0/0", Target::Nat(nat));
    let client = flows(&mut w, private);
    w.flow_log(fields::V5, &[Watch::Interface(client)]);
    assert_same(&traffic(&report(&w).await), &truth(&w));
}

#[tokio::test]
async fn a_firewall_instance_without_inventory_is_known_by_the_addresses_of_others() {
    // No CIDR and no owner of an address is known. That the client's own interface sends under the same address is.
    let (mut w, vpc, private, public) = site();
    let inspect = w.route_table(vpc);
    let middle = w.subnet(vpc, "10.0.3.0/24", "use1-az1", Some(inspect));
    let nat = w.nat_gateway(public);
    let firewall = w.interface(middle, Role::Appliance { translates: false });
    let (near, back) = (w.table_of(private), w.table_of(public));
    w.route(near, "0.0.0.0/0", Target::Interface(firewall));
    w.route(inspect, "0.0.0.0/0", Target::Nat(nat));
    w.route(back, "10.0.1.0/24", Target::Interface(firewall));
    flows(&mut w, private);
    w.flow_log(fields::V5, &[Watch::Workloads(vpc)]);
    let directory = tempfile::tempdir().unwrap();
    write_logs(&w, directory.path(), &Layout::default()).unwrap();
    let report = report_of(directory.path(), None, &[]).await.report;
    // Which hops lie on the way no log of version 5 says; whose bytes they are, and how many, it does.
    let expected = truth(&w).into_iter().map(|(key, bytes)| (Key { via: "-".to_owned(), ..key }, bytes)).collect();
    assert_same(&traffic(&report), &expected);
}

#[tokio::test]
async fn a_nat_instance_costs_no_gateway_fee() {
    let (mut w, _, private, public) = site();
    let instance = w.interface(public, Role::Appliance { translates: true });
    let near = w.table_of(private);
    w.route(near, "0.0.0.0/0", Target::Interface(instance));
    let client = flows(&mut w, private);
    w.flow_log(fields::V5, &[Watch::Interface(client)]);
    let report = report(&w).await;
    let expected = truth(&w);
    assert!(expected.keys().all(|key| key.path == "network_interface"));
    assert_same(&traffic(&report), &expected);
    assert!(report.traffic.iter().all(|row| row.usd_month == Some(0.0)), "no per-GB fee of AWS");
    assert!(report.opportunities.iter().all(|opportunity| opportunity.saves.nat_processing_usd.is_none()));
}

/// A public and a private subnet; nothing leads out of the private one yet.
fn site() -> (World, VpcKey, SubnetKey, SubnetKey) {
    let mut w = World::new(sample::START, 4);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (front, back) = (w.route_table(vpc), w.route_table(vpc));
    w.internet_gateway(vpc, &[front]);
    let public = w.subnet(vpc, "10.0.0.0/24", "use1-az1", Some(front));
    let private = w.subnet(vpc, "10.0.1.0/24", "use1-az1", Some(back));
    (w, vpc, private, public)
}

fn flows(w: &mut World, private: SubnetKey) -> InterfaceKey {
    let client = w.instance(private);
    to_aws(w, client, "S3", "us-east-1", 1, (3, 50), (HOUR, HOUR));
    to_internet(w, client, 4, (2, 20), (HOUR, 2 * HOUR));
    client
}
