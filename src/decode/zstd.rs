//! Zstandard frames one after another to text, step by step.

use std::fmt;

use zstd::stream::raw::{Decoder, Operation};

use super::unpack::Damage;

/// Text produced per step at most, in bytes: zstd's largest block.
const WINDOW: usize = 128 * 1024;
/// Bytes of a frame that its reader wants first.
const FIRST: usize = 5;
/// Bytes of a block's header, which the library wants together with the block before it.
const BLOCK_HEADER: usize = 3;
const FRAME: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Last bytes of a skippable frame's magic; the first is `0x50` to `0x5f`. Parallel compressors begin with such a frame.
const SKIPPABLE: [u8; 3] = [0x2a, 0x4d, 0x18];

/// Whether an object that begins so is zstd.
pub(super) fn is_magic(head: &[u8]) -> bool {
    head.starts_with(&FRAME) || matches!(head, [0x50..=0x5f, rest @ ..] if rest.starts_with(&SKIPPABLE))
}

/// Streaming decoder. The library bounds memory: frames with a window over 128 MiB are refused.
#[derive(Default)]
pub(super) struct Frames {
    decoder: Option<Decoder<'static>>,
    text: Vec<u8>,
    filled: usize,
    /// The last step ended inside a frame, which goes on with so many bytes; 0 between frames.
    wanted: usize,
}

impl fmt::Debug for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frames").field("wanted", &self.wanted).finish_non_exhaustive()
    }
}

impl Frames {
    /// Reads stored bytes and returns how many were used. With none left it gives text that is still held back.
    pub(super) fn step(&mut self, stored: &[u8]) -> Result<usize, Damage> {
        let corrupt = |error: std::io::Error| Damage::Zstd(error.to_string());
        self.filled = 0;
        self.text.resize(WINDOW, 0);
        let decoder = match &mut self.decoder {
            Some(decoder) => decoder,
            None => self.decoder.insert(Decoder::new().map_err(corrupt)?),
        };
        // Without input the library would begin a frame that may never come.
        if stored.is_empty() && self.wanted == 0 {
            return Ok(0);
        }
        // Text of a step that fails is lost: a step reads one block without the header of the next, so that all before the
        // damage is kept, in pieces of any size.
        let wanted = match self.wanted {
            0 => FIRST,
            wanted @ 1..=BLOCK_HEADER => wanted,
            wanted => wanted - BLOCK_HEADER,
        };
        let piece = &stored[..stored.len().min(wanted)];
        let status = decoder.run_on_buffers(piece, &mut self.text).map_err(corrupt)?;
        (self.filled, self.wanted) = (status.bytes_written, status.remaining);
        if status.bytes_read == 0 && status.bytes_written == 0 && !stored.is_empty() {
            return Err(Damage::Zstd("no progress".to_owned()));
        }
        Ok(status.bytes_read)
    }

    /// Text of the last step.
    pub(super) fn text(&self) -> &[u8] {
        &self.text[..self.filled]
    }

    /// Whether the frames so far are whole.
    pub(super) fn is_whole(&self) -> bool {
        self.wanted == 0
    }
}
