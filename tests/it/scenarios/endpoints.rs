//! Gateway and interface endpoints: made in mid-window, unwatched, partly watched.

use offramp::world::{EndpointKind, InterfaceKey, Role, VpcKey, Watch, World, fields, sample};

use super::nat::two_zones;
use super::shop::{ACCOUNT, HOUR, to_aws, to_endpoint, to_internet};
use super::support::{Bytes, Key, assert_same, of_kind, report, traffic, truth};

#[tokio::test]
async fn a_gateway_endpoint_made_in_mid_window_on_the_hour() {
    // The route did not exist before: the earlier hours went through the NAT gateway, whatever the table says now.
    for (format, watch) in
        [(fields::V5, Watch::Vpc as fn(VpcKey) -> Watch), (fields::V2, Watch::Workloads), (fields::V2, Watch::Vpc)]
    {
        let (mut w, vpc, client) = switching(3 * HOUR);
        to_aws(&mut w, client, "S3", "us-east-1", 1, (3, 30), (HOUR, HOUR));
        to_aws(&mut w, client, "S3", "us-east-1", 1, (4, 40), (3 * HOUR, HOUR));
        to_aws(&mut w, client, "S3", "us-east-1", 1, (5, 50), (4 * HOUR, HOUR));
        w.flow_log(format, &[watch(vpc)]);
        let expected = truth(&w);
        assert_eq!(expected.len(), 4, "both paths occur");
        assert_same(&traffic(&report(&w).await), &expected);
    }
}

#[tokio::test]
async fn a_gateway_endpoint_made_in_mid_hour_with_traffic_paths() {
    // Version 5 shows path 7 from the first packet on.
    let (mut w, vpc, client) = switching(3 * HOUR + 1200);
    to_aws(&mut w, client, "S3", "us-east-1", 1, (3, 30), (HOUR, HOUR));
    to_aws(&mut w, client, "S3", "us-east-1", 1, (4, 40), (3 * HOUR + 1800, HOUR));
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    assert_same(&traffic(&report(&w).await), &truth(&w));
}

#[tokio::test]
async fn a_gateway_endpoint_made_in_mid_hour_without_traffic_paths() {
    // In version 2 the hour in which the route was made may belong to either path: the new route counts from its first
    // full hour, so what the endpoint carried between 3:30 and 4:00 still passes for NAT, and the rest does not.
    let (mut w, vpc, client) = switching(3 * HOUR + 1200);
    to_aws(&mut w, client, "S3", "us-east-1", 1, (3, 30), (HOUR, HOUR));
    to_aws(&mut w, client, "S3", "us-east-1", 1, (4, 40), (3 * HOUR + 1800, 1800));
    to_aws(&mut w, client, "S3", "us-east-1", 1, (5, 50), (4 * HOUR, HOUR));
    w.flow_log(fields::V2, &[Watch::Workloads(vpc)]);
    let mut expected = truth(&w);
    let moved: Vec<Key> = expected.keys().filter(|key| key.path == "gateway_endpoint").cloned().collect();
    for key in moved {
        let bytes = if key.direction == "outbound" { 4 } else { 40 } * super::shop::MIB;
        *expected.get_mut(&key).unwrap() -= bytes;
        *expected.entry(Key { path: "nat_gateway".to_owned(), ..key }).or_default() += bytes;
    }
    assert_same(&traffic(&report(&w).await), &expected);
}

#[tokio::test]
async fn an_endpoint_that_nobody_logged_is_not_idle() {
    let (mut w, vpc) = with_two_endpoints();
    w.flow_log(fields::V5, &[Watch::Workloads(vpc)]);
    let report = report(&w).await;
    assert_same(&traffic(&report), &truth(&w));
    assert!(of_kind(&report, "delete_idle_interface_endpoint").is_empty());
    let kms = report.endpoints.iter().find(|row| row.service == "kms").unwrap();
    assert!(!kms.observed);
}

#[tokio::test]
async fn an_endpoint_that_was_watched_and_never_called_is_idle() {
    // The counterpart: NODATA in every slot of both its interfaces is evidence.
    let (mut w, vpc) = with_two_endpoints();
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let report = report(&w).await;
    let found = of_kind(&report, "delete_idle_interface_endpoint");
    let of = |service: &str| found.iter().find(|o| o.service.as_deref() == Some(service)).unwrap();
    assert_eq!(of("kms").observed_bytes, 0);
    assert_eq!(of("kms").adds.nat_processing_usd.unwrap_or(0.0), 0.0);
    // A few MiB on SQS cost less by NAT than the hours of its endpoint: the same kind, with the bytes stated.
    let (out, into) = (5 + 6 + 2 + 2, 3 + 3 + 1 + 2);
    assert_eq!(of("sqs").observed_bytes, (out + into) * super::shop::MIB);
    assert!(of("sqs").adds.nat_processing_usd.unwrap() > 0.0);
    assert!(report.endpoints.iter().find(|row| row.service == "kms").unwrap().observed);
}

#[tokio::test]
async fn an_endpoint_of_which_one_interface_was_watched_is_not_idle() {
    let (mut w, vpc) = with_two_endpoints();
    let kms = w.endpoints.iter().position(|endpoint| endpoint.service == "kms").unwrap();
    let EndpointKind::Interface(interfaces) = w.endpoints[kms].kind.clone() else { panic!("interface endpoint") };
    w.flow_log(fields::V5, &[Watch::Workloads(vpc), Watch::Interface(interfaces[0])]);
    assert!(!advises_to_delete_kms(&report(&w).await));
}

#[tokio::test]
async fn an_endpoint_whose_watch_lost_records_is_not_idle() {
    // Half of the window is SKIPDATA: silence there says nothing.
    let (mut w, vpc) = with_two_endpoints();
    let kms = w.endpoints.iter().position(|endpoint| endpoint.service == "kms").unwrap();
    let EndpointKind::Interface(interfaces) = w.endpoints[kms].kind.clone() else { panic!("interface endpoint") };
    let lost = (interfaces[0], w.start, w.start + 3 * HOUR);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]).skips.push(lost);
    assert!(!advises_to_delete_kms(&report(&w).await));
}

#[tokio::test]
async fn an_endpoint_made_by_a_service_is_not_advised_on() {
    let (mut w, vpc) = with_two_endpoints();
    w.endpoints.iter_mut().for_each(|endpoint| endpoint.requester_managed = true);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    assert!(of_kind(&report(&w).await, "delete_idle_interface_endpoint").is_empty());
}

#[tokio::test]
async fn endpoint_rows_and_client_rows_count_once_together() {
    for watches in [vec![0], vec![1], vec![2], vec![1, 2]] {
        let (mut w, vpc) = with_two_endpoints();
        let kinds = [Watch::Vpc(vpc), Watch::Workloads(vpc), Watch::Edges(vpc)];
        for at in &watches {
            w.flow_log(fields::V5, &[kinds[*at]]);
        }
        let nat_too = |key: &Key| key.path == "interface_endpoint" || key.path == "nat_gateway";
        let expected: Bytes = truth(&w).into_iter().filter(|(key, _)| nat_too(key)).collect();
        assert_same(&traffic(&report(&w).await), &expected);
    }
}

#[tokio::test]
async fn a_service_of_another_company_keeps_its_full_name() {
    let mut w = World::new(sample::START, 3);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, _) = two_zones(&mut w, vpc);
    let name = "com.amazonaws.vpce.us-east-1.vpce-svc-00aa11bb22cc33dd4";
    let endpoint = w.interface_endpoint(vpc, name, &[one]);
    w.endpoints[endpoint.0].private_dns = false;
    let client = w.instance(one);
    to_endpoint(&mut w, client, endpoint, 0, (5, 6), (HOUR, HOUR));
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let report = report(&w).await;
    assert_same(&traffic(&report), &truth(&w));
    assert!(report.traffic.iter().all(|row| row.service == name));
}

fn advises_to_delete_kms(report: &offramp::report::model::Report) -> bool {
    of_kind(report, "delete_idle_interface_endpoint").iter().any(|found| found.service.as_deref() == Some("kms"))
}

/// A client whose table gets an S3 gateway endpoint at `at` seconds; six hours.
fn switching(at: i64) -> (World, VpcKey, InterfaceKey) {
    let mut w = World::new(sample::START, 6);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, _) = two_zones(&mut w, vpc);
    let client = w.instance(one);
    let table = w.table_of(one);
    let since = w.start + at;
    w.gateway_endpoint(vpc, "s3", &[table], Some(since));
    (w, vpc, client)
}

/// SQS in use and KMS not, both in two zones; six hours.
fn with_two_endpoints() -> (World, VpcKey) {
    let mut w = World::new(sample::START, 6);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, two) = two_zones(&mut w, vpc);
    let sqs = w.interface_endpoint(vpc, "sqs", &[one, two]);
    w.interface_endpoint(vpc, "kms", &[one, two]);
    let clients = [w.instance(one), w.instance(two)];
    for (n, client) in clients.into_iter().enumerate() {
        to_endpoint(&mut w, client, sqs, n, (5 + n as u64, 3), (HOUR, 3 * HOUR));
        to_endpoint(&mut w, client, sqs, 1 - n, (2, 1 + n as u64), (2 * HOUR, HOUR));
        to_internet(&mut w, client, n as u8, (1, 10), (0, 6 * HOUR));
    }
    assert!(w.interfaces.iter().any(|interface| matches!(interface.role, Role::InterfaceEndpoint(_))));
    (w, vpc)
}
