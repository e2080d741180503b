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
    pub traffic: Traffic,
    /// Intervals that begin in `[from, until)` have no record at all, of one place or of all.
    pub silences: Vec<(Option<At>, i64, i64)>,
    /// What it does not watch after all.
    pub blind: Vec<At>,
}

/// Which records a flow log is made for; the others leave NODATA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum Traffic {
    #[default]
    All,
    Accept,
    Reject,
}

impl Traffic {
    /// `TrafficType` of `describe-flow-logs`.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::Accept => "ACCEPT",
            Self::Reject => "REJECT",
        }
    }
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
        !self.blind.contains(&at)
            && self.watch.iter().any(|watch| match (at, *watch) {
                (At::Interface(key), Watch::Interface(watched)) => key == watched,
                (At::Interface(key), Watch::Vpc(vpc)) => world.vpc_of(key) == vpc,
                (At::Interface(key), Watch::Workloads(vpc)) => world.vpc_of(key) == vpc && !is_edge(world, key),
                (At::Interface(key), Watch::Edges(vpc)) => world.vpc_of(key) == vpc && is_edge(world, key),
                (At::RegionalNat(key), Watch::RegionalNat(watched)) => key == watched,
                (At::RegionalNat(key), Watch::Vpc(vpc) | Watch::Edges(vpc)) => world.nats[key.0].vpc == vpc,
                _ => false,
            })
    }

    /// Is there no record of `at` in the interval that starts at `start`?
    pub fn silent(&self, at: At, start: i64) -> bool {
        let concerned = |place: Option<At>| place.is_none_or(|place| place == at);
        self.silences.iter().any(|(place, from, until)| concerned(*place) && (*from..*until).contains(&start))
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
