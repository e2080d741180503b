//! Takes evidence away from random worlds, runs an `offramp` binary over what is left, and lists what it then says too much.
//!
//! Each failure is one JSON line, with the world and the cuts that give it again:
//! `ablation --binary PATH --world SEED --cut NAME+NAME --keep DIR`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use fastrand::Rng;
use offramp::world::ablation::{Cut, Failure, Kept, Outcome, Scene, Trial, cuts, judge, judge_whole, kept};
use serde_json::json;

#[derive(Parser)]
#[command(about = "Less evidence, never more money: a property of offramp, tried on random worlds")]
struct Args {
    /// The offramp to try.
    #[arg(long)]
    binary: PathBuf,
    /// Reports with evidence taken away.
    #[arg(long, default_value_t = 300)]
    cuts: u64,
    /// The first world's seed; the next world has the next.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Cuts of one world.
    #[arg(long, default_value_t = 40)]
    per_world: u64,
    /// Worlds at a time.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Only cuts whose kind begins with one of these.
    #[arg(long, value_delimiter = ',')]
    kinds: Vec<String>,
    /// One world; with --cut one trial of it.
    #[arg(long)]
    world: Option<u64>,
    /// Names of cuts, joined by `+`.
    #[arg(long, requires = "world")]
    cut: Option<String>,
    /// Leaves evidence and reports of the last trial below this directory: `whole/` and `cut/`.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Writes what each single cut costs in certainty as a Markdown table.
    #[arg(long)]
    table: Option<PathBuf>,
}

/// What is known of a kind of cut.
#[derive(Default)]
struct Row {
    runs: u64,
    failures: BTreeMap<&'static str, u64>,
    kept: Vec<Kept>,
}

#[derive(Default)]
struct Tally {
    kinds: BTreeMap<String, Row>,
    runs: u64,
    failed: u64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(2)
        }
    }
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

fn run(args: &Args) -> Result<u64, Failed> {
    let tally = Mutex::new(Tally::default());
    let per_world = if args.world.is_some() { args.cuts.max(1) } else { args.per_world.max(1) };
    let worlds = if args.world.is_some() { 1 } else { args.cuts.div_ceil(per_world) };
    let next = AtomicU64::new(0);
    let first = args.world.unwrap_or(args.seed);
    let work = || -> Result<(), Failed> {
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= worlds {
                return Ok(());
            }
            let count = per_world.min(args.cuts - (n * per_world).min(args.cuts));
            world(args, first + n, count, &tally)?;
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..args.jobs.max(1)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| Err("a panic".into())))
    })?;
    let tally = tally.into_inner().map_err(|_| "a panic")?;
    summary(&tally)?;
    if let Some(path) = &args.table {
        std::fs::write(path, table(&tally))?;
    }
    Ok(tally.failed)
}

/// All trials of one world; the report with all evidence serves them all.
fn world(args: &Args, seed: u64, count: u64, tally: &Mutex<Tally>) -> Result<(), Failed> {
    let scene = Scene::random(seed);
    let temporary = tempfile::tempdir()?;
    let root = args.keep.clone().unwrap_or_else(|| temporary.path().to_owned());
    let trial = Trial { binary: &args.binary };
    let whole = trial.run(&scene, &fresh(&root, "whole")?)?;
    let before = judge_whole(&scene, &whole);
    note(tally, seed, &[], &before, None)?;
    let Some(report) = &whole.report else { return Ok(()) };
    let mut rng = Rng::with_seed(seed);
    let possible = cuts(&scene, &mut rng);
    let one = |chosen: &[Cut]| -> Result<(), Failed> {
        let mut less = scene.clone();
        for cut in chosen {
            if !cut.apply(&mut less) && args.cut.is_some() {
                return Err(format!("world {seed} has no {cut}").into());
            }
        }
        let outcome: Outcome = trial.run(&less, &fresh(&root, "cut")?)?;
        let left = kept(report, &less, &outcome);
        let mut failures = judge(report, &less, chosen, &outcome);
        // What all the evidence gets wrong already is told once.
        failures.retain(|new| {
            !before.iter().any(|old| (old.rule, &old.what) == (new.rule, &new.what) && new.got <= old.got)
        });
        note(tally, seed, chosen, &failures, Some(left))
    };
    if let Some(names) = &args.cut {
        return one(&names.split('+').map(Cut::named).collect::<Vec<_>>());
    }
    // Kinds are drawn first: a world has many more interfaces than files.
    let mut kinds = BTreeMap::<&str, Vec<&Cut>>::new();
    for cut in &possible {
        if args.kinds.is_empty() || args.kinds.iter().any(|kind| cut.kind.starts_with(kind.as_str())) {
            kinds.entry(&cut.kind).or_default().push(cut);
        }
    }
    let kinds: Vec<Vec<&Cut>> = kinds.into_values().collect();
    if kinds.is_empty() {
        return Ok(());
    }
    for _ in 0..count {
        let size = if rng.u8(..5) < 3 { 1 } else { rng.usize(2..5) };
        let mut chosen: Vec<Cut> = Vec::new();
        for _ in 0..size {
            let kind = &kinds[rng.usize(..kinds.len())];
            let cut = kind[rng.usize(..kind.len())];
            // Lines are counted anew once one is gone.
            if !chosen.iter().any(|known| known.kind == cut.kind) {
                chosen.push(cut.clone());
            }
        }
        one(&chosen)?;
    }
    Ok(())
}

fn fresh(root: &Path, name: &str) -> Result<PathBuf, Failed> {
    let path = root.join(name);
    if path.exists() {
        std::fs::remove_dir_all(&path)?;
    }
    std::fs::create_dir_all(&path)?;
    Ok(path)
}

fn note(
    tally: &Mutex<Tally>,
    seed: u64,
    chosen: &[Cut],
    failures: &[Failure],
    left: Option<Kept>,
) -> Result<(), Failed> {
    let names: Vec<String> = chosen.iter().map(ToString::to_string).collect();
    let mut out = std::io::stdout().lock();
    for failure in failures {
        let line = json!({
            "world": seed, "cut": names.join("+"), "rule": failure.rule, "what": failure.what, "got": failure.got,
            "bound": failure.bound,
        });
        writeln!(out, "{line}")?;
    }
    let mut tally = tally.lock().map_err(|_| "a panic")?;
    tally.runs += 1;
    tally.failed += u64::from(!failures.is_empty());
    let kind = match chosen {
        [] => "(nothing cut)".to_owned(),
        [one] => one.kind.clone(),
        more => format!("({} at once)", more.len()),
    };
    let row = tally.kinds.entry(kind).or_default();
    row.runs += 1;
    let rules: std::collections::BTreeSet<_> = failures.iter().map(|failure| failure.rule).collect();
    rules.into_iter().for_each(|rule| *row.failures.entry(rule).or_default() += 1);
    row.kept.extend(left);
    Ok(())
}

fn summary(tally: &Tally) -> Result<(), Failed> {
    let mut out = std::io::stderr().lock();
    for (kind, row) in &tally.kinds {
        let failures: Vec<String> = row.failures.iter().map(|(rule, count)| format!("{rule}: {count}")).collect();
        let weak: u64 = row.kept.iter().map(|kept| kept.weak).sum();
        writeln!(out, "{kind:44} {:6} runs  weak {weak:4}  {}", row.runs, failures.join("; "))?;
    }
    writeln!(out, "{} reports, {} with failures", tally.runs, tally.failed)?;
    Ok(())
}

fn table(tally: &Tally) -> String {
    let mut lines = vec![
        "| missing | worlds | savings kept | bytes with a service kept | bytes with a path kept | the report says |"
            .to_owned(),
        "| --- | ---: | ---: | ---: | ---: | --- |".to_owned(),
    ];
    for (kind, row) in tally.kinds.iter().filter(|(kind, _)| !kind.starts_with('(')) {
        let median = |of: fn(&Kept) -> Option<f64>| {
            let mut values: Vec<f64> = row.kept.iter().filter_map(of).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).map_or_else(|| "-".to_owned(), |share| format!("{:.0} %", share * 100.0))
        };
        let mut said = BTreeMap::<&str, u64>::new();
        row.kept.iter().filter_map(|kept| kept.says.as_deref()).for_each(|says| *said.entry(says).or_default() += 1);
        let says = said.into_iter().max_by_key(|(_, count)| *count).map_or("-", |(says, _)| says).replace('|', "\\|");
        lines.push(format!(
            "| {kind} | {} | {} | {} | {} | {says} |",
            row.runs,
            median(|kept| kept.adopt),
            median(|kept| kept.service),
            median(|kept| kept.path)
        ));
    }
    lines.join("\n") + "\n"
}
