//! The route walk as it goes: which table, which route, which way on. The walk itself is in [`super::walk`].

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::walk::Walk;
use super::{Table, TableRoute, Topology};

/// One step of a walk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Hops passed before it.
    pub depth: usize,
    /// The route table or transit gateway asked.
    pub place: String,
    /// The destination that matched, the longest prefix; None: no route, or a transit gateway.
    pub destination: Option<String>,
    /// Where it leads.
    pub target: Option<String>,
    /// What is special about the step.
    pub note: Option<String>,
}

/// Collects steps, or nothing: most walks are not watched.
#[derive(Debug, Default)]
pub(super) struct Trace(Option<Vec<Step>>);

impl Trace {
    fn watched() -> Self {
        Self(Some(Vec::new()))
    }

    pub(super) fn unwatched() -> Self {
        Self(None)
    }

    pub(super) fn table(&mut self, depth: usize, table: &Table, route: Option<&TableRoute>, peer: IpNet, hour: i64) {
        let Some(steps) = &mut self.0 else { return };
        let younger = table.routes.iter().find(|r| r.net.contains(&peer) && r.since.is_some_and(|s| s > hour));
        let kept_out = younger.filter(|r| route.is_none_or(|route| r.net.prefix_len() >= route.net.prefix_len()));
        let note = match (route, kept_out) {
            (Some(route), _) if route.blackhole => Some("blackhole: the walk ends here".to_owned()),
            (_, Some(younger)) => Some(format!("{} to {} did not exist yet", younger.net, younger.target)),
            (None, None) => Some("no route holds the peer".to_owned()),
            (Some(route), None) if route.rank == 1 => Some("from a prefix list".to_owned()),
            (Some(route), None) if route.rank == 2 => Some("propagated".to_owned()),
            _ => None,
        };
        steps.push(Step {
            depth,
            place: format!("{} ({})", table.id, table.vpc_id),
            destination: route.map(|route| route.net.to_string()),
            target: route.map(|route| route.target.clone()),
            note,
        });
    }

    pub(super) fn attachment(
        &mut self,
        depth: usize,
        gateway: &str,
        attachment: &str,
        vpc: Option<&str>,
        subnet: Option<&str>,
    ) {
        let Some(steps) = &mut self.0 else { return };
        let [vpc, subnet] = [vpc, subnet].map(|id| id.unwrap_or("unknown"));
        steps.push(Step {
            depth,
            place: gateway.to_owned(),
            destination: None,
            target: Some(attachment.to_owned()),
            note: Some(format!("{vpc}, {subnet}")),
        });
    }
}

impl Topology {
    /// As [`Topology::walk`], with every step taken. Where a transit gateway leads to several subnets, all are walked one after
    /// the other.
    pub fn trace(&self, vpc_id: Option<&str>, subnet_id: Option<&str>, peer: IpNet, hour: i64) -> (Walk, Vec<Step>) {
        let mut trace = Trace::watched();
        let walk = self.walk_watched(vpc_id, subnet_id, peer, hour, &mut trace);
        (walk, trace.0.unwrap_or_default())
    }

    /// As [`Topology::walk_from_table`], with every step taken.
    pub fn trace_from_table(&self, route_table_id: &str, peer: IpNet, hour: i64) -> (Walk, Vec<Step>) {
        let mut trace = Trace::watched();
        let walk = self.walk_table_watched(route_table_id, peer, hour, &mut trace);
        (walk, trace.0.unwrap_or_default())
    }
}
