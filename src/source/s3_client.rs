//! Connecting to S3 as the AWS CLI does: credentials, Region, endpoint.

use std::collections::HashMap;
use std::sync::Arc;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{Credentials, ProvideCredentials, StalledStreamProtectionConfig};

use super::s3::{S3Settings, StaticCredentials};
use super::s3_error::{cause, describe};
use super::s3_store::S3Store;
use crate::error::{Error, Result};

/// Stores by bucket, made when first needed, from one configuration.
pub(super) struct Connection<'a> {
    settings: &'a S3Settings,
    config: Option<SdkConfig>,
    stores: HashMap<String, Arc<S3Store>>,
}

impl<'a> Connection<'a> {
    pub(super) fn new(settings: &'a S3Settings) -> Self {
        Self { settings, config: None, stores: HashMap::new() }
    }

    /// The store of a bucket, in the Region the bucket lies in.
    pub(super) async fn store(&mut self, bucket: &str) -> Result<Arc<S3Store>> {
        if let Some(store) = self.stores.get(bucket) {
            return Ok(Arc::clone(store));
        }
        if self.config.is_none() {
            self.config = Some(load(self.settings).await?);
        }
        let Some(config) = &self.config else { return Err(Error::Usage("no S3 configuration".to_owned())) };
        let mut client = client(config, self.settings, None);
        if self.settings.region.is_none()
            && let Some(region) = bucket_region(&client, bucket).await?
            && config.region().is_none_or(|configured| configured.as_ref() != region)
        {
            tracing::debug!(bucket, region, "bucket lies in another Region");
            client = self::client(config, self.settings, Some(Region::new(region)));
        }
        let store = Arc::new(S3Store::new(client, bucket, self.settings));
        self.stores.insert(bucket.to_owned(), Arc::clone(&store));
        Ok(store)
    }
}

async fn load(settings: &S3Settings) -> Result<SdkConfig> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(profile) = &settings.profile {
        let provider = ProfileFileCredentialsProvider::builder().profile_name(profile).build();
        loader = loader.profile_name(profile).credentials_provider(provider);
    }
    if let Some(keys) = &settings.credentials {
        let StaticCredentials { access_key_id, secret_access_key, session_token } = keys.clone();
        let keys = Credentials::new(access_key_id, secret_access_key, session_token, None, "offramp");
        loader = loader.credentials_provider(keys);
    }
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(url) = &settings.endpoint_url {
        if !matches!(url::Url::parse(url), Ok(parsed) if matches!(parsed.scheme(), "http" | "https") && parsed.has_host())
        {
            return Err(Error::Usage(format!("--endpoint-url {url:?}: want a URL such as https://s3.example.com")));
        }
        loader = loader.endpoint_url(url);
    }
    let config = Box::pin(loader.load()).await;
    check_credentials(&config, settings).await?;
    Ok(config)
}

/// Asked once, up front: else each request fails with less to say.
async fn check_credentials(config: &SdkConfig, settings: &S3Settings) -> Result<()> {
    let found = match config.credentials_provider() {
        Some(provider) => provider.provide_credentials().await.map(drop).map_err(|error| cause(&error)),
        None => Err("no provider".to_owned()),
    };
    found.map_err(|why| {
        let who = settings.profile.as_ref().map_or_else(String::new, |profile| format!(" for profile {profile:?}"));
        Error::Usage(format!(
            "no AWS credentials{who}: {why}. Log in with `aws sso login`, choose a profile with --profile or \
             AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; `aws sts get-caller-identity` must work"
        ))
    })
}

fn client(config: &SdkConfig, settings: &S3Settings, region: Option<Region>) -> Client {
    let patience = &settings.patience;
    // The SDK's own number when neither AWS_MAX_ATTEMPTS nor the profile says one.
    let said = config.retry_config().map(RetryConfig::max_attempts).filter(|attempts| *attempts != 3);
    let retries = RetryConfig::standard()
        .with_max_attempts(said.unwrap_or(patience.attempts))
        .with_initial_backoff(patience.first_backoff)
        .with_max_backoff(patience.max_backoff);
    let limits = TimeoutConfig::builder()
        .connect_timeout(patience.connect)
        .read_timeout(patience.read)
        .operation_attempt_timeout(patience.attempt)
        .build();
    let stalls = StalledStreamProtectionConfig::enabled().grace_period(patience.stall).build();
    let region = region.or_else(|| config.region().cloned()).unwrap_or(Region::from_static("us-east-1"));
    let builder = aws_sdk_s3::config::Builder::from(config)
        .region(region)
        .retry_config(retries)
        .timeout_config(limits)
        .stalled_stream_protection(stalls)
        .force_path_style(settings.path_style || has_own_endpoint(config));
    Client::from_conf(builder.build())
}

/// Host names per bucket need DNS that only AWS has.
fn has_own_endpoint(config: &SdkConfig) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    config.endpoint_url().is_some() || set("AWS_ENDPOINT_URL_S3") || set("AWS_ENDPOINT_URL")
}

/// The Region S3 names for a bucket, whatever Region was asked; `None` when it names none.
async fn bucket_region(client: &Client, bucket: &str) -> Result<Option<String>> {
    let named = "x-amz-bucket-region";
    match Box::pin(client.head_bucket().bucket(bucket).send()).await {
        Ok(head) => Ok(head.bucket_region().map(str::to_owned)),
        Err(error) => {
            let response = error.raw_response();
            let region = response.and_then(|response| response.headers().get(named)).map(str::to_owned);
            match response.map(|response| response.status().as_u16()) {
                Some(404) => Err(Error::Store {
                    object: format!("s3://{bucket}"),
                    message: "there is no such bucket".to_owned(),
                }),
                // The listing that follows says what is wrong, in S3's words.
                Some(_) => Ok(region),
                None => Err(Error::Store { object: format!("s3://{bucket}"), message: describe(&error) }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_profile_that_does_not_exist_is_named() {
        let settings = S3Settings {
            profile: Some("offramp-has-no-such-profile".to_owned()),
            region: Some("eu-west-1".to_owned()),
            ..S3Settings::default()
        };
        let error = Connection::new(&settings).store("logs").await.unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let text = error.to_string();
        assert!(text.contains("offramp-has-no-such-profile") && text.contains("aws sso login"), "{text}");
    }

    #[tokio::test]
    async fn an_endpoint_must_be_a_url() {
        let settings = S3Settings { endpoint_url: Some("localhost:9000".to_owned()), ..S3Settings::default() };
        let error = Connection::new(&settings).store("logs").await.unwrap_err();
        assert!(error.to_string().starts_with("--endpoint-url \"localhost:9000\""), "{error}");
    }
}
