//! `offramp inventory check` in its formats.

use std::collections::BTreeMap;

use clap::ValueEnum;
use serde::Serialize;

use super::page::Page;
use super::templates::{fill, one_line};
use super::units::count;
use crate::preflight::answers::{ANSWERS, log_format, wanted};
use crate::preflight::model::{Advice, AnswerCheck, Check, FlowLogCheck, Sampled, VpcCheck};
use crate::record::fields::FIELDS;
use crate::{Error, Result};

const ROWS: usize = 30;
const NAMES: usize = 5;
const ADVICE: usize = 5;

/// How a check is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For a terminal; commands stand on lines as long as they are
    #[default]
    Table,
    /// Everything, with every field of every flow log
    Markdown,
    /// Everything, for programs (stable keys)
    Json,
}

/// The check as text that ends with a line break. `colour` is used by the table only.
pub fn render(check: &Check, format: CheckFormat, colour: bool) -> Result<String> {
    match format {
        CheckFormat::Table => Ok(table(check, colour)),
        CheckFormat::Markdown => markdown(check),
        CheckFormat::Json => serde_json::to_string_pretty(check)
            .map(|text| text + "\n")
            .map_err(|error| Error::Output(error.to_string())),
    }
}

/// Flow logs that log the same fields.
#[derive(Debug, Serialize)]
struct FormatGroup<'a> {
    flow_log_ids: Vec<&'a str>,
    version: Option<u8>,
    fields: usize,
    missing: &'a [String],
    unused: &'a [String],
    answers: &'a [AnswerCheck],
}

#[derive(Debug, Serialize)]
struct Document<'a> {
    check: &'a Check,
    headline: String,
    sampled: Option<String>,
    groups: Vec<FormatGroup<'a>>,
    log_format: String,
    choices: Vec<String>,
    advice: Vec<Written<'a>>,
    nothing_to_do: &'static str,
}

#[derive(Debug, Serialize)]
struct Written<'a> {
    one: &'a Advice,
    commands: String,
}

fn markdown(check: &Check) -> Result<String> {
    let written = |one| Written { one, commands: one.aws_cli.join("\n\n") };
    fill(
        "check.md",
        Document {
            check,
            headline: headline(check),
            sampled: check.sampled.as_ref().map(sampled_line),
            groups: groups(check),
            log_format: log_format(wanted().map(|field| field.name)),
            choices: choices(),
            advice: check.advice.iter().map(written).collect(),
            nothing_to_do: nothing_to_do(check),
        },
    )
}

fn table(check: &Check, colour: bool) -> String {
    let mut page = Page::new(colour);
    page.strong(&headline(check));
    if let Some(sampled) = &check.sampled {
        page.line(&sampled_line(sampled));
        for one in sampled.unreadable.iter().take(NAMES) {
            page.item("! ", &format!("{}: {}", one.object, one.reason));
        }
        page.more(sampled.unreadable.len(), NAMES, "objects");
    }
    inventory(&mut page, check);
    flow_logs(&mut page, check);
    vpcs(&mut page, check);
    advice(&mut page, check);
    page.into_text()
}

/// What an absent or incomplete listing leaves out may want a flow log.
fn nothing_to_do(check: &Check) -> &'static str {
    let needed = ["describe-vpcs", "describe-flow-logs"];
    let unread = |command: &&str| check.inventory.files.iter().all(|file| file.command != **command);
    if check.watched.is_empty() || needed.iter().any(unread) {
        "Nothing can be said: without describe-vpcs and describe-flow-logs it is not known what there is to log."
    } else if !check.inventory.notices.is_empty() {
        "Nothing to do in what was read; some of the inventory is absent or cut off (see above)."
    } else {
        "Nothing to do: every VPC that is known is logged with every field that is read."
    }
}

fn headline(check: &Check) -> String {
    let of = |watched: &str| check.watched.iter().filter(|vpc| vpc.watched == watched).count();
    let mut sentences = Vec::new();
    if check.watched.is_empty() {
        sentences.push("No VPC is known from the inventory.".to_owned());
    } else if of("unknown") > 0 {
        sentences
            .push(format!("Without describe-flow-logs it is not known what watches {} VPCs.", check.watched.len()));
    } else {
        let mut parts = vec![format!("Logged with full evidence: {} of {} VPCs", of("full"), check.watched.len())];
        for (watched, words) in [
            ("whole", "as a whole, but without all fields"),
            ("part", "in parts"),
            ("none", "not at all, or not to S3"),
        ] {
            if of(watched) > 0 {
                parts.push(format!("{words}: {}", of(watched)));
            }
        }
        sentences.push(format!("{}.", parts.join("; ")));
    }
    let incomplete = check.flow_logs.iter().filter(|log| !log.missing.is_empty()).count();
    let troubled = check.flow_logs.iter().filter(|log| !log.problems.is_empty()).count();
    if incomplete + troubled > 0 {
        let all = check.flow_logs.len();
        sentences.push(format!("Of {all} flow logs, {incomplete} lack fields and {troubled} have other problems."));
    }
    sentences.join(" ")
}

fn sampled_line(sampled: &Sampled) -> String {
    let left_out = match sampled.flow_logs_left_out {
        0 => String::new(),
        some => format!("; {} more flow logs or folders were not looked into", count(some)),
    };
    format!(
        "Looked at the first bytes of {} of {} objects ({} bytes){left_out}.",
        count(sampled.objects_read),
        count(sampled.objects_listed),
        count(sampled.bytes_read),
    )
}

fn inventory(page: &mut Page, check: &Check) {
    page.heading("INVENTORY");
    let mut files = BTreeMap::<&str, (u64, u64)>::new();
    for file in &check.inventory.files {
        let (number, entries) = files.entry(&file.command).or_default();
        (*number, *entries) = (*number + 1, *entries + file.entries);
    }
    let row = |(command, (number, entries)): (&&str, &(u64, u64))| {
        vec![(*command).to_owned(), count(*number), count(*entries)]
    };
    match files.is_empty() {
        true => page.line("No inventory file was found."),
        false => page.table(&["what", "files", "entries"], 1, &files.iter().map(row).collect::<Vec<_>>()),
    }
    for absent in &check.inventory.absent {
        page.item("- ", &absent.cost);
    }
    for notice in &check.inventory.notices {
        page.item("! ", notice);
    }
}

fn groups(check: &Check) -> Vec<FormatGroup<'_>> {
    let mut groups = BTreeMap::<&[String], Vec<&FlowLogCheck>>::new();
    for log in check.flow_logs.iter().filter(|log| !log.fields.is_empty()) {
        groups.entry(&log.fields).or_default().push(log);
    }
    groups.into_values().filter_map(|logs| FormatGroup::of(&logs)).collect()
}

impl<'a> FormatGroup<'a> {
    fn of(logs: &[&'a FlowLogCheck]) -> Option<Self> {
        let first = logs.first()?;
        Some(Self {
            flow_log_ids: logs.iter().map(|log| log.flow_log_id.as_str()).collect(),
            version: first.version,
            fields: first.fields.len(),
            missing: &first.missing,
            unused: &first.unused,
            answers: &first.answers,
        })
    }
}

fn flow_logs(page: &mut Page, check: &Check) {
    page.heading("WHAT THE FLOW LOGS ANSWER");
    let groups = groups(check);
    if groups.is_empty() {
        page.line("No flow log is known: none in describe-flow-logs, and none in the sources.");
    }
    for group in groups {
        let version = group.version.map(|version| format!("version {version}, ")).unwrap_or_default();
        let ids = names(&group.flow_log_ids);
        page.line(&format!("{ids}: {version}{} fields, {} missing", group.fields, group.missing.len()));
        let answered: Vec<_> =
            group.answers.iter().filter(|one| one.cost.is_none()).map(|one| one.question.as_str()).collect();
        if !answered.is_empty() {
            page.item("  + ", &answered.join("; "));
        }
        for one in group.answers {
            let Some(cost) = &one.cost else { continue };
            let (mark, question, fields) = (mark(one), &one.question, one.missing_fields.join(", "));
            page.item(&format!("  {mark} "), &format!("{question}: without {fields}, {cost}"));
        }
        if !group.unused.is_empty() {
            page.item("    ", &format!("logged, not read here: {}", group.unused.join(", ")));
        }
    }
    let legend = "+ the log says it, ~ the inventory stands in, - open.";
    if !check.flow_logs.is_empty() {
        page.line(legend);
    }
    let troubled: Vec<_> = check.flow_logs.iter().filter(|log| !log.problems.is_empty()).collect();
    for log in troubled.iter().take(ROWS) {
        let of = log.resource_id.as_deref().map(|id| format!(" of {id}")).unwrap_or_default();
        page.item("! ", &format!("{}{of}: {}", log.flow_log_id, log.problems.join("; ")));
    }
    page.more(troubled.len(), ROWS, "flow logs with problems");
}

fn mark(one: &AnswerCheck) -> &'static str {
    if one.from == "inventory" { "~" } else { "-" }
}

/// `a, b and 3 more`.
fn names(ids: &[&str]) -> String {
    let shown = ids.iter().take(NAMES).copied().collect::<Vec<_>>().join(", ");
    match ids.len().saturating_sub(NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn vpcs(page: &mut Page, check: &Check) {
    if check.watched.is_empty() {
        return;
    }
    page.heading("WHAT WATCHES EACH VPC");
    let text = |value: &Option<String>| one_line(value.as_deref().unwrap_or("-"));
    let row = |vpc: &VpcCheck| {
        vec![
            format!("{}\n{} {}", one_line(&vpc.vpc_id), text(&vpc.account_id), text(&vpc.region)),
            vpc.watched.clone(),
            count(vpc.flow_log_ids.len() as u64),
            format!("{}/{}", vpc.unwatched_interfaces, vpc.interfaces),
            count(vpc.unwatched_nat_gateway_ids.len() as u64),
            count(vpc.unwatched_endpoint_ids.len() as u64),
        ]
    };
    let header = ["VPC", "watched", "logs", "blind ENIs", "NATs", "endpoints"];
    page.table(&header, 2, &check.watched.iter().take(ROWS).map(row).collect::<Vec<_>>());
    page.more(check.watched.len(), ROWS, "VPCs");
    page.line(
        "full: one flow log of the whole VPC with every field; whole: fields are missing; part: of subnets or interfaces \
         only; blind, as are the NAT gateways and endpoints counted: no flow log there delivers accepted traffic to S3.",
    );
}

fn advice(page: &mut Page, check: &Check) {
    page.heading("FULL EVIDENCE AT LEAST COST");
    if check.advice.is_empty() {
        return page.line(nothing_to_do(check));
    }
    for choice in choices() {
        page.item("- ", &choice);
    }
    for one in check.advice.iter().take(ADVICE) {
        let place = [one.account_id.as_deref(), one.region.as_deref()].into_iter().flatten().collect::<Vec<_>>();
        page.blank();
        page.line(&format!("{}: {} ({})", place.join(" "), one.vpc_ids.join(", "), one.why));
        if let Some(id) = &one.settings_from {
            page.item("  ", &format!("destination and layout as of {id}"));
        }
        for command in &one.aws_cli {
            page.blank();
            page.verbatim(command);
        }
        page.blank();
        page.verbatim(&one.terraform);
    }
    page.more(check.advice.len(), ADVICE, "flow logs to create");
}

/// Why the advised settings are what they are.
fn choices() -> Vec<String> {
    let fields = wanted().count();
    vec![
        "One flow log of the VPC watches all its interfaces, the present and the coming: NAT gateways, endpoints and regional \
         NAT gateways with them. Flow logs of subnets and interfaces beside it deliver the same records again."
            .to_owned(),
        format!(
            "{fields} of {} fields, all that {} questions need. Each further one makes every record longer and is not read \
             here.",
            FIELDS.len(),
            ANSWERS.len()
        ),
        "Accepted traffic is enough here; take ALL if someone reads what was rejected.".to_owned(),
        "An interval of 600 s is enough: coverage is counted in ten minutes. Instances on Nitro report each minute whatever is \
         set; at gateways and endpoints 60 s makes up to ten times the records."
            .to_owned(),
        "S3 is the destination that costs least to read from. Text and Parquet are read alike; Parquet costs a conversion on top \
         of delivery, and short periods of it are larger. Hourly folders cost nothing and make short windows quick to list."
            .to_owned(),
        "The format of a flow log cannot be changed: make the new one first, delete the old one a day later. The bucket's policy \
         must let delivery.logs.amazonaws.com write for the account."
            .to_owned(),
    ]
}
