//! Who owns an address, asked from a place in the network: the same CIDR may stand in several VPCs.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Topology;
use super::walk::Hop;
use crate::inventory::model::NetworkInterface;

/// How sure the owner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In the asking interface's own VPC.
    Own,
    /// In exactly one VPC that the asking subnet's route table reaches.
    Reached,
    /// In several reachable VPCs: CIDRs repeat.
    Ambiguous,
    /// Outside all reachable VPCs.
    External,
}

impl Standing {
    /// The name used in SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Reached => "reached",
            Self::Ambiguous => "ambiguous",
            Self::External => "external",
        }
    }
}

/// The owner of an address as far as the inventory tells.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Owner<'a> {
    pub standing: Standing,
    pub account_id: Option<&'a str>,
    pub region: Option<&'a str>,
    pub vpc_id: Option<&'a str>,
    pub subnet_id: Option<&'a str>,
    pub az_id: Option<&'a str>,
    pub interface: Option<&'a NetworkInterface>,
}

impl Owner<'_> {
    const NOBODY: Self = Self {
        standing: Standing::External,
        account_id: None,
        region: None,
        vpc_id: None,
        subnet_id: None,
        az_id: None,
        interface: None,
    };
}

impl Topology {
    /// The owner of `net` (one address, or a whole subnet as the rollup keeps private peers), asked from a subnet of a VPC:
    /// the own VPC first, then the VPCs that the subnet's route table reaches by peering or transit gateway.
    pub fn owner<'a>(&'a self, vpc_id: Option<&'a str>, subnet_id: Option<&'a str>, net: IpNet) -> Owner<'a> {
        let vpc_id = vpc_id.or_else(|| Some(self.subnet(subnet_id?)?.vpc_id.as_str()));
        let Some(vpc_id) = vpc_id else { return Owner::NOBODY };
        if let Some(owner) = self.owner_in(vpc_id, net, Standing::Own) {
            return owner;
        }
        let reached = self.reached_vpcs(vpc_id, subnet_id, net);
        let mut owners = reached.into_iter().filter_map(|vpc| self.owner_in(vpc, net, Standing::Reached));
        match (owners.next(), owners.next()) {
            (Some(owner), None) => owner,
            (Some(_), Some(_)) => Owner { standing: Standing::Ambiguous, ..Owner::NOBODY },
            (None, _) => Owner::NOBODY,
        }
    }

    /// The one known VPC of an account and Region whose CIDRs hold an address; CIDRs that repeat tell nothing.
    pub fn vpc_of_address(&self, account_id: Option<&str>, region: Option<&str>, address: IpAddr) -> Option<&str> {
        let is_there = |asked: Option<&str>, known: &Option<String>| {
            asked.is_none() || known.is_none() || asked == known.as_deref()
        };
        let mut holders = self.vpcs.iter().filter(|(_, facts)| {
            is_there(account_id, &facts.account_id)
                && is_there(region, &facts.region)
                && facts.cidrs.iter().any(|cidr| cidr.contains(&address))
        });
        match (holders.next(), holders.next()) {
            (Some((vpc_id, _)), None) => Some(vpc_id),
            _ => None,
        }
    }

    /// The owner of an address within one VPC, if the VPC's CIDRs or interfaces hold it.
    fn owner_in<'a>(&'a self, vpc_id: &'a str, net: IpNet, standing: Standing) -> Option<Owner<'a>> {
        let facts = self.vpcs.get(vpc_id)?;
        let interface =
            (net.prefix_len() == net.max_prefix_len()).then(|| self.interface_at(vpc_id, net.network())).flatten();
        let subnet = interface.and_then(|eni| self.subnet(eni.subnet_id.as_deref()?)).or_else(|| {
            let subnets = facts.subnets.iter().map(|&i| &self.inventory.subnets[i]);
            subnets.filter(|s| s.cidrs.iter().any(|c| c.contains(&net))).max_by_key(|s| s.cidrs[0].prefix_len())
        });
        if interface.is_none() && subnet.is_none() && !facts.cidrs.iter().any(|c| c.contains(&net)) {
            return None;
        }
        let eni_account = interface.and_then(|eni| eni.account_id.as_deref());
        Some(Owner {
            standing,
            account_id: eni_account.or(facts.account_id.as_deref()),
            region: facts.region.as_deref().or_else(|| subnet?.region.as_deref()),
            vpc_id: Some(self.vpcs.get_key_value(vpc_id)?.0.as_str()),
            subnet_id: interface.and_then(|eni| eni.subnet_id.as_deref()).or(subnet.map(|s| s.subnet_id.as_str())),
            az_id: interface.and_then(|eni| eni.az_id.as_deref()).or_else(|| subnet?.az_id.as_deref()),
            interface,
        })
    }

    /// The interface that has an address in a VPC, delegated prefixes included.
    fn interface_at(&self, vpc_id: &str, address: IpAddr) -> Option<&NetworkInterface> {
        let key = (vpc_id.to_owned(), address);
        let index = self.addresses.get(&key).copied().or_else(|| {
            let prefixes = self.prefixes.get(vpc_id)?;
            prefixes.iter().find(|(net, _)| net.contains(&address)).map(|(_, i)| *i)
        })?;
        self.inventory.network_interfaces.get(index)
    }

    /// The VPCs to which a subnet's route table leads for `net`.
    fn reached_vpcs<'a>(&'a self, vpc_id: &'a str, subnet_id: Option<&str>, net: IpNet) -> Vec<&'a str> {
        let Some(table) = self.table_of(Some(vpc_id), subnet_id) else { return Vec::new() };
        match self.last_hop_to(table, net) {
            Some(Hop::Peering(id)) => {
                let Some(&i) = self.peerings.get(id) else { return Vec::new() };
                let peering = &self.inventory.vpc_peering_connections[i];
                let sides = [&peering.requester, &peering.accepter];
                sides.into_iter().filter_map(|s| s.vpc_id.as_deref()).filter(|v| *v != vpc_id).collect()
            }
            Some(Hop::TransitGateway { id, from_vpc }) => {
                let attachments = self.attachments_for(id, from_vpc, net);
                let mut vpcs: Vec<&str> = attachments.into_iter().filter_map(|a| a.resource_id.as_deref()).collect();
                vpcs.sort_unstable();
                vpcs.dedup();
                vpcs
            }
            None => Vec::new(),
        }
    }
}
