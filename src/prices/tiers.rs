//! Prices that change with the monthly volume.

/// One price and the monthly volumes it holds for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tier {
    /// GiB a month, inclusive.
    pub from_gib: f64,
    /// GiB a month, exclusive; None has no end.
    pub to_gib: Option<f64>,
    /// USD per GiB, or per hour.
    pub usd: f64,
}

/// The price at a monthly volume; None where no tier holds.
pub(super) fn rate(tiers: &[Tier], gib: f64) -> Option<f64> {
    tiers.iter().find(|tier| tier.from_gib <= gib && tier.to_gib.is_none_or(|to| gib < to)).map(|tier| tier.usd)
}

/// What the volume between `from_gib` and `to_gib` costs, tier by tier; None where a part of it has no price.
pub(super) fn cost(tiers: &[Tier], from_gib: f64, to_gib: f64) -> Option<f64> {
    if tiers.is_empty() || !(from_gib >= 0.0 && from_gib <= to_gib && to_gib.is_finite()) {
        return None;
    }
    let mut priced_to = from_gib;
    let mut usd = 0.0;
    for tier in tiers {
        if priced_to >= to_gib {
            break;
        }
        if tier.from_gib > priced_to {
            return None;
        }
        let end = tier.to_gib.map_or(to_gib, |to| to.min(to_gib));
        if end > priced_to {
            usd += (end - priced_to) * tier.usd;
            priced_to = end;
        }
    }
    (priced_to >= to_gib).then_some(usd)
}

/// Puts a tier into a list ordered by volume: it holds to the next tier's start and ends the one it starts in.
pub(super) fn insert(tiers: &mut Vec<Tier>, from_gib: f64, usd: f64) {
    tiers.retain(|tier| tier.from_gib != from_gib);
    let at = tiers.partition_point(|tier| tier.from_gib < from_gib);
    let before = at.checked_sub(1).and_then(|at| tiers.get_mut(at));
    if let Some(before) = before.filter(|before| before.to_gib.is_none_or(|to| to > from_gib)) {
        before.to_gib = Some(from_gib);
    }
    let to_gib = tiers.get(at).map(|next| next.from_gib);
    tiers.insert(at, Tier { from_gib, to_gib, usd });
}

/// Where the tiers leave volumes without a price below their last tier.
pub(super) fn first_gap(tiers: &[Tier]) -> Option<f64> {
    let mut priced_to = 0.0;
    for tier in tiers {
        if tier.from_gib > priced_to {
            return Some(priced_to);
        }
        priced_to = tier.to_gib.unwrap_or(f64::INFINITY);
    }
    None
}
