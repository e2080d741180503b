//! From a bucket to a report: the program itself, with the environment the AWS CLI would have.

use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::sync::Arc;

use offramp::observe::progress::Silent;
use offramp::pipeline::{self, Job};
use serde_json::Value;

use super::bucket::{bucket, truth};
use super::*;

/// What [`S3Server::settings`] says, as the AWS CLI takes it.
fn environment(server: &S3Server) -> [(&'static str, String); 5] {
    let keys = server.settings().credentials.unwrap();
    [
        ("AWS_ACCESS_KEY_ID", keys.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", keys.secret_access_key),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ENDPOINT_URL_S3", server.url()),
        ("AWS_MAX_ATTEMPTS", "2".to_owned()),
    ]
}

fn offramp(server: &S3Server, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_offramp")).args(arguments).env_clear().envs(environment(server)).output().unwrap()
}

fn report(server: &S3Server, arguments: &[&str]) -> Output {
    offramp(server, &[&["report", "s3://logs/", "--format", "json"], arguments].concat())
}

fn json(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Bytes by account and Region.
fn traffic(report: &Value) -> BTreeMap<(String, String), u64> {
    let mut sums = BTreeMap::new();
    for row in report["traffic"].as_array().unwrap() {
        let text = |column: &str| row[column].as_str().unwrap().to_owned();
        *sums.entry((text("account_id"), text("region"))).or_default() += row["bytes"].as_u64().unwrap();
    }
    sums
}

#[test]
fn every_account_and_region_of_a_bucket() {
    let (server, written) = bucket();
    let report = json(&report(&server, &[]));
    assert_eq!(report["coverage"]["objects"], 18);
    assert_eq!(report["coverage"]["records"], 18);
    assert_eq!(traffic(&report), truth(&[9, 10, 11, 33, 34, 35]));
    let requests = server.requests();
    let mut fetched: Vec<_> = requests.iter().filter_map(|line| line.strip_prefix("GET ")).collect();
    fetched.sort_unstable();
    let mut written: Vec<_> = written.iter().map(String::as_str).collect();
    written.sort_unstable();
    assert_eq!(fetched, written, "one GET per object");
}

#[test]
fn a_window_and_an_account_fetch_only_their_objects() {
    let (server, _) = bucket();
    let window = ["--since", "2026-09-02T10:00:00Z", "--until", "2026-09-03", "--account", "222222222222"];
    let report = json(&report(&server, &window));
    let scope = ("222222222222".to_owned(), "eu-west-1".to_owned());
    assert_eq!(traffic(&report), BTreeMap::from([(scope.clone(), truth(&[34, 35])[&scope])]));
    let day = "AWSLogs/222222222222/vpcflowlogs/eu-west-1/2026/09/02";
    let get = |time: &str| format!("GET {day}/{}", name("222222222222", "eu-west-1", time));
    let requests = server.requests();
    let fetched: Vec<_> = requests.iter().filter(|line| line.starts_with("GET ")).collect();
    // 09:05 lies within the hour before the window: a record of it may begin in the window.
    assert_eq!(fetched, [&get("20260902T0905"), &get("20260902T1005"), &get("20260902T1105")]);
    assert!(!requests.iter().any(|line| line.contains("111111111111/")), "{requests:?}");
}

#[test]
fn faults_on_the_way_change_no_number() {
    let (server, written) = bucket();
    let whole = json(&report(&server, &[]));
    server.fail("HEAD ", 1, Fault::Error(503, "SlowDown"));
    server.fail("LIST AWSLogs/ ", 1, Fault::Error(500, "InternalError"));
    server.fail(&format!("GET {}", written[3]), 1, Fault::Error(500, "InternalError"));
    server.fail(&format!("GET {}", written[8]), 1, Fault::Error(503, "SlowDown"));
    server.fail(&format!("GET {}", written[12]), 2, Fault::Reset(40));
    let faulty = json(&report(&server, &[]));
    for part in ["coverage", "traffic", "totals", "opportunities"] {
        assert_eq!(faulty[part], whole[part], "{part}");
    }
    let requests = server.requests();
    assert!(requests.iter().any(|line| line.starts_with(&format!("GET {} bytes=80-", written[12]))), "{requests:?}");
}

#[test]
fn an_object_that_cannot_be_read_ends_the_run_and_is_named() {
    for fault in [Fault::Error(500, "InternalError"), Fault::Error(403, "AccessDenied"), Fault::Short(30)] {
        let (server, written) = bucket();
        let key = &written[7];
        server.fail(&format!("GET {key}"), usize::MAX, fault.clone());
        let output = report(&server, &[]);
        let said = String::from_utf8_lossy(&output.stderr);
        if let Fault::Short(_) = fault {
            // All that was announced came: no fault of the transfer, but a damaged object.
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(String::from_utf8_lossy(&output.stdout).contains(&format!("s3://logs/{key}")), "{said}");
            continue;
        }
        assert_eq!(output.status.code(), Some(3), "{fault:?}: {said}");
        assert!(said.contains(&format!("s3://logs/{key}")), "{fault:?}: {said}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_stalls_for_ever_ends_the_run_and_is_named() {
    let (server, written) = bucket();
    server.fail(&format!("GET {}", written[7]), usize::MAX, Fault::Stall(25));
    let mut s3 = server.settings();
    s3.patience.resumes = 1;
    let job = Job { sources: vec!["s3://logs/".parse().unwrap()], s3, ..Job::default() };
    let error = pipeline::run(&job, Arc::new(Silent)).await.unwrap_err();
    assert_eq!(error.exit_code(), 3);
    assert!(error.to_string().contains(&format!("s3://logs/{}", written[7])), "{error}");
}

#[test]
fn nothing_in_the_window_and_nobody_logged_in() {
    let (server, _) = bucket();
    let output = report(&server, &["--since", "2020-01-01", "--until", "2020-01-02"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(4), 0));
    let output = Command::new(env!("CARGO_BIN_EXE_offramp"))
        .args(["report", "s3://logs/", "--endpoint-url", &server.url()])
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{said}");
    assert!(said.contains("no AWS credentials") && said.contains("aws sso login"), "{said}");
}

#[test]
fn a_check_reads_the_first_bytes_of_one_object_of_a_flow_log() {
    let (server, written) = bucket();
    let inventory = tempfile::tempdir().unwrap();
    let directory = inventory.path().to_str().unwrap();
    let check = json(&offramp(&server, &["inventory", "check", directory, "s3://logs/", "--format", "json"]));
    assert_eq!(check["sampled"]["objects_listed"], written.len());
    assert_eq!(check["sampled"]["objects_read"], 1);
    assert_eq!(check["flow_logs"][0]["version"], 5);
    let requests = server.requests();
    let fetched: Vec<_> = requests.iter().filter(|request| request.starts_with("GET")).collect();
    assert!(fetched.len() == 1 && fetched[0].contains(" bytes=0-"), "{fetched:?}");
}
