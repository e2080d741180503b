//! Where the fields of a line are.

/// Byte range of one field in its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The field's text. `line` is the line that the span was made from.
    #[inline]
    pub fn of(self, line: &str) -> &str {
        line.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

const ONES: u64 = u64::from_le_bytes([0x01; 8]);
const LOW_BITS: u64 = u64::from_le_bytes([0x7f; 8]);
const SPACES: u64 = ONES * b' ' as u64;

/// Fields of `line`, split on runs of spaces, into `spans` (cleared first). Lines are at most 4 GiB long.
#[inline]
pub fn tokenise(line: &str, spans: &mut Vec<Span>) {
    spans.clear();
    let bytes = line.as_bytes();
    let mut start = 0;
    let mut close = |at: u32| {
        if at > start {
            spans.push(Span { start, end: at });
        }
        start = at + 1;
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let mut base = 0;
    for word in words {
        // The high bit of each byte that is a space; exact, unlike the shorter formula with a borrow.
        let other = u64::from_le_bytes(*word) ^ SPACES;
        let mut found = !(((other & LOW_BITS) + LOW_BITS) | other | LOW_BITS);
        while found != 0 {
            close(base + found.trailing_zeros() / 8);
            found &= found - 1;
        }
        base += 8;
    }
    for byte in rest {
        if *byte == b' ' {
            close(base);
        }
        base += 1;
    }
    close(base);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(line: &str) -> Vec<String> {
        let mut spans = vec![Span { start: 7, end: 9 }];
        tokenise(line, &mut spans);
        spans.iter().map(|span| span.of(line).to_owned()).collect()
    }

    #[test]
    fn runs_of_spaces_separate() {
        assert_eq!(words("  2 123456789010  eni-1 -   OK "), ["2", "123456789010", "eni-1", "-", "OK"]);
        assert!(words("").is_empty());
        assert!(words("         ").is_empty());
    }

    proptest! {
        #[test]
        fn it_splits_as_the_library_does(line in "[ !é\u{a0}-]{0,40}") {
            let expected: Vec<_> = line.split(' ').filter(|word| !word.is_empty()).collect();
            prop_assert_eq!(words(&line), expected);
        }
    }
}
