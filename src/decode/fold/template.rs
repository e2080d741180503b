//! Lines seen before, known by a fingerprint of all that is not measured.

use std::hash::{BuildHasher, RandomState};

/// Longest rest of a line that is fingerprinted, in bytes; longer ones are read column by column each time.
pub(super) const LONGEST_REST: usize = 512;

const WORDS: usize = LONGEST_REST / 8 + 2;
const WAYS: usize = 4;

/// Templates of which one may take the place of another: two lines of the cache, side by side.
#[derive(Debug, Clone, Copy)]
#[repr(align(128))]
struct Set([Template; WAYS]);

/// No group of the fold: the template is known, its hour was let go.
pub(super) const NO_GROUP: u32 = u32::MAX;

/// One distinct rest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Template {
    print: u128,
    pub(super) hour: i64,
    pub(super) flow: u32,
    pub(super) group: u32,
}

impl Template {
    /// Of a flow whose groups are not known.
    pub(super) fn of(flow: u32) -> Self {
        Self { print: 0, hour: i64::MIN, flow, group: NO_GROUP }
    }
}

/// A fixed number of templates; a new one takes the place of an old one of its set, so memory never grows.
#[derive(Debug)]
pub(super) struct Templates {
    seeds: [u64; WORDS],
    sets: Vec<Set>,
    /// Number of sets as a power of two.
    bits: u32,
    victim: usize,
}

impl Templates {
    /// Room for four times 2^`bits` templates of 32 bytes.
    pub(super) fn new(bits: u32) -> Self {
        // Random in every process: no log can be made whose lines collide.
        let random = RandomState::new();
        let mut seeds = [0; WORDS];
        for (at, seed) in seeds.iter_mut().enumerate() {
            *seed = random.hash_one(at);
        }
        let nothing = Template::of(0);
        Self { seeds, sets: vec![Set([nothing; WAYS]); 1 << bits], bits, victim: 0 }
    }

    /// The fingerprint of a rest: the sum of keyed products of its words (the NH family, in which two texts of one length have
    /// equal sums with probability 2^-64), its length among them. `rest` is padded in place.
    #[inline]
    pub(super) fn print(&self, rest: &mut Vec<u8>) -> u128 {
        let length = rest.len() as u64;
        rest.resize(rest.len().next_multiple_of(16), 0);
        let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
        let (pairs, _) = rest.as_chunks::<16>();
        let mut sum = u128::from(length.wrapping_add(self.seeds[WORDS - 2])) * u128::from(self.seeds[WORDS - 1] | 1);
        for (pair, seeds) in pairs.iter().zip(self.seeds.as_chunks::<2>().0) {
            if let ([a, b], []) = pair.as_chunks::<8>() {
                let (a, b) = (word(a).wrapping_add(seeds[0]), word(b).wrapping_add(seeds[1]));
                sum = sum.wrapping_add(u128::from(a) * u128::from(b));
            }
        }
        // 0 is the empty place.
        sum.max(1)
    }

    /// The template with this fingerprint.
    #[inline]
    pub(super) fn find(&self, print: u128) -> Option<&Template> {
        self.sets[self.set_of(print)].0.iter().find(|template| template.print == print)
    }

    /// Remembers a template, in the place of another if it is new.
    pub(super) fn put(&mut self, print: u128, flow: u32, hour: i64, group: u32) {
        let set = self.set_of(print);
        let set = &mut self.sets[set].0;
        let own = set.iter().position(|template| template.print == print);
        let at = own.or_else(|| set.iter().position(|template| template.print == 0)).unwrap_or(self.victim);
        self.victim = (self.victim + 1) % WAYS;
        set[at] = Template { print, hour, flow, group };
    }

    #[inline]
    fn set_of(&self, print: u128) -> usize {
        let folded = (print as u64) ^ (print >> 64) as u64;
        (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - self.bits)) as usize
    }

    /// The groups were let go; what the lines are stays known.
    pub(super) fn forget_groups(&mut self) {
        for template in self.sets.iter_mut().flat_map(|set| &mut set.0) {
            template.group = NO_GROUP;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_differ_where_texts_differ() {
        let templates = Templates::new(14);
        let print = |text: &[u8]| templates.print(&mut text.to_vec());
        assert_eq!(print(b"ACCEPT OK"), print(b"ACCEPT OK"));
        let texts: Vec<Vec<u8>> = (0..=LONGEST_REST).map(|length| vec![0; length]).collect();
        let mut prints: Vec<u128> = texts.iter().map(|text| print(text)).collect();
        prints.extend((0..LONGEST_REST).map(|at| {
            let mut text = vec![0; LONGEST_REST];
            text[at] = 1;
            print(&text)
        }));
        let all = prints.len();
        prints.sort_unstable();
        prints.dedup();
        assert_eq!(prints.len(), all);
    }

    #[test]
    fn a_full_set_forgets_one_and_no_more() {
        let mut templates = Templates::new(14);
        let prints: Vec<u128> = (0..160_000_u32).map(|n| templates.print(&mut n.to_le_bytes().to_vec())).collect();
        for (flow, print) in prints.iter().enumerate() {
            templates.put(*print, flow as u32, 0, 0);
            assert_eq!(templates.find(*print).map(|t| t.flow), Some(flow as u32));
        }
        let known = prints.iter().enumerate().filter(|(flow, print)| {
            let found = templates.find(**print).map(|t| t.flow);
            assert!(found.is_none_or(|f| f == *flow as u32));
            found.is_some()
        });
        assert!(known.count() > (WAYS << 14) * 9 / 10);
        templates.forget_groups();
        assert!(prints.iter().all(|print| templates.find(*print).is_none_or(|t| t.group == NO_GROUP)));
    }
}
