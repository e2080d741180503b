//! What the account looks like: interfaces, subnets, NAT gateways, endpoints, routes, as `aws ec2 describe-*` prints them.

pub mod model;

pub use model::Inventory;
