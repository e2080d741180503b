//! The embedded list `data/pricing.csv`, kept as found, and which of its rows price which charge.

use serde::Deserialize;

use super::charge::Charge;
use super::tiers::Tier;
use crate::{Error, Result};

const FILE: &str = "data/pricing.csv";
const TEXT: &str = include_str!("../../data/pricing.csv");

/// A row that prices a charge.
#[derive(Debug)]
pub(super) struct ListPrice {
    pub region: String,
    pub charge: Charge,
    pub tier: Tier,
    /// `YYYY-MM-DD`, shorter, or `undated`.
    pub as_of: String,
}

#[derive(Debug, Deserialize)]
struct Row {
    region: String,
    service: String,
    usage: String,
    unit: String,
    tier_from_gb: Option<f64>,
    tier_to_gb: Option<f64>,
    usd: f64,
    as_of: String,
}

/// The rows that price a charge, in the order of the file.
pub(super) fn list_prices() -> Result<Vec<ListPrice>> {
    let mut prices = Vec::new();
    for row in csv::Reader::from_reader(TEXT.as_bytes()).deserialize() {
        let row: Row = row.map_err(|error| Error::input(FILE, error.to_string()))?;
        let Some(charge) = charge(&row)? else { continue };
        prices.push(ListPrice {
            region: row.region,
            charge,
            tier: Tier { from_gib: row.tier_from_gb.unwrap_or(0.0), to_gib: row.tier_to_gb, usd: row.usd },
            as_of: row.as_of,
        });
    }
    Ok(prices)
}

/// None for a row about something that no report prices.
fn charge(row: &Row) -> Result<Option<Charge>> {
    Ok(Some(match (row.service.as_str(), row.unit.as_str()) {
        ("nat-gateway", "hour") => Charge::NatHour,
        ("nat-gateway", "GB") => Charge::NatGib,
        ("regional-nat-gateway", "az-hour") => Charge::RegionalNatAzHour,
        ("regional-nat-gateway", "GB") => Charge::RegionalNatGib,
        ("interface-endpoint", "az-hour") => Charge::InterfaceEndpointAzHour,
        ("interface-endpoint", "GB") => Charge::InterfaceEndpointGib,
        ("gwlb-endpoint", "az-hour") => Charge::GwlbEndpointAzHour,
        ("gwlb-endpoint", "GB") => Charge::GwlbEndpointGib,
        ("resource-endpoint", "az-hour") => Charge::ResourceEndpointAzHour,
        ("resource-endpoint", "GB") => Charge::ResourceEndpointGib,
        ("transit-gateway", "attachment-hour") => Charge::TransitGatewayAttachmentHour,
        ("transit-gateway", "GB") => Charge::TransitGatewayGib,
        ("inter-az-transfer", "GB-each-direction") => Charge::InterAzGib,
        // Idle addresses and contiguous blocks are other usages of the same service.
        ("public-ipv4", "hour") if row.usage.ends_with(":InUseAddress") => Charge::PublicIpv4Hour,
        ("public-ipv4", "hour") => return Ok(None),
        // Gateway endpoints have no charge at all; internet egress is the same on every path that is compared.
        ("gateway-endpoint" | "internet-out" | "internet-out-free", _) => return Ok(None),
        // Waivers and the provider's side: rules, not prices.
        ("inter-az-transfer-privatelink-tgw" | "peering-same-az" | "cross-region-privatelink-provider", _) => {
            return Ok(None);
        }
        (service, unit) => {
            return Err(Error::input(FILE, format!("no charge is known for service `{service}` by `{unit}`")));
        }
    }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_row_prices_a_charge_or_is_left_out_on_purpose() {
        let mut left_out = BTreeSet::new();
        let mut priced = 0;
        for row in csv::Reader::from_reader(TEXT.as_bytes()).deserialize() {
            let row: Row = row.unwrap();
            match charge(&row).unwrap() {
                Some(charge) => {
                    assert_eq!(charge.is_per_gib(), row.unit.starts_with("GB"), "{row:?}");
                    priced += 1;
                }
                None => {
                    left_out.insert(row.service);
                }
            }
        }
        assert_eq!(priced, list_prices().unwrap().len());
        assert_eq!(
            left_out.into_iter().collect::<Vec<_>>(),
            [
                "cross-region-privatelink-provider",
                "gateway-endpoint",
                "inter-az-transfer-privatelink-tgw",
                "internet-out",
                "internet-out-free",
                "peering-same-az",
                "public-ipv4",
            ]
        );
    }

    #[test]
    fn a_service_or_unit_nobody_thought_of_is_an_error() {
        let row = Row {
            region: "us-east-1".to_owned(),
            service: "nat-gateway".to_owned(),
            usage: "NatGateway-Days".to_owned(),
            unit: "day".to_owned(),
            tier_from_gb: None,
            tier_to_gb: None,
            usd: 1.0,
            as_of: "undated".to_owned(),
        };
        assert!(charge(&row).unwrap_err().to_string().contains("`nat-gateway` by `day`"));
    }
}
