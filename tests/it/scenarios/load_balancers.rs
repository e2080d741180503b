//! Load balancers: what a peer initiated never went through a NAT gateway.

use offramp::world::{InterfaceKey, Peer, Side, VpcKey, Watch, World, fields, sample};

use super::shop::{ACCOUNT, HOUR, MIB, to_aws};
use super::support::{assert_same, pair, report, traffic, truth};

#[tokio::test]
async fn a_server_behind_a_load_balancer_that_also_calls_out_through_nat() {
    for format in [fields::V5, fields::V3, fields::V2, fields::V11] {
        let Balanced { mut w, vpc, server, balancer } = Balanced::new();
        to_aws(&mut w, server, "S3", "us-east-1", 1, (4, 60), (HOUR, HOUR));
        // Requests of the internet to the load balancer, and of the load balancer to the server.
        requests(&mut w, balancer, Peer::Address([151, 101, 8, 8].into()), (90, 3));
        let own = w.interfaces[balancer.0].primary;
        let back = requests(&mut w, server, Peer::Interface(balancer, own), (90, 3));
        w.flows[back].client_port = 8080;
        w.flow_log(format, &[Watch::Vpc(vpc)]);

        let report = report(&w).await;
        assert_same(&traffic(&report), &truth(&w));
        // The inner leg is private and inside the VPC. The rules name no path of its own for it: `intra_vpc` as well
        // as `load_balancer` would be true, its bytes once.
        let subnet = |key: InterfaceKey| w.subnets[w.interfaces[key.0].subnet.0].id.clone();
        let (front, inner) = (subnet(balancer), subnet(server));
        let either = ["intra_vpc", "load_balancer"].map(|path| pair(&report, path, &inner, &front));
        assert_eq!((either[0].0 + either[1].0, either[0].1 + either[1].1), (90 * MIB, 3 * MIB), "{format}");
    }
}

#[tokio::test]
async fn requests_through_a_load_balancer_that_keeps_client_addresses() {
    // At the server the peer is public and its table leads to the NAT gateway, yet no byte of it passed there.
    let vpc: fn(VpcKey) -> Watch = Watch::Vpc;
    for (format, watch) in
        [(fields::V5, vpc), (fields::V2, vpc), (fields::V3, Watch::Workloads), (fields::V11, Watch::Workloads)]
    {
        let Balanced { mut w, vpc, server, balancer } = Balanced::new();
        preserved(&mut w, server, balancer);
        w.flow_log(format, &[watch(vpc)]);
        assert_same(&traffic(&report(&w).await), &truth(&w));
    }
}

#[tokio::test]
async fn such_requests_when_the_load_balancer_is_not_logged() {
    let Balanced { mut w, vpc: _, server, balancer } = Balanced::new();
    preserved(&mut w, server, balancer);
    w.flow_log(fields::V5, &[Watch::Interface(server)]);
    let expected = super::support::truth_of(&w, |flow| flow.client == server);
    assert_same(&traffic(&report(&w).await), &expected);
}

#[tokio::test]
async fn a_peer_that_calls_and_is_called() {
    // One public address both requests the server through the load balancer and is called by it through the NAT
    // gateway in the same hour. The NAT gateway's rows may stand for the calls only.
    let Balanced { mut w, vpc, server, balancer } = Balanced::new();
    preserved(&mut w, server, balancer);
    let peer = w.flows.last().unwrap().peer;
    w.flow(server, peer, (7 * MIB, 13 * MIB), (HOUR, HOUR));
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    assert_same(&traffic(&report(&w).await), &truth(&w));
}

struct Balanced {
    w: World,
    vpc: VpcKey,
    server: InterfaceKey,
    balancer: InterfaceKey,
}

impl Balanced {
    fn new() -> Self {
        let mut w = World::new(sample::START, 4);
        let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
        let (nat, one, _) = super::nat::two_zones(&mut w, vpc);
        let front = w.interfaces[w.nats[nat.0].interface.unwrap().0].subnet;
        let server = w.instance(one);
        let balancer = w.network_load_balancer(front, "edge");
        Self { w, vpc, server, balancer }
    }
}

/// Requests of a peer to `client`'s port 443; returns the flow's index.
fn requests(w: &mut World, client: InterfaceKey, peer: Peer, (answers, asked): (u64, u64)) -> usize {
    let flow = w.flow(client, peer, (answers * MIB, asked * MIB), (HOUR, 2 * HOUR));
    (flow.initiator, flow.client_port, flow.peer_port) = (Side::Peer, 443, 52_100);
    w.flows.len() - 1
}

/// Requests from the internet that reach the server with the address of who asked.
fn preserved(w: &mut World, server: InterfaceKey, balancer: InterfaceKey) {
    to_aws(w, server, "S3", "us-east-1", 1, (4, 60), (HOUR, HOUR));
    for n in 1..4 {
        let peer = Peer::Address([151, 101, 8, n].into());
        requests(w, balancer, peer, (20 + u64::from(n), 2));
        let inner = requests(w, server, peer, (20 + u64::from(n), 2));
        w.flows[inner].through = Some(balancer);
    }
}
