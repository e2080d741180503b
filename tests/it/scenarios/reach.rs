//! Addresses that look public and are somebody's own: VPCs with public CIDRs, own load balancers; and what stands behind a private NAT
//! gateway.

use std::fmt::Write as _;
use std::path::Path;

use offramp::report::model::Report;
use offramp::world::{Target, VpcKey, Watch, World, fields, sample};
use serde_json::{Value, json};

use super::shop::{ACCOUNT, HOUR, MIB, to_aws};
use super::support::{assert_same, assert_usd, pair, report, report_of, traffic, truth};

#[tokio::test]
async fn a_peered_vpc_with_a_public_cidr_is_private_and_counted_once() {
    // 11.0.0.0/8 is nobody's private range; but both VPCs are known, and one reaches the other.
    for format in [fields::V2, fields::V5, fields::V11] {
        for both in [false, true] {
            let mut w = World::new(sample::START, 3);
            let (here, there) =
                (w.vpc(ACCOUNT, "us-east-1", "11.1.0.0/16"), w.vpc(ACCOUNT, "us-east-1", "11.2.0.0/16"));
            let pcx = w.peer(here, there);
            let (_, one, _) = super::nat::two_zones(&mut w, here);
            let two = w.subnet(there, "11.2.1.0/24", "use1-az1", None);
            let table = w.table_of(one);
            w.route(table, "11.2.0.0/16", Target::Peering(pcx));
            let main = w.vpcs[there.0].main_table;
            w.route(main, "11.1.0.0/16", Target::Peering(pcx));
            let (client, server) = (w.instance(one), w.instance(two));
            w.flow_between(client, server, (30 * MIB, 50 * MIB), (HOUR, HOUR)).peer_port = 8443;
            to_aws(&mut w, client, "S3", "us-east-1", 1, (3, 50), (HOUR, HOUR));
            w.flow_log(format, &[Watch::Vpc(here)]);
            if both {
                w.flow_log(format, &[Watch::Vpc(there)]);
            }
            let report = report(&w).await;
            let ids = [one, two].map(|key| w.subnets[key.0].id.clone());
            assert_eq!(pair(&report, "vpc_peering", &ids[0], &ids[1]), (30 * MIB, 50 * MIB));
            let expected = truth(&w).into_iter().filter(|(key, _)| key.service == "s3").collect();
            assert_same(&traffic(&report), &expected);
        }
    }
}

#[tokio::test]
async fn a_public_cidr_of_a_vpc_that_is_not_reached_stays_public() {
    // A known VPC uses 11.2.0.0/16, but no route leads to it: the client's peer there is a host of the internet.
    let mut w = World::new(sample::START, 3);
    let vpc: VpcKey = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    w.vpc("999900001111", "us-east-1", "11.2.0.0/16");
    let (_, one, _) = super::nat::two_zones(&mut w, vpc);
    let client = w.instance(one);
    w.flow(client, offramp::world::Peer::Address([11, 2, 3, 4].into()), (5 * MIB, 8 * MIB), (HOUR, HOUR));
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    assert_same(&traffic(&report(&w).await), &truth(&w));
}

const HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action \
    log-status vpc-id subnet-id tcp-flags pkt-srcaddr pkt-dstaddr region az-id flow-direction traffic-path";
const GIB: u64 = 1 << 30;

/// Two hours of `out` and `back` bytes each ten minutes between a client and a peer, logged at the client's interface.
fn client_rows(peer: &str, (out, back): (u64, u64)) -> String {
    let mut text = String::from(HEADER) + "\n";
    for slot in 0..12 {
        let start = sample::START + slot * 600;
        let mut row = |from: &str, to: &str, ports: &str, bytes: u64, way: &str| {
            writeln!(
                text,
                "5 {ACCOUNT} eni-client {from} {to} {ports} 6 900 {bytes} {start} {} ACCEPT OK vpc-1 subnet-a 0 {from} {to} us-east-1 use1-az1 {way}",
                start + 590
            )
            .unwrap();
        };
        row("100.64.1.20", peer, "41000 443", out, "egress 1");
        row(peer, "100.64.1.20", "443 41000", back, "ingress -");
    }
    text
}

async fn raw(logs: &str, inventory: &[(&str, Value)]) -> Report {
    let directory = tempfile::tempdir().unwrap();
    let write = |path: &Path, text: &str| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let name = format!("{ACCOUNT}_vpcflowlogs_us-east-1_fl-0123456789abcdef0_20261110T0000Z_0a1b2c3d.log");
    write(&directory.path().join("logs").join(name), logs);
    let folder = directory.path().join("inventory").join(ACCOUNT).join("us-east-1");
    for (name, value) in inventory {
        write(&folder.join(format!("{name}.json")), &value.to_string());
    }
    report_of(&directory.path().join("logs"), Some(&directory.path().join("inventory")), &[]).await.report
}

fn eni(id: &str, kind: &str, subnet: &str, address: &str, public: Option<&str>, description: &str) -> Value {
    let association = public.map(|ip| json!({"PublicIp": ip}));
    json!({
        "NetworkInterfaceId": id, "InterfaceType": kind, "Description": description, "OwnerId": ACCOUNT, "VpcId": "vpc-1",
        "SubnetId": subnet, "AvailabilityZone": "us-east-1a", "PrivateIpAddress": address, "Status": "in-use",
        "PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": true, "Association": association}],
    })
}

fn inventory(nat: Value, nat_table: Value, more: Option<Value>) -> Vec<(&'static str, Value)> {
    let subnet = |id: &str, cidr: &str| json!({"SubnetId": id, "VpcId": "vpc-1", "OwnerId": ACCOUNT, "CidrBlock": cidr, "AvailabilityZoneId": "use1-az1", "AvailabilityZone": "us-east-1a"});
    let local = json!({"State": "active", "DestinationCidrBlock": "100.64.0.0/16", "GatewayId": "local"});
    let way = json!({"State": "active", "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"});
    let table = |id: &str, subnet: &str, route: Value| {
        json!({"RouteTableId": id, "VpcId": "vpc-1", "OwnerId": ACCOUNT,
            "Associations": [{"Main": false, "RouteTableId": id, "SubnetId": subnet}], "Routes": [local, route]})
    };
    let mut interfaces = vec![
        eni("eni-client", "interface", "subnet-a", "100.64.1.20", None, ""),
        eni("eni-nat", "nat_gateway", "subnet-n", "100.64.0.10", None, "Interface for NAT Gateway nat-1"),
    ];
    interfaces.extend(more);
    vec![
        (
            "describe-vpcs",
            json!({"Vpcs": [{"VpcId": "vpc-1", "OwnerId": ACCOUNT, "CidrBlock": "100.64.0.0/16",
            "CidrBlockAssociationSet": [{"CidrBlock": "100.64.0.0/16", "CidrBlockState": {"State": "associated"}}]}]}),
        ),
        (
            "describe-subnets",
            json!({"Subnets": [subnet("subnet-a", "100.64.1.0/24"), subnet("subnet-n", "100.64.0.0/24")]}),
        ),
        (
            "describe-route-tables",
            json!({"RouteTables": [table("rtb-a", "subnet-a", way), table("rtb-n", "subnet-n", nat_table)]}),
        ),
        ("describe-nat-gateways", json!({"NatGateways": [nat]})),
        ("describe-network-interfaces", json!({"NetworkInterfaces": interfaces})),
        ("describe-vpc-endpoints", json!({"VpcEndpoints": []})),
    ]
}

fn nat(kind: &str, public: Option<&str>) -> Value {
    json!({"NatGatewayId": "nat-1", "VpcId": "vpc-1", "SubnetId": "subnet-n", "State": "available", "ConnectivityType": kind,
        "CreateTime": "2026-01-01T00:00:00Z",
        "NatGatewayAddresses": [{"NetworkInterfaceId": "eni-nat", "PrivateIp": "100.64.0.10", "PublicIp": public, "IsPrimary": true}]})
}

#[tokio::test]
async fn behind_a_private_nat_gateway_the_way_goes_on() {
    // 1 GiB each ten minutes: 12 GiB in two hours, 4,380 GiB a month. At the NAT gateway 0.045, behind it the transit gateway's 0.02;
    // a virtual private gateway has no price per GiB of its own.
    for (target, key, rate) in [
        ("transit_gateway", json!({"TransitGatewayId": "tgw-1"}), 0.065),
        ("virtual_private_gateway", json!({"GatewayId": "vgw-1"}), 0.045),
    ] {
        let mut route = json!({"State": "active", "DestinationCidrBlock": "10.0.0.0/8"});
        route.as_object_mut().unwrap().extend(key.as_object().unwrap().clone());
        let logs = client_rows("10.50.0.9", (GIB / 16, GIB / 16 * 15));
        let report = raw(&logs, &inventory(nat("private", None), route, None)).await;
        assert_eq!(report.traffic.iter().map(|row| row.bytes).sum::<u64>(), 12 * GIB);
        for row in &report.traffic {
            assert_eq!(
                (row.path.as_str(), row.via.as_deref(), row.onward.as_deref()),
                ("nat_gateway", None, Some(target))
            );
        }
        let usd = report.traffic.iter().map(|row| row.usd_month.unwrap()).sum::<f64>();
        assert_usd(Some(usd), 4380.0 * rate);
    }
}

#[tokio::test]
async fn a_public_nat_gateway_leads_nowhere_on() {
    let route = json!({"State": "active", "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"});
    let logs = client_rows("151.101.1.69", (GIB / 16, GIB / 16 * 15));
    let report = raw(&logs, &inventory(nat("public", Some("198.51.100.7")), route, None)).await;
    assert!(report.traffic.iter().all(|row| row.path == "nat_gateway" && row.onward.is_none()));
}

#[tokio::test]
async fn the_peer_is_a_load_balancer_of_its_own() {
    // An address in EC2's ranges that describe-network-interfaces has on a load balancer: no range label, but its own.
    let route = json!({"State": "active", "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"});
    let balancer =
        eni("eni-lb", "interface", "subnet-n", "100.64.0.60", Some("54.208.7.8"), "ELB app/web/50dc6c495c0c9188");
    let logs = client_rows("54.208.7.8", (GIB / 16, GIB / 16 * 15));
    let report = raw(&logs, &inventory(nat("public", Some("198.51.100.7")), route, Some(balancer))).await;
    assert!(report.traffic.iter().all(|row| row.service == "own:load_balancer" && row.path == "nat_gateway"));
    assert_usd(Some(report.traffic.iter().map(|row| row.usd_month.unwrap()).sum()), 4380.0 * 0.045);
    assert!(report.notices.iter().any(|notice| notice.contains("54.208.7.8") && notice.contains("app/web")));
}
