//! The check in few sentences, for the report.

use std::collections::BTreeMap;

use super::model::{Check, FlowLogCheck};

/// Names shown of a list.
const NAMES: usize = 3;

/// What keeps the report from full evidence: one sentence a format and a kind of hole. `offramp inventory check` tells it all.
pub fn notices(check: &Check) -> Vec<String> {
    let mut notices = Vec::new();
    let mut formats = BTreeMap::<&[String], Vec<&FlowLogCheck>>::new();
    for log in check.flow_logs.iter().filter(|log| log.seen == Some(true) && !log.missing.is_empty()) {
        formats.entry(&log.missing).or_default().push(log);
    }
    notices.extend(formats.values().flat_map(|logs| incomplete(logs)));
    let of = |ids: fn(&super::model::VpcCheck) -> &Vec<String>| -> Vec<&str> {
        check.watched.iter().filter(|vpc| vpc.watched != "unknown").flat_map(ids).map(String::as_str).collect()
    };
    let (nats, endpoints) = (of(|vpc| &vpc.unwatched_nat_gateway_ids), of(|vpc| &vpc.unwatched_endpoint_ids));
    let none =
        check.watched.iter().filter(|vpc| vpc.watched == "none").map(|vpc| vpc.vpc_id.as_str()).collect::<Vec<_>>();
    for (what, ids) in [("VPC", none), ("NAT gateway", nats), ("endpoint", endpoints)] {
        if !ids.is_empty() {
            notices.push(format!("{} that no flow log to S3 watches", named(what, &ids)));
        }
    }
    let broken = check.flow_logs.iter().filter(|log| !log.problems.is_empty() && log.seen != Some(true));
    let broken: Vec<_> = broken.map(|log| log.flow_log_id.as_str()).collect();
    if !broken.is_empty() {
        notices.push(format!("{} configured that gave nothing to this report", named("flow log", &broken)));
    }
    if let Some(last) = notices.last_mut() {
        last.push_str("; `offramp inventory check` tells what that costs in certainty, and how to log it");
    }
    notices.iter_mut().for_each(|notice| notice.push('.'));
    notices
}

/// Of flow logs that lack the same fields.
fn incomplete(logs: &[&FlowLogCheck]) -> Option<String> {
    let answers = &logs.first()?.answers;
    let of = |from: &str| {
        let mine = answers.iter().filter(|answer| answer.from == from);
        mine.map(|answer| answer.question.as_str()).collect::<Vec<_>>()
    };
    let (open, lent) = (of("open"), of("inventory"));
    let logs = named("flow log", &logs.iter().map(|log| log.flow_log_id.as_str()).collect::<Vec<_>>());
    Some(match (open.as_slice(), lent.as_slice()) {
        ([], lent) => format!("{logs}: the inventory of today stands in for {}", lent.join(", ")),
        (open, []) => format!("{logs}: open is {}", open.join(", ")),
        (open, lent) => {
            format!("{logs}: open is {}; the inventory of today stands in for {} more", open.join(", "), lent.len())
        }
    })
}

/// `1 flow log (fl-1)`, `5 flow logs (fl-1, fl-2, fl-3, ...)`.
fn named(what: &str, ids: &[&str]) -> String {
    let more = if ids.len() > NAMES { ", ..." } else { "" };
    let plural = if ids.len() == 1 { "" } else { "s" };
    let shown = ids.iter().take(NAMES).copied().collect::<Vec<_>>().join(", ");
    format!("{} {what}{plural} ({shown}{more})", ids.len())
}
