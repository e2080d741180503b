//! How much of the machine to use.

use bytesize::ByteSize;
use clap::Args;

use super::values::memory_size;

/// Limits of the query engine.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Engine")]
pub struct EngineArgs {
    /// Memory that queries may hold before they spill to disk, such as 512MiB or 2GiB
    #[arg(long, value_name = "SIZE", env = "OFFRAMP_MEMORY_LIMIT", value_parser = memory_size)]
    pub memory_limit: Option<ByteSize>,
}
