//! What the account looks like: interfaces, subnets, NAT gateways, endpoints, routes, as `aws ec2 describe-*` prints them.

mod absences;
mod collect;
mod completeness;
mod file_kind;
pub mod model;
mod origin;
mod page;
mod raw;
mod read;
pub(crate) mod region;
mod resolve;
mod tables;

pub use model::Inventory;
pub use read::{from_files, read};
pub use tables::register;
