//! Addresses that no rule tells apart, made equal.

use super::Sameness;

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

    /// Whether an address is private.
    fn has(&mut self, address: &str, sameness: &dyn Sameness) -> bool {
        let Some(key) = key(address) else { return sameness.is_private(address) };
        let hash = ((key as u64) ^ (key >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 51;
        let place = &mut self.keys[hash as usize % REMEMBERED];
        if *place == key {
            return true;
        }
        let private = sameness.is_private(address);
        if private {
            *place = key;
        }
        private
    }
}

/// Up to 15 bytes of text and their number, never 0; IPv6 is longer.
fn key(address: &str) -> Option<u128> {
    let mut bytes = [0; 16];
    bytes.get_mut(..address.len().min(16))?.copy_from_slice(address.as_bytes().get(..address.len().min(16))?);
    bytes[15] = u8::try_from(address.len() + 1).ok().filter(|length| *length <= 16)?;
    Some(u128::from_le_bytes(bytes))
}

/// The addresses of one side of a record: as AWS writes it, and of the packet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) record: Option<&'a str>,
    pub(super) packet: Option<&'a str>,
    /// The interface's own side, as far as `flow_direction` tells.
    pub(super) own: bool,
}

impl<'a> Side<'a> {
    /// The addresses of the peer may be made alike; those of a client never. A side is the peer's for sure if all of the other side
    /// is private and it is not the interface's own, or if the packet's address is not the record's (the interface forwards).
    pub(super) fn alike(
        self,
        other: Side<'_>,
        sameness: &'a dyn Sameness,
        privates: &mut Privates,
    ) -> (Option<&'a str>, Option<&'a str>) {
        let kept = (self.record, self.packet);
        let forwards = matches!(kept, (Some(record), Some(packet)) if record != packet);
        if self.own && !forwards {
            return kept;
        }
        let mut private = |address: Option<&str>| address.is_none_or(|address| privates.has(address, sameness));
        let other_is_private = private(other.record) && (other.packet == other.record || private(other.packet));
        if other.record.or(other.packet).is_none() || !other_is_private {
            return kept;
        }
        let mut alike = |address: &'a str| {
            if privates.has(address, sameness) { address } else { sameness.representative(address).unwrap_or(address) }
        };
        match kept {
            (Some(record), Some(packet)) if record != packet => (Some(record), Some(alike(packet))),
            (Some(record), Some(_)) => {
                let alike = alike(record);
                (Some(alike), Some(alike))
            }
            (record, packet) => (record.map(&mut alike), packet.map(&mut alike)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Tens;

    impl Sameness for Tens {
        fn representative(&self, _: &str) -> Option<&str> {
            Some("public")
        }

        fn is_private(&self, address: &str) -> bool {
            address.starts_with("10.") || address.starts_with("fd")
        }
    }

    fn side(record: &'static str, packet: &'static str, own: bool) -> Side<'static> {
        let text = |t: &'static str| Some(t).filter(|t| *t != "-");
        Side { record: text(record), packet: text(packet), own }
    }

    #[test]
    fn peers_are_alike_and_clients_are_not() {
        let alike = |one: Side<'static>, other: Side<'static>| one.alike(other, &Tens, &mut Privates::new());
        let client = side("10.0.0.1", "10.0.0.1", false);
        assert_eq!(alike(side("1.2.3.4", "1.2.3.4", false), client), (Some("public"), Some("public")));
        assert_eq!(alike(side("1.2.3.4", "-", false), client), (Some("public"), None));
        assert_eq!(alike(client, side("1.2.3.4", "1.2.3.4", false)), (Some("10.0.0.1"), Some("10.0.0.1")));
        // An interface's own public address; one that forwards.
        assert_eq!(alike(side("1.2.3.4", "1.2.3.4", true), client), (Some("1.2.3.4"), Some("1.2.3.4")));
        assert_eq!(alike(side("10.0.0.9", "1.2.3.4", true), client), (Some("10.0.0.9"), Some("public")));
        // Nothing is known of the other side, or it is public in part.
        assert_eq!(alike(side("1.2.3.4", "-", false), side("-", "-", false)), (Some("1.2.3.4"), None));
        assert_eq!(alike(side("1.2.3.4", "-", false), side("10.0.0.1", "5.6.7.8", false)), (Some("1.2.3.4"), None));
    }

    #[test]
    fn memory_changes_nothing() {
        let mut privates = Privates::new();
        for address in
            ["10.0.0.1", "1.0.0.1", "10.255.255.255", "fd00:0000:0000:0000:0000:0000:0000:0001", "fd00::1", "-", ""]
        {
            for _ in 0..2 {
                assert_eq!(privates.has(address, &Tens), Tens.is_private(address), "{address}");
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
