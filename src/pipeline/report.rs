//! Assembles the report from the pipeline's tables.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Session;
use super::rows::values;
use super::why::{Reasons, why};
use crate::error::{Error, Result};
use crate::functions::SLOT;
use crate::inventory::model::InventoryFile;
use crate::preflight::{self, SeenLog};
use crate::prices::Charge;
use crate::report::model::{Coverage, Opportunity, Prices, Report, Totals, TransitGatewayCoverage, Window};
use crate::report::units::bytes_as_gib;

const SCHEMA_VERSION: u32 = 1;

/// One row of `coverage_totals`: the report's coverage and what the window is made of.
#[derive(Deserialize)]
struct CoverageTotals {
    #[serde(flatten)]
    coverage: Coverage,
    first_start: Option<i64>,
    last_start: Option<i64>,
    transit_gateway_records: u64,
}

/// One row of `opportunities`: the report's opportunity and what its words need.
#[derive(Deserialize)]
struct OpportunityRow {
    #[serde(flatten)]
    opportunity: Opportunity,
    missing: Option<String>,
    #[serde(flatten)]
    reasons: Reasons,
    /// Codes, joined by spaces.
    remarks: Option<String>,
}

/// A row of `own_balancers`.
#[derive(Deserialize)]
struct OwnBalancer {
    vpc_id: Option<String>,
    path: String,
    nat_gateway_id: Option<String>,
    address: String,
    interface_id: String,
    description: Option<String>,
    bytes: u64,
}

impl OwnBalancer {
    fn sentence(&self) -> String {
        let from = self.vpc_id.as_deref().unwrap_or("an unknown VPC");
        let by = self.nat_gateway_id.as_deref().unwrap_or(&self.path);
        let name = self.description.as_deref().unwrap_or_default().trim_start_matches("ELB ");
        format!(
            "{} GiB go from {from} by {by} to {}, the public address of the inventory's own load balancer {name} ({}): \
             an internal load balancer, or names that resolve to its private addresses, would keep them inside.",
            bytes_as_gib(self.bytes),
            self.address,
            self.interface_id,
        )
    }
}

#[derive(Deserialize)]
struct MissingPrice {
    region: String,
    charge: String,
}

impl Session {
    /// Whether no object read so far held malformed lines, was damaged or was refused.
    pub fn read_whole(&self) -> bool {
        let scan = self.ledger.summary();
        scan.malformed == 0 && scan.damaged.is_empty() && self.refused.is_empty()
    }

    /// The report; [`Session::classify`] must have run.
    pub async fn report(&self) -> Result<Report> {
        let totals: CoverageTotals = self.row("coverage_totals").await?;
        let window = self.window(&totals);
        let mut coverage = self.coverage(totals.coverage, &window).await?;
        coverage.transit_gateway_logs = self.transit_gateway_coverage(totals.transit_gateway_records);
        let mut notices = rejected_only(&coverage);
        notices.extend(self.notices());
        notices.extend(self.own_balancers().await?);
        let mut report = Report {
            schema_version: SCHEMA_VERSION,
            nothing_usable: None,
            generated_at: Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            window,
            currency: "USD".to_owned(),
            notices,
            coverage,
            traffic: self.rows("traffic").await?,
            nat_gateways: self.rows("nat_gateways").await?,
            endpoints: self.rows("endpoints").await?,
            opportunities: self.opportunities().await?,
            totals: self.row::<Totals>("totals").await?,
            prices: self.price_facts().await?,
        };
        put_shares(&mut report);
        if report.coverage.records == 0 {
            report.nothing_usable = Some(self.why_nothing(&report));
            // What the inventory would cost stands beside no evidence of use.
            report.totals = Totals::default();
            report.nat_gateways.clear();
            report.endpoints.clear();
            report.opportunities.clear();
        }
        Ok(report)
    }

    /// Why no record could be used: the object, then what is wrong with it.
    fn why_nothing(&self, report: &Report) -> String {
        let scan = self.ledger.summary();
        let first = scan.first_object.as_deref().unwrap_or("the source");
        let more = |count: usize| if count > 1 { format!(" (and {} more objects)", count - 1) } else { String::new() };
        if let Some(damaged) = report.coverage.damaged.first() {
            return format!("{}: {}{}.", damaged.object, damaged.reason, more(report.coverage.damaged.len()));
        }
        if let Some(malformed) = scan.by_reason.first() {
            let (lines, reason) = (scan.malformed, &malformed.reason);
            return format!("{first}: all of its lines are malformed ({lines} in all objects; most often: {reason}).");
        }
        if scan.objects == 0 && scan.transit_gateway_objects > 0 {
            return format!(
                "{first}: transit gateway flow logs alone; they tell which way bytes went, and no dollars without the flow logs \
                 of VPCs beside them."
            );
        }
        if scan.records > 0 {
            return format!(
                "{first}: none of {} records lies in the window {} to {}{}.",
                scan.records,
                report.window.start.as_deref().unwrap_or("(open)"),
                report.window.end.as_deref().unwrap_or("(open)"),
                more(scan.objects as usize)
            );
        }
        format!("{first}: no record, only a header or nothing at all{}.", more(scan.objects as usize))
    }

    /// `--since` and `--until`, else the first and last 10-minute slot in which a record starts.
    fn window(&self, totals: &CoverageTotals) -> Window {
        let asked = &self.selection.window;
        let start = asked.since.or(totals.first_start.map(|s| s.div_euclid(SLOT) * SLOT));
        let end = asked.until.or(totals.last_start.map(|s| s.div_euclid(SLOT) * SLOT + SLOT));
        let text = |t: i64| Timestamp::from_second(t).ok().map(|t| t.to_string());
        let hours = match (start, end) {
            (Some(start), Some(end)) => (end - start).max(0) as f64 / 3600.0,
            _ => 0.0,
        };
        Window { start: start.and_then(text), end: end.and_then(text), hours }
    }

    fn transit_gateway_coverage(&self, records: u64) -> Option<TransitGatewayCoverage> {
        let objects = self.ledger.summary().transit_gateway_objects;
        (objects > 0).then_some(TransitGatewayCoverage { objects, records })
    }

    async fn opportunities(&self) -> Result<Vec<Opportunity>> {
        let mut opportunities = Vec::new();
        for row in self.rows::<OpportunityRow>("opportunities").await? {
            let missing = row.missing.as_deref().unwrap_or_default().split_whitespace();
            let mut opportunity = row.opportunity;
            opportunity.missing_prices = missing
                .filter_map(|m| m.split_once(':'))
                .map(|(region, charge)| self.override_hint(region, charge))
                .collect();
            let remarks = row.remarks.as_deref().unwrap_or_default();
            opportunity.why = why(&opportunity, &row.reasons, remarks);
            crate::report::advise(&mut opportunity)?;
            opportunities.push(opportunity);
        }
        Ok(opportunities)
    }

    async fn price_facts(&self) -> Result<Prices> {
        let missing = self.rows::<MissingPrice>("missing_prices").await?;
        Ok(Prices {
            as_of: self.prices.as_of().to_owned(),
            source: self.prices.source().to_owned(),
            overrides: self.prices.overrides().to_vec(),
            missing: missing.iter().map(|m| self.override_hint(&m.region, &m.charge)).collect(),
        })
    }

    /// The override to write for a missing price.
    fn override_hint(&self, region: &str, charge: &str) -> String {
        match Charge::named(charge) {
            Some(charge) => self.prices.override_hint(region, charge),
            None => format!("{region}: {charge}"),
        }
    }

    /// What leaves by the public address of an own load balancer.
    async fn own_balancers(&self) -> Result<Vec<String>> {
        let rows = self.rows::<OwnBalancer>("own_balancers").await?;
        Ok(rows.into_iter().map(|row| row.sentence()).collect())
    }

    fn notices(&self) -> Vec<String> {
        let mut notices = Vec::new();
        if self.has_inventory {
            let absences = self.inventory.absences().into_iter();
            let absences = absences.filter(|(file, _)| *file != InventoryFile::IpRanges || !self.newer_ranges);
            notices.extend(absences.map(|(_, cost)| cost.to_owned()));
            notices.extend(self.inventory.partial_absences());
            notices.extend(self.inventory.notices.iter().cloned());
        } else {
            notices.push(
                "No --inventory: NAT gateways, endpoints and route tables are unknown, so paths rest on the log's own fields \
                 and no endpoint can be proposed with its route tables."
                    .to_owned(),
            );
        }
        let without_action =
            self.ledger.summary().scanned.iter().filter(|o| !o.fields.iter().any(|f| f == "action")).count();
        if without_action > 0 {
            notices.push(format!(
                "{without_action} objects have no action field: rejected traffic is counted with the rest."
            ));
        }
        notices.extend(preflight::notices(&preflight::judge(
            &self.inventory,
            Some(&self.seen_logs()),
            &self.selection,
        )));
        notices.push(format!("Address ranges of {}.", self.ranges.as_of));
        notices
    }

    /// What the header lines of the objects told, once a flow log.
    fn seen_logs(&self) -> Vec<SeenLog> {
        let mut seen = BTreeMap::<String, SeenLog>::new();
        for object in self.ledger.summary().scanned {
            let id = object.flow_log_id.unwrap_or_default();
            seen.entry(id).or_insert_with_key(|id| SeenLog {
                flow_log_id: id.clone(),
                account_id: object.account_id,
                region: object.region,
                fields: object.fields.iter().map(|field| field.replace('_', "-")).collect(),
            });
        }
        seen.into_values().collect()
    }

    /// All rows of a table as values.
    pub(super) async fn rows<T: DeserializeOwned>(&self, table: &str) -> Result<Vec<T>> {
        values(self.ctx.table(table).await?, table).await
    }

    /// The only row of a table.
    async fn row<T: DeserializeOwned>(&self, table: &str) -> Result<T> {
        self.rows(table).await?.pop().ok_or_else(|| Error::Output(format!("table {table} has no row")))
    }
}

/// What flow logs of rejected traffic, and those that may be such, do not say.
fn rejected_only(coverage: &Coverage) -> Vec<String> {
    let of = |kind: &str| {
        let ids: BTreeSet<_> = (coverage.scopes.iter())
            .filter(|scope| scope.recorded_traffic.as_deref() == Some(kind))
            .filter_map(|scope| scope.flow_log_id.as_deref())
            .collect();
        (!ids.is_empty()).then(|| ids.into_iter().collect::<Vec<_>>().join(", "))
    };
    let rejected = of("rejected").map(|ids| {
        format!(
            "Rejected traffic only: {ids}. Such a flow log says nothing of accepted bytes, so its interfaces count as not logged: \
             log them with traffic type ACCEPT or ALL."
        )
    });
    let undecided = of("undecided").map(|ids| {
        format!(
            "Neither accepted nor rejected records: {ids}. Whether silence there means idle is not known without \
             describe-flow-logs, which names the traffic type."
        )
    });
    rejected.into_iter().chain(undecided).collect()
}

/// The least share of the window that stands beside each total.
fn put_shares(report: &mut Report) {
    let least = |shares: &mut dyn Iterator<Item = Option<f64>>| shares.flatten().reduce(f64::min);
    let carrying = report.nat_gateways.iter().filter(|nat| nat.processed_bytes > 0);
    report.totals.nat_window_share = least(&mut carrying.map(|nat| nat.window_share));
    let decided = |decision: &'static str| report.opportunities.iter().filter(move |one| one.decision == decision);
    report.totals.adopt_window_share = least(&mut decided("adopt").map(|one| one.window_share));
    report.totals.consider_window_share = least(&mut decided("consider").map(|one| one.window_share));
}
