//! Price files: what people pay instead of the list price.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::book::PriceBook;
use super::charge::Charge;
use super::regions::REGIONS;
use super::tiers;
use crate::{Error, Result};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceFile {
    #[serde(default)]
    price: Vec<Spanned<PriceEntry>>,
    #[serde(default)]
    discount: Vec<Spanned<DiscountEntry>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceEntry {
    region: String,
    charge: String,
    usd: f64,
    tier_from_gib: Option<f64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DiscountEntry {
    region: Option<String>,
    charge: String,
    percent: f64,
}

/// The checked content of a price file.
#[derive(Debug, Default)]
pub(super) struct Overrides {
    /// (start of the tier, USD) by Region and charge.
    prices: BTreeMap<(String, Charge), Vec<(f64, f64)>>,
    discounts: BTreeMap<(Charge, Option<String>), f64>,
}

/// Reads and checks a price file.
pub(super) fn read(path: &Path) -> Result<Overrides> {
    let file = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| Error::input(&file, format!("cannot be read: {error}")))?;
    let parsed: PriceFile = toml::from_str(&text).map_err(|error| Error::input(&file, error.to_string()))?;
    let line = |at: usize| text.get(..at).map_or(0, |before| before.matches('\n').count()) + 1;
    let mut overrides = Overrides::default();
    for entry in &parsed.price {
        let fault = |message| Error::input(&file, format!("line {}: {message}", line(entry.span().start)));
        overrides.add_price(entry.get_ref()).map_err(fault)?;
    }
    for entry in &parsed.discount {
        let fault = |message| Error::input(&file, format!("line {}: {message}", line(entry.span().start)));
        overrides.add_discount(entry.get_ref()).map_err(fault)?;
    }
    Ok(overrides)
}

impl Overrides {
    fn add_price(&mut self, entry: &PriceEntry) -> Result<(), String> {
        let charge = charge(&entry.charge)?;
        let region = region(&entry.region)?;
        let usd = amount("usd", entry.usd)?;
        let from_gib = amount("tier_from_gib", entry.tier_from_gib.unwrap_or(0.0))?;
        if from_gib > 0.0 && !charge.has_tiers() {
            return Err(format!("{charge} has one price for every volume; remove tier_from_gib"));
        }
        let tiers = self.prices.entry((region.clone(), charge)).or_default();
        if tiers.iter().any(|(known, _)| *known == from_gib) {
            return Err(format!("{charge} in {region} from {from_gib} GiB is priced twice; keep one"));
        }
        tiers.push((from_gib, usd));
        Ok(())
    }

    fn add_discount(&mut self, entry: &DiscountEntry) -> Result<(), String> {
        let charge = charge(&entry.charge)?;
        let region = entry.region.as_deref().map(region).transpose()?;
        let percent = amount("percent", entry.percent)?;
        if percent > 100.0 {
            return Err(format!("percent is {percent}; a discount is between 0 and 100"));
        }
        match self.discounts.insert((charge, region), percent) {
            None => Ok(()),
            Some(_) => Err(format!("{charge} has two discounts for the same Regions; keep one")),
        }
    }

    /// Changes the book, or nothing of it when a tier list would have a gap.
    pub(super) fn apply(self, book: &mut PriceBook) -> Result<(), String> {
        let mut lines = Vec::new();
        let mut changed = BTreeMap::new();
        for ((region, charge), mut entries) in self.prices {
            entries.sort_by(|a, b| a.0.total_cmp(&b.0));
            for (from_gib, usd) in &entries {
                let tier = if *from_gib > 0.0 { format!(" from {from_gib} GiB a month") } else { String::new() };
                lines.push(format!("{charge} in {region}{tier}: {usd} {}", charge.unit()));
            }
            let from_zero = entries.iter().any(|(from_gib, _)| *from_gib == 0.0);
            let known = book.prices.get(&(region.clone(), charge)).filter(|_| !from_zero);
            let mut tiers = known.cloned().unwrap_or_default();
            for (from_gib, usd) in entries {
                tiers::insert(&mut tiers, from_gib, usd);
            }
            if let Some(gap) = tiers::first_gap(&tiers) {
                return Err(format!("{charge} in {region} has no price from {gap} GiB a month; give that tier too"));
            }
            changed.insert((region, charge), tiers);
        }
        book.prices.extend(changed);
        book.overrides.extend(lines);
        for ((charge, region), percent) in self.discounts {
            let place = region.as_deref().unwrap_or("every Region");
            book.overrides.push(format!("{charge} in {place}: {percent} % discount"));
            book.discounts.insert((charge, region), percent);
        }
        Ok(())
    }
}

fn charge(name: &str) -> Result<Charge, String> {
    Charge::named(name).ok_or_else(|| {
        format!("there is no charge named `{name}`; the charges are {}", Charge::ALL.map(Charge::as_str).join(", "))
    })
}

fn region(name: &str) -> Result<String, String> {
    if REGIONS.contains(&name) {
        return Ok(name.to_owned());
    }
    Err(format!("there is no Region named `{name}`; the Regions are {}", REGIONS.join(", ")))
}

fn amount(key: &str, value: f64) -> Result<f64, String> {
    if value.is_finite() && value >= 0.0 {
        return Ok(value);
    }
    Err(format!("{key} is {value}; write a number of 0 or more"))
}
