//! The JSON as AWS prints it. Every field is optional, unknown keys are ignored; conversions are in `resolve`.

pub(crate) mod endpoint;
pub(crate) mod flow_log;
pub(crate) mod interface;
pub(crate) mod nat;
pub(crate) mod network;
pub(crate) mod peering;
pub(crate) mod route;
pub(crate) mod transit;
pub(crate) mod value;
