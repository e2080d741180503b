//! The inventory as `aws ec2 describe-*` prints it, one folder per account and Region.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::inventory_edge;
use super::topology::{Destination, Interface, InterfaceKey, Role, Route, Target, VpcKey, World};
use crate::{Error, Result};

/// Writes all files below `root/{account}/{region}/`.
pub fn write_inventory(world: &World, root: &Path) -> Result<()> {
    world.check()?;
    write_documents(&documents(world), root)
}

/// Every file by its path below the root.
pub fn documents(world: &World) -> BTreeMap<PathBuf, Value> {
    let owners = world.vpcs.iter().map(|vpc| (vpc.account.clone(), vpc.region.clone()));
    let participants = (0..world.interfaces.len()).map(InterfaceKey);
    let participants =
        participants.map(|key| (world.interfaces[key.0].account.clone(), world.region_of(key).to_owned()));
    let places: BTreeSet<(String, String)> = owners.chain(participants).collect();
    let mut documents = BTreeMap::new();
    for (account, region) in &places {
        let scope = Scope { world, account, region };
        let directory = Path::new(account).join(region);
        documents.extend(scope.files().into_iter().map(|(name, value)| (directory.join(name), value)));
    }
    documents
}

/// Writes files below `root`.
pub fn write_documents(documents: &BTreeMap<PathBuf, Value>, root: &Path) -> Result<()> {
    fs::create_dir_all(root).map_err(|source| Error::Io { path: root.to_owned(), source })?;
    for (name, value) in documents {
        let path = root.join(name);
        let io = |source| Error::Io { path: path.clone(), source };
        fs::create_dir_all(path.parent().unwrap_or(root)).map_err(io)?;
        let text = serde_json::to_string_pretty(value).map_err(|e| Error::Output(e.to_string()))?;
        fs::write(&path, text + "\n").map_err(io)?;
    }
    Ok(())
}

/// One account in one Region.
pub(super) struct Scope<'w> {
    pub world: &'w World,
    pub account: &'w str,
    pub region: &'w str,
}

impl Scope<'_> {
    fn files(&self) -> Vec<(String, Value)> {
        let mut files = vec![
            ("describe-network-interfaces.json".to_owned(), json!({"NetworkInterfaces": self.interfaces()})),
            ("describe-subnets.json".to_owned(), json!({"Subnets": self.subnets()})),
            ("describe-vpcs.json".to_owned(), json!({"Vpcs": self.vpcs()})),
            ("describe-route-tables.json".to_owned(), json!({"RouteTables": self.route_tables()})),
            ("describe-prefix-lists.json".to_owned(), json!({"PrefixLists": self.prefix_lists()})),
            ("describe-flow-logs.json".to_owned(), json!({"FlowLogs": self.flow_logs()})),
            ("describe-availability-zones.json".to_owned(), json!({"AvailabilityZones": self.zones()})),
        ];
        files.extend(inventory_edge::files(self));
        files
    }

    /// Is that VPC this account's, in this Region?
    pub fn owns(&self, vpc: VpcKey) -> bool {
        let vpc = &self.world.vpcs[vpc.0];
        vpc.account == self.account && vpc.region == self.region
    }

    /// Does it see that VPC's subnets because it has interfaces in them?
    fn shares(&self, vpc: VpcKey) -> bool {
        (0..self.world.interfaces.len()).map(InterfaceKey).any(|key| self.world.vpc_of(key) == vpc && self.has(key))
    }

    /// Is that interface this account's, in this Region?
    fn has(&self, key: InterfaceKey) -> bool {
        self.world.interfaces[key.0].account == self.account && self.world.region_of(key) == self.region
    }

    fn interfaces(&self) -> Vec<Value> {
        let keys = (0..self.world.interfaces.len()).map(InterfaceKey);
        let alive = |key: &InterfaceKey| self.world.interfaces[key.0].died.is_none_or(|died| died > self.world.end);
        let mine = keys.filter(alive).filter(|key| self.owns(self.world.vpc_of(*key)) || self.has(*key));
        mine.map(|key| self.interface(key)).collect()
    }

    fn interface(&self, key: InterfaceKey) -> Value {
        let interface = &self.world.interfaces[key.0];
        let subnet = &self.world.subnets[interface.subnet.0];
        let (kind, description, managed) = self.description(interface);
        let mut addresses = vec![json!({"Primary": true, "PrivateIpAddress": interface.primary.to_string()})];
        let secondary = |address: &std::net::IpAddr| json!({"Primary": false, "PrivateIpAddress": address.to_string()});
        addresses.extend(interface.secondary.iter().filter(|address| address.is_ipv4()).map(secondary));
        if let Some(public) = interface.public_ip {
            addresses[0]["Association"] = json!({"IpOwnerId": "amazon", "PublicIp": public.to_string()});
        }
        let mut attachment = json!({"DeviceIndex": 0, "Status": "attached", "InstanceOwnerId": "amazon-aws"});
        if let Some(instance) = &interface.instance_id {
            attachment["InstanceId"] = json!(instance);
            attachment["InstanceOwnerId"] = json!(interface.account);
        }
        let ipv6 = interface.secondary.iter().filter(|address| address.is_ipv6());
        json!({
            "NetworkInterfaceId": interface.id, "InterfaceType": kind, "Description": description,
            "RequesterManaged": managed, "OwnerId": interface.account, "Status": "in-use",
            "VpcId": self.world.vpcs[subnet.vpc.0].id, "SubnetId": subnet.id, "AvailabilityZone": subnet.az_name,
            "PrivateIpAddress": interface.primary.to_string(), "PrivateIpAddresses": addresses,
            "Ipv6Addresses": ipv6.map(|a| json!({"Ipv6Address": a.to_string()})).collect::<Vec<_>>(),
            "Ipv4Prefixes": interface.prefixes.iter().map(|p| json!({"Ipv4Prefix": p.to_string()})).collect::<Vec<_>>(),
            "Attachment": attachment, "Groups": [], "TagSet": [],
        })
    }

    fn description(&self, interface: &Interface) -> (&'static str, String, bool) {
        let world = self.world;
        match &interface.role {
            Role::Instance => ("interface", String::new(), false),
            Role::Appliance { .. } => ("interface", "appliance".to_owned(), false),
            Role::Lambda => ("lambda", "AWS Lambda VPC ENI-ingest".to_owned(), true),
            Role::Nat(nat) => ("nat_gateway", format!("Interface for NAT Gateway {}", world.nats[nat.0].id), true),
            Role::InterfaceEndpoint(key) => {
                ("vpc_endpoint", format!("VPC Endpoint Interface {}", world.endpoints[key.0].id), true)
            }
            Role::GwlbEndpoint(key) => (
                "gateway_load_balancer_endpoint",
                format!("VPC Endpoint Interface {}", world.endpoints[key.0].id),
                true,
            ),
            Role::TransitGateway(key) => (
                "transit_gateway",
                format!("Network Interface for Transit Gateway Attachment {}", world.attachments[key.0].id),
                true,
            ),
            Role::NetworkLoadBalancer(path) => ("network_load_balancer", format!("ELB {path}"), true),
            Role::ApplicationLoadBalancer(path) => ("interface", format!("ELB {path}"), true),
        }
    }

    fn subnets(&self) -> Vec<Value> {
        let mine = self.world.subnets.iter().filter(|subnet| self.owns(subnet.vpc) || self.shares(subnet.vpc));
        mine.map(|subnet| {
            let vpc = &self.world.vpcs[subnet.vpc.0];
            json!({
                "SubnetId": subnet.id, "VpcId": vpc.id, "OwnerId": vpc.account,
                "CidrBlock": subnet.cidr.to_string(), "AvailabilityZone": subnet.az_name,
                "AvailabilityZoneId": subnet.az_id, "MapPublicIpOnLaunch": false, "State": "available",
                "Ipv6CidrBlockAssociationSet": [],
            })
        })
        .collect()
    }

    fn vpcs(&self) -> Vec<Value> {
        let mine = (0..self.world.vpcs.len()).map(VpcKey).filter(|key| self.owns(*key) || self.shares(*key));
        mine.map(|key| {
            let vpc = &self.world.vpcs[key.0];
            let cidr =
                |net: &ipnet::IpNet| json!({"CidrBlock": net.to_string(), "CidrBlockState": {"State": "associated"}});
            json!({
                "VpcId": vpc.id, "OwnerId": vpc.account, "CidrBlock": vpc.cidrs[0].to_string(), "State": "available",
                "CidrBlockAssociationSet": vpc.cidrs.iter().map(cidr).collect::<Vec<_>>(),
            })
        })
        .collect()
    }

    fn route_tables(&self) -> Vec<Value> {
        let tables = self.world.tables.iter().enumerate().filter(|(_, table)| self.owns(table.vpc));
        tables
            .map(|(at, table)| {
                let vpc = &self.world.vpcs[table.vpc.0];
                let routes = table.routes.iter().filter(|route| route.until.is_none_or(|until| until > self.world.end));
                let routes = routes.map(|route| self.route(table.vpc, route));
                let mut associations = Vec::new();
                if vpc.main_table.0 == at {
                    associations.push(json!({
                        "Main": true, "RouteTableId": table.id, "AssociationState": {"State": "associated"},
                    }));
                }
                let subnets = self.world.subnets.iter().filter(|s| s.table.is_some_and(|key| key.0 == at));
                associations.extend(subnets.map(|subnet| {
                    json!({
                        "Main": false, "RouteTableId": table.id, "SubnetId": subnet.id,
                        "AssociationState": {"State": "associated"},
                    })
                }));
                json!({
                    "RouteTableId": table.id, "VpcId": vpc.id, "OwnerId": vpc.account, "Associations": associations,
                    "PropagatingVgws": [], "Tags": [],
                    "Routes": routes.collect::<Vec<_>>(),
                })
            })
            .collect()
    }

    fn route(&self, vpc: VpcKey, route: &Route) -> Value {
        let vpc = &self.world.vpcs[vpc.0];
        let (key, id) = match &route.target {
            Target::Local => ("GatewayId", "local".to_owned()),
            Target::InternetGateway => ("GatewayId", vpc.internet_gateway.clone().unwrap_or_default()),
            Target::EgressOnlyGateway => {
                ("EgressOnlyInternetGatewayId", vpc.egress_only_gateway.clone().unwrap_or_default())
            }
            Target::Nat(nat) => ("NatGatewayId", self.world.nats[nat.0].id.clone()),
            Target::Endpoint(endpoint) => ("GatewayId", self.world.endpoints[endpoint.0].id.clone()),
            Target::TransitGateway(tgw) => ("TransitGatewayId", self.world.tgws[tgw.0].id.clone()),
            Target::Peering(peering) => ("VpcPeeringConnectionId", self.world.peerings[peering.0].id.clone()),
            Target::Interface(interface) => ("NetworkInterfaceId", self.world.interfaces[interface.0].id.clone()),
            Target::VirtualPrivateGateway(id) => ("GatewayId", id.clone()),
            Target::Other(gateway) => (gateway.key, gateway.id.clone()),
        };
        let origin = if route.target == Target::Local { "CreateRouteTable" } else { "CreateRoute" };
        let mut value = json!({"State": "active", "Origin": origin});
        match &route.destination {
            Destination::Cidr(net) if net.addr().is_ipv6() => {
                value["DestinationIpv6CidrBlock"] = json!(net.to_string())
            }
            Destination::Cidr(net) => value["DestinationCidrBlock"] = json!(net.to_string()),
            Destination::PrefixList(list) => {
                value["DestinationPrefixListId"] = json!(self.world.prefix_lists[list.0].id);
            }
        }
        value[key] = json!(id);
        value
    }

    fn prefix_lists(&self) -> Vec<Value> {
        let mine = self.world.prefix_lists.iter().filter(|list| list.region == self.region);
        mine.map(|list| {
            json!({
                "PrefixListId": list.id, "PrefixListName": list.name,
                "Cidrs": list.cidrs.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
        })
        .collect()
    }

    fn flow_logs(&self) -> Vec<Value> {
        let mine = self.world.flow_logs.iter().filter(|l| l.account == self.account && l.region == self.region);
        mine.map(|log| {
            let format: Vec<String> = log.fields.iter().map(|field| format!("${{{}}}", field.name())).collect();
            json!({
                "FlowLogId": log.id, "FlowLogStatus": "ACTIVE", "LogFormat": format.join(" "),
                "TrafficType": log.traffic.name(),
                "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::acme-logs",
                "DestinationOptions": {
                    "FileFormat": "plain-text", "HiveCompatiblePartitions": false, "PerHourPartition": false,
                },
                "MaxAggregationInterval": log.interval,
                "ResourceId": inventory_edge::watched_id(self.world, log),
            })
        })
        .collect()
    }

    fn zones(&self) -> Vec<Value> {
        let mine = self.world.subnets.iter().filter(|subnet| self.owns(subnet.vpc) || self.shares(subnet.vpc));
        let zones: BTreeSet<_> = mine.map(|subnet| (&subnet.az_name, &subnet.az_id)).collect();
        let zone =
            |(name, id)| json!({"ZoneName": name, "ZoneId": id, "RegionName": self.region, "State": "available"});
        zones.into_iter().map(zone).collect()
    }
}
