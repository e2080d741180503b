//! Gzip or plain, told by the first two bytes and not by the name: people unpack files and keep the suffix.

use std::fmt;

use flate2::{Decompress, FlushDecompress, Status};
use libdeflater::Decompressor;

/// Text produced per step at most, in bytes.
const WINDOW: usize = 128 * 1024;
const MAGIC: [u8; 2] = [0x1f, 0x8b];
/// How each gzip member starts: the magic and its only method.
const MEMBER: [u8; 3] = [0x1f, 0x8b, 8];

/// Why the rest of an object cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// The object ends inside a gzip member.
    Truncated,
    /// Bits that gzip does not allow, or a wrong checksum. Which of them, the library says differently for different pieces.
    Corrupt,
    /// Bytes after a gzip member that do not start another.
    Trailing,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("truncated gzip: the object ends too early"),
            Self::Corrupt => f.write_str("corrupt gzip: broken bits or a wrong checksum"),
            Self::Trailing => f.write_str("corrupt gzip: other data after the end of the compressed text"),
        }
    }
}

/// Streaming inflate of gzip members one after another; plain text passes through.
#[derive(Debug)]
pub struct Inflate {
    state: State,
    text: Vec<u8>,
    /// Bytes of the text that was read at once; the memory behind it stays as it is.
    at_once: Option<usize>,
    /// That text is still to be given out.
    pending: bool,
}

#[derive(Debug)]
enum State {
    /// Fewer than two bytes seen: the first of them may be the magic's.
    Unknown {
        first: bool,
    },
    Plain,
    Between {
        first: bool,
    },
    Member(Box<Decompress>),
}

impl Default for Inflate {
    fn default() -> Self {
        Self { state: State::Unknown { first: false }, text: Vec::new(), at_once: None, pending: false }
    }
}

impl Inflate {
    /// Starts with the memory of an earlier object's text.
    pub fn with_buffer(text: Vec<u8>) -> Self {
        Self { text, ..Self::default() }
    }

    /// The memory of the text, for the next object.
    pub fn into_buffer(self) -> Vec<u8> {
        self.text
    }

    /// Inflates a whole object at once, twice as fast as step by step. Only one sound gzip member of at most `most` bytes of text
    /// can be read so; for all else this is false, nothing has happened, and [`Inflate::step`] will tell what is wrong. The next
    /// step takes no bytes and gives the text.
    pub fn whole(&mut self, stored: &[u8], most: usize) -> bool {
        let Some((before, trailer @ [c0, c1, c2, c3, s0, s1, s2, s3])) = stored.split_last_chunk::<8>() else {
            return false;
        };
        let size = u32::from_le_bytes([*s0, *s1, *s2, *s3]) as usize;
        if !Self::is_member(stored) || size == 0 || size > most {
            return false;
        }
        if self.text.len() < size {
            self.text.resize(size, 0);
        }
        let text = &mut self.text[..size];
        let read = Decompressor::new().gzip_decompress(stored, text);
        // The library stops after the first member without a word. That member ended with the checksum and size of its text: if the
        // object does too, and has those eight bytes nowhere else, nothing follows the member.
        let sound = read == Ok(size)
            && libdeflater::crc32(text) == u32::from_le_bytes([*c0, *c1, *c2, *c3])
            && memchr::memmem::find(stored, trailer) == Some(before.len());
        if sound {
            (self.state, self.at_once, self.pending) = (State::Between { first: false }, Some(size), true);
        }
        sound
    }

    /// Reads stored bytes and returns how many were used; the text they gave is [`Inflate::text`] until the next step.
    /// After an error that text is still good.
    pub fn step(&mut self, stored: &[u8]) -> Result<usize, Damage> {
        if std::mem::take(&mut self.pending) {
            return Ok(0);
        }
        match &mut self.at_once {
            Some(size) => *size = 0,
            None => self.text.clear(),
        }
        let Some(byte) = stored.first().copied() else { return Ok(0) };
        match &mut self.state {
            State::Unknown { first: false } if byte == MAGIC[0] => self.state = State::Unknown { first: true },
            State::Unknown { first: true } if byte == MAGIC[1] => self.open(),
            State::Unknown { first } => {
                self.text.extend(first.then_some(MAGIC[0]));
                self.state = State::Plain;
                return Ok(0);
            }
            State::Plain => {
                let used = stored.len().min(WINDOW);
                self.text.extend_from_slice(&stored[..used]);
                return Ok(used);
            }
            State::Between { first: false } if byte == MAGIC[0] => self.state = State::Between { first: true },
            State::Between { first: true } if byte == MAGIC[1] => self.open(),
            State::Between { .. } => return Err(Damage::Trailing),
            State::Member(_) => return self.inflate(stored),
        }
        Ok(1)
    }

    /// Text of the last step.
    pub fn text(&self) -> &[u8] {
        if self.pending { &[] } else { &self.text[..self.at_once.unwrap_or(self.text.len())] }
    }

    /// Whether an object that begins with these bytes is gzip.
    pub fn is_member(stored: &[u8]) -> bool {
        stored.starts_with(&MEMBER)
    }

    /// Whether the object is gzip; false while its first bytes are not there.
    pub fn is_gzip(&self) -> bool {
        matches!(self.state, State::Between { .. } | State::Member(_))
    }

    /// The object is complete. Fails if gzip was not; a lone first byte of the magic is binary, not text.
    pub fn finish(&self) -> Result<(), Damage> {
        match self.state {
            State::Member(_) | State::Between { first: true } | State::Unknown { first: true } => {
                Err(Damage::Truncated)
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self) {
        let mut member = Box::new(Decompress::new_gzip(15));
        // The magic was read to tell gzip from text; the member's reader wants it too.
        let opened = member.decompress(&MAGIC, &mut [], FlushDecompress::None);
        debug_assert!(opened.is_ok() && member.total_in() == 2);
        self.state = State::Member(member);
    }

    fn inflate(&mut self, stored: &[u8]) -> Result<usize, Damage> {
        let State::Member(member) = &mut self.state else { return Ok(0) };
        self.text.reserve(WINDOW);
        let before = member.total_in();
        let status = member.decompress_vec(stored, &mut self.text, FlushDecompress::None);
        let used = (member.total_in() - before) as usize;
        match status {
            Ok(Status::StreamEnd) => self.state = State::Between { first: false },
            Ok(_) if used == 0 && self.text.is_empty() => return Err(Damage::Corrupt),
            Ok(_) => {}
            Err(_) => return Err(Damage::Corrupt),
        }
        Ok(used)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn read(stored: &[u8], piece: usize) -> (Vec<u8>, Result<(), Damage>) {
        let (mut inflate, mut text) = (Inflate::default(), Vec::new());
        for mut rest in stored.chunks(piece) {
            while !rest.is_empty() {
                let step = inflate.step(rest);
                text.extend_from_slice(inflate.text());
                match step {
                    Ok(used) => rest = &rest[used..],
                    Err(damage) => return (text, Err(damage)),
                }
            }
        }
        (text, inflate.finish())
    }

    fn sample() -> Vec<u8> {
        (0..20_000_u32).flat_map(|n| format!("{} ", n.wrapping_mul(2_654_435_761)).into_bytes()).collect()
    }

    #[test]
    fn members_follow_each_other() {
        let text = sample();
        let mut stored = gzip(&text);
        stored.extend(gzip(b""));
        stored.extend(gzip(b"end"));
        for piece in [1, 7, 4096, usize::MAX] {
            assert_eq!(read(&stored, piece), ([&text[..], b"end"].concat(), Ok(())), "pieces of {piece}");
        }
    }

    #[test]
    fn one_sound_member_is_read_at_once_and_nothing_else() {
        let text = sample();
        let stored = gzip(&text);
        let mut inflate = Inflate::with_buffer(vec![b'x'; 10]);
        assert!(inflate.whole(&stored, text.len()));
        assert!(inflate.text().is_empty());
        assert_eq!(inflate.step(b""), Ok(0));
        assert_eq!((inflate.text(), inflate.finish()), (&text[..], Ok(())));
        assert_eq!((inflate.step(b""), inflate.text()), (Ok(0), &b""[..]));
        let mut broken = stored.clone();
        broken[stored.len() / 2] ^= 1;
        for other in [
            &stored[..stored.len() - 1],
            &[&stored[..], &stored[..]].concat(),
            &[&stored[..], &gzip(b"")].concat(),
            &[&stored[..], b"junk"].concat(),
            &[&stored[..], &stored[stored.len() - 8..]].concat(),
            &[&stored[..], b"junk", &stored[stored.len() - 8..]].concat(),
            &broken,
            &text,
            b"",
        ] {
            assert!(!inflate.whole(other, usize::MAX), "{} bytes", other.len());
        }
        assert!(!inflate.whole(&stored, text.len() - 1));
    }

    #[test]
    fn plain_text_passes() {
        for text in [&b"version"[..], b"", b"\x1fno gzip", b"v"] {
            assert_eq!(read(text, 1), (text.to_vec(), Ok(())));
        }
        let long = sample();
        assert_eq!(read(&long, usize::MAX), (long.clone(), Ok(())));
    }

    #[test]
    fn what_comes_before_the_damage_is_kept() {
        let text = sample();
        let stored = gzip(&text);
        let (start, end) = read(&stored[..stored.len() / 2], 1000);
        assert!(start.len() > text.len() / 3 && text.starts_with(&start), "{} of {}", start.len(), text.len());
        assert_eq!(end, Err(Damage::Truncated));
        assert_eq!(read(&stored[..stored.len() - 1], 1000), (text.clone(), Err(Damage::Truncated)));

        let mut broken = stored.clone();
        broken[stored.len() - 6] ^= 1;
        let (all, end) = read(&broken, usize::MAX);
        assert_eq!(all, text);
        assert_eq!(end, Err(Damage::Corrupt));

        let (all, end) = read(&[&stored[..], b"junk"].concat(), 1000);
        assert_eq!((all, end), (text, Err(Damage::Trailing)));
        assert_eq!(read(b"\x1f", 1).1, Err(Damage::Truncated));
    }
}
