//! Stored bytes to Arrow batches of `flow_logs`. Knows bytes and Arrow; nothing of stores, runtimes or DataFusion plans.

pub mod check;
mod columns;
pub mod decoder;
pub(crate) mod envelopes;
pub mod events;
pub mod fold;
pub mod inflate;
pub mod object;
mod parquet;
pub mod rejects;
pub mod rows;
pub mod schema;
pub mod sink;
pub mod splitter;
pub mod unpack;
mod zstd;
