//! Everything read from the files, before any joining. Of a resource found twice, the last file's stands.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::model::{Cut, FoundFile, InventoryFile};
use super::origin::Origin;
use super::page::{self, Entry};
use super::raw::endpoint::{RawEndpoint, RawEndpointService};
use super::raw::flow_log::RawFlowLog;
use super::raw::interface::RawInterface;
use super::raw::nat::RawNatGateway;
use super::raw::network::{RawSubnet, RawVpc, RawZone};
use super::raw::peering::RawPeering;
use super::raw::route::{RawPrefixList, RawPrefixListEntry, RawRouteTable};
use super::raw::transit::{
    RawMeteringPolicy, RawMeteringPolicyEntry, RawTransitGatewayAttachment, RawTransitGatewayRoute,
};
use super::raw::value::Cidr;
use crate::Result;

/// An entry and the file it is from.
#[derive(Debug)]
pub(crate) struct Found<T> {
    pub origin: Arc<Origin>,
    pub id: String,
    pub entry: T,
}

/// Entries by id, in the order in which the ids were first seen.
#[derive(Debug)]
pub(crate) struct Keyed<T> {
    entries: Vec<Found<T>>,
    index: HashMap<String, usize>,
}

impl<T> Default for Keyed<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), index: HashMap::new() }
    }
}

impl<T> Keyed<T> {
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Found<T>> {
        self.entries.iter()
    }

    fn put(&mut self, found: Found<T>, merge: fn(&mut T, T)) {
        match self.index.get(&found.id).and_then(|&at| self.entries.get_mut(at)) {
            Some(slot) => {
                let older = std::mem::replace(slot, found);
                merge(&mut slot.entry, older.entry);
            }
            None => {
                self.index.insert(found.id.clone(), self.entries.len());
                self.entries.push(found);
            }
        }
    }
}

/// The content of all files.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub interfaces: Keyed<RawInterface>,
    pub subnets: Keyed<RawSubnet>,
    pub vpcs: Keyed<RawVpc>,
    pub nat_gateways: Keyed<RawNatGateway>,
    pub endpoints: Keyed<RawEndpoint>,
    pub route_tables: Keyed<RawRouteTable>,
    pub prefix_lists: Keyed<RawPrefixList>,
    /// Entries by prefix list id.
    pub prefix_list_entries: BTreeMap<String, Vec<Cidr>>,
    /// Entries of files whose name carries no prefix list id.
    pub unnamed_entries: Vec<(Arc<Origin>, Vec<Cidr>)>,
    pub attachments: Keyed<RawTransitGatewayAttachment>,
    pub transit_routes: Keyed<RawTransitGatewayRoute>,
    pub metering_policies: Keyed<RawMeteringPolicy>,
    pub metering_entries: Keyed<RawMeteringPolicyEntry>,
    pub peerings: Keyed<RawPeering>,
    pub flow_logs: Keyed<RawFlowLog>,
    pub zones: Keyed<RawZone>,
    pub services: Keyed<RawEndpointService>,
    pub files: Vec<FoundFile>,
}

impl Collected {
    /// Adds the content of one file.
    pub(crate) fn add(&mut self, kind: InventoryFile, origin: &Arc<Origin>, text: &str) -> Result<()> {
        use InventoryFile as File;
        let file = Source { kind, origin, text };
        let (entries, cut) = match kind {
            File::NetworkInterfaces => file.read_into(&mut self.interfaces, |e| e.network_interface_id.clone())?,
            File::Subnets => file.read_into(&mut self.subnets, |e| e.subnet_id.clone())?,
            File::Vpcs => file.read_into(&mut self.vpcs, |e| e.vpc_id.clone())?,
            File::NatGateways => file.read_into(&mut self.nat_gateways, |e| e.nat_gateway_id.clone())?,
            File::VpcEndpoints => file.read_into(&mut self.endpoints, |e| e.vpc_endpoint_id.clone())?,
            File::RouteTables => file.read_into(&mut self.route_tables, |e| e.route_table_id.clone())?,
            File::PrefixLists | File::ManagedPrefixLists => {
                file.merge_into(&mut self.prefix_lists, |e| e.prefix_list_id.clone(), RawPrefixList::complete)?
            }
            File::ManagedPrefixListEntries => self.add_prefix_list_entries(&file)?,
            File::TransitGatewayAttachments => file.merge_into(
                &mut self.attachments,
                |e| e.transit_gateway_attachment_id.clone(),
                RawTransitGatewayAttachment::complete,
            )?,
            File::TransitGatewayRoutes => {
                let table = origin.id_with_prefix("tgw-rtb-").unwrap_or_else(|| origin.path.clone());
                file.read_into(&mut self.transit_routes, |e| {
                    e.destination_cidr_block.map(|cidr| format!("{table} {}", cidr.0))
                })?
            }
            File::TransitGatewayMeteringPolicies => {
                file.read_into(&mut self.metering_policies, |e| e.transit_gateway_metering_policy_id.clone())?
            }
            File::TransitGatewayMeteringPolicyEntries => file.read_into(&mut self.metering_entries, |e| {
                e.policy_rule_number.as_ref().map(|number| format!("{} {number}", origin.path))
            })?,
            File::VpcPeeringConnections => {
                file.read_into(&mut self.peerings, |e| e.vpc_peering_connection_id.clone())?
            }
            File::FlowLogs => file.read_into(&mut self.flow_logs, |e| e.flow_log_id.clone())?,
            // Each account has its own zone names, so each file's entries stand.
            File::AvailabilityZones => {
                file.read_into(&mut self.zones, |e| e.zone_name.as_ref().map(|name| format!("{} {name}", origin.path)))?
            }
            // s3 and dynamodb stand twice under one name, as gateway and as interface.
            File::VpcEndpointServices => file.read_into(&mut self.services, |e| {
                let types: Vec<&str> = e.service_type.iter().filter_map(|t| t.service_type.as_deref()).collect();
                e.service_name.as_ref().map(|name| format!("{name} {}", types.join(",")))
            })?,
            File::IpRanges => (0, None),
        };
        self.files.push(FoundFile { kind, path: origin.path.clone(), entries, cut });
        Ok(())
    }

    fn add_prefix_list_entries(&mut self, file: &Source<'_>) -> Result<(usize, Option<Cut>)> {
        let (entries, cut) = page::entries::<RawPrefixListEntry>(&file.origin.path, file.kind, file.text)?;
        let cidrs: Vec<Cidr> = entries.into_iter().filter_map(|entry| entry.cidr).collect();
        let count = cidrs.len();
        match file.origin.id_with_prefix("pl-") {
            Some(id) => self.prefix_list_entries.entry(id).or_default().extend(cidrs),
            None => self.unnamed_entries.push((Arc::clone(file.origin), cidrs)),
        }
        Ok((count, cut))
    }
}

struct Source<'a> {
    kind: InventoryFile,
    origin: &'a Arc<Origin>,
    text: &'a str,
}

impl Source<'_> {
    fn read_into<T: Entry>(
        &self,
        into: &mut Keyed<T>,
        id: impl Fn(&T) -> Option<String>,
    ) -> Result<(usize, Option<Cut>)> {
        self.merge_into(into, id, |_, _| ())
    }

    fn merge_into<T: Entry>(
        &self,
        into: &mut Keyed<T>,
        id: impl Fn(&T) -> Option<String>,
        merge: fn(&mut T, T),
    ) -> Result<(usize, Option<Cut>)> {
        let mut count = 0;
        let (entries, cut) = page::entries::<T>(&self.origin.path, self.kind, self.text)?;
        for entry in entries {
            if let Some(id) = id(&entry).filter(|id| !id.is_empty()) {
                into.put(Found { origin: Arc::clone(self.origin), id, entry }, merge);
                count += 1;
            }
        }
        Ok((count, cut))
    }
}
