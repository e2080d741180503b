//! One record, and how each of its fields is written.

use std::io::Write;
use std::net::IpAddr;

use super::fields::Field;

/// A record; `None` is written `-`.
#[derive(Debug, Clone, Copy, Default)]
#[allow(missing_docs)]
pub struct Row<'w> {
    pub account: Option<&'w str>,
    pub interface_id: Option<&'w str>,
    pub vpc: Option<&'w str>,
    pub subnet: Option<&'w str>,
    pub instance: Option<&'w str>,
    pub region: Option<&'w str>,
    pub az: Option<&'w str>,
    pub resource_id: Option<&'w str>,
    pub interface_type: Option<&'static str>,
    pub packet: Option<Packet<'w>>,
    pub bytes: Option<u64>,
    pub packets: Option<u64>,
    pub start: i64,
    pub end: i64,
    pub action: Option<&'static str>,
    pub status: &'static str,
}

/// The part that NODATA and SKIPDATA records lack.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Packet<'w> {
    pub src: IpAddr,
    pub dst: IpAddr,
    pub pkt_src: IpAddr,
    pub pkt_dst: IpAddr,
    pub src_port: u16,
    pub dst_port: u16,
    pub protocol: u8,
    pub tcp_flags: Option<u8>,
    pub egress: bool,
    pub traffic_path: Option<u8>,
    pub src_service: Option<&'static str>,
    pub dst_service: Option<&'static str>,
    pub next_hop: Option<NextHop<'w>>,
}

/// The `next-hop-*` fields.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct NextHop<'w> {
    pub az: &'w str,
    /// Interface, subnet, VPC and type: only within the account.
    pub own: Option<(&'w str, &'w str, &'w str, Option<&'static str>)>,
}

impl Row<'_> {
    pub(super) fn write_field(&self, field: Field, fields: &[Field], out: &mut Vec<u8>) {
        let packet = self.packet.as_ref();
        let hop = packet.and_then(|p| p.next_hop);
        match field {
            Field::Version => number(out, fields.iter().map(|f| f.version()).max().map(u64::from)),
            Field::AccountId => text(out, self.account),
            Field::InterfaceId => text(out, self.interface_id),
            Field::SrcAddr => address(out, packet.map(|p| p.src)),
            Field::DstAddr => address(out, packet.map(|p| p.dst)),
            Field::SrcPort => number(out, packet.map(|p| p.src_port.into())),
            Field::DstPort => number(out, packet.map(|p| p.dst_port.into())),
            Field::Protocol => number(out, packet.map(|p| p.protocol.into())),
            Field::Packets => number(out, self.packets),
            Field::Bytes => number(out, self.bytes),
            Field::Start => number(out, u64::try_from(self.start).ok()),
            Field::End => number(out, u64::try_from(self.end).ok()),
            Field::Action => text(out, self.action),
            Field::LogStatus => out.extend_from_slice(self.status.as_bytes()),
            Field::VpcId => text(out, self.vpc),
            Field::SubnetId => text(out, self.subnet),
            Field::InstanceId => text(out, self.instance),
            Field::TcpFlags => number(out, packet.and_then(|p| p.tcp_flags).map(u64::from)),
            Field::Type => text(out, packet.map(|p| if p.pkt_src.is_ipv4() { "IPv4" } else { "IPv6" })),
            Field::PktSrcAddr => address(out, packet.map(|p| p.pkt_src)),
            Field::PktDstAddr => address(out, packet.map(|p| p.pkt_dst)),
            Field::Region => text(out, self.region),
            Field::AzId => text(out, self.az),
            Field::PktSrcAwsService => text(out, packet.and_then(|p| p.src_service)),
            Field::PktDstAwsService => text(out, packet.and_then(|p| p.dst_service)),
            Field::FlowDirection => text(out, packet.map(|p| if p.egress { "egress" } else { "ingress" })),
            Field::TrafficPath => number(out, packet.and_then(|p| p.traffic_path).map(u64::from)),
            Field::ResourceId => text(out, self.resource_id),
            Field::InterfaceType => text(out, self.interface_type),
            Field::NextHopInterfaceId => text(out, hop.and_then(|h| h.own).map(|o| o.0)),
            Field::NextHopSubnetId => text(out, hop.and_then(|h| h.own).map(|o| o.1)),
            Field::NextHopAzId => text(out, hop.map(|h| h.az)),
            Field::NextHopVpcId => text(out, hop.and_then(|h| h.own).map(|o| o.2)),
            Field::NextHopInterfaceType => text(out, hop.and_then(|h| h.own).and_then(|o| o.3)),
            Field::SublocationType
            | Field::SublocationId
            | Field::EcsClusterArn
            | Field::EcsClusterName
            | Field::RejectReason
            | Field::EncryptionStatus
            | Field::InterfaceTag => out.push(b'-'),
        }
    }
}

fn text(out: &mut Vec<u8>, value: Option<&str>) {
    out.extend_from_slice(value.unwrap_or("-").as_bytes());
}

fn number(out: &mut Vec<u8>, value: Option<u64>) {
    let Some(mut value) = value else { return out.push(b'-') };
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

fn address(out: &mut Vec<u8>, value: Option<IpAddr>) {
    match value {
        None => out.push(b'-'),
        Some(IpAddr::V4(v4)) => {
            for (i, octet) in v4.octets().into_iter().enumerate() {
                if i > 0 {
                    out.push(b'.');
                }
                number(out, Some(octet.into()));
            }
        }
        // Writing to a Vec cannot fail.
        Some(IpAddr::V6(v6)) => drop(write!(out, "{v6}")),
    }
}
