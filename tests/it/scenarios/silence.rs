//! What logs cannot say: rejected traffic, silence that proves nothing, short windows.

use offramp::report::model::Report;

use super::handmade::{ENDPOINT, Handmade, NAT, ONE, S3, TWO, assert_cents};
use super::support::of_kind;

const LOG: &str = "fl-0a0a0a0a0a0a0a0a0";
const OTHER: &str = "fl-0b0b0b0b0b0b0b0b0";

/// Nothing that removes or deletes, whatever its decision.
#[track_caller]
fn assert_nothing_idle(report: &Report) {
    for kind in ["remove_nat_gateway", "delete_idle_interface_endpoint", "nat_per_az"] {
        assert!(of_kind(report, kind).is_empty(), "{kind}: {:?}", of_kind(report, kind));
    }
}

fn recorded<'r>(report: &'r Report, id: &str) -> &'r str {
    let scope = report.coverage.scopes.iter().find(|scope| scope.flow_log_id.as_deref() == Some(id)).unwrap();
    scope.recorded_traffic.as_deref().unwrap()
}

/// All interfaces of a VPC watched for two days by a flow log that only shows what was refused.
fn refused_only() -> Handmade {
    let mut w = Handmade::new().with_endpoint();
    for at in [NAT, ENDPOINT, ONE] {
        w.idle(LOG, at, 0..288);
    }
    w.refused(LOG, ONE, 3..9);
    w
}

#[tokio::test]
async fn a_flow_log_that_shows_only_refused_packets_proves_nothing_idle() {
    for world in [refused_only(), refused_only().with_traffic_types(&[(LOG, "REJECT")])] {
        let report = world.report().await;
        assert_nothing_idle(&report);
        assert_eq!(recorded(&report, LOG), "rejected");
        assert!(report.coverage.scopes.iter().all(|scope| scope.covered_hours == 0.0));
        assert!(report.nat_gateways.iter().all(|nat| !nat.observed), "not logged, so not observed");
        assert!(report.endpoints.iter().all(|endpoint| !endpoint.observed));
        let said = report.notices.iter().any(|notice| notice.contains("Rejected traffic only") && notice.contains(LOG));
        assert!(said, "{:?}", report.notices);
    }
}

/// A VPC that is scanned from outside and sends nothing: only the configuration tells it from a log of refused packets.
#[tokio::test]
async fn a_configured_type_tells_an_idle_vpc_from_a_log_of_refused_packets() {
    let report = refused_only().with_traffic_types(&[(LOG, "ALL")]).report().await;
    assert_eq!(of_kind(&report, "remove_nat_gateway").len(), 1);
    assert_eq!(of_kind(&report, "delete_idle_interface_endpoint").len(), 1);
}

/// Neither accepted nor refused: the slots count in the factor, the silence proves nothing.
#[tokio::test]
async fn an_undecided_flow_log_proves_silence_only_by_its_configuration() {
    let quiet = || {
        let mut w = Handmade::new().with_endpoint();
        for at in [NAT, ENDPOINT] {
            w.idle(LOG, at, 0..288);
        }
        w
    };
    let report = quiet().report().await;
    assert_eq!(recorded(&report, LOG), "undecided");
    assert_nothing_idle(&report);
    assert_eq!(report.coverage.scopes[0].covered_hours, 48.0);
    assert!(report.notices.iter().any(|notice| notice.contains("describe-flow-logs") && notice.contains(LOG)));
    for kind in ["ALL", "ACCEPT"] {
        let report = quiet().with_traffic_types(&[(LOG, kind)]).report().await;
        assert_eq!(of_kind(&report, "remove_nat_gateway").len(), 1, "{kind}");
        assert_eq!(of_kind(&report, "delete_idle_interface_endpoint").len(), 1, "{kind}");
    }
    assert_nothing_idle(&quiet().with_traffic_types(&[(LOG, "REJECT")]).report().await);
}

/// The flow log of accepted traffic lost one of two hours; that of refused packets has both. 6 GiB in one covered hour are 4,380 a month.
#[tokio::test]
async fn a_log_of_refused_packets_does_not_hide_a_lost_hour() {
    for types in [vec![], vec![(LOG, "ACCEPT"), (OTHER, "REJECT")]] {
        let mut w = Handmade::new();
        if !types.is_empty() {
            w = w.with_traffic_types(&types);
        }
        w.fetched(LOG, ONE, S3, 1.0, 0..6);
        w.passed(LOG, NAT, ONE, S3, 1.0, 0..6);
        for at in [NAT, ONE] {
            w.idle(OTHER, at, 0..12);
        }
        w.refused(OTHER, ONE, 0..12);
        let report = w.report().await;
        assert_eq!(report.window.hours, 2.0);
        assert_eq!(report.nat_gateways[0].covered_hours, 1.0);
        assert_cents(Some(report.totals.adopt_usd_month), 4380.0 * 0.045);
    }
}

/// The VPC's flow log shows refused packets only; the private subnet's shows all. The clients' rows stand in, and nothing is left over.
#[tokio::test]
async fn clients_stand_in_for_a_gateway_of_which_only_refused_packets_are_logged() {
    let mut w = Handmade::new();
    for at in [NAT, ONE] {
        w.idle(OTHER, at, 0..12);
    }
    w.refused(OTHER, ONE, 0..12);
    w.fetched(LOG, ONE, S3, 1.0, 0..12);
    let report = w.report().await;
    assert_cents(report.totals.nat_usd_month, 4380.0 * 0.045 + 32.85);
    assert_cents(Some(report.totals.adopt_usd_month), 4380.0 * 0.045);
    assert_nothing_idle(&report);
}

/// Bytes of clients lead to the gateway by their route, its own log covers the hour and does not show them: it is not left over.
#[tokio::test]
async fn nothing_is_left_over_while_unmatched_bytes_point_at_it() {
    let mut w = Handmade::new();
    w.idle(LOG, NAT, 0..288);
    w.idle(LOG, ONE, 12..288);
    w.fetched(LOG, ONE, "151.101.1.7", 0.1, 0..12);
    let report = w.report().await;
    assert!(report.coverage.nat_unmatched_bytes > 0);
    assert_nothing_idle(&report);
    // The same gateway with nothing that leads to it.
    let mut w = Handmade::new();
    w.idle(LOG, NAT, 0..288);
    w.refused(LOG, NAT, 0..1);
    let report = w.with_traffic_types(&[(LOG, "ALL")]).report().await;
    assert_eq!(of_kind(&report, "remove_nat_gateway").len(), 1);
}

/// A gateway whose own interface is not logged is not left over, however well its clients are.
#[tokio::test]
async fn what_is_left_of_a_gateway_is_known_from_its_own_log_only() {
    let mut w = Handmade::new();
    w.fetched(LOG, ONE, S3, 1.0, 0..288);
    let report = w.report().await;
    assert_eq!(of_kind(&report, "create_gateway_endpoint")[0].decision, "adopt");
    assert_nothing_idle(&report);
}

#[tokio::test]
async fn silence_is_worth_more_the_longer_it_was_seen() {
    for (days, confidence) in [(1, "low"), (3, "medium"), (14, "high")] {
        let mut w = Handmade::new().with_endpoint();
        for at in [NAT, ENDPOINT] {
            w.idle(LOG, at, 0..days * 144);
        }
        let report = w.with_traffic_types(&[(LOG, "ALL")]).report().await;
        for kind in ["remove_nat_gateway", "delete_idle_interface_endpoint"] {
            let found = of_kind(&report, kind)[0];
            assert_eq!(
                (found.decision.as_str(), found.confidence.as_str()),
                ("consider", confidence),
                "{kind}, {days} days"
            );
            let hours = format!("{} hours", days * 24);
            assert!(found.why.contains(&hours), "{}", found.why);
        }
    }
}

/// Clients of zone 2 cross to the gateway in zone 1 for $0.02 a GiB; a gateway in their own zone costs 32.85 and an address 3.65 a month.
/// 8 GiB an hour of the internet are 5,840 a month: $116.80 of crossing stay for good. Of an unnamed range of AWS they may move.
#[tokio::test]
async fn a_gateway_of_their_own_is_adopted_only_for_bytes_that_stay() {
    for (peer, decision) in [("151.101.1.7", "adopt"), ("3.2.0.9", "consider")] {
        let mut w = Handmade::new();
        w.fetched(LOG, TWO, peer, 8.0 / 6.0, 0..288);
        w.passed(LOG, NAT, TWO, peer, 8.0 / 6.0, 0..288);
        let report = w.report().await;
        let found = of_kind(&report, "nat_per_az")[0];
        assert_eq!(found.decision, decision, "{peer}: {}", report.traffic[0].service);
        assert_cents(found.net_usd_month, 5840.0 * 0.02 - 32.85 - 3.65);
        assert_eq!(found.why.contains("only while"), decision == "consider", "{}", found.why);
    }
}
