//! `offramp explain` accounts for every byte that it saw, and counts what the report counts.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use offramp::explain::{Asked, Explanation, Format, render};
use offramp::observe::progress::Silent;
use offramp::pipeline::{self, Job, Keep, Session};
use offramp::report::Report;
use offramp::report::model::TrafficRow;
use offramp::report::units::known_sum;
use offramp::source::location::Location;
use offramp::world::writer::{Layout, write_logs};
use offramp::world::{InterfaceKey, Lookup, Peer, Watch, World, fields, inventory_json, sample};

use super::nat::{plain, two_zones};
use super::shop::{ACCOUNT, HOUR, MIB, Shop, to_aws, to_endpoint, to_internet};

#[tokio::test]
async fn a_nat_gateway_and_its_clients_logged_together() {
    let (mut w, vpc, nat) = plain();
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let case = Case::of(&w).await;
    let payload: u64 = w.flows.iter().map(|flow| flow.outbound.bytes + flow.inbound.bytes).sum();

    let (id, gateway) = (w.nats[nat.0].id.clone(), Asked::NatGateway(w.nats[nat.0].id.clone()));
    let told = case.same(&gateway, |row| row.nat_gateway_id.as_ref() == Some(&id)).await;
    let expected = [("client_leg", payload), ("matched_at_gateway", payload), ("nat_internet", payload)];
    assert_eq!(by_reason(&told), expected.map(|(reason, bytes)| (reason.to_owned(), bytes)).into());
    assert_eq!((told.counted.bytes, told.seen.bytes), (payload, 3 * payload));

    // Each client by itself: its own rows are evidence, the gateway's rows of it count.
    for client in clients(&w) {
        let own = truth(&w, |flow| flow.client == client);
        let id = w.interfaces[client.0].id.clone();
        let told = case.same(&Asked::Interface(id.clone()), |row| row.interface_id.as_ref() == Some(&id)).await;
        assert_eq!((told.counted.bytes, told.seen.bytes), (own, 2 * own));
        assert!(told.orientation.iter().all(|row| row.oriented_by.as_deref() == Some("flow_direction")));
    }
    for service in ["s3", "range:amazon", "internet"] {
        let told = case.same(&Asked::Service(service.to_owned()), |row| row.service == service).await;
        let opportunity = told.opportunities.first().map(|one| one.opportunity.kind.as_str());
        assert_eq!(opportunity, (service == "s3").then_some("create_gateway_endpoint"), "{service}");
        let unmoved: u64 = told.unmoved.iter().map(|rest| rest.bytes).sum();
        let moved: u64 = told.opportunities.iter().map(|one| one.bytes).sum();
        assert_eq!(unmoved + moved, told.counted.bytes, "{service}");
    }
}

#[tokio::test]
async fn a_peer_is_told_by_its_network() {
    let (mut w, vpc, _) = plain();
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let case = Case::of(&w).await;
    let mut keys = BTreeMap::new();
    for address in w.flows.iter().map(|flow| flow.peer.address()).collect::<BTreeSet<_>>() {
        let told = case.explain(&Asked::Peer(address.to_string().parse().unwrap())).await;
        let [key] = told.asked.peer_keys.as_slice() else { panic!("one key: {:?}", told.asked) };
        keys.insert(address, (key.clone(), told.counted.bytes));
        assert_eq!(told.notes[0].starts_with("Rows of "), key.contains('/'), "{:?}", told.notes);
        assert!(
            told.networks.is_empty() || told.networks[0].network.parse::<ipnet::IpNet>().unwrap().contains(&address)
        );
        // The records name the address itself, at the client and on both legs of the NAT gateway.
        let named: u64 = told.records.iter().filter_map(|group| group.bytes).sum();
        assert_eq!(named, 3 * truth(&w, |flow| flow.peer.address() == address), "{address}");
        assert!(told.records.iter().all(|group| fields_of(group).contains(&address.to_string().as_str())));
        assert_eq!(told.routes[0].path, "nat_gateway");
        assert!(told.routes[0].steps[0].target.as_deref().is_some_and(|target| target.starts_with("nat-")));
    }
    // A network of the address book, less the smaller ones inside it, has one key for all its addresses.
    for (key, bytes) in keys.values() {
        assert_eq!(*bytes, truth(&w, |flow| keys[&flow.peer.address()].0 == *key), "{key}");
    }
    // Without names no public address is kept for itself.
    assert!(keys.values().all(|(key, _)| key.contains('/')));
}

#[tokio::test]
async fn every_path_of_the_shop() {
    let mut shop = Shop::new();
    for vpc in shop.vpcs() {
        let format = if vpc == shop.regional { fields::V9 } else { fields::V5 };
        shop.w.flow_log(format, &[Watch::Vpc(vpc)]);
    }
    let case = Case::of(&shop.w).await;
    for nat in &shop.w.nats {
        let id = nat.id.clone();
        let told = case.same(&Asked::NatGateway(id.clone()), |row| row.nat_gateway_id.as_ref() == Some(&id)).await;
        let by_truth: u64 =
            shop.w.truth().iter().filter(|row| row.nat_gateway_id.as_ref() == Some(&id)).map(|row| row.bytes).sum();
        assert_eq!(told.counted.bytes, by_truth, "{id}");
    }
    // A gateway endpoint, an interface endpoint here and behind the transit gateway, private pairs, labels.
    for service in ["dynamodb", "sqs", "kms", "private", "range:amazon"] {
        let told = case.same(&Asked::Service(service.to_owned()), |row| row.service == service).await;
        let reasons = by_reason(&told);
        match service {
            "sqs" | "kms" => assert_eq!(reasons["endpoint_rows"], told.counted.bytes),
            "private" => assert!(reasons["other_end"] > 0 && reasons["own_rows_private"] == told.counted.bytes),
            "dynamodb" => assert!(told.paths.iter().any(|path| path.path == "gateway_endpoint")),
            _ => {}
        }
    }
    // The spoke's client is counted at the hub; its own rows and the transit gateway's are evidence.
    let spoke = shop.w.interfaces[shop.spoke_client.0].id.clone();
    let told = case.same(&Asked::Interface(spoke.clone()), |row| row.interface_id.as_ref() == Some(&spoke)).await;
    let reasons = by_reason(&told);
    assert!(reasons["client_leg"] > 0 && reasons["matched_at_gateway"] >= reasons["client_leg"], "{reasons:?}");
    let ways = |way: &'static str| told.routes.iter().filter(move |route| route.way == way);
    assert!(ways("out").any(|route| route.via.as_deref() == Some("transit_gateway") && route.steps.len() >= 3));
    // Back from the hub the table leads to the transit gateway: that is how the hop before the gateway is known.
    assert!(ways("back").any(|route| route.path == "transit_gateway"), "{:?}", told.routes);
    // At the interface of an endpoint everything recorded there counts.
    let endpoint = shop.w.endpoints.iter().position(|endpoint| endpoint.service == "sqs").unwrap();
    let id = shop.w.interfaces[shop.w.endpoint_interfaces(offramp::world::EndpointKey(endpoint))[0].0].id.clone();
    let told = case.explain(&Asked::Interface(id)).await;
    assert_eq!(by_reason(&told)["endpoint_rows"], 13 * MIB);
    assert_eq!(told.counted.bytes, 13 * MIB);
}

#[tokio::test]
async fn two_flow_logs_on_one_interface() {
    let (mut w, vpc, nat) = plain();
    let interface = w.nats[nat.0].interface.unwrap();
    w.flow_log(fields::V2, &[Watch::Vpc(vpc)]);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    w.flow_log(fields::V5, &[Watch::Interface(interface)]);
    let case = Case::of(&w).await;
    let payload: u64 = w.flows.iter().map(|flow| flow.outbound.bytes + flow.inbound.bytes).sum();
    let id = w.interfaces[interface.0].id.clone();
    let told = case.explain(&Asked::Interface(id)).await;
    // Two legs in each of the two flow logs of the gateway that were not chosen, and the clients' rows in theirs.
    assert_eq!(by_reason(&told)["other_flow_log"], 5 * payload);
    assert_eq!(case.report.coverage.duplicate_bytes, 5 * payload);
    assert_eq!(told.counted.bytes, payload);
    let told = case.same(&Asked::Service("s3".to_owned()), |row| row.service == "s3").await;
    assert!(by_reason(&told)["other_flow_log"] >= told.counted.bytes);
}

#[tokio::test]
async fn a_nat_log_that_begins_in_mid_hour() {
    let (mut w, vpc, nat) = plain();
    w.flow_log(fields::V3, &[Watch::Workloads(vpc)]);
    let from = w.start + 2 * HOUR + 1800;
    w.flow_log(fields::V5, &[Watch::Edges(vpc)]).from = from;
    let case = Case::of(&w).await;
    let id = w.nats[nat.0].id.clone();
    let told = case.same(&Asked::NatGateway(id.clone()), |row| row.nat_gateway_id.as_ref() == Some(&id)).await;
    let reasons = by_reason(&told);
    for reason in ["client_leg", "own_rows", "stands_in", "workload_stands_in", "matched_at_gateway"] {
        assert!(reasons[reason] > 0, "{reason}: {reasons:?}");
    }
    assert!(told.orientation.iter().any(|row| row.oriented_by.as_deref() == Some("own_address")));
}

#[tokio::test]
async fn a_nat_gateway_logged_without_packet_fields() {
    let (mut w, _, nat) = plain();
    let interface = w.nats[nat.0].interface.unwrap();
    w.flow_log(fields::V2, &[Watch::Interface(interface)]);
    let case = Case::of(&w).await;
    let payload: u64 = w.flows.iter().map(|flow| flow.outbound.bytes + flow.inbound.bytes).sum();
    let id = w.nats[nat.0].id.clone();
    let told = case.same(&Asked::NatGateway(id.clone()), |row| row.nat_gateway_id.as_ref() == Some(&id)).await;
    let expected = [("blind_internet_leg".to_owned(), payload), ("nat_blind_client".to_owned(), payload)];
    assert_eq!(by_reason(&told), expected.into());
    case.same(&Asked::Service("s3".to_owned()), |row| row.service == "s3").await;
}

#[tokio::test]
async fn services_that_dns_names_or_leaves_open() {
    let mut w = World::new(sample::START, 2);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, two) = two_zones(&mut w, vpc);
    let (a, b) = (w.instance(one), w.instance(two));
    to_aws(&mut w, a, "AMAZON", "us-east-1", 3, (1, 10), (700, 1000));
    to_aws(&mut w, b, "AMAZON", "us-east-1", 5, (2, 20), (700, 1000));
    let peers = [w.flows[0].peer.address(), w.flows[1].peer.address()];
    let mut lookups = w.dns_lookups(a, "sqs.us-east-1.amazonaws.com", peers[0], &[60]);
    for name in ["kms.us-east-1.amazonaws.com", "sqs.us-east-1.amazonaws.com"] {
        lookups.extend(w.dns_lookups(b, name, peers[1], &[60]));
    }
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let case = Case::with_lookups(&w, &lookups).await;

    let told = case.same(&Asked::Service("sqs".to_owned()), |row| row.service == "sqs").await;
    assert_eq!(told.counted.bytes, 11 * MIB);
    assert_eq!(told.services[0].service_evidence.as_deref(), Some("dns"));
    assert_eq!(
        told.dns.iter().map(|answer| (answer.tier, answer.service.as_deref())).collect::<Vec<_>>(),
        [(1, Some("sqs"))]
    );
    assert!(told.endpoints.iter().any(|offer| offer.service == "sqs" && offer.endpoint_id.is_none()));

    // Two services behind one address: a label still, and both names are told.
    let told = case.explain(&Asked::Peer(peers[1].to_string().parse().unwrap())).await;
    assert_eq!((told.counted.bytes, told.services.len()), (22 * MIB, 1));
    assert_eq!(told.services[0].service, "range:amazon");
    assert_eq!(told.services[0].dns_verdict.as_deref(), Some("ambiguous"));
    assert_eq!(told.dns.len(), 2);
    assert_eq!(told.unmoved[0].reason, "range_label");
    let label = case.same(&Asked::Service("range:amazon".to_owned()), |row| row.service == "range:amazon").await;
    // The named bytes have the label in the log too: they are counted under their name.
    assert_eq!(by_reason(&label)["other_number"], 11 * MIB);
}

#[tokio::test]
async fn with_query_logs_an_address_is_told_without_its_neighbours() {
    let mut w = World::new(sample::START, 2);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, _) = two_zones(&mut w, vpc);
    let a = w.instance(one);
    to_aws(&mut w, a, "AMAZON", "us-east-1", 3, (1, 10), (700, 1000));
    let asked = w.flows[0].peer.address();
    let IpAddr::V4(v4) = asked else { panic!("{asked}") };
    let neighbours = [1, 2].map(|step| IpAddr::V4((u32::from(v4) + step).into()));
    for (neighbour, mib) in neighbours.into_iter().zip([100, 200]) {
        w.flow(a, Peer::Address(neighbour), (mib * MIB, mib * MIB), (700, 1000));
    }
    let lookups = w.dns_lookups(a, "sqs.us-east-1.amazonaws.com", neighbours[0], &[60]);
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let case = Case::described(&w, &w, &lookups, Some(asked.into())).await;
    let of = async |net: String| case.explain(&Asked::Peer(net.parse().unwrap())).await;
    let told = of(asked.to_string()).await;
    assert_eq!((told.counted.bytes, told.asked.peer_keys), (11 * MIB, vec![asked.to_string()]));
    assert!(!told.notes.iter().any(|note| note.contains("exact addresses are not kept")), "{:?}", told.notes);
    // A network that is asked for is told whole, named or not.
    let net = format!("{asked}/30").parse::<IpNet>().unwrap().trunc();
    let inside = neighbours.iter().zip([200, 400]).filter(|(address, _)| net.contains(*address));
    let expected = 11 + inside.map(|(_, mib)| mib).sum::<u64>();
    let case = Case::described(&w, &w, &lookups, Some(net)).await;
    let told = case.explain(&Asked::Peer(net.to_string().parse().unwrap())).await;
    assert_eq!((told.counted.bytes, expected > 11), (expected * MIB, true));
}

#[tokio::test]
async fn what_is_not_there_is_said_with_what_is_near() {
    let mut w = World::new(sample::START, 2);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (nat, one, _) = two_zones(&mut w, vpc);
    let (client, silent) = (w.instance(one), w.instance(one));
    let sqs = w.interface_endpoint(vpc, "sqs", &[one]);
    to_endpoint(&mut w, client, sqs, 0, (5, 6), (HOUR, 600));
    to_aws(&mut w, client, "AMAZON", "us-east-1", 3, (1, 10), (700, 1000));
    w.flow_log(fields::V5, &[Watch::Interface(client)]);
    let case = Case::of(&w).await;
    let id = |key: InterfaceKey| w.interfaces[key.0].id.clone();
    for (asked, parts) in [
        (Asked::Interface(id(silent)), vec!["the inventory has it (workload, vpc-", "interfaces in the logs: eni-"]),
        (Asked::Interface("eni-1".to_owned()), vec!["neither in the logs nor in the inventory"]),
        (Asked::NatGateway("nat-1".to_owned()), vec!["no NAT gateway nat-1", w.nats[nat.0].id.as_str()]),
        (
            Asked::Service("sqss".to_owned()),
            vec!["no bytes of the service sqss; services in the logs: sqs (0.011 GiB)"],
        ),
        (Asked::Peer("198.51.100.7".parse().unwrap()), vec!["no record names 198.51.100.7; nearest peers: "]),
        (
            Asked::Peer(w.interfaces[client.0].primary.to_string().parse().unwrap()),
            vec!["is nobody's peer", "--interface eni-"],
        ),
        (Asked::Peer("198.51.100.0/24".parse().unwrap()), vec!["no peer in the logs lies in 198.51.100.0/24"]),
    ] {
        let error = case.session.explain(&asked, &case.report, 1).await.unwrap_err();
        assert_eq!(error.exit_code(), 4, "{error}");
        for part in parts {
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}

#[tokio::test]
async fn a_log_that_disagrees_with_the_route_tables() {
    // Traffic path 1, and a table that knows an internet gateway only.
    let mut w = World::new(sample::START, 3);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, _) = two_zones(&mut w, vpc);
    let client = w.instance(one);
    to_internet(&mut w, client, 1, (3, 4), (HOUR, HOUR));
    w.flow_log(fields::V5, &[Watch::Workloads(vpc)]);
    let mut later = w.clone();
    let table = w.table_of(one);
    later.tables[table.0].routes.pop();
    later.internet_gateway(vpc, &[table]);
    let case = Case::described(&w, &later, &[], None).await;
    let told = case.same(&Asked::Service("internet".to_owned()), |row| row.service == "internet").await;
    assert!(told.paths.iter().all(|path| path.path == "unknown" && path.conflict), "{:?}", told.paths);
    assert_eq!(told.routes[0].path, "internet_gateway");
    assert!(told.path_fields.iter().any(|field| field.traffic_path == Some(1)));
    assert_eq!(told.unmoved[0].reason, "path_unknown");
}

#[tokio::test]
async fn random_worlds_add_up() {
    for seed in SEEDS {
        let w = super::random::world(seed);
        let case = Case::of(&w).await;
        let nats = case.report.nat_gateways.iter().filter(|nat| nat.processed_bytes > 0).take(2);
        for id in nats.map(|nat| nat.nat_gateway_id.clone()) {
            case.same(&Asked::NatGateway(id.clone()), |row| row.nat_gateway_id.as_ref() == Some(&id)).await;
        }
        for service in ["s3", "private"] {
            if case.report.traffic.iter().any(|row| row.service == service) {
                case.same(&Asked::Service(service.to_owned()), |row| row.service == service).await;
            }
        }
        let busiest = case.report.traffic.iter().find_map(|row| row.interface_id.clone()).unwrap();
        let told = case.explain(&Asked::Interface(busiest.clone())).await;
        let mine = case.report.traffic.iter().filter(|row| row.interface_id.as_ref() == Some(&busiest));
        assert!(told.counted.bytes >= mine.map(|row| row.bytes).sum::<u64>());
    }
}

const SEEDS: std::ops::Range<u64> = 0..2;

/// A world read once, asked often.
struct Case {
    session: Session,
    report: Report,
    _files: tempfile::TempDir,
}

impl Case {
    async fn of(w: &World) -> Self {
        Self::with_lookups(w, &[]).await
    }

    async fn with_lookups(w: &World, lookups: &[Lookup]) -> Self {
        Self::described(w, w, lookups, None).await
    }

    /// Logs of one world with the inventory of another.
    async fn described(w: &World, described: &World, lookups: &[Lookup], told_apart: Option<IpNet>) -> Self {
        let files = tempfile::tempdir().unwrap();
        let [logs, inventory, queries] = ["logs", "inventory", "queries"].map(|name| files.path().join(name));
        write_logs(w, &logs, &Layout::default()).unwrap();
        inventory_json::write_inventory(described, &inventory).unwrap();
        let location = |path: &std::path::Path| path.to_str().unwrap().parse::<Location>().unwrap();
        let mut job = Job {
            sources: vec![location(&logs)],
            inventory: Some(inventory),
            explained: true,
            told_apart,
            ..Job::default()
        };
        if !lookups.is_empty() {
            w.write_lookups(lookups, &queries).unwrap();
            job.resolver = vec![location(&queries)];
        }
        let session = pipeline::open(&job, Arc::new(Silent)).await.unwrap();
        session.classify(Keep::All).await.unwrap();
        let report = session.report().await.unwrap();
        Self { session, report, _files: files }
    }

    /// The explanation, which must add up in itself; with log records where a peer is asked about.
    async fn explain(&self, asked: &Asked) -> Explanation {
        let groups = if matches!(asked, Asked::Peer(_)) { 100 } else { 0 };
        let told = self.session.explain(asked, &self.report, groups).await.unwrap();
        let sum = |bytes: Vec<u64>| bytes.into_iter().sum::<u64>();
        assert_eq!(told.unaccounted_bytes, 0, "{asked:?}: {:?}", by_reason(&told));
        assert_eq!(sum(told.pieces.iter().map(|piece| piece.records).collect()), told.seen.records, "{asked:?}");
        let counted = told.pieces.iter().filter(|piece| piece.verdict == "counted");
        assert_eq!(sum(counted.map(|piece| piece.bytes).collect()), told.counted.bytes, "{asked:?}");
        let no_legs = ["other_flow_log", "transit_gateway_log", "reject", "nodata", "skipdata"];
        let legs = told.pieces.iter().filter(|piece| !no_legs.contains(&piece.reason.as_str()));
        let legs = sum(legs.map(|piece| piece.bytes).collect());
        assert_eq!(sum(told.orientation.iter().map(|row| row.bytes).collect()), legs, "{asked:?}");
        assert_eq!(sum(told.services.iter().map(|row| row.bytes).collect()), told.counted.bytes, "{asked:?}");
        assert_eq!(sum(told.paths.iter().map(|row| row.bytes).collect()), told.counted.bytes, "{asked:?}");
        assert_eq!(sum(told.charges.iter().map(|row| row.bytes).collect()), told.counted.bytes, "{asked:?}");
        let (opportunities, rest) =
            (told.opportunities.iter().map(|one| one.bytes), told.unmoved.iter().map(|one| one.bytes));
        assert_eq!(sum(opportunities.chain(rest).collect()), told.counted.bytes, "{asked:?}");
        assert!(told.pieces.iter().all(|piece| !piece.rule.starts_with("no rule")), "{:?}", told.pieces);
        for format in [Format::Table, Format::Markdown] {
            let text = render(&told, format, false).unwrap();
            assert!(text.contains(&told.asked.value.replace('_', "\\_")) || text.contains(&told.asked.value), "{text}");
            assert!(format == Format::Markdown || text.lines().all(|line| line.chars().count() <= 80), "{text}");
        }
        told
    }

    /// The same, whose counted bytes and dollars must be those of the report's rows.
    async fn same(&self, asked: &Asked, filter: impl Fn(&TrafficRow) -> bool) -> Explanation {
        let told = self.explain(asked).await;
        let rows: Vec<_> = self.report.traffic.iter().filter(|row| filter(row)).collect();
        assert!(!rows.is_empty(), "{asked:?}");
        assert_eq!(told.counted.bytes, rows.iter().map(|row| row.bytes).sum::<u64>(), "{asked:?}");
        assert_eq!(told.counted.records, rows.iter().map(|row| row.records).sum::<u64>(), "{asked:?}");
        match known_sum(&rows.iter().map(|row| row.usd_month).collect::<Vec<_>>()) {
            Some(dollars) => super::support::assert_usd(told.usd_month, dollars),
            None => assert_eq!(told.usd_month, None, "{asked:?}"),
        }
        told
    }
}

fn by_reason(told: &Explanation) -> BTreeMap<String, u64> {
    let mut bytes = BTreeMap::new();
    for piece in told.pieces.iter().filter(|piece| piece.bytes > 0) {
        *bytes.entry(piece.reason.clone()).or_default() += piece.bytes;
    }
    bytes
}

fn truth(w: &World, wanted: impl Fn(&offramp::world::Flow) -> bool) -> u64 {
    w.truth_of(wanted).iter().map(|row| row.bytes).sum()
}

fn clients(w: &World) -> Vec<InterfaceKey> {
    let mut clients: Vec<_> = w.flows.iter().map(|flow| flow.client).collect();
    clients.sort_unstable();
    clients.dedup();
    clients
}

fn fields_of(group: &offramp::explain::model::Records) -> Vec<&str> {
    group.first.values().filter_map(|value| value.as_str()).collect()
}

#[tokio::test]
async fn an_instance_that_forwards_for_others() {
    // What it forwards is the client's, once; what it fetches for itself is its own.
    for format in [fields::V5, fields::V2] {
        let mut w = World::new(sample::START, 4);
        let vpc = w.vpc(super::shop::ACCOUNT, "us-east-1", "10.0.0.0/16");
        let (front, back) = (w.route_table(vpc), w.route_table(vpc));
        w.internet_gateway(vpc, &[front]);
        let public = w.subnet(vpc, "10.0.0.0/24", "use1-az1", Some(front));
        let private = w.subnet(vpc, "10.0.1.0/24", "use1-az1", Some(back));
        let instance = w.interface(public, offramp::world::Role::Appliance { translates: true });
        w.route(back, "0.0.0.0/0", offramp::world::Target::Interface(instance));
        let client = w.instance(private);
        super::shop::to_aws(&mut w, client, "S3", "us-east-1", 1, (3, 50), (HOUR, HOUR));
        super::shop::to_aws(&mut w, instance, "S3", "us-east-1", 1, (1, 9), (HOUR, HOUR));
        w.flow_log(format, &[Watch::Vpc(vpc)]);
        let case = Case::of(&w).await;
        let id = w.interfaces[instance.0].id.clone();
        let told = case.same(&Asked::Interface(id.clone()), |row| row.interface_id.as_ref() == Some(&id)).await;
        assert_eq!(told.counted.bytes, 10 * MIB);
        assert_eq!(by_reason(&told)["forwarded"], if format == fields::V2 { 106 * MIB } else { 53 * MIB });
        case.same(&Asked::Service("s3".to_owned()), |row| row.service == "s3").await;
    }
}
