//! Flow logs as configured and as seen, side by side, and what of each VPC they watch.

use std::collections::{BTreeMap, BTreeSet};

use super::SeenLog;
use super::answers::{ANSWERS, Answer, is_wanted, wanted};
use super::model::{AnswerCheck, FlowLogCheck, VpcCheck};
use crate::inventory::Inventory;
use crate::inventory::model::{FlowLogConfig, InterfaceKind, InventoryFile};
use crate::record::fields::{FIELDS, Field};
use crate::record::header::parse_log_format;
use crate::record::layout::Layout;

/// Every flow log of describe-flow-logs and of the logs, by id.
pub(super) fn flow_logs(inventory: &Inventory, seen: Option<&[SeenLog]>) -> Vec<FlowLogCheck> {
    let mut checks = BTreeMap::<String, FlowLogCheck>::new();
    for config in &inventory.flow_logs {
        checks.insert(config.flow_log_id.clone(), configured(config, seen.is_some()));
    }
    for log in seen.unwrap_or_default() {
        let check = checks.entry(log.flow_log_id.clone()).or_default();
        check.flow_log_id.clone_from(&log.flow_log_id);
        check.seen = Some(true);
        check.account_id = check.account_id.take().or_else(|| log.account_id.clone());
        check.region = check.region.take().or_else(|| log.region.clone());
        check.fields.clone_from(&log.fields);
    }
    let known = present(inventory, InventoryFile::FlowLogs);
    let mut checks: Vec<_> = checks.into_values().collect();
    for check in &mut checks {
        judge_fields(check, inventory);
        check.problems = problems(check, inventory, known);
    }
    checks
}

fn configured(config: &FlowLogConfig, looked: bool) -> FlowLogCheck {
    let format = config.log_format.as_deref().map(parse_log_format);
    let names = |layout: &Layout| layout.names().to_vec();
    let fields = match format {
        Some(Ok(layout)) => names(&layout),
        // Transit gateway flow logs, and what cannot be read: no field of ours.
        Some(Err(_)) => Vec::new(),
        None => names(&Layout::default_format()),
    };
    FlowLogCheck {
        flow_log_id: config.flow_log_id.clone(),
        account_id: config.account_id.clone(),
        region: config.region.clone(),
        configured: true,
        seen: looked.then_some(false),
        resource_id: config.resource_id.clone(),
        traffic_type: config.traffic_type.clone(),
        max_aggregation_interval: config.max_aggregation_interval,
        destination_type: config.destination_type.clone(),
        destination: config.destination.clone(),
        file_format: config.file_format.clone(),
        hive_partitions: Some(config.hive_partitions),
        per_hour_partitions: Some(config.per_hour_partitions),
        fields,
        ..FlowLogCheck::default()
    }
}

fn judge_fields(check: &mut FlowLogCheck, inventory: &Inventory) {
    if check.fields.is_empty() {
        return;
    }
    let has = |name: &str| check.fields.iter().any(|field| field == name);
    let position = |name: &String| Field::position(name).and_then(|at| FIELDS.get(at));
    check.version = check.fields.iter().filter_map(position).map(|field| field.version).max();
    check.missing = wanted().map(|field| field.name).filter(|name| !has(name)).map(Into::into).collect();
    check.unused = check.fields.iter().filter(|name| !is_wanted(name)).cloned().collect();
    let answers = ANSWERS.iter().map(|answer| answered(answer, &has, stands_in(answer, check, inventory)));
    check.answers = answers.collect();
}

/// Whether the inventory answers too, as of today.
fn stands_in(answer: &Answer, check: &FlowLogCheck, inventory: &Inventory) -> bool {
    let files = answer.inventory.iter().all(|file| present(inventory, *file));
    let here = |region: &Option<String>| region.is_none() || check.region.is_none() || *region == check.region;
    match answer.id {
        // Files know the gateways, but no file ties records to one: they answer only where there is none.
        "regional_nat" => files && !inventory.nat_gateways.iter().any(|nat| nat.regional && here(&nat.region)),
        _ => files && !answer.inventory.is_empty(),
    }
}

fn answered(answer: &Answer, has: &dyn Fn(&str) -> bool, stands_in: bool) -> AnswerCheck {
    let missing: Vec<String> = answer.fields.iter().filter(|name| !has(name)).map(|name| (*name).to_owned()).collect();
    AnswerCheck {
        id: answer.id.to_owned(),
        question: answer.question.to_owned(),
        from: match (missing.is_empty(), stands_in) {
            (true, _) => "log",
            (false, true) => "inventory",
            (false, false) => "open",
        }
        .to_owned(),
        cost: (!missing.is_empty()).then(|| answer.without.to_owned()),
        missing_fields: missing,
    }
}

fn problems(check: &FlowLogCheck, inventory: &Inventory, known: bool) -> Vec<String> {
    let mut problems = Vec::new();
    let config = inventory.flow_logs.iter().find(|config| config.flow_log_id == check.flow_log_id);
    if let Some(config) = config {
        if is_transit_gateways(config) {
            problems.push("it is a transit gateway's: not read by offramp, and no evidence for a VPC".to_owned());
        }
        let elsewhere = config.destination_type.as_deref().filter(|kind| *kind != "s3");
        if let Some(kind) = elsewhere.filter(|_| check.seen != Some(true)) {
            problems.push(format!("it delivers to {kind}: read only where that is exported to S3 or disk"));
        }
        if config.traffic_type.as_deref() == Some("REJECT") {
            problems.push("it logs rejected traffic only, which costs nothing and tells no path".to_owned());
        }
        if !config.active {
            problems.push("it is not active".to_owned());
        }
        if let Some(error) = &config.delivery_error {
            problems.push(format!("AWS cannot deliver it: {error}"));
        }
        if check.seen == Some(false) && config.destination_type.as_deref().is_none_or(|kind| kind == "s3") {
            let place = config.destination.as_deref().map(|arn| format!(" ({arn})")).unwrap_or_default();
            problems.push(format!(
                "no object of it was met: its destination{place} is not among the sources, the window is another, or it is new"
            ));
        }
    } else if known && check.flow_log_id.starts_with("fl-") {
        problems.push("describe-flow-logs does not have it: deleted since, or of an account or Region that is not in the inventory".to_owned());
    }
    problems
}

fn is_transit_gateways(config: &FlowLogConfig) -> bool {
    config.resource_id.as_deref().is_some_and(|id| id.starts_with("tgw-"))
}

/// Whether a flow log delivers accepted traffic of a VPC to S3, or elsewhere and objects of it were met.
pub(super) fn is_evidence(config: &FlowLogConfig, met: bool) -> bool {
    config.active
        && config.delivery_error.is_none()
        && !is_transit_gateways(config)
        && (met || config.destination_type.as_deref().is_none_or(|kind| kind == "s3"))
        && config.traffic_type.as_deref() != Some("REJECT")
}

/// What watches each VPC, by describe-flow-logs.
pub(super) fn watched(inventory: &Inventory, flow_logs: &[FlowLogCheck]) -> Vec<VpcCheck> {
    let met: BTreeSet<&str> =
        flow_logs.iter().filter(|log| log.seen == Some(true)).map(|log| log.flow_log_id.as_str()).collect();
    let usable =
        inventory.flow_logs.iter().filter(|config| is_evidence(config, met.contains(config.flow_log_id.as_str())));
    let usable: Vec<_> = usable.collect();
    let resources: BTreeSet<&str> = usable.iter().filter_map(|config| config.resource_id.as_deref()).collect();
    let homes: Vec<_> = usable.iter().map(|config| (*config, vpc_of(config, inventory))).collect();
    let known = present(inventory, InventoryFile::FlowLogs);
    let mut vpcs: Vec<_> = inventory
        .vpcs
        .iter()
        .map(|vpc| {
            let mut check = VpcCheck {
                vpc_id: vpc.vpc_id.clone(),
                account_id: vpc.account_id.clone(),
                region: vpc.region.clone(),
                ..VpcCheck::default()
            };
            look_into(&mut check, inventory, &resources);
            let logs = homes.iter().filter(|(_, home)| *home == Some(&check.vpc_id));
            check.flow_log_ids = logs.map(|(config, _)| config.flow_log_id.clone()).collect();
            check.watched = verdict(&check, flow_logs, known, resources.contains(vpc.vpc_id.as_str())).to_owned();
            check
        })
        .collect();
    vpcs.sort_by(|a, b| (&a.account_id, &a.region, &a.vpc_id).cmp(&(&b.account_id, &b.region, &b.vpc_id)));
    vpcs
}

fn verdict(check: &VpcCheck, flow_logs: &[FlowLogCheck], known: bool, whole: bool) -> &'static str {
    let full = |id: &String| {
        let log = flow_logs.iter().find(|log| log.flow_log_id == *id);
        log.is_some_and(|log| {
            log.resource_id.as_ref() == Some(&check.vpc_id) && log.missing.is_empty() && !log.fields.is_empty()
        })
    };
    match (known, whole) {
        (false, _) => "unknown",
        (true, true) if check.flow_log_ids.iter().any(full) => "full",
        (true, true) => "whole",
        (true, false) if check.flow_log_ids.is_empty() => "none",
        (true, false) => "part",
    }
}

fn vpc_of<'i>(config: &FlowLogConfig, inventory: &'i Inventory) -> Option<&'i String> {
    let id = config.resource_id.as_deref()?;
    let vpc = inventory.vpcs.iter().find(|vpc| vpc.vpc_id == id).map(|vpc| &vpc.vpc_id);
    let subnet = || inventory.subnets.iter().find(|subnet| subnet.subnet_id == id).map(|subnet| &subnet.vpc_id);
    let interface =
        || inventory.network_interfaces.iter().find(|one| one.interface_id == id).and_then(|one| one.vpc_id.as_ref());
    let nat = || inventory.nat_gateways.iter().find(|nat| nat.nat_gateway_id == id).and_then(|nat| nat.vpc_id.as_ref());
    vpc.or_else(subnet).or_else(interface).or_else(nat)
}

fn look_into(check: &mut VpcCheck, inventory: &Inventory, resources: &BTreeSet<&str>) {
    let mine = |vpc: &Option<String>| vpc.as_ref() == Some(&check.vpc_id);
    let watched = |subnet: Option<&String>, id: &str| {
        resources.contains(check.vpc_id.as_str())
            || resources.contains(id)
            || subnet.is_some_and(|subnet| resources.contains(subnet.as_str()))
    };
    let interfaces: Vec<_> = inventory.network_interfaces.iter().filter(|one| mine(&one.vpc_id)).collect();
    let blind: Vec<_> = interfaces.iter().filter(|one| !watched(one.subnet_id.as_ref(), &one.interface_id)).collect();
    let subnets = inventory.subnets.iter().filter(|subnet| subnet.vpc_id == check.vpc_id);
    let blind_subnets = subnets.filter(|subnet| !watched(None, &subnet.subnet_id));
    let unwatched_subnet_ids = blind_subnets.map(|subnet| subnet.subnet_id.clone()).collect();
    let nats = inventory.nat_gateways.iter().filter(|nat| mine(&nat.vpc_id) && nat.state == "available");
    let blind_nats = nats.filter(|nat| {
        let own = nat.addresses.iter().filter_map(|address| address.interface_id.as_deref());
        let ids: Vec<_> = own.chain([nat.nat_gateway_id.as_str()]).collect();
        !ids.iter().any(|id| watched(nat.subnet_id.as_ref(), id))
    });
    let unwatched_nat_gateway_ids = blind_nats.map(|nat| nat.nat_gateway_id.clone()).collect();
    let endpoints: BTreeSet<_> = blind
        .iter()
        .filter(|one| one.kind == InterfaceKind::InterfaceEndpoint)
        .filter_map(|one| one.endpoint_id.clone())
        .collect();
    let (interfaces, blind) = (interfaces.len() as u64, blind.len() as u64);
    (check.interfaces, check.unwatched_interfaces) = (interfaces, blind);
    check.unwatched_subnet_ids = unwatched_subnet_ids;
    check.unwatched_nat_gateway_ids = unwatched_nat_gateway_ids;
    check.unwatched_endpoint_ids = endpoints.into_iter().collect();
}

pub(super) fn present(inventory: &Inventory, kind: InventoryFile) -> bool {
    inventory.files.iter().any(|file| file.kind == kind)
}
