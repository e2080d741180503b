//! offramp finds the AWS traffic that pays the NAT gateway toll, and the VPC endpoint that lets it leave.
//!
//! The way data goes: [`source`] lists objects and hands their bytes to [`decode`], which builds Arrow batches of
//! `flow_logs`; [`pipeline`] runs `queries/pipeline/*.sql` over them with the [`inventory`], the [`address`] book and the
//! [`prices`]; [`report`] renders the result. See `docs/architecture.md`.

pub mod address;
pub mod catalog;
pub mod cli;
mod columns;
pub mod commands;
pub mod decode;
pub mod error;
pub mod explain;
pub mod functions;
pub mod inventory;
pub mod observe;
pub mod pipeline;
pub mod preflight;
pub mod prices;
pub mod queries;
pub mod record;
pub mod report;
pub mod resolver;
pub mod source;
pub mod topology;
#[cfg(feature = "world")]
pub mod world;

pub use error::{Error, Result};
