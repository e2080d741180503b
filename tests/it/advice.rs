//! The commands and the Terraform of each kind of opportunity: exact where it matters, well-formed with hostile names.

use std::io::Write;
use std::process::{Command, Stdio};

use offramp::report::advise;
use offramp::report::model::{Opportunity, RouteTableShare, Saves};

const KINDS: [&str; 9] = [
    "associate_route_table",
    "create_gateway_endpoint",
    "enable_private_dns",
    "investigate",
    "create_interface_endpoint",
    "replace_interface_with_gateway",
    "delete_idle_interface_endpoint",
    "remove_nat_gateway",
    "nat_per_az",
];

#[test]
fn a_missing_association_is_one_command() {
    let one = advised("associate_route_table");
    assert_eq!(
        one.aws_cli,
        ["aws ec2 modify-vpc-endpoint --region us-east-1 --vpc-endpoint-id vpce-0a --add-route-table-ids rtb-1 rtb-2"]
    );
    let terraform: hcl_edit::structure::Body = one.terraform.parse().unwrap();
    let names: Vec<_> = terraform.blocks().map(|block| block.labels[1].as_str().to_owned()).collect();
    assert_eq!(names, ["vpce_0a_rtb_1", "vpce_0a_rtb_2"]);
    assert_eq!(attribute(&terraform, "vpc_endpoint_id"), "vpce-0a");
}

#[test]
fn a_gateway_endpoint_goes_into_the_clients_vpc_with_its_tables() {
    let one = advised("create_gateway_endpoint");
    assert_eq!(
        words(&one.aws_cli[0])[3..],
        [
            "--region",
            "us-east-1",
            "--vpc-id",
            "vpc-0b",
            "--vpc-endpoint-type",
            "Gateway",
            "--service-name",
            "com.amazonaws.us-east-1.s3",
            "--route-table-ids",
            "rtb-1",
            "rtb-2",
        ]
    );
    let terraform: hcl_edit::structure::Body = one.terraform.parse().unwrap();
    assert_eq!(attribute(&terraform, "service_name"), "com.amazonaws.us-east-1.s3");
    assert_eq!(attribute(&terraform, "vpc_endpoint_type"), "Gateway");
}

#[test]
fn the_tables_come_from_the_shares_when_the_plain_list_is_empty() {
    let mut one = opportunity("associate_route_table");
    one.route_table_ids.clear();
    one.route_tables = vec![RouteTableShare { id: "rtb-9".into(), gib: 1.0 }];
    advise(&mut one).unwrap();
    assert!(one.aws_cli[0].ends_with("--add-route-table-ids rtb-9"));
}

#[test]
fn an_interface_endpoint_warns_when_a_zone_has_several_subnets() {
    let mut one = opportunity("create_interface_endpoint");
    advise(&mut one).unwrap();
    let last = one.aws_cli.last().unwrap().clone();
    assert!(last.starts_with("aws ec2 create-vpc-endpoint"), "{last}");
    assert!(
        last.contains("--subnet-ids subnet-1 subnet-2 --security-group-ids \"$security_group\" --private-dns-enabled")
    );

    one.az_count = 1;
    advise(&mut one).unwrap();
    assert!(one.aws_cli.last().unwrap().starts_with("# One subnet for each zone only"));
    assert!(one.terraform.contains("# One subnet for each zone only"));
}

#[test]
fn a_replaced_interface_endpoint_is_deleted_only_when_its_hours_are_saved() {
    let mut one = opportunity("replace_interface_with_gateway");
    advise(&mut one).unwrap();
    let commands = one.aws_cli.join("\n");
    assert!(commands.contains("PrivateDnsOnlyForInboundResolverEndpoint=true"), "{commands}");
    assert!(!commands.contains("delete-vpc-endpoints") && !one.terraform.contains("removed"));

    one.saves = Saves { endpoint_hours_usd: Some(7.3), ..Default::default() };
    advise(&mut one).unwrap();
    let commands = one.aws_cli.join("\n");
    assert!(
        commands.ends_with("aws ec2 delete-vpc-endpoints --region us-east-1 --vpc-endpoint-ids vpce-0a"),
        "{commands}"
    );
    assert!(one.terraform.contains("from = aws_vpc_endpoint.vpce_0a"));
}

#[test]
fn every_kind_has_well_formed_commands_and_terraform() {
    for kind in KINDS {
        let one = advised(kind);
        assert!(!one.aws_cli.is_empty(), "{kind}");
        assert_eq!(one.terraform.is_empty(), kind == "investigate", "{kind}");
        assert_eq!(one.risks.is_empty(), kind == "investigate", "{kind}");
        well_formed(&one);
        assert!(!one.aws_cli.join(" ").contains("REPLACE_ME"), "{kind}: {:?}", one.aws_cli);
    }
}

#[test]
fn unknown_values_become_a_placeholder_that_no_call_accepts() {
    for kind in KINDS {
        let mut one = Opportunity { kind: kind.into(), ..Default::default() };
        advise(&mut one).unwrap();
        well_formed(&one);
        assert!(one.aws_cli.iter().any(|command| command.contains("REPLACE_ME")), "{kind}");
    }
}

#[test]
fn hostile_names_stay_data() {
    let evil = "x'; touch owned; echo \"$(id)`id`${var.a}%{if}\n\\";
    let flat = evil.replace('\n', " ");
    for kind in KINDS {
        let mut one = opportunity(kind);
        one.region = Some(evil.into());
        one.vpc_id = Some(evil.into());
        one.service = Some(evil.into());
        one.endpoint_id = Some(evil.into());
        one.endpoint_service_name = Some(evil.into());
        for list in [&mut one.route_table_ids, &mut one.subnet_ids, &mut one.az_ids, &mut one.nat_gateway_ids] {
            *list = vec![evil.into(), "b".into()];
        }
        advise(&mut one).unwrap();
        well_formed(&one);
        let (arguments, harmed) = run(&one.aws_cli.join("\n\n"));
        assert!(!harmed, "{kind}: a name was run as a command");
        assert!(arguments.lines().any(|argument| argument == flat), "{kind}: {arguments}");
    }
    let mut one = opportunity("create_gateway_endpoint");
    one.vpc_id = Some(evil.into());
    advise(&mut one).unwrap();
    assert_eq!(attribute(&one.terraform.parse().unwrap(), "vpc_id"), flat);
}

#[test]
fn services_with_their_own_traps_say_so() {
    let mut one = opportunity("create_interface_endpoint");
    one.service = Some("execute-api".into());
    advise(&mut one).unwrap();
    assert!(one.risks.iter().any(|risk| risk.contains("captures every execute-api host")), "{:?}", one.risks);
}

fn advised(kind: &str) -> Opportunity {
    let mut one = opportunity(kind);
    advise(&mut one).unwrap();
    one
}

fn opportunity(kind: &str) -> Opportunity {
    Opportunity {
        kind: kind.into(),
        region: Some("us-east-1".into()),
        vpc_id: Some("vpc-0b".into()),
        service: Some("s3".into()),
        endpoint_id: Some("vpce-0a".into()),
        nat_gateway_ids: vec!["nat-0c".into()],
        route_table_ids: vec!["rtb-1".into(), "rtb-2".into()],
        subnet_ids: vec!["subnet-1".into(), "subnet-2".into()],
        az_ids: vec!["use1-az1".into(), "use1-az2".into()],
        az_count: 2,
        ..Default::default()
    }
}

fn well_formed(one: &Opportunity) {
    let parsed = one.terraform.parse::<hcl_edit::structure::Body>();
    assert!(parsed.is_ok(), "{}: {}\n{}", one.kind, parsed.unwrap_err(), one.terraform);
    let script = one.aws_cli.join("\n\n");
    let mut shell = Command::new("bash").arg("-n").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = shell.wait_with_output().unwrap();
    assert!(output.status.success(), "{}: {}\n{script}", one.kind, String::from_utf8_lossy(&output.stderr));
}

/// Runs a script with an `aws` that notes its arguments, one a line; tells whether a file named `owned` appeared.
fn run(script: &str) -> (String, bool) {
    let place = tempfile::tempdir().unwrap();
    let script = format!("aws() {{ printf '%s\\n' \"$@\" >>arguments; }}\n{script}");
    let shell =
        Command::new("bash").arg("-c").arg(script).current_dir(&place).env("PUBLIC_SUBNET", "subnet-9").output();
    assert!(shell.as_ref().unwrap().status.success(), "{shell:?}");
    let arguments = std::fs::read_to_string(place.path().join("arguments")).unwrap();
    (arguments, place.path().join("owned").exists())
}

/// The words that a shell makes of a command without substitutions.
fn words(command: &str) -> Vec<String> {
    shlex::split(&command.replace("\\\n", " ")).unwrap()
}

/// A string attribute of the first block that has it, escapes resolved; none when it holds an interpolation.
fn attribute(body: &hcl_edit::structure::Body, name: &str) -> String {
    let attribute = body.blocks().find_map(|block| block.body.get_attribute(name)).unwrap();
    match attribute.value.as_str() {
        Some(text) => text.to_owned(),
        None => panic!("{name} is no plain string: {:?}", attribute.value),
    }
}
