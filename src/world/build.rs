//! Building a world: VPCs, subnets, tables, interfaces and flows. Texts that do not parse become
//! [`World::faults`], so that the calls stay short.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

use super::flow::{Flow, Peer, Side, Volume};
use super::logging::{FlowLog, Traffic, Watch};
use super::ranges::Ranges;
use super::topology::{
    Destination, Interface, InterfaceKey, Role, Route, RouteTable, Subnet, SubnetKey, TableKey, Target, Vpc, VpcKey,
    World,
};

impl Subnet {
    /// Hands out addresses from this host number on (small subnets).
    pub fn next_host_at(&mut self, host: u32) {
        self.next_host = host;
    }
}

impl World {
    /// An empty world over `[start, start + hours)`.
    pub fn new(start: i64, hours: i64) -> Self {
        Self { start, end: start + hours * 3600, ..Self::default() }
    }

    /// The next id of AWS's form: `{kind}-0{16 hex digits}`.
    pub fn id(&mut self, kind: &str) -> String {
        self.ids += 1;
        // An odd multiplier is a bijection on u64: ids never repeat.
        let scrambled = self.ids.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bd1_e995;
        format!("{kind}-0{scrambled:016x}")
    }

    pub(super) fn parse<T: FromStr>(&mut self, text: &str, fallback: T) -> T {
        text.parse().unwrap_or_else(|_| {
            self.faults.push(format!("`{text}` does not parse"));
            fallback
        })
    }

    fn network(&mut self, text: &str) -> IpNet {
        self.parse(text, IpNet::from(IpAddr::from([0, 0, 0, 0])))
    }

    /// An address from its text.
    pub fn address(&mut self, text: &str) -> IpAddr {
        self.parse(text, IpAddr::from([0, 0, 0, 0]))
    }

    /// The `n`th public address of an AWS service code in a Region (`GLOBAL` for none).
    pub fn aws_address(&mut self, code: &str, region: &str, n: usize) -> IpAddr {
        Ranges::embedded().address(code, region, n).unwrap_or_else(|| {
            self.faults.push(format!("no {code} range in {region}"));
            IpAddr::from([0, 0, 0, 0])
        })
    }

    /// A VPC with a main table that holds only the local route.
    pub fn vpc(&mut self, account: &str, region: &str, cidr: &str) -> VpcKey {
        let key = VpcKey(self.vpcs.len());
        let cidr = self.network(cidr);
        let id = self.id("vpc");
        let main_table = TableKey(self.tables.len());
        self.vpcs.push(Vpc {
            id,
            account: account.to_owned(),
            region: region.to_owned(),
            cidrs: vec![cidr],
            internet_gateway: None,
            egress_only_gateway: None,
            main_table,
        });
        self.route_table(key);
        for service in ["s3", "dynamodb"] {
            self.prefix_list(service, region);
        }
        key
    }

    /// A further CIDR of a VPC, with its local routes.
    pub fn vpc_cidr(&mut self, vpc: VpcKey, cidr: &str) {
        let cidr = self.network(cidr);
        self.vpcs[vpc.0].cidrs.push(cidr);
        let local = || Route { destination: Destination::Cidr(cidr), target: Target::Local, since: None, until: None };
        self.tables.iter_mut().filter(|table| table.vpc == vpc).for_each(|table| table.routes.push(local()));
    }

    /// A table with the local routes of its VPC.
    pub fn route_table(&mut self, vpc: VpcKey) -> TableKey {
        let id = self.id("rtb");
        let local = |cidr: &IpNet| Route {
            destination: Destination::Cidr(*cidr),
            target: Target::Local,
            since: None,
            until: None,
        };
        let routes = self.vpcs[vpc.0].cidrs.iter().map(local).collect();
        self.tables.push(RouteTable { id, vpc, routes });
        TableKey(self.tables.len() - 1)
    }

    /// A subnet; `zone` is a zone id such as `use1-az1`, `table` `None` leaves it to the main table.
    pub fn subnet(&mut self, vpc: VpcKey, cidr: &str, zone: &str, table: Option<TableKey>) -> SubnetKey {
        let id = self.id("subnet");
        let cidr = self.network(cidr);
        let letter = match zone.as_bytes().last() {
            Some(digit @ b'1'..=b'6') => char::from(b'a' + digit - b'1'),
            _ => 'a',
        };
        let az_name = format!("{}{letter}", self.vpcs[vpc.0].region);
        self.subnets.push(Subnet { id, vpc, cidr, az_id: zone.to_owned(), az_name, table, next_host: 10 });
        SubnetKey(self.subnets.len() - 1)
    }

    /// The next free address of a subnet.
    pub fn next_address(&mut self, subnet: SubnetKey) -> IpAddr {
        let subnet = &mut self.subnets[subnet.0];
        let host = subnet.next_host;
        subnet.next_host += 1;
        match subnet.cidr.network() {
            IpAddr::V4(base) => IpAddr::from((u32::from(base) + host).to_be_bytes()),
            IpAddr::V6(base) => IpAddr::from((u128::from(base) + u128::from(host)).to_be_bytes()),
        }
    }

    /// A route in a table, there from the beginning.
    pub fn route(&mut self, table: TableKey, destination: &str, target: Target) {
        self.route_since(table, destination, target, None);
    }

    /// A route in a table, made at `since`.
    pub fn route_since(&mut self, table: TableKey, destination: &str, target: Target, since: Option<i64>) {
        let destination = Destination::Cidr(self.network(destination));
        self.tables[table.0].routes.push(Route { destination, target, since, until: None });
    }

    /// An interface of any role at the subnet's next address.
    pub fn interface(&mut self, subnet: SubnetKey, role: Role) -> InterfaceKey {
        let id = self.id("eni");
        let primary = self.next_address(subnet);
        let account = self.vpcs[self.subnets[subnet.0].vpc.0].account.clone();
        let instance_id = matches!(role, Role::Instance | Role::Appliance { .. }).then(|| self.id("i"));
        self.interfaces.push(Interface {
            id,
            role,
            account,
            subnet,
            primary,
            secondary: Vec::new(),
            prefixes: Vec::new(),
            public_ip: None,
            instance_id,
            xen: false,
            phase: 0,
            skew: 0,
            born: None,
            died: None,
        });
        InterfaceKey(self.interfaces.len() - 1)
    }

    /// An instance.
    pub fn instance(&mut self, subnet: SubnetKey) -> InterfaceKey {
        self.interface(subnet, Role::Instance)
    }

    /// A further private address on an interface (a pod's, or a NAT gateway's).
    pub fn secondary_address(&mut self, key: InterfaceKey) -> IpAddr {
        let address = self.next_address(self.interfaces[key.0].subnet);
        self.interfaces[key.0].secondary.push(address);
        address
    }

    /// A prefix delegated to an interface, whose addresses pods use.
    pub fn delegated_prefix(&mut self, key: InterfaceKey, prefix: &str) {
        let prefix = self.network(prefix);
        self.interfaces[key.0].prefixes.push(prefix);
    }

    /// A flow from the client's primary address to an address, TCP 443, the client initiating, `outbound` and
    /// `inbound` bytes over `[start, start + duration)` seconds of the world.
    pub fn flow(
        &mut self,
        client: InterfaceKey,
        peer: Peer,
        (outbound, inbound): (u64, u64),
        (start, duration): (i64, i64),
    ) -> &mut Flow {
        let flow = Flow {
            client,
            client_address: self.interfaces[client.0].primary,
            client_port: 32768 + (self.flows.len() * 7919 % 28000) as u16,
            peer,
            peer_port: 443,
            protocol: 6,
            initiator: Side::Client,
            outbound: Volume::of(outbound),
            inbound: Volume::of(inbound),
            start: self.start + start,
            duration,
            through: None,
            nat_address: 0,
        };
        let at = self.flows.len();
        self.flows.push(flow);
        &mut self.flows[at]
    }

    /// A flow to another interface's primary address.
    pub fn flow_between(
        &mut self,
        client: InterfaceKey,
        peer: InterfaceKey,
        volumes: (u64, u64),
        time: (i64, i64),
    ) -> &mut Flow {
        let address = self.interfaces[peer.0].primary;
        self.flow(client, Peer::Interface(peer, address), volumes, time)
    }

    /// A flow log with a header line, 600 s intervals, over the whole world; the account and Region are those of the
    /// first thing watched.
    pub fn flow_log(&mut self, format: &str, watch: &[Watch]) -> &mut FlowLog {
        let vpc = watch.first().map(|first| match *first {
            Watch::Vpc(vpc) | Watch::Workloads(vpc) | Watch::Edges(vpc) => vpc,
            Watch::Interface(key) => self.vpc_of(key),
            Watch::RegionalNat(nat) => self.nats[nat.0].vpc,
        });
        let (account, region) = match vpc {
            Some(vpc) => (self.vpcs[vpc.0].account.clone(), self.vpcs[vpc.0].region.clone()),
            None => Default::default(),
        };
        let fields = super::fields::parse(format).unwrap_or_else(|unknown| {
            self.faults.push(format!("unknown field `{unknown}`"));
            Vec::new()
        });
        let log = FlowLog {
            id: self.id("fl"),
            account,
            region,
            fields,
            header: true,
            interval: 600,
            watch: watch.to_vec(),
            from: self.start,
            until: self.end,
            skips: Vec::new(),
            noise: false,
            traffic: Traffic::All,
            silences: Vec::new(),
            blind: Vec::new(),
        };
        let at = self.flow_logs.len();
        self.flow_logs.push(log);
        &mut self.flow_logs[at]
    }
}
