//! Parts of a statement, which DataFusion computes as often as they are read.
//!
//! It puts a `WITH` table in the place of each of its names. Here those that are read more than once become statements of their
//! own, run once; the SQL files stay as people write them.

use std::ops::ControlFlow;

use datafusion::error::DataFusionError;
use datafusion::execution::session_state::SessionState;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Cte, Query as AstQuery, Statement as AstStatement, With, visit_relations};

use crate::error::Result;

/// A statement to run before another, and the table that its rows are kept as meanwhile.
#[derive(Debug)]
pub(super) struct Part {
    /// Name of the table.
    pub(super) table: String,
    /// What to run.
    pub(super) statement: Statement,
}

/// Takes `sql` apart: what to run first, in order, and what then remains. `name` begins the names of the parts' tables.
pub(super) fn take_apart(state: &SessionState, sql: &str, name: &str) -> Result<(Vec<Part>, Statement)> {
    let mut rest = parse(state, sql)?;
    let mut parts = Vec::new();
    let Some(query) = query_mut(&mut rest) else { return Ok((parts, rest)) };
    let tables = query.with.as_ref().map_or(0, |with| with.cte_tables.len());
    for at in 0..tables {
        let Some(with) = query.with.as_ref() else { break };
        let alias = with.cte_tables[at].alias.name.value.clone();
        let readers = with.cte_tables[at + 1..].iter().map(|cte| reads(&cte.query, &alias)).sum::<usize>();
        if readers + reads_of_body(query, &alias) < 2 {
            continue;
        }
        let table = format!("{name}.{alias}");
        let mut part = parse(state, &format!("SELECT * FROM {alias}"))?;
        if let Some(part) = query_mut(&mut part) {
            part.with = Some(With { cte_tables: with.cte_tables[..=at].to_vec(), ..with.clone() });
            leave_out_unread(part);
        }
        parts.push(Part { table: table.clone(), statement: part });
        let mut kept = parse(state, &format!("SELECT * FROM \"{table}\""))?;
        if let (Some(kept), Some(with)) = (query_mut(&mut kept), query.with.as_mut()) {
            *with.cte_tables[at].query = kept.clone();
        }
    }
    leave_out_unread(query);
    Ok((parts, rest))
}

fn parse(state: &SessionState, sql: &str) -> Result<Statement> {
    Ok(state.sql_to_statement(sql, &state.config_options().sql_parser.dialect)?)
}

fn query_mut(statement: &mut Statement) -> Option<&mut AstQuery> {
    match statement {
        Statement::Statement(statement) => match statement.as_mut() {
            AstStatement::Query(query) => Some(query),
            _ => None,
        },
        _ => None,
    }
}

/// How often a query names a table.
fn reads(query: &AstQuery, table: &str) -> usize {
    let mut found = 0;
    let _ = visit_relations(query, |name| {
        found += usize::from(name.0.last().and_then(|part| part.as_ident()).is_some_and(|name| name.value == table));
        ControlFlow::<DataFusionError>::Continue(())
    });
    found
}

fn reads_of_body(query: &AstQuery, table: &str) -> usize {
    reads(&AstQuery { with: None, ..query.clone() }, table)
}

/// Tables that nothing reads any more would be planned for nothing.
fn leave_out_unread(query: &mut AstQuery) {
    let Some(mut with) = query.with.take() else { return };
    let mut kept: Vec<Cte> = Vec::new();
    for cte in with.cte_tables.into_iter().rev() {
        let alias = &cte.alias.name.value;
        if reads(query, alias) + kept.iter().map(|later| reads(&later.query, alias)).sum::<usize>() > 0 {
            kept.push(cte);
        }
    }
    kept.reverse();
    with.cte_tables = kept;
    query.with = (!with.cte_tables.is_empty()).then_some(with);
}

#[cfg(test)]
mod tests {
    use datafusion::prelude::SessionContext;

    use super::*;

    #[test]
    fn what_is_read_twice_runs_once() {
        let state = SessionContext::new().state();
        let sql = "WITH a AS (SELECT * FROM t), b AS (SELECT x FROM a), c AS (SELECT b.x FROM b JOIN b AS other ON true), d AS (SELECT 1)
            SELECT * FROM c JOIN a ON c.x IN (SELECT x FROM c)";
        let (parts, rest) = take_apart(&state, sql, "step").unwrap();
        let shown: Vec<String> = parts.iter().map(|part| format!("{}: {}", part.table, part.statement)).collect();
        assert_eq!(
            shown,
            [
                "step.a: WITH a AS (SELECT * FROM t) SELECT * FROM a",
                "step.b: WITH a AS (SELECT * FROM \"step.a\"), b AS (SELECT x FROM a) SELECT * FROM b",
                "step.c: WITH b AS (SELECT * FROM \"step.b\"), c AS (SELECT b.x FROM b JOIN b AS other ON true) SELECT * FROM c",
            ]
        );
        assert_eq!(
            rest.to_string(),
            "WITH a AS (SELECT * FROM \"step.a\"), c AS (SELECT * FROM \"step.c\") SELECT * FROM c JOIN a ON c.x IN (SELECT x FROM c)"
        );
    }

    #[test]
    fn what_is_read_once_stays() {
        let state = SessionContext::new().state();
        let sql = "WITH a AS (SELECT 1 AS x), b AS (SELECT x FROM a) SELECT * FROM b";
        let (parts, rest) = take_apart(&state, sql, "step").unwrap();
        assert_eq!((parts.len(), rest.to_string().as_str()), (0, sql));
    }
}
