//! The route walk and the owner of an address, on a small hand-made network.

use std::sync::Arc;

use ipnet::IpNet;
use offramp::address::{AddressBook, AwsRanges};
use offramp::inventory::Inventory;
use offramp::topology::Topology;
use offramp::topology::owner::Standing;

const NOW: i64 = 1_790_000_000 / 3600 * 3600;

#[test]
fn longest_prefix_then_static_then_prefix_list() {
    let t = network();
    assert_eq!(path(&t, "vpc-a", "subnet-app", "52.216.1.1"), ("gateway_endpoint", None));
    assert_eq!(
        path(&t, "vpc-a", "subnet-app", "52.216.9.9"),
        ("internet_gateway", None),
        "a longer static route beats the list"
    );
    assert_eq!(path(&t, "vpc-a", "subnet-app", "8.8.8.8"), ("nat_gateway", None));
    assert_eq!(path(&t, "vpc-a", "subnet-app", "10.0.9.9"), ("intra_vpc", None));
}

#[test]
fn a_blackhole_ends_the_walk() {
    assert_eq!(path(&network(), "vpc-a", "subnet-app", "198.18.0.1"), ("unknown", None));
}

#[test]
fn main_table_is_the_fallback_of_a_known_subnet_only() {
    let t = network();
    assert_eq!(path(&t, "vpc-a", "subnet-other", "8.8.8.8"), ("internet_gateway", None));
    assert_eq!(t.walk(Some("vpc-a"), None, net("8.8.8.8"), NOW).path, "unknown");
}

#[test]
fn routes_to_younger_resources_say_nothing() {
    let t = network();
    let early = t.walk(Some("vpc-a"), Some("subnet-app"), net("52.216.1.1"), NOW - 7200);
    assert_eq!((early.path, early.nat_gateway_id.as_deref()), ("nat_gateway", Some("nat-a")));
}

#[test]
fn a_spoke_reaches_the_nat_gateway_of_the_hub() {
    let t = network();
    let walk = t.walk(Some("vpc-s"), Some("subnet-spoke"), net("8.8.8.8"), NOW);
    assert_eq!((walk.path, walk.via.as_deref()), ("nat_gateway", Some("transit_gateway")));
    assert_eq!(walk.nat_gateway_id.as_deref(), Some("nat-hub"));
    assert_eq!(walk.route_table_id.as_deref(), Some("rtb-spoke"));
    assert_eq!(path(&t, "vpc-s", "subnet-spoke", "10.9.0.7"), ("transit_gateway", None));
}

#[test]
fn appliances_lead_on_but_stay_before_an_internet_gateway() {
    let t = network();
    assert_eq!(path(&t, "vpc-a", "subnet-inspected", "8.8.8.8"), ("nat_gateway", Some("gwlb_endpoint".into())));
    assert_eq!(path(&t, "vpc-a", "subnet-natinstance", "8.8.8.8"), ("network_interface", None));
}

#[test]
fn repeated_cidrs_are_ambiguous_and_own_vpc_comes_first() {
    let t = network();
    let own = t.owner(Some("vpc-s"), Some("subnet-spoke"), net("10.1.0.9"));
    assert_eq!((own.standing, own.vpc_id), (Standing::Own, Some("vpc-s")));
    let seen_from_hub = t.owner(Some("vpc-hub"), Some("subnet-hubnat"), net("10.1.0.9"));
    assert_eq!(seen_from_hub.standing, Standing::Ambiguous, "two spokes hold 10.1.0.0/16");
    let outside = t.owner(Some("vpc-a"), Some("subnet-app"), net("172.31.0.1"));
    assert_eq!(outside.standing, Standing::External);
}

fn path(t: &Topology, vpc: &str, subnet: &str, peer: &str) -> (&'static str, Option<String>) {
    let walk = t.walk(Some(vpc), Some(subnet), net(peer), NOW);
    (walk.path, walk.via)
}

fn net(text: &str) -> IpNet {
    IpNet::from(text.parse::<std::net::IpAddr>().unwrap())
}

/// VPC a with every kind of route, spokes s and s2 with one CIDR, hub with the NAT gateway, b behind the transit gateway.
fn network() -> Topology {
    let dir = tempfile::tempdir().unwrap();
    let table = |id: &str, vpc: &str, subnets: &[&str], main: bool, routes: &str| {
        let mut associations: Vec<String> =
            subnets.iter().map(|s| format!(r#"{{"Main":false,"SubnetId":"{s}","RouteTableId":"{id}"}}"#)).collect();
        if main {
            associations.push(format!(r#"{{"Main":true,"RouteTableId":"{id}"}}"#));
        }
        format!(
            r#"{{"RouteTableId":"{id}","VpcId":"{vpc}","Associations":[{}],"Routes":[{routes}]}}"#,
            associations.join(",")
        )
    };
    let to = |cidr: &str, key: &str, target: &str| {
        format!(r#"{{"DestinationCidrBlock":"{cidr}","{key}":"{target}","State":"active"}}"#)
    };
    let local = |cidr: &str| to(cidr, "GatewayId", "local");
    let tables = [
        table(
            "rtb-app",
            "vpc-a",
            &["subnet-app"],
            false,
            &[
                local("10.0.0.0/16"),
                to("0.0.0.0/0", "NatGatewayId", "nat-a"),
                r#"{"DestinationPrefixListId":"pl-s3","GatewayId":"vpce-s3","State":"active"}"#.to_owned(),
                to("52.216.9.0/24", "GatewayId", "igw-a"),
                r#"{"DestinationCidrBlock":"198.18.0.0/15","NetworkInterfaceId":"eni-gone","State":"blackhole"}"#
                    .to_owned(),
            ]
            .join(","),
        ),
        table("rtb-main", "vpc-a", &[], true, &[local("10.0.0.0/16"), to("0.0.0.0/0", "GatewayId", "igw-a")].join(",")),
        table(
            "rtb-inspected",
            "vpc-a",
            &["subnet-inspected"],
            false,
            &[local("10.0.0.0/16"), to("0.0.0.0/0", "GatewayId", "vpce-gwlb")].join(","),
        ),
        table(
            "rtb-gwlb",
            "vpc-a",
            &["subnet-gwlb"],
            false,
            &[local("10.0.0.0/16"), to("0.0.0.0/0", "NatGatewayId", "nat-a")].join(","),
        ),
        table(
            "rtb-natinstance",
            "vpc-a",
            &["subnet-natinstance"],
            false,
            &[local("10.0.0.0/16"), to("0.0.0.0/0", "NetworkInterfaceId", "eni-box")].join(","),
        ),
        table(
            "rtb-spoke",
            "vpc-s",
            &["subnet-spoke"],
            false,
            &[local("10.1.0.0/16"), to("0.0.0.0/0", "TransitGatewayId", "tgw-1")].join(","),
        ),
        table(
            "rtb-hubtgw",
            "vpc-hub",
            &["subnet-hubtgw"],
            false,
            &[local("10.2.0.0/16"), to("0.0.0.0/0", "NatGatewayId", "nat-hub")].join(","),
        ),
        table(
            "rtb-hubnat",
            "vpc-hub",
            &["subnet-hubnat"],
            false,
            &[
                local("10.2.0.0/16"),
                to("10.0.0.0/8", "TransitGatewayId", "tgw-1"),
                to("0.0.0.0/0", "GatewayId", "igw-h"),
            ]
            .join(","),
        ),
    ];
    let subnet = |id: &str, vpc: &str, cidr: &str| {
        format!(
            r#"{{"SubnetId":"{id}","VpcId":"{vpc}","CidrBlock":"{cidr}","AvailabilityZoneId":"use1-az1","AvailabilityZone":"us-east-1a"}}"#
        )
    };
    let subnets = [
        subnet("subnet-app", "vpc-a", "10.0.1.0/24"),
        subnet("subnet-other", "vpc-a", "10.0.2.0/24"),
        subnet("subnet-inspected", "vpc-a", "10.0.3.0/24"),
        subnet("subnet-gwlb", "vpc-a", "10.0.4.0/24"),
        subnet("subnet-natinstance", "vpc-a", "10.0.5.0/24"),
        subnet("subnet-spoke", "vpc-s", "10.1.0.0/24"),
        subnet("subnet-hubtgw", "vpc-hub", "10.2.0.0/24"),
        subnet("subnet-hubnat", "vpc-hub", "10.2.1.0/24"),
    ];
    let vpc = |id: &str, cidr: &str| format!(r#"{{"VpcId":"{id}","CidrBlock":"{cidr}","OwnerId":"111122223333"}}"#);
    let vpcs = [
        vpc("vpc-a", "10.0.0.0/16"),
        vpc("vpc-s", "10.1.0.0/16"),
        vpc("vpc-s2", "10.1.0.0/16"),
        vpc("vpc-hub", "10.2.0.0/16"),
        vpc("vpc-b", "10.9.0.0/16"),
    ];
    let attachment = |id: &str, vpc: &str| {
        format!(
            r#"{{"TransitGatewayAttachmentId":"tgw-attach-{id}","TransitGatewayId":"tgw-1","ResourceType":"vpc","ResourceId":"{vpc}","State":"available"}}"#
        )
    };
    let attachments =
        [attachment("s", "vpc-s"), attachment("s2", "vpc-s2"), attachment("h", "vpc-hub"), attachment("b", "vpc-b")];
    let created = jiff::Timestamp::from_second(NOW - 3600).unwrap();
    let files = [
        ("describe-route-tables.json", format!(r#"{{"RouteTables":[{}]}}"#, tables.join(","))),
        ("describe-subnets.json", format!(r#"{{"Subnets":[{}]}}"#, subnets.join(","))),
        ("describe-vpcs.json", format!(r#"{{"Vpcs":[{}]}}"#, vpcs.join(","))),
        ("describe-transit-gateway-attachments.json", format!(r#"{{"TransitGatewayAttachments":[{}]}}"#, attachments.join(","))),
        ("describe-prefix-lists.json", r#"{"PrefixLists":[{"PrefixListId":"pl-s3","PrefixListName":"com.amazonaws.us-east-1.s3","Cidrs":["52.216.0.0/15"]}]}"#.to_owned()),
        ("describe-vpc-endpoints.json", format!(r#"{{"VpcEndpoints":[
            {{"VpcEndpointId":"vpce-s3","VpcEndpointType":"Gateway","VpcId":"vpc-a","ServiceName":"com.amazonaws.us-east-1.s3","State":"available","CreationTimestamp":"{created}"}},
            {{"VpcEndpointId":"vpce-gwlb","VpcEndpointType":"GatewayLoadBalancer","VpcId":"vpc-a","ServiceName":"com.amazonaws.vpce.us-east-1.vpce-svc-1","State":"available","SubnetIds":["subnet-gwlb"]}}]}}"#)),
        ("describe-network-interfaces.json", r#"{"NetworkInterfaces":[
            {"NetworkInterfaceId":"eni-box","InterfaceType":"interface","VpcId":"vpc-a","SubnetId":"subnet-other","PrivateIpAddress":"10.0.2.5","PrivateIpAddresses":[{"PrivateIpAddress":"10.0.2.5","Primary":true}]},
            {"NetworkInterfaceId":"eni-tgw","InterfaceType":"transit_gateway","VpcId":"vpc-hub","SubnetId":"subnet-hubtgw","PrivateIpAddress":"10.2.0.9","PrivateIpAddresses":[{"PrivateIpAddress":"10.2.0.9","Primary":true}],"Description":"Network Interface for Transit Gateway Attachment tgw-attach-h"}]}"#.to_owned()),
    ];
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    let inventory: Arc<Inventory> = Arc::new(offramp::inventory::read(dir.path()).unwrap());
    let book = AddressBook::new(&AwsRanges::embedded().unwrap(), &inventory);
    Topology::new(inventory, Arc::new(book))
}
