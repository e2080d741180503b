//! The head of a line: its fields up to the last one that is measured. What follows is compared as one piece.

use crate::record::spaces::spaces;

/// Most separators that are looked for; AWS has 54 fields.
pub(super) const MOST: usize = 64;

const ONES: u64 = u64::from_le_bytes([0x01; 8]);

/// Positions of the first `wanted` spaces of a line; false if it has fewer, or a field before them may be empty.
#[inline]
pub(super) fn separators(line: &[u8], wanted: usize, at: &mut [u32; MOST]) -> bool {
    let wanted = wanted.min(MOST);
    let mut found = 0;
    // Whether the byte before is a separator; so the line must not start with one.
    let mut after_separator = 1;
    for (base, mut separators) in spaces(line) {
        if found == wanted {
            return true;
        }
        if separators & (separators << 1 | after_separator) != 0 {
            return false;
        }
        after_separator = separators >> 63;
        while separators != 0 {
            if found == wanted {
                return true;
            }
            at[found] = base + separators.trailing_zeros();
            found += 1;
            separators &= separators - 1;
        }
    }
    found == wanted
}

/// The number in `line[start..end]`, if it is 1 to 16 digits and nothing else. Eight digits at a time.
#[inline]
pub(super) fn number(line: &[u8], start: usize, end: usize) -> Option<i64> {
    let length = end.checked_sub(start)?;
    match length {
        1..=8 => eight(line, start, length),
        9..=16 => {
            let high = eight(line, start, length - 8)?;
            Some(high * 100_000_000 + eight(line, end - 8, 8)?)
        }
        _ => None,
    }
}

/// Up to eight digits: shifted to the end of a word whose other bytes are `0`, checked and added up in three multiplications.
#[inline]
fn eight(line: &[u8], start: usize, length: usize) -> Option<i64> {
    const ZEROS: u64 = ONES * b'0' as u64;
    let word = match line.get(start..start + 8).and_then(|bytes| bytes.as_array()) {
        Some(bytes) => u64::from_le_bytes(*bytes),
        // The last field of a line.
        None => {
            let mut bytes = [0; 8];
            bytes.get_mut(..length)?.copy_from_slice(line.get(start..start + length)?);
            u64::from_le_bytes(bytes)
        }
    };
    let unused = 64 - 8 * length as u32;
    let word = if unused == 0 { word } else { (word << unused) | (ZEROS >> (64 - unused)) };
    let digits = word ^ ZEROS;
    // A byte above 9 either has a high half or gets one by adding 6.
    if (digits | digits.wrapping_add(ONES * 6)) & (ONES * 0xf0) != 0 {
        return None;
    }
    let pairs = (digits.wrapping_mul(2561) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(6_553_601) >> 16) & 0x0000_ffff_0000_ffff;
    Some((fours.wrapping_mul(42_949_672_960_001) >> 32) as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn separators_are_the_first_spaces(line in "[ !é\u{a0}-]{0,90}", wanted in 0..MOST) {
            let mut at = [0; MOST];
            let spaces: Vec<u32> = (0..line.len() as u32).filter(|i| line.as_bytes()[*i as usize] == b' ').collect();
            if separators(line.as_bytes(), wanted, &mut at) {
                prop_assert_eq!(&at[..wanted], &spaces[..wanted]);
                let before = spaces.get(..wanted).and_then(|found| found.last()).map_or("", |last| &line[..*last as usize]);
                prop_assert!(wanted == 0 || before.split(' ').all(|field| !field.is_empty()));
            } else {
                prop_assert!(spaces.len() < wanted || line.starts_with(' ') || line.contains("  "));
            }
        }

        #[test]
        fn numbers_are_those_of_the_standard_library(before in "[0-9 ]{0,9}", text in "[0-9]{1,18}|[0-9a-z:/.+ -]{0,18}", after in "| [0-9]{0,20}") {
            let line = format!("{before}{text}{after}");
            let (start, end) = (before.len(), before.len() + text.len());
            let plain = text.len() <= 16 && !text.starts_with('+');
            let expected = plain.then(|| text.parse::<i64>().ok()).flatten().filter(|n| *n >= 0 && !text.starts_with('-'));
            prop_assert_eq!(number(line.as_bytes(), start, end), expected, "{}", line);
        }
    }
}
