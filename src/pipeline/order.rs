//! Which steps are made, and which earlier ones each of them waits for.

use std::collections::{BTreeSet, HashMap, HashSet};

use datafusion::execution::session_state::SessionState;

use super::statements::Keep;
use crate::error::Result;
use crate::queries::Step;

/// What the first step, the scan, leaves besides its own table.
const OF_SCAN: [&str; 3] = ["folded_flows", "folded_peers", "scanned_flow_logs"];

/// Steps in the order in which they are planned.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) steps: Vec<Ordered>,
}

/// A step among others.
#[derive(Debug)]
pub(super) struct Ordered {
    pub(super) step: Step,
    /// The tables that it reads, by itself or through views.
    pub(super) reads: HashSet<String>,
    /// The steps that fill them, by their place; never views.
    pub(super) needs: BTreeSet<usize>,
}

impl Order {
    /// The order of `steps`, each below those that it reads; the first is the scan.
    pub(super) fn new(state: &SessionState, steps: Vec<Step>, keep: Keep) -> Result<Self> {
        let dialect = state.config_options().sql_parser.dialect;
        let mut reads: Vec<HashSet<String>> = Vec::with_capacity(steps.len());
        for step in &steps {
            let statement = state.sql_to_statement(step.query.sql, &dialect)?;
            let tables = state.resolve_table_references(&statement)?;
            reads.push(tables.into_iter().map(|table| table.table().to_owned()).collect());
        }
        // A view that no statement asks is not made for a report.
        let asked =
            |step: &Step| keep == Keep::All || !step.is_view || reads.iter().any(|reads| reads.contains(step.table));
        let asked: Vec<bool> = steps.iter().map(asked).collect();
        let mut ordered: Vec<Ordered> = Vec::new();
        let mut made: HashMap<&str, usize> = OF_SCAN.map(|table| (table, 0)).into();
        for ((step, own), _) in steps.into_iter().zip(reads).zip(asked).filter(|(_, asked)| *asked) {
            let (mut needs, mut reads) = (BTreeSet::new(), own.clone());
            for at in own.iter().filter_map(|table| made.get(table.as_str())) {
                match ordered.get(*at) {
                    Some(view) if view.step.is_view => {
                        needs.extend(&view.needs);
                        reads.extend(view.reads.iter().cloned());
                    }
                    _ => drop(needs.insert(*at)),
                }
            }
            made.insert(step.table, ordered.len());
            ordered.push(Ordered { step, reads, needs });
        }
        Ok(Self { steps: ordered })
    }

    /// The steps that fill tables.
    pub(super) fn filling(&self) -> BTreeSet<usize> {
        (0..self.steps.len()).filter(|at| !self.steps[*at].step.is_view).collect()
    }
}
