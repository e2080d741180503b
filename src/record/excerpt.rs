//! A piece of foreign text that is safe to print.

/// At most `max` characters of `bytes`, control characters escaped, anything that is not UTF-8 as `\xNN`.
pub fn excerpt(bytes: &[u8], max: usize) -> String {
    let mut text = String::new();
    let mut length = 0;
    for chunk in bytes.utf8_chunks() {
        let valid =
            chunk.valid().chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.into() });
        let invalid = chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}"));
        for piece in valid.chain(invalid) {
            length += piece.chars().count();
            if length > max {
                return text;
            }
            text.push_str(&piece);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn control_characters_and_broken_utf8_are_escaped() {
        assert_eq!(excerpt(b"a\x1b[31m\t\xff z\xc3\xa9", 200), "a\\u{1b}[31m\\t\\xff z\u{e9}");
    }

    #[test]
    fn an_escape_is_never_cut() {
        assert_eq!(excerpt(b"ab\xff\xff", 7), "ab\\xff");
        assert_eq!(excerpt("ééé".as_bytes(), 2), "éé");
    }
}
