//! Route 53 Resolver query logs: which names stood for which address, asked by whom and when.
//!
//! [`decoder`] turns stored bytes into [`query`] values, sans-IO; [`table`] makes them the table `resolver_log`, and
//! `queries/pipeline/dns_*.sql` name the peers of the flow logs with it. The log tells who *could* have talked to a service:
//! a count of queries is never a measure of bytes.

pub mod decoder;
pub mod ledger;
pub mod lookback;
pub mod query;
mod raw;
pub mod rejects;
mod rows;
pub mod table;

pub use lookback::Lookback;
pub use table::ResolverLog;
