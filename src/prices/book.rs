//! The prices in force: the list, then overrides, then discounts.

use std::collections::BTreeMap;
use std::path::Path;

use super::charge::Charge;
use super::tiers::{self, Tier};
use super::{list, overrides};
use crate::{Error, Result};

/// Prices by Region and charge.
#[derive(Debug, Clone)]
pub struct PriceBook {
    pub(super) prices: BTreeMap<(String, Charge), Vec<Tier>>,
    /// Percent off, by charge and Region; None = all Regions that have no discount of their own.
    pub(super) discounts: BTreeMap<(Charge, Option<String>), f64>,
    pub(super) overrides: Vec<String>,
    as_of: String,
}

impl PriceBook {
    /// The list prices that come with offramp.
    pub fn embedded() -> Result<Self> {
        let mut prices: BTreeMap<(String, Charge), Vec<Tier>> = BTreeMap::new();
        let mut as_of = String::new();
        for price in list::list_prices()? {
            if price.as_of.starts_with(|first: char| first.is_ascii_digit()) && price.as_of > as_of {
                as_of = price.as_of;
            }
            prices.entry((price.region, price.charge)).or_default().push(price.tier);
        }
        for tiers in prices.values_mut() {
            tiers.sort_by(|a, b| a.from_gib.total_cmp(&b.from_gib));
        }
        Ok(Self { prices, discounts: BTreeMap::new(), overrides: Vec::new(), as_of })
    }

    /// Takes prices and discounts from a TOML file:
    ///
    /// ```toml
    /// [[price]]                # instead of the list price
    /// region = "eu-west-3"
    /// charge = "nat_gib"
    /// usd = 0.05
    /// # tier_from_gib = 1048576  (only interface_endpoint_gib: from this monthly volume on)
    ///
    /// [[discount]]             # off the price, whether listed or given above
    /// charge = "nat_gib"
    /// percent = 12.5
    /// # region = "eu-west-3"     (default: every Region)
    /// ```
    ///
    /// A price without tiers, or with a tier from 0, replaces all tiers; other tiers are put into the known ones.
    pub fn apply_file(&mut self, path: &Path) -> Result<()> {
        overrides::read(path)?.apply(self).map_err(|message| Error::input(path.display().to_string(), message))
    }

    /// The tiers in force, discounts taken off, ordered by volume. Empty when the price is missing.
    pub fn tiers(&self, region: &str, charge: Charge) -> Vec<Tier> {
        let region = region.to_owned();
        let own = self.discounts.get(&(charge, Some(region.clone())));
        let percent = own.or_else(|| self.discounts.get(&(charge, None))).copied().unwrap_or(0.0);
        let listed = self.prices.get(&(region, charge)).map(Vec::as_slice).unwrap_or_default();
        listed.iter().map(|tier| Tier { usd: tier.usd * (100.0 - percent) / 100.0, ..*tier }).collect()
    }

    /// USD per hour, or per GiB at a monthly volume of `gib`; None when missing.
    pub fn rate(&self, region: &str, charge: Charge, gib: f64) -> Option<f64> {
        tiers::rate(&self.tiers(region, charge), gib)
    }

    /// USD that the monthly volume costs between `from_gib` and `to_gib`; None when a part of it has no price, or when
    /// `from_gib` is not in 0 ..= `to_gib`.
    pub fn tiered_cost(&self, region: &str, charge: Charge, from_gib: f64, to_gib: f64) -> Option<f64> {
        tiers::cost(&self.tiers(region, charge), from_gib, to_gib)
    }

    /// The date of the newest list price.
    pub fn as_of(&self) -> &str {
        &self.as_of
    }

    /// Where the list prices are from.
    pub fn source(&self) -> &'static str {
        "AWS price list files and public copies of them; data/pricing.csv names the source of each price"
    }

    /// What price files changed, one line each.
    pub fn overrides(&self) -> &[String] {
        &self.overrides
    }

    /// All prices in force.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Charge, Tier)> {
        self.prices.keys().flat_map(|(region, charge)| {
            self.tiers(region, *charge).into_iter().map(|tier| (region.as_str(), *charge, tier))
        })
    }
}
