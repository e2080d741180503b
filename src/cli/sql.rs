//! Arguments of `offramp sql`.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};

use super::report::job;
use super::{EngineArgs, OutputArgs, SourceArgs, StorageArgs};
use crate::pipeline::Job;
use crate::source::location::Location;
use crate::{Error, Result};

const EXAMPLES: &str = "\
Examples:
  offramp sql ./flow-logs -c 'SELECT dstport, sum(bytes) FROM flow_logs GROUP BY 1 ORDER BY 2 DESC LIMIT 10'
  offramp sql ./flow-logs --inventory ./inventory -c 'SELECT service, path, sum(bytes) FROM traffic GROUP BY 1, 2'
  offramp sql s3://acme-logs/AWSLogs/ --since 24h -f question.sql --format csv -o answer.csv
  offramp sql --inventory ./inventory -c 'SELECT * FROM inventory.nat_gateways'
  offramp sql ./flow-logs -c 'DESCRIBE opportunities'

Tables: flow_logs and resolver_log (one row a record), traffic, opportunities, nat_gateways, endpoints, coverage, prices and
inventory.*. Nothing can be changed.";

/// Arguments of `offramp sql`.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct SqlArgs {
    /// Flow logs: s3://bucket/prefix, a directory or a file; several may be given
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<Location>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub question: Question,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub source: SourceArgs,
    /// How the rows are written
    #[arg(long, value_enum, default_value_t, env = "OFFRAMP_SQL_FORMAT", help_heading = "Output")]
    pub format: Rows,
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

/// One statement.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub struct Question {
    /// The statement
    #[arg(short, long, value_name = "SQL", env = "OFFRAMP_SQL", value_parser = NonEmptyStringValueParser::new())]
    pub command: Option<String>,
    /// A file with the statement; - is stdin
    #[arg(short, long, value_name = "FILE", env = "OFFRAMP_SQL_FILE")]
    pub file: Option<PathBuf>,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Rows {
    /// For reading, at most 10,000 rows
    #[default]
    Table,
    /// With a header line; null is empty, lists and structs are JSON
    Csv,
    /// One array of objects
    Json,
    /// One object a line
    Ndjson,
}

impl SqlArgs {
    /// What the pipeline is to open.
    pub fn job(&self) -> Result<Job> {
        Ok(Job { explained: true, ..job(&self.sources, &self.source, &self.storage, &self.engine)? })
    }

    /// The text of the statement.
    pub fn statement(&self) -> Result<String> {
        let failed = |path: &Path, source| Error::Io { path: path.to_owned(), source };
        match (&self.question.command, &self.question.file) {
            (Some(text), _) => Ok(text.clone()),
            (None, Some(path)) if path.as_os_str() == "-" => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text).map_err(|error| failed(Path::new("stdin"), error))?;
                Ok(text)
            }
            (None, Some(path)) => std::fs::read_to_string(path)
                .map_err(|error| Error::Usage(format!("cannot read the statement from {}: {error}", path.display()))),
            (None, None) => Err(Error::Usage("give the statement with -c SQL or -f FILE".into())),
        }
    }
}
