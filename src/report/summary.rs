//! What the readable formats say in words: headline, coverage, traffic by service and path, order of opportunities.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::Serialize;

use super::model::{Bound, Opportunity, Report};
use super::units::{bounded, bytes_as_gib, count, gib, hours, known_sum, percent, share, usd};

/// Bytes of one service on one path, over all clients.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrafficLine {
    /// The service, or a range label.
    pub service: String,
    /// The network path.
    pub path: String,
    /// The hops before it.
    pub via: Option<String>,
    /// The hops behind it, at a private NAT gateway.
    pub onward: Option<String>,
    /// Both directions.
    pub bytes: u64,
    /// As far as its rows are priced; None when none is.
    pub usd_month: Option<f64>,
    /// Whether a price is missing.
    pub bound: Bound,
    /// Share of the window that the logs cover of the least covered of its rows.
    pub window_share: Option<f64>,
}

/// Traffic by service, path, via and onward: most bytes first, then by name.
pub fn traffic(report: &Report) -> Vec<TrafficLine> {
    let mut lines = BTreeMap::<(&str, &str, Option<&str>, Option<&str>), TrafficLine>::new();
    for row in &report.traffic {
        let key = (row.service.as_str(), row.path.as_str(), row.via.as_deref(), row.onward.as_deref());
        let line = lines.entry(key).or_insert_with(|| TrafficLine {
            service: row.service.clone(),
            path: row.path.clone(),
            via: row.via.clone(),
            onward: row.onward.clone(),
            bytes: 0,
            usd_month: None,
            bound: Bound::Exact,
            window_share: row.window_share,
        });
        line.bytes = line.bytes.saturating_add(row.bytes);
        line.usd_month = known_sum(&[line.usd_month, row.usd_month]);
        line.bound = line.bound.and(row.bound);
        line.window_share = line.window_share.zip(row.window_share).map(|(least, one)| least.min(one));
    }
    let mut lines: Vec<_> = lines.into_values().collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.bytes));
    lines
}

/// Opportunities as they are read: what can be done before what should not, each by net saving, unpriced last.
pub fn opportunities(report: &Report) -> Vec<&Opportunity> {
    let mut list: Vec<_> = report.opportunities.iter().collect();
    let net = |one: &Opportunity| one.net_usd_month.unwrap_or(f64::NEG_INFINITY);
    list.sort_by(|a, b| {
        let skipped = (a.decision == "skip").cmp(&(b.decision == "skip"));
        let dollars = net(b).partial_cmp(&net(a)).unwrap_or(Ordering::Equal);
        skipped.then(dollars).then_with(|| a.id.cmp(&b.id))
    });
    list
}

/// The two or three sentences that a reader takes away.
pub fn headline(report: &Report) -> Vec<String> {
    if let Some(reason) = &report.nothing_usable {
        return vec![format!("No usable record was read, so this is no report. {reason}")];
    }
    let totals = &report.totals;
    let adopted = report.opportunities.iter().filter(|one| one.decision == "adopt").count() as u64;
    let changes = if adopted == 1 { "1 change".into() } else { format!("{} changes", count(adopted)) };
    let mut sentences = vec![
        match totals.nat_usd_month {
            Some(_) => {
                let cost = bounded(totals.nat_usd_month, totals.nat_usd_month_bound);
                format!("NAT gateways cost {cost} a month.")
            }
            None => "What NAT gateways cost a month is unpriced: a price is missing.".to_owned(),
        },
        format!(
            "{changes} to adopt would save {} a month.",
            bounded(Some(totals.adopt_usd_month), totals.adopt_usd_month_bound)
        ),
    ];
    if totals.consider_usd_month != 0.0 || totals.inferred_usd_month != 0.0 {
        sentences.push(format!(
            "Worth considering, not counted above: {} a month; resting on inferred paths: {}.",
            bounded(Some(totals.consider_usd_month), totals.consider_usd_month_bound),
            bounded(Some(totals.inferred_usd_month), totals.inferred_usd_month_bound),
        ));
    }
    let unresolved = gib(Some(totals.unresolved_gib_month));
    sentences.push(format!("The service behind {unresolved} GiB a month is not known."));
    sentences
}

/// How much of the bytes has a service and a path, and why the rest has none: one sentence each.
pub fn knowledge(report: &Report) -> Vec<String> {
    let coverage = &report.coverage;
    let all = coverage.bytes as f64;
    let mut sentences = vec![match coverage.bytes {
        0 => "No bytes were classified.".to_owned(),
        _ => format!(
            "The service is known of {} of the bytes, the path of {}.",
            share(coverage.service_known_bytes as f64, all),
            share(coverage.path_known_bytes as f64, all),
        ),
    }];
    if !coverage.unresolved.is_empty() {
        let ranges = coverage.unresolved.iter().map(|one| format!("{} {} GiB", one.label, bytes_as_gib(one.bytes)));
        let reason = match &coverage.resolver {
            None => "shared AWS addresses, and no query logs (--resolver) to name them",
            Some(_) if coverage.dns_ambiguous_bytes > 0 => {
                "shared AWS addresses that query logs name not at all or in several ways"
            }
            Some(_) => "shared AWS addresses that the query logs do not name",
        };
        sentences.push(format!("Service open: {}: {reason}.", ranges.collect::<Vec<_>>().join(", ")));
    }
    let pathless = coverage.bytes.saturating_sub(coverage.path_known_bytes);
    if pathless > 0 {
        let unmatched = coverage.nat_unmatched_bytes.min(pathless);
        let mut reasons = Vec::new();
        if unmatched > 0 {
            let amount = bytes_as_gib(unmatched);
            reasons.push(format!("{amount} GiB are routed to a logged NAT gateway that shows no such bytes"));
        }
        if pathless > unmatched {
            let amount = bytes_as_gib(pathless - unmatched);
            reasons.push(format!("of {amount} GiB neither log fields nor route tables tell it"));
        }
        sentences.push(format!("Path open: {}.", reasons.join("; ")));
    }
    sentences
}

/// How far the logs behind the headline's dollars reach, each at its least covered place.
pub fn least_covered_line(report: &Report) -> Option<String> {
    let totals = &report.totals;
    let parts = [
        ("NAT gateways", totals.nat_window_share),
        ("changes to adopt", totals.adopt_window_share),
        ("changes to consider", totals.consider_window_share),
    ];
    let parts =
        parts.iter().filter(|(_, part)| part.is_some()).map(|(what, part)| format!("{what} {}", percent(*part)));
    let parts = parts.collect::<Vec<_>>().join(", ");
    (!parts.is_empty()).then(|| format!("Least covered of the window: {parts}."))
}

/// The line that stands beside every dollar figure.
pub fn coverage_line(report: &Report) -> String {
    let window = &report.window;
    let covered = report.coverage.covered_hours;
    format!(
        "Logs cover {} of {} h ({}); dollars are per month of 730 h.",
        hours(covered),
        hours(window.hours),
        share(covered, window.hours),
    )
}

/// From when to when.
pub fn window_line(report: &Report) -> String {
    let edge = |time: &Option<String>| time.clone().unwrap_or_else(|| "unknown".into());
    format!("{} to {} (UTC)", edge(&report.window.start), edge(&report.window.end))
}

/// What was read, in one line.
pub fn read_line(report: &Report) -> String {
    let coverage = &report.coverage;
    let read = format!(
        "{} objects, {} records: {} accepted, {} rejected, {} without data, {} skipped by AWS.",
        count(coverage.objects),
        count(coverage.records),
        count(coverage.accepted),
        count(coverage.rejected),
        count(coverage.nodata),
        count(coverage.skipdata),
    );
    let mut read = vec![read];
    if let Some(transit) = &coverage.transit_gateway_logs {
        let (objects, records) = (count(transit.objects), count(transit.records));
        read.push(format!("{objects} transit gateway log objects, {records} records."));
    }
    if let Some(resolver) = &coverage.resolver {
        read.push(format!("{} query log objects, {} queries.", count(resolver.objects), count(resolver.records)));
    }
    read.join(" ")
}

/// What is missing from the logs: one sentence each, none when nothing is.
pub fn gaps(report: &Report) -> Vec<String> {
    let coverage = &report.coverage;
    let mut gaps = Vec::new();
    let mut say = |amount: u64, sentence: String| {
        if amount > 0 {
            gaps.push(sentence);
        }
    };
    say(coverage.skipdata, format!("{} SKIPDATA records: AWS dropped traffic there.", count(coverage.skipdata)));
    say(coverage.malformed, format!("{} malformed lines were left out.", count(coverage.malformed)));
    say(
        coverage.damaged_objects,
        format!("{} objects are damaged or of another kind.", count(coverage.damaged_objects)),
    );
    say(
        coverage.duplicate_objects,
        format!("{} objects were found twice and read once.", count(coverage.duplicate_objects)),
    );
    say(
        coverage.duplicate_events,
        format!("{} events of log groups were delivered again and counted once.", count(coverage.duplicate_events)),
    );
    say(
        coverage.duplicate_bytes,
        format!("{} GiB logged by a second flow log of the same interface.", bytes_as_gib(coverage.duplicate_bytes)),
    );
    if let Some(resolver) = &coverage.resolver {
        let damaged = resolver.damaged.len() as u64;
        say(resolver.malformed, format!("{} malformed query records were left out.", count(resolver.malformed)));
        say(damaged, format!("{} query log objects are damaged: names may be missing.", count(damaged)));
    }
    let unobserved = report.nat_gateways.iter().filter(|nat| !nat.observed).count() as u64;
    say(
        unobserved,
        format!("{} NAT gateways have no log of their own; nothing is concluded from it.", count(unobserved)),
    );
    let short = report.coverage.scopes.iter().filter(|scope| scope.covered_hours < 0.95 * report.window.hours);
    let short = short.count() as u64;
    say(short, format!("{} of {} flow logs cover less than 95 % of the window.", count(short), coverage.scopes.len()));
    gaps
}

/// One kind of bytes that the logs do not settle.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Remainder {
    /// In words.
    pub name: &'static str,
    /// In the window.
    pub bytes: u64,
    /// What it means for the reader.
    pub meaning: &'static str,
    /// The VPCs with most of them: `vpc-1 2.5, vpc-2 1.0` in GiB.
    pub places: String,
}

/// VPCs named for each kind.
const PLACES: usize = 3;

/// Bytes whose service, path or zone the logs do not settle, with what each of them means. Zero ones are left out.
pub fn remainder(report: &Report) -> Vec<Remainder> {
    let coverage = &report.coverage;
    let pathless = coverage.bytes.saturating_sub(coverage.path_known_bytes);
    [
        (
            "service_unresolved",
            "service unresolved",
            coverage.unresolved_bytes,
            "an AWS or internet address range, but no name for the service",
        ),
        (
            "dns_ambiguous",
            "DNS ambiguous",
            coverage.dns_ambiguous_bytes,
            "several names for one address, so the service stays unresolved",
        ),
        (
            "dns_conflict",
            "DNS conflict",
            coverage.dns_conflict_bytes,
            "DNS names another service than the flow log; the flow log's stays",
        ),
        ("unoriented", "unoriented", coverage.unoriented_bytes, "neither side is known to be the client"),
        ("path_unknown", "path unknown", pathless, "neither log fields nor route tables tell it"),
        (
            "path_conflict",
            "path conflict",
            coverage.path_conflict_bytes,
            "observed and configured path disagree; observed wins",
        ),
        (
            "nat_unmatched",
            "NAT unmatched",
            coverage.nat_unmatched_bytes,
            "routed to a logged NAT gateway that shows no such bytes",
        ),
        (
            "endpoint_unmatched",
            "endpoint unmatched",
            coverage.endpoint_unmatched_bytes,
            "sent to a logged endpoint that shows no such bytes",
        ),
        (
            "zone_unknown",
            "zone unknown",
            coverage.az_unknown_bytes,
            "no inter-AZ charge counted, because the zone is not known",
        ),
    ]
    .into_iter()
    .filter(|(_, _, bytes, _)| *bytes > 0)
    .map(|(reason, name, bytes, meaning)| Remainder { name, bytes, meaning, places: places(report, reason) })
    .collect()
}

fn places(report: &Report, reason: &str) -> String {
    let mine = report.coverage.unsettled.iter().filter(|one| one.reason == reason);
    let named = mine.take(PLACES).map(|one| {
        let vpc = one.vpc_id.as_deref().unwrap_or("no one VPC");
        format!("{vpc} {}", bytes_as_gib(one.bytes))
    });
    named.collect::<Vec<_>>().join(", ")
}

/// One money line of an opportunity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MoneyLine {
    /// `saves` or `adds`.
    pub side: &'static str,
    /// The charge, in words.
    pub charge: &'static str,
    /// Per month, >= 0.
    pub usd: f64,
}

/// The lines of `saves` and `adds` that apply.
pub fn money(one: &Opportunity) -> Vec<MoneyLine> {
    let (saves, adds) = (&one.saves, &one.adds);
    [
        ("saves", "NAT gateway processing", saves.nat_processing_usd),
        ("saves", "NAT gateway hours", saves.nat_hours_usd),
        ("saves", "traffic between zones", saves.inter_az_usd),
        ("saves", "transit gateway processing", saves.transit_gateway_usd),
        ("saves", "endpoint hours", saves.endpoint_hours_usd),
        ("saves", "endpoint processing", saves.endpoint_processing_usd),
        ("saves", "Gateway Load Balancer endpoint processing", saves.gwlb_processing_usd),
        ("saves", "Network Firewall processing", saves.firewall_processing_usd),
        ("saves", "public IPv4 addresses", saves.public_ipv4_usd),
        ("adds", "endpoint hours", adds.endpoint_hours_usd),
        ("adds", "endpoint processing", adds.endpoint_processing_usd),
        ("adds", "NAT gateway processing", adds.nat_processing_usd),
        ("adds", "NAT gateway hours", adds.nat_hours_usd),
        ("adds", "traffic between zones", adds.inter_az_usd),
        ("adds", "transit gateway processing", adds.transit_gateway_usd),
        ("adds", "public IPv4 addresses", adds.public_ipv4_usd),
    ]
    .into_iter()
    .filter_map(|(side, charge, usd)| Some(MoneyLine { side, charge, usd: usd? }))
    .collect()
}

/// Where an opportunity lies: VPC or resource, Region, payer.
pub fn place(one: &Opportunity) -> String {
    let payer = one.payer_account_id.as_ref().or(one.account_id.as_ref()).map(|id| format!("account {id}"));
    let nats = (one.vpc_id.is_none() && !one.nat_gateway_ids.is_empty()).then(|| one.nat_gateway_ids.join(" "));
    let parts = [one.vpc_id.clone(), nats, one.endpoint_id.clone(), one.region.clone(), payer];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What the saving rests on: range, volume, break-even, confidence.
pub fn figures(one: &Opportunity) -> String {
    let range = match one.range {
        Some(range) => {
            let least = if one.bound == Bound::AtLeast { "at least " } else { "" };
            format!("range {least}{} to {}", usd(Some(range.low)), usd(Some(range.high)))
        }
        None => "range unknown (fewer than two full days)".into(),
    };
    let even = match one.break_even_gib_month.filter(|even| *even > 0.0) {
        Some(even) => format!(", break-even {} GiB/month", gib(Some(even))),
        None => String::new(),
    };
    let covered = one.window_share.map(|part| format!("; covered {}", percent(Some(part))));
    let (volume, covered) = (gib(one.monthly_gib), covered.unwrap_or_default());
    format!("{range}; {volume} GiB/month{even}; confidence {}{covered}", one.confidence)
}

#[cfg(test)]
mod tests {
    use super::super::model::TrafficRow;
    use super::*;

    fn row(service: &str, bytes: u64, usd_month: Option<f64>) -> TrafficRow {
        TrafficRow { service: service.into(), path: "nat_gateway".into(), bytes, usd_month, ..Default::default() }
    }

    #[test]
    fn a_row_without_a_price_makes_its_line_a_lower_bound() {
        let unpriced = |service: &str, bytes| TrafficRow { bound: Bound::AtLeast, ..row(service, bytes, None) };
        let rows = vec![row("s3", 5, Some(1.0)), unpriced("s3", 7), row("sqs", 20, Some(2.0)), unpriced("kms", 2)];
        let lines = traffic(&Report { traffic: rows, ..Default::default() });
        let told: Vec<_> = lines.iter().map(|line| (line.service.as_str(), line.usd_month, line.bound)).collect();
        let expected =
            [("sqs", Some(2.0), Bound::Exact), ("s3", Some(1.0), Bound::AtLeast), ("kms", None, Bound::AtLeast)];
        assert_eq!(told, expected);
    }

    #[test]
    fn skipped_and_unpriced_opportunities_come_after_the_savings() {
        let one = |id: &str, decision: &str, net_usd_month| Opportunity {
            id: id.into(),
            decision: decision.into(),
            net_usd_month,
            ..Default::default()
        };
        let list = vec![
            one("a", "skip", Some(50.0)),
            one("b", "unpriced", None),
            one("d", "adopt", Some(3.0)),
            one("c", "adopt", Some(3.0)),
            one("e", "consider", Some(9.0)),
        ];
        let report = Report { opportunities: list, ..Default::default() };
        let order: Vec<_> = opportunities(&report).iter().map(|one| one.id.as_str()).collect();
        assert_eq!(order, ["e", "c", "d", "b", "a"]);
    }
}
