//! Flows: who talked to whom, how much, and when.

use std::net::IpAddr;

use super::topology::InterfaceKey;

/// Bytes and packets in one direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Volume {
    pub bytes: u64,
    pub packets: u64,
}

impl Volume {
    /// `bytes` in packets of about 1,400 bytes.
    pub fn of(bytes: u64) -> Self {
        Self { bytes, packets: bytes.div_ceil(1400) }
    }
}

/// One of the two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Side {
    Client,
    Peer,
}

/// The far end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// An address outside the world's VPCs (public, or on premises).
    Address(IpAddr),
    /// An interface of the world, at its given address.
    Interface(InterfaceKey, IpAddr),
}

impl Peer {
    /// Its address.
    pub fn address(self) -> IpAddr {
        match self {
            Self::Address(address) | Self::Interface(_, address) => address,
        }
    }
}

/// One connection, spread evenly over `duration` seconds from `start`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Flow {
    pub client: InterfaceKey,
    /// The client's address as packets carry it: its primary one, a secondary one or a pod's.
    pub client_address: IpAddr,
    pub client_port: u16,
    pub peer: Peer,
    pub peer_port: u16,
    pub protocol: u8,
    pub initiator: Side,
    /// Client to peer.
    pub outbound: Volume,
    /// Peer to client.
    pub inbound: Volume,
    pub start: i64,
    pub duration: i64,
    /// The load balancer that forwards the peer's requests with the peer's address kept.
    pub through: Option<InterfaceKey>,
    /// Which of a NAT gateway's addresses translates the flow.
    pub nat_address: usize,
}

impl Flow {
    /// What `sender` sends in `[start, end)`: differences of a running total, so that shares add up to the flow whatever the cuts.
    pub fn volume(&self, sender: Side, start: i64, end: i64) -> Volume {
        let whole = match sender {
            Side::Client => self.outbound,
            Side::Peer => self.inbound,
        };
        let duration = (self.end() - self.start) as u128;
        let total = |value: u64, at: i64| (u128::from(value) * (at - self.start) as u128 / duration) as u64;
        Volume {
            bytes: total(whole.bytes, end) - total(whole.bytes, start),
            packets: total(whole.packets, end) - total(whole.packets, start),
        }
    }

    /// First second after the flow.
    pub fn end(&self) -> i64 {
        self.start + self.duration.max(1)
    }
}
