//! An explanation in words and tables, in the order in which the pipeline decides.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::document::Document;
use super::model::{Charge, Explanation, Piece, Records};
use crate::report::model::Bound;
use crate::report::units::{bounded, bytes_as_gib, count, gib, hours, share};

/// Rows of a table: what is left out is in the JSON.
const ROWS: usize = 12;
/// Reasons why a network is in the address book.
const LISTED: usize = 4;

/// The document.
pub(super) fn tell(explanation: &Explanation) -> Document {
    let mut document = Document::default();
    top(&mut document, explanation);
    pieces(&mut document, explanation);
    orientation(&mut document, explanation);
    service(&mut document, explanation);
    path(&mut document, explanation);
    money(&mut document, explanation);
    records(&mut document, explanation);
    document
}

fn top(document: &mut Document, e: &Explanation) {
    let asked = match e.asked.kind.as_str() {
        "peer" => format!("Peer {}", e.asked.value),
        "interface" => format!("Interface {}", e.asked.value),
        "nat_gateway" => format!("NAT gateway {}", e.asked.value),
        _ => format!("Service {}", e.asked.value),
    };
    let dollars = bounded(e.usd_month, e.bound);
    document.title(format!("{asked}: {} GiB counted, {dollars} a month", bytes_as_gib(e.counted.bytes)));
    let edge = |time: &Option<String>| time.clone().unwrap_or_else(|| "unknown".into());
    document.line(format!(
        "{} to {} (UTC); logs cover {} of {} h; dollars are per month of 730 h.",
        edge(&e.window.start),
        edge(&e.window.end),
        hours(e.covered_hours),
        hours(e.window.hours)
    ));
    for note in &e.notes {
        document.item(note.clone());
    }
}

/// Adds up rows of one key; most bytes first.
fn summed<K: Ord>(rows: impl Iterator<Item = (K, u64, u64)>) -> Vec<(K, u64, u64)> {
    let mut sums = BTreeMap::<K, (u64, u64)>::new();
    for (key, records, bytes) in rows {
        let sum = sums.entry(key).or_default();
        (sum.0, sum.1) = (sum.0 + records, sum.1 + bytes);
    }
    let mut rows: Vec<_> = sums.into_iter().map(|(key, (records, bytes))| (key, records, bytes)).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.2));
    rows
}

fn verdict(piece: &Piece) -> &'static str {
    match piece.verdict.as_str() {
        "counted" => "COUNTED",
        "counted_elsewhere" => "counted elsewhere",
        "evidence" => "evidence only",
        _ => "not counted",
    }
}

fn pieces(document: &mut Document, e: &Explanation) {
    document.heading("1. Who saw it, and what counts");
    document.line(format!(
        "{} bytes in {} records have to do with it; the report counts {} bytes.",
        count(e.seen.bytes),
        count(e.seen.records),
        count(e.counted.bytes)
    ));
    let order = ["counted", "counted_elsewhere", "evidence", "not_counted"];
    let fates = summed(e.pieces.iter().map(|p| {
        let place = order.iter().position(|verdict| *verdict == p.verdict);
        ((place, verdict(p), p.rule.as_str()), p.records, p.bytes)
    }));
    let mut fates: Vec<_> = fates.into_iter().collect();
    fates.sort_by_key(|(key, _, _)| key.0);
    let rows = fates.iter().map(|((_, verdict, rule), records, bytes)| {
        vec![format!("{verdict}: {rule}"), count(*records), count(*bytes), share(*bytes as f64, e.seen.bytes as f64)]
    });
    document.table(&["what became of them", "records", "bytes", "share"], 1, rows.collect());
    if e.unaccounted_bytes != 0 {
        document.line(format!(
            "{} bytes are not accounted for: a defect of offramp, please report it.",
            e.unaccounted_bytes
        ));
    }
    let places = summed(e.pieces.iter().map(|p| {
        let key =
            (p.entity.as_str(), p.vantage.as_deref(), p.flow_log_id.as_deref(), p.direction.as_deref(), verdict(p));
        (key, p.records, p.bytes)
    }));
    let rows = places.iter().take(ROWS).map(|((entity, vantage, flow_log, direction, verdict), records, bytes)| {
        let place = format!("{entity} {}\n{}", vantage.unwrap_or("-"), flow_log.unwrap_or("-"));
        vec![place, format!("{verdict}\n{}", direction.unwrap_or("-")), count(*records), count(*bytes)]
    });
    document.table(&["interface and vantage, flow log", "", "records", "bytes"], 2, rows.collect());
    more(document, places.len(), "interfaces and flow logs");
}

fn orientation(document: &mut Document, e: &Explanation) {
    document.heading("2. Who is the client");
    let clients = summed(e.orientation.iter().map(|o| (o.rule.as_str(), o.records, o.bytes)));
    let openers = summed(e.orientation.iter().map(|o| (o.opened_rule.as_str(), o.records, o.bytes)));
    let rows = |rules: &[(&str, u64, u64)]| {
        let rows = rules.iter().take(ROWS);
        rows.map(|(rule, records, bytes)| vec![(*rule).to_owned(), count(*records), count(*bytes)]).collect::<Vec<_>>()
    };
    document.table(&["the client is the client because", "records", "bytes"], 1, rows(&clients));
    more(document, clients.len(), "rules");
    document.table(&["who opened the connection", "records", "bytes"], 1, rows(&openers));
}

fn service(document: &mut Document, e: &Explanation) {
    document.heading("3. Which service");
    let rows = e.services.iter().take(ROWS).map(|s| {
        let region = s.peer_region.as_deref().map(|region| format!("\n{region}")).unwrap_or_default();
        vec![format!("{}{region}", s.service), s.rule.clone(), count(s.peers), count(s.bytes)]
    });
    document.table(&["service", "step", "peers", "bytes"], 2, rows.collect());
    more(document, e.services.len(), "services");
    for network in &e.networks {
        let (shown, rest) = network.listed_by.split_at(network.listed_by.len().min(LISTED));
        let more = if rest.is_empty() { String::new() } else { format!("; and {} more", rest.len()) };
        document.item(format!("{}: {}{more}", network.network, shown.join("; ")));
    }
    let tiers = ["a client of these bytes", "the clients' VPC", "the account and Region"];
    for answer in e.dns.iter().take(ROWS) {
        let tier = tiers.get(usize::from(answer.tier.saturating_sub(1))).unwrap_or(&"");
        let meaning = match (answer.kind.as_deref(), answer.service.as_deref()) {
            (Some("service"), Some(service)) => {
                let region = answer.service_region.as_deref().unwrap_or("unknown Region");
                let covered =
                    if answer.covered == Some(false) { ", a name that private DNS does not take over" } else { "" };
                format!("{service} in {region}{covered}")
            }
            (Some("several"), _) => "several services in one chain".to_owned(),
            _ => "no service of the endpoint catalogue".to_owned(),
        };
        let names = answer.names.as_deref().unwrap_or("-");
        let (from, until) = (time(answer.first_seen), time(answer.last_seen));
        document.item(format!(
            "DNS of {tier}: {} is {names} ({meaning}), asked {} times, {from} to {until}",
            answer.address,
            count(answer.queries)
        ));
    }
    more(document, e.dns.len(), "names");
    for offer in e.endpoints.iter().take(ROWS) {
        let kinds = match (offer.supports_gateway, offer.supports_interface) {
            (true, true) => "gateway and interface endpoints",
            (true, false) => "gateway endpoints",
            (false, true) => "interface endpoints",
            (false, false) => "no endpoints",
        };
        let vpc = offer.vpc_id.as_deref().unwrap_or("an unknown VPC");
        let has = match (&offer.endpoint_id, &offer.endpoint_type) {
            (Some(id), kind) => {
                let dns = match offer.private_dns_enabled {
                    Some(false) if kind.as_deref() == Some("interface") => ", private DNS off",
                    _ => "",
                };
                let (kind, state) = (kind.as_deref().unwrap_or("-"), offer.state.as_deref().unwrap_or("-"));
                format!("{vpc} has {id} ({kind}, {state}{dns})")
            }
            (None, _) => format!("{vpc} has none"),
        };
        document.item(format!(
            "{}: the catalogue has {kinds} (private DNS: {}); {has}",
            offer.service,
            offer.private_dns.as_deref().unwrap_or("unknown")
        ));
    }
    more(document, e.endpoints.len(), "endpoints");
}

fn path(document: &mut Document, e: &Explanation) {
    document.heading("4. Which path");
    let rows = e.paths.iter().take(ROWS).map(|p| {
        let via = p.via.as_deref().map(|via| format!("\nvia {via}")).unwrap_or_default();
        let onward = p.onward.as_deref().map(|onward| format!("\nthen {onward}")).unwrap_or_default();
        let through = p.nat_gateway_id.as_deref().or(p.endpoint_id.as_deref());
        let through = through.map(|id| format!("\n{id}")).unwrap_or_default();
        vec![format!("{}{via}{through}{onward}", p.path), p.rule.clone(), count(p.bytes)]
    });
    document.table(&["path", "evidence", "bytes"], 2, rows.collect());
    more(document, e.paths.len(), "paths");
    let fields: Vec<_> = e.path_fields.iter().filter(|f| f.path_seen.is_some()).collect();
    let rows = fields.iter().take(ROWS).map(|f| {
        let path = f.traffic_path.map_or_else(|| "-".to_owned(), |path| path.to_string());
        let hop = [&f.next_hop_interface_type, &f.next_hop_interface_id].map(|part| part.as_deref().unwrap_or(""));
        let said = format!("traffic-path {path} {}", hop.join(" "));
        let seen = f.path_seen.as_deref().unwrap_or("-").to_owned();
        vec![said.trim_end().to_owned(), seen, f.direction.clone().unwrap_or_default(), count(f.bytes)]
    });
    document.table(&["what the clients' rows say", "by", "direction", "bytes"], 3, rows.collect());
    for route in &e.routes {
        let via = route.via.as_deref().map(|via| format!(" via {via}")).unwrap_or_default();
        let from = route.subnet_id.as_deref().or(route.vpc_id.as_deref()).unwrap_or("the gateway");
        let way = if route.way == "back" { "Way back to the client (tells `via`)" } else { "Route tables" };
        document.line(format!("{way}, from {from} to {}: {}{via}", route.peer_key, route.path));
        let mut told = Vec::new();
        for step in &route.steps {
            // Subnets of one transit gateway attachment mostly share their table.
            let same = (&step.place, &step.destination, &step.target, &step.note);
            if told.contains(&same) {
                continue;
            }
            told.push(same);
            let on = match (&step.destination, &step.target) {
                (Some(destination), Some(target)) => format!("{destination} to {target}"),
                (None, Some(target)) => format!("on to {target}"),
                _ => "no way on".to_owned(),
            };
            let note = step.note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
            document.item(format!("{}: {on}{note}", step.place));
        }
    }
}

fn rates(charge: &Charge) -> String {
    let missing = charge.missing_prices.as_deref();
    let rate = |name: &str, rate: Option<f64>| match rate {
        Some(0.0) => None,
        Some(rate) => Some(format!("{name} ${rate}")),
        None => missing.map(|_| format!("{name} without price")),
    };
    let parts = [
        rate("NAT", charge.nat_rate),
        rate("zone border", charge.inter_az_rate),
        rate("transit gateway", charge.transit_gateway_rate),
        rate("endpoint", charge.endpoint_rate),
        rate("Gateway Load Balancer endpoint", charge.gwlb_rate),
        rate("Network Firewall", charge.firewall_rate),
    ];
    // Whatever else the pipeline charges is in the sum.
    let shown =
        [charge.nat_rate, charge.inter_az_rate, charge.transit_gateway_rate, charge.endpoint_rate, charge.gwlb_rate];
    let other = charge.usd_per_gib.zip(shown.into_iter().sum::<Option<f64>>()).map(|(sum, shown)| sum - shown);
    let other = other.filter(|other| other.abs() > 1e-9).map(|other| format!("other charges ${other:.4}"));
    let parts: Vec<_> = parts.into_iter().flatten().chain(other).collect();
    if parts.is_empty() { "free of charge".to_owned() } else { parts.join(" + ") }
}

fn money(document: &mut Document, e: &Explanation) {
    document.heading("5. What it costs");
    let rows = e.charges.iter().take(ROWS).map(|c| {
        let covered = c.covered_hours.map_or_else(|| "unknown".to_owned(), hours);
        let factor = c.factor.map_or_else(|| "-".to_owned(), |factor| format!("{factor:.3}"));
        let life = c.life_hours.map_or_else(String::new, |life| format!(" of {}", hours(life)));
        // Of a flow log the id tells enough: it is of one account and Region.
        let parts: Vec<&str> = c.scope.split(' ').map(|part| part.rsplit('/').next().unwrap_or(part)).collect();
        let scope = format!("{}\n{covered}{life} h covered, x {factor}", parts.join("\n"));
        let zone = if c.az_unknown { ", zone unknown" } else { "" };
        let bound = if c.missing_prices.is_some() { Bound::AtLeast } else { Bound::Exact };
        vec![scope, format!("{}{zone}", rates(c)), gib(c.gib_month), bounded(c.usd_month, bound)]
    });
    document.table(&["scope", "USD per GiB", "GiB/month", "USD/month"], 2, rows.collect());
    more(document, e.charges.len(), "scopes");
    if e.opportunities.is_empty() {
        document.line("No opportunity uses these bytes.");
    }
    for one in &e.opportunities {
        let o = &one.opportunity;
        let place = o.vpc_id.as_deref().unwrap_or("-");
        document.item(format!(
            "{} bytes are in opportunity {}: {} {} in {place}, {} a month. {}",
            count(one.bytes),
            o.id,
            o.decision,
            o.kind,
            bounded(o.net_usd_month, o.bound),
            o.why
        ));
    }
    for rest in &e.unmoved {
        document.item(format!("{} bytes are in none: {}.", count(rest.bytes), rest.rule));
    }
}

fn records(document: &mut Document, e: &Explanation) {
    if e.records.is_empty() {
        return;
    }
    document.heading("6. Log records");
    document.line("The first record of each interface, flow log, direction and action.");
    for group in &e.records {
        let object = group.first.get("object").map(plain).unwrap_or_default();
        document.item(format!("the first of {} records, in {object}: {}", count(group.records), fields(group)));
    }
}

/// `srcaddr=10.0.1.4 dstaddr=...`: what the record has, in the order of the log's fields.
fn fields(group: &Records) -> String {
    let fields = crate::record::fields::FIELDS.iter();
    let shown = fields.filter_map(|field| {
        let value = group.first.get(field.column).filter(|value| !value.is_null())?;
        Some(format!("{}={}", field.name, plain(value)))
    });
    shown.collect::<Vec<_>>().join(" ")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn time(second: Option<i64>) -> String {
    let time = second.and_then(|second| Timestamp::from_second(second).ok());
    time.map_or_else(|| "unknown".into(), |time| time.to_string())
}

fn more(document: &mut Document, all: usize, what: &str) {
    if all > ROWS {
        document.line(format!("and {} more {what}: --format json has them all.", count((all - ROWS) as u64)));
    }
}
