//! AWS's public ranges (`data/aws-prefixes.csv`), to pick peers from and to say what they are.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::OnceLock;

use ipnet::IpNet;

const CSV: &str = include_str!("../../data/aws-prefixes.csv");

/// All ranges, indexed by network.
#[derive(Debug, Default)]
pub struct Ranges {
    entries: Vec<Entry>,
    index: HashMap<IpNet, usize>,
}

#[derive(Debug)]
struct Entry {
    net: IpNet,
    region: &'static str,
    codes: Vec<&'static str>,
}

/// What an address is, from its ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PublicPeer {
    /// The one code that `pkt_*_aws_service` carries: S3 and DYNAMODB first, else the longest range's, a service's own
    /// code over EC2 over AMAZON. `None` outside AWS.
    pub code: Option<&'static str>,
    /// Region of the range; `None` for GLOBAL and outside AWS.
    pub region: Option<&'static str>,
}

impl Ranges {
    /// The embedded table.
    pub fn embedded() -> &'static Self {
        static RANGES: OnceLock<Ranges> = OnceLock::new();
        RANGES.get_or_init(|| {
            let mut ranges = Self::default();
            for line in CSV.lines().skip(1) {
                let mut columns = line.split(',');
                let (Some(net), Some(region), Some(_), Some(codes)) =
                    (columns.next(), columns.next(), columns.next(), columns.next())
                else {
                    continue;
                };
                let Ok(net) = net.parse::<IpNet>() else { continue };
                ranges.index.insert(net, ranges.entries.len());
                ranges.entries.push(Entry { net, region, codes: codes.split(' ').collect() });
            }
            ranges
        })
    }

    /// What `address` is.
    pub fn peer(&self, address: IpAddr) -> PublicPeer {
        let mut best: Option<(u8, &'static str, &'static str)> = None;
        for length in 0..=if address.is_ipv4() { 32 } else { 128 } {
            let Ok(net) = IpNet::new(address, length) else { continue };
            let Some(entry) = self.index.get(&net.trunc()).map(|i| &self.entries[*i]) else { continue };
            let Some(code) = entry.codes.iter().copied().max_by_key(|code| rank(code)) else { continue };
            // S3 and DYNAMODB win at any length; otherwise the longer range does.
            let strength = if rank(code) == 3 { 1 } else { 0 };
            if best.is_none_or(|(held, ..)| strength >= held) {
                best = Some((strength, code, entry.region));
            }
        }
        match best {
            Some((_, code, region)) => PublicPeer { code: Some(code), region: (region != "GLOBAL").then_some(region) },
            None => PublicPeer::default(),
        }
    }

    /// The `n`th (wrapping) IPv4 address that is `code` in `region` (`GLOBAL` for none) and nothing else.
    pub fn address(&self, code: &str, region: &str, n: usize) -> Option<IpAddr> {
        let wanted = (region != "GLOBAL").then_some(region);
        let candidates: Vec<&Entry> = self
            .entries
            .iter()
            .filter(|e| e.net.addr().is_ipv4() && e.region == region && e.codes.contains(&code))
            .filter(|e| e.net.prefix_len() <= 24)
            .collect();
        for shift in 0..candidates.len() {
            let entry = candidates.get((n + shift) % candidates.len())?;
            let IpNet::V4(net) = entry.net else { continue };
            let size = 1u64 << (32 - net.prefix_len());
            let host = 5 + (n as u64 / candidates.len() as u64 * 13 + n as u64 * 3) % (size - 10);
            let address = IpAddr::from((u32::from(net.network()) + host as u32).to_be_bytes());
            let peer = self.peer(address);
            if peer.code == Some(code) && peer.region == wanted {
                return Some(address);
            }
        }
        None
    }

    /// All networks of a service code in a Region, IPv4, in table order.
    pub fn networks(&self, code: &str, region: &str) -> Vec<IpNet> {
        let mine = |e: &&Entry| e.region == region && e.codes.contains(&code) && e.net.addr().is_ipv4();
        self.entries.iter().filter(mine).map(|e| e.net).collect()
    }
}

fn rank(code: &str) -> u8 {
    match code {
        "AMAZON" => 0,
        "EC2" => 1,
        "S3" | "DYNAMODB" => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_code_wins_where_ranges_overlap() {
        let ranges = Ranges::embedded();
        let peer = |text: &str| ranges.peer(text.parse().unwrap());
        assert_eq!(peer("3.5.1.2"), PublicPeer { code: Some("S3"), region: Some("us-east-1") });
        assert_eq!(peer("52.94.0.9"), PublicPeer { code: Some("DYNAMODB"), region: Some("us-east-1") });
        assert_eq!(peer("52.46.130.1"), PublicPeer { code: Some("AMAZON"), region: Some("us-east-1") });
        assert_eq!(peer("18.206.107.25").code, Some("EC2_INSTANCE_CONNECT"));
        assert_eq!(peer("203.0.113.5"), PublicPeer::default());
    }

    #[test]
    fn picked_addresses_are_what_was_asked_for() {
        let ranges = Ranges::embedded();
        for (code, region) in [
            ("S3", "us-east-1"),
            ("S3", "eu-west-1"),
            ("DYNAMODB", "us-east-1"),
            ("AMAZON", "eu-west-1"),
            ("EC2", "us-east-1"),
            ("CLOUDFRONT", "GLOBAL"),
        ] {
            let picked: std::collections::BTreeSet<_> =
                (0..300).map(|n| ranges.address(code, region, n).unwrap()).collect();
            assert!(picked.len() > 200, "{code} {region}: {} distinct", picked.len());
            for address in picked {
                assert_eq!(ranges.peer(address).code, Some(code), "{address}");
                assert_eq!(ranges.peer(address).region.unwrap_or("GLOBAL"), region, "{address}");
            }
        }
    }
}
