//! `offramp sql`: one statement over the same tables, read-only.

use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::physical_plan::common::spawn_buffered;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::Statement as Ast;

use super::rows::Writer;
use super::sink::Sink;
use super::{Io, Outcome};
use crate::cli::SqlArgs;
use crate::pipeline::Session;
use crate::{Error, Result, pipeline};

/// Batches computed while one is written.
const BATCHES_AHEAD: usize = 2;

/// Opens the tables, runs the statement, writes its rows as they come.
pub async fn run(args: &SqlArgs, io: &mut Io<'_>) -> Result<Outcome> {
    let text = args.statement()?;
    let job = args.job()?;
    let progress = io.progress();
    let mut sink = Sink::open(args.output.output.as_deref(), io.out)?;
    let answered = async {
        let session = pipeline::open(&job, progress.clone()).await?;
        refuse_changes(&session, &text)?;
        let cut = answer(&session, &text, args, &mut sink).await?;
        Ok::<_, Error>((session, cut))
    };
    let answered = answered.await;
    progress.finish();
    let (session, cut) = answered?;
    sink.finish()?;
    if cut {
        io.note("note: only the first 10,000 rows are shown; --format csv, json or ndjson writes all");
    }
    let complete = session.read_whole();
    if !complete {
        io.note("warning: some input was malformed or damaged: `offramp report` names it");
    }
    Ok(Outcome::of(complete))
}

/// Whether rows were left out.
async fn answer(session: &Session, text: &str, args: &SqlArgs, sink: &mut Sink<'_>) -> Result<bool> {
    session.prepare(text).await.map_err(blame)?;
    let reading = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    let frame = session.context().sql_with_options(text, reading).await.map_err(|error| blame(error.into()))?;
    let rows = frame.execute_stream().await.map_err(|error| blame(error.into()))?;
    // In a task of its own: a statement that computes for long must not keep this one from being dropped by Ctrl-C.
    let rows = spawn_buffered(rows, BATCHES_AHEAD);
    Writer::new(args.format, rows.schema()).write(rows, sink).await.map_err(blame)
}

/// Before any log is read: a statement that is no question will be refused anyway.
fn refuse_changes(session: &Session, text: &str) -> Result<()> {
    let state = session.context().state();
    let dialect = state.config_options().sql_parser.dialect;
    let statement = state.sql_to_statement(text, &dialect).map_err(|error| blame(error.into()))?;
    let asks = match &statement {
        Statement::Explain(_) => true,
        Statement::Statement(ast) => matches!(
            ast.as_ref(),
            Ast::Query(_)
                | Ast::Explain { .. }
                | Ast::ExplainTable { .. }
                | Ast::ShowTables { .. }
                | Ast::ShowColumns { .. }
                | Ast::ShowFunctions { .. }
        ),
        _ => false,
    };
    if asks {
        Ok(())
    } else {
        Err(Error::Usage("offramp sql only reads: SELECT, EXPLAIN, SHOW TABLES, SHOW COLUMNS".into()))
    }
}

/// An error that the statement itself causes is a wrong usage, told in the engine's plain words.
fn blame(error: Error) -> Error {
    let Error::Query(inner) = error.root() else { return error };
    let message = match inner.find_root() {
        DataFusionError::SQL(parser, _) => parser.to_string(),
        DataFusionError::Plan(message)
        | DataFusionError::NotImplemented(message)
        | DataFusionError::Execution(message) => message.clone(),
        root @ (DataFusionError::SchemaError(..) | DataFusionError::ArrowError(..)) => root.strip_backtrace(),
        _ => return error,
    };
    Error::Usage(format!("the statement cannot be answered: {message}"))
}
