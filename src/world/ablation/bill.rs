//! What the evidence that is left can prove, worked out from the world and its records.

use std::collections::{BTreeMap, BTreeSet};

use super::cut::readable;
use super::scene::Scene;
use crate::world::crossing::At;
use crate::world::emit::Emitter;
use crate::world::logging::Traffic;
use crate::world::{EndpointKind, InterfaceKey, TruthRow};

/// Sums over the truth.
#[derive(Debug, Default)]
pub(super) struct Truth {
    pub bytes: u64,
    pub by_direction: BTreeMap<String, u64>,
    pub by_service: BTreeMap<String, u64>,
    pub by_path: BTreeMap<String, u64>,
    /// The same with every hop on the way: where the onward way is not known, the path is the last hop that is.
    pub by_hop: BTreeMap<String, u64>,
    pub by_vpc: BTreeMap<String, u64>,
    pub by_nat: BTreeMap<String, u64>,
    pub by_endpoint: BTreeMap<String, u64>,
    /// Bytes of a NAT gateway that no endpoint takes over: the internet's, shared ranges', other Regions'.
    pub staying: BTreeMap<String, u64>,
}

impl Truth {
    pub(super) fn of(scene: &Scene) -> Self {
        let mut truth = Self::default();
        for row in scene.truth() {
            let add = |sums: &mut BTreeMap<String, u64>, key: &str| {
                *sums.entry(key.to_owned()).or_default() += row.bytes;
            };
            truth.bytes += row.bytes;
            add(&mut truth.by_direction, &row.direction);
            add(&mut truth.by_service, &row.service);
            add(&mut truth.by_path, &row.path);
            add(&mut truth.by_hop, &row.path);
            row.via.iter().flat_map(|via| via.split('+')).for_each(|hop| add(&mut truth.by_hop, hop));
            add(&mut truth.by_vpc, &row.vpc_id);
            if let Some(nat) = &row.nat_gateway_id {
                add(&mut truth.by_nat, nat);
                if stays(&row) {
                    add(&mut truth.staying, nat);
                }
            }
            if let Some(endpoint) = &row.endpoint_id {
                add(&mut truth.by_endpoint, endpoint);
            }
        }
        truth
    }
}

fn stays(row: &TruthRow) -> bool {
    let elsewhere = row.peer_region.as_ref().is_some_and(|region| *region != row.region);
    row.service == "internet" || row.service.starts_with("range:") || elsewhere
}

/// Does any log still hold an accepted row?
pub(super) fn any_accepted(scene: &Scene) -> bool {
    let mut any = false;
    let mut emitter = Emitter::new(&scene.world);
    for flow in &scene.world.flows {
        emitter.flow(flow, &mut |log, _| any |= readable(&scene.world.flow_logs[log].fields));
    }
    any
}

/// Interfaces that a log which could show accepted rows watches.
pub(super) fn seen(scene: &Scene) -> BTreeSet<InterfaceKey> {
    let world = &scene.world;
    let logs = || world.flow_logs.iter().filter(|log| log.traffic != Traffic::Reject && readable(&log.fields));
    let keys = (0..world.interfaces.len()).map(InterfaceKey);
    keys.filter(|key| logs().any(|log| log.watches(world, At::Interface(*key)))).collect()
}

/// The interfaces of a NAT gateway or endpoint, by its id.
pub(super) fn interfaces_of(scene: &Scene, id: &str) -> Vec<InterfaceKey> {
    let world = &scene.world;
    let nats = world.nats.iter().filter(|nat| nat.id == id).filter_map(|nat| nat.interface);
    let endpoints = world.endpoints.iter().filter(|endpoint| endpoint.id == id);
    let endpoints = endpoints.flat_map(|endpoint| match &endpoint.kind {
        EndpointKind::Interface(keys) => keys.clone(),
        _ => Vec::new(),
    });
    nats.chain(endpoints).collect()
}

/// Hours of the window that a NAT gateway lived.
pub(super) fn life(scene: &Scene, id: &str) -> Option<(i64, i64)> {
    let nat = scene.world.nats.iter().find(|nat| nat.id == id)?;
    let (start, end) = (scene.world.start, scene.world.end);
    Some((nat.created.max(start), nat.deleted.unwrap_or(end).min(end)))
}

/// Month over observed for a NAT gateway: 730 over the window's hours, by its life over what of it is covered. It is told only
/// where at every moment either all logs speak or none does, so that it does not matter whose rows count.
pub(super) fn factor(scene: &Scene, id: &str) -> Option<f64> {
    let world = &scene.world;
    let (born, died) = life(scene, id)?;
    let mut logs = world.flow_logs.iter();
    let first = logs.next()?;
    let whole = |silences: &[(Option<At>, i64, i64)]| silences.iter().all(|silence| silence.0.is_none());
    let plain = world.flow_logs.iter().all(|log| {
        log.skips.is_empty()
            && log.silences == first.silences
            && whole(&log.silences)
            && log.traffic != Traffic::Reject
            && (log.from, log.until) == (world.start, world.end)
    });
    if !plain || scene.phased {
        return None;
    }
    let silent = |at: i64| first.silences.iter().any(|(_, from, until)| (*from..*until).contains(&at));
    let covered = (born..died).step_by(600).filter(|at| !silent(*at)).count();
    let window = (world.end - world.start) as f64 / 3600.0;
    let life = (died - born) as f64 / 3600.0;
    (covered > 0).then(|| 730.0 / window * life / (covered as f64 / 6.0))
}
