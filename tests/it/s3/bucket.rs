//! A bucket of many accounts and Regions with known bytes.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::name;
use crate::s3_server::S3Server;

const SCOPES: [(&str, &str); 3] =
    [("111111111111", "eu-west-1"), ("111111111111", "us-east-1"), ("222222222222", "eu-west-1")];
const HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end \
                      action log-status vpc-id subnet-id flow-direction traffic-path pkt-srcaddr pkt-dstaddr";
/// 2026-09-01T00:00:00Z
const DAY: i64 = 1_788_220_800;

/// The keys too. Three scopes, two days, three objects each: one row per object, of as many bytes as the object's number says.
pub fn bucket() -> (S3Server, Vec<String>) {
    let server = S3Server::start(&["logs"]);
    let mut written = Vec::new();
    for (scope, (account, region)) in SCOPES.into_iter().enumerate() {
        for hour in [9, 10, 11, 33, 34, 35] {
            let start = DAY + hour * 3600;
            let bytes = 1_000_000 * (scope as i64 + 1) + hour;
            let row = format!(
                "5 {account} eni-0000000000000000{scope} 10.{scope}.0.10 198.51.100.7 40000 443 6 900 {bytes} {start} {} \
                 ACCEPT OK vpc-0000000000000000{scope} subnet-0000000000000000{scope} egress 8 10.{scope}.0.10 198.51.100.7",
                start + 60
            );
            let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
            write!(gzip, "{HEADER}\n{row}\n").unwrap();
            let (day, hour) = (1 + hour / 24, hour % 24);
            let name = name(account, region, &format!("202609{day:02}T{hour:02}05"));
            let key = format!("AWSLogs/{account}/vpcflowlogs/{region}/2026/09/{day:02}/{name}");
            server.put("logs", &key, gzip.finish().unwrap());
            written.push(key);
        }
    }
    (server, written)
}

/// Bytes by account and Region of the objects of these hours.
pub fn truth(hours: &[u64]) -> BTreeMap<(String, String), u64> {
    let bytes = |scope: usize| hours.iter().map(|hour| 1_000_000 * (scope as u64 + 1) + hour).sum();
    let scopes = SCOPES.into_iter().enumerate();
    scopes.map(|(scope, (account, region))| ((account.to_owned(), region.to_owned()), bytes(scope))).collect()
}
