//! Every output format on a report with awkward content.

use offramp::report::model::*;
use offramp::report::{CsvTable, Format, Report, render};

/// A name that means something in Markdown, CSV, a terminal and HTML.
const HOSTILE: &str = "a|b`c``d *e* <b>\"f\",g\nh\u{1b}[31mi";

#[test]
fn the_table_keeps_to_80_columns_whatever_the_content() {
    for report in [Report::default(), awkward(), many()] {
        for line in text(&report, Format::Table).lines() {
            let width = textwrap::core::display_width(line);
            assert!(width <= 80, "{width} columns: {line}");
            assert!(!line.contains(char::is_control), "control character in {line:?}");
        }
    }
}

#[test]
fn colour_adds_nothing_but_escape_sequences() {
    let plain = text(&awkward(), Format::Table);
    let coloured = render(&awkward(), Format::Table, CsvTable::Traffic, true).unwrap();
    assert!(coloured.contains("\u{1b}[32madopt"), "decisions are coloured");
    let mut stripped = String::new();
    let mut parts = coloured.split('\u{1b}');
    stripped.push_str(parts.next().unwrap());
    for part in parts {
        stripped.push_str(part.split_once('m').unwrap().1);
    }
    assert_eq!(stripped, plain);
}

#[test]
fn no_dollar_stands_without_its_coverage_line() {
    let line = "Logs cover 22.5 of 24 h (93.8 %)";
    for (format, separator) in [(Format::Table, "\n\n"), (Format::Markdown, "\n## ")] {
        let page = text(&awkward(), format);
        let mut sections = 0;
        for section in page.split(separator).filter(|section| section.contains("$1")) {
            let opportunity = section.contains("of the awkward kind");
            assert!(section.contains(line) || (opportunity && page.contains(line)), "no coverage line in: {section}");
            sections += 1;
        }
        assert!(sections >= 3, "{format:?} shows dollars");
    }
}

/// As the price book words it, longer than a page is wide.
const OVERRIDE: &str = "[[price]]\nregion = \"mars-1\"\ncharge = \"nat_gib\"\nusd = nan # replace by USD per GiB, from your bill or the \
     AWS price list; likely 0.045, equal to nat_hour, as wherever both are known\n";

#[test]
fn a_shown_override_can_be_pasted() {
    for (format, begin) in [(Format::Table, "--prices FILE:\n"), (Format::Markdown, "## Prices")] {
        let page = text(&awkward(), format);
        let (_, prices) = page.split_once(begin).unwrap();
        let toml: String = prices
            .lines()
            .skip_while(|line| !line.contains("[[price]]"))
            .take_while(|line| !line.contains("```"))
            .map(|line| format!("{line}\n"))
            .collect();
        let value: toml::Table = toml.parse().unwrap_or_else(|error| panic!("{error}\n{toml}"));
        assert_eq!(value["price"][0]["region"].as_str(), Some("mars-1"));
        assert!(value["price"][0]["usd"].as_float().unwrap().is_nan());
    }
}

#[test]
fn missing_prices_are_unpriced_and_their_override_is_shown() {
    for format in [Format::Table, Format::Markdown] {
        let page = text(&awkward(), format);
        assert!(page.contains("What NAT gateways cost a month is unpriced"), "{page}");
        assert!(page.contains("[[price]]") && page.contains("region = \"mars-1\""), "{page}");
        let row = page.lines().find(|line| line.contains("range:amazon") || line.contains("range:amazon")).unwrap();
        assert!(row.contains("unpriced") && !row.contains('$'), "{row}");
    }
}

#[test]
fn a_gateway_nobody_logged_is_not_shown_as_idle() {
    for format in [Format::Table, Format::Markdown] {
        let page = text(&awkward(), format);
        let row = page.lines().find(|line| line.contains("nat-unlogged")).unwrap();
        assert!(row.contains("not logged"), "{row}");
    }
}

#[test]
fn markdown_tables_keep_their_shape() {
    let page = text(&awkward(), Format::Markdown);
    let mut columns = None;
    let mut rows = 0;
    for line in page.lines() {
        if !line.starts_with('|') {
            columns = None;
            continue;
        }
        let bars = line.replace("\\|", "").matches('|').count();
        assert_eq!(*columns.get_or_insert(bars), bars, "{line}");
        rows += 1;
    }
    assert!(rows > 30);
    assert!(page.contains(r"a\|b\`c\`\`d \*e\* &lt;b&gt;"));
    assert!(!page.contains('\u{1b}'));
}

#[test]
fn markdown_code_blocks_close_after_their_content() {
    let page = text(&awkward(), Format::Markdown);
    let (_, block) = page.split_once("````sh\n").expect("a fence longer than the backticks inside");
    let (code, _) = block.split_once("\n````\n").unwrap();
    assert_eq!(code, "echo '```'\n\necho 2");
}

#[test]
fn json_is_the_report() {
    for report in [Report::default(), awkward()] {
        let page = text(&report, Format::Json);
        let back: Report = serde_json::from_str(&page).unwrap();
        assert_eq!(serde_json::to_value(&back).unwrap(), serde_json::to_value(&report).unwrap());
        assert!(page.ends_with("}\n"));
    }
    let value: serde_json::Value = serde_json::from_str(&text(&awkward(), Format::Json)).unwrap();
    assert!(value["totals"]["nat_usd_month"].is_null());
    assert_eq!(value["traffic"][0]["bytes"], u64::MAX);
    assert!(value["opportunities"][0]["saves"].get("nat_hours_usd").is_none(), "not applicable is absent");
}

#[test]
fn csv_parses_back_and_null_is_an_empty_cell() {
    let report = awkward();
    let rows = csv_rows(&report, CsvTable::Traffic);
    assert_eq!(rows.len(), report.traffic.len());
    assert_eq!(rows[0]["service"], HOSTILE);
    assert_eq!(rows[0]["bytes"], u64::MAX.to_string());
    let unpriced = rows.iter().find(|row| row["service"] == "range:amazon").unwrap();
    assert_eq!(unpriced["usd_month"], "");

    let rows = csv_rows(&report, CsvTable::Opportunities);
    assert_eq!(rows[0]["saves.nat_processing_usd"], "123.45");
    assert_eq!(rows[0]["saves.nat_hours_usd"], "");
    assert_eq!(rows[0]["route_table_ids"], "rtb-1 rtb-2");
    assert_eq!(rows[0]["range.low"], "100.0");
    assert_eq!(csv_rows(&report, CsvTable::NatGateways).len(), 2);
    assert_eq!(csv_rows(&report, CsvTable::Endpoints)[0]["type"], "interface");
    assert_eq!(csv_rows(&report, CsvTable::Coverage)[0]["covered_hours"], "3.5");
    let peers = csv_rows(&report, CsvTable::CoverageUnresolved);
    assert_eq!((peers.len(), peers[1]["range.label"].as_str(), peers[1]["peer.bytes"].as_str()), (2, HOSTILE, "7"));
    let samples = csv_rows(&report, CsvTable::CoverageMalformed);
    assert_eq!((samples[0]["reason.lines"].as_str(), samples[0]["sample.text"].as_str()), ("3", HOSTILE));
    let totals = csv_rows(&report, CsvTable::CoverageTotals);
    assert_eq!((totals.len(), totals[0]["malformed"].as_str()), (1, "3"));
}

#[test]
fn csv_of_nothing_still_has_its_header() {
    for (table, first) in [
        (CsvTable::Traffic, "account_id,"),
        (CsvTable::Opportunities, "id,kind,decision,"),
        (CsvTable::NatGateways, "nat_gateway_id,"),
        (CsvTable::Endpoints, "endpoint_id,type,"),
        (CsvTable::Coverage, "account_id,"),
        (CsvTable::CoverageGateways, "kind,id,"),
        (CsvTable::CoverageGaps, "kind,id,"),
        (CsvTable::CoverageSkipdata, "account_id,"),
        (CsvTable::CoverageUnresolved, "range.label,range.bytes,"),
        (CsvTable::CoverageMalformed, "reason.reason,"),
        (CsvTable::CoverageUnsettled, "reason,account_id,"),
        (CsvTable::CoverageDamaged, "object,"),
    ] {
        let page = render(&Report::default(), Format::Csv, table, false).unwrap();
        assert_eq!(page.lines().count(), 1);
        assert!(page.starts_with(first), "{page}");
    }
}

#[test]
fn csv_has_every_key_of_the_json() {
    let value = serde_json::to_value(awkward()).unwrap();
    for (table, rows) in [
        (CsvTable::Traffic, &value["traffic"]),
        (CsvTable::Opportunities, &value["opportunities"]),
        (CsvTable::NatGateways, &value["nat_gateways"]),
        (CsvTable::Endpoints, &value["endpoints"]),
        (CsvTable::Coverage, &value["coverage"]["scopes"]),
        (CsvTable::CoverageGateways, &value["coverage"]["gateways"]),
        (CsvTable::CoverageGaps, &value["coverage"]["gaps"]),
        (CsvTable::CoverageSkipdata, &value["coverage"]["skipdata_hours"]),
        (CsvTable::CoverageUnsettled, &value["coverage"]["unsettled"]),
        (CsvTable::CoverageDamaged, &value["coverage"]["damaged"]),
    ] {
        let page = render(&Report::default(), Format::Csv, table, false).unwrap();
        let header: Vec<_> = page.trim_end().split(',').collect();
        for key in rows[0].as_object().unwrap().keys() {
            let nested = format!("{key}.");
            let found = header.iter().any(|column| column == key || column.starts_with(&nested));
            assert!(found, "{table:?} lacks the column {key}");
        }
    }
    let full = Opportunity { saves: all_saves(), adds: all_adds(), ..Default::default() };
    let value = serde_json::to_value(full).unwrap();
    let page = render(&Report::default(), Format::Csv, CsvTable::Opportunities, false).unwrap();
    for side in ["saves", "adds"] {
        for key in value[side].as_object().unwrap().keys() {
            assert!(page.trim_end().split(',').any(|column| column == format!("{side}.{key}")), "{side}.{key}");
        }
    }
}

#[test]
fn the_first_screen_tells_how_much_is_known_and_why_the_rest_is_not() {
    for format in [Format::Table, Format::Markdown] {
        let page = text(&awkward(), format);
        let first = page.split("WINDOW AND COVERAGE").next().unwrap().split("## Window").next().unwrap();
        let first = first.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(first.contains("The service is known of 6.2 % of the bytes, the path of 12.5 %."), "{first}");
        assert!(first.contains("no query logs (--resolver) to name them"), "{first}");
        assert!(first.contains("neither log fields nor route tables tell it"), "{first}");
    }
}

#[test]
fn gaps_dropped_records_and_peers_are_in_both_readable_formats() {
    for format in [Format::Table, Format::Markdown] {
        let page = text(&awkward(), format).split_whitespace().collect::<Vec<_>>().join(" ");
        for part in ["54.239.28.85", "2026-09-01T00:00", "99.9 %", "not logged", "15 %"] {
            assert!(page.contains(part), "{format:?} lacks {part}: {page}");
        }
    }
}

#[test]
fn long_lists_are_cut_in_the_table_and_say_so() {
    let page = text(&many(), Format::Table);
    assert!(page.contains("and 185 more opportunities: --format markdown or json has them all."), "{page}");
    assert!(page.contains("85 more"), "{page}");
    assert_eq!(text(&many(), Format::Markdown).matches("\n### ").count(), 200);
}

fn text(report: &Report, format: Format) -> String {
    render(report, format, CsvTable::Traffic, false).unwrap()
}

fn csv_rows(report: &Report, table: CsvTable) -> Vec<std::collections::HashMap<String, String>> {
    let page = render(report, Format::Csv, table, false).unwrap();
    csv::Reader::from_reader(page.as_bytes()).deserialize().map(Result::unwrap).collect()
}

fn all_saves() -> Saves {
    Saves {
        nat_processing_usd: Some(1.0),
        nat_hours_usd: Some(1.0),
        inter_az_usd: Some(1.0),
        transit_gateway_usd: Some(1.0),
        endpoint_hours_usd: Some(1.0),
        endpoint_processing_usd: Some(1.0),
        gwlb_processing_usd: Some(1.0),
        firewall_processing_usd: Some(1.0),
        public_ipv4_usd: Some(1.0),
    }
}

fn all_adds() -> Adds {
    Adds {
        endpoint_hours_usd: Some(1.0),
        endpoint_processing_usd: Some(1.0),
        nat_processing_usd: Some(1.0),
        nat_hours_usd: Some(1.0),
        inter_az_usd: Some(1.0),
        transit_gateway_usd: Some(1.0),
        public_ipv4_usd: Some(1.0),
    }
}

fn traffic(service: &str, bytes: u64, usd_month: Option<f64>) -> TrafficRow {
    TrafficRow {
        service: service.into(),
        path: "nat_gateway".into(),
        via: Some("transit_gateway+network_firewall".into()),
        direction: "inbound".into(),
        bytes,
        usd_month,
        ..Default::default()
    }
}

fn opportunity(id: &str, net: f64) -> Opportunity {
    Opportunity {
        id: id.into(),
        kind: "create_gateway_endpoint".into(),
        decision: "adopt".into(),
        region: Some("us-east-1".into()),
        vpc_id: Some("vpc-0123456789abcdef0".into()),
        payer_account_id: Some("111122223333".into()),
        service: Some("s3".into()),
        net_usd_month: Some(net),
        monthly_gib: Some(2743.3),
        confidence: "high".into(),
        why: "of the awkward kind: bytes to S3 in the client's Region pass a NAT gateway, and the VPC has no gateway endpoint."
            .into(),
        ..Default::default()
    }
}

fn many() -> Report {
    Report {
        traffic: (0..100).map(|index| traffic(&format!("service-{index}"), 1 << index.min(40), Some(1.0))).collect(),
        opportunities: (0..200).map(|index| opportunity(&format!("id-{index}"), f64::from(index))).collect(),
        ..Default::default()
    }
}

fn awkward() -> Report {
    let first = Opportunity {
        saves: Saves { nat_processing_usd: Some(123.45), ..Default::default() },
        adds: Adds { endpoint_hours_usd: Some(0.0), ..Default::default() },
        range: Some(Range { low: 100.0, high: 1e300 }),
        route_table_ids: vec!["rtb-1".into(), "rtb-2".into()],
        route_tables: vec![RouteTableShare { id: "rtb-1".into(), gib: 0.25 }],
        aws_cli: vec!["echo '```'".into(), "echo 2".into()],
        risks: vec![HOSTILE.into()],
        ..opportunity("one", 123.45)
    };
    let unpriced = Opportunity {
        decision: "unpriced".into(),
        net_usd_month: None,
        service: Some(HOSTILE.repeat(3)),
        missing_prices: vec![OVERRIDE.into()],
        depends_on: vec!["one".into()],
        ..opportunity("two", 0.0)
    };
    let nat = NatGatewayRow {
        nat_gateway_id: "nat-0123456789abcdef0".into(),
        vpc_id: Some("vpc-0123456789abcdef0".into()),
        az_id: Some("use1-az4".into()),
        processed_bytes: u64::MAX,
        monthly_gib: Some(1e17),
        hours_usd: Some(32.85),
        processing_usd: Some(1_234_567.89),
        inter_az_usd: Some(12.0),
        transit_gateway_usd: None,
        movable_bytes: 1 << 40,
        observed: true,
        ..Default::default()
    };
    let unlogged = NatGatewayRow { nat_gateway_id: "nat-unlogged".into(), ..Default::default() };
    Report {
        schema_version: 1,
        window: Window { start: Some("2026-09-01T00:00:00Z".into()), end: None, hours: 24.0 },
        coverage: Coverage {
            covered_hours: 22.5,
            records: u64::MAX,
            malformed: 3,
            damaged_objects: 1,
            unresolved_bytes: u64::MAX,
            bytes: u64::MAX,
            service_known_bytes: 1 << 60,
            path_known_bytes: 1 << 61,
            scopes: vec![CoverageScope {
                flow_log_id: Some(HOSTILE.into()),
                accepted: u64::MAX,
                covered_hours: 3.5,
                window_share: Some(0.15),
                ..Default::default()
            }],
            gateways: vec![GatewayCoverage {
                kind: "nat_gateway".into(),
                id: "nat-0123456789abcdef0".into(),
                window_share: Some(0.99999),
                ..Default::default()
            }],
            gaps: vec![Gap {
                kind: "flow_log".into(),
                id: HOSTILE.into(),
                start: "2026-09-01T00:00:00Z".into(),
                end: "2026-09-01T01:30:00Z".into(),
                hours: 1.5,
                ..Default::default()
            }],
            skipdata_hours: vec![SkippedHour { interface_id: Some(HOSTILE.into()), slots: 6, ..Default::default() }],
            unresolved: vec![UnresolvedRange {
                label: HOSTILE.into(),
                bytes: u64::MAX,
                peer_count: 2,
                peers: vec![
                    UnresolvedPeer { peer: "54.239.28.85".into(), bytes: 9, nat_bytes: 9 },
                    UnresolvedPeer { peer: HOSTILE.into(), bytes: 7, nat_bytes: 0 },
                ],
                ..Default::default()
            }],
            unsettled: vec![
                Unsettled {
                    reason: "service_unresolved".into(),
                    vpc_id: Some(HOSTILE.into()),
                    bytes: 5 << 30,
                    ..Default::default()
                },
                Unsettled { reason: "path_unknown".into(), bytes: 1, ..Default::default() },
            ],
            duplicates: vec![HOSTILE.into()],
            malformed_by_reason: vec![MalformedReason {
                reason: "fields missing".into(),
                lines: 3,
                samples: vec![MalformedSample { object: HOSTILE.into(), line: 7, text: HOSTILE.into() }],
            }],
            damaged: vec![DamagedObject {
                object: "s3://b/".to_owned() + &"k".repeat(200),
                reason: HOSTILE.into(),
                records: 0,
            }],
            ..Default::default()
        },
        traffic: vec![traffic(HOSTILE, u64::MAX, Some(123.45)), traffic("range:amazon", 0, None)],
        nat_gateways: vec![nat, unlogged],
        endpoints: vec![EndpointRow {
            endpoint_id: "vpce-0123456789abcdef0".into(),
            endpoint_type: "interface".into(),
            service: "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0".into(),
            az_count: 3,
            hours_usd: Some(1.0),
            processing_usd: Some(1e18),
            monthly_gib: Some(5.0),
            observed: true,
            ..Default::default()
        }],
        opportunities: vec![first, unpriced],
        totals: Totals { nat_usd_month: None, adopt_usd_month: 123.45, ..Default::default() },
        prices: Prices {
            as_of: "2026-09-24".into(),
            source: "AWS price list".into(),
            overrides: vec![],
            missing: vec![OVERRIDE.into()],
        },
        notices: vec![HOSTILE.repeat(5)],
        ..Default::default()
    }
}
