//! Field lists of flow logs and the text of a record.

use super::row::Row;

macro_rules! fields {
    ($($variant:ident $name:literal $version:literal),+ $(,)?) => {
        /// A field of a flow log.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub enum Field { $($variant),+ }

        impl Field {
            /// Every field, in AWS's table order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// As AWS writes it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The version that brought it.
            pub fn version(self) -> u8 {
                match self { $(Self::$variant => $version),+ }
            }
        }
    };
}

fields! {
    Version "version" 2, AccountId "account-id" 2, InterfaceId "interface-id" 2, SrcAddr "srcaddr" 2,
    DstAddr "dstaddr" 2, SrcPort "srcport" 2, DstPort "dstport" 2, Protocol "protocol" 2, Packets "packets" 2,
    Bytes "bytes" 2, Start "start" 2, End "end" 2, Action "action" 2, LogStatus "log-status" 2,
    VpcId "vpc-id" 3, SubnetId "subnet-id" 3, InstanceId "instance-id" 3, TcpFlags "tcp-flags" 3, Type "type" 3,
    PktSrcAddr "pkt-srcaddr" 3, PktDstAddr "pkt-dstaddr" 3, Region "region" 4, AzId "az-id" 4,
    SublocationType "sublocation-type" 4, SublocationId "sublocation-id" 4,
    PktSrcAwsService "pkt-src-aws-service" 5, PktDstAwsService "pkt-dst-aws-service" 5,
    FlowDirection "flow-direction" 5, TrafficPath "traffic-path" 5,
    EcsClusterArn "ecs-cluster-arn" 7, EcsClusterName "ecs-cluster-name" 7, RejectReason "reject-reason" 8,
    ResourceId "resource-id" 9, EncryptionStatus "encryption-status" 10, InterfaceTag "interface-tag" 11,
    InterfaceType "interface-type" 11, NextHopInterfaceId "next-hop-interface-id" 11,
    NextHopSubnetId "next-hop-subnet-id" 11, NextHopAzId "next-hop-az-id" 11, NextHopVpcId "next-hop-vpc-id" 11,
    NextHopInterfaceType "next-hop-interface-type" 11,
}

/// The default format.
pub const V2: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end \
    action log-status";
/// Version 3: adds packet-level addresses and TCP flags.
pub const V3: &str = "version vpc-id subnet-id instance-id interface-id account-id type srcaddr dstaddr srcport dstport \
    pkt-srcaddr pkt-dstaddr protocol bytes packets start end action tcp-flags log-status";
/// Version 5, in the order of AWS's example.
pub const V5: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end \
    action log-status vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id \
    sublocation-type sublocation-id pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path";
/// Version 9: version 5 with the id of regional NAT gateways.
pub const V9: &str = "version resource-id account-id interface-id vpc-id subnet-id instance-id srcaddr dstaddr srcport \
    dstport protocol packets bytes start end action log-status tcp-flags pkt-srcaddr pkt-dstaddr region az-id \
    pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path";
/// Version 11: with interface type and next hop.
pub const V11: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end \
    action log-status vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id \
    pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path resource-id interface-type \
    next-hop-interface-id next-hop-subnet-id next-hop-az-id next-hop-vpc-id next-hop-interface-type";

/// The fields of a format (names separated by spaces), or the first unknown name.
pub fn parse(format: &str) -> Result<Vec<Field>, String> {
    let field = |name: &str| Field::ALL.iter().copied().find(|f| f.name() == name).ok_or_else(|| name.to_owned());
    format.split_ascii_whitespace().map(field).collect()
}

/// The header line, without the line end.
pub fn header(fields: &[Field]) -> String {
    fields.iter().map(|f| f.name()).collect::<Vec<_>>().join(" ")
}

/// Appends the record and a line end.
pub fn write(fields: &[Field], row: &Row<'_>, out: &mut Vec<u8>) {
    for (i, field) in fields.iter().enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        row.write_field(*field, fields, out);
    }
    out.push(b'\n');
}
