//! What the fold asks of the address book: which addresses of a log need not be told apart.

use std::collections::HashSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::book::{AddressBook, Network, decode_nat64};
use crate::decode::fold::{Sameness, Standing};

/// What DNS names.
#[derive(Debug)]
pub(super) struct Named {
    /// `None` = any address may be.
    addresses: Option<HashSet<IpAddr>>,
    /// What is asked for, and kept for itself too.
    asked: Option<IpNet>,
    /// What stands for the addresses of each network.
    stands: Vec<Stand>,
}

impl Named {
    pub(super) fn may_be(&self, address: IpAddr) -> bool {
        self.addresses.as_ref().is_none_or(|addresses| addresses.contains(&address))
            || self.asked.is_some_and(|asked| asked.contains(&decode_nat64(address)))
    }
}

/// What a line's address needs to know of its network, in few bytes: asked for nearly every line of logs with many peers.
#[derive(Debug, Clone, Copy)]
struct Stand {
    /// Some of its addresses are kept for themselves.
    has_exact: bool,
    /// [`AddressBook::is_nameable`].
    nameable: bool,
    standing: Standing,
}

impl AddressBook {
    /// From now on only these public addresses are kept for themselves: those that DNS names, and those that are asked for. The others
    /// keep their range's label whoever asks, so that their atom is enough, and the rollup does not grow with the number of peers. To be
    /// told once, before the logs are read.
    pub fn keep_named(&self, addresses: HashSet<IpAddr>, asked: Option<IpNet>) {
        self.named.get_or_init(|| self.named_as(Some(addresses), asked));
    }

    fn named_as(&self, addresses: Option<HashSet<IpAddr>>, asked: Option<IpNet>) -> Named {
        let mut named = Named { addresses, asked, stands: Vec::new() };
        // Who stands for others is not kept for itself: they would get its name.
        let may_stand = |network: &u32| {
            let address = self.networks[*network as usize].representative.as_ref().and_then(|text| text.parse().ok());
            address.is_some_and(|address| {
                !self.exact_private.contains(&address) && (named.addresses.is_none() || !named.may_be(address))
            })
        };
        let exact: HashSet<usize> = self.exact_private.iter().map(|address| self.longest_id(*address)).collect();
        let stand = |(id, network): (usize, &Network)| {
            let id = id as u32;
            let flow = network.alike.filter(may_stand).or(Some(id).filter(may_stand));
            // The report names the networks of what has no service; nothing asks for those of the others.
            let told = Some(id).filter(|_| network.alike.is_some() && network.is_unresolved());
            let standing = Standing { private: false, told, flow };
            Stand {
                has_exact: exact.contains(&(id as usize)),
                nameable: network.is_nameable(),
                standing: if network.private || network.customer { Standing::PRIVATE } else { standing },
            }
        };
        named.stands = self.networks.iter().enumerate().map(stand).collect();
        named
    }

    /// The CIDR of a network by its number in [`Standing::told`].
    pub fn told(&self, number: usize) -> Option<IpNet> {
        self.networks.get(number).map(|network| network.net)
    }
}

impl Sameness for AddressBook {
    /// Public addresses of atoms that are alike have one service and one route. Own addresses, and those that the rollup keeps for
    /// themselves, stand for nothing else; nor do those behind NAT64.
    fn standing(&self, address: &str) -> Standing {
        let Some(parsed) = parse(address) else { return Standing::KEPT };
        let named = self.named.get_or_init(|| self.named_as(None, None));
        let stand = named.stands[self.longest_id(parsed)];
        if stand.standing.private {
            return Standing::PRIVATE;
        }
        let is_kept = decode_nat64(parsed) != parsed
            || stand.has_exact && self.exact_private.contains(&parsed)
            || stand.nameable && named.may_be(parsed);
        if is_kept { Standing::KEPT } else { stand.standing }
    }

    fn stands(&self, number: u32) -> &str {
        self.networks[number as usize].representative.as_deref().unwrap_or_default()
    }
}

/// As the standard library does, but faster where it is a plain IPv4 address, as of nearly every line.
fn parse(text: &str) -> Option<IpAddr> {
    let plain = || {
        let (mut address, mut part, mut digits, mut parts) = (0_u32, 0_u32, 0_u8, 1_u8);
        for byte in text.bytes() {
            match byte {
                // No part begins with a zero but zero itself.
                b'0'..=b'9' if digits == 0 || part > 0 => {
                    part = 10 * part + u32::from(byte - b'0');
                    digits += 1;
                    if part > 255 {
                        return None;
                    }
                }
                b'.' if digits > 0 => {
                    address = address << 8 | part;
                    (part, digits) = (0, 0);
                    parts = parts.checked_add(1)?;
                }
                _ => return None,
            }
        }
        (parts == 4 && digits > 0).then(|| IpAddr::V4((address << 8 | part).into()))
    };
    plain().or_else(|| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn addresses_are_those_of_the_standard_library(text in "[0-9]{1,4}(\\.[0-9]{0,3}){2,4}|(25[0-6]|[01]?[0-9]{1,2})(\\.(25[0-6]|[01]?[0-9]{1,2})){3}|[0-9a-f:.]{0,20}", v4 in any::<[u8; 4]>()) {
            prop_assert_eq!(parse(&text), text.parse().ok());
            let address = IpAddr::from(v4);
            prop_assert_eq!(parse(&address.to_string()), Some(address));
        }
    }
}
