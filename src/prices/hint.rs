//! The override to write for a missing price.

use super::book::PriceBook;
use super::charge::Charge;
use super::tiers::Tier;

impl PriceBook {
    /// TOML for a price file that fills a missing price.
    ///
    /// Its price is `nan`, which is refused until it is replaced: nobody pastes a guess unseen. Where what is known makes a price
    /// likely, the comment says so.
    pub fn override_hint(&self, region: &str, charge: Charge) -> String {
        let priced_to = self.tiers(region, charge).last().and_then(|tier| tier.to_gib);
        let likely = match self.estimate(region, charge, priced_to.unwrap_or(0.0)) {
            Some((usd, reason)) => format!("; likely {usd}, {reason}"),
            None => String::new(),
        };
        let tier = priced_to.map(|from| format!("tier_from_gib = {from}\n")).unwrap_or_default();
        format!(
            "[[price]]\nregion = \"{region}\"\ncharge = \"{charge}\"\n{tier}usd = nan # replace by {}, from your bill or the AWS price list{likely}\n",
            charge.unit()
        )
    }

    fn estimate(&self, region: &str, charge: Charge, gib: f64) -> Option<(f64, &'static str)> {
        match charge {
            Charge::NatGib => {
                Some((self.listed(region, Charge::NatHour, 0.0)?, "equal to nat_hour, as wherever both are known"))
            }
            Charge::RegionalNatAzHour => {
                Some((self.listed(region, Charge::NatHour, 0.0)?, "equal to nat_hour, as wherever both are known"))
            }
            Charge::RegionalNatGib => {
                Some((self.listed(region, Charge::NatGib, 0.0)?, "equal to nat_gib, as where both are known"))
            }
            _ => Some((self.same_everywhere(charge, gib)?, "the same in every Region where it is known")),
        }
    }

    /// Without discounts: they come off the override as well.
    fn listed(&self, region: &str, charge: Charge, gib: f64) -> Option<f64> {
        super::tiers::rate(self.prices.get(&(region.to_owned(), charge))?, gib)
    }

    fn same_everywhere(&self, charge: Charge, gib: f64) -> Option<f64> {
        let all: Vec<&Vec<Tier>> =
            self.prices.iter().filter(|((_, known), _)| *known == charge).map(|(_, tiers)| tiers).collect();
        let mut rates = all.iter().filter_map(|tiers| super::tiers::rate(tiers, gib));
        let first = rates.next()?;
        let second = rates.next()?;
        (second == first && rates.all(|rate| rate == first)).then_some(first)
    }
}
