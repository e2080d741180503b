//! Pods on secondary addresses and delegated prefixes: only `pkt_*` shows them.

use offramp::world::{InterfaceKey, Peer, Role, Watch, World, fields, sample};

use super::shop::{ACCOUNT, HOUR, MIB};
use super::support::{assert_same, report, traffic, truth};

#[tokio::test]
async fn pods_belong_to_their_node_at_every_vantage() {
    let (w, vpc) = cluster();
    let vantages =
        [(fields::V5, Watch::Vpc(vpc)), (fields::V5, Watch::Edges(vpc)), (fields::V5, Watch::Workloads(vpc))];
    for (format, watch) in
        vantages.into_iter().chain([(fields::V2, Watch::Workloads(vpc)), (fields::V11, Watch::Vpc(vpc))])
    {
        let mut w = w.clone();
        w.flow_log(format, &[watch]);
        let report = report(&w).await;
        assert_same(&traffic(&report), &truth(&w));
        let nodes: Vec<&str> =
            w.interfaces.iter().filter(|i| i.role == Role::Instance).map(|i| i.id.as_str()).collect();
        assert_eq!(nodes.len(), 2);
        assert!(report.traffic.iter().all(|row| nodes.contains(&row.interface_id.as_deref().unwrap())), "{watch:?}");
    }
}

fn cluster() -> (World, offramp::world::VpcKey) {
    let mut w = World::new(sample::START, 4);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let (_, one, two) = super::nat::two_zones(&mut w, vpc);
    let sqs = w.interface_endpoint(vpc, "sqs", &[one]);
    let endpoint = w.endpoint_interfaces(sqs)[0];
    let nodes = [w.instance(one), w.instance(two)];
    for (i, node) in nodes.into_iter().enumerate() {
        let secondary = w.secondary_address(node);
        // One /28 of each node's subnet.
        let prefix = format!("10.0.{}.208/28", i + 1);
        w.delegated_prefix(node, &prefix);
        let delegated = w.address(&format!("10.0.{}.211", i + 1));
        for (n, address) in [secondary, delegated].into_iter().enumerate() {
            let s3 = w.aws_address("S3", "us-east-1", i * 2 + n);
            from_pod(&mut w, node, address, Peer::Address(s3), (5 + n as u64, 50 + i as u64));
            let internet = Peer::Address([151, 101, n as u8, 9].into());
            from_pod(&mut w, node, address, internet, (1, 7 + n as u64));
            let own = w.interfaces[endpoint.0].primary;
            from_pod(&mut w, node, address, Peer::Interface(endpoint, own), (3, 2));
        }
        // The node itself, to the same peer as its first pod.
        let s3 = w.aws_address("S3", "us-east-1", i * 2);
        let own = w.interfaces[node.0].primary;
        from_pod(&mut w, node, own, Peer::Address(s3), (2, 11));
    }
    (w, vpc)
}

fn from_pod(w: &mut World, node: InterfaceKey, address: std::net::IpAddr, peer: Peer, mib: (u64, u64)) {
    w.flow(node, peer, (mib.0 * MIB, mib.1 * MIB), (HOUR, 2 * HOUR)).client_address = address;
}
