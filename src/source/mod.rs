//! Where flow logs come from: listing, pruning, reading, and the `flow_logs` table over it all.

mod ahead;
mod discover;
mod distinct;
pub mod file_source;
pub mod folded;
pub(crate) mod groups;
pub(crate) mod input;
pub mod ledger;
pub mod listing;
mod local;
pub mod location;
pub mod opener;
pub mod provider;
pub mod prune;
pub mod s3;
mod s3_body;
mod s3_client;
mod s3_error;
mod s3_key;
mod s3_store;
pub mod window;

pub(crate) use s3_error::from_store as store_error;
