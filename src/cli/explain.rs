//! Arguments of `offramp explain`.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::report::job;
use super::{EngineArgs, OutputArgs, SourceArgs, StorageArgs};
use crate::explain::{Asked, Format, Peer};
use crate::pipeline::Job;
use crate::source::location::Location;
use crate::{Error, Result};

const EXAMPLES: &str = "\
Examples:
  offramp explain ./flow-logs --inventory ./inventory --peer 52.216.1.7
  offramp explain ./flow-logs --inventory ./inventory --interface eni-0a1b2c3d4e5f60718
  offramp explain s3://acme-logs --inventory ./inventory --since 24h --nat-gateway nat-0a1b2c3d4e5f60718
  offramp explain ./flow-logs --inventory ./inventory --service range:amazon --format markdown -o amazon.md

The counted bytes are those of the report's traffic for the same filter. The logs are read a second
time for the records at the end; --records 0 leaves them out.";

// clap's own line is wider than the page.
const USAGE: &str = "offramp explain [OPTIONS] <SOURCE>... <--peer|--interface|--nat-gateway|--service> <VALUE>";

/// Arguments of `offramp explain`.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, override_usage = USAGE)]
pub struct ExplainArgs {
    /// Flow logs: s3://bucket/prefix, a directory or a file; several may be given
    #[arg(required = true, value_name = "SOURCE")]
    pub sources: Vec<Location>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub about: AboutArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub source: SourceArgs,
    /// How the explanation is written
    #[arg(long, value_enum, default_value_t, env = "OFFRAMP_EXPLAIN_FORMAT", help_heading = "Output")]
    pub format: Format,
    /// How many groups of log records are shown, each with its first record; 0 = none
    #[arg(long, value_name = "N", default_value_t = 5, env = "OFFRAMP_EXPLAIN_RECORDS", help_heading = "Output")]
    pub records: usize,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub output: OutputArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub storage: StorageArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub engine: EngineArgs,
}

/// The number in doubt.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub struct AboutArgs {
    /// Bytes to and from this address or network at the far end
    #[arg(long, value_name = "IP", env = "OFFRAMP_EXPLAIN_PEER")]
    pub peer: Option<Peer>,
    /// Bytes of this network interface: as client, and recorded at it
    #[arg(long, value_name = "ENI", env = "OFFRAMP_EXPLAIN_INTERFACE", value_parser = NonEmptyStringValueParser::new())]
    pub interface: Option<String>,
    /// Bytes that passed this NAT gateway
    #[arg(long, value_name = "NAT", env = "OFFRAMP_EXPLAIN_NAT_GATEWAY", value_parser = NonEmptyStringValueParser::new())]
    pub nat_gateway: Option<String>,
    /// Bytes of this service or label, as the report names it: s3, ecr.dkr, range:amazon, internet
    #[arg(long, value_name = "NAME", env = "OFFRAMP_EXPLAIN_SERVICE", value_parser = NonEmptyStringValueParser::new())]
    pub service: Option<String>,
}

impl ExplainArgs {
    /// What the pipeline is to do.
    pub fn job(&self) -> Result<Job> {
        let peer = self.about.peer.map(Peer::network);
        Ok(Job { told_apart: peer, explained: true, ..job(&self.sources, &self.source, &self.storage, &self.engine)? })
    }

    /// The number in doubt.
    pub fn asked(&self) -> Result<Asked> {
        let about = self.about.clone();
        let one = (about.peer.map(Asked::Peer))
            .or(about.interface.map(Asked::Interface))
            .or(about.nat_gateway.map(Asked::NatGateway))
            .or(about.service.map(Asked::Service));
        one.ok_or_else(|| Error::Usage("give --peer, --interface, --nat-gateway or --service".into()))
    }
}
