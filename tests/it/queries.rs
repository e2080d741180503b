//! The SQL library: every file is known to the program, says what it answers, and names only tables that stand before it.

use std::collections::BTreeSet;
use std::path::Path;

use datafusion::prelude::SessionContext;
use offramp::queries::{CLASSIFY, SCAN, UNFOLDED, explain};

fn files(folder: &str) -> BTreeSet<String> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries").join(folder);
    let names =
        std::fs::read_dir(dir).unwrap().map(|f| f.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned());
    names.collect()
}

#[test]
fn every_file_is_run() {
    let steps = SCAN.iter().chain(&CLASSIFY).map(|step| step.query);
    let run: BTreeSet<String> = steps.chain([UNFOLDED]).map(|query| query.name.to_owned()).collect();
    assert_eq!(files("pipeline"), run);
    let asked: BTreeSet<String> = explain::ALL.iter().map(|q| q.name.to_owned()).collect();
    assert_eq!(files("explain"), asked);
}

#[test]
fn every_file_says_what_it_answers_and_reads() {
    let steps = SCAN.iter().chain(&CLASSIFY).map(|step| step.query);
    for query in steps.chain([UNFOLDED]).chain(explain::ALL.iter().copied()) {
        let header: Vec<&str> = query.sql.lines().take_while(|l| l.starts_with("--")).collect();
        assert!(header[0].starts_with("-- title: "), "{}", query.name);
        for part in ["-- reads: ", "-- columns: "] {
            assert!(header.iter().any(|l| l.starts_with(part)), "{} lacks {part}", query.name);
        }
    }
}

#[tokio::test]
async fn every_statement_reads_only_what_stands_before_it() {
    let mut standing: BTreeSet<String> = [
        "flow_logs",
        "folded_flows",
        "folded_hours",
        "folded_peers",
        "resolver_log",
        "scanned_flow_logs",
        "prices",
        "endpoint_catalogue",
    ]
    .map(str::to_owned)
    .into();
    standing.insert("asked_peers".to_owned());
    let steps = SCAN.iter().chain(&CLASSIFY).map(|step| (step.query, step.table));
    let steps = steps.chain(explain::ALL.iter().map(|q| (*q, q.name)));
    let ctx = SessionContext::new();
    for (query, table) in steps {
        let state = ctx.state();
        let dialect = state.config_options().sql_parser.dialect;
        let statement = state.sql_to_statement(query.sql, &dialect).unwrap();
        for reference in state.resolve_table_references(&statement).unwrap() {
            let name = reference.table();
            let known = reference.schema() == Some("inventory") || standing.contains(name);
            assert!(known, "{} reads {name}, which does not stand yet", query.name);
        }
        standing.insert(table.to_owned());
    }
}
