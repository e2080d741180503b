//! Records that carry no traffic: REJECT, NODATA, SKIPDATA, each with 9 PB of bytes to catch who adds them.

use offramp::world::emit::Emitter;
use offramp::world::writer::{Layout, write_logs};
use offramp::world::{Watch, World, fields, inventory_json};

use super::shop::{HOUR, Shop};
use super::support::{assert_same, report, report_of, traffic, truth};

#[tokio::test]
async fn reject_and_nodata_rows_cost_nothing() {
    let mut shop = Shop::new();
    for vpc in shop.vpcs() {
        shop.w.flow_log(fields::V9, &[Watch::Vpc(vpc)]).noise = true;
    }
    let report = report(&shop.w).await;
    assert_same(&traffic(&report), &truth(&shop.w));
    let counts = counts(&shop.w);
    assert_eq!(report.coverage.records, counts.records);
    assert_eq!(report.coverage.accepted, counts.accepted);
    assert_eq!(report.coverage.rejected, counts.rejected);
    assert_eq!(report.coverage.nodata, counts.nodata);
    assert_eq!(report.coverage.skipdata, 0);
    // One refused scan per interface and interval of ten minutes.
    assert_eq!(counts.rejected, shop.w.interfaces.len() as u64 * 36);
}

#[tokio::test]
async fn lost_slots_of_a_nat_gateway_are_made_up_by_its_clients() {
    // The NAT interface lost 2:20-2:50: that hour is not covered, and the larger of its rows and the clients' counts.
    let mut shop = Shop::new();
    let nat = shop.w.nats[shop.nat.0].interface.unwrap();
    let lost = (nat, shop.w.start + 2 * HOUR + 1200, shop.w.start + 2 * HOUR + 3000);
    for vpc in shop.vpcs() {
        let log = shop.w.flow_log(fields::V9, &[Watch::Vpc(vpc)]);
        log.noise = true;
        log.skips.push(lost);
    }
    let report = report(&shop.w).await;
    assert_same(&traffic(&report), &truth(&shop.w));
    assert_eq!(report.coverage.skipdata, 3);
}

#[tokio::test]
async fn lost_slots_of_a_client_are_made_up_by_the_nat_gateway() {
    let (mut w, vpc, _) = super::nat::plain();
    let lost = (w.flows[0].client, w.start + HOUR, w.start + 2 * HOUR);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]).skips.push(lost);
    let report = report(&w).await;
    assert_same(&traffic(&report), &truth(&w));
    assert_eq!(report.coverage.skipdata, 6);
}

#[derive(Default)]
struct Counts {
    records: u64,
    accepted: u64,
    rejected: u64,
    nodata: u64,
}

fn counts(w: &World) -> Counts {
    let mut counts = Counts::default();
    let mut emitter = Emitter::new(w);
    let mut count = |_: usize, row: &offramp::world::row::Row<'_>| {
        counts.records += 1;
        match (row.action, row.status) {
            (Some("ACCEPT"), _) => counts.accepted += 1,
            (Some("REJECT"), _) => counts.rejected += 1,
            (_, "NODATA") => counts.nodata += 1,
            other => panic!("{other:?}"),
        }
    };
    for flow in &w.flows {
        emitter.flow(flow, &mut count);
    }
    emitter.finish(&mut count);
    counts
}

#[tokio::test]
async fn damaged_input_beside_good_logs_is_counted_and_the_rest_is_reported() {
    let (mut w, vpc, _) = super::nat::plain();
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let directory = tempfile::tempdir().unwrap();
    let logs = directory.path().join("logs");
    write_logs(&w, &logs, &Layout::default()).unwrap();
    let inventory = directory.path().join("inventory");
    inventory_json::write_inventory(&w, &inventory).unwrap();
    let header = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, format!("{header}\n").repeat(400).as_bytes()).unwrap();
    let whole = gzip.finish().unwrap();
    for (name, bytes) in [
        ("garbage.log", format!("{header}\nthis is no record\n").into_bytes()),
        ("binary.log", vec![0, 159, 146, 150, 0, 255, 7, 8]),
        ("truncated.log.gz", whole[..whole.len() / 2].to_vec()),
        ("empty.log", Vec::new()),
        ("gcp.log", b"{\"insertId\":\"1\",\"jsonPayload\":{\"bytes_sent\":\"300\",\"connection\":{\"dest_ip\":\"10.0.0.2\"}}}\n".to_vec()),
    ] {
        std::fs::write(logs.join(name), bytes).unwrap();
    }

    let outcome = report_of(&logs, Some(&inventory), &[]).await;
    assert_eq!(outcome.exit, 1);
    assert_same(&traffic(&outcome.report), &truth(&w));
    let coverage = &outcome.report.coverage;
    assert_eq!(coverage.malformed, 1);
    let mut damaged: Vec<_> =
        coverage.damaged.iter().map(|d| d.object.rsplit('/').next().unwrap_or_default()).collect();
    damaged.sort_unstable();
    assert_eq!(damaged, ["binary.log", "gcp.log", "truncated.log.gz"]);
    assert_eq!(coverage.damaged_objects, 3);
}
