//! `offramp explain`: run the pipeline, tell how one number came about.

use super::sink::Sink;
use super::{Io, Outcome};
use crate::cli::ExplainArgs;
use crate::explain::render;
use crate::pipeline::Keep;
use crate::{Error, Result, pipeline};

/// Reads, classifies, asks the pipeline's tables, and writes the explanation.
pub async fn run(args: &ExplainArgs, io: &mut Io<'_>) -> Result<Outcome> {
    let (job, asked) = (args.job()?, args.asked()?);
    let progress = io.progress();
    let mut sink = Sink::open(args.output.output.as_deref(), io.out)?;
    let explained = async {
        let session = pipeline::open(&job, progress.clone()).await?;
        session.classify(Keep::All).await?;
        let report = session.report().await?;
        if let Some(reason) = report.nothing_usable {
            return Err(Error::NothingToRead(reason));
        }
        let explanation = session.explain(&asked, &report, args.records).await?;
        Ok::<_, Error>((explanation, session.complete(&report)))
    };
    let explained = explained.await;
    progress.finish();
    let (explanation, complete) = explained?;
    let colour = io.terminal.colour && sink.is_stream();
    sink.print(&render(&explanation, args.format, colour)?)?;
    sink.finish()?;
    if !complete {
        io.note("warning: some input was malformed or damaged, or a price is missing: `offramp report` names it");
    }
    Ok(Outcome::of(complete))
}
