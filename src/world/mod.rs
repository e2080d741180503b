//! A simulator of AWS networks and of the flow logs they leave, with the truth beside them.
//!
//! A [`World`] is a topology, the flows that crossed it, and which flow logs watched what. It routes every flow itself
//! ([`walk`]), writes the records that AWS would deliver at every interface crossed ([`crossing`], [`emit`]), the
//! inventory as the AWS CLI prints it ([`inventory_json`]), and who sent what where ([`truth`]), to the byte.
//! It shares no code with the classifier: the scenario tests, `sample-data/` and the benchmarks are made with it.

pub mod ablation;
pub mod build;
pub mod build_edge;
pub mod bulk;
pub mod crossing;
pub mod delivery;
pub mod emit;
pub mod fields;
pub mod flow;
pub mod inventory_edge;
pub mod inventory_json;
pub mod logging;
pub mod ranges;
pub mod resolver_log;
pub mod row;
pub mod sample;
pub mod topology;
pub mod transit_log;
pub mod truth;
pub mod walk;
pub mod writer;

pub use delivery::Delivery;
pub use flow::{Flow, Peer, Side, Volume};
pub use logging::{FlowLog, Traffic, Watch};
pub use resolver_log::Lookup;
pub use topology::*;
pub use truth::TruthRow;
