//! Cuts text into JSON objects, whatever stands between them: lines, commas, an array's brackets, nothing, or a
//! timestamp before each (`aws logs tail`, export tasks).

/// Longest object if nothing else is said, in bytes; AWS's query log records have a few hundred.
pub const LONGEST: usize = 1 << 20;
/// Text between objects that is kept to show.
const SHOWN: usize = 256;

/// A stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// Begins with `{` and ends with the brace that closes it.
    Object,
    /// Begins with `{` and does not end: the next record begins inside it, or a line ends inside a string.
    Broken,
    /// The beginning of an object that is too long.
    TooLong,
    /// Lines without any object.
    Other,
}

/// Incremental, in one pass. Text may be fed in pieces of any size.
#[derive(Debug)]
pub struct Splitter {
    state: State,
    text: Vec<u8>,
    /// Of the object: bytes before its brace on its line.
    indent: usize,
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// 1-based.
    line: u64,
    /// Line on which the piece in `text` began.
    began: u64,
    /// Bytes since the line began; all of them blank so far?
    column: usize,
    blank: bool,
    /// Longest object, in bytes.
    longest: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Between,
    Other,
    Object,
    /// The rest of a line of an object that was too long.
    Skip,
}

impl Default for Splitter {
    fn default() -> Self {
        Self {
            state: State::Between,
            text: Vec::new(),
            indent: 0,
            depth: 0,
            in_string: false,
            escaped: false,
            line: 1,
            began: 1,
            column: 0,
            blank: true,
            longest: LONGEST,
        }
    }
}

impl Splitter {
    /// A splitter for objects of at most `longest` bytes.
    pub fn with_longest(longest: usize) -> Self {
        Self { longest, ..Self::default() }
    }

    /// Calls `each` with the line and text of every piece that ends in `text`.
    pub fn feed(&mut self, text: &[u8], each: &mut impl FnMut(u64, Piece, &[u8])) {
        for &byte in text {
            self.byte(byte, each);
            if byte == b'\n' {
                (self.line, self.column, self.blank) = (self.line + 1, 0, true);
            } else {
                self.column += 1;
                self.blank &= matches!(byte, b' ' | b'\t');
            }
        }
    }

    /// There is no more text.
    pub fn finish(&mut self, each: &mut impl FnMut(u64, Piece, &[u8])) {
        match self.state {
            State::Object => self.end(Piece::Broken, each),
            State::Other => self.end(Piece::Other, each),
            State::Between | State::Skip => {}
        }
    }

    fn byte(&mut self, byte: u8, each: &mut impl FnMut(u64, Piece, &[u8])) {
        match self.state {
            State::Object => self.in_object(byte, each),
            State::Skip => {
                if byte == b'\n' {
                    self.state = State::Between;
                }
            }
            State::Between | State::Other if byte == b'{' => {
                // What precedes an object on its line is its timestamp; lines before that are something else.
                if self.state == State::Other && self.began < self.line {
                    self.end(Piece::Other, each);
                }
                self.text.clear();
                self.open();
            }
            // Commas and brackets of an array; a byte order mark.
            State::Between
                if matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']' | 0xef | 0xbb | 0xbf) => {}
            State::Between => {
                (self.state, self.began) = (State::Other, self.line);
                self.text.push(byte);
            }
            State::Other => {
                if self.text.len() < SHOWN {
                    self.text.push(byte);
                }
            }
        }
    }

    fn in_object(&mut self, byte: u8, each: &mut impl FnMut(u64, Piece, &[u8])) {
        if self.in_string {
            match byte {
                // JSON has no line breaks in strings, escaped or not.
                b'\n' => return self.end(Piece::Broken, each),
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
        } else {
            match byte {
                b'"' => self.in_string = true,
                // Nested braces of readable JSON stand further right than the record's own.
                b'{' if self.blank && self.line > self.began && self.column <= self.indent => {
                    self.end(Piece::Broken, each);
                    return self.open();
                }
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth -= 1,
                _ => {}
            }
        }
        self.text.push(byte);
        if self.depth == 0 {
            self.end(Piece::Object, each);
        } else if self.text.len() > self.longest {
            self.text.truncate(SHOWN);
            self.end(Piece::TooLong, each);
            self.state = State::Skip;
        }
    }

    fn open(&mut self) {
        (self.state, self.began, self.depth) = (State::Object, self.line, 1);
        (self.in_string, self.escaped) = (false, false);
        self.indent = if self.blank { self.column } else { 0 };
        self.text.push(b'{');
    }

    fn end(&mut self, piece: Piece, each: &mut impl FnMut(u64, Piece, &[u8])) {
        each(self.began, piece, self.text.trim_ascii_end());
        self.text.clear();
        self.state = State::Between;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(text: &str, size: usize) -> Vec<(u64, String)> {
        let mut pieces = Vec::new();
        let mut each = |line, piece: Piece, bytes: &[u8]| {
            let mark = match piece {
                Piece::Object => "",
                Piece::Broken => "!",
                Piece::TooLong => "#",
                Piece::Other => "?",
            };
            pieces.push((line, format!("{mark}{}", String::from_utf8_lossy(bytes))));
        };
        let mut splitter = Splitter::default();
        text.as_bytes().chunks(size).for_each(|chunk| splitter.feed(chunk, &mut each));
        splitter.finish(&mut each);
        pieces
    }

    #[track_caller]
    fn assert_split(text: &str, expected: &[(u64, &str)]) {
        for size in [1, 3, usize::MAX] {
            let found = split(text, size);
            let found: Vec<_> = found.iter().map(|(line, text)| (*line, text.as_str())).collect();
            assert_eq!(found, expected, "{text:?} in pieces of {size}");
        }
    }

    #[test]
    fn every_way_to_put_objects_side_by_side() {
        let both = [(1, r#"{"a":"}\"{"}"#), (1, "{}")];
        assert_split(r#"{"a":"}\"{"}{}"#, &both);
        assert_split(r#"[{"a":"}\"{"}, {}]"#, &both);
        assert_split("{\"a\":1}\r\n\n{\"b\":[{}]}\n", &[(1, "{\"a\":1}"), (3, "{\"b\":[{}]}")]);
        assert_split("{\n  \"a\": {\n  }\n}\n{\n}\n", &[(1, "{\n  \"a\": {\n  }\n}"), (5, "{\n}")]);
        assert_split("2026-09-01T10:00:01Z {\"a\":1}\n2026-09-01T10:00:02Z {}", &[(1, "{\"a\":1}"), (2, "{}")]);
        assert_split("\u{feff}{}", &[(1, "{}")]);
        assert_split("", &[]);
    }

    #[test]
    fn a_broken_record_ends_where_the_next_begins() {
        assert_split("{\"a\":{\n{\"b\":1}\n", &[(1, "!{\"a\":{"), (2, "{\"b\":1}")]);
        assert_split("{\"a\":\"x\n{\"b\":1}\n", &[(1, "!{\"a\":\"x"), (2, "{\"b\":1}")]);
        assert_split("  {\"a\":[}\n{}", &[(1, "!{\"a\":[}"), (2, "{}")]);
        assert_split("{\n  \"a\": {\n{\n  \"b\": {\n  }\n}\n", &[(1, "!{\n  \"a\": {"), (3, "{\n  \"b\": {\n  }\n}")]);
        assert_split("{}}\n{}", &[(1, "{}"), (1, "?}"), (2, "{}")]);
        assert_split("no json\nat all\n{}\n", &[(1, "?no json\nat all"), (3, "{}")]);
        assert_split("{\"a\":", &[(1, "!{\"a\":")]);
    }

    #[test]
    fn an_object_without_end_costs_bounded_memory() {
        let text = format!("{{\"a\":\"{}\"}}\n{{}}\n", "x".repeat(2 * LONGEST));
        let pieces = split(&text, usize::MAX);
        assert_eq!((pieces.len(), pieces[0].1.len()), (2, SHOWN + 1));
        assert_eq!(pieces[1], (2, "{}".to_owned()));
    }

    proptest! {
        #[test]
        fn any_text_in_any_pieces(text in "[{}\\[\\]\",: \\\\a\n]{0,60}", size in 1usize..9) {
            prop_assert_eq!(split(&text, size), split(&text, usize::MAX));
        }

        #[test]
        fn a_bad_line_takes_no_good_one_along(bad in "[{}\\[\\]\",:a\\\\]{0,30}", before in 0usize..3) {
            let good = "{\"query_name\":\"x.\"}\n";
            let text = format!("{}{bad}\n{}", good.repeat(before), good.repeat(2));
            let found = split(&text, usize::MAX).iter().filter(|(_, text)| text == good.trim_end()).count();
            prop_assert_eq!(found, before + 2, "{}", text);
        }
    }
}
