//! How to reach S3: what the options say.

use std::fmt;
use std::time::Duration;

/// How to reach S3. The default is what the AWS CLI would do.
#[derive(Debug, Clone, Default)]
pub struct S3Settings {
    /// Profile of the AWS configuration files. Beats credentials in the environment, as in the AWS CLI.
    pub profile: Option<String>,
    /// Region of the buckets. Without it each bucket is asked for its own.
    pub region: Option<String>,
    /// Another S3 than AWS's; `AWS_ENDPOINT_URL_S3` does the same.
    pub endpoint_url: Option<String>,
    /// Bucket in the path instead of the host name. Always so with an endpoint of one's own.
    pub path_style: bool,
    /// The requests are paid by the one who asks (buckets with requester pays).
    pub requester_pays: bool,
    /// Keys to use instead of the default chain.
    pub credentials: Option<StaticCredentials>,
    /// Retries and time limits.
    pub patience: Patience,
}

/// An access key. Never printed.
#[derive(Clone)]
pub struct StaticCredentials {
    /// `AKIA...`
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
    /// For temporary keys.
    pub session_token: Option<String>,
}

impl fmt::Debug for StaticCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StaticCredentials(hidden)")
    }
}

/// How long to wait, and how often to try again.
#[derive(Debug, Clone)]
pub struct Patience {
    /// Tries of one request, the first included; AWS_MAX_ATTEMPTS and the profile's `max_attempts` beat it.
    pub attempts: u32,
    /// Times that the body of one object is taken up again where it broke off.
    pub resumes: u32,
    /// Until a connection stands.
    pub connect: Duration,
    /// Until an answer begins.
    pub read: Duration,
    /// For one try of a request; bodies of objects are not part of it.
    pub attempt: Duration,
    /// A body without a byte for so long has stalled.
    pub stall: Duration,
    /// Wait before the second try; doubled each time, with jitter.
    pub first_backoff: Duration,
    /// Longest wait between tries.
    pub max_backoff: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 6,
            resumes: 6,
            connect: Duration::from_secs(5),
            read: Duration::from_secs(30),
            attempt: Duration::from_secs(60),
            stall: Duration::from_secs(20),
            first_backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(20),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_never_printed() {
        let credentials = StaticCredentials {
            access_key_id: "AKIAEXAMPLE".to_owned(),
            secret_access_key: "secret-value".to_owned(),
            session_token: Some("token-value".to_owned()),
        };
        let settings = S3Settings { credentials: Some(credentials), ..S3Settings::default() };
        let text = format!("{settings:?}");
        assert!(!["AKIAEXAMPLE", "secret-value", "token-value"].iter().any(|secret| text.contains(secret)), "{text}");
    }
}
