//! `offramp inventory check`: what is missing, what that costs, and commands that switch on what they say.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use offramp::preflight::model::{Check, VpcCheck};
use offramp::world::writer::{Layout, write_logs};
use offramp::world::{VpcKey, Watch, World, fields, inventory_json, sample};
use parquet::arrow::ArrowWriter;
use serde_json::json;

/// Every field that is read, in AWS's order.
const FULL: &str = "account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status \
    vpc-id subnet-id instance-id tcp-flags pkt-srcaddr pkt-dstaddr region az-id pkt-src-aws-service pkt-dst-aws-service \
    flow-direction traffic-path resource-id interface-type next-hop-interface-id next-hop-az-id next-hop-interface-type";

#[tokio::test]
async fn a_vpc_with_every_field_needs_nothing() {
    let (mut w, vpc) = plain();
    w.flow_log(FULL, &[Watch::Vpc(vpc)]);
    let told = check(&w).await;
    assert_eq!(told.code, 0, "{}", told.err);
    let check = told.check();
    assert_eq!(vpc_of(&check, &w, vpc).watched, "full");
    assert_eq!(check.advice, []);
    let log = &check.flow_logs[0];
    assert_eq!((log.seen, log.configured, log.missing.len(), log.problems.len()), (Some(true), true, 0, 0));
    assert!(log.answers.iter().all(|answer| answer.from == "log" && answer.cost.is_none()), "{:?}", log.answers);
}

#[tokio::test]
async fn what_a_version_2_log_leaves_open_is_told_with_its_cost() {
    let (mut w, vpc) = plain();
    w.flow_log(fields::V2, &[Watch::Vpc(vpc)]);
    let first = check(&w).await.check();
    assert_eq!(vpc_of(&first, &w, vpc).watched, "whole");
    let log = &first.flow_logs[0];
    assert_eq!(log.version, Some(2));
    let wanted: BTreeSet<_> = FULL.split_whitespace().collect();
    let have: BTreeSet<_> = fields::V2.split_whitespace().collect();
    let missing: BTreeSet<_> = log.missing.iter().map(String::as_str).collect();
    assert_eq!(missing, wanted.difference(&have).copied().collect());
    assert_eq!(log.unused, ["version"]);
    // The world's inventory has route tables and prefix lists: they stand in for the path and for S3, nothing for clients
    // behind a NAT gateway.
    for (id, from) in [
        ("bytes", "log"),
        ("path", "inventory"),
        ("service", "inventory"),
        ("forwarded", "open"),
        ("regional_nat", "inventory"),
    ] {
        let answer = log.answers.iter().find(|answer| answer.id == id).unwrap();
        assert_eq!((answer.from.as_str(), answer.cost.is_some()), (from, from != "log"), "{answer:?}");
    }
    // That no regional NAT gateway is there answers for it; where one is, only its own field does.
    w.regional_nat_gateway(vpc, &["use1-az1"]);
    let log = &check(&w).await.check().flow_logs[0];
    assert_eq!(log.answers.iter().find(|answer| answer.id == "regional_nat").unwrap().from, "open");
    let page = told(&w, &["--format", "table"]).await.out;
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains("without pkt-srcaddr, pkt-dstaddr, the log of a NAT gateway names no clients"), "{page}");
}

#[tokio::test]
async fn the_advised_format_gives_full_evidence() {
    // What the check prints is logged, and the next check has nothing more to say.
    let (mut w, vpc) = plain();
    w.flow_log(fields::V3, &[Watch::Vpc(vpc)]);
    let before = check(&w).await.check();
    let format = before.advice[0].log_format.clone();
    let names = format.replace("${", "").replace('}', "");
    w.flow_logs.clear();
    w.flow_log(&names, &[Watch::Vpc(vpc)]);
    let after = check(&w).await.check();
    assert_eq!((vpc_of(&after, &w, vpc).watched.as_str(), after.advice.len()), ("full", 0));
    // Columns that somebody may read by position stay where they were.
    assert!(names.starts_with(fields::V3), "{names}");
    assert_eq!(after.flow_logs[0].unused, ["version", "type"]);
}

#[tokio::test]
async fn the_commands_say_what_the_advice_says() {
    let (mut w, vpc) = plain();
    let other = w.vpc(ACCOUNT, "us-east-1", "10.9.0.0/16");
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let check = check(&w).await.check();
    let [whole, none] = check.advice.as_slice() else { panic!("two of them: {:?}", check.advice) };
    assert_eq!((&whole.vpc_ids, &none.vpc_ids), (&vec![id(&w, vpc)], &vec![id(&w, other)]));
    assert_eq!(whole.replaces, [w.flow_logs[0].id.clone()]);
    // What replaces a flow log goes on as that was; what is new costs least.
    assert_eq!((whole.traffic_type.as_str(), none.traffic_type.as_str()), ("ALL", "ACCEPT"));
    for one in [whole, none] {
        let words = shlex::split(&one.aws_cli[0].replace("\\\n", " ")).unwrap();
        assert_eq!(words[..3], ["aws", "ec2", "create-flow-logs"]);
        let value = |option: &str| words[words.iter().position(|word| word == option).unwrap() + 1].as_str();
        for (option, wanted) in [
            ("--region", "us-east-1"),
            ("--resource-type", "VPC"),
            ("--resource-ids", one.vpc_ids[0].as_str()),
            ("--traffic-type", one.traffic_type.as_str()),
            ("--max-aggregation-interval", "600"),
            ("--log-destination-type", "s3"),
            ("--log-destination", "arn:aws:s3:::acme-logs"),
            ("--destination-options", "FileFormat=plain-text,HiveCompatiblePartitions=false,PerHourPartition=false"),
            ("--log-format", one.log_format.as_str()),
        ] {
            assert_eq!(value(option), wanted, "{option}");
        }
        let body: hcl_edit::structure::Body = one.terraform.parse().unwrap();
        let block = body.blocks().next().unwrap();
        assert_eq!(block.labels[0].as_str(), "aws_flow_log");
        let text = |name: &str| block.body.get_attribute(name).unwrap().value.as_str().unwrap().to_owned();
        assert_eq!(text("log_format"), one.log_format, "no interpolation is left in it");
        assert_eq!((text("vpc_id"), text("traffic_type")), (one.vpc_ids[0].clone(), one.traffic_type.clone()));
        let options = block.body.blocks().next().unwrap();
        assert_eq!(options.labels.len(), 0);
        assert_eq!(options.ident.as_str(), "destination_options");
        assert!(options.body.get_attribute("per_hour_partition").unwrap().value.as_bool().is_some_and(|on| !on));
        well_formed(&one.aws_cli.join("\n\n"));
    }
    assert!(none.log_format.starts_with("${account-id} ${interface-id} "), "{}", none.log_format);
    assert_eq!(
        none.log_format.replace("${", "").replace('}', ""),
        FULL.split_whitespace().collect::<Vec<_>>().join(" ")
    );
    assert_eq!(whole.aws_cli[1].lines().count(), 2, "the old one goes later: {:?}", whole.aws_cli);
    assert_eq!(none.aws_cli.len(), 1);
}

#[tokio::test]
async fn vpcs_watched_in_parts_or_not_at_all_and_their_blind_gateways() {
    let mut w = World::new(sample::START, 2);
    let vpcs: Vec<VpcKey> = (0..3).map(|n| w.vpc(ACCOUNT, "us-east-1", &format!("10.{n}.0.0/16"))).collect();
    let mut nats = Vec::new();
    for (n, vpc) in vpcs.iter().enumerate() {
        let subnet = w.subnet(*vpc, &format!("10.{n}.0.0/24"), "use1-az1", None);
        w.internet_gateway(*vpc, &[]);
        nats.push(w.nat_gateway(subnet));
        w.interface_endpoint(*vpc, "sqs", &[subnet]);
    }
    w.flow_log(FULL, &[Watch::Vpc(vpcs[0])]);
    w.flow_log(FULL, &[Watch::Interface(w.nats[nats[1].0].interface.unwrap())]);
    let check = check(&w).await.check();
    let row = |n: usize| vpc_of(&check, &w, vpcs[n]).clone();
    let (full, part, none) = (row(0), row(1), row(2));
    let watched = [&full, &part, &none].map(|row| row.watched.as_str());
    assert_eq!(watched, ["full", "part", "none"]);
    assert_eq!([&full, &part, &none].map(|row| (row.interfaces, row.unwatched_interfaces)), [(2, 0), (2, 1), (2, 2)]);
    assert_eq!([&full, &part, &none].map(|row| row.unwatched_subnet_ids.len()), [0, 1, 1]);
    assert_eq!([&full, &part, &none].map(|row| row.unwatched_endpoint_ids.len()), [0, 1, 1]);
    assert_eq!(part.unwatched_nat_gateway_ids, Vec::<String>::new());
    assert_eq!(none.unwatched_nat_gateway_ids, [w.nats[nats[2].0].id.clone()]);
    let page = told(&w, &["--format", "table"]).await.out;
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        page.starts_with("Logged with full evidence: 1 of 3 VPCs; in parts: 1; not at all, or not to S3: 1."),
        "{page}"
    );
}

#[tokio::test]
async fn configurations_that_are_no_evidence_are_named() {
    let place = tempfile::tempdir().unwrap();
    let log = |n: usize, more: serde_json::Value| {
        let mut log = json!({
            "FlowLogId": format!("fl-{n}"), "ResourceId": "vpc-1", "TrafficType": "ALL", "FlowLogStatus": "ACTIVE",
            "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::acme-logs", "MaxAggregationInterval": 60,
        });
        log.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        log
    };
    let logs = [
        log(1, json!({"TrafficType": "REJECT"})),
        log(2, json!({"LogDestinationType": "cloud-watch-logs", "LogDestination": null, "LogGroupName": "flows"})),
        log(3, json!({"ResourceId": "tgw-1", "LogFormat": "${version} ${tgw-id}"})),
        log(4, json!({"DeliverLogsStatus": "FAILED", "DeliverLogsErrorMessage": "Access error"})),
        log(5, json!({"FlowLogStatus": "INACTIVE"})),
    ];
    let file = |name: &str, value: serde_json::Value| {
        let folder = place.path().join(ACCOUNT).join("eu-west-1");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), value.to_string()).unwrap();
    };
    file("describe-flow-logs.json", json!({"FlowLogs": logs}));
    file("describe-vpcs.json", json!({"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}]}));
    let told = run(&["inventory", "check", text(place.path()), "--format", "json"]).await;
    let check = told.check();
    let words =
        ["rejected traffic only", "delivers to cloud-watch-logs", "transit gateway's", "Access error", "not active"];
    for (log, words) in check.flow_logs.iter().zip(words) {
        assert!(log.problems.iter().any(|problem| problem.contains(words)), "{log:?}");
        assert_eq!(log.region.as_deref(), Some("eu-west-1"));
    }
    assert_eq!(check.watched[0].watched, "none");
    let advice = &check.advice[0];
    assert_eq!((advice.account_id.as_deref(), advice.vpc_ids.as_slice()), (Some(ACCOUNT), &["vpc-1".to_owned()][..]));
    // None of them delivers: no destination is taken over.
    assert_eq!((advice.destination.as_str(), &advice.settings_from), ("arn:aws:s3:::REPLACE_ME", &None));
    assert!(check.inventory.absent.iter().any(|file| file.command == "describe-route-tables"));
}

#[tokio::test]
async fn without_an_inventory_the_logs_alone_are_judged() {
    let (mut w, vpc) = plain();
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let place = tempfile::tempdir().unwrap();
    write_logs(&w, &place.path().join("logs"), &Layout::default()).unwrap();
    let empty = place.path().join("inventory");
    std::fs::create_dir(&empty).unwrap();
    let logs = place.path().join("logs");
    let check = run(&["inventory", "check", text(&empty), text(&logs), "--format", "json"]).await.check();
    let log = &check.flow_logs[0];
    assert_eq!((log.flow_log_id.as_str(), log.configured, log.seen), (w.flow_logs[0].id.as_str(), false, Some(true)));
    assert!(log.answers.iter().all(|answer| answer.from != "inventory"));
    assert_eq!(check.advice[0].vpc_ids, ["REPLACE_ME"]);
    assert_eq!(check.advice[0].region.as_deref(), Some("us-east-1"));
    assert!(check.inventory.notices.iter().any(|notice| notice.contains("holds no inventory file")));
}

#[tokio::test]
async fn one_object_of_a_flow_log_is_looked_into_and_its_first_bytes_only() {
    let (mut w, vpc) = plain();
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    w.flow_log(fields::V2, &[Watch::Vpc(vpc)]);
    let check = check(&w).await.check();
    let sampled = check.sampled.unwrap();
    assert_eq!(sampled.objects_read, 2);
    assert!(sampled.objects_listed > 4, "{sampled:?}");
    assert!(sampled.bytes_read <= 2 * 16 * 1024, "{sampled:?}");
}

#[tokio::test]
async fn files_without_aws_names_are_told_apart_by_their_columns() {
    let place = tempfile::tempdir().unwrap();
    let logs = place.path().join("logs");
    std::fs::create_dir(&logs).unwrap();
    for (name, header) in [("a.log", fields::V2), ("b.log", fields::V5), ("c.log", fields::V5)] {
        let header = header.split_whitespace().collect::<Vec<_>>().join(" ");
        std::fs::write(logs.join(name), format!("{header}\n")).unwrap();
    }
    let check = run(&["inventory", "check", text(place.path()), text(&logs), "--format", "json"]).await.check();
    let versions: BTreeSet<_> = check.flow_logs.iter().map(|log| log.version).collect();
    assert_eq!((check.flow_logs.len(), versions), (2, BTreeSet::from([Some(2), Some(5)])));
}

#[tokio::test]
async fn the_columns_are_told_by_every_kind_of_delivery() {
    let place = tempfile::tempdir().unwrap();
    let logs = place.path().join("logs");
    std::fs::create_dir(&logs).unwrap();
    let header = fields::V2.split_whitespace().collect::<Vec<_>>().join(" ");
    let row = "2 123456789010 eni-1 10.0.0.5 10.0.0.6 49761 3389 6 20 4249 1418530010 1418530070 ACCEPT OK";
    // Long and hard to compress: only the beginning is fetched.
    let noise: String = (0..60_000_u32).map(|n| format!("{}\n", n.wrapping_mul(2_654_435_761))).collect();
    let gzip = |text: String| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        gzip.finish().unwrap()
    };
    let one = |column: &str| (column.replace('-', "_"), column_of(row, &header, column));
    let batch = RecordBatch::try_from_iter(header.split(' ').map(one)).unwrap();
    let mut parquet = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut parquet, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let event = json!({"id": "1", "timestamp": 1, "message": row});
    let cloudwatch = json!({"messageType": "DATA_MESSAGE", "owner": ACCOUNT, "logGroup": "g", "logStream": "eni-1-all",
        "subscriptionFilters": ["f"], "logEvents": vec![event; 2000]});
    for (n, bytes) in [
        format!("{header}\n{row}\n").into_bytes(),
        format!("\u{feff}\n \r\n{header}\r\n{row}").into_bytes(),
        row.into(),
        gzip(format!("{header}\n{noise}")),
        gzip(cloudwatch.to_string()),
        parquet,
    ]
    .into_iter()
    .enumerate()
    {
        // Each in a folder of its own, with AWS's name: its flow log.
        let name = format!("{ACCOUNT}_vpcflowlogs_us-east-1_fl-{n:017x}_20261005T0000Z_0a1b2c3d.log.gz");
        std::fs::write(logs.join(name), bytes).unwrap();
    }
    let told = run(&["inventory", "check", text(place.path()), text(&logs), "--format", "json"]).await;
    assert_eq!(told.code, 0, "{}", told.err);
    let check = told.check();
    assert_eq!(check.flow_logs.len(), 6);
    for log in &check.flow_logs {
        let used: Vec<_> = log.fields.iter().filter(|field| header.contains(field.as_str())).collect();
        assert_eq!((used.len(), log.version), (14, Some(2)), "{log:?}");
    }
    let sampled = check.sampled.unwrap();
    assert!(sampled.objects_read == 6 && sampled.bytes_read < 100_000, "{sampled:?}");
}

/// The value of a row's column as an array of one.
fn column_of(row: &str, header: &str, name: &str) -> ArrayRef {
    let at = header.split(' ').position(|own| own == name).unwrap();
    Arc::new(StringArray::from(vec![row.split(' ').nth(at).unwrap()]))
}

#[tokio::test]
async fn exit_codes_are_those_of_the_program() {
    let place = tempfile::tempdir().unwrap();
    let logs = place.path().join("logs");
    std::fs::create_dir(&logs).unwrap();
    let told = run(&["inventory", "check", "no/such/dir"]).await;
    assert_eq!(told.code, 2, "{}", told.err);
    let told = run(&["inventory", "check", text(place.path()), text(&logs)]).await;
    assert_eq!(told.code, 4, "{}", told.err);
    std::fs::write(logs.join("x.log"), "this is no flow log\n").unwrap();
    let told = run(&["inventory", "check", text(place.path()), text(&logs), "--format", "json"]).await;
    assert_eq!(told.code, 1, "{}", told.err);
    assert_eq!(told.err, "warning: 1 objects are damaged or no flow logs\n");
    let unreadable = told.check().sampled.unwrap().unreadable;
    assert!(unreadable[0].object.ends_with("x.log") && unreadable[0].reason.contains("this is no flow log"));
    let told = run(&["inventory"]).await;
    assert_eq!(told.code, 2);
}

#[tokio::test]
async fn hostile_names_stay_data() {
    let evil = "vpc-'; touch owned; echo \"$(id)`id`${var.a}%{if}";
    let place = tempfile::tempdir().unwrap();
    let file =
        |name: &str, value: serde_json::Value| std::fs::write(place.path().join(name), value.to_string()).unwrap();
    file("describe-vpcs.json", json!({"Vpcs": [{"VpcId": evil, "CidrBlock": "10.0.0.0/16"}]}));
    file(
        "describe-flow-logs.json",
        json!({"FlowLogs": [{"FlowLogId": evil, "ResourceId": evil, "LogDestination": evil, "LogDestinationType": "s3"}]}),
    );
    let check = run(&["inventory", "check", text(place.path()), "--format", "json"]).await.check();
    let one = &check.advice[0];
    assert_eq!(one.vpc_ids, [evil]);
    well_formed(&one.aws_cli.join("\n\n"));
    let words = shlex::split(&one.aws_cli[0].replace("\\\n", " ")).unwrap();
    assert_eq!(words.iter().filter(|word| *word == evil).count(), 2);
    let body: hcl_edit::structure::Body = one.terraform.parse().unwrap();
    let vpc_id = &body.blocks().next().unwrap().body.get_attribute("vpc_id").unwrap().value;
    assert_eq!(vpc_id.as_str(), Some(evil));
    let page = run(&["inventory", "check", text(place.path()), "--format", "markdown"]).await.out;
    let mut columns = None;
    for line in page.lines().map(|line| line.replace("\\|", "")) {
        match line.starts_with('|') {
            true => assert_eq!(*columns.get_or_insert(line.matches('|').count()), line.matches('|').count(), "{line}"),
            false => columns = None,
        }
    }
}

#[tokio::test]
async fn the_markdown_has_the_format_commands_and_terraform() {
    let (mut w, vpc) = plain();
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    let page = told(&w, &["--format", "markdown"]).await.out;
    for part in [
        "```sh\naws ec2 create-flow-logs",
        "```hcl\nresource \"aws_flow_log\"",
        "```text\n${account-id} ",
        "| forwarded",
    ] {
        let part = part.replace("| forwarded", "| clients and pods behind gateways | log |");
        assert!(page.contains(&part), "lacks {part}: {page}");
    }
}

#[tokio::test]
async fn one_call_makes_the_flow_logs_of_all_vpcs_that_want_the_same() {
    let mut w = World::new(sample::START, 1);
    let vpcs: Vec<_> = (0..3).map(|n| w.vpc(ACCOUNT, "us-east-1", &format!("10.{n}.0.0/16"))).collect();
    let far = w.vpc(ACCOUNT, "eu-west-1", "10.8.0.0/16");
    for vpc in &vpcs[..2] {
        w.flow_log(fields::V5, &[Watch::Vpc(*vpc)]);
    }
    let place = tempfile::tempdir().unwrap();
    inventory_json::write_inventory(&w, place.path()).unwrap();
    let check = run(&["inventory", "check", text(place.path()), "--format", "json"]).await.check();
    let mut told: Vec<_> = check.advice.iter().map(|one| (one.region.as_deref().unwrap(), one.vpc_ids.len())).collect();
    told.sort_unstable();
    assert_eq!(told, [("eu-west-1", 1), ("us-east-1", 1), ("us-east-1", 2)]);
    let both = check.advice.iter().find(|one| one.vpc_ids.len() == 2).unwrap();
    let ids: BTreeSet<_> = both.vpc_ids.iter().cloned().collect();
    assert_eq!(ids, vpcs[..2].iter().map(|vpc| id(&w, *vpc)).collect());
    assert_eq!(both.replaces.len(), 2);
    let body: hcl_edit::structure::Body = both.terraform.parse().unwrap();
    assert_eq!(body.blocks().count(), 2);
    // The bucket of the other Region serves; nothing says that it may not.
    let one = check.advice.iter().find(|one| one.region.as_deref() == Some("eu-west-1")).unwrap();
    assert_eq!((&one.vpc_ids, one.destination.as_str()), (&vec![id(&w, far)], "arn:aws:s3:::acme-logs"));
    assert_eq!(check.sampled, None);
    assert!(check.flow_logs.iter().all(|log| log.seen.is_none()));
}

#[tokio::test]
async fn a_report_says_in_short_what_the_check_says_in_full() {
    let (mut w, vpc) = plain();
    let blind = w.vpc("444455556666", "us-east-1", "10.9.0.0/16");
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    w.flow_logs.push(offramp::world::FlowLog { id: "fl-0silent".to_owned(), from: w.end, ..w.flow_logs[0].clone() });
    let place = tempfile::tempdir().unwrap();
    let (logs, inventory) = (place.path().join("logs"), place.path().join("inventory"));
    write_logs(&w, &logs, &Layout::default()).unwrap();
    inventory_json::write_inventory(&w, &inventory).unwrap();
    let report = ["report", text(&logs), "--inventory", text(&inventory), "--format", "json"];
    let notices = |told: Told| -> Vec<String> {
        let report: serde_json::Value = serde_json::from_str(&told.out).unwrap();
        serde_json::from_value(report["notices"].clone()).unwrap()
    };
    let told = notices(run(&report).await);
    let has = |part: &str| told.iter().any(|notice| notice.contains(part));
    let lent = "the inventory of today stands in for which interfaces are gateways and endpoints, regional NAT gateways, the next \
                hop as it was taken";
    assert!(has(&format!("1 flow log ({}): {lent}", w.flow_logs[0].id)), "{told:?}");
    assert!(has(&format!("1 VPC ({}) that no flow log to S3 watches", id(&w, blind))), "{told:?}");
    assert!(has("1 flow log (fl-0silent) configured that gave nothing"), "{told:?}");
    assert!(has("`offramp inventory check` tells"), "{told:?}");
    // What was not asked for is not missed.
    let told = notices(run(&[&report[..], &["--account", ACCOUNT]].concat()).await);
    assert!(!told.iter().any(|notice| notice.contains("VPC (")), "{told:?}");
}

#[tokio::test]
async fn accounts_that_were_not_asked_for_are_left_out() {
    let (mut w, vpc) = plain();
    let other = w.vpc("444455556666", "us-east-1", "10.9.0.0/16");
    w.flow_log(fields::V5, &[Watch::Vpc(vpc)]);
    w.flow_log(fields::V2, &[Watch::Vpc(other)]);
    let check = told(&w, &["--account", ACCOUNT, "--format", "json"]).await.check();
    assert_eq!(check.flow_logs.iter().map(|log| &log.flow_log_id).collect::<Vec<_>>(), [&w.flow_logs[0].id]);
    assert_eq!(check.watched.len(), 1);
    assert!(check.advice.iter().all(|one| one.account_id.as_deref() == Some(ACCOUNT)));
}

#[test]
fn the_readme_has_the_format() {
    let readme = include_str!("../../README.md");
    let names = FULL.split_whitespace().map(|name| format!("${{{name}}}")).collect::<Vec<_>>().join(" ");
    assert!(readme.contains(&names), "{names}");
}

const ACCOUNT: &str = "111122223333";

/// One VPC with a NAT gateway and a client that calls S3.
fn plain() -> (World, VpcKey) {
    let mut w = World::new(sample::START, 6);
    let vpc = w.vpc(ACCOUNT, "us-east-1", "10.0.0.0/16");
    let table = w.route_table(vpc);
    w.internet_gateway(vpc, &[]);
    let front = w.subnet(vpc, "10.0.0.0/24", "use1-az1", None);
    let back = w.subnet(vpc, "10.0.1.0/24", "use1-az1", Some(table));
    let nat = w.nat_gateway(front);
    w.route(table, "0.0.0.0/0", offramp::world::Target::Nat(nat));
    let client = w.instance(back);
    let address = w.aws_address("S3", "us-east-1", 1);
    w.flow(client, offramp::world::Peer::Address(address), (1 << 20, 1 << 24), (0, 5 * 3600));
    (w, vpc)
}

fn id(w: &World, vpc: VpcKey) -> String {
    w.vpcs[vpc.0].id.clone()
}

fn vpc_of<'c>(check: &'c Check, w: &World, vpc: VpcKey) -> &'c VpcCheck {
    check.watched.iter().find(|row| row.vpc_id == id(w, vpc)).unwrap()
}

async fn check(w: &World) -> Told {
    told(w, &["--format", "json"]).await
}

async fn told(w: &World, more: &[&str]) -> Told {
    let place = tempfile::tempdir().unwrap();
    let (logs, inventory) = (place.path().join("logs"), place.path().join("inventory"));
    write_logs(w, &logs, &Layout::default()).unwrap();
    inventory_json::write_inventory(w, &inventory).unwrap();
    run(&[&["inventory", "check", text(&inventory), text(&logs)], more].concat()).await
}

struct Told {
    code: u8,
    out: String,
    err: String,
}

impl Told {
    #[track_caller]
    fn check(&self) -> Check {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.err))
    }
}

async fn run(args: &[&str]) -> Told {
    let args = ["offramp"].iter().chain(args).map(OsString::from);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = offramp::cli::run(args, &mut out, &mut err).await;
    Told { code, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[track_caller]
fn well_formed(script: &str) {
    let mut shell = Command::new("bash").arg("-n").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = shell.wait_with_output().unwrap();
    assert!(output.status.success(), "{}\n{script}", String::from_utf8_lossy(&output.stderr));
}
