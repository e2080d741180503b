//! What can go wrong with a change, one sentence each, so that nobody learns it from an outage.

use super::model::Opportunity;

const CONNECTIONS_DROP: &str =
    "Open connections to the service are dropped once when the route appears; clients must retry.";
const SOURCE_ADDRESS: &str = "The service sees private addresses from then on: bucket, queue and IAM policies on public \
     addresses or aws:SourceIp stop matching; use aws:SourceVpc or aws:SourceVpce.";
const ENDPOINT_POLICY: &str = "The endpoint's policy allows everything by default; a narrower one can refuse buckets or actions that \
     worked through the NAT gateway.";
const ROUTES_OF_VPC_ONLY: &str = "Only clients inside the VPC use a gateway endpoint; traffic that arrives by peering, transit gateway, \
     VPN or Direct Connect does not.";
const OTHER_REGIONS: &str =
    "Only the endpoint's own Region is reached; requests to other Regions keep the NAT gateway.";
const IPV6: &str = "Traffic over IPv6 passes by an IPv4-only gateway endpoint.";
const DNS_VPC_WIDE: &str =
    "Private DNS changes the service's name for the whole VPC at once, for every client that uses its resolver.";
const DNS_ATTRIBUTES: &str =
    "The VPC needs enableDnsSupport and enableDnsHostnames, and clients must use the VPC's resolver.";
const SECURITY_GROUP: &str = "Clients whose address the endpoint's security group does not allow on port 443 lose the service; check peered and on-premises clients.";
const ZONE_SUPPORT: &str =
    "The service may not be offered in every zone: compare describe-vpc-endpoint-services first.";
const VPCE_NAMES: &str =
    "Clients configured with vpce- host names keep using the interface endpoint until they are changed.";
const S3_RESOLVER: &str = "PrivateDnsOnlyForInboundResolverEndpoint decides whether clients in the VPC get the public or the endpoint's \
     addresses; it needs the gateway endpoint first.";
const UNSEEN_CLIENTS: &str = "Traffic outside the window is not in the logs: a monthly job may need it. Ask the owner.";
const LOST_PRIVATE_NAMES: &str = "With the endpoint its private DNS goes: clients reach the service's public addresses, which needs a NAT or internet route.";
const SOURCE_POLICY: &str = "Policies that demand aws:SourceVpce refuse the clients once the endpoint is gone.";
const PUBLIC_ADDRESS: &str =
    "Partners that allow the gateway's public address must be told; a released address does not come back.";
const DEPENDS: &str = "Safe only after the changes it depends on have been made and the logs show no bytes left.";
const NEW_ADDRESS: &str = "Traffic leaves from new public addresses: partners that allow the old one must be told.";
const ROUTE_SWITCH: &str = "Connections through the old gateway are dropped when the route changes.";

/// The risks of an opportunity of this kind and service.
pub fn risks(one: &Opportunity) -> Vec<String> {
    let general: &[&str] = match one.kind.as_str() {
        "associate_route_table" | "create_gateway_endpoint" => {
            &[CONNECTIONS_DROP, SOURCE_ADDRESS, ENDPOINT_POLICY, ROUTES_OF_VPC_ONLY, OTHER_REGIONS, IPV6]
        }
        "enable_private_dns" => &[DNS_VPC_WIDE, DNS_ATTRIBUTES, SECURITY_GROUP, SOURCE_ADDRESS, ENDPOINT_POLICY],
        "create_interface_endpoint" => {
            &[DNS_VPC_WIDE, DNS_ATTRIBUTES, SECURITY_GROUP, ZONE_SUPPORT, SOURCE_ADDRESS, ENDPOINT_POLICY]
        }
        "replace_interface_with_gateway" => &[CONNECTIONS_DROP, VPCE_NAMES, ROUTES_OF_VPC_ONLY, ENDPOINT_POLICY],
        "delete_idle_interface_endpoint" => &[UNSEEN_CLIENTS, LOST_PRIVATE_NAMES, VPCE_NAMES, SOURCE_POLICY],
        "remove_nat_gateway" => &[DEPENDS, UNSEEN_CLIENTS, PUBLIC_ADDRESS],
        "nat_per_az" => &[NEW_ADDRESS, ROUTE_SWITCH],
        _ => &[],
    };
    general.iter().copied().chain(of_service(one)).map(Into::into).collect()
}

/// What one service does differently.
fn of_service(one: &Opportunity) -> Option<&'static str> {
    let interface = matches!(one.kind.as_str(), "enable_private_dns" | "create_interface_endpoint");
    match (one.service.as_deref()?, interface) {
        ("execute-api", true) => Some(
            "Private DNS captures every execute-api host of the Region: public APIs, also other people's, stop resolving in this VPC.",
        ),
        ("sqs", true) => Some(
            "Only sqs.<region>.amazonaws.com is covered: clients on the old queue.amazonaws.com names keep the NAT gateway.",
        ),
        ("sts", true) => Some("The global name sts.amazonaws.com is not covered: clients must use the regional name."),
        ("ecr.api" | "ecr.dkr", true) => {
            Some("Image pulls need ecr.api, ecr.dkr and S3 together; the layers themselves are S3 bytes.")
        }
        ("ssm" | "ssmmessages" | "ec2messages", true) => {
            Some("Systems Manager needs ssm and ssmmessages together, and ec2messages for old agents.")
        }
        ("s3", false) if one.kind == "replace_interface_with_gateway" => Some(S3_RESOLVER),
        _ => None,
    }
}
