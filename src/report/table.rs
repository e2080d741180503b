//! The report for a terminal: every line at most 80 columns, most important first.

use super::evidence;
use super::model::{Bound, Opportunity, Report};
use super::page::Page;
use super::summary;
use super::templates::one_line;
use super::units::{GIB, bounded, bytes_as_gib, count, gib, known_sum, percent, share, usd};

const TRAFFIC_ROWS: usize = 15;
const RESOURCE_ROWS: usize = 20;
const OPPORTUNITIES: usize = 15;

/// The report as lines of at most 80 columns; `colour` adds ANSI styles, which take no column.
pub fn render(report: &Report, colour: bool) -> String {
    let mut page = Page::new(colour);
    top(&mut page, report);
    traffic(&mut page, report);
    nat_gateways(&mut page, report);
    endpoints(&mut page, report);
    opportunities(&mut page, report);
    remainder(&mut page, report);
    evidence::show(&mut page, report);
    notices(&mut page, report);
    page.into_text()
}

fn top(page: &mut Page, report: &Report) {
    page.strong(&summary::headline(report).join(" "));
    page.line(&summary::coverage_line(report));
    if let Some(line) = summary::least_covered_line(report) {
        page.line(&line);
    }
    for sentence in summary::knowledge(report) {
        page.line(&sentence);
    }
    page.heading("WINDOW AND COVERAGE");
    page.line(&summary::window_line(report));
    page.line("Each monthly figure is scaled from the covered hours of its own logs.");
    page.line(&summary::read_line(report));
    for gap in summary::gaps(report) {
        page.item("! ", &gap);
    }
}

fn traffic(page: &mut Page, report: &Report) {
    let lines = summary::traffic(report);
    page.heading("TRAFFIC BY SERVICE AND PATH");
    if lines.is_empty() {
        return page.line("No traffic.");
    }
    let total: f64 = lines.iter().map(|line| line.bytes as f64).sum();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for line in lines.iter().take(TRAFFIC_ROWS) {
        let via = line.via.as_ref().map(|via| format!(" via {via}")).unwrap_or_default();
        let onward = line.onward.as_ref().map(|onward| format!(" then {onward}")).unwrap_or_default();
        let path = format!("{}{via}{onward}", line.path);
        let (bytes, part) = (bytes_as_gib(line.bytes), share(line.bytes as f64, total));
        let dollars = narrow(&bounded(line.usd_month, line.bound));
        rows.push(vec![line.service.clone(), path, bytes, part, dollars, percent(line.window_share)]);
    }
    if let Some(rest) = lines.get(TRAFFIC_ROWS..).filter(|rest| !rest.is_empty()) {
        let bytes: f64 = rest.iter().map(|line| line.bytes as f64).sum();
        let dollars = known_sum(&rest.iter().map(|line| line.usd_month).collect::<Vec<_>>());
        let bound = rest.iter().map(|line| line.bound).fold(Bound::Exact, Bound::and);
        let least = rest.iter().map(|line| line.window_share).reduce(|a, b| a.zip(b).map(|(a, b)| a.min(b))).flatten();
        let more = format!("{} more", count(rest.len() as u64));
        let (bytes, part) = (gib(Some(bytes / GIB)), share(bytes, total));
        rows.push(vec![more, String::new(), bytes, part, narrow(&bounded(dollars, bound)), percent(least)]);
    }
    page.table(&["service", "path", "GiB", "share", "USD/month", "covered"], 2, &rows);
    page.line(&summary::coverage_line(report));
}

/// A figure on two lines, so that ids beside it stay in one piece.
fn narrow(figure: &str) -> String {
    figure.replace("at least ", "at least\n")
}

fn nat_gateways(page: &mut Page, report: &Report) {
    page.heading("NAT GATEWAYS");
    if report.nat_gateways.is_empty() {
        return page.line("None seen.");
    }
    let mut nats: Vec<_> = report.nat_gateways.iter().collect();
    nats.sort_by(|a, b| {
        b.processed_bytes.cmp(&a.processed_bytes).then_with(|| a.nat_gateway_id.cmp(&b.nat_gateway_id))
    });
    let rows = nats.iter().take(RESOURCE_ROWS).map(|nat| {
        let place = [&nat.vpc_id, &nat.az_id].map(|part| part.as_deref().unwrap_or("-")).join(" ");
        let other = known_sum(&[nat.inter_az_usd, nat.transit_gateway_usd]);
        let partly = nat.inter_az_usd.is_none() || nat.transit_gateway_usd.is_none();
        let other = narrow(&bounded(other, if partly { Bound::AtLeast } else { Bound::Exact }));
        let movable = share(nat.movable_bytes as f64, nat.processed_bytes as f64);
        let seen = |text: String| if nat.observed { text } else { "not logged".into() };
        let covered = percent(nat.window_share);
        let first = format!("{}\n{place}\ncovered {covered}", one_line(&nat.nat_gateway_id));
        vec![first, seen(gib(nat.monthly_gib)), usd(nat.hours_usd), seen(usd(nat.processing_usd)), seen(other), movable]
    });
    page.table(&["NAT gateway", "GiB/month", "hours", "processing", "AZ+TGW", "movable"], 1, &rows.collect::<Vec<_>>());
    page.more(nats.len(), RESOURCE_ROWS, "NAT gateways");
    page.line(&summary::coverage_line(report));
}

fn endpoints(page: &mut Page, report: &Report) {
    page.heading("VPC ENDPOINTS");
    if report.endpoints.is_empty() {
        return page.line("None seen.");
    }
    let mut endpoints: Vec<_> = report.endpoints.iter().collect();
    endpoints.sort_by(|a, b| b.processed_bytes.cmp(&a.processed_bytes).then_with(|| a.endpoint_id.cmp(&b.endpoint_id)));
    let rows = endpoints.iter().take(RESOURCE_ROWS).map(|endpoint| {
        let (id, service) = (one_line(&endpoint.endpoint_id), one_line(&endpoint.service));
        let first = format!("{id}\n{service}\ncovered {}", percent(endpoint.window_share));
        let gateway = endpoint.endpoint_type.eq_ignore_ascii_case("gateway");
        let seen = |text: String| if endpoint.observed || gateway { text } else { "not logged".into() };
        let volume = seen(gib(endpoint.monthly_gib));
        let kind = endpoint.endpoint_type.replace("gateway_load_balancer", "gwlb");
        vec![first, kind, count(endpoint.az_count), volume, usd(endpoint.hours_usd), seen(usd(endpoint.processing_usd))]
    });
    page.table(&["endpoint", "type", "AZs", "GiB/month", "hours", "processing"], 2, &rows.collect::<Vec<_>>());
    page.more(endpoints.len(), RESOURCE_ROWS, "endpoints");
    page.line(&summary::coverage_line(report));
}

fn opportunities(page: &mut Page, report: &Report) {
    page.heading("OPPORTUNITIES, LARGEST NET SAVING FIRST");
    let list = summary::opportunities(report);
    if list.is_empty() {
        return page.line("None found.");
    }
    page.line(&summary::coverage_line(report));
    for (index, one) in list.iter().take(OPPORTUNITIES).enumerate() {
        opportunity(page, index + 1, one, report);
    }
    page.more(list.len(), OPPORTUNITIES, "opportunities");
    page.line("");
    page.line("Change commands, Terraform and risks of each: --format markdown");
}

fn opportunity(page: &mut Page, number: usize, one: &Opportunity, report: &Report) {
    let dollars = format!("{}/month", bounded(one.net_usd_month, one.bound));
    let what = [Some(one.kind.as_str()), one.service.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("  ");
    page.title(&format!("{number:>2}. "), &format!("{:<9}", one.decision), &what, &dollars);
    page.item("    ", &summary::place(one));
    page.item("    ", &summary::figures(one));
    page.item("    ", &one.why);
    if !one.missing_prices.is_empty() {
        page.item("    ", "Prices are missing: see the end of this report for the overrides to write.");
    }
    if !one.depends_on.is_empty() {
        let all = summary::opportunities(report);
        let number =
            |id: &String| all.iter().position(|other| &other.id == id).map_or(id.clone(), |at| (at + 1).to_string());
        page.item("    ", &format!("only after: {}", one.depends_on.iter().map(number).collect::<Vec<_>>().join(", ")));
    }
}

fn remainder(page: &mut Page, report: &Report) {
    page.heading("NOT SETTLED");
    let rest = summary::remainder(report);
    if rest.is_empty() {
        return page.line(match report.coverage.bytes {
            0 => "No byte was classified.",
            _ => "Nothing: every byte has a service and a path.",
        });
    }
    for one in rest {
        let places = if one.places.is_empty() { String::new() } else { format!("; most in {}", one.places) };
        let (name, amount, meaning) = (one.name, bytes_as_gib(one.bytes), one.meaning);
        page.item("  ", &format!("{name}: {amount} GiB in the window; {meaning}{places}"));
    }
}

fn notices(page: &mut Page, report: &Report) {
    if !report.notices.is_empty() || !report.coverage.damaged.is_empty() {
        page.heading("NOTICES");
    }
    for notice in &report.notices {
        page.item("- ", notice);
    }
    for damaged in report.coverage.damaged.iter().take(RESOURCE_ROWS) {
        page.item("- ", &format!("{}: {}", damaged.object, damaged.reason));
    }
    page.more(report.coverage.damaged.len(), RESOURCE_ROWS, "objects");
    page.heading("PRICES");
    page.line(&format!("{} as of {}.", report.prices.source, report.prices.as_of));
    for applied in &report.prices.overrides {
        page.item("override: ", applied);
    }
    if !report.prices.missing.is_empty() {
        page.line("Missing; write these into a file and pass it as --prices FILE:");
    }
    for missing in &report.prices.missing {
        page.toml(missing);
    }
}
