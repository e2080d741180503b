//! `offramp report`: run the pipeline, write the report.

use super::sink::Sink;
use super::{Io, Outcome};
use crate::cli::ReportArgs;
use crate::report::{Report, render};
use crate::{Result, pipeline};

/// Reads, classifies, prices, and writes the report.
pub async fn run(args: &ReportArgs, io: &mut Io<'_>) -> Result<Outcome> {
    let job = args.job()?;
    let progress = io.progress();
    let mut sink = Sink::open(args.output.output.as_deref(), io.out)?;
    let run = pipeline::run(&job, progress.clone()).await;
    progress.finish();
    let session = run?;
    let report = session.report().await?;
    let colour = io.terminal.colour && sink.is_stream();
    sink.print(&render(&report, args.format, args.csv_table, colour)?)?;
    sink.finish()?;
    if let Some(reason) = &report.nothing_usable {
        io.note(&format!("error: no usable record was read: {reason}"));
        return Ok(Outcome::Nothing);
    }
    let complete = session.complete(&report);
    if !complete {
        io.note(&incomplete(&report));
    }
    Ok(Outcome::of(complete))
}

fn incomplete(report: &Report) -> String {
    let coverage = &report.coverage;
    let unpriced = report.opportunities.iter().filter(|one| one.decision == "unpriced").count();
    format!(
        "warning: {} malformed lines, {} damaged or refused objects, {unpriced} unpriced opportunities",
        coverage.malformed, coverage.damaged_objects
    )
}
