//! AWS's documented example records, completed by the columns that the examples leave out.

use offramp::report::model::Report;

use super::support::report_of;

#[tokio::test]
async fn nat_gateway_example() {
    // The four rows at the NAT interface and the two at its client say the same 500 bytes up and 1,500 down. Without
    // inventory, the interface whose packets carry a public address on its own side is the NAT gateway.
    let report = report_on(
        "instance-id interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr flow-direction traffic-path bytes packets start end action log-status",
        &[
            "i-01234567890123456 eni-1111aaaa2222bbbb3 10.0.1.5 203.0.113.5 10.0.1.5 203.0.113.5 egress 1 500 5",
            "i-01234567890123456 eni-1111aaaa2222bbbb3 203.0.113.5 10.0.1.5 203.0.113.5 10.0.1.5 ingress - 1500 7",
            "- eni-1235b8ca123456789 10.0.1.5 10.0.0.220 10.0.1.5 203.0.113.5 ingress - 500 5",
            "- eni-1235b8ca123456789 10.0.0.220 203.0.113.5 10.0.0.220 203.0.113.5 egress 8 500 5",
            "- eni-1235b8ca123456789 203.0.113.5 10.0.0.220 203.0.113.5 10.0.0.220 ingress - 1500 7",
            "- eni-1235b8ca123456789 10.0.0.220 10.0.1.5 203.0.113.5 10.0.1.5 egress 1 1500 7",
        ],
    )
    .await;
    assert_eq!(
        sums(&report),
        [("inbound", "internet", "nat_gateway", 1500), ("outbound", "internet", "nat_gateway", 500)].map(owned)
    );
    assert!(report.traffic.iter().all(|row| row.nat_gateway_id.as_deref() == Some("eni-1235b8ca123456789")));
}

#[tokio::test]
async fn regional_nat_gateway_example() {
    let report = report_on(
        "resource-id instance-id interface-id subnet-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr bytes packets start end action log-status",
        &[
            "nat-1234567890abcdef - - - 10.0.1.5 203.0.113.5 10.0.1.5 203.0.113.5 500 5",
            "nat-1234567890abcdef - - - 107.22.182.139 203.0.113.5 107.22.182.139 203.0.113.5 500 5",
            "nat-1234567890abcdef - - - 203.0.113.5 107.22.182.139 203.0.113.5 107.22.182.139 1500 7",
            "nat-1234567890abcdef - - - 203.0.113.5 10.0.1.5 203.0.113.5 10.0.1.5 1500 7",
        ],
    )
    .await;
    assert_eq!(
        sums(&report),
        [("inbound", "internet", "nat_gateway", 1500), ("outbound", "internet", "nat_gateway", 500)].map(owned)
    );
    assert!(report.traffic.iter().all(|row| row.nat_gateway_id.as_deref() == Some("nat-1234567890abcdef")));
}

#[tokio::test]
async fn transit_gateway_example() {
    // AWS's log of VPC B: the server's own rows count, those of the transit gateway's interfaces do not. Nothing in the
    // example says by which way the server answers, so the path is open; the bytes are not.
    let report = report_on(
        "instance-id interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr tcp-flags srcport dstport protocol bytes packets start end action log-status",
        &[
            "i-01234567890123456 eni-1111aaaa2222bbbb3 10.20.33.164 10.40.2.236 10.20.33.164 10.40.2.236 3 39812 80 6 600 6",
            "i-01234567890123456 eni-1111aaaa2222bbbb3 10.40.2.236 10.20.33.164 10.40.2.236 10.20.33.164 19 80 39812 6 900 5",
            "- eni-22222222bbbbbbbbb 10.40.1.175 10.40.2.236 10.20.33.164 10.40.2.236 3 39812 80 6 600 6",
            "- eni-33333333cccccccc3 10.40.2.236 10.40.2.31 10.40.2.236 10.20.33.164 19 80 39812 6 900 5",
        ],
    )
    .await;
    let sum =
        |direction: &str| report.traffic.iter().filter(|r| r.direction == direction).map(|r| r.bytes).sum::<u64>();
    assert_eq!(sum("inbound") + sum("outbound"), 1500);
    assert!(report.traffic.iter().all(|row| row.service == "private"));
    assert!(report.traffic.iter().all(|row| row.nat_gateway_id.is_none()));
}

#[tokio::test]
async fn s3_with_traffic_path_example() {
    // A download of S3 by the internet gateway: the path stands on the upload's row only.
    let directory = tempfile::tempdir().unwrap();
    let text = "version srcaddr dstaddr srcport dstport protocol start end type packets bytes account-id vpc-id subnet-id instance-id interface-id region az-id sublocation-type sublocation-id action tcp-flags pkt-srcaddr pkt-dstaddr pkt-src-aws-service pkt-dst-aws-service traffic-path flow-direction log-status\n\
        5 52.95.128.179 10.0.0.71 80 34210 6 1616729292 1616729349 IPv4 14 15044 123456789012 vpc-abcdefab012345678 subnet-aaaaaaaa012345678 i-0c50d5961bcb2d47b eni-1235b8ca123456789 ap-southeast-2 apse2-az3 - - ACCEPT 19 52.95.128.179 10.0.0.71 S3 - - ingress OK\n\
        5 10.0.0.71 52.95.128.179 34210 80 6 1616729292 1616729349 IPv4 7 471 123456789012 vpc-abcdefab012345678 subnet-aaaaaaaa012345678 i-0c50d5961bcb2d47b eni-1235b8ca123456789 ap-southeast-2 apse2-az3 - - ACCEPT 3 10.0.0.71 52.95.128.179 - S3 8 egress OK\n";
    std::fs::write(directory.path().join("example.log"), text).unwrap();
    let report = report_of(directory.path(), None, &[]).await.report;
    assert_eq!(
        sums(&report),
        [("inbound", "s3", "internet_gateway", 15044), ("outbound", "s3", "internet_gateway", 471)].map(owned)
    );
    for row in &report.traffic {
        assert_eq!(row.peer_region.as_deref(), Some("ap-southeast-2"));
        assert_eq!(row.az_id.as_deref(), Some("apse2-az3"));
        assert_eq!(row.account_id.as_deref(), Some("123456789012"));
        assert_eq!(row.subnet_id.as_deref(), Some("subnet-aaaaaaaa012345678"));
    }
}

#[tokio::test]
async fn at_98_percent_the_log_of_more_fields_speaks_for_an_interface() {
    // Two flow logs of one interface over one hour: the default format and one with packet fields that lost some bytes. From
    // 98 % of the larger on it stands, below it does not; the other's bytes are duplicates either way.
    for (lost, chosen) in [(200, 9_800), (201, 10_000)] {
        let directory = tempfile::tempdir().unwrap();
        let (mut plain, mut rich) = (String::new(), String::new());
        for slot in 0..6 {
            let (start, end) = (1_791_158_400 + slot * 600, 1_791_158_400 + slot * 600 + 599);
            let bytes = if slot == 0 { 9_500 } else { 100 };
            let row = |bytes: i64| {
                format!("2 123456789012 eni-1 10.0.1.5 203.0.113.5 40000 443 6 10 {bytes} {start} {end} ACCEPT OK")
            };
            plain += &format!("{}\n", row(bytes));
            rich += &format!("{} 10.0.1.5 203.0.113.5\n", row(if slot == 0 { bytes - lost } else { bytes }));
        }
        let header = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
        std::fs::write(directory.path().join("plain.log"), format!("{header}\n{plain}")).unwrap();
        std::fs::write(directory.path().join("rich.log"), format!("{header} pkt-srcaddr pkt-dstaddr\n{rich}")).unwrap();
        let report = report_of(directory.path(), None, &[]).await.report;
        assert_eq!(report.traffic.iter().map(|row| row.bytes).sum::<u64>(), chosen);
        assert_eq!(report.coverage.duplicate_bytes, 20_000 - lost as u64 - chosen);
    }
}

/// A report on rows to which time, action and status are added, without inventory.
async fn report_on(header: &str, rows: &[&str]) -> Report {
    let directory = tempfile::tempdir().unwrap();
    let rows: Vec<String> = rows.iter().map(|row| format!("{row} 1616729292 1616729349 ACCEPT OK\n")).collect();
    std::fs::write(directory.path().join("example.log"), format!("{header}\n{}", rows.concat())).unwrap();
    report_of(directory.path(), None, &[]).await.report
}

type Sum = (String, String, String, u64);

fn owned((direction, service, path, bytes): (&str, &str, &str, u64)) -> Sum {
    (direction.to_owned(), service.to_owned(), path.to_owned(), bytes)
}

fn sums(report: &Report) -> Vec<Sum> {
    let mut sums = std::collections::BTreeMap::new();
    for row in &report.traffic {
        *sums.entry((row.direction.clone(), row.service.clone(), row.path.clone())).or_insert(0) += row.bytes;
    }
    sums.into_iter().map(|((direction, service, path), bytes)| (direction, service, path, bytes)).collect()
}
