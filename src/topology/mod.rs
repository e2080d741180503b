//! How the inventory hangs together: which interface owns an address, and which way a route table leads.

mod attachments;
pub mod owner;
pub mod trace;
pub mod walk;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use crate::address::AddressBook;
use crate::inventory::Inventory;
use crate::inventory::model::{
    Destination, InterfaceKind, NatGateway, NetworkInterface, Subnet, TransitGatewayAttachment, VpcEndpoint,
};

/// The inventory with its indexes.
#[derive(Debug)]
pub struct Topology {
    /// The inventory itself.
    pub inventory: Arc<Inventory>,
    /// The address book built from it.
    pub book: Arc<AddressBook>,
    interfaces: HashMap<String, usize>,
    addresses: HashMap<(String, IpAddr), usize>,
    prefixes: HashMap<String, Vec<(IpNet, usize)>>,
    subnets: HashMap<String, usize>,
    vpcs: BTreeMap<String, VpcFacts>,
    tables: Vec<Table>,
    table_ids: HashMap<String, usize>,
    subnet_tables: HashMap<String, usize>,
    nats: HashMap<String, usize>,
    nat_interfaces: HashMap<String, usize>,
    endpoints: HashMap<String, usize>,
    peerings: HashMap<String, usize>,
    gateway_ips: HashMap<String, Vec<IpAddr>>,
    /// Attachments that no file lists (another account's transit gateway), told by the VPC's own routes or interface.
    unlisted_attachments: Vec<TransitGatewayAttachment>,
    /// When routes to new resources begin to count, Unix seconds, sorted.
    eras: Vec<i64>,
}

#[derive(Debug, Default)]
struct VpcFacts {
    account_id: Option<String>,
    region: Option<String>,
    cidrs: Vec<IpNet>,
    main_table: Option<usize>,
    tables: Vec<usize>,
    subnets: Vec<usize>,
}

#[derive(Debug)]
struct Table {
    id: String,
    vpc_id: String,
    routes: Vec<TableRoute>,
}

/// A route with its prefix list expanded; `rank` orders routes of equal length: static, prefix list, propagated.
#[derive(Debug)]
struct TableRoute {
    net: IpNet,
    rank: u8,
    target: String,
    blackhole: bool,
    /// Unix seconds; the route says nothing about hours before its resource's first full hour.
    since: Option<i64>,
}

impl Topology {
    /// Builds the indexes.
    pub fn new(inventory: Arc<Inventory>, book: Arc<AddressBook>) -> Self {
        let mut topology = Self {
            interfaces: HashMap::new(),
            addresses: HashMap::new(),
            prefixes: HashMap::new(),
            subnets: HashMap::new(),
            vpcs: BTreeMap::new(),
            tables: Vec::new(),
            table_ids: HashMap::new(),
            subnet_tables: HashMap::new(),
            nats: HashMap::new(),
            nat_interfaces: HashMap::new(),
            endpoints: HashMap::new(),
            peerings: HashMap::new(),
            gateway_ips: HashMap::new(),
            unlisted_attachments: Vec::new(),
            eras: Vec::new(),
            inventory: Arc::clone(&inventory),
            book,
        };
        for vpc in &inventory.vpcs {
            let facts = topology.vpcs.entry(vpc.vpc_id.clone()).or_default();
            facts.account_id.clone_from(&vpc.account_id);
            facts.region.clone_from(&vpc.region);
            facts.cidrs.clone_from(&vpc.cidrs);
        }
        for (i, subnet) in inventory.subnets.iter().enumerate() {
            topology.subnets.insert(subnet.subnet_id.clone(), i);
            topology.vpcs.entry(subnet.vpc_id.clone()).or_default().subnets.push(i);
        }
        topology.index_interfaces(&inventory);
        for (i, nat) in inventory.nat_gateways.iter().enumerate() {
            topology.nats.insert(nat.nat_gateway_id.clone(), i);
            for address in &nat.addresses {
                if let Some(id) = &address.interface_id {
                    topology.nat_interfaces.insert(id.clone(), i);
                }
            }
        }
        for (i, endpoint) in inventory.vpc_endpoints.iter().enumerate() {
            topology.endpoints.insert(endpoint.endpoint_id.clone(), i);
        }
        for (i, peering) in inventory.vpc_peering_connections.iter().enumerate() {
            topology.peerings.insert(peering.peering_id.clone(), i);
        }
        topology.index_tables(&inventory);
        topology.index_nat_addresses();
        topology.unlisted_attachments = attachments::unlisted(&inventory);
        let routes = topology.tables.iter().flat_map(|table| &table.routes);
        topology.eras = routes.filter_map(|route| route.since).collect::<BTreeSet<_>>().into_iter().collect();
        topology
    }

    /// How many times routes to new resources began to count until `hour` (Unix seconds): hours of one era walk alike.
    pub fn era(&self, hour: i64) -> i64 {
        self.eras.partition_point(|since| *since <= hour) as i64
    }

    fn index_interfaces(&mut self, inventory: &Inventory) {
        for (i, eni) in inventory.network_interfaces.iter().enumerate() {
            self.interfaces.insert(eni.interface_id.clone(), i);
            let Some(vpc_id) = &eni.vpc_id else { continue };
            self.vpcs.entry(vpc_id.clone()).or_default();
            for address in &eni.addresses {
                self.addresses.insert((vpc_id.clone(), address.address), i);
            }
            for prefix in &eni.prefixes {
                self.prefixes.entry(vpc_id.clone()).or_default().push((*prefix, i));
            }
        }
    }

    fn index_tables(&mut self, inventory: &Inventory) {
        let lists: HashMap<&str, &[IpNet]> =
            inventory.prefix_lists.iter().map(|l| (l.prefix_list_id.as_str(), l.entries.as_slice())).collect();
        let created: HashMap<&str, Option<i64>> = (inventory.nat_gateways.iter())
            .map(|n| (n.nat_gateway_id.as_str(), n.created))
            .chain(inventory.vpc_endpoints.iter().map(|e| (e.endpoint_id.as_str(), e.created)))
            .collect();
        for table in &inventory.route_tables {
            let mut routes = Vec::new();
            for route in &table.routes {
                let since = created.get(route.target.as_str()).copied().flatten();
                let mut push = |net: IpNet, rank: u8| {
                    routes.push(TableRoute {
                        net,
                        rank,
                        target: route.target.clone(),
                        blackhole: route.blackhole,
                        since,
                    });
                };
                match &route.destination {
                    Destination::Cidr(net) => push(*net, if route.propagated { 2 } else { 0 }),
                    Destination::PrefixList(id) => match lists.get(id.as_str()) {
                        // A list may be known by name only.
                        Some(entries) if !entries.is_empty() => entries.iter().for_each(|net| push(*net, 1)),
                        _ => self.ranges_behind(&route.target).into_iter().for_each(|net| push(net, 1)),
                    },
                }
            }
            // Longest first; a walk takes the first route that contains the peer.
            routes.sort_by(|a, b| b.net.prefix_len().cmp(&a.net.prefix_len()).then(a.rank.cmp(&b.rank)));
            let index = self.tables.len();
            self.table_ids.insert(table.route_table_id.clone(), index);
            for subnet in &table.subnet_ids {
                self.subnet_tables.insert(subnet.clone(), index);
            }
            let facts = self.vpcs.entry(table.vpc_id.clone()).or_default();
            facts.tables.push(index);
            if table.main {
                facts.main_table = Some(index);
            }
            self.tables.push(Table { id: table.route_table_id.clone(), vpc_id: table.vpc_id.clone(), routes });
        }
    }

    /// The ranges that stand in for an unknown prefix list: those of the gateway endpoint's service in its Region.
    fn ranges_behind(&self, target: &str) -> Vec<IpNet> {
        let Some(endpoint) = self.endpoint(target) else { return Vec::new() };
        let Some((service, region)) = crate::address::book::gateway_list(&endpoint.service_name) else {
            return Vec::new();
        };
        self.book.gateway_ranges(&service, &region)
    }

    fn index_nat_addresses(&mut self) {
        let mut ips = HashMap::<String, Vec<IpAddr>>::new();
        for nat in &self.inventory.nat_gateways {
            let of_nat = ips.entry(nat.nat_gateway_id.clone()).or_default();
            of_nat.extend(nat.addresses.iter().flat_map(|a| [a.private_ip, a.public_ip]).flatten());
            for id in nat.addresses.iter().filter_map(|a| a.interface_id.as_deref()) {
                of_nat.extend(self.interface(id).iter().flat_map(|eni| eni.addresses.iter().map(|a| a.address)));
            }
        }
        for eni in &self.inventory.network_interfaces {
            // A gateway that only describe-network-interfaces knows, without its name, goes by its interface.
            let of_nat = (eni.kind == InterfaceKind::NatGateway).then_some(&eni.interface_id);
            let Some(nat) = eni.nat_gateway_id.as_ref().or(of_nat) else { continue };
            let own = eni.addresses.iter().flat_map(|a| [Some(a.address), a.public_ip]).flatten();
            ips.entry(nat.clone()).or_default().extend(own);
        }
        self.gateway_ips = ips;
    }

    /// An interface by id.
    pub fn interface(&self, id: &str) -> Option<&NetworkInterface> {
        self.interfaces.get(id).map(|&i| &self.inventory.network_interfaces[i])
    }

    /// A subnet by id.
    pub fn subnet(&self, id: &str) -> Option<&Subnet> {
        self.subnets.get(id).map(|&i| &self.inventory.subnets[i])
    }

    /// A NAT gateway by id.
    pub fn nat_gateway(&self, id: &str) -> Option<&NatGateway> {
        self.nats.get(id).map(|&i| &self.inventory.nat_gateways[i])
    }

    /// The NAT gateway that an interface belongs to.
    pub fn nat_of_interface(&self, interface_id: &str) -> Option<&NatGateway> {
        match self.nat_interfaces.get(interface_id) {
            Some(&i) => Some(&self.inventory.nat_gateways[i]),
            None => self.nat_gateway(self.interface(interface_id)?.nat_gateway_id.as_deref()?),
        }
    }

    /// A VPC endpoint by id.
    pub fn endpoint(&self, id: &str) -> Option<&VpcEndpoint> {
        self.endpoints.get(id).map(|&i| &self.inventory.vpc_endpoints[i])
    }

    /// Whether `address` is one of the NAT gateway's own addresses, private or public. None when the gateway is unknown.
    pub fn nat_owns(&self, nat_gateway_id: &str, address: IpAddr) -> Option<bool> {
        self.gateway_ips.get(nat_gateway_id).map(|ips| ips.contains(&address))
    }

    /// Whether `address` belongs to the interface (delegated prefixes included). None when the interface is unknown.
    pub fn interface_owns(&self, interface_id: &str, address: IpAddr) -> Option<bool> {
        let eni = self.interface(interface_id)?;
        Some(eni.addresses.iter().any(|a| a.address == address) || eni.prefixes.iter().any(|p| p.contains(&address)))
    }

    /// Whether a VPC's CIDRs hold an address. None when the VPC or its CIDRs are unknown.
    pub fn vpc_holds(&self, vpc_id: &str, address: IpAddr) -> Option<bool> {
        let facts = self.vpcs.get(vpc_id).filter(|v| !v.cidrs.is_empty())?;
        Some(facts.cidrs.iter().any(|c| c.contains(&address)))
    }

    /// The route table of a subnet, the VPC's main table as fallback.
    fn table_of(&self, vpc_id: Option<&str>, subnet_id: Option<&str>) -> Option<&Table> {
        if let Some(&i) = subnet_id.and_then(|s| self.subnet_tables.get(s)) {
            return Some(&self.tables[i]);
        }
        let vpc_id = vpc_id.or_else(|| Some(self.subnet(subnet_id?)?.vpc_id.as_str()))?;
        self.vpcs.get(vpc_id)?.main_table.map(|i| &self.tables[i])
    }

    fn table_by_id(&self, id: &str) -> Option<&Table> {
        self.table_ids.get(id).map(|&i| &self.tables[i])
    }

    /// VPC attachments of a transit gateway that work, less the VPC that asks.
    fn attached_vpcs(&self, transit_gateway_id: &str, but_vpc: &str) -> Vec<&TransitGatewayAttachment> {
        let listed = self.inventory.transit_gateway_attachments.iter();
        let working = listed.chain(&self.unlisted_attachments).filter(|a| {
            a.transit_gateway_id == transit_gateway_id
                && a.resource_type == "vpc"
                && a.resource_id.as_deref().is_some_and(|v| v != but_vpc)
                && !matches!(a.state.as_str(), "deleted" | "deleting" | "failed" | "rejected")
        });
        working.collect()
    }
}
