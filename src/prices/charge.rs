//! What AWS charges for, by the names used in price files and SQL.

use std::fmt;

/// A kind of charge. Prices are USD per hour or per GiB (what AWS bills as GB).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Charge {
    /// A zonal NAT gateway, per hour.
    NatHour,
    /// Data through a zonal NAT gateway, both directions.
    NatGib,
    /// A regional NAT gateway, per active zone and hour.
    RegionalNatAzHour,
    /// Data through a regional NAT gateway.
    RegionalNatGib,
    /// An interface endpoint, per zone and hour.
    InterfaceEndpointAzHour,
    /// Data through interface endpoints; tiers over all endpoints of an account and Region.
    InterfaceEndpointGib,
    /// A Gateway Load Balancer endpoint, per zone and hour.
    GwlbEndpointAzHour,
    /// Data through a Gateway Load Balancer endpoint.
    GwlbEndpointGib,
    /// A resource endpoint, per zone and hour.
    ResourceEndpointAzHour,
    /// Data through a resource endpoint.
    ResourceEndpointGib,
    /// A service network endpoint, per zone and hour.
    ServiceNetworkEndpointAzHour,
    /// Data through a service network endpoint.
    ServiceNetworkEndpointGib,
    /// Data sent into a transit gateway.
    TransitGatewayGib,
    /// A transit gateway attachment, per hour.
    TransitGatewayAttachmentHour,
    /// Data between zones, each direction (out at the sender, in at the receiver).
    InterAzGib,
    /// A public IPv4 address in use, per hour.
    PublicIpv4Hour,
    /// Data through Network Firewall.
    FirewallGib,
    /// A Network Firewall endpoint, per zone and hour.
    FirewallAzHour,
}

impl Charge {
    /// Every charge.
    pub const ALL: [Self; 18] = [
        Self::NatHour,
        Self::NatGib,
        Self::RegionalNatAzHour,
        Self::RegionalNatGib,
        Self::InterfaceEndpointAzHour,
        Self::InterfaceEndpointGib,
        Self::GwlbEndpointAzHour,
        Self::GwlbEndpointGib,
        Self::ResourceEndpointAzHour,
        Self::ResourceEndpointGib,
        Self::ServiceNetworkEndpointAzHour,
        Self::ServiceNetworkEndpointGib,
        Self::TransitGatewayGib,
        Self::TransitGatewayAttachmentHour,
        Self::InterAzGib,
        Self::PublicIpv4Hour,
        Self::FirewallGib,
        Self::FirewallAzHour,
    ];

    /// The name in price files and in SQL (`charge` column).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NatHour => "nat_hour",
            Self::NatGib => "nat_gib",
            Self::RegionalNatAzHour => "regional_nat_az_hour",
            Self::RegionalNatGib => "regional_nat_gib",
            Self::InterfaceEndpointAzHour => "interface_endpoint_az_hour",
            Self::InterfaceEndpointGib => "interface_endpoint_gib",
            Self::GwlbEndpointAzHour => "gwlb_endpoint_az_hour",
            Self::GwlbEndpointGib => "gwlb_endpoint_gib",
            Self::ResourceEndpointAzHour => "resource_endpoint_az_hour",
            Self::ResourceEndpointGib => "resource_endpoint_gib",
            Self::ServiceNetworkEndpointAzHour => "service_network_endpoint_az_hour",
            Self::ServiceNetworkEndpointGib => "service_network_endpoint_gib",
            Self::TransitGatewayGib => "transit_gateway_gib",
            Self::TransitGatewayAttachmentHour => "transit_gateway_attachment_hour",
            Self::InterAzGib => "inter_az_gib",
            Self::PublicIpv4Hour => "public_ipv4_hour",
            Self::FirewallGib => "firewall_gib",
            Self::FirewallAzHour => "firewall_az_hour",
        }
    }

    /// The charge of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|charge| charge.as_str() == name)
    }

    /// Priced by tiers of the monthly volume. All others have one price, so that SQL can join them by Region and charge.
    pub fn has_tiers(self) -> bool {
        self == Self::InterfaceEndpointGib
    }

    /// Priced by data; otherwise by the hour.
    pub fn is_per_gib(self) -> bool {
        self.as_str().ends_with("_gib")
    }

    /// `USD per GiB` or `USD per hour`, for people.
    pub fn unit(self) -> &'static str {
        if self.is_per_gib() { "USD per GiB" } else { "USD per hour" }
    }
}

impl fmt::Display for Charge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
