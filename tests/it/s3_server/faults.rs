//! Ways to break an answer.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, stream};
use http_body_util::{BodyExt, StreamBody};
use hyper::Response;
use hyper::body::Frame;
use s3s::Body;

#[derive(Clone, Debug)]
pub enum Fault {
    /// An S3 error instead of the answer.
    Error(u16, &'static str),
    /// The bucket lies in another Region.
    Redirect(&'static str),
    /// A listing, word for word.
    Listing(String),
    /// No answer ever.
    Silence,
    /// The connection is reset after so many bytes of the body.
    Reset(usize),
    /// Nothing more comes after so many bytes of the body.
    Stall(usize),
    /// The object is replaced, and the connection is reset after so many bytes of the body.
    Replace(usize, Vec<u8>),
    /// The body is so many bytes long, and its length says so.
    Short(usize),
}

#[derive(Default)]
pub(super) struct Faults(Vec<(String, usize, Fault)>);

impl Faults {
    pub(super) fn add(&mut self, line: &str, times: usize, fault: Fault) {
        self.0.push((line.to_owned(), times, fault));
    }

    pub(super) fn take(&mut self, line: &str) -> Option<Fault> {
        let rule = self.0.iter_mut().find(|(start, times, _)| *times > 0 && line.starts_with(start.as_str()))?;
        rule.1 -= 1;
        Some(rule.2.clone())
    }
}

pub(super) fn error(status: u16, code: &str) -> Response<Body> {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>said the test</Message></Error>"
    );
    Response::builder().status(status).header("content-type", "application/xml").body(Body::from(text)).unwrap()
}

impl Fault {
    /// The answer, if the server is not asked at all.
    pub(super) fn instead(&self) -> Option<Response<Body>> {
        match self {
            Self::Error(status, code) => Some(error(*status, code)),
            Self::Redirect(region) => {
                let mut answer = error(301, "PermanentRedirect");
                answer.headers_mut().insert("x-amz-bucket-region", region.parse().unwrap());
                Some(answer)
            }
            Self::Listing(entries) => Some(Response::new(Body::from(format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult \
                 xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>logs</Name>{entries}</ListBucketResult>"
            )))),
            _ => None,
        }
    }

    /// The server's answer, broken. `path` is the object's file.
    pub(super) async fn apply(self, response: Response<Body>, path: PathBuf) -> Response<Body> {
        let (mut head, body) = response.into_parts();
        let whole = BodyExt::collect(body).await.unwrap().to_bytes();
        let cut = |after: usize| whole.slice(..after.min(whole.len()));
        let body = match self {
            Self::Reset(after) => broken_off(cut(after)),
            Self::Replace(after, bytes) => {
                std::fs::write(path, bytes).unwrap();
                broken_off(cut(after))
            }
            Self::Stall(after) => streamed(stream::iter([Ok(cut(after))]).chain(stream::pending())),
            Self::Short(length) => {
                head.headers.insert("content-length", length.into());
                Body::from(cut(length))
            }
            other => panic!("{other:?} is no way to break a body"),
        };
        Response::from_parts(head, body)
    }
}

fn broken_off(bytes: Bytes) -> Body {
    // hyper drops what it has not sent when a body fails: give it time to send.
    let end = stream::once(async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Err(std::io::Error::other("reset by the test"))
    });
    streamed(stream::iter([Ok(bytes)]).chain(end))
}

fn streamed(bytes: impl futures::Stream<Item = std::io::Result<Bytes>> + Send + 'static) -> Body {
    Body::http_body_unsync(StreamBody::new(bytes.map(|bytes| bytes.map(Frame::data))))
}
