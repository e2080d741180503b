//! The rules that hold whatever evidence is missing.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::bill::{self, Truth};
use super::cut::Cut;
use super::inventory::Edit;
use super::scene::Scene;
use super::trial::Outcome;

/// A rule that does not hold.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)]
pub struct Failure {
    pub rule: &'static str,
    pub what: String,
    /// As reported.
    pub got: f64,
    /// At most, or exactly where the rule says so.
    pub bound: f64,
}

/// How much of the certainty is left; `None` where there was none to lose.
#[derive(Debug, Clone, Default, Serialize)]
#[allow(missing_docs)]
pub struct Kept {
    pub adopt: Option<f64>,
    pub service: Option<f64>,
    pub path: Option<f64>,
    /// The first sentence that the report with all evidence does not have.
    pub says: Option<String>,
    /// Keys whose weaker path evidence names more bytes than the path had.
    pub weak: u64,
}

/// Path evidence that was observed, not configured or guessed.
const OBSERVED: [&str; 4] = ["interface", "next_hop", "traffic_path", "reverse_flow"];

type Sums = BTreeMap<String, f64>;

struct Judge<'a> {
    scene: &'a Scene,
    truth: Truth,
    report: &'a Value,
    /// Bytes may exceed by this share: the seam minute of hours that a gateway's own log covers in part.
    slack: f64,
    failures: Vec<Failure>,
}

/// What a report with all evidence must say.
pub fn judge_whole(scene: &Scene, outcome: &Outcome) -> Vec<Failure> {
    let Some(report) = &outcome.report else {
        return vec![Failure {
            rule: "g crash",
            what: outcome.stderr.clone(),
            got: f64::from(exit(outcome)),
            bound: 0.0,
        }];
    };
    let mut judge = Judge::new(scene, report, 0.0);
    judge.alone();
    if scene.whole {
        judge.complete();
    }
    judge.failures
}

/// What a report with less evidence may say; `whole` is the report with all of it.
pub fn judge(whole: &Value, scene: &Scene, cuts: &[Cut], outcome: &Outcome) -> Vec<Failure> {
    let fail = |rule, what: &str, got, bound| Failure { rule, what: what.to_owned(), got, bound };
    let accepted = bill::any_accepted(scene);
    let Some(report) = &outcome.report else {
        let nothing = outcome.exit == Some(4) && !accepted;
        let crash = fail("g crash", outcome.stderr.trim(), f64::from(exit(outcome)), 0.0);
        return if nothing { Vec::new() } else { vec![crash] };
    };
    let time = cuts.iter().any(Cut::is_time);
    let mut judge = Judge::new(scene, report, if time { 0.01 } else { 0.0 });
    if !matches!(outcome.exit, Some(0 | 1 | 4)) {
        judge.fail("g crash", "exit code", f64::from(exit(outcome)), 1.0);
    }
    // Rejected rows are a source: what the inventory has is still listed, with its hours.
    if !accepted && cuts.iter().all(|cut| !cut.kind.starts_with("reject")) {
        judge.nothing(outcome);
    }
    judge.alone();
    let lines_only = cuts.iter().all(|cut| cut.kind == "queries:line");
    if time {
        judge.time(whole);
    } else if !lines_only {
        judge.money(whole);
    }
    let of_price = cuts.len() == 1 && cuts[0].kind == "price" && !whole["totals"]["nat_usd_month"].is_null();
    if of_price && report["totals"]["nat_usd_month"].is_null() {
        judge.fail("i blanked", "totals.nat_usd_month is null", 0.0, number(&whole["totals"]["nat_usd_month"]));
    }
    judge.says_why(whole);
    judge.failures
}

fn exit(outcome: &Outcome) -> i32 {
    outcome.exit.unwrap_or(-1)
}

/// What of the certainty is left.
pub fn kept(whole: &Value, scene: &Scene, outcome: &Outcome) -> Kept {
    let Some(report) = &outcome.report else {
        let says = outcome.stderr.lines().next().map(str::to_owned);
        return Kept { adopt: Some(0.0), service: Some(0.0), path: Some(0.0), says, weak: 0 };
    };
    let share = |parts: [&str; 2]| {
        let all = number(&whole[parts[0]][parts[1]]);
        (all > 0.0).then(|| number(&report[parts[0]][parts[1]]) / all)
    };
    let known = texts(&whole["notices"]);
    let truth = Truth::of(scene);
    let weak = sums(rows(report, "traffic"), |row| {
        (!OBSERVED.contains(&text(&row["path_evidence"])) && row["path"] != "unknown").then(|| text(&row["path"]))
    });
    let over = |(path, bytes): &(&String, &f64)| **bytes > truth.by_hop.get(*path).copied().unwrap_or(0) as f64;
    Kept {
        adopt: share(["totals", "adopt_usd_month"]),
        service: share(["coverage", "service_known_bytes"]),
        path: share(["coverage", "path_known_bytes"]),
        says: texts(&report["notices"]).into_iter().find(|notice| !known.contains(notice)).map(str::to_owned),
        weak: weak.iter().filter(over).count() as u64,
    }
}

impl<'a> Judge<'a> {
    fn new(scene: &'a Scene, report: &'a Value, slack: f64) -> Self {
        Self { scene, truth: Truth::of(scene), report, slack, failures: Vec::new() }
    }

    fn fail(&mut self, rule: &'static str, what: &str, got: f64, bound: f64) {
        self.failures.push(Failure { rule, what: what.to_owned(), got, bound });
    }

    fn at_most(&mut self, rule: &'static str, what: &str, got: f64, bound: f64) {
        if got > bound * (1.0 + self.slack) + 0.5 {
            self.fail(rule, what, got, bound);
        }
    }

    /// Rules that need no other report: bytes once, nothing named that was not, factors, lives, silence.
    fn alone(&mut self) {
        let traffic = rows(self.report, "traffic");
        let all: f64 = traffic.iter().map(|row| number(&row["bytes"])).sum();
        self.at_most("a bytes once", "all", all, self.truth.bytes as f64);
        // Either end may stand for a private pair, which turns its direction.
        let public = sums(traffic, |row| (row["service"] != "private").then(|| text(&row["direction"])));
        self.bound("a bytes once", &public, &self.truth.by_direction.clone());
        let nats = sums(rows(self.report, "nat_gateways"), |row| Some(text(&row["nat_gateway_id"])));
        let nats = self.by_gateway(nats);
        self.bound("a bytes once, NAT gateway", &nats, &self.truth.by_nat.clone());
        let services = sums(traffic, |row| {
            let service = text(&row["service"]);
            (!service.starts_with("range:") && !["internet", "private", ""].contains(&service)).then_some(service)
        });
        self.bound("b service", &services, &self.truth.by_service.clone());
        let paths = sums(traffic, |row| {
            let observed = OBSERVED.contains(&text(&row["path_evidence"])) && row["path"] != "unknown";
            observed.then(|| text(&row["path"]))
        });
        self.bound("b path", &paths, &self.truth.by_hop.clone());
        let owners = sums(traffic, |row| row["vpc_id"].as_str());
        self.bound("b owner", &owners, &self.truth.by_vpc.clone());
        self.factors();
        self.silence();
    }

    /// `processed_bytes` under the gateway's id where the report names its interface instead.
    fn by_gateway(&self, found: Sums) -> Sums {
        let world = &self.scene.world;
        let mut named = Sums::new();
        for (id, bytes) in found {
            let nat = world.nats.iter().find(|nat| nat.interface.is_some_and(|key| world.interfaces[key.0].id == id));
            *named.entry(nat.map_or(id, |nat| nat.id.clone())).or_default() += bytes;
        }
        named
    }

    fn bound(&mut self, rule: &'static str, got: &Sums, truth: &BTreeMap<String, u64>) {
        for (key, bytes) in got {
            self.at_most(rule, key, *bytes, truth.get(key).copied().unwrap_or(0) as f64);
        }
    }

    /// With all evidence the report is the truth.
    fn complete(&mut self) {
        let traffic = rows(self.report, "traffic");
        let all: f64 = traffic.iter().map(|row| number(&row["bytes"])).sum();
        let truth = self.truth.bytes as f64;
        if (all - truth).abs() > 0.5 {
            self.fail("= bytes", "all", all, truth);
        }
        let paths = sums(traffic, |row| Some(text(&row["path"])));
        let owners = sums(traffic, |row| Some(row["vpc_id"].as_str().unwrap_or("-")));
        for (rule, got, truth) in
            [("= path", paths, self.truth.by_path.clone()), ("= owner", owners, self.truth.by_vpc.clone())]
        {
            for key in got.keys().chain(truth.keys()).collect::<BTreeSet<_>>() {
                let (got, truth) = (got.get(key).copied().unwrap_or(0.0), truth.get(key).copied().unwrap_or(0) as f64);
                if (got - truth).abs() > 0.5 {
                    self.fail(rule, key, got, truth);
                }
            }
        }
    }

    /// Months by the formula: observed by 730 over the window, by life over what of it is covered.
    fn factors(&mut self) {
        let listed =
            !self.scene.no_inventory && !self.scene.edits.iter().any(|edit| !matches!(edit, Edit::TrafficType));
        let window = (self.scene.world.end - self.scene.world.start) as f64;
        for row in rows(self.report, "nat_gateways") {
            let id = text(&row["nat_gateway_id"]);
            let (observed, month) = (number(&row["processed_bytes"]) / GIB, number(&row["monthly_gib"]));
            if let Some(factor) = bill::factor(self.scene, id).filter(|_| listed) {
                let expected = observed * factor;
                if (month - expected).abs() > 0.01 + expected * 0.001 {
                    self.fail("d factor", &format!("{id} monthly GiB"), month, expected);
                }
            }
            let nat = self.scene.world.nats.iter().find(|nat| nat.id == id);
            let (Some(nat), Some((born, died))) = (nat, bill::life(self.scene, id)) else { continue };
            if nat.interface.is_some()
                && listed
                && let Some(price) = self.scene.price(text(&row["region"]), "nat_hour")
            {
                let expected = price * 730.0 * (died - born) as f64 / window;
                let hours = number(&row["hours_usd"]);
                if hours > expected + 0.02 {
                    self.fail("d life", &format!("{id} hours_usd"), hours, expected);
                }
            }
        }
    }

    /// Nothing is idle that carries bytes, or that no log could have shown bytes of.
    fn silence(&mut self) {
        let seen = bill::seen(self.scene);
        let hours = number(&self.report["window"]["hours"]);
        let mut advised = BTreeMap::<&str, Vec<&str>>::new();
        for found in rows(self.report, "opportunities") {
            let (kind, decision) = (text(&found["kind"]), text(&found["decision"]));
            let endpoint = text(&found["endpoint_id"]);
            let known = self.scene.world.endpoints.iter().find(|known| known.id == endpoint);
            if let Some(known) = known {
                let other = known.service.starts_with("com.amazonaws.us-west-2.");
                if (other && kind != "delete_idle_interface_endpoint") || known.service == "guardduty-data" {
                    self.fail("e means", &format!("{kind} {decision} of {endpoint} {}", known.service), 1.0, 0.0);
                }
            }
            if !["adopt", "consider"].contains(&decision) {
                continue;
            }
            if !endpoint.is_empty() {
                advised.entry(endpoint).or_default().push(kind);
            }
            let (ids, staying): (Vec<&str>, u64) = match kind {
                // One that is used less than its hours cost may go, as long as the advice knows of its bytes.
                "delete_idle_interface_endpoint" => {
                    let bytes = self.truth.by_endpoint.get(endpoint).copied().unwrap_or(0);
                    let known = number(&found["observed_bytes"]) >= bytes as f64 * (1.0 - self.slack) - 0.5;
                    let movable =
                        self.scene.world.endpoints.iter().all(|own| own.id != endpoint || own.service != "execute-api");
                    (vec![endpoint], if known && movable { 0 } else { bytes })
                }
                "remove_nat_gateway" => {
                    let ids = texts(&found["nat_gateway_ids"]);
                    let bytes = ids.iter().filter_map(|id| self.truth.staying.get(*id)).sum();
                    (ids, bytes)
                }
                _ => continue,
            };
            let what = format!("{kind} {decision} of {}", ids.join(","));
            if staying > 0 {
                self.fail("e silence", &what, staying as f64, 0.0);
            }
            let interfaces = ids.iter().flat_map(|id| bill::interfaces_of(self.scene, id));
            if interfaces.into_iter().any(|key| !seen.contains(&key)) {
                self.fail("e not logged is not idle", &what, 1.0, 0.0);
            }
            let confidence = text(&found["confidence"]);
            if confidence == "high" || (hours < 48.0 && confidence != "low") {
                self.fail("j confidence", &format!("{what}: {confidence}"), hours, 48.0);
            }
        }
        for (endpoint, kinds) in advised.into_iter().filter(|(_, kinds)| kinds.len() > 1) {
            self.fail(
                "e two ways for one endpoint",
                &format!("{endpoint} {}", kinds.join(" ")),
                kinds.len() as f64,
                1.0,
            );
        }
    }

    /// No saving above what all the evidence allows.
    fn money(&mut self, whole: &Value) {
        let (full, cut) = (adopted(whole), savings(self.report));
        for (key, saving) in &cut {
            let bound = full.get(key).copied().unwrap_or(0.0);
            if *saving > bound + 0.02 {
                self.fail("c money", key, *saving, bound);
            }
        }
        let bound: f64 = full.values().sum();
        let total = number(&self.report["totals"]["adopt_usd_month"]);
        if total > bound + 0.02 {
            self.fail("c money in all", "totals.adopt_usd_month", total, bound);
        }
    }

    /// Fewer hours, not more bytes or observed dollars.
    fn time(&mut self, whole: &Value) {
        for (list, id) in [("nat_gateways", "nat_gateway_id"), ("endpoints", "endpoint_id")] {
            for key in ["processed_bytes", "observed_usd"] {
                let of = |report| {
                    let values = rows(report, list).iter();
                    values.map(|row| (text(&row[id]).to_owned(), number(&row[key]))).collect::<Sums>()
                };
                let (full, less) = (self.by_gateway(of(whole)), self.by_gateway(of(self.report)));
                for (id, value) in less {
                    let bound = full.get(&id).copied().unwrap_or(0.0);
                    if value > bound * (1.0 + self.slack) + 0.01 {
                        self.fail("d observed", &format!("{id} {key}"), value, bound);
                    }
                }
            }
        }
    }

    /// Nothing readable: no dollars, and exit code 4.
    fn nothing(&mut self, outcome: &Outcome) {
        let totals = self.report["totals"].as_object().into_iter().flatten();
        for (key, value) in totals.filter(|(key, _)| key.contains("usd")) {
            if number(value) != 0.0 {
                self.fail("h no source, no dollars", key, number(value), 0.0);
            }
        }
        if outcome.exit != Some(4) {
            self.fail("h no source, no dollars", "exit code", f64::from(exit(outcome)), 4.0);
        }
    }

    /// Who knows less says so.
    fn says_why(&mut self, whole: &Value) {
        let fallen = [
            ("totals", "adopt_usd_month", 0.02),
            ("coverage", "bytes", 0.5),
            ("coverage", "service_known_bytes", 0.5),
            ("coverage", "path_known_bytes", 0.5),
        ];
        let fallen = fallen.into_iter().find_map(|(part, key, least)| {
            let (full, cut) = (number(&whole[part][key]), number(&self.report[part][key]));
            (cut < full - least).then_some((key, cut, full))
        });
        let told = |report: &Value| {
            let coverage = ["gaps", "gateways", "unsettled", "scopes", "skipdata_hours", "damaged", "resolver"];
            let parts: Vec<String> = coverage.iter().map(|part| report["coverage"][part].to_string()).collect();
            (report["notices"].to_string(), report["prices"]["missing"].to_string(), parts)
        };
        if let Some((key, cut, full)) = fallen
            && told(whole) == told(self.report)
        {
            self.fail("f says why", key, cut, full);
        }
    }
}

const GIB: f64 = (1u64 << 30) as f64;

/// What each opportunity to adopt may save, by kind, VPC, service and resource: the high end of its range, else its value and 0.5 %.
fn adopted(report: &Value) -> Sums {
    let mut sums = Sums::new();
    for found in rows(report, "opportunities").iter().filter(|found| found["decision"] == "adopt") {
        let value = number(&found["net_usd_month"]);
        let bound = found["range"]["high"].as_f64().unwrap_or(0.0).max(value * 1.005);
        *sums.entry(key(found)).or_default() += bound;
    }
    sums
}

fn savings(report: &Value) -> Sums {
    let mut sums = Sums::new();
    for found in rows(report, "opportunities").iter().filter(|found| found["decision"] == "adopt") {
        *sums.entry(key(found)).or_default() += number(&found["net_usd_month"]);
    }
    sums
}

fn key(found: &Value) -> String {
    let kind = text(&found["kind"]);
    let of_gateway = ["remove_nat_gateway", "nat_per_az"].contains(&kind);
    let gateways = if of_gateway { texts(&found["nat_gateway_ids"]).join(",") } else { String::new() };
    let part = |name: &str| found[name].as_str().unwrap_or("-");
    format!("{kind} {} {} {}{gateways}", part("vpc_id"), part("service"), part("endpoint_id"))
}

fn rows<'v>(report: &'v Value, list: &str) -> &'v [Value] {
    report[list].as_array().map_or(&[], Vec::as_slice)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(0.0)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// `bytes` (of NAT gateways `processed_bytes`) by a key; rows without one are left out.
fn sums<'v>(rows: &'v [Value], key: impl Fn(&'v Value) -> Option<&'v str>) -> Sums {
    let mut sums = Sums::new();
    for row in rows {
        if let Some(key) = key(row) {
            let bytes = if row["bytes"].is_null() { &row["processed_bytes"] } else { &row["bytes"] };
            *sums.entry(key.to_owned()).or_default() += number(bytes);
        }
    }
    sums
}
