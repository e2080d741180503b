//! Longest-prefix lookup over everything that has a meaning for a peer: AWS's ranges, prefix lists, routes, VPC and
//! subnet CIDRs, private ranges.
//!
//! The networks form a tree. A network less its children is an *atom*: all addresses of an atom share one set of
//! containing networks, so they share service and route. Lookup is a binary search in the sorted list of atom starts
//! (one list for IPv4, by the first half of the address, one for IPv6).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;
use std::sync::OnceLock;

use ipnet::IpNet;

use super::alike::{Step, Trails, make_alike};
use super::ranges::AwsRanges;
use super::standing::Named;
use crate::inventory::Inventory;
use crate::inventory::model::{Destination, InterfaceKind};

/// What "private" means everywhere in offramp; wider than what standard libraries call "not global".
const PRIVATE: [&str; 7] =
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10"];

/// Services with gateway endpoints, by the code of AWS's ranges and the endpoint service id.
const GATEWAY_CODES: [(&str, &str); 2] = [("S3", "s3"), ("DYNAMODB", "dynamodb")];

/// One network of the tree, with what it and the networks around it say about an address.
#[derive(Debug, Clone)]
pub struct Network {
    /// Its CIDR.
    pub net: IpNet,
    /// The peer key of its atom: the CIDR, or that of the first of those that are alike in all and their number (`52.216.0.0/15+60`).
    pub key: String,
    /// Inside one of the private ranges, or in the IPv6 CIDR of a VPC.
    pub private: bool,
    /// Code of the longest AWS range around it; other services before EC2 before AMAZON.
    pub code: Option<String>,
    /// Region of that range (None for GLOBAL).
    pub region: Option<String>,
    /// Service id and Region of the gateway service whose prefix list contains it.
    pub prefix_list: Option<(String, String)>,
    /// Service id and Region of the longest S3 or DYNAMODB range around it.
    pub gateway_range: Option<(String, Option<String>)>,
    /// CLOUDFRONT is among the codes around it.
    pub(super) cloudfront: bool,
    /// Inside a VPC or subnet CIDR: its addresses are somebody's own.
    pub customer: bool,
    /// An address of its atom as text; None when its children leave none.
    pub(super) representative: Option<String>,
    /// The first of the networks whose atoms are alike; None when there are no others.
    pub(super) alike: Option<u32>,
    /// What decides the route to it ([`Trails`]).
    pub(super) trail: u32,
}

impl Network {
    /// Whether its addresses have a range label instead of a service, unless somebody names them.
    pub(super) fn is_unresolved(&self) -> bool {
        self.code.is_some() && self.gateway_range.is_none() && self.prefix_list.is_none()
    }

    pub(super) fn is_nameable(&self) -> bool {
        !self.private && self.is_unresolved() && !self.cloudfront
    }
}

/// The address book.
#[derive(Debug)]
pub struct AddressBook {
    pub(super) networks: Vec<Network>,
    starts_v4: Vec<(u32, u32)>,
    /// For each first half of an IPv4 address, and one more, the starts below it.
    below: Vec<u32>,
    starts_v6: Vec<(u128, u32)>,
    by_net: BTreeMap<IpNet, u32>,
    pub(super) exact_private: HashSet<IpAddr>,
    /// Public addresses of the inventory's own load balancers.
    own_balancers: HashSet<IpAddr>,
    pub(super) named: OnceLock<Named>,
    listed_services: BTreeSet<(String, String)>,
}

impl AddressBook {
    /// Builds the book. `inventory` may be empty.
    pub fn new(ranges: &AwsRanges, inventory: &Inventory) -> Self {
        let mut seeds = BTreeMap::<IpNet, Seed>::new();
        for root in ["0.0.0.0/0", "::/0"].iter().chain(&PRIVATE) {
            if let Ok(net) = root.parse::<IpNet>() {
                let seed = seeds.entry(net).or_default();
                seed.private = net.prefix_len() > 0;
                seed.step.net = Some(net);
            }
        }
        for range in &ranges.ranges {
            let seed = seeds.entry(range.net.trunc()).or_default();
            // An address range is listed once per Region at most; GLOBAL gives way to a Region.
            if seed.region.is_none() && range.region != "GLOBAL" {
                seed.region = Some(range.region.clone());
            }
            seed.services.extend(range.services.iter().cloned());
        }
        let mut listed_services = BTreeSet::new();
        for (at, list) in inventory.prefix_lists.iter().enumerate() {
            let gateway = list.name.as_deref().and_then(gateway_list);
            for net in &list.entries {
                let seed = seeds.entry(net.trunc()).or_default();
                seed.step.lists.insert(at);
                if let Some(gateway) = &gateway {
                    listed_services.insert(gateway.clone());
                    seed.prefix_list = Some(gateway.clone());
                }
            }
        }
        for net in inventory.vpcs.iter().flat_map(|v| &v.cidrs).chain(inventory.subnets.iter().flat_map(|s| &s.cidrs)) {
            let seed = seeds.entry(net.trunc()).or_default();
            seed.customer = true;
            seed.step.net = Some(net.trunc());
        }
        let cidrs = (inventory.vpc_peering_connections.iter())
            .flat_map(|p| p.requester.cidrs.iter().chain(&p.accepter.cidrs))
            .chain(inventory.transit_gateway_routes.iter().map(|r| &r.destination))
            .chain(inventory.route_tables.iter().flat_map(|t| &t.routes).filter_map(|r| match &r.destination {
                Destination::Cidr(net) => Some(net),
                Destination::PrefixList(_) => None,
            }));
        for net in cidrs {
            seeds.entry(net.trunc()).or_default().step.net = Some(net.trunc());
        }
        let mut book = Self::from_seeds(seeds);
        book.own_balancers = balancer_addresses(inventory);
        book.exact_private = exact_addresses(inventory).into_iter().chain(book.own_balancers.iter().copied()).collect();
        book.listed_services = listed_services;
        book
    }

    /// Whether a name would tell a service of this address.
    pub fn is_nameable(&self, address: IpAddr) -> bool {
        self.longest(address).is_nameable()
    }

    /// Public networks that are alike in service and route get one peer key, as far as `inventory` (the book's) decides the routes; but
    /// those that `apart` holds keep theirs, and the one that holds `apart`.
    pub fn with_alike_together(mut self, inventory: &Inventory, apart: Option<IpNet>) -> Self {
        // What the logs show may then differ from one network to the next.
        if inventory.route_tables.is_empty() {
            return self;
        }
        let longest = apart.map(|apart| self.longest(apart.addr()).net);
        let asked = |net: IpNet| apart.is_some_and(|apart| apart.contains(&net)) || longest == Some(net);
        let owned = own_addresses(inventory);
        let listed = &self.listed_services;
        let is_apart = |network: &Network| {
            let unlisted = network.gateway_range.as_ref().is_some_and(|(service, region)| {
                region.as_ref().is_none_or(|region| !listed.contains(&(service.clone(), region.clone())))
            });
            // An own address stands for nobody else: it would tell the leg of a NAT gateway.
            let stands = network.representative.as_ref().and_then(|address| address.parse().ok());
            asked(network.net) || unlisted || stands.is_some_and(|address| owned.contains(&address))
        };
        let apart: Vec<bool> = self.networks.iter().map(is_apart).collect();
        make_alike(&mut self.networks, &apart);
        self
    }

    fn from_seeds(seeds: BTreeMap<IpNet, Seed>) -> Self {
        let mut book = Self {
            networks: Vec::with_capacity(seeds.len()),
            starts_v4: Vec::with_capacity(2 * seeds.len()),
            starts_v6: Vec::with_capacity(seeds.len()),
            below: Vec::new(),
            by_net: BTreeMap::new(),
            exact_private: HashSet::new(),
            own_balancers: HashSet::new(),
            named: OnceLock::new(),
            listed_services: BTreeSet::new(),
        };
        // BTreeMap order is IPv4 before IPv6, then by address, then shorter prefix first: parents come before children.
        let mut open: Vec<u32> = Vec::new();
        let mut trails = Trails::default();
        for (net, seed) in seeds {
            while let Some(&top) = open.last()
                && !book.networks[top as usize].net.contains(&net)
            {
                open.pop();
                book.close(top, open.last().copied());
            }
            let parent = open.last().map(|&i| &book.networks[i as usize]);
            let network = seed.within(net, parent, &mut trails);
            let id = book.networks.len() as u32;
            book.push_start(net.network(), id);
            book.by_net.insert(net, id);
            book.networks.push(network);
            open.push(id);
        }
        while let Some(top) = open.pop() {
            book.close(top, open.last().copied());
        }
        let below = |half: u32| book.starts_v4.partition_point(|(start, _)| start >> 16 < half) as u32;
        book.below = (0..=1 << 16).map(below).collect();
        let v4 = book.starts_v4.iter().map(|&(start, id)| (IpAddr::V4(start.into()), id));
        let v6 = book.starts_v6.iter().map(|&(start, id)| (IpAddr::V6(start.into()), id));
        for (start, id) in v4.chain(v6) {
            book.networks[id as usize].representative.get_or_insert_with(|| start.to_string());
        }
        book
    }

    /// After a child ends, its parent's atom goes on (unless the address space ends there too).
    fn close(&mut self, child: u32, parent: Option<u32>) {
        let Some(parent) = parent else { return };
        match self.networks[child as usize].net.broadcast() {
            IpAddr::V4(last) => {
                if let Some(next) = u32::from(last).checked_add(1) {
                    self.push_start(IpAddr::V4(next.into()), parent);
                }
            }
            IpAddr::V6(last) => {
                if let Some(next) = u128::from(last).checked_add(1) {
                    self.push_start(IpAddr::V6(next.into()), parent);
                }
            }
        }
    }

    /// A later start at the same address replaces the earlier one: the longer prefix, or the parent that goes on.
    fn push_start(&mut self, start: IpAddr, id: u32) {
        match start {
            IpAddr::V4(start) => replace_or_push(&mut self.starts_v4, u32::from(start), id),
            IpAddr::V6(start) => replace_or_push(&mut self.starts_v6, u128::from(start), id),
        }
    }

    /// The longest network around an address. NAT64 addresses (`64:ff9b::/96`) are decoded first.
    pub fn longest(&self, address: IpAddr) -> &Network {
        &self.networks[self.longest_id(address)]
    }

    pub(super) fn longest_id(&self, address: IpAddr) -> usize {
        let id = match decode_nat64(address) {
            IpAddr::V4(a) => {
                let (address, half) = (u32::from(a), (u32::from(a) >> 16) as usize);
                // Of the starts below the address all but the last few are below its half.
                let (from, to) = (self.below[half].saturating_sub(1) as usize, self.below[half + 1] as usize);
                find(&self.starts_v4[from..to], address)
            }
            IpAddr::V6(a) => find(&self.starts_v6, u128::from(a)),
        };
        id as usize
    }

    /// The network of a peer key: a CIDR of the book (the first of those that are alike), or an address.
    pub fn of_key(&self, key: &str) -> Option<&Network> {
        let net = net_of_key(key)?;
        if net.prefix_len() == net.max_prefix_len() && !key.contains('/') {
            return Some(self.longest(net.addr()));
        }
        self.by_net.get(&net).map(|&id| &self.networks[id as usize]).or_else(|| Some(self.longest(net.network())))
    }

    /// The networks that a peer key stands for: one, or all that are alike.
    pub fn networks_of<'a>(&'a self, key: &'a str) -> impl Iterator<Item = IpNet> + 'a {
        let (several, itself) =
            if key.contains('+') { (self.networks.as_slice(), None) } else { (&[][..], net_of_key(key)) };
        several.iter().filter(move |network| network.key == key).map(|network| network.net).chain(itself)
    }

    /// Whether the rollup keeps a peer's exact address; else its [`Network::key`] is enough. Exact are private peers that are endpoint,
    /// NAT or load balancer interfaces or serve port 443, and public addresses of AWS that are not S3's, DynamoDB's or CloudFront's, if
    /// DNS names them ([`Self::keep_named`]).
    pub fn keeps_exact(&self, address: IpAddr, network: &Network, peer_port: Option<i64>) -> bool {
        if network.private {
            return peer_port == Some(443) || self.exact_private.contains(&address);
        }
        if self.exact_private.contains(&address) {
            return true;
        }
        network.is_nameable() && self.named.get().is_none_or(|named| named.may_be(address))
    }

    /// Whether prefix list entries of a gateway service are known for a Region.
    pub fn lists_known(&self, service: &str, region: &str) -> bool {
        self.listed_services.contains(&(service.to_owned(), region.to_owned()))
    }

    /// The widest ranges of a gateway service in a Region; they stand in for its prefix list when that is unknown.
    pub fn gateway_ranges(&self, service: &str, region: &str) -> Vec<IpNet> {
        let of_service = |n: &&Network| matches!(&n.gateway_range, Some((s, Some(r))) if s == service && r == region);
        self.networks.iter().filter(of_service).map(|n| n.net).collect()
    }

    /// Whether a peer key is the public address of a load balancer in the inventory.
    pub fn is_own_balancer(&self, key: &str) -> bool {
        !self.own_balancers.is_empty() && key.parse().is_ok_and(|address| self.own_balancers.contains(&address))
    }

    /// Number of networks.
    pub fn len(&self) -> usize {
        self.networks.len()
    }

    /// Never: the two roots are always there.
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }
}

/// `64:ff9b::a.b.c.d` stands for the IPv4 address behind a NAT64 gateway (RFC 6052).
pub fn decode_nat64(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(a) if a.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0] => {
            let [.., w, x, y, z] = a.octets();
            IpAddr::V4([w, x, y, z].into())
        }
        other => other,
    }
}

/// A peer key as a network: a CIDR, the first CIDR of several that are alike, or an address.
pub fn net_of_key(key: &str) -> Option<IpNet> {
    let first = key.split_once('+').map_or(key, |(first, _)| first);
    first.parse().ok().or_else(|| first.parse::<IpAddr>().ok().map(IpNet::from))
}

/// The gateway service and Region of an AWS-managed prefix list name, such as `com.amazonaws.us-east-1.s3`.
pub fn gateway_list(name: &str) -> Option<(String, String)> {
    let (region, service) = name.strip_prefix("com.amazonaws.")?.split_once('.')?;
    let service = service.strip_prefix("ipv6.").unwrap_or(service);
    matches!(service, "s3" | "dynamodb" | "s3express").then(|| (service.to_owned(), region.to_owned()))
}

#[derive(Debug, Default)]
struct Seed {
    private: bool,
    region: Option<String>,
    services: BTreeSet<String>,
    prefix_list: Option<(String, String)>,
    customer: bool,
    step: Step,
}

impl Seed {
    fn within(self, net: IpNet, parent: Option<&Network>, trails: &mut Trails) -> Network {
        let mut network = match parent {
            Some(parent) => Network { net, key: net.to_string(), representative: None, alike: None, ..parent.clone() },
            None => Network {
                net,
                key: net.to_string(),
                private: false,
                code: None,
                region: None,
                prefix_list: None,
                gateway_range: None,
                cloudfront: false,
                customer: false,
                representative: None,
                alike: None,
                trail: 0,
            },
        };
        network.private |= self.private;
        if let Some(code) = self.services.iter().min_by_key(|code| code_rank(code)) {
            network.code = Some(code.clone());
            network.region = self.region.clone();
        }
        if let Some((_, id)) = GATEWAY_CODES.iter().find(|(code, _)| self.services.contains(*code)) {
            network.gateway_range = Some(((*id).to_owned(), self.region));
        }
        network.customer |= self.customer;
        // IPv6 of a VPC is unique in the world and nobody's service, though it lies in AWS's ranges.
        network.private |= self.customer && matches!(net, IpNet::V6(_));
        network.cloudfront |= self.services.contains("CLOUDFRONT");
        network.prefix_list = self.prefix_list.or(network.prefix_list);
        let step = Step { gateway: network.gateway_range.clone(), ..self.step };
        network.trail = trails.number(network.trail, step);
        network
    }
}

fn code_rank(code: &str) -> u8 {
    match code {
        "AMAZON" => 2,
        "EC2" => 1,
        _ => 0,
    }
}

fn exact_addresses(inventory: &Inventory) -> HashSet<IpAddr> {
    let interfaces = inventory.network_interfaces.iter().filter(|eni| {
        matches!(
            eni.kind,
            InterfaceKind::NatGateway
                | InterfaceKind::InterfaceEndpoint
                | InterfaceKind::OtherEndpoint
                | InterfaceKind::GwlbEndpoint
                | InterfaceKind::LoadBalancer
        )
    });
    let nat = inventory.nat_gateways.iter().flat_map(|nat| &nat.addresses).filter_map(|a| a.private_ip);
    interfaces.flat_map(|eni| eni.addresses.iter().map(|a| a.address)).chain(nat).collect()
}

fn balancer_addresses(inventory: &Inventory) -> HashSet<IpAddr> {
    let balancers = inventory.network_interfaces.iter().filter(|eni| eni.kind == InterfaceKind::LoadBalancer);
    balancers.flat_map(|eni| &eni.addresses).filter_map(|address| address.public_ip).collect()
}

/// Public and private addresses of NAT gateways and of all interfaces.
fn own_addresses(inventory: &Inventory) -> HashSet<IpAddr> {
    let nat = inventory.nat_gateways.iter().flat_map(|nat| &nat.addresses);
    let nat = nat.flat_map(|address| [address.private_ip, address.public_ip]).flatten();
    let interfaces = inventory.network_interfaces.iter().flat_map(|eni| &eni.addresses);
    nat.chain(interfaces.flat_map(|address| [Some(address.address), address.public_ip]).flatten()).collect()
}

fn replace_or_push<K: PartialEq>(starts: &mut Vec<(K, u32)>, start: K, id: u32) {
    match starts.last_mut() {
        Some(last) if last.0 == start => last.1 = id,
        _ => starts.push((start, id)),
    }
}

/// The first start is the root at address 0, so there always is one at or below `address`.
fn find<K: Ord + Copy>(starts: &[(K, u32)], address: K) -> u32 {
    starts[starts.partition_point(|(start, _)| *start <= address).saturating_sub(1)].1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> (AwsRanges, AddressBook) {
        let ranges = AwsRanges::embedded().unwrap();
        let book = AddressBook::new(&ranges, &Inventory::default());
        (ranges, book)
    }

    #[test]
    fn agrees_with_brute_force() {
        let (ranges, book) = book();
        let nets: Vec<IpNet> = ranges.ranges.iter().map(|r| r.net.trunc()).collect();
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..3000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let base = nets[(seed >> 33) as usize % nets.len()];
            let IpAddr::V4(first) = base.network() else { continue };
            let address = IpAddr::V4((u32::from(first).wrapping_add((seed >> 20) as u32 % 70_000)).into());
            let expected = nets.iter().filter(|n| n.contains(&address)).max_by_key(|n| n.prefix_len());
            let private = PRIVATE.iter().filter_map(|p| p.parse::<IpNet>().ok()).find(|n| n.contains(&address));
            let expected = expected.copied().or(private).unwrap_or("0.0.0.0/0".parse().unwrap());
            assert_eq!(book.longest(address).net, expected, "{address}");
        }
    }

    #[test]
    fn codes_prefer_the_specific_service() {
        let (_, book) = book();
        let s3 = book.longest("52.216.1.1".parse().unwrap());
        assert_eq!(s3.gateway_range, Some(("s3".into(), Some("us-east-1".into()))));
        assert_eq!(book.longest("8.8.8.8".parse().unwrap()).code, None);
        assert!(book.longest("100.64.1.1".parse().unwrap()).private);
        assert_eq!(decode_nat64("64:ff9b::808:808".parse().unwrap()), "8.8.8.8".parse::<IpAddr>().unwrap());
    }
}
