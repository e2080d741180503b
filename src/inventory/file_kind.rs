//! The kinds of inventory file and the names they go by.

use super::model::InventoryFile;

impl InventoryFile {
    /// Every kind, in the order of reports.
    pub const ALL: [Self; 18] = [
        Self::NetworkInterfaces,
        Self::Subnets,
        Self::Vpcs,
        Self::NatGateways,
        Self::VpcEndpoints,
        Self::RouteTables,
        Self::PrefixLists,
        Self::ManagedPrefixLists,
        Self::ManagedPrefixListEntries,
        Self::TransitGatewayAttachments,
        Self::TransitGatewayRoutes,
        Self::TransitGatewayMeteringPolicies,
        Self::TransitGatewayMeteringPolicyEntries,
        Self::VpcPeeringConnections,
        Self::FlowLogs,
        Self::AvailabilityZones,
        Self::VpcEndpointServices,
        Self::IpRanges,
    ];

    /// The AWS CLI commands (`aws ec2 ...`) whose output it is, the usual one first; `ip-ranges` for AWS's published file.
    pub fn commands(self) -> &'static [&'static str] {
        match self {
            Self::NetworkInterfaces => &["describe-network-interfaces"],
            Self::Subnets => &["describe-subnets"],
            Self::Vpcs => &["describe-vpcs"],
            Self::NatGateways => &["describe-nat-gateways"],
            Self::VpcEndpoints => &["describe-vpc-endpoints"],
            Self::RouteTables => &["describe-route-tables"],
            Self::PrefixLists => &["describe-prefix-lists"],
            Self::ManagedPrefixLists => &["describe-managed-prefix-lists"],
            Self::ManagedPrefixListEntries => &["get-managed-prefix-list-entries"],
            Self::TransitGatewayAttachments => {
                &["describe-transit-gateway-attachments", "describe-transit-gateway-vpc-attachments"]
            }
            Self::TransitGatewayRoutes => &["search-transit-gateway-routes"],
            Self::TransitGatewayMeteringPolicies => &["describe-transit-gateway-metering-policies"],
            Self::TransitGatewayMeteringPolicyEntries => &["get-transit-gateway-metering-policy-entries"],
            Self::VpcPeeringConnections => &["describe-vpc-peering-connections"],
            Self::FlowLogs => &["describe-flow-logs"],
            Self::AvailabilityZones => &["describe-availability-zones"],
            Self::VpcEndpointServices => &["describe-vpc-endpoint-services"],
            Self::IpRanges => &["ip-ranges"],
        }
    }

    /// The usual of [`InventoryFile::commands`]: the kind's name.
    pub fn command(self) -> &'static str {
        self.commands().first().copied().unwrap_or_default()
    }

    /// The kind that a file name says, whatever its case: a command, then nothing or a separator and any suffix, then `.json`.
    pub fn of_file_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let stem = name.strip_suffix(".json")?;
        Self::ALL.into_iter().find(|kind| {
            kind.commands().iter().any(|command| {
                stem.strip_prefix(command)
                    .is_some_and(|rest| rest.chars().next().is_none_or(|next| !next.is_ascii_alphanumeric()))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_suffixes_pages_and_other_case_are_known() {
        for (name, kind) in [
            ("describe-subnets.json", InventoryFile::Subnets),
            ("Describe-Subnets-eu-west-1.JSON", InventoryFile::Subnets),
            ("describe-network-interfaces.page2.json", InventoryFile::NetworkInterfaces),
            ("get-managed-prefix-list-entries-pl-123.json", InventoryFile::ManagedPrefixListEntries),
            ("search-transit-gateway-routes-tgw-rtb-1.json", InventoryFile::TransitGatewayRoutes),
            ("describe-transit-gateway-vpc-attachments.json", InventoryFile::TransitGatewayAttachments),
            ("describe-vpc-endpoint-services_1.json", InventoryFile::VpcEndpointServices),
            ("describe-vpc-endpoints.json", InventoryFile::VpcEndpoints),
            ("describe-vpcs.json", InventoryFile::Vpcs),
            ("ip-ranges.json", InventoryFile::IpRanges),
        ] {
            assert_eq!(InventoryFile::of_file_name(name), Some(kind), "{name}");
        }
        for name in ["describe-subnets.yaml", "describe-subnetsfoo.json", "describe-instances.json", "subnets.json"] {
            assert_eq!(InventoryFile::of_file_name(name), None, "{name}");
        }
    }
}
