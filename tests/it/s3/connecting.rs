//! Regions, credentials, buckets that are not there.

use super::*;

/// The Regions that requests were signed for.
fn signed_for(server: &S3Server) -> Vec<String> {
    let scope = |line: &str| line.split("Credential=").nth(1)?.split('/').nth(2).map(str::to_owned);
    server.headers().iter().filter(|line| line.starts_with("authorization: ")).filter_map(|line| scope(line)).collect()
}

#[tokio::test]
async fn the_bucket_is_asked_for_its_region() {
    let server = S3Server::start(&["logs"]);
    server.put("logs", "flows/a.log", "x");
    server.fail("HEAD ", 1, Fault::Redirect("eu-central-1"));
    let mut settings = server.settings();
    settings.region = None;
    let location = "s3://logs/flows/".parse().unwrap();
    let listing = list(&SessionContext::new(), &[location], &Selection::default(), &settings).await.unwrap();
    assert_eq!(keys(&listing), ["flows/a.log"]);
    assert_eq!(server.requests(), ["HEAD ", "LIST flows/ by folder"]);
    assert_eq!(signed_for(&server).last().map(String::as_str), Some("eu-central-1"));
}

#[tokio::test]
async fn a_region_that_is_given_is_not_asked_for() {
    let server = S3Server::start(&["logs"]);
    server.put("logs", "flows/a.log", "x");
    let mut settings = server.settings();
    settings.region = Some("ap-south-1".to_owned());
    settings.requester_pays = true;
    let location = "s3://logs/flows/".parse().unwrap();
    list(&SessionContext::new(), &[location], &Selection::default(), &settings).await.unwrap();
    assert_eq!(server.requests(), ["LIST flows/ by folder"]);
    let headers = server.headers();
    assert!(headers.contains(&"x-amz-request-payer: requester".to_owned()), "{headers:?}");
    assert!(headers.iter().any(|line| line.contains("/ap-south-1/s3/aws4_request")), "{headers:?}");
}

#[tokio::test]
async fn a_bucket_that_is_not_there() {
    let server = S3Server::start(&["logs"]);
    for region in [None, Some("us-east-1".to_owned())] {
        let mut settings = server.settings();
        settings.region = region;
        let location = "s3://absent/flows/".parse().unwrap();
        let error = list(&SessionContext::new(), &[location], &Selection::default(), &settings).await.unwrap_err();
        assert_eq!(error.exit_code(), 3);
        assert!(matches!(&error, Error::Store { object, .. } if object.starts_with("s3://absent")), "{error}");
    }
}

#[tokio::test]
async fn a_refusal_says_which_permission_is_missing() {
    let server = S3Server::start(&["logs"]);
    server.fail("LIST", 1, Fault::Error(403, "AccessDenied"));
    let error = list_logs(&server, "flows/", &Selection::default()).await.unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("cannot read s3://logs/flows/: AccessDenied: said the test (HTTP 403)"), "{text}");
    assert!(text.contains("s3:ListBucket"), "{text}");
}

#[tokio::test]
async fn keys_that_s3_does_not_know() {
    let server = S3Server::start(&["logs"]);
    let mut settings = server.settings();
    if let Some(credentials) = &mut settings.credentials {
        credentials.secret_access_key = "wrong".to_owned();
    }
    let location = "s3://logs/flows/".parse().unwrap();
    let error = list(&SessionContext::new(), &[location], &Selection::default(), &settings).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("SignatureDoesNotMatch") && text.contains("Check the access key"), "{text}");
    assert!(!text.contains("wrong"), "{text}");
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let server = S3Server::start(&["logs"]);
    let mut settings = server.settings();
    settings.endpoint_url = Some("http://127.0.0.1:9".to_owned());
    settings.region = None;
    let location = "s3://logs/flows/".parse().unwrap();
    let error = list(&SessionContext::new(), &[location], &Selection::default(), &settings).await.unwrap_err();
    assert_eq!(error.exit_code(), 3);
    assert!(error.to_string().starts_with("cannot read s3://logs: cannot reach S3: "), "{error}");
    assert!(error.to_string().ends_with("Check the network, the Region and --endpoint-url"), "{error}");
}
