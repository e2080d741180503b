//! Addresses that no rule tells apart, made equal.

use super::{Sameness, Standing};
use crate::record::tokenise::Span;

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
    #[inline]
    pub(super) fn standing(&mut self, address: Address<'_>, sameness: &dyn Sameness) -> Standing {
        let Some(key) = address.key else { return sameness.standing(address.text) };
        let hash = ((key as u64) ^ (key >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 51;
        let place = &mut self.keys[hash as usize % REMEMBERED];
        if *place == key {
            return Standing::PRIVATE;
        }
        let standing = sameness.standing(address.text);
        if standing.private {
            *place = key;
        }
        standing
    }
}

/// An address of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address<'a> {
    text: &'a str,
    /// Up to 15 bytes of text and their number, never 0; IPv6 is longer.
    key: Option<u128>,
}

impl<'a> Address<'a> {
    /// The address at `span` of a line; `None` if there is none.
    #[inline]
    pub(super) fn of(line: &'a str, span: Span) -> Option<Self> {
        let text = span.of(line);
        if text == "-" {
            return None;
        }
        let length = text.len();
        let key = (1..16).contains(&length).then(|| {
            // What follows in the line is masked.
            let bytes = match line.as_bytes().get(span.start as usize..).and_then(<[u8]>::first_chunk::<16>) {
                Some(bytes) => u128::from_le_bytes(*bytes) & (u128::MAX >> (8 * (16 - length))),
                None => text.bytes().rev().fold(0, |bytes, byte| bytes << 8 | u128::from(byte)),
            };
            bytes | (length as u128) << 120
        });
        Some(Self { text, key })
    }

    #[inline]
    fn is(self, other: Self) -> bool {
        match (self.key, other.key) {
            (Some(key), Some(other)) => key == other,
            _ => self.text == other.text,
        }
    }
}

/// What stands for an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown<'a> {
    /// Itself.
    pub(super) address: &'a str,
    /// Number of what stands for it.
    pub(super) flow: Option<u32>,
    /// [`Standing::told`].
    pub(super) told: Option<u32>,
    /// Whether it is made alike at all.
    pub(super) alike: bool,
}

impl<'a> Shown<'a> {
    /// The address that stands for it among the flows.
    pub(super) fn flow(self, sameness: &'a dyn Sameness) -> &'a str {
        self.flow.map_or(self.address, |number| sameness.stands(number))
    }
}

/// The addresses of one side of a record: as AWS writes it, and of the packet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'a> {
    record: Option<(&'a str, Standing)>,
    packet: Option<(&'a str, Standing)>,
    /// The packet's address is not the record's.
    forwards: bool,
    /// The interface's own side, as far as `flow_direction` tells.
    own: bool,
}

impl<'a> Side<'a> {
    #[inline]
    pub(super) fn new(
        record: Option<Address<'a>>,
        packet: Option<Address<'a>>,
        own: bool,
        mut standing: impl FnMut(Address<'a>) -> Standing,
    ) -> Self {
        let mut known = |address: Address<'a>| (address.text, standing(address));
        let seen = record.map(&mut known);
        let forwards = matches!((record, packet), (Some(record), Some(packet)) if !record.is(packet));
        let packet = if record.is_some() && !forwards { packet.and(seen) } else { packet.map(known) };
        Self { record: seen, packet, forwards, own }
    }

    /// What stands for the record's and the packet's address. Those of the peer may be made alike; those of a client never. A side is the peer's for sure if all of the other side
    /// is private and it is not the interface's own, or if the packet's address is not the record's (the interface forwards).
    #[inline]
    pub(super) fn alike(self, other: Self) -> (Option<Shown<'a>>, Option<Shown<'a>>) {
        let private = |known: Option<(&str, Standing)>| known.is_none_or(|(_, standing)| standing.private);
        let known = other.record.or(other.packet).is_some();
        let peers = known && private(other.record) && private(other.packet);
        let (record, packet) = (peers && !self.own && !self.forwards, peers && (self.forwards || !self.own));
        let shown = |known: Option<(&'a str, Standing)>, alike: bool| {
            known.map(|(address, Standing { flow, told, .. })| match alike {
                true => Shown { address, flow, told, alike },
                false => Shown { address, flow: None, told, alike },
            })
        };
        (shown(self.record, record), shown(self.packet, packet))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tokenise::tokenise;

    struct Tens;

    impl Sameness for Tens {
        fn standing(&self, address: &str) -> Standing {
            let private = address.starts_with("10.") || address.starts_with("fd");
            if private { Standing::PRIVATE } else { Standing { private, told: Some(7), flow: Some(1) } }
        }

        fn stands(&self, number: u32) -> &str {
            ["", "public"][number as usize]
        }
    }

    fn address(text: &'static str) -> Option<Address<'static>> {
        Address::of(text, Span { start: 0, end: text.len() as u32 })
    }

    fn side(record: &'static str, packet: &'static str, own: bool) -> Side<'static> {
        Side::new(address(record), address(packet), own, |address| Tens.standing(address.text))
    }

    #[test]
    fn peers_are_alike_and_clients_are_not() {
        let shown = |(record, packet): (Option<Shown<'static>>, Option<Shown<'static>>)| {
            (record.map(|shown| shown.flow(&Tens)), packet.map(|shown| shown.flow(&Tens)))
        };
        let client = side("10.0.0.1", "10.0.0.1", false);
        assert_eq!(shown(side("1.2.3.4", "1.2.3.4", false).alike(client)), (Some("public"), Some("public")));
        assert_eq!(shown(side("1.2.3.4", "-", false).alike(client)), (Some("public"), None));
        assert_eq!(shown(side("-", "1.2.3.4", false).alike(client)), (None, Some("public")));
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
        for text in
            ["10.0.0.1", "1.0.0.1", "10.255.255.255", "fd00:0000:0000:0000:0000:0000:0000:0001", "fd00::1", "-1", "10."]
        {
            for _ in 0..2 {
                assert_eq!(privates.standing(address(text).unwrap(), &Tens), Tens.standing(text));
            }
        }
    }

    #[test]
    fn keys_are_of_the_text_alone() {
        // Wherever it stands in a line; and one text is not another's beginning.
        let line = "10.0.0.1 10.0.0.1 10.0.0.1\0 255.255.255.255 2001:db8::1:2:3:4 10.0.0.1";
        let mut spans = Vec::new();
        tokenise(line, &mut spans);
        let [one, two, longer, long, ipv6, last] =
            spans.iter().map(|span| Address::of(line, *span).unwrap()).collect::<Vec<_>>()[..]
        else {
            panic!("{spans:?}")
        };
        assert!(one.is(two) && one.is(last) && one.key.is_some() && one.key == last.key);
        assert!(!one.is(longer) && long.key.is_some() && ipv6.key.is_none() && ipv6.is(ipv6) && !ipv6.is(one));
    }
}
