//! The report: one model, one file per output format.

pub mod model;

pub use model::Report;
