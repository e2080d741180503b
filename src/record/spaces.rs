//! Where the spaces of a line are, 64 bytes at a time.

use wide::u8x16;

/// Bytes of a block.
const BLOCK: usize = 64;

/// For each block of a line the place of its first byte, and a bit for each byte that is a space.
#[inline]
pub(crate) fn spaces(line: &[u8]) -> impl Iterator<Item = (u32, u64)> + '_ {
    let (blocks, rest) = line.as_chunks::<BLOCK>();
    let base = blocks.len() * BLOCK;
    let last = (!rest.is_empty()).then(|| match line.last_chunk::<BLOCK>() {
        // The bytes before the rest are known already.
        Some(block) => of_block(block) >> (BLOCK - rest.len()),
        None => {
            let mut block = [0; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            of_block(&block)
        }
    });
    let whole = blocks.iter().enumerate().map(|(at, block)| ((at * BLOCK) as u32, of_block(block)));
    whole.chain(last.map(|found| (base as u32, found)))
}

#[inline]
fn of_block(block: &[u8; BLOCK]) -> u64 {
    let (parts, _) = block.as_chunks::<16>();
    let found = |part: &[u8; 16]| u64::from(u8x16::new(*part).simd_eq(u8x16::splat(b' ')).to_bitmask());
    parts.iter().rev().fold(0, |bits, part| bits << 16 | found(part))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_space_is_found(line in "[ !é\u{a0}\u{0}-]{0,200}") {
            let mut found = Vec::new();
            for (base, mut bits) in spaces(line.as_bytes()) {
                while bits != 0 {
                    found.push(base as usize + bits.trailing_zeros() as usize);
                    bits &= bits - 1;
                }
            }
            let expected: Vec<usize> = line.bytes().enumerate().filter(|(_, byte)| *byte == b' ').map(|(at, _)| at).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
