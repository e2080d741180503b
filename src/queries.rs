//! The SQL library: every file of `queries/`, embedded.

/// One SQL file.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    /// File name without extension; also the table that its rows are registered as.
    pub name: &'static str,
    /// Its text, header comment included.
    pub sql: &'static str,
}

macro_rules! queries {
    ($($name:literal),* $(,)?) => {
        [$(Query { name: $name, sql: include_str!(concat!("../queries/pipeline/", $name, ".sql")) }),*]
    };
}

macro_rules! explain {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {
        /// What `offramp explain` asks of the pipeline's tables, one question a file of `queries/explain`.
        pub mod explain {
            use super::Query;
            $($(#[$doc])* pub const $name: Query = Query { name: $file, sql: include_str!(concat!("../queries/explain/", $file, ".sql")) };)*
            /// All of them, each after the ones that it reads.
            pub const ALL: &[Query] = &[$($name),*];
        }
    };
}

explain! {
    /// Kept: the rows that make the number.
    ASKED_TRAFFIC = "asked_traffic";
    /// Kept: the legs that have to do with it.
    ASKED_LEGS = "asked_legs";
    /// Kept: what is no leg.
    ASKED_REST = "asked_rest";
    /// What became of every row.
    PIECES = "pieces";
    /// The sums that the pieces must give.
    SEEN = "seen";
    /// Who is the client.
    ORIENTATION = "orientation";
    /// Which service.
    SERVICES = "services";
    /// What DNS said.
    NAMES = "names";
    /// What the endpoint catalogue has.
    OFFERS = "offers";
    /// Which path.
    PATHS = "paths";
    /// What the log says of the path.
    PATH_FIELDS = "path_fields";
    /// Where route walks start.
    PLACES = "places";
    /// Where they start on the way back.
    WAYS_BACK = "ways_back";
    /// What it costs.
    MONEY = "money";
    /// What could move.
    MOVES = "moves";
    /// Log records as proof.
    RECORDS = "records";
}

/// `folded_flows` and `folded_hours` row by row: what the fold must be equal to.
pub const UNFOLDED: Query = queries!["unfolded_logs"][0];

/// A statement and what becomes of it.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The statement.
    pub query: Query,
    /// The table or view, where that is not the file's own name.
    pub table: &'static str,
    /// Its rows are not kept but made anew for whoever asks.
    pub is_view: bool,
}

macro_rules! steps {
    (@table $name:literal) => { $name };
    (@table $name:literal $table:literal) => { $table };
    (@kind) => { false };
    (@kind view) => { true };
    ($($(@$kind:ident)? $name:literal $(as $table:literal)?),* $(,)?) => {
        [$(Step { query: queries![$name][0], table: steps!(@table $name $($table)?), is_view: steps!(@kind $($kind)?) }),*]
    };
}

/// From the logs to the rollup, split in flows (who and how) and their hours (how much). Only `folded_sums` reads log rows.
pub const SCAN: [Step; 8] = steps!["folded_sums", "interface_places", @view "observations", "flows", "flow_members", "flow_peers", "flow_hours", @view "rollup"];

/// Everything after the rollup, in the order in which each reads the ones before. Opportunities are priced in two rounds of
/// the same statements: first what moves bytes, then what is left of each NAT gateway once the adopted moves are made. The views
/// put words and hours side by side for people; the statements join only the columns they need.
pub const CLASSIFY: [Step; 79] = steps![
    "dns_answers" as "resolver_answers",
    "watch_hours",
    "record_times",
    "report_window",
    "watches",
    "flow_log_facts",
    "transit_hops",
    "coverage",
    "chosen_flow_logs",
    "watch_sets",
    "watch_set_hours",
    "leg_hours",
    "path_evidence",
    "leg_flows",
    @view "legs",
    "unoriented",
    "logged_vpcs",
    "nat_legs",
    "nat_interfaces",
    "observed_hours",
    "seen_hops",
    @view "observed",
    "gateways",
    "gateway_hours",
    @view "gateway_legs",
    "workload_hours",
    "nat_vantages",
    @view "workload_legs",
    "counted_hours",
    @view "counted_legs",
    "paths",
    "expected_hours",
    "pathed_hours",
    @view "pathed_legs",
    "unmatched_gateways",
    "blind_nat_legs",
    "dns_pools",
    "dns_names",
    "nat_facts",
    "traffic_hours",
    "traffic_flows",
    @view "traffic_hourly",
    "gateway_interfaces",
    "gateway_slots",
    "gateway_lives",
    "scope_hours",
    "scopes",
    "free_endpoints",
    "traffic_monthly",
    "traffic",
    "endpoint_lists",
    "endpoints",
    "candidates",
    "endpoint_candidates",
    "move_rows",
    "unknown_effects",
    "move_hours" as "moved_hours",
    "daily_range",
    "move_inputs" as "opportunity_inputs",
    "priced_opportunities" as "moves",
    "nat_left",
    "nat_candidates",
    "nat_hours" as "moved_hours",
    "daily_range",
    "nat_inputs" as "opportunity_inputs",
    "priced_opportunities" as "nat_changes",
    "opportunities",
    "nat_gateways",
    "totals",
    "coverage_totals",
    "coverage_scopes",
    "coverage_slots",
    "coverage_gaps",
    "coverage_gateways",
    "coverage_skips",
    "coverage_unresolved",
    "coverage_unsettled",
    "own_balancers",
    "missing_prices",
];

/// The tables that the report reads.
pub const REPORT: [&str; 14] = [
    "traffic",
    "opportunities",
    "nat_gateways",
    "endpoints",
    "totals",
    "coverage_totals",
    "coverage_scopes",
    "coverage_gaps",
    "coverage_gateways",
    "coverage_skips",
    "coverage_unresolved",
    "coverage_unsettled",
    "own_balancers",
    "missing_prices",
];

/// Whether a table is made by the pipeline, so that it stands only after classification.
pub fn is_pipeline_table(table: &str) -> bool {
    SCAN.iter().chain(&CLASSIFY).any(|step| step.table == table)
}
