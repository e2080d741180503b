//! Integration tests: one binary, linked once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[cfg(feature = "world")]
mod ablation;
mod advice;
mod alike;
mod cli;
mod decode;
mod fold;
mod formats;
mod inventory;
#[cfg(feature = "world")]
mod preflight;
mod prices;
mod queries;
mod resolver;
mod s3;
mod s3_server;
#[cfg(feature = "world")]
mod scenarios;
mod topology;
#[cfg(feature = "world")]
mod world;
