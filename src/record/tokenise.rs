//! Where the fields of a line are.

use super::spaces::spaces;

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

/// Fields of `line`, split on runs of spaces, into `spans` (cleared first). Lines are at most 4 GiB long.
#[inline]
pub fn tokenise(line: &str, spans: &mut Vec<Span>) {
    spans.clear();
    let mut start = 0;
    let mut close = |at: u32| {
        if at > start {
            spans.push(Span { start, end: at });
        }
        start = at + 1;
    };
    for (base, mut found) in spaces(line.as_bytes()) {
        while found != 0 {
            close(base + found.trailing_zeros());
            found &= found - 1;
        }
    }
    close(line.len() as u32);
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
        fn it_splits_as_the_library_does(line in "[ !é\u{a0}-]{0,150}") {
            let expected: Vec<_> = line.split(' ').filter(|word| !word.is_empty()).collect();
            prop_assert_eq!(words(&line), expected);
        }
    }
}
