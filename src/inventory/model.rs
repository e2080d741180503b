//! The inventory as plain values, joined over all files, accounts and Regions found.
//!
//! Every field that AWS may leave out is an `Option`. Ids are AWS's own text.

use std::net::IpAddr;

use ipnet::IpNet;

/// All `describe-*` output found below one directory.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// Network interfaces ("ENI").
    pub network_interfaces: Vec<NetworkInterface>,
    /// Subnets.
    pub subnets: Vec<Subnet>,
    /// VPCs with all their CIDRs.
    pub vpcs: Vec<Vpc>,
    /// NAT gateways, zonal and regional, public and private; deleted ones included.
    pub nat_gateways: Vec<NatGateway>,
    /// VPC endpoints of every type.
    pub vpc_endpoints: Vec<VpcEndpoint>,
    /// Route tables with their routes and associations.
    pub route_tables: Vec<RouteTable>,
    /// Prefix lists, AWS's and the customer's, with entries.
    pub prefix_lists: Vec<PrefixList>,
    /// Transit gateway attachments.
    pub transit_gateway_attachments: Vec<TransitGatewayAttachment>,
    /// Transit gateway routes.
    pub transit_gateway_routes: Vec<TransitGatewayRoute>,
    /// Transit gateways with a metering policy, which may name another payer than the sending attachment's owner; None = of an
    /// unknown one.
    pub transit_gateways_metered: Vec<Option<String>>,
    /// VPC peering connections.
    pub vpc_peering_connections: Vec<VpcPeeringConnection>,
    /// Flow log configurations.
    pub flow_logs: Vec<FlowLogConfig>,
    /// Availability Zone names and ids.
    pub availability_zones: Vec<AvailabilityZone>,
    /// Endpoint services offered in a Region.
    pub endpoint_services: Vec<EndpointService>,
    /// Which files were found, in the order of their paths.
    pub files: Vec<FoundFile>,
    /// Which kinds of file were read in whole, for each account and Region that any file speaks for.
    pub completeness: Vec<Completeness>,
    /// What was read but cannot be used, and why. One sentence each, for the report.
    pub notices: Vec<String>,
}

/// One file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Its kind.
    pub kind: InventoryFile,
    /// Its path as walked.
    pub path: String,
    /// Entries read from it.
    pub entries: usize,
    /// What says that it does not hold all.
    pub cut: Option<Cut>,
}

/// Why a file does not hold all that its command would list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// `NextToken` is left after its last page.
    NextToken,
    /// A search for transit gateway routes had more than it gives.
    MoreRoutes,
    /// It has no byte.
    Empty,
}

/// Whether the files of a kind list all that an account has in a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completeness {
    /// The kind.
    pub kind: InventoryFile,
    /// None where no file in the folder names an account: it stands for every account.
    pub account_id: Option<String>,
    /// None where no file in the folder names a Region: it stands for every Region.
    pub region: Option<String>,
    /// A file was read.
    pub read: bool,
    /// And nothing says that it lacks something.
    pub complete: bool,
}

/// The kinds of inventory file, named after the AWS CLI command that prints them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum InventoryFile {
    NetworkInterfaces,
    Subnets,
    Vpcs,
    NatGateways,
    VpcEndpoints,
    RouteTables,
    PrefixLists,
    ManagedPrefixLists,
    ManagedPrefixListEntries,
    TransitGatewayAttachments,
    TransitGatewayRoutes,
    TransitGatewayMeteringPolicies,
    TransitGatewayMeteringPolicyEntries,
    VpcPeeringConnections,
    FlowLogs,
    AvailabilityZones,
    VpcEndpointServices,
    IpRanges,
}

/// What an interface belongs to; decides its vantage (which of its flow log rows carry the bytes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InterfaceKind {
    /// Instance, task, function, database and everything not named below.
    Workload,
    /// An interface of a zonal NAT gateway.
    NatGateway,
    /// An interface of an interface endpoint (AWS service or PrivateLink).
    InterfaceEndpoint,
    /// A Gateway Load Balancer endpoint.
    GwlbEndpoint,
    /// A transit gateway attachment's interface.
    TransitGateway,
    /// Application, network, classic or gateway load balancer; Global Accelerator.
    LoadBalancer,
    /// An endpoint of another type (resource, service network): counted, never advised on.
    OtherEndpoint,
}

impl InterfaceKind {
    /// The name used in SQL (`kind` column).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Workload => "workload",
            Self::NatGateway => "nat_gateway",
            Self::InterfaceEndpoint => "interface_endpoint",
            Self::GwlbEndpoint => "gwlb_endpoint",
            Self::TransitGateway => "transit_gateway",
            Self::LoadBalancer => "load_balancer",
            Self::OtherEndpoint => "other_endpoint",
        }
    }
}

/// A network interface.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct NetworkInterface {
    pub interface_id: String,
    pub kind: InterfaceKind,
    /// AWS's InterfaceType, lower case with underscores (`nat_gateway` whichever way it was written).
    pub interface_type: String,
    pub description: Option<String>,
    pub requester_managed: bool,
    pub account_id: Option<String>,
    pub region: Option<String>,
    pub vpc_id: Option<String>,
    pub subnet_id: Option<String>,
    pub az_id: Option<String>,
    pub instance_id: Option<String>,
    /// All private IPv4 and all IPv6 addresses.
    pub addresses: Vec<InterfaceAddress>,
    /// Delegated prefixes (pods).
    pub prefixes: Vec<IpNet>,
    /// `nat-...` when the interface is a NAT gateway's (from NatGatewayAddresses, else from the description).
    pub nat_gateway_id: Option<String>,
    /// `vpce-...` when it is an endpoint's (from NetworkInterfaceIds, else from the description).
    pub endpoint_id: Option<String>,
    /// `tgw-attach-...` when it is a transit gateway attachment's (from the description).
    pub transit_gateway_attachment_id: Option<String>,
}

/// One address of an interface.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct InterfaceAddress {
    pub address: IpAddr,
    pub primary: bool,
    pub public_ip: Option<IpAddr>,
}

/// A subnet.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Subnet {
    pub subnet_id: String,
    pub vpc_id: String,
    pub account_id: Option<String>,
    pub region: Option<String>,
    pub az_id: Option<String>,
    /// IPv4 CIDR first, then IPv6.
    pub cidrs: Vec<IpNet>,
}

/// A VPC.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Vpc {
    pub vpc_id: String,
    pub account_id: Option<String>,
    pub region: Option<String>,
    pub cidrs: Vec<IpNet>,
    /// A Network Firewall inspects at its internet gateway, without any route to it.
    pub internet_firewall: bool,
}

/// A NAT gateway.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct NatGateway {
    pub nat_gateway_id: String,
    pub vpc_id: Option<String>,
    /// None for a regional NAT gateway.
    pub subnet_id: Option<String>,
    pub account_id: Option<String>,
    pub region: Option<String>,
    /// The zone of `subnet_id`; None for a regional NAT gateway.
    pub az_id: Option<String>,
    /// `available`, `deleted`, ... in lower case.
    pub state: String,
    /// ConnectivityType is public.
    pub public: bool,
    /// AvailabilityMode is regional.
    pub regional: bool,
    pub addresses: Vec<NatAddress>,
    pub route_table_id: Option<String>,
    /// A Network Firewall proxy is attached: clients talk to it, so that their logs hide the destination.
    pub proxy: bool,
    /// Unix seconds.
    pub created: Option<i64>,
    pub deleted: Option<i64>,
}

/// One address of a NAT gateway.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct NatAddress {
    pub interface_id: Option<String>,
    pub private_ip: Option<IpAddr>,
    pub public_ip: Option<IpAddr>,
    pub az_id: Option<String>,
}

/// A VPC endpoint.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct VpcEndpoint {
    pub endpoint_id: String,
    /// `interface`, `gateway`, `gateway_load_balancer`, `resource`, `service_network`, ... in snake case.
    pub endpoint_type: String,
    pub vpc_id: Option<String>,
    /// Full name, such as `com.amazonaws.us-east-1.sqs`.
    pub service_name: String,
    pub account_id: Option<String>,
    pub region: Option<String>,
    /// Lower case.
    pub state: String,
    pub private_dns_enabled: bool,
    pub requester_managed: bool,
    pub route_table_ids: Vec<String>,
    pub subnet_ids: Vec<String>,
    /// Zones that are charged by the hour; 0 for a gateway endpoint.
    pub az_count: i64,
    pub interface_ids: Vec<String>,
    pub dns_names: Vec<String>,
    /// Made by Network Firewall: a Gateway Load Balancer endpoint that leads to a firewall, with the firewall's prices.
    pub network_firewall: bool,
    /// The Region of the service, which need not be the endpoint's.
    pub service_region: Option<String>,
    /// Neither hours nor bytes are charged: of GuardDuty, or made by ElastiCache Serverless.
    pub free_of_charge: bool,
    /// Unix seconds.
    pub created: Option<i64>,
}

/// A route table.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct RouteTable {
    pub route_table_id: String,
    pub vpc_id: String,
    pub account_id: Option<String>,
    pub region: Option<String>,
    /// The VPC's main table.
    pub main: bool,
    pub subnet_ids: Vec<String>,
    /// Edge associations (internet or virtual private gateway).
    pub gateway_ids: Vec<String>,
    pub routes: Vec<Route>,
}

/// One route.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Route {
    pub destination: Destination,
    /// The target id as AWS writes it: `local`, `igw-...`, `nat-...`, `vpce-...`, `tgw-...`, `pcx-...`, `eni-...`,
    /// `eigw-...`, `vgw-...`, `lgw-...`, `cagw-...`, a core network ARN. Empty when the route names none.
    pub target: String,
    pub blackhole: bool,
    /// Origin is EnableVgwRoutePropagation (or Advertisement).
    pub propagated: bool,
}

/// Where a route leads from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// An IPv4 or IPv6 CIDR.
    Cidr(IpNet),
    /// A prefix list id.
    PrefixList(String),
}

/// A prefix list with its entries.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct PrefixList {
    pub prefix_list_id: String,
    /// AWS's are named `com.amazonaws.{region}.s3` and so on.
    pub name: Option<String>,
    pub entries: Vec<IpNet>,
}

/// A transit gateway attachment.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct TransitGatewayAttachment {
    pub attachment_id: String,
    pub transit_gateway_id: String,
    /// `vpc`, `vpn`, `peering`, ...
    pub resource_type: String,
    /// The VPC id for `vpc`.
    pub resource_id: Option<String>,
    pub resource_account_id: Option<String>,
    pub state: String,
    /// Route table that the attachment is associated with.
    pub route_table_id: Option<String>,
    /// From describe-transit-gateway-vpc-attachments.
    pub subnet_ids: Vec<String>,
}

/// A route of a transit gateway route table.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct TransitGatewayRoute {
    /// From the file name (`search-transit-gateway-routes-tgw-rtb-....json`), when it carries one.
    pub route_table_id: Option<String>,
    pub destination: IpNet,
    pub attachment_ids: Vec<String>,
    pub blackhole: bool,
}

/// A VPC peering connection.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct VpcPeeringConnection {
    pub peering_id: String,
    pub active: bool,
    pub requester: PeeringSide,
    pub accepter: PeeringSide,
}

/// One side of a peering connection.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct PeeringSide {
    pub vpc_id: Option<String>,
    pub account_id: Option<String>,
    pub region: Option<String>,
    pub cidrs: Vec<IpNet>,
}

/// A flow log's configuration.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct FlowLogConfig {
    pub flow_log_id: String,
    pub account_id: Option<String>,
    pub region: Option<String>,
    /// The VPC, subnet, interface, transit gateway or regional NAT gateway that it watches.
    pub resource_id: Option<String>,
    pub log_format: Option<String>,
    /// `ACCEPT`, `REJECT` or `ALL`.
    pub traffic_type: Option<String>,
    /// Seconds.
    pub max_aggregation_interval: Option<i64>,
    /// `s3`, `cloud-watch-logs` or `kinesis-data-firehose`.
    pub destination_type: Option<String>,
    /// An ARN, or the name of a log group.
    pub destination: Option<String>,
    /// `plain-text` or `parquet`.
    pub file_format: Option<String>,
    pub hive_partitions: bool,
    pub per_hour_partitions: bool,
    /// FlowLogStatus is ACTIVE, or absent.
    pub active: bool,
    /// Why delivery fails, as AWS says it.
    pub delivery_error: Option<String>,
}

/// An Availability Zone.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct AvailabilityZone {
    pub zone_name: String,
    pub zone_id: String,
    pub region: Option<String>,
}

/// An endpoint service offered in a Region.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct EndpointService {
    pub service_name: String,
    /// `Interface`, `Gateway`, `GatewayLoadBalancer`.
    pub types: Vec<String>,
    pub az_ids: Vec<String>,
    pub private_dns_names: Vec<String>,
    pub owner: Option<String>,
}
