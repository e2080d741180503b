//! What is asked about.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

use crate::address::AddressBook;
use crate::address::book::decode_nat64;

/// The number that is in doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Bytes to and from an address or a network.
    Peer(Peer),
    /// Bytes of an interface: as client, or recorded there.
    Interface(String),
    /// Bytes that passed a NAT gateway.
    NatGateway(String),
    /// Bytes of a service, or of a range label.
    Service(String),
}

/// An address or a network at the far end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpNet);

impl FromStr for Peer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let net = text.parse::<IpAddr>().map(IpNet::from).or_else(|_| text.parse::<IpNet>());
        net.map(|net| Self(net.trunc()))
            .map_err(|_| "want an IPv4 or IPv6 address, or a network such as 52.94.0.0/22".into())
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address() {
            Some(address) => address.fmt(f),
            None => self.0.fmt(f),
        }
    }
}

impl Peer {
    /// The network; of an address the one that holds nothing else.
    pub fn network(self) -> IpNet {
        self.0
    }

    /// The address, where it is one.
    pub fn address(self) -> Option<IpAddr> {
        (self.0.prefix_len() == self.0.max_prefix_len()).then(|| self.0.addr())
    }

    /// Whether the rollup's key stands for the peer: the address itself, its atom, a part of the network, or several networks of which
    /// one is part of it.
    pub(crate) fn is_meant_by(self, key: &str, book: &AddressBook) -> bool {
        let Some(address) = self.address() else {
            return book.networks_of(key).any(|net| self.0.contains(&net));
        };
        if let Ok(exact) = key.parse::<IpAddr>() {
            return decode_nat64(exact) == decode_nat64(address);
        }
        // Where the address itself is kept, its atom is that of others.
        let network = book.longest(address);
        key == network.key && (network.private || !book.keeps_exact(address, network, None))
    }
}

impl Asked {
    /// The kind as its option is called.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Peer(_) => "peer",
            Self::Interface(_) => "interface",
            Self::NatGateway(_) => "nat_gateway",
            Self::Service(_) => "service",
        }
    }

    /// What was given.
    pub fn value(&self) -> String {
        match self {
            Self::Peer(peer) => peer.to_string(),
            Self::Interface(id) | Self::NatGateway(id) | Self::Service(id) => id.clone(),
        }
    }

    pub(crate) fn interface(&self) -> Option<String> {
        if let Self::Interface(id) = self { Some(id.clone()) } else { None }
    }

    pub(crate) fn nat_gateway(&self) -> Option<String> {
        if let Self::NatGateway(id) = self { Some(id.clone()) } else { None }
    }

    pub(crate) fn service(&self) -> Option<String> {
        if let Self::Service(name) = self { Some(name.clone()) } else { None }
    }

    pub(crate) fn peer(&self) -> Option<Peer> {
        if let Self::Peer(peer) = self { Some(*peer) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::AwsRanges;
    use crate::inventory::Inventory;

    #[test]
    fn peers_are_written_in_any_form() {
        for (text, shown) in [
            ("52.94.1.7", "52.94.1.7"),
            ("2600:1f18:0:0::1", "2600:1f18::1"),
            ("52.94.1.7/22", "52.94.0.0/22"),
            ("10.0.0.1/32", "10.0.0.1"),
        ] {
            assert_eq!(text.parse::<Peer>().unwrap().to_string(), shown);
        }
        assert!(["", "s3", "1.2.3", "1.2.3.4/33"].iter().all(|text| text.parse::<Peer>().is_err()));
    }

    #[test]
    fn a_peer_is_meant_by_its_address_its_atom_and_what_its_network_holds() {
        let book = AddressBook::new(&AwsRanges::embedded().unwrap(), &Inventory::default());
        let meant = |peer: &str, key: &str| peer.parse::<Peer>().unwrap().is_meant_by(key, &book);
        let atom = &book.longest("52.216.1.1".parse().unwrap()).key;
        assert!(meant("52.216.1.1", "52.216.1.1") && meant("52.216.1.1", atom));
        assert!(!meant("52.216.1.1", "52.216.1.2") && !meant("52.216.1.1", "0.0.0.0/0"));
        assert!(meant("52.216.0.0/15", "52.216.1.2") && !meant("52.216.0.0/24", "52.216.1.2"));
        assert!(meant("8.8.8.8", "64:ff9b::808:808") && meant("64:ff9b::808:808", "8.8.8.8"));
    }
}
