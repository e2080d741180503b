//! How to reach S3.

use clap::Args;
use clap::builder::{BoolishValueParser, NonEmptyStringValueParser};
use url::Url;

use super::values::endpoint_url;
use crate::source::s3::S3Settings;

/// How to reach S3; without options, as the AWS CLI does.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "S3")]
pub struct StorageArgs {
    /// Profile of the AWS configuration files
    #[arg(long, value_name = "NAME", env = "OFFRAMP_PROFILE", value_parser = NonEmptyStringValueParser::new())]
    pub profile: Option<String>,
    /// Region of the buckets; without it each bucket is asked for its own
    #[arg(long, value_name = "REGION", env = "OFFRAMP_REGION", value_parser = NonEmptyStringValueParser::new())]
    pub region: Option<String>,
    /// An S3 other than AWS's, such as http://localhost:9000
    #[arg(long, value_name = "URL", env = "OFFRAMP_ENDPOINT_URL", value_parser = endpoint_url)]
    pub endpoint_url: Option<Url>,
    /// Put the bucket into the path instead of the host name
    #[arg(long, env = "OFFRAMP_PATH_STYLE", value_parser = BoolishValueParser::new())]
    pub path_style: bool,
    /// Pay for the requests to buckets that demand it
    #[arg(long, env = "OFFRAMP_REQUESTER_PAYS", value_parser = BoolishValueParser::new())]
    pub requester_pays: bool,
}

impl StorageArgs {
    /// How to reach S3.
    pub fn settings(&self) -> S3Settings {
        S3Settings {
            profile: self.profile.clone(),
            region: self.region.clone(),
            endpoint_url: self.endpoint_url.as_ref().map(ToString::to_string),
            path_style: self.path_style,
            requester_pays: self.requester_pays,
            ..S3Settings::default()
        }
    }
}
