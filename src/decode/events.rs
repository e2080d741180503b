//! Events of CloudWatch Logs that were delivered more than once: a subscription delivers at least once, and exports overlap.
//!
//! An event is known by its id, its stream and its message, so that made-up ids that repeat tell nothing. The first object that brings an
//! event owns it; the same object read again brings it again. Eight bytes of hash and four of owner an event; plain logs keep nothing.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

/// The events of all objects of a scan, and whose they are.
#[derive(Debug, Default)]
pub struct Events {
    hasher: RandomState,
    owners: Mutex<Owners>,
}

#[derive(Debug, Default)]
struct Owners {
    objects: HashMap<String, u32>,
    events: HashMap<u64, u32>,
}

impl Events {
    /// What one object brings, read from its start.
    pub(super) fn of_object(self: &Arc<Self>, name: &str) -> Claims {
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        let next = u32::try_from(owners.objects.len()).unwrap_or(u32::MAX);
        let object = *owners.objects.entry(name.to_owned()).or_insert(next);
        drop(owners);
        Claims { events: Arc::clone(self), object, own: HashSet::new() }
    }
}

/// The events of one object on its way.
#[derive(Debug)]
pub struct Claims {
    events: Arc<Events>,
    object: u32,
    own: HashSet<u64>,
}

impl Claims {
    /// Whether the event is this object's, and here for the first time. Events without an id are.
    pub(super) fn is_first(&mut self, id: &str, stream: &str, message: &str) -> bool {
        if id.is_empty() {
            return true;
        }
        let event = self.events.hasher.hash_one((id, stream, message));
        let mut owners = self.events.owners.lock().unwrap_or_else(PoisonError::into_inner);
        *owners.events.entry(event).or_insert(self.object) == self.object && self.own.insert(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_counts_once_and_again_when_its_object_is_read_again() {
        let events = Arc::new(Events::default());
        let mut first = events.of_object("a");
        assert!(first.is_first("1", "eni-1", "x") && first.is_first("2", "eni-1", "x"));
        assert!(!first.is_first("1", "eni-1", "x"));
        // Another message is another event, and so is one without an id.
        assert!(first.is_first("1", "eni-1", "y") && first.is_first("", "", "x") && first.is_first("", "", "x"));
        let mut second = events.of_object("b");
        assert!(!second.is_first("1", "eni-1", "x") && second.is_first("3", "eni-1", "x"));
        let mut again = events.of_object("a");
        assert!(again.is_first("1", "eni-1", "x") && !again.is_first("3", "eni-1", "x"));
    }
}
