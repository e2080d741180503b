//! Flow logs: what they watch, in which format, and what they lose.

use super::crossing::At;
use super::fields::Field;
use super::topology::{InterfaceKey, NatKey, Role, VpcKey, World};

/// A flow log.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct FlowLog {
    pub id: String,
    /// Owner of the watched resource, as in the object's key.
    pub account: String,
    pub region: String,
    pub fields: Vec<Field>,
    pub header: bool,
    /// Aggregation interval in seconds: 60 or 600.
    pub interval: i64,
    pub watch: Vec<Watch>,
    /// Logged from (inclusive) and until (exclusive), Unix seconds.
    pub from: i64,
    pub until: i64,
    /// Interval starts in `[from, until)` of this interface are lost and reported as SKIPDATA.
    pub skips: Vec<(InterfaceKey, i64, i64)>,
    /// Adds REJECT rows, and bytes on NODATA and SKIPDATA rows, that no tool may count.
    pub noise: bool,
}

/// What a flow log watches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Watch {
    /// Every interface of a VPC and its regional NAT gateways.
    Vpc(VpcKey),
    /// Instances, functions and load balancers of a VPC.
    Workloads(VpcKey),
    /// NAT gateways, interface endpoints and GWLB endpoints of a VPC.
    Edges(VpcKey),
    /// One interface.
    Interface(InterfaceKey),
    /// One regional NAT gateway.
    RegionalNat(NatKey),
}

impl FlowLog {
    /// Does it watch that place?
    pub fn watches(&self, world: &World, at: At) -> bool {
        self.watch.iter().any(|watch| match (at, *watch) {
            (At::Interface(key), Watch::Interface(watched)) => key == watched,
            (At::Interface(key), Watch::Vpc(vpc)) => world.vpc_of(key) == vpc,
            (At::Interface(key), Watch::Workloads(vpc)) => world.vpc_of(key) == vpc && !is_edge(world, key),
            (At::Interface(key), Watch::Edges(vpc)) => world.vpc_of(key) == vpc && is_edge(world, key),
            (At::RegionalNat(key), Watch::RegionalNat(watched)) => key == watched,
            (At::RegionalNat(key), Watch::Vpc(vpc) | Watch::Edges(vpc)) => world.nats[key.0].vpc == vpc,
            _ => false,
        })
    }

    /// Is the interval that starts at `start` lost for `at`?
    pub fn skipped(&self, at: At, start: i64) -> bool {
        let At::Interface(key) = at else { return false };
        self.skips.iter().any(|(skipped, from, until)| *skipped == key && (*from..*until).contains(&start))
    }
}

fn is_edge(world: &World, key: InterfaceKey) -> bool {
    let role = &world.interfaces[key.0].role;
    matches!(role, Role::Nat(_) | Role::InterfaceEndpoint(_) | Role::GwlbEndpoint(_) | Role::TransitGateway(_))
}
