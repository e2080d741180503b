//! Figures as people read them: dollars, GiB, shares. A missing figure is `unpriced` or `unknown`, never 0.

use super::model::Bound;

/// Bytes in what AWS bills as a GB.
pub const GIB: f64 = (1u64 << 30) as f64;

/// Dollars with thousands separators; `None` is `unpriced`.
pub fn usd(value: Option<f64>) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else { return "unpriced".into() };
    let sign = if value < 0.0 { "-" } else { "" };
    match value.abs() {
        0.0 => "$0.00".into(),
        size if size < 0.005 => format!("{sign}<$0.01"),
        size => format!("{sign}${}", grouped(size, 2)),
    }
}

/// The same for a sum that may leave charges out: `at least $36.71`.
pub fn bounded(value: Option<f64>, bound: Bound) -> String {
    match (value.filter(|value| value.is_finite()), bound) {
        (Some(_), Bound::AtLeast) => format!("at least {}", usd(value)),
        _ => usd(value),
    }
}

/// A sum of charges, those without a price left out; `None` where none has one.
pub fn known_sum(charges: &[Option<f64>]) -> Option<f64> {
    let known: Vec<f64> = charges.iter().copied().flatten().collect();
    (!known.is_empty()).then(|| known.iter().sum())
}

/// GiB (2^30 bytes); `None` is `unknown`.
pub fn gib(value: Option<f64>) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else { return "unknown".into() };
    match value.abs() {
        0.0 => "0".into(),
        size if size < 0.001 => "<0.001".into(),
        size if size < 1.0 => grouped(value, 3),
        _ => grouped(value, 1),
    }
}

/// Bytes shown as GiB.
pub fn bytes_as_gib(bytes: u64) -> String {
    gib(Some(bytes as f64 / GIB))
}

/// A part of a whole in percent; nothing to divide by is `-`.
pub fn share(part: f64, whole: f64) -> String {
    if whole > 0.0 { format!("{:.1} %", 100.0 * part / whole) } else { "-".into() }
}

/// A covered share from 0 to 1 in percent, `100 %` only if it is all; `None` is `-`.
pub fn percent(part: Option<f64>) -> String {
    let Some(part) = part.filter(|part| part.is_finite()) else { return "-".into() };
    let tenths = (part * 1000.0).round();
    let tenths = if part < 1.0 { tenths.min(999.0) } else { tenths };
    format!("{} %", hours(tenths / 10.0))
}

/// A whole number with thousands separators.
pub fn count(value: u64) -> String {
    separated(&value.to_string())
}

/// A plain ratio such as `leg_ratio`; `None` is `-`.
pub fn ratio(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), |value| format!("{value:.3}"))
}

/// Hours without useless decimals.
pub fn hours(value: f64) -> String {
    let text = grouped(value, 1);
    text.strip_suffix(".0").map_or(text.clone(), Into::into)
}

/// Beyond 10^15 the digits say nothing: scientific notation keeps columns narrow.
fn grouped(value: f64, decimals: usize) -> String {
    if value.abs() >= 1e15 {
        return format!("{value:.3e}");
    }
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", separated(digits))
}

fn separated(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_never_turn_a_missing_price_into_zero() {
        assert_eq!(usd(None), "unpriced");
        assert_eq!(usd(Some(f64::NAN)), "unpriced");
        assert_eq!(usd(Some(0.0)), "$0.00");
        assert_eq!(usd(Some(0.004)), "<$0.01");
        assert_eq!(usd(Some(-1234567.891)), "-$1,234,567.89");
        assert_eq!(usd(Some(999.999)), "$1,000.00");
        assert_eq!(bounded(Some(36.706), Bound::AtLeast), "at least $36.71");
        assert_eq!(bounded(Some(36.706), Bound::Exact), "$36.71");
        assert_eq!(bounded(None, Bound::AtLeast), "unpriced");
        assert_eq!([known_sum(&[None, Some(1.5), Some(2.0)]), known_sum(&[None])], [Some(3.5), None]);
    }

    #[test]
    fn gibibytes_keep_three_digits_below_one_and_stay_narrow_when_huge() {
        assert_eq!(bytes_as_gib(1 << 30), "1.0");
        assert_eq!(bytes_as_gib(1 << 29), "0.500");
        assert_eq!(bytes_as_gib(1), "<0.001");
        assert_eq!(bytes_as_gib(u64::MAX), "17,179,869,184.0");
        assert_eq!(gib(Some(1e300)), "1.000e300");
        assert_eq!(gib(None), "unknown");
    }

    #[test]
    fn counts_shares_and_hours() {
        assert_eq!(count(0), "0");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(share(1.0, 3.0), "33.3 %");
        assert_eq!(share(0.0, 0.0), "-");
        let parts = [Some(1.0), Some(0.9999), Some(0.25), Some(0.0), None].map(percent);
        assert_eq!(parts, ["100 %", "99.9 %", "25 %", "0 %", "-"]);
        assert_eq!(hours(24.0), "24");
        assert_eq!(hours(22.5), "22.5");
        assert_eq!(hours(8760.0), "8,760");
    }
}
