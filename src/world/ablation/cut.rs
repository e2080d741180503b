//! The pieces of evidence that can be taken away, each with a name that gives it again.

use std::collections::BTreeSet;
use std::fmt;

use fastrand::Rng;

use super::inventory::{Edit, KINDS, TRANSIT_ROUTES};
use super::scene::Scene;
use crate::world::crossing::At;
use crate::world::fields::{self, Field};
use crate::world::logging::Traffic;
use crate::world::{InterfaceKey, Role, Watch, World};

/// Fields that no flow log is read without, each with what may take its place.
const VITAL: [&[Field]; 4] =
    [&[Field::SrcAddr, Field::PktSrcAddr], &[Field::DstAddr, Field::PktDstAddr], &[Field::Bytes], &[Field::Start]];
const GROUPS: [(&str, &[Field]); 7] = [
    ("packet-addresses", &[Field::PktSrcAddr, Field::PktDstAddr]),
    ("direction-and-path", &[Field::FlowDirection, Field::TrafficPath]),
    ("owner-ids", &[Field::VpcId, Field::SubnetId, Field::InstanceId]),
    ("place", &[Field::AzId, Field::Region, Field::AccountId]),
    ("aws-services", &[Field::PktSrcAwsService, Field::PktDstAwsService]),
    ("resource-and-type", &[Field::ResourceId, Field::InterfaceType]),
    (
        "next-hop",
        &[
            Field::NextHopInterfaceId,
            Field::NextHopSubnetId,
            Field::NextHopAzId,
            Field::NextHopVpcId,
            Field::NextHopInterfaceType,
        ],
    ),
];

/// One piece of evidence: its kind, and of several which.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct Cut {
    pub kind: String,
    pub which: String,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.which.is_empty() { f.write_str(&self.kind) } else { write!(f, "{}@{}", self.kind, self.which) }
    }
}

impl Cut {
    fn new(kind: impl Into<String>, which: impl Into<String>) -> Self {
        Self { kind: kind.into(), which: which.into() }
    }

    /// From its name.
    pub fn named(name: &str) -> Self {
        let (kind, which) = name.split_once('@').unwrap_or((name, ""));
        Self::new(kind, which)
    }

    /// Does it take hours away?
    pub fn is_time(&self) -> bool {
        self.kind.starts_with("hours:") || self.kind.starts_with("skipped:")
    }

    /// Takes the piece out of the evidence; false when the scene has no such piece.
    pub fn apply(&self, scene: &mut Scene) -> bool {
        let which = self.which.as_str();
        let (group, name) = self.kind.split_once(':').unwrap_or((self.kind.as_str(), ""));
        match group {
            "field" => drop_fields(scene, which, &|field| field.name() == name),
            "fields" if name == "to-version-2" => drop_fields(scene, which, &|field| field.version() > 2),
            "fields" => {
                let Some((_, group)) = GROUPS.iter().find(|group| group.0 == name) else { return false };
                drop_fields(scene, which, &|field| group.contains(&field))
            }
            "file" => {
                let account = (!which.is_empty()).then(|| which.to_owned());
                push(scene, Edit::File(file_kind(name).to_owned(), account))
            }
            "account" => push(scene, Edit::Account(which.to_owned())),
            "inventory" => !std::mem::replace(&mut scene.no_inventory, true),
            "entry" => {
                let kind = if name.starts_with("interface-of-") { "network-interfaces" } else { name };
                let Some(known) = KINDS.iter().find(|known| known.0 == file_kind(kind)) else { return false };
                push(scene, Edit::Entries(known.0, vec![which.to_owned()]))
            }
            "entries" => self.entries(scene, name),
            "page" => push(scene, Edit::Page(file_kind(name).to_owned())),
            "traffic-type" => push(scene, Edit::TrafficType),
            "log" => self.log(scene, name),
            "hours" | "skipped" => self.hours(scene, group, name),
            "reject" => self.reject(scene, name),
            "price" => {
                let before = scene.prices.len();
                scene.prices.retain(|(region, charge, _)| format!("{region}/{charge}") != which);
                scene.prices.len() < before
            }
            "queries" => {
                let before = scene.lookups.len();
                let world = &scene.world;
                match name {
                    "vpc" => scene.lookups.retain(|lookup| world.vpcs[world.vpc_of(lookup.client).0].id != which),
                    "line" => {
                        let Some(at) = which.parse().ok().filter(|at: &usize| *at < before) else { return false };
                        scene.lookups.remove(at);
                    }
                    _ => scene.lookups.clear(),
                }
                scene.lookups.len() < before
            }
            _ => false,
        }
    }

    fn entries(&self, scene: &mut Scene, name: &str) -> bool {
        let world = &scene.world;
        let ids: Vec<String> = match name {
            "interfaces-of-nat-gateway" | "nat-gateway-and-interfaces" => {
                let Some(nat) = world.nats.iter().find(|nat| nat.id == self.which) else { return false };
                nat.interface.iter().map(|key| world.interfaces[key.0].id.clone()).collect()
            }
            _ => {
                let mine = world.interfaces.iter().filter(|interface| role(&interface.role) == name);
                mine.map(|interface| interface.id.clone()).collect()
            }
        };
        if name == "nat-gateway-and-interfaces" {
            scene.edits.push(Edit::Entries("describe-nat-gateways", vec![self.which.clone()]));
        }
        push(scene, Edit::Entries("describe-network-interfaces", ids))
    }

    fn log(&self, scene: &mut Scene, name: &str) -> bool {
        let world = &scene.world;
        let which = self.which.as_str();
        let watched = |key: &InterfaceKey| {
            let interface = &world.interfaces[key.0];
            match name {
                "vpc" => world.vpcs[world.vpc_of(*key).0].id == which,
                "interface" => interface.id == which,
                kind => role(&interface.role) == kind,
            }
        };
        let mut gone: Vec<At> =
            (0..world.interfaces.len()).map(InterfaceKey).filter(watched).map(At::Interface).collect();
        for (at, nat) in world.nats.iter().enumerate().filter(|(_, nat)| nat.interface.is_none()) {
            if name == "nat" || (name == "vpc" && world.vpcs[nat.vpc.0].id == which) {
                gone.push(At::RegionalNat(crate::world::NatKey(at)));
            }
        }
        if name == "one" {
            let before = scene.world.flow_logs.len();
            scene.world.flow_logs.retain(|log| log.id != which);
            return scene.world.flow_logs.len() < before;
        }
        scene.world.flow_logs.iter_mut().for_each(|log| log.blind.extend_from_slice(&gone));
        !gone.is_empty()
    }

    /// `which` is `from-until` in hours of the world, with the interface's id before it where one is meant.
    fn hours(&self, scene: &mut Scene, group: &str, name: &str) -> bool {
        let (id, span) = self.which.split_once(',').unwrap_or(("", &self.which));
        let mut hours = span.split('-').map_while(|hour| hour.parse::<i64>().ok());
        let (Some(from), Some(until)) = (hours.next(), hours.next()) else { return false };
        let world = &mut scene.world;
        let (from, until) = (world.start + from * 3600, world.start + until * 3600);
        let key = world.interfaces.iter().position(|interface| interface.id == id).map(InterfaceKey);
        match (group, name, key) {
            ("hours", "all", _) => {
                world.flow_logs.iter_mut().for_each(|log| log.silences.push((None, from, until)));
            }
            ("hours", _, Some(key)) => {
                let at = Some(At::Interface(key));
                world.flow_logs.iter_mut().for_each(|log| log.silences.push((at, from, until)));
            }
            (_, _, Some(key)) => world.flow_logs.iter_mut().for_each(|log| log.skips.push((key, from, until))),
            _ => return false,
        }
        true
    }

    fn reject(&self, scene: &mut Scene, name: &str) -> bool {
        let which = self.which.as_str();
        match name {
            "beside" => {
                let world = &mut scene.world;
                let Some(vpc) = world.vpcs.iter().position(|vpc| vpc.id == which) else { return false };
                world.flow_log(fields::V2, &[Watch::Vpc(crate::world::VpcKey(vpc))]).traffic = Traffic::Reject;
                true
            }
            _ => {
                let all = name == "all";
                let mine = scene.world.flow_logs.iter_mut().filter(|log| all || log.id == which);
                mine.map(|log| (log.traffic, log.noise) = (Traffic::Reject, false)).count() > 0
            }
        }
    }
}

fn push(scene: &mut Scene, edit: Edit) -> bool {
    scene.edits.push(edit);
    true
}

fn file_kind(name: &str) -> &str {
    if name == "transit-gateway-routes" {
        return TRANSIT_ROUTES;
    }
    KINDS.iter().map(|known| known.0).find(|known| known.trim_start_matches("describe-") == name).unwrap_or(name)
}

fn drop_fields(scene: &mut Scene, log: &str, gone: &dyn Fn(Field) -> bool) -> bool {
    let mut dropped = false;
    for log in scene.world.flow_logs.iter_mut().filter(|known| log.is_empty() || known.id == log) {
        let before = log.fields.len();
        log.fields.retain(|field| !gone(*field));
        dropped |= log.fields.len() < before;
    }
    dropped
}

/// The word for what an interface is.
fn role(role: &Role) -> &'static str {
    match role {
        Role::Instance | Role::Lambda => "clients",
        Role::Nat(_) => "nat",
        Role::InterfaceEndpoint(_) => "endpoints",
        Role::TransitGateway(_) => "transit",
        _ => "others",
    }
}

/// Every cut that the scene allows; of hours a draw.
pub fn cuts(scene: &Scene, rng: &mut Rng) -> Vec<Cut> {
    let world = &scene.world;
    let mut found = Vec::new();
    let mut add = |kind: String, which: &str| found.push(Cut::new(kind, which));
    let noisy = world.flow_logs.iter().any(|log| log.noise);
    for field in Field::ALL {
        let logged = world.flow_logs.iter().any(|log| log.fields.contains(field));
        // Without these, rows that are noise cannot be told from others: the rules count them, flagged.
        let needed = noisy && [Field::Action, Field::LogStatus].contains(field);
        if logged && !needed {
            add(format!("field:{}", field.name()), "");
        }
    }
    for (group, fields) in GROUPS {
        if world.flow_logs.iter().any(|log| log.fields.iter().any(|field| fields.contains(field))) {
            add(format!("fields:{group}"), "");
        }
    }
    add("fields:to-version-2".to_owned(), "");
    for log in &world.flow_logs {
        add("fields:to-version-2".to_owned(), &log.id);
        add("log:one".to_owned(), &log.id);
        add("reject:one".to_owned(), &log.id);
    }
    add("reject:all".to_owned(), "");
    inventory_cuts(scene, &mut add);
    for kind in ["nat", "clients", "endpoints", "transit"] {
        if world.interfaces.iter().any(|interface| role(&interface.role) == kind) {
            add(format!("log:{kind}"), "");
            add(format!("entries:{kind}"), "");
        }
    }
    for vpc in &world.vpcs {
        add("log:vpc".to_owned(), &vpc.id);
        add("reject:beside".to_owned(), &vpc.id);
    }
    for interface in &world.interfaces {
        add("log:interface".to_owned(), &interface.id);
    }
    time_cuts(world, rng, &mut add);
    for (region, charge, _) in &scene.prices {
        add("price".to_owned(), &format!("{region}/{charge}"));
    }
    if !scene.lookups.is_empty() {
        add("queries:all".to_owned(), "");
        add("queries:line".to_owned(), &rng.usize(..scene.lookups.len()).to_string());
        let asking: BTreeSet<_> = scene.lookups.iter().map(|lookup| world.vpc_of(lookup.client)).collect();
        asking.iter().for_each(|vpc| add("queries:vpc".to_owned(), &world.vpcs[vpc.0].id));
    }
    found
}

fn inventory_cuts(scene: &Scene, add: &mut dyn FnMut(String, &str)) {
    let world = &scene.world;
    let documents = scene.documents();
    add("inventory".to_owned(), "");
    add("traffic-type".to_owned(), "");
    let accounts: BTreeSet<&str> =
        documents.keys().filter_map(|path| path.iter().next().and_then(|name| name.to_str())).collect();
    for account in &accounts {
        add("account".to_owned(), account);
    }
    for (kind, list, id) in KINDS {
        let short = kind.trim_start_matches("describe-");
        let mine = || documents.iter().filter(|(path, _)| super::inventory::is_kind(path, kind));
        if mine().next().is_none() {
            continue;
        }
        add(format!("file:{short}"), "");
        add(format!("page:{short}"), "");
        for account in &accounts {
            if mine().any(|(path, _)| path.starts_with(account)) {
                add(format!("file:{short}"), account);
            }
        }
        if ["describe-availability-zones", "describe-vpc-endpoint-services"].contains(&kind) {
            continue;
        }
        let entries = mine().flat_map(|(_, value)| value[list].as_array().into_iter().flatten());
        for id in entries.filter_map(|entry| entry[id].as_str()).collect::<BTreeSet<_>>() {
            let interface = world.interfaces.iter().find(|interface| interface.id == id);
            match interface {
                Some(interface) => add(format!("entry:interface-of-{}", role(&interface.role)), id),
                None => add(format!("entry:{short}"), id),
            }
        }
    }
    if documents.keys().any(|path| super::inventory::is_kind(path, TRANSIT_ROUTES)) {
        add("file:transit-gateway-routes".to_owned(), "");
        add("page:transit-gateway-routes".to_owned(), "");
    }
    for nat in world.nats.iter().filter(|nat| nat.interface.is_some()) {
        add("entries:interfaces-of-nat-gateway".to_owned(), &nat.id);
        add("entries:nat-gateway-and-interfaces".to_owned(), &nat.id);
    }
}

fn time_cuts(world: &World, rng: &mut Rng, add: &mut dyn FnMut(String, &str)) {
    let hours = (world.end - world.start) / 3600;
    let mut span = || {
        let from = rng.i64(0..hours - 2);
        format!("{from}-{}", (from + rng.i64(1..hours / 2)).min(hours))
    };
    for _ in 0..3 {
        add("hours:all".to_owned(), &span());
    }
    for interface in &world.interfaces {
        let kind = role(&interface.role);
        add(format!("hours:{kind}"), &format!("{},{}", interface.id, span()));
        add(format!("skipped:{kind}"), &format!("{},{}", interface.id, span()));
    }
}

/// Does a log still say what it must, to be read at all?
pub(super) fn readable(fields: &[Field]) -> bool {
    VITAL.iter().all(|either| either.iter().any(|field| fields.contains(field)))
}
