//! Arguments of `offramp inventory`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{OutputArgs, SelectionArgs, StorageArgs};
use crate::report::check::CheckFormat;
use crate::source::location::Location;

const EXAMPLES: &str = "\
Examples:
  offramp inventory check ./inventory
  offramp inventory check ./inventory s3://acme-logs/AWSLogs/ --since 24h
  offramp inventory check ./inventory ./flow-logs --format markdown -o evidence.md

No record is read: of each flow log the first bytes of an object or a few, and what describe-flow-logs says.";

/// Arguments of `offramp inventory`.
#[derive(Debug, Clone, Args)]
pub struct InventoryArgs {
    /// What to do with it
    #[command(subcommand)]
    pub command: InventoryCommand,
}

/// One variant a command.
#[derive(Debug, Clone, Subcommand)]
pub enum InventoryCommand {
    /// Tell what flow logs and inventory can answer, what is missing, and how to switch it on
    Check(Box<CheckArgs>),
}

/// Arguments of `offramp inventory check`.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct CheckArgs {
    /// Directory with the JSON output of `aws ec2 describe-...`, any number of accounts and Regions
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// Flow logs to look into: s3://bucket/prefix, a directory or a file; several may be given
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<Location>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub select: SelectionArgs,
    /// How the check is written
    #[arg(long, value_enum, default_value_t, env = "OFFRAMP_CHECK_FORMAT", help_heading = "Output")]
    pub format: CheckFormat,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub output: OutputArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub storage: StorageArgs,
}
