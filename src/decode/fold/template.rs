//! Lines seen before, known by a fingerprint of all that is not measured.

use std::hash::{BuildHasher, RandomState};

/// Longest rest of a line that is fingerprinted, in bytes; longer ones are read column by column each time.
const LONGEST_REST: usize = 768;

/// Seeds of what is fingerprinted: two words a chunk of text, four for lengths, two for what is no text.
const SUMMED: usize = LONGEST_REST / 8 + 6;
/// Two more for what is known by its values, two for the tag.
const WORDS: usize = SUMMED + 4;
/// Most runs of a rest.
const MOST_RUNS: usize = 16;
const WAYS: usize = 4;

/// Templates of which one may take the place of another: one line of the cache.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Set([Template; WAYS]);

/// One distinct rest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Template {
    /// What its fingerprint comes to beside the set that it is in; 0 = an empty place.
    tag: u64,
    /// Its flow ([`super::Flows`]), or the flow and network of one whose bytes are told ([`super::told`]).
    pub(super) part: u32,
    /// Its group when it was last met. The fold may have let it go: whether it still is the part's is to be asked of the group.
    pub(super) group: u32,
}

impl Template {
    const EMPTY: Self = Self { tag: 0, part: 0, group: u32::MAX };
}

/// A fingerprint on its way: the sum of keyed products of the words of its texts, where they stand (the NH family, in which two texts
/// of one length have equal sums with probability 2^-64). The lengths of the runs are part of it, so that texts cut elsewhere differ.
#[derive(Debug)]
pub(super) struct Print<'a> {
    seeds: std::slice::Iter<'a, [u64; 2]>,
    sum: u128,
    lengths: [u64; 4],
    runs: usize,
    /// No run was too many, no text too long.
    whole: bool,
}

impl Print<'_> {
    /// The next run of the rest, `line[start..end]`.
    #[inline]
    pub(super) fn run(&mut self, line: &[u8], start: usize, end: usize) {
        let (Some(text), true) = (line.get(start..end), self.runs < MOST_RUNS) else {
            self.whole = false;
            return;
        };
        self.lengths[self.runs / 4] |= (text.len() as u64) << (16 * (self.runs % 4));
        self.runs += 1;
        let (chunks, rest) = text.as_chunks::<16>();
        for chunk in chunks {
            self.mix(u128::from_le_bytes(*chunk));
        }
        if !rest.is_empty() {
            // The last 16 bytes, if need be again; of a short run what follows it in the line is masked.
            let chunk = match (text.last_chunk::<16>(), line.get(start..).and_then(<[u8]>::first_chunk::<16>)) {
                (Some(chunk), _) => u128::from_le_bytes(*chunk),
                (None, Some(chunk)) => u128::from_le_bytes(*chunk) & (u128::MAX >> (8 * (16 - rest.len()))),
                (None, None) => match (rest.first_chunk::<8>(), rest.last_chunk::<8>()) {
                    (Some(first), Some(last)) => {
                        let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
                        u128::from(first) | u128::from(last) << (8 * (rest.len() - 8))
                    }
                    _ => rest.iter().rev().fold(0, |chunk, byte| chunk << 8 | u128::from(*byte)),
                },
            };
            self.mix(chunk);
        }
    }

    /// The fingerprint, with what belongs to the rest but is no text; `None` if the rest was too long.
    #[inline]
    pub(super) fn end(mut self, more: [u64; 2]) -> Option<u128> {
        let [a, b, c, d] = self.lengths;
        self.mix(u128::from(a) | u128::from(b) << 64);
        if self.runs > 8 {
            self.mix(u128::from(c) | u128::from(d) << 64);
        }
        self.mix(u128::from(more[0]) | u128::from(more[1]) << 64);
        // 0 is the empty place.
        self.whole.then_some(self.sum.max(1))
    }

    #[inline]
    fn mix(&mut self, chunk: u128) {
        let Some([first, second]) = self.seeds.next() else {
            self.whole = false;
            return;
        };
        let (a, b) = ((chunk as u64).wrapping_add(*first), ((chunk >> 64) as u64).wrapping_add(*second));
        self.sum = self.sum.wrapping_add(u128::from(a) * u128::from(b));
    }
}

/// A fixed number of templates; a new one takes the place of an old one of its set, so memory never grows.
#[derive(Debug)]
pub(super) struct Templates {
    seeds: [u64; WORDS],
    values: [RandomState; 2],
    sets: Vec<Set>,
    /// Number of sets as a power of two.
    bits: u32,
    victim: usize,
}

impl Templates {
    /// Room for four times 2^`bits` templates of 16 bytes.
    pub(super) fn new(bits: u32) -> Self {
        // Random in every process: no log can be made whose lines collide.
        let random = RandomState::new();
        let mut seeds = [0; WORDS];
        for (at, seed) in seeds.iter_mut().enumerate() {
            *seed = random.hash_one(at);
        }
        let values = [random, RandomState::new()];
        Self { seeds, values, sets: vec![Set([Template::EMPTY; WAYS]); 1 << bits], bits, victim: 0 }
    }

    /// Begins the fingerprint of a rest that is read where it stands, run by run.
    #[inline]
    pub(super) fn begin(&self) -> Print<'_> {
        Print { seeds: self.seeds[..SUMMED].as_chunks::<2>().0.iter(), sum: 0, lengths: [0; 4], runs: 0, whole: true }
    }

    /// The fingerprint of one value of a column, for rests that are known by the sum of these: 128 bits of a keyed hash.
    pub(super) fn print_of_value(&self, column: usize, text: &str) -> u128 {
        let [low, high] = self.values.each_ref().map(|hasher| hasher.hash_one((column, text)));
        u128::from(low) | u128::from(high) << 64
    }

    /// The fingerprint of a rest whose values' fingerprints come to `sum`, with what belongs to it but is no text.
    #[inline]
    pub(super) fn of_values(&self, sum: u128, more: [u64; 2]) -> u128 {
        let [first, second] = [self.seeds[SUMMED], self.seeds[SUMMED + 1]];
        let product = u128::from(more[0].wrapping_add(first)) * u128::from(more[1].wrapping_add(second));
        sum.wrapping_add(product).max(1)
    }

    /// None is known any more.
    pub(super) fn forget(&mut self) {
        self.sets.fill(Set([Template::EMPTY; WAYS]));
    }

    /// The template with this fingerprint.
    #[inline]
    pub(super) fn find(&self, print: u128) -> Option<Template> {
        let (set, tag) = self.place(print);
        self.sets[set].0.iter().find(|template| template.tag == tag).copied()
    }

    /// Remembers a template, in the place of another if it is new.
    pub(super) fn put(&mut self, print: u128, part: u32, group: u32) {
        let (set, tag) = self.place(print);
        let set = &mut self.sets[set].0;
        let own = set.iter().position(|template| template.tag == tag);
        let at = own.or_else(|| set.iter().position(|template| template.tag == 0)).unwrap_or(self.victim);
        self.victim = (self.victim + 1) % WAYS;
        set[at] = Template { tag, part, group };
    }

    /// The set of a fingerprint, and the tag that tells it from others there: together some 80 bits, so that among a million million
    /// lines two rests are mistaken with a probability of about one in a million.
    #[inline]
    fn place(&self, print: u128) -> (usize, u64) {
        let (low, high) = (print as u64, (print >> 64) as u64);
        let set = (low ^ high).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - self.bits);
        let [first, second] = [self.seeds[WORDS - 2], self.seeds[WORDS - 1]];
        let product = u128::from(low.wrapping_add(first)) * u128::from(high.wrapping_add(second));
        (set as usize, ((product as u64) ^ (product >> 64) as u64).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_differ_where_texts_differ() {
        let templates = Templates::new(14);
        let print = |text: &[u8]| {
            let mut print = templates.begin();
            print.run(text, 0, text.len());
            print.end([0, 0])
        };
        assert_eq!(print(b"ACCEPT OK"), print(b"ACCEPT OK"));
        let texts: Vec<Vec<u8>> = (0..=LONGEST_REST).map(|length| vec![0; length]).collect();
        let mut prints: Vec<Option<u128>> = texts.iter().map(|text| print(text)).collect();
        prints.extend((0..LONGEST_REST).map(|at| {
            let mut text = vec![0; LONGEST_REST];
            text[at] = 1;
            print(&text)
        }));
        assert!(prints.iter().all(Option::is_some) && print(&[0; LONGEST_REST + 100]).is_none());
        let all = prints.len();
        prints.sort_unstable();
        prints.dedup();
        assert_eq!(prints.len(), all);
    }

    #[test]
    fn runs_differ_where_texts_or_cuts_differ() {
        let templates = Templates::new(14);
        let line: Vec<u8> = (0..200).collect();
        let print = |runs: &[(usize, usize)], more| {
            let mut print = templates.begin();
            runs.iter().for_each(|(start, end)| print.run(&line, *start, *end));
            print.end(more)
        };
        let all: Vec<Option<u128>> = (0..=200).map(|end| print(&[(0, end)], [0, 0])).collect();
        assert!(all.iter().all(Option::is_some));
        let cuts = (1..200).map(|cut| print(&[(0, cut), (cut, 200)], [0, 0]));
        let mut prints: Vec<_> =
            all.into_iter().chain(cuts).chain([print(&[(0, 200)], [0, 1]), print(&[(0, 200)], [1, 0])]).collect();
        let many = prints.len();
        prints.sort_unstable();
        prints.dedup();
        assert_eq!(prints.len(), many);
        // What follows a run does not matter, nor where it stands.
        let moved = [&[9; 7], &line[3..40], &[9; 30]].concat();
        let mut print_of_moved = templates.begin();
        print_of_moved.run(&moved, 7, 44);
        assert_eq!(print_of_moved.end([5, 6]), print(&[(3, 40)], [5, 6]));
        let short = line[3..40].to_vec();
        let mut print_of_short = templates.begin();
        print_of_short.run(&short, 0, 37);
        print_of_short.run(&short, 30, 37);
        assert_eq!(print_of_short.end([5, 6]), print(&[(3, 40), (33, 40)], [5, 6]));
        // At the end of a text as in its middle.
        for length in 1..30 {
            let mut print_of_short = templates.begin();
            print_of_short.run(&line[50..50 + length], 0, length);
            assert_eq!(print_of_short.end([5, 6]), print(&[(50, 50 + length)], [5, 6]), "{length}");
        }
        let one = [(0, 1); MOST_RUNS + 1];
        assert!(print(&one[1..], [0, 0]).is_some() && print(&one, [0, 0]).is_none());
        assert_eq!(print(&[(0, 200); 4], [0, 0]), None);
    }

    #[test]
    fn a_full_set_forgets_one_and_no_more() {
        let mut templates = Templates::new(14);
        let prints: Vec<u128> = (0..160_000_u32).map(|n| templates.print_of_value(0, &n.to_string())).collect();
        for (part, print) in prints.iter().enumerate() {
            templates.put(*print, part as u32, 0);
            assert_eq!(templates.find(*print).map(|t| t.part), Some(part as u32));
        }
        let known = prints.iter().enumerate().filter(|(part, print)| {
            let found = templates.find(**print).map(|t| t.part);
            assert!(found.is_none_or(|p| p == *part as u32));
            found.is_some()
        });
        assert!(known.count() > (WAYS << 14) * 9 / 10);
    }
}
