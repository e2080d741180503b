//! Stored bytes to text: gzip, zstd or plain, told by the first bytes and not by the name; also gzip inside either, since
//! CloudWatch Logs hands out gzip and Firehose packs once more what it gets.

use bytes::Bytes;

use super::{inflate, inflate::Inflate, zstd};

/// First bytes that tell what an object is.
const HEAD: usize = 4;
const PARQUET: &[u8] = b"PAR1";
/// The footer is encrypted.
const PARQUET_ENCRYPTED: &[u8] = b"PARE";
const GZIP_FIRST: u8 = 0x1f;

/// Why the rest of an object cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// Of gzip.
    #[error("{0}")]
    Gzip(inflate::Damage),
    /// The object ends inside a zstd frame.
    #[error("truncated zstd: the object ends too early")]
    ZstdTruncated,
    /// What zstd does not allow, a wrong checksum, or a window over 128 MiB.
    #[error("corrupt zstd: {0}")]
    Zstd(String),
}

/// Unpacks one object.
#[derive(Debug, Default)]
pub struct Unpack {
    outer: Layer,
    inner: Option<Layer>,
    /// The first text was seen, and with it whether there is an inner layer.
    begun: bool,
    /// The outer layer has nothing more to give.
    outer_done: bool,
    /// Damage of the outer layer, told after what came before it is unpacked.
    deferred: Option<Damage>,
}

#[derive(Debug, Default)]
struct Layer {
    /// Bytes held back until they tell what the object is.
    head: Vec<u8>,
    codec: Option<Codec>,
    stored: Bytes,
    ended: bool,
}

#[derive(Debug)]
enum Codec {
    /// Gzip and plain text.
    Inflate(Inflate),
    Zstd(Box<zstd::Frames>),
    Parquet,
}

impl Unpack {
    /// For text out of a gzip member: it is text whatever it begins with, but may be gzip once more.
    pub fn of_text() -> Self {
        let outer = Layer { codec: Some(Codec::Inflate(Inflate::default())), ..Layer::default() };
        Self { outer, ..Self::default() }
    }

    /// All stored bytes of the object. One gzip member of at most `most` bytes of text is inflated at once, into `buffer`, which
    /// [`Unpack::into_buffer`] gives back.
    pub fn push_whole(&mut self, stored: Bytes, most: usize, buffer: &mut Vec<u8>) {
        let mut inflate = Inflate::with_buffer(std::mem::take(buffer));
        if inflate.whole(&stored, most) {
            self.outer.codec = Some(Codec::Inflate(inflate));
        } else {
            *buffer = inflate.into_buffer();
            self.outer.push(stored);
        }
    }

    /// The memory of the text.
    pub fn into_buffer(self) -> Vec<u8> {
        match self.outer.codec {
            Some(Codec::Inflate(inflate)) => inflate.into_buffer(),
            _ => Vec::new(),
        }
    }

    /// The next stored bytes; only when [`Unpack::step`] gave false.
    pub fn push(&mut self, stored: Bytes) {
        self.outer.push(stored);
    }

    /// There are no more stored bytes; steps still give what is held back.
    pub fn end(&mut self) {
        self.outer.end();
    }

    /// Whether the object is Parquet, which is read from its end and gives no text here.
    pub fn is_parquet(&self) -> bool {
        matches!(self.outer.codec, Some(Codec::Parquet))
    }

    /// Unpacks on; what it gave is [`Unpack::text`] until the next step, also after an error. False: push more, or, after
    /// [`Unpack::end`], all is read.
    pub fn step(&mut self) -> Result<bool, Damage> {
        if self.inner.is_none() {
            let went_on = self.outer.step();
            // The first text may be one byte long.
            let first = if self.begun { None } else { self.outer.text().first() };
            self.begun |= first.is_some();
            if first != Some(&GZIP_FIRST) || !self.outer.is_packed() {
                return went_on;
            }
            self.inner = Some(Layer::default());
            self.hand_over(went_on);
        }
        loop {
            let Some(inner) = &mut self.inner else { return Ok(false) };
            if inner.step()? {
                return Ok(true);
            }
            match self.deferred.take() {
                Some(damage) => return Err(damage),
                None if self.outer_done => return Ok(false),
                None => {}
            }
            let went_on = self.outer.step();
            if matches!(went_on, Ok(false)) && !self.outer.ended {
                return Ok(false);
            }
            self.hand_over(went_on);
        }
    }

    /// Text of the last step.
    pub fn text(&self) -> &[u8] {
        self.inner.as_ref().unwrap_or(&self.outer).text()
    }

    fn hand_over(&mut self, went_on: Result<bool, Damage>) {
        let Some(inner) = &mut self.inner else { return };
        inner.push(Bytes::copy_from_slice(self.outer.text()));
        match went_on {
            Ok(true) => {}
            Ok(false) => {
                self.outer_done = true;
                inner.end();
            }
            Err(damage) => (self.outer_done, self.deferred) = (true, Some(damage)),
        }
    }
}

impl Layer {
    fn push(&mut self, stored: Bytes) {
        if self.codec.is_some() {
            self.stored = stored;
        } else if self.head.is_empty() && stored.len() >= HEAD {
            self.codec = Some(Codec::of(&stored));
            self.stored = stored;
        } else {
            self.head.extend_from_slice(&stored);
            if self.head.len() >= HEAD {
                self.decide();
            }
        }
    }

    fn end(&mut self) {
        self.ended = true;
        if self.codec.is_none() {
            self.decide();
        }
    }

    fn decide(&mut self) {
        self.codec = Some(Codec::of(&self.head));
        self.stored = std::mem::take(&mut self.head).into();
    }

    fn is_packed(&self) -> bool {
        match &self.codec {
            Some(Codec::Inflate(inflate)) => inflate.is_gzip(),
            Some(Codec::Zstd(_)) => true,
            Some(Codec::Parquet) | None => false,
        }
    }

    fn step(&mut self) -> Result<bool, Damage> {
        let used = match &mut self.codec {
            Some(Codec::Inflate(inflate)) => {
                let used = inflate.step(&self.stored).map_err(Damage::Gzip)?;
                if self.stored.is_empty() && self.ended {
                    inflate.finish().map_err(Damage::Gzip)?;
                }
                used
            }
            Some(Codec::Zstd(frames)) => {
                let used = frames.step(&self.stored)?;
                if self.stored.is_empty() && self.ended && frames.text().is_empty() && !frames.is_whole() {
                    return Err(Damage::ZstdTruncated);
                }
                used
            }
            Some(Codec::Parquet) | None => return Ok(false),
        };
        let went_on = !self.stored.is_empty() || !self.text().is_empty();
        self.stored = self.stored.split_off(used);
        Ok(went_on)
    }

    fn text(&self) -> &[u8] {
        match &self.codec {
            Some(Codec::Inflate(inflate)) => inflate.text(),
            Some(Codec::Zstd(frames)) => frames.text(),
            Some(Codec::Parquet) | None => &[],
        }
    }
}

impl Codec {
    fn of(head: &[u8]) -> Self {
        if head.starts_with(PARQUET) || head.starts_with(PARQUET_ENCRYPTED) {
            Self::Parquet
        } else if zstd::is_magic(head) {
            Self::Zstd(Box::default())
        } else {
            Self::Inflate(Inflate::default())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        ::zstd::encode_all(text, 1).unwrap()
    }

    fn read(stored: &[u8], piece: usize) -> (Vec<u8>, Result<(), Damage>) {
        let (mut unpack, mut text) = (Unpack::default(), Vec::new());
        let mut pieces = stored.chunks(piece);
        let mut ended = false;
        loop {
            let step = unpack.step();
            text.extend_from_slice(unpack.text());
            match step {
                Ok(true) => {}
                Err(damage) => return (text, Err(damage)),
                Ok(false) if ended => return (text, Ok(())),
                Ok(false) => match pieces.next() {
                    Some(piece) => unpack.push(Bytes::copy_from_slice(piece)),
                    None => {
                        ended = true;
                        unpack.end();
                    }
                },
            }
        }
    }

    fn sample() -> Vec<u8> {
        (0..40_000_u32).flat_map(|n| format!("{} ", n.wrapping_mul(2_654_435_761)).into_bytes()).collect()
    }

    #[test]
    fn every_packing_gives_the_text() {
        let text = sample();
        let skippable = [b"\x50\x2a\x4d\x18\x03\0\0\0abc".to_vec(), zstd(&text)].concat();
        let frames = [zstd(&text[..1000]), zstd(b""), zstd(&text[1000..])].concat();
        let members = [gzip(&gzip(&text[..1000])), gzip(&gzip(&text[1000..]))].concat();
        let twice = gzip(&[gzip(&text[..1000]), gzip(&text[1000..])].concat());
        let packed = [text.clone(), gzip(&text), zstd(&text), skippable, frames, members, twice, zstd(&gzip(&text))];
        for (at, stored) in packed.iter().enumerate() {
            for piece in [1, 3, 4096, usize::MAX] {
                let (got, end) = read(stored, piece);
                assert!(got == text && end == Ok(()), "{at} in pieces of {piece}: {} bytes, {end:?}", got.len());
            }
        }
    }

    #[test]
    fn short_objects_are_what_they_are() {
        for text in [&b""[..], b"v", b"PAR", b"\x1fno", b"(\xb5/"] {
            assert_eq!(read(text, 1), (text.to_vec(), Ok(())), "{text:?}");
        }
        assert_eq!(read(&zstd(&[]), 1), (Vec::new(), Ok(())));
        // A long run of one byte: far more text than stored bytes.
        let zeros = vec![b'0'; 3_000_000];
        assert!(read(&zstd(&zeros), usize::MAX) == (zeros, Ok(())));
    }

    #[test]
    fn what_comes_before_the_damage_is_kept() {
        let text = sample();
        for (stored, least) in [(zstd(&text), text.len() / 3), (gzip(&gzip(&text)), text.len() / 3)] {
            let (start, end) = read(&stored[..stored.len() * 2 / 3], 1000);
            assert!(start.len() > least && text.starts_with(&start), "{} of {}", start.len(), text.len());
            assert!(matches!(end, Err(Damage::ZstdTruncated | Damage::Gzip(inflate::Damage::Truncated))), "{end:?}");
        }
        let (all, end) = read(&[zstd(&text), b"junk".to_vec()].concat(), 1000);
        assert!(all == text && matches!(end, Err(Damage::Zstd(_))), "{end:?}");
        // A raw block of one byte, then a header that no block has.
        let raw = [&b"\x28\xb5\x2f\xfd\x00\x00"[..], b"\x08\0\0", b"v", b"\x07\0\0", b"more"].concat();
        for piece in [1, 5, usize::MAX] {
            let (start, end) = read(&raw, piece);
            assert!(start == b"v" && matches!(end, Err(Damage::Zstd(_))), "pieces of {piece}: {start:?}, {end:?}");
        }
        let (all, end) = read(&gzip(&[gzip(&text), b"junk".to_vec()].concat()), 1000);
        assert!(all == text && end == Err(Damage::Gzip(inflate::Damage::Trailing)), "{end:?}");
    }

    proptest! {
        #[test]
        fn mangled_objects_never_panic_and_never_depend_on_the_pieces(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(), which in 0..3_usize, piece in 1..50_usize) {
            let text = &sample()[..3000];
            let mut stored = [zstd(text), gzip(text), gzip(&gzip(text))][which].clone();
            let at = at.index(stored.len());
            stored[at] = byte;
            stored.truncate(cut.index(stored.len()) + 1);
            let (whole, end) = read(&stored, usize::MAX);
            let (pieces, other) = read(&stored, piece);
            prop_assert_eq!(end.is_ok(), other.is_ok());
            prop_assert!(whole == pieces || which > 0 && end.is_err());
        }
    }
}
