//! AWS's public address ranges: the embedded table, or a newer `ip-ranges.json`.
//!
//! Facts: <https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html>. Every service range
//! lies in one of AMAZON.

use std::path::Path;

use ipnet::IpNet;
use serde::Deserialize;

use crate::error::{Error, Result};

const EMBEDDED: &str = include_str!("../../data/aws-prefixes.csv");
/// Date of the embedded table (its `createDate`).
const EMBEDDED_AS_OF: &str = "2026-08-22";

/// One CIDR with every service code that AWS lists for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsRange {
    /// The CIDR, IPv4 or IPv6.
    pub net: IpNet,
    /// Region, or `GLOBAL`.
    pub region: String,
    /// Service codes such as `AMAZON`, `EC2`, `S3`.
    pub services: Vec<String>,
}

/// AWS's ranges and their date.
#[derive(Debug, Clone)]
pub struct AwsRanges {
    /// All ranges, one per CIDR and Region.
    pub ranges: Vec<AwsRange>,
    /// Date of the list.
    pub as_of: String,
}

impl AwsRanges {
    /// The table embedded in the program.
    pub fn embedded() -> Result<Self> {
        let mut ranges = Vec::with_capacity(12_000);
        for record in csv::Reader::from_reader(EMBEDDED.as_bytes()).deserialize::<EmbeddedRow>() {
            let row = record.map_err(|e| Error::input("data/aws-prefixes.csv", e.to_string()))?;
            ranges.push(AwsRange {
                net: row.prefix,
                region: row.region,
                services: row.services.split(' ').map(str::to_owned).collect(),
            });
        }
        Ok(Self { ranges, as_of: EMBEDDED_AS_OF.to_owned() })
    }

    /// Reads AWS's `ip-ranges.json`.
    ///
    /// # Errors
    /// [`Error::Input`] when the file cannot be read or is not that file.
    pub fn from_json_file(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|e| Error::input(&name, e.to_string()))?;
        let file: IpRanges = serde_json::from_str(&text).map_err(|e| {
            Error::input(
                &name,
                format!("not AWS's ip-ranges.json ({e}); fetch https://ip-ranges.amazonaws.com/ip-ranges.json"),
            )
        })?;
        let mut by_net = std::collections::BTreeMap::<(IpNet, String), Vec<String>>::new();
        let v4 = file.prefixes.into_iter().map(|p| (p.ip_prefix, p.region, p.service));
        let v6 = file.ipv6_prefixes.into_iter().map(|p| (p.ipv6_prefix, p.region, p.service));
        for (net, region, service) in v4.chain(v6) {
            by_net.entry((net, region)).or_default().push(service);
        }
        let ranges = by_net.into_iter().map(|((net, region), services)| AwsRange { net, region, services }).collect();
        Ok(Self { ranges, as_of: file.create_date.get(..10).unwrap_or_default().to_owned() })
    }
}

#[derive(Deserialize)]
struct EmbeddedRow {
    prefix: IpNet,
    region: String,
    services: String,
}

#[derive(Deserialize)]
struct IpRanges {
    #[serde(rename = "createDate", default)]
    create_date: String,
    prefixes: Vec<Prefix4>,
    #[serde(default)]
    ipv6_prefixes: Vec<Prefix6>,
}

#[derive(Deserialize)]
struct Prefix4 {
    ip_prefix: IpNet,
    region: String,
    service: String,
}

#[derive(Deserialize)]
struct Prefix6 {
    ipv6_prefix: IpNet,
    region: String,
    service: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_table_reads_whole() {
        let ranges = AwsRanges::embedded().unwrap().ranges;
        assert_eq!(ranges.len(), EMBEDDED.lines().count() - 1);
        assert!(ranges.iter().all(|r| !r.region.is_empty() && r.services.iter().all(|s| !s.is_empty())));
    }
}
