//! The flow logs to create: one call for all VPCs of an account and Region that want the same.

use std::collections::BTreeMap;

use serde::Serialize;

use super::answers::{is_wanted, log_format, wanted};
use super::configs::{is_evidence, present};
use super::model::{Advice, FlowLogCheck, VpcCheck};
use crate::Result;
use crate::inventory::Inventory;
use crate::inventory::model::{FlowLogConfig, InventoryFile};
use crate::report::templates::{PLACEHOLDER, fill};

/// Seconds. Coverage counts ten minutes, so shorter intervals buy nothing here.
const INTERVAL: i64 = 600;

/// Flow logs that would give full evidence, for VPCs that have none with every field.
pub(super) fn advise(inventory: &Inventory, flow_logs: &[FlowLogCheck], watched: &[VpcCheck]) -> Result<Vec<Advice>> {
    let mut wishes = Vec::<Advice>::new();
    for wish in wanting(inventory, flow_logs, watched) {
        let same = |one: &&mut Advice| {
            let key =
                |one: &Advice| Advice { vpc_ids: Vec::new(), replaces: Vec::new(), settings_from: None, ..one.clone() };
            key(one) == key(&wish)
        };
        match wishes.iter_mut().find(same) {
            Some(one) => {
                one.vpc_ids.extend(wish.vpc_ids);
                one.replaces.extend(wish.replaces);
            }
            None => wishes.push(wish),
        }
    }
    wishes.iter_mut().try_for_each(write)?;
    Ok(wishes)
}

/// One wish a VPC whose flow logs are known, and one an account and Region of other logs that lack fields.
fn wanting(inventory: &Inventory, flow_logs: &[FlowLogCheck], watched: &[VpcCheck]) -> Vec<Advice> {
    let known = present(inventory, InventoryFile::FlowLogs);
    let judged = watched.iter().filter(|_| known);
    let is_judged =
        |log: &FlowLogCheck| judged.clone().any(|vpc| (&vpc.account_id, &vpc.region) == (&log.account_id, &log.region));
    let incomplete = judged.clone().filter(|vpc| vpc.watched != "full");
    let mut wishes: Vec<_> = incomplete.map(|vpc| for_vpc(inventory, flow_logs, vpc)).collect();
    let lacking = flow_logs.iter().filter(|log| !log.missing.is_empty() && !is_judged(log));
    let mut places = BTreeMap::<(Option<String>, Option<String>), Vec<&FlowLogCheck>>::new();
    for log in lacking {
        places.entry((log.account_id.clone(), log.region.clone())).or_default().push(log);
    }
    if flow_logs.is_empty() && watched.is_empty() {
        places.insert((None, None), Vec::new());
    }
    wishes.extend(places.into_iter().map(|(place, logs)| for_place(inventory, place, &logs)));
    wishes
}

fn for_place(
    inventory: &Inventory,
    (account_id, region): (Option<String>, Option<String>),
    logs: &[&FlowLogCheck],
) -> Advice {
    let here = inventory.vpcs.iter().filter(|vpc| region.is_none() || vpc.region == region);
    let here = here.filter(|vpc| account_id.is_none() || vpc.account_id == account_id);
    let mut vpc_ids: Vec<_> = here.map(|vpc| vpc.vpc_id.clone()).collect();
    if vpc_ids.is_empty() {
        vpc_ids.push(PLACEHOLDER.to_owned());
    }
    let why = match logs.is_empty() {
        true => "no flow log is known",
        false => "the flow logs here lack fields; without describe-flow-logs it is not known which VPC each watches",
    };
    let model = model_of(inventory, (account_id.as_deref(), region.as_deref()));
    Advice { why: why.to_owned(), vpc_ids, ..settings(model, None) }.of(account_id, region)
}

impl Advice {
    fn of(self, account_id: Option<String>, region: Option<String>) -> Self {
        Self { account_id, region, ..self }
    }
}

fn for_vpc(inventory: &Inventory, flow_logs: &[FlowLogCheck], vpc: &VpcCheck) -> Advice {
    let own = |config: &&FlowLogConfig| vpc.flow_log_ids.contains(&config.flow_log_id);
    let here: Vec<_> = inventory.flow_logs.iter().filter(own).collect();
    let whole: Vec<_> = here.iter().copied().filter(|one| one.resource_id.as_ref() == Some(&vpc.vpc_id)).collect();
    let fields = |id: &str| flow_logs.iter().find(|log| log.flow_log_id == id).map(|log| log.fields.clone());
    let why = match vpc.watched.as_str() {
        "none" => "no flow log delivers accepted traffic of the VPC to S3",
        "part" => "only parts of the VPC are watched",
        _ => "the flow log of the VPC lacks fields",
    };
    // One that is replaced keeps the columns that somebody may read, in their order.
    let kept = match whole.as_slice() {
        [one] => fields(&one.flow_log_id).unwrap_or_default(),
        _ => Vec::new(),
    };
    let place = (vpc.account_id.as_deref(), vpc.region.as_deref());
    let model = whole.iter().copied().find(|one| one.destination.is_some()).or_else(|| model_of(inventory, place));
    Advice {
        vpc_ids: vec![vpc.vpc_id.clone()],
        why: why.to_owned(),
        replaces: here.iter().map(|config| config.flow_log_id.clone()).collect(),
        ..settings(model, whole.first().copied().zip(Some(kept.as_slice())))
    }
    .of(vpc.account_id.clone(), vpc.region.clone())
}

/// The flow log whose destination a new one may share: of the same account and Region, else of the Region, else any.
fn model_of<'i>(
    inventory: &'i Inventory,
    (account, region): (Option<&str>, Option<&str>),
) -> Option<&'i FlowLogConfig> {
    let usable = |config: &&FlowLogConfig| is_evidence(config, false) && config.destination.is_some();
    let near = |config: &&FlowLogConfig| {
        let other_account = config.account_id.as_deref() != account;
        let other_region = config.region.as_deref() != region;
        (other_region, other_account)
    };
    inventory.flow_logs.iter().filter(usable).min_by_key(near)
}

/// Destination and layout as `model`; of a flow log that is replaced also its traffic, interval and the fields in `kept`.
fn settings(model: Option<&FlowLogConfig>, replaced: Option<(&FlowLogConfig, &[String])>) -> Advice {
    let (replaced, kept) = replaced.map_or((None, &[][..]), |(config, kept)| (Some(config), kept));
    // Tags need keys that the call would have to name.
    let known = kept.iter().map(String::as_str).filter(|name| !name.contains("-tag"));
    let more = wanted().map(|field| field.name).filter(|name| !kept.iter().any(|own| own == name));
    let log_format = log_format(known.chain(more));
    Advice {
        log_format,
        traffic_type: replaced.and_then(|config| config.traffic_type.clone()).unwrap_or_else(|| "ACCEPT".to_owned()),
        max_aggregation_interval: replaced.and_then(|config| config.max_aggregation_interval).unwrap_or(INTERVAL),
        destination: model
            .and_then(|config| config.destination.clone())
            .unwrap_or_else(|| format!("arn:aws:s3:::{PLACEHOLDER}")),
        file_format: model.and_then(|config| config.file_format.clone()).unwrap_or_else(|| "plain-text".to_owned()),
        hive_partitions: model.is_some_and(|config| config.hive_partitions),
        per_hour_partitions: model.is_none_or(|config| config.per_hour_partitions),
        settings_from: model.map(|config| config.flow_log_id.clone()),
        ..Advice::default()
    }
}

#[derive(Serialize)]
struct Facts<'a> {
    #[serde(flatten)]
    advice: &'a Advice,
    options: String,
    kept: Vec<&'a str>,
}

fn write(advice: &mut Advice) -> Result<()> {
    let names = advice.log_format.split(' ').map(|word| word.trim_start_matches("${").trim_end_matches('}'));
    let facts = Facts {
        options: format!(
            "FileFormat={},HiveCompatiblePartitions={},PerHourPartition={}",
            advice.file_format, advice.hive_partitions, advice.per_hour_partitions
        ),
        kept: names.filter(|name| !is_wanted(name)).collect(),
        advice,
    };
    let commands = fill("flow_log.sh", &facts)?;
    let terraform = fill("flow_log.tf", &facts)?;
    advice.aws_cli = commands.split("\n\n").map(str::trim).filter(|text| !text.is_empty()).map(Into::into).collect();
    advice.terraform = terraform.trim().into();
    Ok(())
}
