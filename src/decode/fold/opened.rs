//! Ports and TCP flags: all that the rules ask of them is who opened the connection, and whether the port is 443.
//!
//! `observations.sql` asks the flags first (SYN alone is the opener's, SYN-ACK the other's), then which port is lower. Flags are those of one
//! aggregation interval, so most flows have records with SYN and records without. Where they say what the ports say, they make no
//! difference but in an explanation.

/// Ports and flags that the rules do not tell apart have equal classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Classes {
    srcport: u8,
    dstport: u8,
    flags: u8,
}

const NO_FLAGS: u8 = 32;
/// TCP flags of AWS's field: SYN, SYN and ACK.
const SYN: u8 = 2;
const SYN_ACK: u8 = 18;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opener {
    Sender,
    Receiver,
}

impl Classes {
    /// The classes of a record; with `explained` the flags stay where the ports tell the same.
    #[inline]
    pub(super) fn new(srcport: Option<i64>, dstport: Option<i64>, flags: Option<i64>, explained: bool) -> Self {
        let (srcport, dstport) = (port_class(srcport), port_class(dstport));
        let flags = flags.map_or(NO_FLAGS, |flags| (flags & 18) as u8);
        let by_flags = match flags {
            SYN => Some(Opener::Sender),
            SYN_ACK => Some(Opener::Receiver),
            _ => None,
        };
        let told = by_flags.is_some() && (explained || by_flags != by_ports(srcport, dstport));
        Self { srcport, dstport, flags: if told || flags == NO_FLAGS { flags } else { 0 } }
    }

    /// As part of a fingerprint.
    #[inline]
    pub(super) fn word(self) -> u64 {
        u64::from_le_bytes([self.srcport, self.dstport, self.flags, 0, 0, 0, 0, 0])
    }

    /// `srcport`, `dstport` and `tcp_flags` that stand for the classes.
    pub(super) fn values(self) -> [Option<i64>; 3] {
        let flags = Some(i64::from(self.flags)).filter(|_| self.flags != NO_FLAGS);
        [port_of(self.srcport), port_of(self.dstport), flags]
    }
}

/// 443, below 1024, below 32768, the rest; 0 for none.
fn port_class(port: Option<i64>) -> u8 {
    match port {
        None => 0,
        Some(443) => 1,
        Some(port) if port < 1024 => 2,
        Some(port) if port < 32_768 => 3,
        Some(_) => 4,
    }
}

fn port_of(class: u8) -> Option<i64> {
    [None, Some(443), Some(1), Some(1024), Some(32_768)][usize::from(class)]
}

fn by_ports(srcport: u8, dstport: u8) -> Option<Opener> {
    let opener = |dst_is_lower| Some(if dst_is_lower { Opener::Sender } else { Opener::Receiver });
    match (srcport, dstport) {
        (0, _) | (_, 0) => None,
        _ if (srcport <= 2) != (dstport <= 2) => opener(dstport <= 2),
        _ if (srcport <= 3) != (dstport <= 3) => opener(dstport <= 3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `observations.sql` has it for TCP.
    fn opened_by(srcport: Option<i64>, dstport: Option<i64>, flags: Option<i64>) -> Option<Opener> {
        match flags.map(|flags| flags & 18) {
            Some(2) => return Some(Opener::Sender),
            Some(18) => return Some(Opener::Receiver),
            _ => {}
        }
        let (src, dst) = (srcport?, dstport?);
        let lower = [1024, 32_768].into_iter().find(|bound| (src < *bound) != (dst < *bound))?;
        Some(if dst < lower { Opener::Sender } else { Opener::Receiver })
    }

    #[test]
    fn classes_have_the_same_opener() {
        let ports =
            [None, Some(0), Some(22), Some(443), Some(1023), Some(1024), Some(32_767), Some(32_768), Some(65_535)];
        let flags =
            [None, Some(0), Some(1), Some(2), Some(3), Some(4), Some(6), Some(16), Some(18), Some(19), Some(255)];
        let mut kinds = [Vec::new(), Vec::new()];
        for (explained, kinds) in [false, true].into_iter().zip(&mut kinds) {
            for (src, dst, flags) in
                ports.iter().flat_map(|src| ports.iter().flat_map(move |dst| flags.map(|flags| (*src, *dst, flags))))
            {
                let classes = Classes::new(src, dst, flags, explained);
                let [class_src, class_dst, class_flags] = classes.values();
                assert_eq!(opened_by(class_src, class_dst, class_flags), opened_by(src, dst, flags));
                assert_eq!((class_src == Some(443), class_dst == Some(443)), (src == Some(443), dst == Some(443)));
                // Classes of classes are the same.
                assert_eq!(Classes::new(class_src, class_dst, class_flags, explained), classes);
                kinds.push(classes.word());
            }
            kinds.sort_unstable();
            kinds.dedup();
        }
        // Of 5 times 5 ports: none, SYN, SYN-ACK or other flags. Where one of 20 pairs tells, one of the flags says the same.
        assert_eq!((kinds[1].len(), kinds[0].len()), (100, 100 - 10));
    }
}
