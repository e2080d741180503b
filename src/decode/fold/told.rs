//! Bytes of flows by the networks of their peers, where these are told.
//!
//! Flows keep together what no rule tells apart, yet the report names the networks of what has no service. So a template of such a line
//! remembers its *part*, which is its flow and network; any other the flow itself.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::flows::Flows;

/// Parts at which they are due: 6 MiB a worker.
const MOST: usize = 256 * 1024;
/// What tells the number of a part from that of a flow.
const MARK: u32 = 1 << 31;

/// The parts of one worker since they were last settled.
#[derive(Debug, Default)]
pub(super) struct Told {
    hasher: DefaultHashBuilder,
    /// Number of the first part; earlier ones are settled.
    first: u32,
    parts: Vec<Part>,
    known: HashTable<u32>,
}

/// Bytes of a flow to a network.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) flow: u32,
    pub(super) network: u32,
    pub(super) bytes: i64,
}

impl Told {
    /// The part of a flow's bytes that goes to a network.
    pub(super) fn part(&mut self, flow: u32, network: u32) -> u32 {
        let hash = self.hasher.hash_one((flow, network));
        let parts = &mut self.parts;
        let same = |at: &u32| (parts[*at as usize].flow, parts[*at as usize].network) == (flow, network);
        let at = match self.known.find(hash, same) {
            Some(at) => *at,
            None => {
                let at = parts.len() as u32;
                parts.push(Part { flow, network, bytes: 0 });
                let hasher = &self.hasher;
                let hash_of = |at: &u32| hasher.hash_one((parts[*at as usize].flow, parts[*at as usize].network));
                self.known.insert_unique(hash, at, hash_of);
                at
            }
        };
        MARK | (self.first + at)
    }

    /// The flow of a part, or of itself; `None` if the part was settled.
    #[inline]
    pub(super) fn flow(&self, part: u32) -> Option<u32> {
        if part & MARK == 0 {
            return Some(part);
        }
        let at = (part & !MARK).checked_sub(self.first)?;
        self.parts.get(at as usize).map(|part| part.flow)
    }

    /// Adds to a part; does nothing to a flow.
    #[inline]
    pub(super) fn add(&mut self, part: u32, bytes: i64) {
        if part & MARK != 0
            && let Some(at) = (part & !MARK).checked_sub(self.first)
            && let Some(part) = self.parts.get_mut(at as usize)
        {
            part.bytes = part.bytes.wrapping_add(bytes);
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.parts.len() >= MOST
    }

    /// Adds the parts to those of `flows`, and none are left. Whether their numbers begin anew: then no template may remember any.
    pub(super) fn settle(&mut self, flows: &Flows) -> bool {
        flows.tell(&self.parts);
        self.first += self.parts.len() as u32;
        self.parts.clear();
        self.known.clear();
        // As many as come before the next settling must have numbers.
        let is_over = self.first > MARK - 2 * MOST as u32;
        if is_over {
            self.first = 0;
        }
        is_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settled_parts_are_forgotten() {
        let flows = Flows::default();
        let mut told = Told::default();
        let one = told.part(7, 3);
        assert_eq!((told.part(7, 3), told.flow(one), told.flow(7)), (one, Some(7), Some(7)));
        told.add(one, 5);
        told.add(one, 6);
        told.add(7, 1000);
        let other = told.part(7, 4);
        told.add(other, 1);
        assert!(!told.settle(&flows) && told.flow(one).is_none() && told.flow(other).is_none());
        let again = told.part(7, 3);
        assert!(again != one && again != other && told.flow(again) == Some(7));
        told.add(again, 20);
        told.add(one, 9999);
        assert!(!told.settle(&flows));
        assert_eq!(flows.told(), [(7, 3, 31), (7, 4, 1)]);
        told.first = MARK - MOST as u32;
        let last = told.part(1, 1);
        assert_eq!(told.flow(last), Some(1));
        assert!(told.settle(&flows));
        assert_eq!(told.part(2, 2), MARK);
    }
}
