//! The inventory from hand-written AWS CLI output: many accounts, pages, and what is missing or broken.

use std::fs;
use std::path::{Path, PathBuf};

use datafusion::arrow::util::display::array_value_to_string;
use datafusion::prelude::{SessionConfig, SessionContext};
use offramp::inventory::model::{InterfaceKind, InventoryFile, NatGateway, NetworkInterface, Subnet};
use offramp::inventory::{self, Inventory};

fn accounts() -> Inventory {
    inventory::read(&fixture("accounts")).unwrap()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/inventory").join(name)
}

fn interface<'a>(inventory: &'a Inventory, id: &str) -> &'a NetworkInterface {
    inventory.network_interfaces.iter().find(|interface| interface.interface_id == id).unwrap()
}

fn nat<'a>(inventory: &'a Inventory, id: &str) -> &'a NatGateway {
    inventory.nat_gateways.iter().find(|nat| nat.nat_gateway_id == id).unwrap()
}

fn subnet<'a>(inventory: &'a Inventory, id: &str) -> &'a Subnet {
    inventory.subnets.iter().find(|subnet| subnet.subnet_id == id).unwrap()
}

/// A directory with the given files.
fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn read_error(name: &str, text: &str) -> String {
    let dir = directory(&[(name, text)]);
    let error = inventory::read(dir.path()).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    error.to_string()
}

/// Rows as text, columns joined by `|`, null as empty.
async fn rows(inventory: &Inventory, sql: &str) -> Vec<String> {
    let ctx = SessionContext::new_with_config(SessionConfig::new());
    inventory::register(&ctx, inventory).unwrap();
    let batches = ctx.sql(sql).await.unwrap().collect().await.unwrap();
    let mut rows = Vec::new();
    for batch in &batches {
        for row in 0..batch.num_rows() {
            let cells: Vec<String> =
                batch.columns().iter().map(|column| array_value_to_string(column, row).unwrap()).collect();
            rows.push(cells.join("|"));
        }
    }
    rows
}

#[test]
fn interfaces_of_all_pages_are_read_and_those_without_id_are_not() {
    let inventory = accounts();
    let ids: Vec<&str> = inventory.network_interfaces.iter().map(|interface| interface.interface_id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "eni-nat1",
            "eni-node",
            "eni-impostor",
            "eni-sqs1",
            "eni-gwlbe",
            "eni-res",
            "eni-alb",
            "eni-tgw",
            "eni-new",
            // Named by its NAT gateway alone.
            "eni-nat2"
        ]
    );
    let read: usize =
        inventory.files.iter().filter(|f| f.kind == InventoryFile::NetworkInterfaces).map(|file| file.entries).sum();
    assert_eq!(read, 9);
}

#[test]
fn interface_kinds_and_owners() {
    let inventory = accounts();
    let kinds: Vec<(&str, InterfaceKind)> =
        inventory.network_interfaces.iter().map(|i| (i.interface_id.as_str(), i.kind)).collect();
    assert_eq!(
        kinds,
        [
            ("eni-nat1", InterfaceKind::NatGateway),
            ("eni-node", InterfaceKind::Workload),
            ("eni-impostor", InterfaceKind::Workload),
            ("eni-sqs1", InterfaceKind::InterfaceEndpoint),
            ("eni-gwlbe", InterfaceKind::GwlbEndpoint),
            ("eni-res", InterfaceKind::OtherEndpoint),
            ("eni-alb", InterfaceKind::LoadBalancer),
            ("eni-tgw", InterfaceKind::TransitGateway),
            ("eni-new", InterfaceKind::Workload),
            ("eni-nat2", InterfaceKind::NatGateway),
        ]
    );
    assert_eq!(interface(&inventory, "eni-nat1").interface_type, "nat_gateway");
    assert_eq!(interface(&inventory, "eni-nat1").nat_gateway_id.as_deref(), Some("nat-zonal"));
    assert_eq!(interface(&inventory, "eni-impostor").nat_gateway_id, None);
    assert_eq!(interface(&inventory, "eni-sqs1").endpoint_id.as_deref(), Some("vpce-sqs"));
    assert_eq!(interface(&inventory, "eni-res").endpoint_id.as_deref(), Some("vpce-resource"));
    let attachment = interface(&inventory, "eni-tgw").transit_gateway_attachment_id.as_deref();
    assert_eq!(attachment, Some("tgw-attach-0app"));
}

#[test]
fn descriptions_stand_in_for_absent_nat_gateways_and_endpoints() {
    let dir = directory(&[(
        "describe-network-interfaces.json",
        r#"{"NetworkInterfaces": [
            {"NetworkInterfaceId": "eni-1", "Description": "Interface for NAT Gateway nat-0bb"},
            {"NetworkInterfaceId": "eni-2", "Description": "VPC Endpoint Interface vpce-0dd"},
            {"NetworkInterfaceId": "eni-3", "Description": "RDSNetworkInterface"}]}"#,
    )]);
    let inventory = inventory::read(dir.path()).unwrap();
    let nat = interface(&inventory, "eni-1");
    assert_eq!((nat.kind, nat.nat_gateway_id.as_deref()), (InterfaceKind::NatGateway, Some("nat-0bb")));
    let endpoint = interface(&inventory, "eni-2");
    assert_eq!((endpoint.kind, endpoint.endpoint_id.as_deref()), (InterfaceKind::InterfaceEndpoint, Some("vpce-0dd")));
    assert_eq!(interface(&inventory, "eni-3").kind, InterfaceKind::Workload);
}

#[test]
fn secondary_addresses_public_addresses_ipv6_and_delegated_prefixes() {
    let inventory = accounts();
    let addresses = |id: &str| -> Vec<(String, bool, Option<String>)> {
        let interface = interface(&inventory, id);
        interface
            .addresses
            .iter()
            .map(|a| (a.address.to_string(), a.primary, a.public_ip.map(|p| p.to_string())))
            .collect()
    };
    assert_eq!(
        addresses("eni-nat1"),
        [
            ("10.0.101.220".to_owned(), true, Some("198.51.100.7".to_owned())),
            ("10.0.101.221".to_owned(), false, Some("198.51.100.8".to_owned())),
        ]
    );
    assert_eq!(
        addresses("eni-node"),
        [
            ("10.0.1.10".to_owned(), true, Some("198.51.100.20".to_owned())),
            ("10.0.1.11".to_owned(), false, None),
            ("2001:db8:0:11::a".to_owned(), true, None),
        ]
    );
    // Only the top-level address, no list: still the primary address.
    assert_eq!(addresses("eni-impostor"), [("10.0.1.12".to_owned(), true, None)]);
    assert_eq!(addresses("eni-new"), []);
    let prefixes: Vec<String> = interface(&inventory, "eni-node").prefixes.iter().map(ToString::to_string).collect();
    assert_eq!(prefixes, ["10.0.1.64/28", "2001:db8:0:11:1::/80"]);
}

#[test]
fn the_same_zone_name_is_another_zone_in_another_account() {
    let inventory = accounts();
    assert_eq!(subnet(&inventory, "subnet-priv1").az_id.as_deref(), Some("use1-az4"));
    assert_eq!(subnet(&inventory, "subnet-other1").az_id.as_deref(), Some("use1-az1"));
    // That account does not say what its us-east-1b is; the other account's meaning must not be used.
    assert_eq!(subnet(&inventory, "subnet-other2").az_id, None);
    assert_eq!(interface(&inventory, "eni-node").az_id.as_deref(), Some("use1-az4"));
    assert_eq!(nat(&inventory, "nat-other").az_id.as_deref(), Some("use1-az1"));
}

#[test]
fn a_zone_name_with_two_ids_in_one_folder_stays_unknown() {
    let subnets = r#"{"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "AvailabilityZone": "us-east-1a"}]}"#;
    let zone = |id: &str| format!(r#"{{"AvailabilityZones": [{{"ZoneName": "us-east-1a", "ZoneId": "{id}"}}]}}"#);
    let two = directory(&[
        ("describe-subnets.json", subnets),
        ("describe-availability-zones-a.json", &zone("use1-az1")),
        ("describe-availability-zones-b.json", &zone("use1-az2")),
    ]);
    assert_eq!(inventory::read(two.path()).unwrap().subnets[0].az_id, None);
    let one =
        directory(&[("x/describe-subnets.json", subnets), ("describe-availability-zones.json", &zone("use1-az1"))]);
    assert_eq!(inventory::read(one.path()).unwrap().subnets[0].az_id.as_deref(), Some("use1-az1"));
}

#[test]
fn account_and_region_come_from_the_output_else_from_the_path() {
    let inventory = accounts();
    let place = |id: &str| {
        let subnet = subnet(&inventory, id);
        (subnet.account_id.as_deref().unwrap().to_owned(), subnet.region.as_deref().unwrap().to_owned())
    };
    assert_eq!(place("subnet-priv1"), ("111122223333".to_owned(), "us-east-1".to_owned()));
    assert_eq!(place("subnet-other1"), ("444455556666".to_owned(), "us-east-1".to_owned()));
    assert_eq!(place("subnet-eu"), ("777788889999".to_owned(), "eu-west-1".to_owned()));
    let other = nat(&inventory, "nat-other");
    assert_eq!((other.account_id.as_deref(), other.region.as_deref()), (Some("444455556666"), Some("us-east-1")));
}

#[tokio::test]
async fn nat_gateways_zonal_private_regional_and_deleted() {
    let sql = "SELECT nat_gateway_id, subnet_id, region, az_id, state, is_public, is_regional, public_address_count, az_count,
        created, deleted FROM inventory.nat_gateways WHERE account_id = '111122223333' ORDER BY 1";
    assert_eq!(
        rows(&accounts(), sql).await,
        [
            "nat-gone|subnet-pub1|us-east-1|use1-az4|deleted|true|false|0|1|1767225600|1767312000",
            "nat-private|subnet-priv2|us-east-1|use1-az6|available|false|false|0|1||",
            "nat-regional||us-east-1||available|true|true|3|2||",
            "nat-zonal|subnet-pub1|us-east-1|use1-az4|available|true|false|2|1|1767889160|",
        ]
    );
    let addresses = "SELECT * FROM inventory.nat_addresses WHERE nat_gateway_id <> 'nat-private' ORDER BY 1, 4";
    assert_eq!(
        rows(&accounts(), addresses).await,
        [
            "nat-regional|||198.51.100.30|use1-az4",
            "nat-regional|||198.51.100.31|use1-az6",
            "nat-regional|||198.51.100.32|use1-az6",
            "nat-zonal|eni-nat1|10.0.101.220|198.51.100.7|use1-az4",
            "nat-zonal|eni-nat1|10.0.101.221|198.51.100.8|use1-az4",
        ]
    );
}

#[tokio::test]
async fn endpoints_of_every_type() {
    let sql = "SELECT endpoint_id, endpoint_type, service_name, region, state, private_dns_enabled, requester_managed, az_count, created
        FROM inventory.vpc_endpoints ORDER BY 1";
    assert_eq!(
        rows(&accounts(), sql).await,
        [
            // The service is in another Region; the endpoint is where its subnet is.
            "vpce-far|interface|com.amazonaws.eu-west-1.s3|us-east-1|available|false|false|1|",
            "vpce-inspect|gateway_load_balancer|com.amazonaws.vpce.us-east-1.vpce-svc-0123|us-east-1|available|false|true|1|",
            "vpce-resource|resource|arn:aws:vpc-lattice:us-east-1:111122223333:resourceconfiguration/rcfg-1|us-east-1|available|false|false|2|",
            "vpce-s3|gateway|com.amazonaws.us-east-1.s3|us-east-1|available|false|false|0|1767398400",
            "vpce-sqs|interface|com.amazonaws.us-east-1.sqs|us-east-1|available|true|false|2|",
        ]
    );
    let sides = "SELECT 'interface' AS side, * FROM inventory.endpoint_interfaces
        UNION ALL SELECT 'route table', * FROM inventory.endpoint_route_tables
        UNION ALL SELECT 'subnet', * FROM inventory.endpoint_subnets WHERE endpoint_id = 'vpce-sqs'
        UNION ALL SELECT 'name', * FROM inventory.endpoint_dns_names ORDER BY 1, 2, 3";
    assert_eq!(
        rows(&accounts(), sides).await,
        [
            "interface|vpce-inspect|eni-gwlbe",
            "interface|vpce-sqs|eni-sqs1",
            "name|vpce-sqs|sqs.us-east-1.amazonaws.com",
            "name|vpce-sqs|vpce-sqs-abc.sqs.us-east-1.vpce.amazonaws.com",
            "route table|vpce-s3|rtb-priv1",
            "subnet|vpce-sqs|subnet-priv1",
            "subnet|vpce-sqs|subnet-priv2",
        ]
    );
    let services = "SELECT service_type, az_ids, private_dns_names, owner FROM inventory.endpoint_services ORDER BY 1";
    assert_eq!(
        rows(&accounts(), services).await,
        [
            "Gateway|use1-az4,use1-az6||amazon",
            "Interface|use1-az4|s3.us-east-1.amazonaws.com,s3-control.us-east-1.amazonaws.com|amazon"
        ]
    );
}

#[tokio::test]
async fn subnets_without_association_use_the_main_table() {
    let sql = "SELECT * FROM inventory.subnet_route_tables ORDER BY 1";
    assert_eq!(
        rows(&accounts(), sql).await,
        [
            "subnet-priv1|vpc-app|rtb-priv1",
            "subnet-priv2|vpc-app|rtb-main",
            "subnet-pub1|vpc-app|rtb-pub",
            "subnet-unlisted|vpc-app|rtb-pub",
        ]
    );
    let edges = "SELECT route_table_id, gateway_id FROM inventory.route_table_associations WHERE subnet_id IS NULL";
    assert_eq!(rows(&accounts(), edges).await, ["rtb-pub|igw-1"]);
}

#[tokio::test]
async fn routes_ipv6_prefix_lists_blackholes_and_propagated() {
    let sql = "SELECT destination, target, is_blackhole, is_propagated FROM inventory.routes
        WHERE route_table_id = 'rtb-priv1' ORDER BY 1";
    assert_eq!(
        rows(&accounts(), sql).await,
        [
            "0.0.0.0/0|nat-zonal|false|false",
            "10.0.0.0/16|local|false|false",
            "10.50.0.0/16|pcx-gone|true|false",
            "10.99.0.0/16|eni-fw|false|false",
            "192.168.0.0/16|vgw-1|false|true",
            "64:ff9b::/96|nat-zonal|false|false",
            "::/0|eigw-1|false|false",
            "pl-corp|tgw-1|false|false",
            "pl-s3|vpce-s3|false|false",
        ]
    );
}

#[tokio::test]
async fn prefix_list_entries_from_three_commands() {
    let sql = "SELECT * FROM inventory.prefix_lists ORDER BY 1, 3";
    assert_eq!(
        rows(&accounts(), sql).await,
        [
            "pl-corp|corporate|172.30.0.0/16",
            "pl-corp|corporate|172.31.0.0/16",
            "pl-s3|com.amazonaws.us-east-1.s3|198.51.100.128/26",
            "pl-s3|com.amazonaws.us-east-1.s3|203.0.113.0/25",
            "pl-s3|com.amazonaws.us-east-1.s3|203.0.113.128/25",
        ]
    );
    assert!(accounts().notices.is_empty());
}

#[test]
fn entries_that_could_be_of_two_lists_are_not_used_and_said_so() {
    let dir = directory(&[
        (
            "describe-managed-prefix-lists.json",
            r#"{"PrefixLists": [{"PrefixListId": "pl-1"}, {"PrefixListId": "pl-2"}]}"#,
        ),
        ("get-managed-prefix-list-entries.json", r#"{"Entries": [{"Cidr": "10.0.0.0/8"}]}"#),
    ]);
    let inventory = inventory::read(dir.path()).unwrap();
    assert!(inventory.prefix_lists.iter().all(|list| list.entries.is_empty()));
    assert_eq!(inventory.notices.len(), 1);
    assert!(
        inventory.notices[0].contains("get-managed-prefix-list-entries.json: its 1 prefix list entries are not used")
    );
}

#[tokio::test]
async fn vpcs_absent_from_describe_vpcs_are_built_from_local_routes_and_subnets() {
    assert_eq!(
        rows(&accounts(), "SELECT vpc_id, account_id, region FROM inventory.vpcs ORDER BY 1").await,
        [
            "vpc-app|111122223333|us-east-1",
            "vpc-data|111122223333|us-east-1",
            "vpc-eu|777788889999|eu-west-1",
            "vpc-other|444455556666|us-east-1",
        ]
    );
    assert_eq!(
        rows(&accounts(), "SELECT * FROM inventory.vpc_cidrs ORDER BY 1, 2").await,
        [
            "vpc-app|10.0.0.0/16",
            "vpc-app|100.64.0.0/16",
            "vpc-app|2001:db8::/56",
            "vpc-data|10.20.0.0/16",
            "vpc-data|2001:db8:20::/56",
            "vpc-eu|10.70.1.0/24",
            "vpc-other|10.0.1.0/24",
            "vpc-other|10.0.2.0/24",
        ]
    );
    assert_eq!(
        rows(
            &accounts(),
            "SELECT subnet_id, cidr, ipv6_cidr FROM inventory.subnets WHERE vpc_id = 'vpc-app' ORDER BY 1"
        )
        .await,
        ["subnet-priv1|10.0.1.0/24|", "subnet-priv2|10.0.2.0/24|", "subnet-pub1|10.0.101.0/24|2001:db8:0:11::/64"]
    );
}

#[tokio::test]
async fn transit_gateways_peering_flow_logs_and_zones() {
    let inventory = accounts();
    assert_eq!(
        rows(&inventory, "SELECT * FROM inventory.transit_gateway_attachments ORDER BY 1").await,
        [
            "tgw-attach-0app|tgw-1|vpc|vpc-app|111122223333|available|tgw-rtb-1",
            "tgw-attach-0vpn|tgw-1|direct_connect_gateway|dxgw-1||available|",
        ]
    );
    assert_eq!(
        rows(&inventory, "SELECT * FROM inventory.transit_gateway_attachment_subnets").await,
        ["tgw-attach-0app|subnet-priv2"]
    );
    assert_eq!(
        rows(&inventory, "SELECT * FROM inventory.transit_gateway_routes ORDER BY 2").await,
        ["tgw-rtb-1|10.60.0.0/16|tgw-attach-0hub|false", "tgw-rtb-1|10.61.0.0/16||true"]
    );
    assert_eq!(
        rows(&inventory, "SELECT * FROM inventory.vpc_peering_connections ORDER BY 1").await,
        ["pcx-1|true|vpc-app|vpc-eu|us-east-1|eu-west-1", "pcx-gone|false||||"]
    );
    assert_eq!(inventory.vpc_peering_connections[0].requester.cidrs.len(), 2);
    assert_eq!(
        rows(&inventory, "SELECT * FROM inventory.flow_log_configs").await,
        [
            "fl-1|vpc-app|${version} ${account-id}|ALL|60|111122223333|us-east-1|s3|arn:aws:s3:::acme-logs/vpc|parquet|false|true|\
             true|Access error",
            "fl-2|subnet-priv1||REJECT||111122223333|us-east-1|cloud-watch-logs|/vpc/flows||false|false|false|",
        ]
    );
    assert_eq!(
        rows(&inventory, "SELECT * FROM inventory.availability_zones ORDER BY 2").await,
        ["us-east-1a|use1-az1|us-east-1", "us-east-1a|use1-az4|us-east-1", "us-east-1b|use1-az6|us-east-1"]
    );
}

#[tokio::test]
async fn addresses_in_sql_are_text_with_prefixes_as_cidrs() {
    let sql = "SELECT vpc_id, address, is_primary, public_ip FROM inventory.interface_addresses
        WHERE interface_id = 'eni-node' ORDER BY 2";
    assert_eq!(
        rows(&accounts(), sql).await,
        [
            "vpc-app|10.0.1.10|true|198.51.100.20",
            "vpc-app|10.0.1.11|false|",
            "vpc-app|10.0.1.64/28|false|",
            "vpc-app|2001:db8:0:11:1::/80|false|",
            "vpc-app|2001:db8:0:11::a|true|",
        ]
    );
    let kinds =
        "SELECT kind, count(*) FROM inventory.network_interfaces WHERE region = 'us-east-1' GROUP BY 1 ORDER BY 1";
    assert_eq!(
        rows(&accounts(), kinds).await,
        [
            "gwlb_endpoint|1",
            "interface_endpoint|1",
            "load_balancer|1",
            "nat_gateway|2",
            "other_endpoint|1",
            "transit_gateway|1",
            "workload|3"
        ]
    );
}

#[test]
fn of_a_resource_in_two_files_the_last_path_stands() {
    let nat = |state: &str| format!(r#"{{"NatGateways": [{{"NatGatewayId": "nat-1", "State": "{state}"}}]}}"#);
    let dir = directory(&[
        ("2026-02/describe-nat-gateways.json", &nat("deleted")),
        ("2026-01/describe-nat-gateways.json", &nat("available")),
    ]);
    let inventory = inventory::read(dir.path()).unwrap();
    assert_eq!(inventory.nat_gateways.len(), 1);
    assert_eq!(inventory.nat_gateways[0].state, "deleted");
}

#[test]
fn a_broken_file_is_named_with_line_column_and_what_was_expected() {
    let error = read_error("a/describe-subnets.json", "{\"Subnets\": [\n  {\"SubnetId\": \"subnet-1\",}\n]}");
    assert!(error.contains("a/describe-subnets.json: "), "{error}");
    assert!(error.contains("line 2 column"), "{error}");
    assert!(error.contains("expected the output of `aws ec2 describe-subnets --output json`"), "{error}");

    let other = read_error("describe-nat-gateways.json", r#"{"Subnets": []}"#);
    assert!(other.contains("the object has no list `NatGateways`"), "{other}");
    let list = read_error("describe-nat-gateways.json", "\n7");
    assert!(list.contains("expected an object with a list `NatGateways`"), "{list}");
    let cidr = read_error(
        "describe-prefix-lists.json",
        r#"{"PrefixLists": [{"PrefixListId": "pl-1", "Cidrs": ["10.0.0.0/99"]}]}"#,
    );
    assert!(cidr.contains("`10.0.0.0/99` is not a CIDR at line 1"), "{cidr}");
    let truncated = read_error("describe-vpcs.json", r#"{"Vpcs": [{"VpcId": "vpc-1"}"#);
    assert!(truncated.contains("EOF"), "{truncated}");
    let second_page = read_error("describe-vpcs.json", "{\"Vpcs\": []}\n{\"Vpcs\": [}");
    assert!(second_page.contains("line 2"), "{second_page}");
}

#[test]
fn a_file_that_is_not_utf_8_is_named() {
    let dir = directory(&[]);
    fs::write(dir.path().join("describe-vpcs.json"), [0xff, 0xfe, b'{', 0]).unwrap();
    let error = inventory::read(dir.path()).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("describe-vpcs.json: the file is not UTF-8"), "{error}");
}

#[test]
fn a_missing_directory_is_a_usage_error() {
    let error = inventory::read(Path::new("no/such/place")).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("no/such/place does not exist"), "{error}");
}

#[test]
fn absences_name_what_is_missed_and_only_that() {
    let absent = |inventory: &Inventory| inventory.absences().iter().map(|(kind, _)| *kind).collect::<Vec<_>>();
    // subnet-other2 has a zone name only, and its zones were listed, so nothing is absent.
    assert_eq!(absent(&accounts()), []);

    let dir = directory(&[(
        "describe-route-tables.json",
        r#"{"RouteTables": [{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Routes": [
            {"DestinationCidrBlock": "10.9.0.0/16", "VpcPeeringConnectionId": "pcx-1"},
            {"DestinationPrefixListId": "pl-corp", "NatGatewayId": "nat-1"}]}]}"#,
    )]);
    let inventory = inventory::read(dir.path()).unwrap();
    let missed = absent(&inventory);
    assert!(missed.contains(&InventoryFile::NetworkInterfaces));
    assert!(missed.contains(&InventoryFile::VpcPeeringConnections));
    assert!(missed.contains(&InventoryFile::ManagedPrefixListEntries));
    assert!(!missed.contains(&InventoryFile::RouteTables));
    // No route leads to a transit gateway.
    assert!(!missed.contains(&InventoryFile::TransitGatewayRoutes));
    assert!(inventory.absences().iter().all(|(_, cost)| cost.starts_with("without ")));
}

const HERE: &str = "111122223333/us-east-1";

/// Of a directory with one account and Region: whether endpoints and NAT gateways are listed in whole, and the notices.
fn endpoints_and_nats(files: &[(&str, &str)]) -> (bool, bool, Vec<String>) {
    let files: Vec<(String, &str)> = files.iter().map(|(name, text)| (format!("{HERE}/{name}"), *text)).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let inventory = inventory::read(directory(&files).path()).unwrap();
    let complete = |kind| inventory.complete(kind, Some("111122223333"), Some("us-east-1"));
    (complete(InventoryFile::VpcEndpoints), complete(InventoryFile::NatGateways), inventory.notices)
}

const ENDPOINTS: &str = r#"{"VpcEndpoints": []}"#;
const NATS: &str = r#"{"NatGateways": [{"NatGatewayId": "nat-1", "VpcId": "vpc-1"}]}"#;

#[test]
fn a_listing_is_whole_when_its_last_page_leaves_no_token() {
    let whole = [("describe-vpc-endpoints.json", ENDPOINTS), ("describe-nat-gateways.json", NATS)];
    assert_eq!(endpoints_and_nats(&whole), (true, true, Vec::new()));
    // An absent file lists nothing in whole.
    assert_eq!(endpoints_and_nats(&whole[1..]), (false, true, Vec::new()));

    let cut = r#"{"VpcEndpoints": [], "NextToken": "eyJ"}"#;
    let (endpoints, nats, notices) = endpoints_and_nats(&[("describe-vpc-endpoints.json", cut), whole[1]]);
    assert_eq!((endpoints, nats, notices.len()), (false, true, 1));
    assert!(notices[0].contains("111122223333/us-east-1/describe-vpc-endpoints.json is cut off: NextToken is left"));
    assert!(notices[0].contains("run `aws ec2 describe-vpc-endpoints` again without --max-items"), "{notices:?}");

    // Pages in one file, in an array, and in files that are numbered: the last one counts.
    for files in [
        vec![("describe-vpc-endpoints.json".to_owned(), format!("{cut}\n{ENDPOINTS}"))],
        vec![("describe-vpc-endpoints.json".to_owned(), format!("[{cut}, {ENDPOINTS}]"))],
        vec![
            ("describe-vpc-endpoints.page9.json".to_owned(), cut.to_owned()),
            ("describe-vpc-endpoints.page10.json".to_owned(), ENDPOINTS.to_owned()),
        ],
        vec![("describe-vpc-endpoints.json".to_owned(), r#"{"VpcEndpoints": [], "NextToken": null}"#.to_owned())],
    ] {
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(endpoints_and_nats(&files), (true, false, Vec::new()), "{files:?}");
    }
    // The last page is missing; a listing of something else beside it does not stand in.
    for files in [
        [("describe-vpc-endpoints.page1.json", ENDPOINTS), ("describe-vpc-endpoints.page2.json", cut)],
        [("describe-vpc-endpoints-vpc-0a.json", cut), ("describe-vpc-endpoints-vpc-0b.json", ENDPOINTS)],
    ] {
        let (endpoints, _, notices) = endpoints_and_nats(&files);
        assert_eq!((endpoints, notices.len()), (false, 1), "{files:?}");
    }
}

#[test]
fn an_empty_file_is_an_absent_one() {
    let (endpoints, nats, notices) =
        endpoints_and_nats(&[("describe-vpc-endpoints.json", "\n"), ("describe-nat-gateways.json", NATS)]);
    assert_eq!((endpoints, nats, notices.len()), (false, true, 1));
    assert!(notices[0].contains("describe-vpc-endpoints.json is empty"), "{notices:?}");
    let dir = directory(&[("111122223333/us-east-1/describe-vpc-endpoints.json", "")]);
    let absent = inventory::read(dir.path()).unwrap().absences();
    assert!(absent.iter().any(|(kind, _)| *kind == InventoryFile::VpcEndpoints), "{absent:?}");
}

#[test]
fn a_listing_that_lacks_what_others_name_is_not_whole() {
    let route = |target: &str, state: &str| {
        format!(
            r#"{{"RouteTables": [{{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "OwnerId": "111122223333", "Routes": [
                {{"DestinationCidrBlock": "0.0.0.0/0", {target}, "State": "{state}"}}]}}]}}"#
        )
    };
    let with = |name: &str, text: &str| {
        let files = [("describe-vpc-endpoints.json", ENDPOINTS), ("describe-nat-gateways.json", NATS), (name, text)];
        endpoints_and_nats(&files)
    };
    let tables = "describe-route-tables.json";
    let (endpoints, nats, notices) = with(tables, &route(r#""GatewayId": "vpce-9""#, "active"));
    assert_eq!((endpoints, nats, notices.len()), (false, true, 1));
    assert!(notices[0].contains("describe-vpc-endpoints.json is incomplete: interfaces or routes name vpce-9"));
    let (endpoints, nats, _) = with(tables, &route(r#""NatGatewayId": "nat-9""#, "active"));
    assert_eq!((endpoints, nats), (true, false));
    // Listed, or deleted.
    for (target, state) in [(r#""NatGatewayId": "nat-1""#, "active"), (r#""NatGatewayId": "nat-9""#, "blackhole")] {
        assert_eq!(with(tables, &route(target, state)), (true, true, Vec::new()), "{target} {state}");
    }
    let interface = r#"{"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "InterfaceType": "vpc_endpoint",
        "OwnerId": "111122223333", "Description": "VPC Endpoint Interface vpce-7"}]}"#;
    assert!(!with("describe-network-interfaces.json", interface).0);
    // What another account owns need not stand in this account's listing.
    let shared = interface.replace("111122223333", "444455556666");
    assert_eq!(with("describe-network-interfaces.json", &shared), (true, true, Vec::new()));
}

#[test]
fn a_search_for_routes_that_had_more_is_cut_off() {
    let whole = |text: &str| {
        let name = "111122223333/us-east-1/search-transit-gateway-routes-tgw-rtb-1.json";
        let inventory = inventory::read(directory(&[(name, text)]).path()).unwrap();
        let complete = inventory.complete(InventoryFile::TransitGatewayRoutes, Some("111122223333"), None);
        assert_eq!(inventory.notices.is_empty(), complete, "{:?}", inventory.notices);
        complete
    };
    let routes = |count: usize| {
        let route = |i: usize| format!(r#"{{"DestinationCidrBlock": "10.{}.{}.0/24"}}"#, i / 256, i % 256);
        (0..count).map(route).collect::<Vec<_>>().join(",")
    };
    assert!(whole(r#"{"Routes": [], "AdditionalRoutesAvailable": false}"#));
    assert!(!whole(r#"{"Routes": [], "AdditionalRoutesAvailable": true}"#));
    assert!(whole(&format!(r#"{{"Routes": [{}]}}"#, routes(999))));
    assert!(!whole(&format!(r#"{{"Routes": [{}]}}"#, routes(1000))));
}

#[tokio::test]
async fn completeness_stands_for_each_account_and_region() {
    let vpcs = r#"{"Vpcs": [{"VpcId": "vpc-2", "OwnerId": "444455556666"}]}"#;
    let dir = directory(&[
        ("111122223333/us-east-1/describe-vpc-endpoints.json", ENDPOINTS),
        ("444455556666/us-east-1/describe-vpcs.json", vpcs),
    ]);
    let inventory = inventory::read(dir.path()).unwrap();
    let sql = "SELECT account_id, region, read, complete FROM inventory.completeness
               WHERE kind = 'describe-vpc-endpoints' ORDER BY account_id";
    assert_eq!(rows(&inventory, sql).await, ["111122223333|us-east-1|true|true", "444455556666|us-east-1|false|false"]);
    let endpoints = |account, region| inventory.complete(InventoryFile::VpcEndpoints, account, region);
    assert!(endpoints(Some("111122223333"), Some("us-east-1")));
    assert!(!endpoints(Some("444455556666"), Some("us-east-1")));
    // Another Region, and an account that is not known.
    assert!(!endpoints(Some("111122223333"), Some("eu-west-1")) && !endpoints(None, Some("us-east-1")));
    let partial = inventory.partial_absences();
    assert!(partial.iter().any(|one| one.starts_with("444455556666 us-east-1: without describe-vpc-endpoints")));
}

#[tokio::test]
async fn files_without_account_in_their_path_speak_for_whom_their_neighbours_name() {
    let sql = "SELECT account_id, region, complete FROM inventory.completeness
               WHERE kind = 'describe-vpc-endpoints' ORDER BY account_id";
    let nothing = inventory::read(directory(&[("describe-vpc-endpoints.json", ENDPOINTS)]).path()).unwrap();
    assert_eq!(rows(&nothing, sql).await, ["||true"]);
    assert!(nothing.complete(InventoryFile::VpcEndpoints, Some("111122223333"), Some("us-east-1")));
    assert!(!nothing.complete(InventoryFile::NatGateways, Some("111122223333"), Some("us-east-1")));

    let interface = |id: &str, owner: &str| {
        format!(r#"{{"NetworkInterfaceId": "{id}", "OwnerId": "{owner}", "AvailabilityZone": "us-east-1a"}}"#)
    };
    let both = [interface("eni-1", "111122223333"), interface("eni-2", "444455556666")].join(",");
    let both = format!(r#"{{"NetworkInterfaces": [{both}]}}"#);
    let files = [("describe-vpc-endpoints.json", ENDPOINTS), ("describe-network-interfaces.json", both.as_str())];
    let merged = inventory::read(directory(&files).path()).unwrap();
    assert_eq!(rows(&merged, sql).await, ["111122223333|us-east-1|true", "444455556666|us-east-1|true"]);

    // A participant's files list the owner's subnets, not its endpoints.
    let own = format!(r#"{{"NetworkInterfaces": [{}]}}"#, interface("eni-1", "111122223333"));
    let subnets = r#"{"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "OwnerId": "444455556666",
        "AvailabilityZone": "us-east-1a"}]}"#;
    let files = [
        ("describe-vpc-endpoints.json", ENDPOINTS),
        ("describe-network-interfaces.json", own.as_str()),
        ("describe-subnets.json", subnets),
    ];
    let participant = inventory::read(directory(&files).path()).unwrap();
    assert_eq!(rows(&participant, sql).await, ["111122223333|us-east-1|true"]);
}

#[tokio::test]
async fn newer_paths_and_free_endpoints_are_facts_and_are_told() {
    let dir = directory(&[
        (
            "111122223333/us-east-1/describe-nat-gateways.json",
            r#"{"NatGateways": [{"NatGatewayId": "nat-1", "VpcId": "vpc-1", "CreateTime": "2026-09-01T00:00:00Z",
                "DeleteTime": "2026-09-02T00:00:00Z", "AttachedAppliances": [{"Type": "network-firewall-proxy"}]},
                {"NatGatewayId": "nat-2", "VpcId": "vpc-1", "AttachedAppliances": null}]}"#,
        ),
        (
            "111122223333/us-east-1/describe-vpcs.json",
            r#"{"Vpcs": [{"VpcId": "vpc-1", "NetworkFirewallAssociations": [{"State": "x"}]}, {"VpcId": "vpc-2"},
                {"VpcId": "vpc-3"}]}"#,
        ),
        (
            "111122223333/us-east-1/describe-route-tables.json",
            r#"{"RouteTables": [{"RouteTableId": "rtb-2", "VpcId": "vpc-2", "Routes": [
                {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "IgwFirewall": {"State": "enforce"}}]}]}"#,
        ),
        (
            "111122223333/us-east-1/describe-vpc-endpoints.json",
            r#"{"VpcEndpoints": [
                {"VpcEndpointId": "vpce-1", "ServiceName": "com.amazonaws.us-east-1.sqs"},
                {"VpcEndpointId": "vpce-2", "ServiceName": "com.amazonaws.us-east-1.sqs", "ServiceRegion": "us-west-2"},
                {"VpcEndpointId": "vpce-3", "ServiceName": "com.amazonaws.us-west-2.ecr.api", "VpcEndpointType": "Interface"},
                {"VpcEndpointId": "vpce-4", "ServiceName": "com.amazonaws.us-east-1.guardduty-data"},
                {"VpcEndpointId": "vpce-5", "ServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-1",
                    "Tags": [{"Key": "AmazonElastiCacheManaged", "Value": "true"}]},
                {"VpcEndpointId": "vpce-6", "VpcEndpointType": "Tunnel", "ServiceName": ""}]}"#,
        ),
        (
            "111122223333/us-east-1/describe-transit-gateway-attachments.json",
            r#"{"TransitGatewayAttachments": [{"TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1",
                "ResourceType": "network-function", "ResourceOwnerId": "444455556666"}]}"#,
        ),
        (
            "111122223333/us-east-1/describe-transit-gateway-metering-policies.json",
            r#"{"TransitGatewayMeteringPolicies": [{"TransitGatewayMeteringPolicyId": "tgw-mp-1", "TransitGatewayId": "tgw-1",
                "State": "available"}, {"TransitGatewayMeteringPolicyId": "tgw-mp-2", "TransitGatewayId": "tgw-2",
                "State": "deleted"}]}"#,
        ),
    ]);
    let inventory = inventory::read(dir.path()).unwrap();
    let nats = "SELECT nat_gateway_id, proxy, created, deleted FROM inventory.nat_gateways ORDER BY nat_gateway_id";
    assert_eq!(rows(&inventory, nats).await, ["nat-1|true|1788220800|1788307200", "nat-2|false||"]);
    let vpcs = "SELECT vpc_id, internet_firewall FROM inventory.vpcs ORDER BY vpc_id";
    assert_eq!(rows(&inventory, vpcs).await, ["vpc-1|true", "vpc-2|true", "vpc-3|false"]);
    let endpoints =
        "SELECT endpoint_id, region, service_region, free_of_charge FROM inventory.vpc_endpoints ORDER BY endpoint_id";
    assert_eq!(
        rows(&inventory, endpoints).await,
        [
            "vpce-1|us-east-1|us-east-1|false",
            "vpce-2|us-east-1|us-west-2|false",
            "vpce-3|us-east-1|us-west-2|false",
            "vpce-4|us-east-1|us-east-1|true",
            "vpce-5|us-east-1|us-east-1|true",
            "vpce-6|us-east-1|us-east-1|false",
        ]
    );
    let attachments = "SELECT resource_type, resource_account_id FROM inventory.transit_gateway_attachments";
    assert_eq!(rows(&inventory, attachments).await, ["network_function|444455556666"]);
    assert_eq!(rows(&inventory, "SELECT * FROM inventory.transit_gateways_metered").await, ["tgw-1"]);
    let told = |start: &str| inventory.notices.iter().any(|notice| notice.starts_with(start));
    for start in ["nat-1: ", "vpc-1, vpc-2: ", "tgw-attach-1: ", "tgw-1: ", "vpce-6: "] {
        assert!(told(start), "{start} {:?}", inventory.notices);
    }
    let entries = r#"{"TransitGatewayMeteringPolicyEntries": [{"PolicyRuleNumber": "1", "State": "available",
        "MeteredAccount": "transit-gateway-owner"}]}"#;
    for (text, count) in
        [(entries.to_owned(), 1), (entries.replace("transit-gateway-owner", "source-attachment-owner"), 0)]
    {
        let dir = directory(&[("get-transit-gateway-metering-policy-entries.json", &text)]);
        assert_eq!(inventory::read(dir.path()).unwrap().transit_gateways_metered, vec![None; count]);
    }
}

#[tokio::test]
async fn tables_exist_without_any_file() {
    let inventory = Inventory::default();
    for table in [
        "network_interfaces",
        "interface_addresses",
        "subnets",
        "vpcs",
        "vpc_cidrs",
        "nat_gateways",
        "nat_addresses",
        "vpc_endpoints",
        "endpoint_interfaces",
        "endpoint_route_tables",
        "endpoint_subnets",
        "endpoint_dns_names",
        "route_tables",
        "route_table_associations",
        "subnet_route_tables",
        "routes",
        "prefix_lists",
        "transit_gateway_attachments",
        "transit_gateway_routes",
        "vpc_peering_connections",
        "flow_log_configs",
        "availability_zones",
        "endpoint_services",
    ] {
        assert_eq!(rows(&inventory, &format!("SELECT count(*) FROM inventory.{table}")).await, ["0"], "{table}");
    }
}

#[test]
fn the_sample_inventory_is_complete() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data/inventory");
    let inventory = inventory::read(&sample).unwrap();
    assert_eq!(inventory.notices, [] as [&str; 0]);
    assert_eq!(inventory.absences().iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), [InventoryFile::IpRanges]);
    assert!(!inventory.network_interfaces.is_empty());
    for interface in &inventory.network_interfaces {
        let place = [&interface.account_id, &interface.region, &interface.vpc_id, &interface.az_id];
        assert!(place.iter().all(|known| known.is_some()), "{interface:?}");
    }
    for nat in &inventory.nat_gateways {
        assert_eq!(nat.az_id.is_none(), nat.regional, "{nat:?}");
        assert!(nat.account_id.is_some() && nat.region.is_some(), "{nat:?}");
    }
}

#[test]
fn a_directory_without_inventory_files_is_said_to_be_so() {
    let dir = directory(&[("notes.txt", "nothing here"), ("subnets.json", "{}")]);
    let inventory = inventory::read(dir.path()).unwrap();
    assert_eq!(inventory.notices.len(), 1);
    assert!(inventory.notices[0].contains("holds no inventory file"), "{:?}", inventory.notices);
}
