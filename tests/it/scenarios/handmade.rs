//! Small worlds written line by line, for what the simulator does not do: logs that lie, stop or overlap.
//!
//! One VPC `vpc-1` (10.20.0.0/16) in us-east-1 with a NAT gateway `nat-1` (`eni-nat`, 10.20.0.5) in a public subnet of zone 1 and
//! private subnets in zones 1 and 2 that lead to it. One slot is ten minutes.

use std::collections::BTreeMap;
use std::fs;

use offramp::report::model::Report;
use serde_json::{Value, json};

use super::support::report_of;

pub const ACCOUNT: &str = "222233334444";
/// 2026-10-05T00:00:00Z.
pub const START: i64 = 1_791_158_400;
pub const S3: &str = "52.216.8.9";
pub const GIB: f64 = 1_073_741_824.0;
const FORMAT: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action \
    log-status vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id pkt-src-aws-service \
    pkt-dst-aws-service flow-direction traffic-path";

/// Where an interface stands.
#[derive(Clone, Copy)]
pub struct Interface {
    pub id: &'static str,
    pub address: &'static str,
    pub subnet: &'static str,
    pub zone: &'static str,
}

pub const NAT: Interface = Interface { id: "eni-nat", address: "10.20.0.5", subnet: "subnet-public", zone: "use1-az1" };
pub const ONE: Interface = Interface { id: "eni-one", address: "10.20.1.11", subnet: "subnet-one", zone: "use1-az1" };
pub const TWO: Interface = Interface { id: "eni-two", address: "10.20.2.22", subnet: "subnet-two", zone: "use1-az2" };
pub const ENDPOINT: Interface =
    Interface { id: "eni-endpoint", address: "10.20.1.90", subnet: "subnet-one", zone: "use1-az1" };

/// Lines by flow log, and inventory files.
pub struct Handmade {
    lines: BTreeMap<&'static str, Vec<String>>,
    pub files: BTreeMap<&'static str, Value>,
}

fn interface(of: Interface, kind: &str, description: &str) -> Value {
    json!({
        "NetworkInterfaceId": of.id, "InterfaceType": kind, "Description": description, "OwnerId": ACCOUNT, "VpcId": "vpc-1",
        "SubnetId": of.subnet, "PrivateIpAddress": of.address,
        "PrivateIpAddresses": [{"Primary": true, "PrivateIpAddress": of.address}],
    })
}

pub fn nat(id: &str, interface: Interface) -> Value {
    json!({
        "NatGatewayId": id, "VpcId": "vpc-1", "SubnetId": interface.subnet, "State": "available",
        "NatGatewayAddresses": [{"NetworkInterfaceId": interface.id, "PrivateIp": interface.address, "PublicIp": "198.51.100.20"}],
    })
}

impl Handmade {
    pub fn new() -> Self {
        let subnet = |id: &str, cidr: &str, zone: &str| json!({"SubnetId": id, "VpcId": "vpc-1", "OwnerId": ACCOUNT, "CidrBlock": cidr, "AvailabilityZoneId": zone});
        let table = |id: &str, subnets: &[&str], key: &str, target: &str| {
            json!({
                "RouteTableId": id, "VpcId": "vpc-1", "OwnerId": ACCOUNT,
                "Associations": subnets.iter().map(|s| json!({"SubnetId": s, "RouteTableId": id})).collect::<Vec<_>>(),
                "Routes": [
                    {"DestinationCidrBlock": "10.20.0.0/16", "GatewayId": "local", "State": "active"},
                    {"DestinationCidrBlock": "0.0.0.0/0", key: target, "State": "active"},
                ],
            })
        };
        let files = BTreeMap::from([
            ("describe-vpcs", json!({"Vpcs": [{"VpcId": "vpc-1", "OwnerId": ACCOUNT, "CidrBlock": "10.20.0.0/16"}]})),
            (
                "describe-subnets",
                json!({"Subnets": [
                    subnet("subnet-public", "10.20.0.0/24", "use1-az1"), subnet("subnet-one", "10.20.1.0/24", "use1-az1"),
                    subnet("subnet-two", "10.20.2.0/24", "use1-az2"),
                ]}),
            ),
            (
                "describe-network-interfaces",
                json!({"NetworkInterfaces": [
                    interface(NAT, "nat_gateway", "Interface for NAT Gateway nat-1"), interface(ONE, "interface", ""),
                    interface(TWO, "interface", ""),
                ]}),
            ),
            ("describe-nat-gateways", json!({"NatGateways": [nat("nat-1", NAT)]})),
            (
                "describe-route-tables",
                json!({"RouteTables": [
                    table("rtb-private", &["subnet-one", "subnet-two"], "NatGatewayId", "nat-1"),
                    table("rtb-public", &["subnet-public"], "GatewayId", "igw-1"),
                ]}),
            ),
            ("describe-vpc-endpoints", json!({"VpcEndpoints": []})),
            (
                "describe-prefix-lists",
                json!({"PrefixLists": [{
                    "PrefixListId": "pl-1", "PrefixListName": "com.amazonaws.us-east-1.s3", "Cidrs": ["52.216.0.0/15"],
                }]}),
            ),
        ]);
        Self { lines: BTreeMap::new(), files }
    }

    /// A private-DNS endpoint for SQS with one interface.
    pub fn with_endpoint(mut self) -> Self {
        self.files.insert(
            "describe-vpc-endpoints",
            json!({"VpcEndpoints": [{
                "VpcEndpointId": "vpce-1", "VpcEndpointType": "Interface", "VpcId": "vpc-1", "OwnerId": ACCOUNT,
                "ServiceName": "com.amazonaws.us-east-1.sqs", "State": "available", "SubnetIds": ["subnet-one"],
                "NetworkInterfaceIds": ["eni-endpoint"], "PrivateDnsEnabled": true,
            }]}),
        );
        let interfaces = &mut self.files.get_mut("describe-network-interfaces").unwrap()["NetworkInterfaces"];
        let own = interface(ENDPOINT, "vpc_endpoint", "VPC Endpoint Interface vpce-1");
        interfaces.as_array_mut().unwrap().push(own);
        self
    }

    /// `describe-flow-logs` with the traffic type of some flow logs.
    pub fn with_traffic_types(mut self, types: &[(&str, &str)]) -> Self {
        let flow_logs: Vec<_> = types
            .iter()
            .map(|(id, kind)| {
                json!({"FlowLogId": id, "ResourceId": "vpc-1", "TrafficType": kind, "FlowLogStatus": "ACTIVE",
                    "MaxAggregationInterval": 600})
            })
            .collect();
        self.files.insert("describe-flow-logs", json!({"FlowLogs": flow_logs}));
        self
    }

    fn push(&mut self, log: &'static str, line: String) {
        self.lines.entry(log).or_default().push(line);
    }

    /// NODATA of an interface for slots `from..until`.
    pub fn idle(&mut self, log: &'static str, at: Interface, slots: std::ops::Range<i64>) {
        self.empty(log, at, slots, "NODATA");
    }

    /// Records that AWS lost.
    pub fn skipped(&mut self, log: &'static str, at: Interface, slots: std::ops::Range<i64>) {
        self.empty(log, at, slots, "SKIPDATA");
    }

    fn empty(&mut self, log: &'static str, at: Interface, slots: std::ops::Range<i64>, status: &str) {
        for slot in slots {
            let (start, end) = (START + slot * 600, START + slot * 600 + 590);
            let Interface { id, subnet, zone, .. } = at;
            self.push(log, format!("5 {ACCOUNT} {id} - - - - - - - {start} {end} - {status} vpc-1 {subnet} - - - - - us-east-1 {zone} - - - -"));
        }
    }

    /// A scan from the internet that a security group refuses, once a slot.
    pub fn refused(&mut self, log: &'static str, at: Interface, slots: std::ops::Range<i64>) {
        for slot in slots {
            let (start, end) = (START + slot * 600, START + slot * 600 + 590);
            let Interface { id, subnet, zone, address } = at;
            self.push(log, format!("5 {ACCOUNT} {id} 203.0.113.77 {address} 50123 22 6 1 40 {start} {end} REJECT OK vpc-1 {subnet} - 2 IPv4 203.0.113.77 {address} us-east-1 {zone} - - ingress -"));
        }
    }

    /// `gib` GiB a slot that a client gets from a public peer, as its own interface logs them.
    pub fn fetched(&mut self, log: &'static str, at: Interface, peer: &str, gib: f64, slots: std::ops::Range<i64>) {
        let code = if peer == S3 { "S3" } else { "-" };
        for slot in slots {
            let (start, end) = (START + slot * 600, START + slot * 600 + 590);
            let Interface { id, subnet, zone, address } = at;
            let (out, back) = ((gib * GIB / 16.0) as u64, (gib * GIB) as u64 - (gib * GIB / 16.0) as u64);
            self.push(log, format!("5 {ACCOUNT} {id} {address} {peer} 41000 443 6 900 {out} {start} {end} ACCEPT OK vpc-1 {subnet} - 2 IPv4 {address} {peer} us-east-1 {zone} - {code} egress 1"));
            self.push(log, format!("5 {ACCOUNT} {id} {peer} {address} 443 41000 6 900 {back} {start} {end} ACCEPT OK vpc-1 {subnet} - 18 IPv4 {peer} {address} us-east-1 {zone} {code} - ingress -"));
        }
    }

    /// The same bytes as the NAT gateway's interface logs them on the side of its client.
    pub fn passed(
        &mut self,
        log: &'static str,
        nat: Interface,
        client: Interface,
        peer: &str,
        gib: f64,
        slots: std::ops::Range<i64>,
    ) {
        let code = if peer == S3 { "S3" } else { "-" };
        for slot in slots {
            let (start, end) = (START + slot * 600, START + slot * 600 + 590);
            let Interface { id, subnet, zone, address: own } = nat;
            let address = client.address;
            let (out, back) = ((gib * GIB / 16.0) as u64, (gib * GIB) as u64 - (gib * GIB / 16.0) as u64);
            self.push(log, format!("5 {ACCOUNT} {id} {address} {own} 41000 443 6 900 {out} {start} {end} ACCEPT OK vpc-1 {subnet} - 2 IPv4 {address} {peer} us-east-1 {zone} - {code} ingress -"));
            self.push(log, format!("5 {ACCOUNT} {id} {own} {address} 443 41000 6 900 {back} {start} {end} ACCEPT OK vpc-1 {subnet} - 18 IPv4 {peer} {address} us-east-1 {zone} {code} - egress 1"));
        }
    }

    /// Makes an interface another account's, as in a shared VPC: its records name that account.
    pub fn owned_by(&mut self, of: Interface, account: &str) {
        let (own, other) = (format!("5 {ACCOUNT} {} ", of.id), format!("5 {account} {} ", of.id));
        for line in self.lines.values_mut().flatten() {
            *line = line.replace(&own, &other);
        }
    }

    /// A record as it is written.
    pub fn line(&mut self, log: &'static str, line: String) {
        self.push(log, line);
    }

    pub async fn report(&self) -> Report {
        self.report_with(&[]).await
    }

    pub async fn report_with(&self, more: &[&str]) -> Report {
        let directory = tempfile::tempdir().unwrap();
        let (logs, inventory) = (directory.path().join("logs"), directory.path().join("inventory"));
        let place = inventory.join(ACCOUNT).join("us-east-1");
        fs::create_dir_all(&logs).unwrap();
        fs::create_dir_all(&place).unwrap();
        for (name, value) in &self.files {
            fs::write(place.join(format!("{name}.json")), value.to_string()).unwrap();
        }
        for (id, lines) in &self.lines {
            let name = format!("{ACCOUNT}_vpcflowlogs_us-east-1_{id}_20261005T0000Z_0a1b2c3d.log");
            fs::write(logs.join(name), format!("{FORMAT}\n{}\n", lines.join("\n"))).unwrap();
        }
        report_of(&logs, Some(&inventory), more).await.report
    }
}

/// The sum of a total that must be known.
#[track_caller]
pub fn assert_cents(got: Option<f64>, expected: f64) {
    let got = got.expect("a figure, not null");
    assert!((got - expected).abs() < 0.006, "got {got}, expected {expected}");
}
