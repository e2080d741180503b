//! Where the result goes.

use std::path::PathBuf;

use clap::Args;

/// Where the result goes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Write the result to this file instead of stdout; it appears when the result is whole
    #[arg(short, long, value_name = "FILE", env = "OFFRAMP_OUTPUT")]
    pub output: Option<PathBuf>,
}
