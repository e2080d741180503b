//! The inventory of NAT gateways, endpoints, transit gateways and peering.

use serde_json::{Value, json};

use super::inventory_json::Scope;
use super::logging::{FlowLog, Watch};
use super::topology::{AttachmentKey, Endpoint, EndpointKind, Nat, NatKey, Role, SubnetKey, TgwKey, World};

/// The files of this part.
pub(super) fn files(scope: &Scope<'_>) -> Vec<(String, Value)> {
    let attachments = || scope.world.attachments.iter().filter(|attachment| scope.owns(attachment.vpc));
    let mut files = vec![
        ("describe-nat-gateways.json".to_owned(), json!({"NatGateways": nat_gateways(scope)})),
        ("describe-vpc-endpoints.json".to_owned(), json!({"VpcEndpoints": endpoints(scope)})),
        ("describe-vpc-endpoint-services.json".to_owned(), services(scope)),
        ("describe-vpc-peering-connections.json".to_owned(), json!({"VpcPeeringConnections": peerings(scope)})),
    ];
    if attachments().next().is_some() {
        let all: Vec<Value> = attachments().map(|a| attachment(scope, a)).collect();
        files.push((
            "describe-transit-gateway-attachments.json".to_owned(),
            json!({"TransitGatewayAttachments": all.iter().map(|pair| pair["plain"].clone()).collect::<Vec<_>>()}),
        ));
        files.push((
            "describe-transit-gateway-vpc-attachments.json".to_owned(),
            json!({"TransitGatewayVpcAttachments": all.iter().map(|pair| pair["vpc"].clone()).collect::<Vec<_>>()}),
        ));
    }
    let tgws = (0..scope.world.tgws.len()).map(TgwKey);
    for key in tgws.filter(|key| scope.world.tgws[key.0].account == scope.account) {
        let tgw = &scope.world.tgws[key.0];
        if tgw.region == scope.region {
            files.push((
                format!("search-transit-gateway-routes-{}.json", tgw.table_id),
                json!({"Routes": tgw_routes(scope, key), "AdditionalRoutesAvailable": false}),
            ));
        }
    }
    files
}

fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}

fn nat_gateways(scope: &Scope<'_>) -> Vec<Value> {
    let mine = scope.world.nats.iter().enumerate().filter(|(_, nat)| scope.owns(nat.vpc));
    mine.map(|(key, nat)| nat_gateway(scope, NatKey(key), nat)).collect()
}

fn nat_gateway(scope: &Scope<'_>, key: NatKey, nat: &Nat) -> Value {
    let world = scope.world;
    let mut value = json!({
        "NatGatewayId": nat.id, "VpcId": world.vpcs[nat.vpc.0].id, "State": "available",
        "ConnectivityType": if nat.public_ips.is_empty() { "private" } else { "public" },
        "CreateTime": time(nat.created), "Tags": [],
    });
    if let Some(deleted) = nat.deleted.filter(|deleted| *deleted <= world.end) {
        (value["State"], value["DeleteTime"]) = (json!("deleted"), json!(time(deleted)));
    }
    let allocation = |i: usize| format!("eipalloc-0{:016x}", (key.0 + 1) * 256 + i);
    let addresses: Vec<Value> = match nat.interface {
        Some(interface) => {
            let own = &world.interfaces[interface.0];
            value["SubnetId"] = json!(world.subnets[own.subnet.0].id);
            value["AvailabilityMode"] = json!("zonal");
            let private = std::iter::once(&own.primary).chain(&own.secondary).enumerate();
            private
                .map(|(i, address)| {
                    json!({
                        "NetworkInterfaceId": own.id, "PrivateIp": address.to_string(), "IsPrimary": i == 0,
                        "PublicIp": nat.public_ips.get(i).map(ToString::to_string), "Status": "succeeded",
                        "AllocationId": allocation(i),
                    })
                })
                .collect()
        }
        None => {
            value["AvailabilityMode"] = json!("regional");
            value["RouteTableId"] = json!(nat.route_table.map(|table| world.tables[table.0].id.clone()));
            let zones = nat.public_ips.iter().zip(&nat.az_ids).enumerate();
            zones
                .map(|(i, (public, az))| {
                    json!({
                        "PublicIp": public.to_string(), "AvailabilityZoneId": az, "Status": "succeeded",
                        "AllocationId": allocation(i),
                    })
                })
                .collect()
        }
    };
    value["NatGatewayAddresses"] = json!(addresses);
    value
}

fn full_name(endpoint: &Endpoint, region: &str) -> String {
    let own = endpoint.service.starts_with("com.amazonaws.");
    if own { endpoint.service.clone() } else { format!("com.amazonaws.{region}.{}", endpoint.service) }
}

fn endpoints(scope: &Scope<'_>) -> Vec<Value> {
    let world = scope.world;
    let alive = |endpoint: &Endpoint| endpoint.deleted.is_none_or(|deleted| deleted > world.end);
    let mine = world.endpoints.iter().enumerate();
    let mine = mine.filter(|(_, endpoint)| scope.owns(endpoint.vpc) && alive(endpoint));
    mine.map(|(at, endpoint)| {
        let key = super::topology::EndpointKey(at);
        let interfaces = world.endpoint_interfaces(key);
        let kind = match endpoint.kind {
            EndpointKind::Gateway(_) => "Gateway",
            EndpointKind::Interface(_) => "Interface",
            EndpointKind::Gwlb(_) => "GatewayLoadBalancer",
        };
        let subnet = |key: SubnetKey| world.subnets[key.0].id.clone();
        let tables = world.tables.iter().filter(|table| {
            let here = super::topology::Target::Endpoint(key);
            kind == "Gateway" && table.routes.iter().any(|route| route.target == here)
        });
        let mut names = Vec::new();
        if kind == "Interface" {
            names.push(format!("{}-abcd1234.{}.{}.vpce.amazonaws.com", endpoint.id, endpoint.service, scope.region));
        }
        if endpoint.private_dns {
            names.push(format!("{}.{}.amazonaws.com", endpoint.service, scope.region));
        }
        json!({
            "VpcEndpointId": endpoint.id, "VpcEndpointType": kind, "VpcId": world.vpcs[endpoint.vpc.0].id,
            "ServiceName": full_name(endpoint, scope.region), "State": "available", "OwnerId": scope.account,
            "RouteTableIds": tables.map(|table| table.id.clone()).collect::<Vec<_>>(),
            "SubnetIds": interfaces.iter().map(|i| subnet(world.interfaces[i.0].subnet)).collect::<Vec<_>>(),
            "NetworkInterfaceIds": interfaces.iter().map(|i| world.interfaces[i.0].id.clone()).collect::<Vec<_>>(),
            "PrivateDnsEnabled": endpoint.private_dns, "RequesterManaged": endpoint.requester_managed,
            "DnsEntries": names.iter().map(|name| json!({"DnsName": name, "HostedZoneId": "Z1"})).collect::<Vec<_>>(),
            "CreationTimestamp": time(endpoint.created), "Groups": [],
            "Tags": if endpoint.firewall { json!([{"Key": "AWSNetworkFirewallManaged", "Value": "true"}]) } else { json!([]) },
        })
    })
    .collect()
}

/// Services with endpoints of each type, enough for the advice on what the worlds hold.
fn services(scope: &Scope<'_>) -> Value {
    let region = scope.region;
    let mine = scope.world.subnets.iter().filter(|subnet| scope.owns(subnet.vpc));
    let zones: std::collections::BTreeSet<_> = mine.map(|subnet| (&subnet.az_name, &subnet.az_id)).collect();
    let mut details = Vec::new();
    for name in ["s3", "dynamodb"] {
        details.push(json!({
            "ServiceName": format!("com.amazonaws.{region}.{name}"), "ServiceType": [{"ServiceType": "Gateway"}],
            "Owner": "amazon", "AvailabilityZones": zones.iter().map(|zone| zone.0).collect::<Vec<_>>(),
        }));
    }
    for name in ["s3", "sqs", "kms", "sts", "logs", "secretsmanager", "ssm", "ecr.api", "ec2", "monitoring"] {
        let host = name.split('.').rev().collect::<Vec<_>>().join(".");
        let host = format!("{host}.{region}.amazonaws.com");
        details.push(json!({
            "ServiceName": format!("com.amazonaws.{region}.{name}"), "ServiceType": [{"ServiceType": "Interface"}],
            "Owner": "amazon", "AvailabilityZones": zones.iter().map(|zone| zone.0).collect::<Vec<_>>(),
            "AvailabilityZoneIds": zones.iter().map(|zone| zone.1).collect::<Vec<_>>(),
            "PrivateDnsName": host, "PrivateDnsNames": [{"PrivateDnsName": host}],
        }));
    }
    let names: Vec<Value> = details.iter().map(|detail| detail["ServiceName"].clone()).collect();
    json!({"ServiceNames": names, "ServiceDetails": details})
}

fn peerings(scope: &Scope<'_>) -> Vec<Value> {
    let mine = scope.world.peerings.iter().filter(|p| scope.owns(p.requester) || scope.owns(p.accepter));
    mine.map(|peering| {
        let side = |key: super::topology::VpcKey| {
            let vpc = &scope.world.vpcs[key.0];
            json!({
                "VpcId": vpc.id, "OwnerId": vpc.account, "Region": vpc.region, "CidrBlock": vpc.cidrs[0].to_string(),
                "CidrBlockSet": vpc.cidrs.iter().map(|net| json!({"CidrBlock": net.to_string()})).collect::<Vec<_>>(),
            })
        };
        json!({
            "VpcPeeringConnectionId": peering.id, "Status": {"Code": "active"},
            "RequesterVpcInfo": side(peering.requester), "AccepterVpcInfo": side(peering.accepter),
        })
    })
    .collect()
}

fn attachment(scope: &Scope<'_>, attachment: &super::topology::Attachment) -> Value {
    let world = scope.world;
    let vpc = &world.vpcs[attachment.vpc.0];
    let tgw = &world.tgws[attachment.tgw.0];
    let subnets = attachment.interfaces.iter().map(|i| &world.subnets[world.interfaces[i.0].subnet.0].id);
    json!({
        "plain": {
            "TransitGatewayAttachmentId": attachment.id, "TransitGatewayId": tgw.id, "ResourceType": "vpc",
            "ResourceId": vpc.id, "ResourceOwnerId": vpc.account, "State": "available",
            "Association": {"TransitGatewayRouteTableId": tgw.table_id, "State": "associated"},
        },
        "vpc": {
            "TransitGatewayAttachmentId": attachment.id, "TransitGatewayId": tgw.id, "VpcId": vpc.id,
            "VpcOwnerId": vpc.account, "State": "available", "SubnetIds": subnets.collect::<Vec<_>>(),
        },
    })
}

fn tgw_routes(scope: &Scope<'_>, key: TgwKey) -> Vec<Value> {
    let world = scope.world;
    let routes = world.tgws[key.0].routes.iter();
    routes
        .map(|(net, AttachmentKey(at))| {
            let attachment = &world.attachments[*at];
            json!({
                "DestinationCidrBlock": net.to_string(), "State": "active", "Type": "static",
                "TransitGatewayAttachments": [{
                    "ResourceId": world.vpcs[attachment.vpc.0].id, "ResourceType": "vpc",
                    "TransitGatewayAttachmentId": attachment.id,
                }],
            })
        })
        .collect()
}

/// The resource that a flow log is made on.
pub(super) fn watched_id(world: &World, log: &FlowLog) -> Option<String> {
    log.watch.first().map(|watch| match *watch {
        Watch::Vpc(vpc) | Watch::Workloads(vpc) | Watch::Edges(vpc) => world.vpcs[vpc.0].id.clone(),
        Watch::Interface(key) => match world.interfaces[key.0].role {
            Role::TransitGateway(attachment) => world.attachments[attachment.0].id.clone(),
            _ => world.interfaces[key.0].id.clone(),
        },
        Watch::RegionalNat(nat) => world.nats[nat.0].id.clone(),
    })
}
