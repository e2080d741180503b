//! Flow logs of a transit gateway: every packet once on its way in and once on its way out, by the minute.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::crossing::At;
use super::flow::{Flow, Side};
use super::ranges::Ranges;
use super::topology::{AttachmentKey, InterfaceKey, Role, TgwKey, World};
use crate::{Error, Result};

/// All fields, in the order of AWS's default format.
pub const DEFAULT: &str = "version resource-type account-id tgw-id tgw-attachment-id tgw-src-vpc-account-id \
    tgw-dst-vpc-account-id tgw-src-vpc-id tgw-dst-vpc-id tgw-src-subnet-id tgw-dst-subnet-id tgw-src-eni tgw-dst-eni \
    tgw-src-az-id tgw-dst-az-id tgw-pair-attachment-id srcaddr dstaddr srcport dstport protocol packets bytes start end \
    log-status type packets-lost-no-route packets-lost-blackhole packets-lost-mtu-exceeded packets-lost-ttl-expired tcp-flags \
    region flow-direction pkt-src-aws-service pkt-dst-aws-service";

impl World {
    /// Writes the log of a transit gateway below `root`, beside the logs of its account's VPCs; returns its records.
    pub fn write_transit_log(&self, tgw: TgwKey, header: bool, root: &Path) -> Result<u64> {
        let gateway = &self.tgws[tgw.0];
        let mut hours = BTreeMap::<i64, String>::new();
        for flow in &self.flows {
            for (near, far) in self.transits(flow, tgw) {
                self.transit_records(flow, (near, far), Side::Client, &mut hours);
                self.transit_records(flow, (far, near), Side::Peer, &mut hours);
            }
        }
        let mut records = 0;
        for (hour, text) in hours {
            records += text.lines().count() as u64;
            let time = jiff::Timestamp::from_second(hour).map_err(|e| Error::Output(e.to_string()))?;
            let (account, region) = (&gateway.account, &gateway.region);
            let directory = root.join(format!("AWSLogs/{account}/vpcflowlogs/{region}/{}", time.strftime("%Y/%m/%d")));
            let name = format!(
                "{account}_vpcflowlogs_{region}_fl-0{tgw:016x}_{}_7a9b.log.gz",
                time.strftime("%Y%m%dT%H%MZ"),
                tgw = tgw.0 + 1
            );
            let io = |source| Error::Io { path: directory.clone(), source };
            fs::create_dir_all(&directory).map_err(io)?;
            let mut encoder =
                GzEncoder::new(fs::File::create(directory.join(name)).map_err(io)?, Compression::default());
            if header {
                encoder.write_all(format!("{DEFAULT}\n").as_bytes()).map_err(io)?;
            }
            encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish().map(drop)).map_err(io)?;
        }
        Ok(records)
    }

    /// The interfaces by which a flow enters and leaves the transit gateway, seen from its client.
    fn transits(&self, flow: &Flow, tgw: TgwKey) -> Vec<(InterfaceKey, InterfaceKey)> {
        let attached = |at: At| match at {
            At::Interface(key) => {
                Some(key).filter(|key| self.attachment_of(*key).is_some_and(|a| self.attachments[a.0].tgw == tgw))
            }
            At::RegionalNat(_) => None,
        };
        let journey = self.journey(flow);
        let pairs = journey.nodes.windows(2).filter_map(|pair| Some((attached(pair[0].at)?, attached(pair[1].at)?)));
        pairs.collect()
    }

    fn attachment_of(&self, key: InterfaceKey) -> Option<AttachmentKey> {
        match self.interfaces[key.0].role {
            Role::TransitGateway(attachment) => Some(attachment),
            _ => None,
        }
    }

    fn transit_records(
        &self,
        flow: &Flow,
        (from, to): (InterfaceKey, InterfaceKey),
        sender: Side,
        hours: &mut BTreeMap<i64, String>,
    ) {
        let client = (flow.client_address, flow.client_port);
        let peer = (flow.peer.address(), flow.peer_port);
        let (source, destination) = if sender == Side::Client { (client, peer) } else { (peer, client) };
        let service = |address| Ranges::embedded().peer(address).code.unwrap_or("-");
        let place = |key: InterfaceKey| {
            let subnet = &self.subnets[self.interfaces[key.0].subnet.0];
            let attachment = self.attachment_of(key).map_or("-", |a| self.attachments[a.0].id.as_str());
            let vpc = &self.vpcs[subnet.vpc.0];
            (attachment, vpc.account.as_str(), vpc.id.as_str(), subnet.id.as_str(), subnet.az_id.as_str())
        };
        let (a, b) = (place(from), place(to));
        let Some(attachment) = self.attachment_of(from) else { return };
        let gateway = &self.tgws[self.attachments[attachment.0].tgw.0];
        let mut start = flow.start;
        while start < flow.end() {
            let end = (start.div_euclid(60) * 60 + 60).min(flow.end());
            let volume = flow.volume(sender, start, end);
            let opening = if sender == flow.initiator { 2 } else { 18 };
            let flags = if start == flow.start && flow.protocol == 6 { opening } else { 0 };
            let records = if volume.packets > 0 { &[("ingress", a.0, b.0), ("egress", b.0, a.0)][..] } else { &[] };
            for (direction, own, pair) in records {
                // Writing to a String cannot fail.
                let _ = writeln!(
                    hours.entry(start.div_euclid(3600) * 3600).or_default(),
                    "6 TransitGateway {} {} {own} {} {} {} {} {} {} {} {} {} {} {pair} {} {} {} {} {} {} {} {start} {end} OK {} 0 0 0 0 \
                     {flags} {} {direction} {} {}",
                    gateway.account,
                    gateway.id,
                    a.1,
                    b.1,
                    a.2,
                    b.2,
                    a.3,
                    b.3,
                    self.interfaces[from.0].id,
                    self.interfaces[to.0].id,
                    a.4,
                    b.4,
                    source.0,
                    destination.0,
                    source.1,
                    destination.1,
                    flow.protocol,
                    volume.packets,
                    volume.bytes,
                    if source.0.is_ipv4() { "IPv4" } else { "IPv6" },
                    gateway.region,
                    service(source.0),
                    service(destination.0),
                );
            }
            start = end;
        }
    }
}
