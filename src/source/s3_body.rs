//! The body of an object, taken up again where it broke off.

use std::ops::Range;
use std::time::Duration;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use object_store::Result;

use super::s3_error::{cause, describe};
use super::s3_store::{S3Store, span};

/// Bytes still to come. The SDK tries requests again, but not bodies: once one has begun, that is on us.
pub(super) struct Body {
    store: S3Store,
    key: String,
    e_tag: Option<String>,
    left: Range<u64>,
    bytes: ByteStream,
    resumed: u32,
}

impl Body {
    /// The body of `answer`, which holds the bytes `range` of the object.
    pub(super) fn new(store: S3Store, key: String, range: Range<u64>, answer: GetObjectOutput) -> Self {
        Self { store, key, e_tag: answer.e_tag, left: range, bytes: answer.body, resumed: 0 }
    }

    /// Exactly the bytes of the range, or an error that names the object.
    pub(super) fn into_stream(self) -> BoxStream<'static, Result<Bytes>> {
        stream::try_unfold(self, |mut body| async move { Ok(body.next().await?.map(|bytes| (bytes, body))) }).boxed()
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            let why = match self.bytes.next().await {
                Some(Ok(bytes)) if bytes.is_empty() => continue,
                Some(Ok(bytes)) => {
                    self.left.start += bytes.len() as u64;
                    if self.left.start > self.left.end {
                        return Err(self.store.broken(&self.key, "the body is longer than announced".to_owned()));
                    }
                    return Ok(Some(bytes));
                }
                None if self.left.is_empty() => return Ok(None),
                None => "the body ended early".to_owned(),
                // All bytes came, but they are not what was stored (checksum).
                Some(Err(error)) if self.left.is_empty() => return Err(self.store.broken(&self.key, cause(&error))),
                Some(Err(error)) => cause(&error),
            };
            self.resume(&why).await?;
        }
    }

    async fn resume(&mut self, why: &str) -> Result<()> {
        let Range { start, end } = self.left;
        let patience = &self.store.patience;
        let Some(e_tag) = self.e_tag.clone().filter(|_| self.resumed < patience.resumes) else {
            let tries = self.resumed + 1;
            let message = format!("the transfer broke off at byte {start} of {end} in try {tries}: {why}");
            return Err(self.store.broken(&self.key, message));
        };
        tracing::debug!(key = self.key, start, end, why, "taking the body up again");
        tokio::time::sleep(backoff(patience.first_backoff, patience.max_backoff, self.resumed)).await;
        self.resumed += 1;
        // If-Match: a replaced object must not be glued to the beginning of the old one.
        let request = self.store.get_request(&self.key).range(format!("bytes={start}-{}", end - 1)).if_match(e_tag);
        let answer = Box::pin(request.send()).await.map_err(|error| {
            let message =
                format!("the transfer broke off at byte {start} of {end} ({why}), and then: {}", describe(&error));
            self.store.broken(&self.key, message)
        })?;
        match span(&answer, true) {
            Ok((range, _)) if range == self.left => self.bytes = answer.body,
            Ok((range, _)) => {
                let message = format!("bytes {start} to {end} were asked, and {} to {} came", range.start, range.end);
                return Err(self.store.broken(&self.key, message));
            }
            Err(message) => return Err(self.store.broken(&self.key, message)),
        }
        Ok(())
    }
}

fn backoff(first: Duration, longest: Duration, tries: u32) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(tries)).min(longest)
}
