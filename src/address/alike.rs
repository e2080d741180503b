//! Atoms that no rule tells apart.
//!
//! What a public network decides is the service of its addresses and the route to them. AWS lists S3 of one Region in dozens of
//! networks, and nothing tells their addresses apart: the rollup keeps them under one key, so that flows are clients times what
//! peers *are*, not clients times networks.

use std::collections::{BTreeSet, HashMap};

use ipnet::IpNet;

use super::book::Network;

/// What a network adds to the choice of a route: its own CIDR where a route or an owner has it, lists that have it as an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Step {
    /// A network of a route, a VPC or a private range: there is one of each, so nothing else takes this step.
    pub(super) net: Option<IpNet>,
    /// Prefix lists, by their place in the inventory.
    pub(super) lists: BTreeSet<usize>,
    /// Service and Region whose ranges stand in for a prefix list that is not known.
    pub(super) gateway: Option<(String, Option<String>)>,
}

/// The steps from the widest network around to a network itself, numbered. A route table takes the longest of its routes that
/// holds a peer, and which that is follows from the steps and their order: networks of one trail are reached alike.
#[derive(Debug, Default)]
pub(super) struct Trails {
    numbers: HashMap<(u32, Step), u32>,
    last: HashMap<u32, Step>,
}

impl Trails {
    /// The trail of a network that takes `step` within networks of the trail `parent` (0 = there are none).
    pub(super) fn number(&mut self, parent: u32, step: Step) -> u32 {
        // An entry of a list within an entry of the same list is no step, nor is a network that no route knows.
        if step == Step::default() || step.net.is_none() && self.last.get(&parent) == Some(&step) {
            return parent;
        }
        let next = self.numbers.len() as u32 + 1;
        let number = *self.numbers.entry((parent, step.clone())).or_insert(next);
        self.last.insert(number, step);
        number
    }
}

/// Gives public networks that are alike in all, and not to be kept `apart`, one key and one address: those of the first, and how
/// many there are besides.
pub(super) fn make_alike(networks: &mut [Network], apart: &[bool]) {
    let mut alike: HashMap<_, Vec<usize>> = HashMap::new();
    for ((at, network), apart) in networks.iter().enumerate().zip(apart) {
        // Own addresses are told apart by their owners.
        if network.representative.is_some() && !network.private && !network.customer && !apart {
            let Network { trail, code, region, prefix_list, gateway_range, cloudfront, .. } = network.clone();
            let key = (trail, code, region, prefix_list, gateway_range, cloudfront);
            alike.entry(key).or_default().push(at);
        }
    }
    for members in alike.into_values() {
        let [first, others @ ..] = members.as_slice() else { continue };
        if others.is_empty() {
            continue;
        }
        let key = format!("{}+{}", networks[*first].net, others.len());
        let stands_for_all = Some(*first as u32);
        for member in members {
            networks[member].key.clone_from(&key);
            networks[member].alike = stands_for_all;
        }
    }
}
