//! Assembles the report's coverage from the pipeline's tables and the ledger of what was read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::Session;
use crate::error::Result;
use crate::report::model::{
    Coverage, CoverageScope, DamagedObject, Gap, GatewayCoverage, ResolverCoverage, SkippedHour, Window,
};
use crate::source::ledger::ScannedObject;

/// Copies that are named.
const DUPLICATES: usize = 100;

/// A row of `coverage_gaps`.
#[derive(Deserialize)]
struct GapRow {
    kind: String,
    id: String,
    interface_id: Option<String>,
    account_id: Option<String>,
    region: Option<String>,
    vpc_id: Option<String>,
    start: i64,
    end: i64,
}

/// A row of `coverage_skips`.
#[derive(Deserialize)]
struct SkipRow {
    account_id: Option<String>,
    region: Option<String>,
    vpc_id: Option<String>,
    flow_log_id: Option<String>,
    interface_id: Option<String>,
    hour: i64,
    slots: u64,
    records: u64,
}

/// What the ledger knows of one flow log.
#[derive(Default)]
struct Read {
    objects: u64,
    malformed: u64,
    damaged: u64,
}

impl Session {
    /// Coverage of the window: `totals` from `coverage_totals`, everything else from its own table.
    pub(super) async fn coverage(&self, totals: Coverage, window: &Window) -> Result<Coverage> {
        let scan = self.ledger.summary();
        let refused = self.refused.iter().map(|(object, reason)| DamagedObject {
            object: object.clone(),
            reason: reason.clone(),
            records: 0,
        });
        let damaged: Vec<_> = scan.damaged.into_iter().chain(refused).collect();
        let mut scopes: Vec<CoverageScope> = self.rows("coverage_scopes").await?;
        let read = by_flow_log(&scan.scanned);
        for scope in &mut scopes {
            scope.window_share = window.share(scope.covered_hours);
            if let Some(read) = read.get(scope.flow_log_id.as_deref().unwrap_or_default()) {
                (scope.objects, scope.malformed, scope.damaged_objects) = (read.objects, read.malformed, read.damaged);
            }
        }
        let mut gateways: Vec<GatewayCoverage> = self.rows("coverage_gateways").await?;
        gateways.iter_mut().for_each(|row| row.window_share = window.share(row.covered_hours));
        Ok(Coverage {
            objects: scan.objects + self.refused.len() as u64,
            malformed: scan.malformed,
            damaged_objects: damaged.len() as u64,
            duplicate_objects: self.duplicate_objects.len() as u64,
            duplicate_events: scan.duplicate_events,
            scopes,
            gateways,
            gaps: self.rows::<GapRow>("coverage_gaps").await?.into_iter().map(Into::into).collect(),
            skipdata_hours: self.rows::<SkipRow>("coverage_skips").await?.into_iter().map(Into::into).collect(),
            unresolved: self.rows("coverage_unresolved").await?,
            unsettled: self.rows("coverage_unsettled").await?,
            malformed_by_reason: scan.by_reason,
            damaged,
            duplicates: self.duplicate_objects.iter().take(DUPLICATES).cloned().collect(),
            resolver: self.resolver_coverage(),
            ..totals
        })
    }

    fn resolver_coverage(&self) -> Option<ResolverCoverage> {
        let resolver = self.resolver.as_ref()?;
        let summary = resolver.ledger.summary(&resolver.refused);
        Some(ResolverCoverage { duplicate_objects: resolver.duplicate_objects, ..summary })
    }
}

fn by_flow_log(scanned: &[ScannedObject]) -> BTreeMap<&str, Read> {
    let mut read = BTreeMap::<&str, Read>::new();
    for object in scanned {
        let entry = read.entry(object.flow_log_id.as_deref().unwrap_or_default()).or_default();
        entry.objects += 1;
        entry.malformed += object.malformed;
        entry.damaged += u64::from(object.damaged);
    }
    read
}

fn time(seconds: i64) -> String {
    Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}

impl From<GapRow> for Gap {
    fn from(row: GapRow) -> Self {
        Self {
            kind: row.kind,
            id: row.id,
            interface_id: row.interface_id,
            account_id: row.account_id,
            region: row.region,
            vpc_id: row.vpc_id,
            start: time(row.start),
            end: time(row.end),
            hours: (row.end - row.start) as f64 / 3600.0,
        }
    }
}

impl From<SkipRow> for SkippedHour {
    fn from(row: SkipRow) -> Self {
        Self {
            account_id: row.account_id,
            region: row.region,
            vpc_id: row.vpc_id,
            flow_log_id: row.flow_log_id,
            interface_id: row.interface_id,
            hour: time(row.hour),
            slots: row.slots,
            records: row.records,
        }
    }
}
