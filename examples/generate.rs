//! Writes flow logs of simulated worlds: `sample-data/`, or gigabytes for benchmarks.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use offramp::world::{bulk, sample};

#[derive(Parser)]
#[command(about = "Writes simulated VPC Flow Logs, the inventory and the truth")]
struct Args {
    /// `sample`: three days of a small shop. `narrow`: hundreds of peers. `wide`: 200,000 peers, thousands of interfaces.
    /// `pairs`: nearly a million pairs of client and peer an hour, with query logs.
    world: Kind,
    /// Directory to write below.
    #[arg(long)]
    out: PathBuf,
    /// Bytes of text before gzip (narrow and wide), such as 500MB or 1GB.
    #[arg(long, default_value = "100MB", value_parser = parse_bytes)]
    bytes: u64,
    /// Seed of the generator.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Sample,
    Narrow,
    Wide,
    Pairs,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = match args.world {
        Kind::Sample => sample::write(&args.out, args.seed),
        Kind::Narrow => bulk::write(&args.out, &bulk::Shape::narrow(), args.bytes, args.seed),
        Kind::Wide => bulk::write(&args.out, &bulk::Shape::wide(), args.bytes, args.seed),
        Kind::Pairs => bulk::write(&args.out, &bulk::Shape::pairs(), args.bytes, args.seed),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn parse_bytes(text: &str) -> Result<u64, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let factor = match unit {
        "" | "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return Err(format!("unknown unit `{unit}`: use B, KB, MB or GB")),
    };
    digits.parse::<u64>().map(|n| n * factor).map_err(|_| format!("`{text}` is not a size"))
}
