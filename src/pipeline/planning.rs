//! How the pipeline's statements are planned. Some sixty of them run for one report, so planning costs more than running where the
//! logs are small: rules that never change these statements are left out, and each is planned for the rows that it reads.
//! Statements of users are planned by DataFusion as it comes.

use std::sync::Arc;

use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::prelude::SessionContext;

/// Rows of the largest table read, from which on a statement is spread over all cores.
const MANY_ROWS: usize = 50_000;

/// Rules for forms that no statement of the pipeline has, and one that would give joins another order than they are written in.
const WITHOUT: [&str; 5] =
    ["rewrite_set_comparison", "optimize_unions", "unions_to_filter", "eliminate_cross_join", "eliminate_limit"];

/// Physical rules that pay only where many rows are moved.
const FOR_MANY_ROWS: [&str; 3] = ["ProjectionPushdown", "CombinePartialFinalAggregate", "join_selection"];

/// Sessions over the same tables as the user's.
#[derive(Clone)]
pub(super) struct Planning {
    few_rows: SessionContext,
    many_rows: SessionContext,
}

impl Planning {
    /// For statements that run in place of `ctx`.
    pub(super) fn new(ctx: &SessionContext) -> Self {
        let state = ctx.state();
        let cores = state.config().target_partitions();
        let session =
            |partitions, without: &[&str]| SessionContext::new_with_state(narrowed(&state, partitions, without));
        Self { few_rows: session(1, &FOR_MANY_ROWS), many_rows: session(cores, &[]) }
    }

    /// The session for a statement whose largest table has `rows` rows.
    pub(super) fn for_rows(&self, rows: usize) -> &SessionContext {
        if rows < MANY_ROWS { &self.few_rows } else { &self.many_rows }
    }
}

fn narrowed(state: &SessionState, partitions: usize, without: &[&str]) -> SessionState {
    // The tables are those of `state`, not a catalog of its own.
    let config = state.config().clone().with_create_default_catalog_and_schema(false);
    let mut config = config.with_target_partitions(partitions);
    let optimizer = &mut config.options_mut().optimizer;
    // A second pass finds nothing in statements that filter where they read.
    optimizer.max_passes = 1;
    // Tables in memory cannot skip rows by what a join has seen, and have no leaves to read apart.
    optimizer.enable_dynamic_filter_pushdown = false;
    optimizer.enable_leaf_expression_pushdown = false;
    // The smaller side of a join is words or few numbers: it is cheaper to read it once than to deal out the rows of the other.
    optimizer.hash_join_single_partition_threshold = 256 << 20;
    optimizer.hash_join_single_partition_threshold_rows = 500_000;
    // Rows of the first statements are nearly as many as their groups: adding them up twice costs time, and memory twice.
    let execution = &mut config.options_mut().execution;
    execution.skip_partial_aggregation_probe_rows_threshold = 16_384;
    execution.skip_partial_aggregation_probe_ratio_threshold = 0.5;
    let logical = state.optimizers().iter().filter(|rule| !WITHOUT.contains(&rule.name())).map(Arc::clone);
    let physical = state.physical_optimizers().iter().filter(|rule| !without.contains(&rule.name())).map(Arc::clone);
    let (logical, physical) = (logical.collect(), physical.collect());
    SessionStateBuilder::new_from_existing(state.clone())
        .with_config(config)
        .with_optimizer_rules(logical)
        .with_physical_optimizer_rules(physical)
        .build()
}
