//! Which prefixes are listed and which objects fetched: the request log decides, not the rows.

use offramp::record::kind::LogKind;
use offramp::source::listing::list_of;

use super::*;

const ONE: &str = "111111111111";
const TWO: &str = "222222222222";

/// Two accounts, two Regions, five days, one object in each; another service's logs beside them.
fn bucket() -> S3Server {
    let server = S3Server::start(&["logs"]);
    for account in [ONE, TWO] {
        for region in ["eu-west-1", "us-east-1"] {
            for day in ["2026/08/31", "2026/09/01", "2026/09/02", "2026/09/03", "2026/09/04"] {
                let name = name(account, region, &format!("{}T1200", day.replace('/', "")));
                server.put("logs", &format!("AWSLogs/{account}/vpcflowlogs/{region}/{day}/{name}"), "x");
            }
        }
        server.put("logs", &format!("AWSLogs/{account}/CloudTrail/eu-west-1/2026/09/02/trail.json.gz"), "x");
    }
    server.put("logs", "AWSLogs/o-a1b2c3/111111111111/CloudTrail/x.json.gz", "x");
    server
}

#[tokio::test]
async fn only_the_days_around_the_window_are_listed() {
    let server = bucket();
    let mut selection = window("2026-09-03T06:00:00Z", "2026-09-03T18:00:00Z");
    selection.account_ids = vec![ONE.to_owned()];
    selection.regions = vec!["eu-west-1".to_owned()];
    let listing = list_logs(&server, "", &selection).await.unwrap();
    let region = format!("AWSLogs/{ONE}/vpcflowlogs/eu-west-1");
    assert_eq!(
        server.requests(),
        [
            "LIST  by folder".to_owned(),
            "LIST AWSLogs/ by folder".to_owned(),
            format!("LIST AWSLogs/{ONE}/ by folder"),
            format!("LIST AWSLogs/{ONE}/vpcflowlogs/ by folder"),
            format!("LIST {region}/ by folder"),
            format!("LIST {region}/2026/ by folder"),
            format!("LIST {region}/2026/09/ by folder"),
            format!("LIST {region}/2026/09/02/"),
            format!("LIST {region}/2026/09/03/"),
            format!("LIST {region}/2026/09/04/"),
            "LIST AWSLogs/o-a1b2c3/ by folder".to_owned(),
            format!("LIST AWSLogs/o-a1b2c3/{ONE}/ by folder"),
        ]
    );
    // Written on the 2nd: before any record of the window began. Written on the 4th: may be late.
    let days: Vec<_> = listing.objects.iter().map(|object| object.key.day.unwrap().to_string()).collect();
    assert_eq!(days, ["2026-09-03", "2026-09-04"]);
}

#[tokio::test]
async fn a_window_over_a_month_edge_reaches_both_months() {
    let server = bucket();
    let prefix = format!("AWSLogs/{TWO}/vpcflowlogs/us-east-1");
    let listing = list_logs(&server, &prefix, &window("2026-08-31", "2026-09-01")).await.unwrap();
    assert_eq!(
        server.requests(),
        [
            format!("LIST {prefix}/ by folder"),
            format!("LIST {prefix}/2026/ by folder"),
            format!("LIST {prefix}/2026/08/ by folder"),
            format!("LIST {prefix}/2026/08/31/"),
            format!("LIST {prefix}/2026/09/ by folder"),
            format!("LIST {prefix}/2026/09/01/"),
        ]
    );
    assert_eq!(listing.objects.len(), 2);
}

#[tokio::test]
async fn without_a_window_a_region_is_one_listing_and_other_services_none() {
    let server = bucket();
    let listing = list_logs(&server, "AWSLogs/", &Selection::default()).await.unwrap();
    assert_eq!(listing.objects.len(), 20);
    let requests = server.requests();
    let whole: Vec<_> = requests.iter().filter(|line| !line.ends_with("by folder")).collect();
    assert_eq!(
        whole,
        [
            &format!("LIST AWSLogs/{ONE}/vpcflowlogs/eu-west-1/"),
            &format!("LIST AWSLogs/{ONE}/vpcflowlogs/us-east-1/"),
            &format!("LIST AWSLogs/{TWO}/vpcflowlogs/eu-west-1/"),
            &format!("LIST AWSLogs/{TWO}/vpcflowlogs/us-east-1/"),
        ]
    );
    assert!(!requests.iter().any(|line| line.contains("CloudTrail")), "{requests:?}");
}

#[tokio::test]
async fn a_source_inside_the_layout_starts_there() {
    let server = bucket();
    let region = format!("AWSLogs/{ONE}/vpcflowlogs/eu-west-1");
    for (prefix, requests) in [
        (format!("{region}/2026/09/02"), vec![format!("LIST {region}/2026/09/02/")]),
        (
            format!("{region}/2026/09/"),
            vec![
                format!("LIST {region}/2026/09/ by folder"),
                format!("LIST {region}/2026/09/01/"),
                format!("LIST {region}/2026/09/02/"),
                format!("LIST {region}/2026/09/03/"),
            ],
        ),
    ] {
        let listing = list_logs(&server, &prefix, &window("2026-09-02", "2026-09-03")).await.unwrap();
        assert_eq!(server.requests(), requests, "{prefix}");
        assert!(keys(&listing).iter().any(|key| key.contains("20260902T1200Z")), "{listing:?}");
    }
}

#[tokio::test]
async fn one_object_by_its_key() {
    let server = bucket();
    let key = format!("AWSLogs/{ONE}/vpcflowlogs/eu-west-1/2026/09/02/{}", name(ONE, "eu-west-1", "20260902T1200"));
    let listing = list_logs(&server, &key, &Selection::default()).await.unwrap();
    assert_eq!(keys(&listing), [key.as_str()]);
    assert_eq!(server.requests(), [format!("HEAD {key}")]);
}

#[tokio::test]
async fn nothing_found_says_where_and_why() {
    let server = bucket();
    let error = list_logs(&server, "AWSLogs", &window("2025-01-01", "2025-01-02")).await.unwrap_err();
    assert_eq!(error.exit_code(), 4);
    assert_eq!(
        error.to_string(),
        "no flow log objects in s3://logs/AWSLogs for 2025-01-01T00:00:00Z to 2025-01-02T00:00:00Z"
    );
    let error = list_logs(&server, "absent/", &Selection::default()).await.unwrap_err();
    assert_eq!((error.exit_code(), error.to_string()), (4, "no flow log objects in s3://logs/absent/".to_owned()));
}

#[tokio::test]
async fn more_than_a_page_of_keys() {
    let server = S3Server::start(&["logs"]);
    let day = format!("AWSLogs/{ONE}/vpcflowlogs/eu-west-1/2026/09/02");
    for file in 0..2_001 {
        server.put("logs", &format!("{day}/{ONE}_vpcflowlogs_eu-west-1_fl-1_20260902T1200Z_{file:08x}.log.gz"), "x");
    }
    let listing = list_logs(&server, &day, &Selection::default()).await.unwrap();
    assert_eq!(
        server.requests(),
        [format!("LIST {day}/"), format!("LIST {day}/ next page"), format!("LIST {day}/ next page")]
    );
    let mut keys = keys(&listing);
    assert_eq!(keys.len(), 2_001);
    keys.dedup();
    assert_eq!(keys.len(), 2_001);
}

#[tokio::test]
async fn more_than_a_page_of_folders() {
    let server = S3Server::start(&["logs"]);
    for account in 100_000_000_000..100_000_001_100_u64 {
        server.put("logs", &format!("AWSLogs/{account}/AWSLogTestFile"), "x");
    }
    server.put("logs", "AWSLogs/100000001099/vpcflowlogs/eu-west-1/2026/09/02/x.log", "x");
    let selection = Selection { account_ids: vec!["100000001099".to_owned()], ..Selection::default() };
    let listing = list_logs(&server, "AWSLogs/", &selection).await.unwrap();
    assert_eq!(keys(&listing), ["AWSLogs/100000001099/vpcflowlogs/eu-west-1/2026/09/02/x.log"]);
    assert_eq!(server.requests().iter().filter(|line| line.ends_with("by folder next page")).count(), 1);
}

#[tokio::test]
async fn a_listing_cut_off_without_a_token_is_no_end() {
    let server = S3Server::start(&["logs"]);
    server.fail("LIST", 1, Fault::Listing("<IsTruncated>true</IsTruncated>".to_owned()));
    let error = list_logs(&server, "", &Selection::default()).await.unwrap_err();
    assert_eq!(error.exit_code(), 3);
    assert!(error.to_string().starts_with("cannot read s3://logs/: the listing is cut off"), "{error}");
}

#[tokio::test]
async fn query_logs_are_listed_by_day_and_without_flow_logs() {
    let server = bucket();
    for day in ["2026/08/31", "2026/09/01", "2026/09/02", "2026/09/03", "2026/09/04"] {
        let name = format!("vpc-0a1_vpcdnsquerylogs_{ONE}_{}T1200Z_1a2b.log.gz", day.replace('/', ""));
        server.put("logs", &format!("AWSLogs/{ONE}/vpcdnsquerylogs/vpc-0a1/{day}/{name}"), "x");
    }
    let location = "s3://logs/AWSLogs/".parse().unwrap();
    let selection = window("2026-09-02T06:00:00Z", "2026-09-02T18:00:00Z");
    let kind = LogKind::ResolverQueries;
    let listing = list_of(kind, &SessionContext::new(), &[location], &selection, &server.settings()).await.unwrap();
    let vpc = format!("AWSLogs/{ONE}/vpcdnsquerylogs/vpc-0a1");
    let requests = server.requests();
    let whole: Vec<_> = requests.iter().filter(|line| !line.ends_with("by folder")).collect();
    assert_eq!(whole, [1, 2, 3].map(|day| format!("LIST {vpc}/2026/09/0{day}/")).iter().collect::<Vec<_>>());
    assert!(!requests.iter().any(|line| line.contains("vpcflowlogs") || line.contains("CloudTrail")), "{requests:?}");
    let days: Vec<_> = listing.objects.iter().map(|object| object.key.day.unwrap().to_string()).collect();
    assert_eq!(days, ["2026-09-02", "2026-09-03"]);
}
