//! Where flow logs come from: listing, pruning, reading, and the `flow_logs` table over it all.

pub mod ledger;
pub mod listing;
pub mod location;
pub mod window;
