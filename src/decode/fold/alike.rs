//! Addresses that no rule tells apart, made equal.

use super::{Sameness, Standing};

/// Addresses that are remembered; a power of two.
const REMEMBERED: usize = 8192;

/// Private addresses met lately: they are the clients, so the same few come again and again, which public peers do not.
#[derive(Debug)]
pub(super) struct Privates {
    /// Text and length of an IPv4 address; one place for each hash.
    keys: Vec<u128>,
}

impl Privates {
    pub(super) fn new() -> Self {
        Self { keys: vec![0; REMEMBERED] }
    }

    /// What an address is, asked of the book only if it is not remembered.
    pub(super) fn standing<'a>(&mut self, address: &'a str, sameness: &'a dyn Sameness) -> Standing<'a> {
        let Some(key) = key(address) else { return sameness.standing(address) };
        let hash = ((key as u64) ^ (key >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 51;
        let place = &mut self.keys[hash as usize % REMEMBERED];
        if *place == key {
            return Standing::private(address);
        }
        let standing = sameness.standing(address);
        if standing.private {
            *place = key;
        }
        standing
    }
}

/// Up to 15 bytes of text and their number, never 0; IPv6 is longer.
fn key(address: &str) -> Option<u128> {
    let mut bytes = [0; 16];
    bytes.get_mut(..address.len().min(16))?.copy_from_slice(address.as_bytes().get(..address.len().min(16))?);
    bytes[15] = u8::try_from(address.len() + 1).ok().filter(|length| *length <= 16)?;
    Some(u128::from_le_bytes(bytes))
}

/// What stands for an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown<'a> {
    /// Among the parts of flows.
    pub(super) part: &'a str,
    /// Among the flows.
    pub(super) flow: &'a str,
    /// [`Standing::told`].
    pub(super) told: bool,
    /// Whether it stands for others too.
    pub(super) alike: bool,
}

/// The addresses of one side of a record: as AWS writes it, and of the packet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) record: Option<Standing<'a>>,
    pub(super) packet: Option<Standing<'a>>,
    /// The interface's own side, as far as `flow_direction` tells.
    pub(super) own: bool,
}

impl<'a> Side<'a> {
    pub(super) fn new(
        record: Option<&'a str>,
        packet: Option<&'a str>,
        own: bool,
        mut standing: impl FnMut(&'a str) -> Standing<'a>,
    ) -> Self {
        let seen = record.map(&mut standing);
        let packet = if packet == record { seen } else { packet.map(standing) };
        Self { record: seen, packet, own }
    }

    /// What stands for the record's and the packet's address. Those of the peer may be made alike; those of a client never. A side is the peer's for sure if all of the other side
    /// is private and it is not the interface's own, or if the packet's address is not the record's (the interface forwards).
    pub(super) fn alike(self, other: Self) -> (Option<Shown<'a>>, Option<Shown<'a>>) {
        let forwards =
            matches!((self.record, self.packet), (Some(record), Some(packet)) if record.address != packet.address);
        let private = |standing: Option<Standing<'_>>| standing.is_none_or(|standing| standing.private);
        let known = other.record.or(other.packet).is_some();
        let peers = known && private(other.record) && private(other.packet);
        let (record, packet) = (peers && !self.own && !forwards, peers && (forwards || !self.own));
        let shown = |standing: Option<Standing<'a>>, alike: bool| {
            standing.map(|Standing { address, stands_as, alike: flow, told, .. }| match alike {
                true => Shown { part: stands_as, flow, told, alike },
                false => Shown { part: address, flow: address, told, alike },
            })
        };
        (shown(self.record, record), shown(self.packet, packet))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Tens;

    impl Sameness for Tens {
        fn standing<'a>(&'a self, address: &'a str) -> Standing<'a> {
            let private = address.starts_with("10.") || address.starts_with("fd");
            let kept = Standing::private(address);
            if private { kept } else { Standing { private, stands_as: "public", alike: "all", told: true, ..kept } }
        }
    }

    fn side(record: &'static str, packet: &'static str, own: bool) -> Side<'static> {
        let text = |t: &'static str| Some(t).filter(|t| *t != "-");
        Side::new(text(record), text(packet), own, |address| Tens.standing(address))
    }

    #[test]
    fn peers_are_alike_and_clients_are_not() {
        // Made alike it is one in the parts of flows, another in flows; else it is itself in both.
        let shown = |(record, packet): (Option<Shown<'static>>, Option<Shown<'static>>)| {
            for shown in record.iter().chain(&packet) {
                let alike = Shown { part: "public", flow: "all", told: true, alike: true };
                assert!(*shown == alike || shown.part == shown.flow, "{shown:?}");
            }
            (record.map(|shown| shown.part), packet.map(|shown| shown.part))
        };
        let client = side("10.0.0.1", "10.0.0.1", false);
        assert_eq!(shown(side("1.2.3.4", "1.2.3.4", false).alike(client)), (Some("public"), Some("public")));
        assert_eq!(shown(side("1.2.3.4", "-", false).alike(client)), (Some("public"), None));
        assert_eq!(shown(client.alike(side("1.2.3.4", "1.2.3.4", false))), (Some("10.0.0.1"), Some("10.0.0.1")));
        // An interface's own public address; one that forwards.
        assert_eq!(shown(side("1.2.3.4", "1.2.3.4", true).alike(client)), (Some("1.2.3.4"), Some("1.2.3.4")));
        assert_eq!(shown(side("10.0.0.9", "1.2.3.4", true).alike(client)), (Some("10.0.0.9"), Some("public")));
        // Nothing is known of the other side, or it is public in part.
        assert_eq!(shown(side("1.2.3.4", "-", false).alike(side("-", "-", false))), (Some("1.2.3.4"), None));
        assert_eq!(
            shown(side("1.2.3.4", "-", false).alike(side("10.0.0.1", "5.6.7.8", false))),
            (Some("1.2.3.4"), None)
        );
    }

    #[test]
    fn memory_changes_nothing() {
        let mut privates = Privates::new();
        for address in
            ["10.0.0.1", "1.0.0.1", "10.255.255.255", "fd00:0000:0000:0000:0000:0000:0000:0001", "fd00::1", "-", ""]
        {
            for _ in 0..2 {
                let standing = privates.standing(address, &Tens);
                assert_eq!(
                    (standing.private, standing.stands_as),
                    (Tens.standing(address).private, Tens.standing(address).stands_as)
                );
            }
        }
        // One text is not another's beginning.
        assert!(
            key("10.0.0.1") != key("10.0.0.1\0")
                && key("255.255.255.255").is_some()
                && key("2001:db8::1:2:3:4").is_none()
        );
    }
}
