//! The command line: arguments, exit codes, and how errors are told.

mod diagnostics;
mod engine;
mod explain;
mod inventory;
mod output;
mod report;
mod source;
mod sql;
mod storage;
mod values;

use std::ffi::OsString;
use std::io::Write;

use clap::error::ErrorKind;
use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand};

pub use engine::EngineArgs;
pub use explain::{AboutArgs, ExplainArgs};
pub use inventory::{CheckArgs, InventoryArgs, InventoryCommand};
pub use output::OutputArgs;
pub use report::ReportArgs;
pub use source::{SelectionArgs, SourceArgs};
pub use sql::{Rows, SqlArgs};
pub use storage::StorageArgs;

use crate::commands::{self, Io, Outcome};
use crate::observe::{Terminal, logging};

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    done, but some input was malformed or damaged, or an opportunity is unpriced
  2    wrong usage or configuration
  3    failed
  4    nothing usable read (refused, empty, header only, outside the window)
  130  interrupted";

/// Finds the AWS traffic that pays the NAT toll, and the VPC endpoint that lets it leave
#[derive(Debug, Parser)]
#[command(name = "offramp", version, max_term_width = 100, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub struct Cli {
    /// More log lines on stderr: -v what is done, -vv details, -vvv everything
    #[arg(short, long, action = ArgAction::Count, env = "OFFRAMP_VERBOSE", global = true)]
    pub verbose: u8,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// One variant a command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show which traffic could leave the NAT gateways, what that saves, and how to do it
    Report(Box<ReportArgs>),
    /// Show the rows and rules behind one number of the report
    Explain(Box<ExplainArgs>),
    /// Ask the flow logs, the inventory and the classified traffic in SQL
    Sql(Box<SqlArgs>),
    /// Look at the inventory, before or beside a report
    Inventory(InventoryArgs),
}

/// Runs a command line (the program's name first) as a process without a terminal would, and returns the exit code.
///
/// Results and `--help` go to `out`, everything else to `err`.
pub async fn run(
    args: impl IntoIterator<Item = OsString>,
    out: &mut (dyn Write + Send),
    err: &mut (dyn Write + Send),
) -> u8 {
    run_on(Terminal::default(), args, out, err).await
}

/// As [`run`], on a terminal.
pub async fn run_on(
    terminal: Terminal,
    args: impl IntoIterator<Item = OsString>,
    out: &mut (dyn Write + Send),
    err: &mut (dyn Write + Send),
) -> u8 {
    let cli = match parse(terminal, args) {
        Ok(cli) => cli,
        Err(error) => return refuse(terminal, &error, out, err),
    };
    if terminal.logs {
        logging::start(cli.verbose, terminal.error_colour);
    }
    let mut io = Io { out, err, terminal, verbose: cli.verbose };
    let result = match &cli.command {
        Command::Report(args) => commands::report::run(args, &mut io).await,
        Command::Explain(args) => commands::explain::run(args, &mut io).await,
        Command::Sql(args) => commands::sql::run(args, &mut io).await,
        Command::Inventory(InventoryArgs { command: InventoryCommand::Check(args) }) => {
            commands::inventory_check::run(args, &mut io).await
        }
    };
    match result {
        Ok(Outcome::Complete) => 0,
        Ok(Outcome::Incomplete) => 1,
        Ok(Outcome::Nothing) => 4,
        Err(error) => {
            diagnostics::tell(&error, cli.command.name(), io.err);
            error.exit_code()
        }
    }
}

impl Command {
    fn name(&self) -> &'static str {
        match self {
            Self::Report(_) => "report",
            Self::Explain(_) => "explain",
            Self::Sql(_) => "sql",
            Self::Inventory(InventoryArgs { command: InventoryCommand::Check(_) }) => "inventory check",
        }
    }
}

fn parse(terminal: Terminal, args: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    // The names belong into help, the values do not: they may be private.
    let mut command = private(Cli::command());
    if !terminal.interactive {
        // Else help would wrap at the width of whatever terminal the tests happen to run in.
        command = command.term_width(100);
    }
    Cli::from_arg_matches(&command.try_get_matches_from(args)?)
}

fn private(command: clap::Command) -> clap::Command {
    command.mut_args(|arg| arg.hide_env_values(true)).mut_subcommands(private)
}

fn refuse(terminal: Terminal, error: &clap::Error, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let colour = if asked { terminal.colour } else { terminal.error_colour };
    let text = error.render();
    let text = if colour { text.ansi().to_string() } else { text.to_string() };
    // Nobody is left to be told when this fails.
    drop(if asked { out.write_all(text.as_bytes()) } else { err.write_all(text.as_bytes()) });
    if asked { 0 } else { 2 }
}
