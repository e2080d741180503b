//! What to read, and with what it is understood.

use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use jiff::Timestamp;

use super::values::{account_id, region};
use crate::Result;
use crate::resolver::Lookback;
use crate::source::listing::Selection;
use crate::source::location::Location;
use crate::source::window::Window;

/// Which logs, and the facts that explain them.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub struct SourceArgs {
    /// Directory with the JSON output of `aws ec2 describe-...`, any number of accounts and Regions
    #[arg(long, value_name = "DIR", env = "OFFRAMP_INVENTORY")]
    pub inventory: Option<PathBuf>,
    /// Route 53 Resolver query logs, which name AWS services behind shared addresses: s3://bucket/prefix, a directory or a
    /// file; may be repeated
    #[arg(long, value_name = "SOURCE", env = "OFFRAMP_RESOLVER")]
    pub resolver: Vec<Location>,
    /// How long before the end of an hour a DNS answer names the addresses of that hour: 24h, 90m, 2d
    #[arg(long, value_name = "TIME", env = "OFFRAMP_DNS_LOOKBACK", default_value_t)]
    pub dns_lookback: Lookback,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub select: SelectionArgs,
    /// A newer https://ip-ranges.amazonaws.com/ip-ranges.json than the built-in one
    #[arg(long, value_name = "FILE", env = "OFFRAMP_IP_RANGES")]
    pub ip_ranges: Option<PathBuf>,
    /// Prices and discounts of your own (TOML)
    #[arg(long, value_name = "FILE", env = "OFFRAMP_PRICES")]
    pub prices: Option<PathBuf>,
}

/// Which of the logs.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub struct SelectionArgs {
    /// Start of the window: 2026-09-01, 2026-09-01T10:00:00Z, or ago: 7d, 24h, 90m, 2w
    #[arg(long, value_name = "TIME", env = "OFFRAMP_SINCE", value_parser = NonEmptyStringValueParser::new())]
    pub since: Option<String>,
    /// End of the window, not part of it; written like --since
    #[arg(long, value_name = "TIME", env = "OFFRAMP_UNTIL", value_parser = NonEmptyStringValueParser::new())]
    pub until: Option<String>,
    /// Only logs of this account; may be repeated
    #[arg(long = "account", value_name = "ID", env = "OFFRAMP_ACCOUNT", value_delimiter = ',', value_parser = account_id)]
    pub account_ids: Vec<String>,
    /// Only logs of this Region; may be repeated
    #[arg(long = "source-region", value_name = "REGION", env = "OFFRAMP_SOURCE_REGION", value_delimiter = ',', value_parser = region)]
    pub regions: Vec<String>,
    /// Columns of logs without a header line, as in the flow log's LogFormat: '${version} ${account-id} ...'
    #[arg(long, value_name = "FIELDS", env = "OFFRAMP_LOG_FORMAT", value_parser = NonEmptyStringValueParser::new())]
    pub log_format: Option<String>,
}

impl SelectionArgs {
    /// Window, accounts and Regions.
    pub fn selection(&self) -> Result<Selection> {
        Ok(Selection {
            window: Window::parse(self.since.as_deref(), self.until.as_deref(), Timestamp::now())?,
            account_ids: self.account_ids.clone(),
            regions: self.regions.clone(),
        })
    }
}
