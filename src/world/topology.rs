//! What stands in a world. Everything lives in vectors of [`World`] and is named by a typed key.

use std::net::IpAddr;

use ipnet::IpNet;

use super::flow::Flow;
use super::logging::FlowLog;

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub usize);
    )+};
}

keys! {
    /// Key of a [`Vpc`].
    VpcKey,
    /// Key of a [`Subnet`].
    SubnetKey,
    /// Key of a [`RouteTable`].
    TableKey,
    /// Key of an [`Interface`].
    InterfaceKey,
    /// Key of a [`Nat`].
    NatKey,
    /// Key of an [`Endpoint`].
    EndpointKey,
    /// Key of a [`TransitGateway`].
    TgwKey,
    /// Key of an [`Attachment`].
    AttachmentKey,
    /// Key of a [`Peering`].
    PeeringKey,
    /// Key of a [`PrefixList`].
    ListKey,
}

/// A topology, its flows and its flow logs. Times are Unix seconds.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct World {
    pub start: i64,
    pub end: i64,
    pub vpcs: Vec<Vpc>,
    pub subnets: Vec<Subnet>,
    pub tables: Vec<RouteTable>,
    pub interfaces: Vec<Interface>,
    pub nats: Vec<Nat>,
    pub endpoints: Vec<Endpoint>,
    pub tgws: Vec<TransitGateway>,
    pub attachments: Vec<Attachment>,
    pub peerings: Vec<Peering>,
    pub prefix_lists: Vec<PrefixList>,
    pub flows: Vec<Flow>,
    pub flow_logs: Vec<FlowLog>,
    /// What a builder call could not do; [`World::check`] turns it into an error.
    pub faults: Vec<String>,
    pub(super) ids: u64,
}

/// A VPC.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Vpc {
    pub id: String,
    pub account: String,
    pub region: String,
    pub cidrs: Vec<IpNet>,
    pub internet_gateway: Option<String>,
    pub egress_only_gateway: Option<String>,
    pub main_table: TableKey,
}

/// A subnet.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Subnet {
    pub id: String,
    pub vpc: VpcKey,
    pub cidr: IpNet,
    pub az_id: String,
    pub az_name: String,
    /// `None` = the VPC's main table.
    pub table: Option<TableKey>,
    pub(super) next_host: u32,
}

/// A route table.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct RouteTable {
    pub id: String,
    pub vpc: VpcKey,
    pub routes: Vec<Route>,
}

/// A route; `since` = when it was made (`None` = before the world began), `until` = when it was taken away.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Route {
    pub destination: Destination,
    pub target: Target,
    pub since: Option<i64>,
    pub until: Option<i64>,
}

/// Where a route leads from.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Destination {
    Cidr(IpNet),
    PrefixList(ListKey),
}

/// Where a route leads to.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Target {
    Local,
    InternetGateway,
    EgressOnlyGateway,
    Nat(NatKey),
    Endpoint(EndpointKey),
    TransitGateway(TgwKey),
    Peering(PeeringKey),
    Interface(InterfaceKey),
    VirtualPrivateGateway(String),
    /// Anything that leads out of the VPC for good.
    Other(OtherGateway),
}

/// A way out that the simulator knows by name only.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct OtherGateway {
    /// Key in `describe-route-tables`, `LocalGatewayId`.
    pub key: &'static str,
    pub id: String,
    /// As `traffic.path` names it.
    pub path: &'static str,
    pub traffic_path: Option<u8>,
}

/// A network interface. `phase` shifts the edges of its aggregation intervals, `skew` the times it reports, in seconds.
/// Outside of `[born, died)` it has no records, and once it has died the inventory lacks it.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Interface {
    pub id: String,
    pub role: Role,
    pub account: String,
    pub subnet: SubnetKey,
    pub primary: IpAddr,
    pub secondary: Vec<IpAddr>,
    /// Delegated to pods.
    pub prefixes: Vec<IpNet>,
    pub public_ip: Option<IpAddr>,
    pub instance_id: Option<String>,
    /// Not on Nitro: traffic path 2 where a Nitro instance reports 7 or 8.
    pub xen: bool,
    pub phase: i64,
    pub skew: i64,
    pub born: Option<i64>,
    pub died: Option<i64>,
}

/// What an interface belongs to.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Role {
    Instance,
    Lambda,
    Nat(NatKey),
    InterfaceEndpoint(EndpointKey),
    GwlbEndpoint(EndpointKey),
    TransitGateway(AttachmentKey),
    NetworkLoadBalancer(String),
    ApplicationLoadBalancer(String),
    /// A NAT instance (`translates`) or a firewall that keeps addresses.
    Appliance {
        translates: bool,
    },
}

/// A NAT gateway: zonal (`interface`) or regional (`route_table`).
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Nat {
    pub id: String,
    pub vpc: VpcKey,
    pub interface: Option<InterfaceKey>,
    pub route_table: Option<TableKey>,
    pub public_ips: Vec<IpAddr>,
    /// Regional only: active zones.
    pub az_ids: Vec<String>,
    pub created: i64,
    /// Still listed by `describe-nat-gateways`, as `deleted`.
    pub deleted: Option<i64>,
}

/// A VPC endpoint.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Endpoint {
    pub id: String,
    pub kind: EndpointKind,
    pub vpc: VpcKey,
    /// The short id of an AWS service (`s3`), or the full name of anything else.
    pub service: String,
    pub created: i64,
    /// No longer listed.
    pub deleted: Option<i64>,
    pub private_dns: bool,
    pub requester_managed: bool,
    /// A GWLB endpoint of Network Firewall.
    pub firewall: bool,
}

/// The type of an endpoint.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum EndpointKind {
    Gateway(ListKey),
    Interface(Vec<InterfaceKey>),
    Gwlb(InterfaceKey),
}

/// A transit gateway with one route table.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct TransitGateway {
    pub id: String,
    pub account: String,
    pub region: String,
    pub table_id: String,
    pub routes: Vec<(IpNet, AttachmentKey)>,
}

/// A VPC attachment.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Attachment {
    pub id: String,
    pub tgw: TgwKey,
    pub vpc: VpcKey,
    pub interfaces: Vec<InterfaceKey>,
}

/// A peering connection.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Peering {
    pub id: String,
    pub requester: VpcKey,
    pub accepter: VpcKey,
}

/// A prefix list of AWS.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct PrefixList {
    pub id: String,
    pub name: String,
    pub region: String,
    pub cidrs: Vec<IpNet>,
}

impl World {
    /// The VPC of an interface.
    pub fn vpc_of(&self, key: InterfaceKey) -> VpcKey {
        self.subnets[self.interfaces[key.0].subnet.0].vpc
    }

    /// The zone id of an interface.
    pub fn az_of(&self, key: InterfaceKey) -> &str {
        &self.subnets[self.interfaces[key.0].subnet.0].az_id
    }

    /// The Region of an interface.
    pub fn region_of(&self, key: InterfaceKey) -> &str {
        &self.vpcs[self.vpc_of(key).0].region
    }

    /// The table that a subnet uses: its own, else the VPC's main table.
    pub fn table_of(&self, key: SubnetKey) -> TableKey {
        let subnet = &self.subnets[key.0];
        subnet.table.unwrap_or(self.vpcs[subnet.vpc.0].main_table)
    }

    /// The interface in `vpc` that has `address`.
    pub fn interface_with(&self, vpc: VpcKey, address: IpAddr) -> Option<InterfaceKey> {
        let has = |i: &Interface| i.primary == address || i.secondary.contains(&address);
        let found = self.interfaces.iter().position(|i| has(i) && self.subnets[i.subnet.0].vpc == vpc);
        found.map(InterfaceKey)
    }

    /// An error that lists what the builder calls could not do.
    pub fn check(&self) -> crate::Result<()> {
        if self.faults.is_empty() { Ok(()) } else { Err(crate::Error::Usage(self.faults.join("; "))) }
    }
}
