//! The terminal report's part on evidence: what each log covers, where it breaks off, and what is behind unknown services.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::model::{Gap, GatewayCoverage, Report};
use super::page::Page;
use super::templates::one_line;
use super::units::{bytes_as_gib, count, hours, percent, ratio};

const ROWS: usize = 20;
const LINES: usize = 10;
const PEERS: usize = 5;

pub(super) fn show(page: &mut Page, report: &Report) {
    unresolved(page, report);
    flow_logs(page, report);
    gateways(page, report);
    gaps(page, report);
    skips(page, report);
    malformed(page, report);
}

fn unresolved(page: &mut Page, report: &Report) {
    let ranges = &report.coverage.unresolved;
    if ranges.is_empty() {
        return;
    }
    page.heading("PEERS WITHOUT A SERVICE");
    for range in ranges {
        let peers = range.peers.iter().take(PEERS).map(|one| format!("{} {}", one.peer, bytes_as_gib(one.bytes)));
        let peers = peers.collect::<Vec<_>>().join(", ");
        let (all, nat) = (bytes_as_gib(range.bytes), bytes_as_gib(range.nat_bytes));
        let of = match range.peer_count {
            1 => "1 peer".to_owned(),
            many => format!("{} peers", count(many)),
        };
        let label = &range.label;
        page.item("  ", &format!("{label}: {all} GiB, {nat} of them on NAT gateways; {of}, in GiB: {peers}"));
    }
}

fn flow_logs(page: &mut Page, report: &Report) {
    let scopes = &report.coverage.scopes;
    if scopes.is_empty() {
        return;
    }
    page.heading("FLOW LOGS");
    let text = |value: &Option<String>| one_line(value.as_deref().unwrap_or("-"));
    let rows = scopes.iter().take(ROWS).map(|scope| {
        let place = format!("{} {}", text(&scope.account_id), text(&scope.region));
        vec![
            format!("{}\n{}\n{place}", text(&scope.flow_log_id), text(&scope.vpc_id)),
            count(scope.accepted),
            count(scope.rejected),
            count(scope.nodata),
            count(scope.skipdata),
            percent(scope.window_share),
        ]
    });
    let header = ["flow log", "accepted", "rejected", "no data", "skipped", "covered"];
    page.table(&header, 1, &rows.collect::<Vec<_>>());
    page.more(scopes.len(), ROWS, "flow logs");
}

fn gateways(page: &mut Page, report: &Report) {
    let gateways = &report.coverage.gateways;
    if gateways.is_empty() {
        return;
    }
    page.heading("OWN LOGS OF NAT GATEWAYS AND ENDPOINTS");
    let rows = gateways.iter().take(ROWS).map(|one| {
        let nat = report.nat_gateways.iter().find(|nat| nat.nat_gateway_id == one.id);
        let interface = one.interface_id.as_deref().map(|id| format!("\n{}", one_line(id))).unwrap_or_default();
        vec![
            format!("{}{interface}{}", one_line(&one.id), remark(one)),
            percent(one.window_share),
            count(one.full_hours),
            count(one.partial_hours),
            count(one.skipdata_slots),
            ratio(nat.and_then(|nat| nat.leg_ratio)),
            ratio(nat.and_then(|nat| nat.vantage_ratio)),
        ]
    });
    let header = ["gateway", "covered", "full", "partial", "lost", "leg", "vantage"];
    page.table(&header, 1, &rows.collect::<Vec<_>>());
    page.more(gateways.len(), ROWS, "gateways");
    page.line(
        "full, partial: hours of its own log; lost: 10-minute slots that AWS skipped; leg: bytes of the internet side over \
         the client side; vantage: bytes of clients' logs over the gateway's. Both are near 1 when nothing is lost.",
    );
}

fn remark(one: &GatewayCoverage) -> &'static str {
    match one.has_packet_fields {
        None => "\nnot logged",
        Some(false) if one.kind == "nat_gateway" => "\nno packet fields",
        Some(_) => "",
    }
}

/// One line for each log or gateway with gaps.
fn gaps(page: &mut Page, report: &Report) {
    let mut scopes = BTreeMap::<(&str, Option<&str>), Vec<&Gap>>::new();
    for gap in &report.coverage.gaps {
        let place = gap.interface_id.as_deref().or(gap.vpc_id.as_deref());
        scopes.entry((&gap.id, place)).or_default().push(gap);
    }
    let mut scopes: Vec<_> = scopes.into_iter().map(|(id, gaps)| (id, hours_of(&gaps), gaps)).collect();
    if scopes.is_empty() {
        return;
    }
    scopes.sort_by(|a, b| b.1.total_cmp(&a.1));
    page.heading("GAPS, MOST HOURS FIRST");
    for ((id, place), all, gaps) in scopes.iter().take(LINES) {
        let place = place.map(|id| format!(" ({id})")).unwrap_or_default();
        let Some(longest) = gaps.iter().max_by(|a, b| a.hours.total_cmp(&b.hours)) else { continue };
        let (start, end) = (minute(&longest.start), minute(&longest.end));
        let (all, most) = (hours(*all), hours(longest.hours));
        let text = match gaps.len() {
            1 => format!("{id}{place}: {start} to {end}, {most} h"),
            many => format!("{id}{place}: {many} gaps, {all} h in all; longest {start} to {end}, {most} h"),
        };
        page.item("  ", &text);
    }
    page.more(scopes.len(), LINES, "logs and gateways with gaps");
}

fn hours_of(gaps: &[&Gap]) -> f64 {
    gaps.iter().map(|gap| gap.hours).sum()
}

/// A time that ends with a whole minute, shorter.
fn minute(time: &str) -> String {
    time.strip_suffix(":00Z").map_or_else(|| time.to_owned(), |time| format!("{time}Z"))
}

fn skips(page: &mut Page, report: &Report) {
    let mut skips: Vec<_> = report.coverage.skipdata_hours.iter().collect();
    if skips.is_empty() {
        return;
    }
    skips.sort_by_key(|one| Reverse(one.slots));
    page.heading("RECORDS THAT AWS DROPPED (SKIPDATA)");
    for one in skips.iter().take(LINES) {
        let id = one.interface_id.as_deref().unwrap_or("-");
        let (hour, log) = (minute(&one.hour), one.flow_log_id.as_deref().unwrap_or("-"));
        page.item("  ", &format!("{id}, hour of {hour}: {} of 6 slots ({log})", one.slots));
    }
    page.more(skips.len(), LINES, "hours");
}

fn malformed(page: &mut Page, report: &Report) {
    let reasons = &report.coverage.malformed_by_reason;
    if reasons.is_empty() {
        return;
    }
    page.heading("MALFORMED LINES");
    for one in reasons {
        page.item("  ", &format!("{}: {}", count(one.lines), one.reason));
        for sample in &one.samples {
            page.item("    ", &format!("{}, line {}: {}", sample.object, sample.line, sample.text));
        }
    }
}
