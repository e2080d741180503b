//! The simulator against AWS's documented records, against itself, and against the committed `sample-data/`.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use offramp::world::emit::Emitter;
use offramp::world::{Peer, Side, Target, Watch, World, fields, sample};

#[test]
fn nat_gateway_rows_are_those_of_awss_example() {
    let (mut w, vpc) = one_vpc("10.0.0.0/16");
    let (public, private) = (w.route_table(vpc), w.route_table(vpc));
    w.internet_gateway(vpc, &[public]);
    let public_a = w.subnet(vpc, "10.0.0.0/24", "use1-az1", Some(public));
    let private_a = w.subnet(vpc, "10.0.1.0/24", "use1-az1", Some(private));
    let nat = w.nat_gateway(public_a);
    w.route(private, "0.0.0.0/0", Target::Nat(nat));
    let client = w.instance(private_a);
    w.interfaces[client.0].primary = "10.0.1.5".parse().unwrap();
    let interface = w.nats[nat.0].interface.unwrap();
    w.interfaces[interface.0].primary = "10.0.0.220".parse().unwrap();
    w.flow(client, Peer::Address("203.0.113.5".parse().unwrap()), (600, 900), (0, 60));
    let format = "instance-id interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr flow-direction traffic-path";
    w.flow_log(format, &[Watch::Vpc(vpc)]);

    let instance = w.interfaces[client.0].instance_id.clone().unwrap();
    let (eni, nat_eni) = (&w.interfaces[client.0].id, &w.interfaces[interface.0].id);
    assert_eq!(
        accepted(&w),
        sorted([
            format!("{instance} {eni} 10.0.1.5 203.0.113.5 10.0.1.5 203.0.113.5 egress 1"),
            format!("{instance} {eni} 203.0.113.5 10.0.1.5 203.0.113.5 10.0.1.5 ingress -"),
            format!("- {nat_eni} 10.0.1.5 10.0.0.220 10.0.1.5 203.0.113.5 ingress -"),
            format!("- {nat_eni} 10.0.0.220 203.0.113.5 10.0.0.220 203.0.113.5 egress 8"),
            format!("- {nat_eni} 203.0.113.5 10.0.0.220 203.0.113.5 10.0.0.220 ingress -"),
            format!("- {nat_eni} 10.0.0.220 10.0.1.5 203.0.113.5 10.0.1.5 egress 1"),
        ])
    );
}

#[test]
fn regional_nat_gateway_rows_are_those_of_awss_example() {
    let (mut w, vpc) = one_vpc("10.0.0.0/16");
    w.internet_gateway(vpc, &[]);
    let subnet = w.subnet(vpc, "10.0.1.0/24", "use1-az1", None);
    let nat = w.regional_nat_gateway(vpc, &["use1-az1"]);
    let main = w.vpcs[vpc.0].main_table;
    w.route(main, "0.0.0.0/0", Target::Nat(nat));
    let client = w.instance(subnet);
    w.interfaces[client.0].primary = "10.0.1.5".parse().unwrap();
    w.flow(client, Peer::Address("203.0.113.5".parse().unwrap()), (600, 900), (0, 60));
    w.flow_log(
        "resource-id instance-id interface-id subnet-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr",
        &[Watch::RegionalNat(nat)],
    );

    let id = &w.nats[nat.0].id;
    assert_eq!(
        accepted(&w),
        sorted([
            format!("{id} - - - 10.0.1.5 203.0.113.5 10.0.1.5 203.0.113.5"),
            format!("{id} - - - 107.22.182.139 203.0.113.5 107.22.182.139 203.0.113.5"),
            format!("{id} - - - 203.0.113.5 107.22.182.139 203.0.113.5 107.22.182.139"),
            format!("{id} - - - 203.0.113.5 10.0.1.5 203.0.113.5 10.0.1.5"),
        ])
    );
}

#[test]
fn transit_gateway_rows_are_those_of_awss_example() {
    let mut w = World::new(sample::START, 1);
    let a = w.vpc("111122223333", "us-east-1", "10.20.0.0/16");
    let b = w.vpc("111122223333", "us-east-1", "10.40.0.0/16");
    let client_subnet = w.subnet(a, "10.20.33.0/24", "use1-az1", None);
    let server_subnet = w.subnet(b, "10.40.2.0/24", "use1-az2", None);
    let tgw_one = w.subnet(b, "10.40.1.0/24", "use1-az1", None);
    let tgw = w.transit_gateway("111122223333", "us-east-1");
    w.attach(tgw, a, &[client_subnet]);
    let attachment = w.attach(tgw, b, &[tgw_one, server_subnet]);
    for (vpc, cidr) in [(a, "10.40.0.0/16"), (b, "10.20.0.0/16")] {
        let main = w.vpcs[vpc.0].main_table;
        w.route(main, cidr, Target::TransitGateway(tgw));
    }
    let (client, server) = (w.instance(client_subnet), w.instance(server_subnet));
    let [one, two] = w.attachments[attachment.0].interfaces[..] else { panic!("two interfaces") };
    for (key, address) in [(client, "10.20.33.164"), (server, "10.40.2.236"), (one, "10.40.1.175"), (two, "10.40.2.31")]
    {
        w.interfaces[key.0].primary = address.parse().unwrap();
    }
    w.flow_between(client, server, (600, 900), (0, 60));
    w.flow_log("interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr tcp-flags", &[Watch::Vpc(b)]);

    let id = |key: offramp::world::InterfaceKey| &w.interfaces[key.0].id;
    assert_eq!(
        accepted(&w),
        sorted([
            format!("{} 10.20.33.164 10.40.2.236 10.20.33.164 10.40.2.236 3", id(server)),
            format!("{} 10.40.2.236 10.20.33.164 10.40.2.236 10.20.33.164 19", id(server)),
            format!("{} 10.40.1.175 10.40.2.236 10.20.33.164 10.40.2.236 3", id(one)),
            format!("{} 10.40.2.236 10.40.2.31 10.40.2.236 10.20.33.164 19", id(two)),
        ])
    );
}

#[test]
fn an_upload_to_s3_by_the_internet_gateway_is_awss_version_5_example() {
    let (mut w, vpc) = one_vpc("10.0.0.0/16");
    let main = w.vpcs[vpc.0].main_table;
    w.internet_gateway(vpc, &[main]);
    let subnet = w.subnet(vpc, "10.0.0.0/24", "apse2-az3", None);
    let client = w.instance(subnet);
    w.interfaces[client.0].primary = "10.0.0.71".parse().unwrap();
    let flow = w.flow(client, Peer::Address("52.95.128.179".parse().unwrap()), (471, 15044), (0, 60));
    flow.outbound.packets = 7;
    flow.inbound.packets = 14;
    w.flow_log(
        "srcaddr dstaddr packets bytes pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path",
        &[Watch::Vpc(vpc)],
    );
    assert_eq!(
        accepted(&w),
        sorted([
            "10.0.0.71 52.95.128.179 7 471 - S3 egress 8".to_owned(),
            "52.95.128.179 10.0.0.71 14 15044 S3 - ingress -".to_owned(),
        ])
    );
}

#[test]
fn every_vantage_of_a_flow_carries_all_of_its_bytes() {
    let mut w = sample::world(7);
    // Interval edges that differ between interfaces must not lose or double a byte.
    for (i, interface) in w.interfaces.iter_mut().enumerate() {
        interface.phase = (i as i64 * 97) % 600;
    }
    let mut flows = std::mem::take(&mut w.flows);
    flows.truncate(400);
    for log in &mut w.flow_logs {
        log.fields = fields::parse("interface-id resource-id flow-direction pkt-srcaddr pkt-dstaddr bytes").unwrap();
    }
    for flow in &flows {
        let mut sums: BTreeMap<String, u64> = BTreeMap::new();
        let mut emitter = Emitter::new(&w);
        emitter.flow(flow, &mut |log, row| {
            let mut text = Vec::new();
            fields::write(&w.flow_logs[log].fields, row, &mut text);
            let text = String::from_utf8(text).unwrap();
            let (key, bytes) = text.trim_end().rsplit_once(' ').unwrap();
            *sums.entry(key.to_owned()).or_default() += bytes.parse::<u64>().unwrap();
        });
        assert!(sums.len() >= 2);
        for (key, bytes) in sums {
            assert!(
                bytes == flow.outbound.bytes || bytes == flow.inbound.bytes,
                "{key}: {bytes}, not {} or {}",
                flow.outbound.bytes,
                flow.inbound.bytes
            );
        }
    }
}

#[test]
fn every_watched_interface_speaks_for_every_slot() {
    let w = sample::world(7);
    let mut slots: BTreeMap<(usize, String), Vec<bool>> = BTreeMap::new();
    let count = ((w.end - w.start) / 600) as usize;
    let mut emitter = Emitter::new(&w);
    let mut see = |log: usize, row: &offramp::world::row::Row<'_>| {
        let Some(id) = row.interface_id else { return };
        let seen = slots.entry((log, id.to_owned())).or_insert_with(|| vec![false; count]);
        for slot in (row.start - w.start) / 600..=(row.end - 1 - w.start) / 600 {
            seen[slot as usize] = true;
        }
    };
    for flow in &w.flows {
        emitter.flow(flow, &mut see);
    }
    emitter.finish(&mut see);
    assert_eq!(slots.len(), w.interfaces.len());
    assert!(slots.values().all(|seen| seen.iter().all(|slot| *slot)));
}

#[test]
fn answers_find_their_way_back_by_the_route_tables() {
    let w = sample::world(7);
    for flow in w.flows.iter().filter(|flow| flow.initiator == Side::Client) {
        let journey = w.journey(flow);
        let Some(nat) = journey.nat.and_then(|key| w.nats[key.0].interface) else { continue };
        let table = w.table_of(w.interfaces[nat.0].subnet);
        let back = w.lookup(table, flow.client_address, flow.start).unwrap();
        let expected = match journey.via.last() {
            None => matches!(back, Target::Local),
            Some(&"transit_gateway") => matches!(back, Target::TransitGateway(_)),
            Some(_) => matches!(back, Target::Endpoint(_)),
        };
        assert!(expected, "{:?} comes back by {back:?}", journey.via);
    }
}

#[test]
fn sample_data_is_what_the_generator_writes() {
    let made = tempfile::tempdir().unwrap();
    sample::write(made.path(), 7).unwrap();
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    let (made, committed) = (contents(made.path()), contents(&committed));
    let names = |files: &BTreeMap<PathBuf, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(&made),
        names(&committed),
        "run `cargo run --features world --example generate sample --out sample-data`"
    );
    for (name, text) in &made {
        assert!(*text == committed[name], "{} differs from what the generator writes", name.display());
    }
}

#[test]
fn sample_data_stays_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    let bytes: u64 = walkdir::WalkDir::new(root).into_iter().map(|e| e.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes < 2_000_000, "{bytes} bytes");
}

fn one_vpc(cidr: &str) -> (World, offramp::world::VpcKey) {
    let mut w = World::new(sample::START, 1);
    let vpc = w.vpc("111122223333", "us-east-1", cidr);
    (w, vpc)
}

/// The text of all ACCEPT records, sorted.
fn accepted(w: &World) -> Vec<String> {
    w.check().unwrap();
    let mut lines = Vec::new();
    let mut emitter = Emitter::new(w);
    for flow in &w.flows {
        emitter.flow(flow, &mut |log, row| {
            let mut text = Vec::new();
            fields::write(&w.flow_logs[log].fields, row, &mut text);
            lines.push(String::from_utf8(text).unwrap().trim_end().to_owned());
        });
    }
    lines.sort();
    lines
}

fn sorted<const N: usize>(mut lines: [String; N]) -> Vec<String> {
    lines.sort();
    lines.into()
}

/// Relative path to unzipped text of every file but the README.
fn contents(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(root) {
        let entry = entry.unwrap();
        let path = entry.path();
        if !entry.file_type().is_file() || path.ends_with("README.md") {
            continue;
        }
        let bytes = std::fs::read(path).unwrap();
        let text = if path.extension().is_some_and(|e| e == "gz") {
            let mut text = String::new();
            flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
            text
        } else {
            String::from_utf8(bytes).unwrap()
        };
        files.insert(path.strip_prefix(root).unwrap().to_owned(), text);
    }
    files
}
