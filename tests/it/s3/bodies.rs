//! Bodies that break, stall, end early or change: whole bytes or a named error, never a part.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutPayload};

use super::*;

const KEY: &str = "exports/flows.gz";

/// Bytes of which no two stretches are alike.
fn content() -> Bytes {
    (0..100_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<_>>().into()
}

/// One object in a bucket, and the store to read it by.
async fn stored() -> (S3Server, Arc<dyn ObjectStore>, LogObject) {
    let server = S3Server::start(&["logs"]);
    server.put("logs", KEY, content());
    let (store, object) = open(&server).await;
    (server, store, object)
}

async fn open(server: &S3Server) -> (Arc<dyn ObjectStore>, LogObject) {
    let context = SessionContext::new();
    let location = format!("s3://logs/{KEY}").parse().unwrap();
    let listing = list(&context, &[location], &Selection::default(), &server.settings()).await.unwrap();
    let object = listing.objects[0].clone();
    server.requests();
    (context.runtime_env().object_store(&object.store).unwrap(), object)
}

async fn read(store: &dyn ObjectStore, object: &LogObject) -> object_store::Result<Bytes> {
    store.get(&object.meta.location).await?.bytes().await
}

/// Reads, and wants an error that names the object.
async fn refused(store: &dyn ObjectStore, object: &LogObject) -> String {
    let error = read(store, object).await.unwrap_err().to_string();
    assert!(error.contains(&format!("cannot read s3://logs/{KEY}: ")), "{error}");
    error
}

#[tokio::test]
async fn a_whole_object_is_one_request() {
    let (server, store, object) = stored().await;
    assert_eq!(read(store.as_ref(), &object).await.unwrap(), content());
    assert_eq!(server.requests(), [format!("GET {KEY}")]);
}

#[tokio::test]
async fn ranges_and_heads() {
    let (server, store, object) = stored().await;
    let location = &object.meta.location;
    assert_eq!(store.get_range(location, 10..20).await.unwrap(), content().slice(10..20));
    for (range, wanted) in [
        (GetRange::Suffix(7), 399_993..400_000),
        (GetRange::Offset(399_990), 399_990..400_000),
        (GetRange::Bounded(399_990..500_000), 399_990..400_000),
    ] {
        let options = GetOptions { range: Some(range), ..GetOptions::default() };
        let result = store.get_opts(location, options).await.unwrap();
        assert_eq!((result.range.clone(), result.meta.size), (wanted.start as u64..wanted.end as u64, 400_000));
        assert_eq!(result.bytes().await.unwrap(), content().slice(wanted));
    }
    let head = store.head(location).await.unwrap();
    assert_eq!((head.size, head.location), (400_000, location.clone()));
    assert_eq!(server.requests().last().unwrap(), &format!("HEAD {KEY}"));
}

#[tokio::test]
async fn an_empty_object_is_empty() {
    let server = S3Server::start(&["logs"]);
    server.put("logs", KEY, "");
    let (store, object) = open(&server).await;
    assert_eq!(read(store.as_ref(), &object).await.unwrap(), Bytes::new());
}

#[tokio::test]
async fn server_errors_are_tried_again() {
    let (server, store, object) = stored().await;
    server.fail("GET", 1, Fault::Error(500, "InternalError"));
    server.fail("GET", 2, Fault::Error(503, "SlowDown"));
    assert_eq!(read(store.as_ref(), &object).await.unwrap(), content());
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn listings_are_tried_again() {
    let (server, ..) = stored().await;
    server.fail("LIST", 1, Fault::Error(503, "SlowDown"));
    server.fail("LIST", 1, Fault::Reset(40));
    server.fail("LIST", 1, Fault::Error(500, "InternalError"));
    let listing = list_logs(&server, "exports/", &Selection::default()).await.unwrap();
    assert_eq!(keys(&listing), [KEY]);
}

#[tokio::test]
async fn silence_and_stalls_are_tried_again() {
    let (server, store, object) = stored().await;
    server.fail("LIST", 1, Fault::Stall(40));
    assert_eq!(keys(&list_logs(&server, "exports/", &Selection::default()).await.unwrap()), [KEY]);
    server.fail("GET", 1, Fault::Silence);
    assert_eq!(read(store.as_ref(), &object).await.unwrap(), content());
    server.fail("GET", usize::MAX, Fault::Silence);
    let error = refused(store.as_ref(), &object).await;
    assert!(error.contains("cannot reach S3: ") && error.contains("timed out"), "{error}");
}

#[tokio::test]
async fn an_error_that_stays_names_the_object() {
    let (server, store, object) = stored().await;
    server.fail("GET", usize::MAX, Fault::Error(500, "InternalError"));
    let error = refused(store.as_ref(), &object).await;
    assert!(error.ends_with("InternalError: said the test (HTTP 500)"), "{error}");
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_listing_that_fails_names_the_prefix() {
    let (server, ..) = stored().await;
    server.fail("LIST", usize::MAX, Fault::Error(503, "SlowDown"));
    let error = list_logs(&server, "exports/", &Selection::default()).await.unwrap_err();
    assert_eq!(error.exit_code(), 3);
    assert_eq!(error.to_string(), "cannot read s3://logs/exports/: SlowDown: said the test (HTTP 503)");
}

#[tokio::test]
async fn a_reset_in_mid_body_is_taken_up_where_it_was() {
    let (server, store, object) = stored().await;
    server.fail("GET", 1, Fault::Reset(15_000));
    server.fail("GET", 1, Fault::Reset(5_000));
    assert_eq!(read(store.as_ref(), &object).await.unwrap(), content());
    let requests = server.requests();
    assert_eq!(
        requests,
        [format!("GET {KEY}"), format!("GET {KEY} bytes=15000-399999"), format!("GET {KEY} bytes=20000-399999")]
    );
    assert_eq!(server.headers().iter().filter(|line| line.starts_with("if-match: \"")).count(), 2);
}

#[tokio::test]
async fn a_range_that_breaks_off_is_taken_up_too() {
    let (server, store, object) = stored().await;
    server.fail("GET", 1, Fault::Reset(100));
    let bytes = store.get_range(&object.meta.location, 1_000..2_000).await.unwrap();
    assert_eq!(bytes, content().slice(1_000..2_000));
    assert_eq!(server.requests(), [format!("GET {KEY} bytes=1000-1999"), format!("GET {KEY} bytes=1100-1999")]);
}

#[tokio::test]
async fn a_stalled_body_is_taken_up_where_it_was() {
    let (server, store, object) = stored().await;
    server.fail("GET", 1, Fault::Stall(15_000));
    let bytes = tokio::time::timeout(Duration::from_secs(60), read(store.as_ref(), &object)).await.unwrap();
    assert_eq!(bytes.unwrap(), content());
    assert_eq!(server.requests(), [format!("GET {KEY}"), format!("GET {KEY} bytes=15000-399999")]);
}

#[tokio::test]
async fn a_slow_reader_is_no_stall() {
    let server = S3Server::start(&["logs"]);
    server.put("logs", KEY, vec![7; 20_000_000]);
    let (store, object) = open(&server).await;
    let mut body = store.get(&object.meta.location).await.unwrap().into_stream();
    let mut length = body.next().await.unwrap().unwrap().len();
    tokio::time::sleep(server.settings().patience.stall * 2).await;
    while let Some(bytes) = body.next().await {
        length += bytes.unwrap().len();
    }
    assert_eq!(length, 20_000_000);
    assert_eq!(server.requests(), [format!("GET {KEY}")]);
}

#[tokio::test]
async fn a_body_that_always_breaks_is_an_error_after_a_few_tries() {
    let (server, store, object) = stored().await;
    server.fail("GET", usize::MAX, Fault::Reset(1_000));
    let error = refused(store.as_ref(), &object).await;
    assert!(error.contains("the transfer broke off at byte 4000 of 400000 in try 4"), "{error}");
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_replaced_object_is_not_glued_together() {
    let (server, store, object) = stored().await;
    server.fail("GET", 1, Fault::Replace(15_000, vec![7; 400_000]));
    let error = refused(store.as_ref(), &object).await;
    assert!(error.contains("PreconditionFailed"), "{error}");
    assert!(error.contains("It was replaced while it was read; run again"), "{error}");
}

#[tokio::test]
async fn a_range_that_comes_back_shorter_is_an_error() {
    let (server, store, object) = stored().await;
    server.fail("GET", 1, Fault::Reset(15_000));
    server.fail("GET", 1, Fault::Short(5));
    let error = refused(store.as_ref(), &object).await;
    assert!(error.contains("does not fit the 5 bytes of the answer"), "{error}");
}

#[tokio::test]
async fn an_object_deleted_after_it_was_listed_is_named() {
    let (server, store, object) = stored().await;
    server.fail("GET", 1, Fault::Error(404, "NoSuchKey"));
    let error = read(store.as_ref(), &object).await.unwrap_err();
    assert!(matches!(error, object_store::Error::NotFound { .. }), "{error}");
    assert!(error.to_string().contains("It was deleted after it was listed"), "{error}");
}

#[tokio::test]
async fn nothing_is_ever_written() {
    let (server, store, object) = stored().await;
    let location = &object.meta.location;
    let other = object_store::path::Path::from("other");
    store.put(location, PutPayload::from_static(b"x")).await.unwrap_err();
    store.put_multipart(location).await.unwrap_err();
    store.delete(location).await.unwrap_err();
    store.copy(location, &other).await.unwrap_err();
    store.rename(location, &other).await.unwrap_err();
    assert_eq!(server.requests(), [""; 0]);
}
