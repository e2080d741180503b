//! `offramp inventory check`: what can be answered, before any record is read.

use super::sink::Sink;
use super::{Io, Outcome};
use crate::cli::CheckArgs;
use crate::preflight::{self, Sample};
use crate::report::check::render;
use crate::source::listing::{self, Selection};
use crate::{Result, catalog, inventory};

/// Reads the inventory and the first bytes of few objects, and writes the check.
pub async fn run(args: &CheckArgs, io: &mut Io<'_>) -> Result<Outcome> {
    let inventory = inventory::read(&args.directory)?;
    let mut sink = Sink::open(args.output.output.as_deref(), io.out)?;
    let selection = args.select.selection()?;
    let sample = sample(args, &selection).await?;
    let mut check = preflight::check(&inventory, sample.as_ref().map(|sample| sample.logs.as_slice()), &selection)?;
    check.sampled = sample.map(|sample| sample.sampled);
    let colour = io.terminal.colour && sink.is_stream();
    sink.print(&render(&check, args.format, colour)?)?;
    sink.finish()?;
    let unreadable = check.sampled.map_or(0, |sampled| sampled.unreadable.len());
    if unreadable > 0 {
        io.note(&format!("warning: {unreadable} objects are damaged or no flow logs"));
    }
    Ok(Outcome::of(unreadable == 0))
}

async fn sample(args: &CheckArgs, selection: &Selection) -> Result<Option<Sample>> {
    if args.sources.is_empty() {
        return Ok(None);
    }
    let ctx = catalog::session(None)?;
    let listing = listing::list(&ctx, &args.sources, selection, &args.storage.settings()).await?;
    preflight::sample(&ctx, &listing, args.select.log_format.as_deref()).await.map(Some)
}
