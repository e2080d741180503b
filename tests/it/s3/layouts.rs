//! Where flow logs lie in buckets, and what else lies there.

use super::*;

const ACCOUNT: &str = "123456789012";

#[tokio::test]
async fn all_layouts_of_aws_side_by_side() {
    let server = S3Server::start(&["logs"]);
    let hive = format!("AWSLogs/aws-account-id={ACCOUNT}");
    let days = [
        format!("plain/AWSLogs/{ACCOUNT}/vpcflowlogs/eu-west-1/2026/09/02"),
        format!("hourly/AWSLogs/{ACCOUNT}/vpcflowlogs/eu-west-1/2026/09/02/10"),
        format!("hive/{hive}/aws-service=vpcflowlogs/aws-region=eu-west-1/year=2026/month=09/day=02"),
        format!("hive-hourly/{hive}/aws-service=vpcflowlogs/aws-region=eu-west-1/year=2026/month=09/day=02/hour=10"),
        format!("transit/{hive}/service=vpcflowlogs/aws-region=eu-west-1/year=2026/month=09/day=02"),
    ];
    for (index, day) in days.iter().enumerate() {
        server.put("logs", &format!("{day}/{}", name(ACCOUNT, "eu-west-1", &format!("20260902T100{index}"))), "x");
        let month = day.split("02").next().unwrap();
        server.put("logs", &format!("{month}20/{}", name(ACCOUNT, "eu-west-1", &format!("20260920T100{index}"))), "x");
    }
    let listing = list_logs(&server, "", &window("2026-09-02", "2026-09-03")).await.unwrap();
    let facts: Vec<_> = listing
        .objects
        .iter()
        .map(|object| {
            let key = &object.key;
            let folder = object.display.trim_start_matches("s3://logs/").split('/').next().unwrap();
            assert_eq!(key.account_id.as_deref(), Some(ACCOUNT));
            assert_eq!(key.region.as_deref(), Some("eu-west-1"));
            assert_eq!(key.flow_log_id.as_deref(), Some("fl-0aa1bb2cc3dd4ee5f"));
            assert_eq!(key.day, Some(jiff::civil::date(2026, 9, 2)));
            (folder.to_owned(), key.hour)
        })
        .collect();
    let found = |name: &str, hour| (name.to_owned(), hour);
    assert_eq!(
        facts,
        [
            found("hive-hourly", Some(10)),
            found("hive", None),
            found("hourly", Some(10)),
            found("plain", None),
            found("transit", None)
        ]
    );
    // An hourly day is one listing, as any other.
    let requests = server.requests();
    assert!(!requests.iter().any(|line| line.contains("/20/") || line.contains("day=20")), "{requests:?}");
    assert!(requests.contains(&format!("LIST hourly/AWSLogs/{ACCOUNT}/vpcflowlogs/eu-west-1/2026/09/02/")));
}

#[tokio::test]
async fn a_file_under_two_prefixes_counts_once() {
    let server = S3Server::start(&["logs"]);
    let name = name(ACCOUNT, "eu-west-1", "20260902T1000");
    server.put("logs", &format!("AWSLogs/{ACCOUNT}/vpcflowlogs/eu-west-1/2026/09/02/{name}"), "a log");
    server.put("logs", &format!("backup/{name}"), "a log");
    server.put("logs", "backup/part-0.gz", "x");
    server.put("logs", "other/part-0.gz", "x");
    let listing = list_logs(&server, "", &Selection::default()).await.unwrap();
    let first = format!("AWSLogs/{ACCOUNT}/vpcflowlogs/eu-west-1/2026/09/02/{name}");
    assert_eq!(keys(&listing), [first.as_str(), "backup/part-0.gz", "other/part-0.gz"]);
    assert_eq!(listing.duplicate_objects, [format!("s3://logs/backup/{name}")]);
}

#[tokio::test]
async fn overlapping_sources_are_no_duplicates() {
    let server = S3Server::start(&["logs", "copies"]);
    let name = name(ACCOUNT, "eu-west-1", "20260902T1000");
    server.put("logs", &format!("a/{name}"), "a log");
    server.put("copies", &format!("a/{name}"), "a log");
    let locations = ["s3://logs/", "s3://logs/a/", "s3://copies/a"].map(|text| text.parse().unwrap());
    let context = SessionContext::new();
    let listing = list(&context, &locations, &Selection::default(), &server.settings()).await.unwrap();
    let read: Vec<_> = listing.objects.iter().map(|object| object.display.clone()).collect();
    assert_eq!(read, [format!("s3://copies/a/{name}")]);
    assert_eq!(listing.duplicate_objects, [format!("s3://logs/a/{name}")]);
}

#[tokio::test]
async fn a_folder_of_ones_own_is_listed_whole() {
    let server = S3Server::start(&["logs"]);
    for day in 0..60 {
        server.put("logs", &format!("exports/day-{day:02}/flows.gz"), "x");
    }
    server.put("logs", "exports/_SUCCESS", "x");
    server.put("logs", "exports/describe-vpcs.json", "x");
    server.put("logs", "exports/123456789012_vpcdnsquerylogs_vpc-1_20260902T1000Z_ab.log.gz", "x");
    let listing = list_logs(&server, "exports", &window("2026-09-02", "2026-09-03")).await.unwrap();
    assert_eq!(listing.objects.len(), 60);
    assert_eq!(server.requests(), ["LIST exports/", "LIST exports/ by folder", "LIST exports/day-00/ by folder"]);
}

#[tokio::test]
async fn a_folder_for_each_of_many_teams_is_pruned_too() {
    let server = S3Server::start(&["logs"]);
    for team in 0..60 {
        for (month, day) in [("08", "20"), ("09", "02")] {
            let name = name(ACCOUNT, "eu-west-1", &format!("2026{month}{day}T10{team:02}"));
            let day = format!("team-{team:02}/AWSLogs/{ACCOUNT}/vpcflowlogs/eu-west-1/2026/{month}/{day}");
            server.put("logs", &format!("{day}/{name}"), "x");
        }
    }
    let listing = list_logs(&server, "", &window("2026-09-02", "2026-09-03")).await.unwrap();
    assert_eq!(listing.objects.len(), 60);
    let requests = server.requests();
    assert!(!requests.iter().any(|line| line == "LIST " || line.contains("/08/")), "{requests:?}");
}

#[tokio::test]
async fn folder_markers_and_strange_keys() {
    let server = S3Server::start(&["logs"]);
    let entry = |key: &str, size: u64| format!("<Contents><Key>{key}</Key><Size>{size}</Size></Contents>");
    let entries = ["a/day/", "a/day//empty-name.log", "a/day/../up.log", "a/day/&amp; more.log", "a/day/empty.log"];
    let sizes = [0, 7, 7, 7, 0];
    let listed: String = entries.iter().zip(sizes).map(|(key, size)| entry(key, size)).collect();
    server.fail("LIST a/day/", 1, Fault::Listing(format!("<IsTruncated>false</IsTruncated>{listed}")));
    let listing = list_logs(&server, "a/day/", &Selection::default()).await.unwrap();
    assert_eq!(keys(&listing), ["a/day/& more.log", "a/day/../up.log", "a/day//empty-name.log", "a/day/empty.log"]);
    let paths: std::collections::HashSet<_> =
        listing.objects.iter().map(|LogObject { meta, .. }| meta.location.clone()).collect();
    assert_eq!(paths.len(), 4);
}

#[tokio::test]
async fn a_prefix_with_an_empty_name_in_it() {
    let server = S3Server::start(&["logs"]);
    let listed = "<Contents><Key>team//x.log</Key><Size>7</Size></Contents>";
    server.fail("LIST team// by folder", 1, Fault::Listing(listed.to_owned()));
    let listing = list_logs(&server, "team//", &Selection::default()).await.unwrap();
    assert_eq!(keys(&listing), ["team//x.log"]);
}
