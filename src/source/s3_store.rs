//! A bucket as a read-only object store over the AWS SDK.

use std::error::Error as StdError;
use std::fmt;
use std::time::SystemTime;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::get_object::builders::GetObjectFluentBuilder;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{Object, RequestPayer};
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

use super::s3::{Patience, S3Settings};
use super::s3_body::Body;
use super::s3_error::describe;
use super::s3_key::{folder_prefix, key_of, path_of};

/// Reads one bucket. Writing is refused: nobody's logs are ever changed.
#[derive(Clone)]
pub(super) struct S3Store {
    client: Client,
    bucket: String,
    request_payer: Option<RequestPayer>,
    pub(super) patience: Patience,
}

impl S3Store {
    pub(super) fn new(client: Client, bucket: &str, settings: &S3Settings) -> Self {
        let request_payer = settings.requester_pays.then_some(RequestPayer::Requester);
        Self { client, bucket: bucket.to_owned(), request_payer, patience: settings.patience.clone() }
    }

    pub(super) fn url(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }

    /// An error of ours inside the store's error, so that the object is named wherever it ends up.
    pub(super) fn broken(&self, key: &str, message: String) -> Error {
        let source = Box::new(crate::Error::Store { object: self.url(key), message });
        Error::Generic { store: "S3", source }
    }

    pub(super) fn failed<E>(&self, key: &str, error: &SdkError<E>) -> Error
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let source = Box::new(crate::Error::Store { object: self.url(key), message: describe(error) });
        let path = key.to_owned();
        match error.raw_response().map(|response| response.status().as_u16()) {
            Some(404) => Error::NotFound { path, source },
            Some(412) => Error::Precondition { path, source },
            Some(304) => Error::NotModified { path, source },
            Some(403) => Error::PermissionDenied { path, source },
            _ => Error::Generic { store: "S3", source },
        }
    }

    pub(super) fn get_request(&self, key: &str) -> GetObjectFluentBuilder {
        self.client.get_object().bucket(&self.bucket).key(key).set_request_payer(self.request_payer.clone())
    }

    async fn page(&self, prefix: &str, delimiter: Option<&str>, token: Option<String>) -> Result<ListObjectsV2Output> {
        let request = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .set_prefix(Some(prefix).filter(|prefix| !prefix.is_empty()).map(str::to_owned))
            .set_delimiter(delimiter.map(str::to_owned))
            .set_continuation_token(token.clone())
            .set_request_payer(self.request_payer.clone());
        // The SDK's futures are huge.
        let page = Box::pin(request.send()).await.map_err(|error| self.failed(prefix, &error))?;
        if page.is_truncated() == Some(true)
            && page.next_continuation_token().is_none_or(|next| Some(next) == token.as_deref())
        {
            return Err(self.broken(prefix, "the listing is cut off without a token to go on from".to_owned()));
        }
        Ok(page)
    }

    fn pages(
        &self,
        prefix: String,
        delimiter: Option<&'static str>,
    ) -> BoxStream<'static, Result<ListObjectsV2Output>> {
        let store = self.clone();
        stream::try_unfold(Some(None), move |state: Option<Option<String>>| {
            let (store, prefix) = (store.clone(), prefix.clone());
            async move {
                let Some(token) = state else { return Ok(None) };
                let page = store.page(&prefix, delimiter, token).await?;
                let more = page.is_truncated() == Some(true);
                let next = more.then(|| page.next_continuation_token().map(str::to_owned));
                Ok(Some((page, next)))
            }
        })
        .boxed()
    }

    /// `None` for the marker objects that consoles make for folders.
    fn listed(object: Object) -> Option<ObjectMeta> {
        let key = object.key.unwrap_or_default();
        let size = u64::try_from(object.size.unwrap_or(0)).unwrap_or(0);
        let marker = size == 0 && key.ends_with('/');
        (!marker).then(|| ObjectMeta {
            location: path_of(&key),
            last_modified: time(object.last_modified.as_ref()).into(),
            size,
            e_tag: object.e_tag,
            version: None,
        })
    }

    async fn head(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let key = key_of(location);
        let request = self
            .client
            .head_object()
            .bucket(&self.bucket)
            .key(&key)
            .set_version_id(options.version)
            .set_if_match(options.if_match)
            .set_if_none_match(options.if_none_match)
            .set_request_payer(self.request_payer.clone());
        let head = Box::pin(request.send()).await.map_err(|error| self.failed(&key, &error))?;
        let size = head.content_length().and_then(|length| u64::try_from(length).ok());
        let size = size.ok_or_else(|| self.broken(&key, "the answer has no Content-Length".to_owned()))?;
        let meta = ObjectMeta {
            location: location.clone(),
            last_modified: time(head.last_modified()).into(),
            size,
            e_tag: head.e_tag,
            version: head.version_id,
        };
        let payload = GetResultPayload::Stream(stream::empty().boxed());
        Ok(GetResult { payload, meta, range: 0..size, attributes: Default::default() })
    }

    async fn get(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let key = key_of(location);
        let asked = options.range.as_ref();
        let since = |time: SystemTime| DateTime::from(time);
        let request = self
            .get_request(&key)
            .set_range(asked.map(ToString::to_string))
            .set_version_id(options.version)
            .set_if_match(options.if_match)
            .set_if_none_match(options.if_none_match)
            .set_if_modified_since(options.if_modified_since.map(|time| since(time.into())))
            .set_if_unmodified_since(options.if_unmodified_since.map(|time| since(time.into())));
        let answer = Box::pin(request.send()).await.map_err(|error| self.failed(&key, &error))?;
        let (range, size) = span(&answer, asked.is_some()).map_err(|message| self.broken(&key, message))?;
        let meta = ObjectMeta {
            location: location.clone(),
            last_modified: time(answer.last_modified()).into(),
            size,
            e_tag: answer.e_tag.clone(),
            version: answer.version_id.clone(),
        };
        let body = Body::new(self.clone(), key, range.clone(), answer);
        Ok(GetResult {
            payload: GetResultPayload::Stream(body.into_stream()),
            meta,
            range,
            attributes: Default::default(),
        })
    }
}

/// The bytes an answer holds, and the size of the object: by Content-Range if a range was asked, else by Content-Length.
pub(super) fn span(answer: &GetObjectOutput, ranged: bool) -> std::result::Result<(std::ops::Range<u64>, u64), String> {
    let length = answer.content_length().and_then(|length| u64::try_from(length).ok());
    let length = length.ok_or("the answer has no Content-Length")?;
    if !ranged {
        return Ok((0..length, length));
    }
    let header = answer.content_range().ok_or("a range was asked, and the answer has no Content-Range")?;
    let parse = || {
        let (range, size) = header.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let first: u64 = first.parse().ok()?;
        Some((first..last.parse::<u64>().ok()?.checked_add(1)?, size.parse::<u64>().ok()?))
    };
    match parse() {
        Some((range, size)) if range.end.checked_sub(range.start) == Some(length) && range.end <= size => {
            Ok((range, size))
        }
        _ => Err(format!("Content-Range {header:?} does not fit the {length} bytes of the answer")),
    }
}

fn time(time: Option<&DateTime>) -> SystemTime {
    time.and_then(|time| SystemTime::try_from(*time).ok()).unwrap_or(SystemTime::UNIX_EPOCH)
}

#[async_trait]
impl ObjectStore for S3Store {
    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        if options.head { self.head(location, options).await } else { self.get(location, options).await }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.pages(folder_prefix(prefix), None)
            .map_ok(|page| stream::iter(page.contents.unwrap_or_default().into_iter().filter_map(Self::listed).map(Ok)))
            .try_flatten()
            .boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let mut pages = self.pages(folder_prefix(prefix), Some("/"));
        let mut result = ListResult { common_prefixes: Vec::new(), objects: Vec::new() };
        while let Some(page) = pages.try_next().await? {
            let folders = page.common_prefixes.unwrap_or_default().into_iter().filter_map(|folder| folder.prefix);
            result.common_prefixes.extend(folders.map(|folder| path_of(folder.strip_suffix('/').unwrap_or(&folder))));
            result.objects.extend(page.contents.unwrap_or_default().into_iter().filter_map(Self::listed));
        }
        Ok(result)
    }

    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        Err(read_only())
    }

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        Err(read_only())
    }

    fn delete_stream(&self, _: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        stream::once(async { Err(read_only()) }).boxed()
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        Err(read_only())
    }
}

fn read_only() -> Error {
    Error::NotSupported { source: "buckets of logs are only read".into() }
}

impl fmt::Debug for S3Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client would print its credentials provider.
        f.debug_struct("S3Store").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

impl fmt::Display for S3Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.bucket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_must_say_what_it_holds() {
        for (length, range, ranged, held) in [
            (Some(10), None, false, Some((0..10, 10))),
            (Some(0), None, false, Some((0..0, 0))),
            (None, None, false, None),
            (Some(-1), None, false, None),
            (Some(5), Some("bytes 5-9/20"), true, Some((5..10, 20))),
            // A server that does not know ranges sends the whole object.
            (Some(20), None, true, None),
            (Some(4), Some("bytes 5-9/20"), true, None),
            (Some(5), Some("bytes 5-9/8"), true, None),
            (Some(5), Some("bytes 5-9/*"), true, None),
            (Some(5), Some("bytes 9-5/20"), true, None),
            (Some(5), Some("bytes 5-18446744073709551615/20"), true, None),
        ] {
            let mut answer = GetObjectOutput::builder();
            answer = answer.set_content_length(length).set_content_range(range.map(str::to_owned));
            assert_eq!(span(&answer.build(), ranged).ok(), held, "{length:?} {range:?}");
        }
    }
}
