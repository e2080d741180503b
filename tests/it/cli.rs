//! The command line as a person meets it: help, errors, exit codes, files.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[tokio::test]
async fn help_is_as_committed() {
    for (name, args) in [
        ("offramp", &["--help"][..]),
        ("report", &["report", "--help"]),
        ("explain", &["explain", "--help"]),
        ("sql", &["sql", "--help"]),
        ("inventory", &["inventory", "--help"]),
        ("inventory-check", &["inventory", "check", "--help"]),
    ] {
        let help = run(args).await;
        assert_eq!((help.code, help.err.as_str()), (0, ""));
        let file = snapshots().join(format!("help-{name}.txt"));
        if std::env::var_os("OFFRAMP_TEST_BLESS").is_some() {
            std::fs::write(&file, &help.out).unwrap();
        }
        let committed = std::fs::read_to_string(&file).unwrap();
        assert!(
            help.out == committed,
            "the help of {name} changed; OFFRAMP_TEST_BLESS=1 cargo test writes {}:\n{}",
            file.display(),
            help.out
        );
        assert!(help.out.lines().all(|line| line.chars().count() <= 100));
    }
}

#[tokio::test]
async fn the_readme_shows_what_its_first_command_prints() {
    let command = "cargo run -- report sample-data/flow-logs --inventory sample-data/inventory";
    shown_is_told("README.md", "sample report", command, &["report"], &[]).await;
}

#[tokio::test]
async fn the_page_on_explain_shows_what_its_command_prints() {
    let command =
        "offramp explain sample-data/flow-logs --inventory sample-data/inventory --peer 3.2.64.14 --records 0";
    let more = ["--peer", "3.2.64.14", "--records", "0"];
    shown_is_told("docs/explain.md", "sample", command, &["explain"], &more).await;
}

/// The block `name` of a page is what the command prints, which the page shows too.
async fn shown_is_told(page: &str, name: &str, command: &str, first: &[&str], more: &[&str]) {
    let (begin, end) = (format!("<!-- {name}: begin -->\n```text\n"), format!("```\n<!-- {name}: end -->"));
    let file = root().join(page);
    let text_of_page = std::fs::read_to_string(&file).unwrap();
    assert!(text_of_page.contains(&format!("\n{command}\n")));
    let (before, rest) = text_of_page.split_once(&begin).unwrap();
    let (shown, after) = rest.split_once(&end).unwrap();

    let (logs, inventory) = (root().join("sample-data/flow-logs"), root().join("sample-data/inventory"));
    let told = run(&[first, &[text(&logs), "--inventory", text(&inventory)], more].concat()).await;
    assert_eq!(told.code, 0, "{}", told.err);
    if std::env::var_os("OFFRAMP_TEST_BLESS").is_some() {
        std::fs::write(&file, format!("{before}{begin}{}{end}{after}", told.out)).unwrap();
    } else {
        assert!(shown == told.out, "OFFRAMP_TEST_BLESS=1 cargo test writes {page}; now it is:\n{}", told.out);
    }
}

#[tokio::test]
async fn the_version_is_the_crates() {
    let version = run(&["--version"]).await;
    assert_eq!((version.code, version.out), (0, format!("offramp {}\n", env!("CARGO_PKG_VERSION"))));
}

#[tokio::test]
async fn wrong_usage_is_exit_code_2_and_says_what_to_type() {
    for (args, part) in [
        (&[][..], "Usage: offramp"),
        (&["reprot"], "similar subcommand exists: 'report'"),
        (&["report"], "<SOURCE>"),
        (&["report", "logs", "--frmat", "json"], "--format"),
        (&["report", "logs", "--format", "pdf"], "[possible values: table, markdown, json, csv]"),
        (&["report", "logs", "--account", "1"], "want the 12 digits"),
        (&["report", "logs", "--memory-limit", "lots"], "want a size such as 512MiB"),
        (&["report", "logs", "--endpoint-url", "localhost"], "want a URL such as"),
        (&["report", "gs://logs"], "give s3://bucket/prefix, a directory or a file"),
        (&["report", "logs", "--since", "yesterday"], "--since \"yesterday\": want a date"),
        (&["report", "logs", "--since", "1h", "--until", "2h"], "--since must be before --until"),
        (&["explain", "logs"], "--peer <IP>|--interface <ENI>|--nat-gateway <NAT>|--service <NAME>"),
        (&["explain", "logs", "--service", "s3", "--peer", "1.2.3.4"], "cannot be used with"),
        (&["explain", "logs", "--peer", "s3"], "want an IPv4 or IPv6 address, or a network"),
        (&["sql", "logs"], "--command <SQL>"),
        (&["sql", "-c", "SELECT 1", "-f", "x.sql"], "cannot be used with"),
        (&["sql", "-f", "absent.sql"], "cannot read the statement from absent.sql"),
    ] {
        let told = run(args).await;
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{args:?}: {}", told.err);
        assert!(told.err.contains(part), "{args:?}: {}", told.err);
    }
}

#[tokio::test]
async fn a_source_that_is_not_there_is_wrong_usage_and_named() {
    let told = run(&["report", "no/such/dir"]).await;
    assert_eq!((told.code, told.out.as_str()), (2, ""), "{}", told.err);
    assert!(told.err.starts_with("error: no/such/dir: no such file or directory\nhint: "), "{}", told.err);
}

#[tokio::test]
async fn a_directory_without_logs_is_nothing_to_read() {
    let place = tempfile::tempdir().unwrap();
    let told = run(&["report", text(place.path())]).await;
    assert_eq!(told.code, 4, "{}", told.err);
    assert!(told.err.contains("hint: check SOURCE, --since and --until"), "{}", told.err);
}

#[tokio::test]
async fn a_broken_inventory_is_named() {
    let place = Logs::new(&[GOOD]);
    std::fs::write(place.path().join("describe-subnets.json"), "{\"Subnets\": [").unwrap();
    let told = run(&["report", &place.log(), "--inventory", text(place.path())]).await;
    assert_eq!(told.code, 2, "{}", told.err);
    assert!(told.err.contains("describe-subnets.json"), "{}", told.err);
}

#[tokio::test]
async fn a_report_without_faults_ends_with_0() {
    let logs = Logs::new(&[GOOD]);
    for (format, begins) in [("markdown", "# "), ("csv", "account_id,")] {
        let told = run(&["report", &logs.log(), "--format", format]).await;
        assert_eq!(told.code, 0, "{format}: {}", told.err);
        assert!(told.out.starts_with(begins), "{format}: {}", told.out);
        assert!(!told.out.contains('\u{1b}'), "no colour without a terminal");
    }
}

#[tokio::test]
async fn a_malformed_line_is_exit_code_1_and_counted() {
    let logs = Logs::new(&[GOOD, "2 111122223333 eni-1 10.0.0.1 not-an-address x y 6 1 1 1 1 ACCEPT OK"]);
    let told = run(&["report", &logs.log(), "--format", "json"]).await;
    assert_eq!(told.code, 1, "{}", told.err);
    let report: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(report["coverage"]["malformed"], 1);
    assert!(told.err.contains("warning: 1 malformed lines"), "{}", told.err);

    let told = run(&["sql", &logs.log(), "-c", "SELECT sum(bytes) AS b FROM flow_logs", "--format", "csv"]).await;
    assert_eq!((told.code, told.out.as_str()), (1, "b\n4096\n"), "{}", told.err);
}

#[tokio::test]
async fn a_peer_of_the_report_is_explained_and_one_that_was_only_rejected_is_named() {
    let logs = Logs::new(&[GOOD, &GOOD.replace("52.216.1.1", "198.51.100.7").replace("ACCEPT", "REJECT")]);
    let told = run(&["explain", &logs.log(), "--peer", "52.216.1.1", "--format", "json"]).await;
    assert_eq!(told.code, 0, "{}", told.err);
    let explanation: offramp::explain::Explanation = serde_json::from_str(&told.out).unwrap();
    assert_eq!((explanation.counted.bytes, explanation.services[0].service.as_str()), (4096, "s3"));
    assert_eq!(explanation.records[0].first["dstaddr"], "52.216.1.1");

    let told = run(&["explain", &logs.log(), "--peer", "198.51.100.7"]).await;
    assert_eq!((told.code, told.out.as_str()), (4, ""), "{}", told.err);
    assert!(told.err.contains("the records that name it: 1 REJECT - at eni-0123456789abcdef0"), "{}", told.err);
}

#[tokio::test]
async fn a_window_without_objects_is_exit_code_4_only_where_names_tell_the_time() {
    let logs = Logs::new(&[GOOD]);
    let named = logs.path().join("111122223333_vpcflowlogs_us-east-1_fl-0123456789abcdef0_20260901T0000Z_0a1b2c3d.log");
    std::fs::rename(logs.path().join("flow.log"), &named).unwrap();
    let told = run(&["report", text(logs.path()), "--since", "2020-01-01", "--until", "2020-01-02"]).await;
    assert_eq!(told.code, 4, "{}", told.err);
}

#[tokio::test]
async fn a_source_that_gives_nothing_is_no_report_in_any_format() {
    let transit = "version resource-type account-id tgw-id tgw-attachment-id srcaddr dstaddr srcport dstport protocol packets \
                   bytes start end log-status\n6 TransitGateway 111122223333 tgw-1 tgw-attach-1 10.0.0.5 52.216.1.1 40000 443 \
                   6 10 4096 1788220800 1788220860 OK\n";
    let good = format!("{HEADER}\n{GOOD}\n");
    let bad = format!("{HEADER}\n{}\n", GOOD.replace("52.216.1.1", "nowhere"));
    for (text, since, reason) in [
        (format!("{HEADER}\n"), "2026-09-01", "no record"),
        (String::new(), "2026-09-01", "no record"),
        ("{\"some\": \"json\"}\n".to_owned(), "2026-09-01", "flow.log"),
        (bad, "2026-09-01", "malformed"),
        (transit.to_owned(), "2026-09-01", "transit gateway flow logs alone"),
        (good, "2026-10-01", "none of 1 records lies in the window"),
    ] {
        let logs = Logs::new(&[]);
        std::fs::write(logs.path().join("flow.log"), &text).unwrap();
        for format in ["json", "table", "markdown", "csv"] {
            let told = run(&["report", &logs.log(), "--since", since, "--format", format]).await;
            assert_eq!(told.code, 4, "{format} {text}: {}", told.err);
            let error = told.err.lines().last().unwrap();
            assert!(error.contains("flow.log") && error.contains(reason), "{format} {text}: {}", told.err);
            match format {
                "json" => {
                    let report: serde_json::Value = serde_json::from_str(&told.out).unwrap();
                    assert!(report["nothing_usable"].as_str().unwrap().contains(reason));
                    assert!(report["totals"]["nat_usd_month"].is_null() && report["totals"]["adopt_usd_month"] == 0.0);
                    assert_eq!(report["opportunities"], serde_json::json!([]));
                }
                "csv" => assert_eq!(told.out.lines().count(), 1),
                _ => {
                    let first = told.out.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
                    let first = first.take(1).collect::<String>();
                    assert!(first.contains("No usable record was read"), "{format}: {first}");
                    assert!(!told.out.contains("every byte has"), "{format}");
                }
            }
        }
        let told = run(&["explain", &logs.log(), "--since", since, "--peer", "52.216.1.1"]).await;
        assert_eq!((told.code, told.out.as_str()), (4, ""), "{text}: {}", told.err);
    }
}

#[tokio::test]
async fn times_in_milliseconds_are_read_as_such_and_seconds_among_them_are_malformed() {
    let millis = GOOD.replace("1788220800 1788220860", "1788220800123 1788220860000");
    let logs = Logs::new(&[&millis, &millis]);
    let told = run(&["report", &logs.log(), "--format", "json"]).await;
    assert_eq!(told.code, 0, "{}", told.err);
    let report: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(report["window"]["start"], "2026-09-01T00:00:00Z");
    assert_eq!(report["coverage"]["bytes"], 8192);
    let sql = "SELECT sum(bytes) AS b, min(start) AS s, max(\"end\") AS e FROM flow_logs";
    let told = run(&["sql", &logs.log(), "-c", sql, "--format", "csv"]).await;
    assert_eq!((told.code, told.out.lines().nth(1)), (0, Some("8192,1788220800,1788220860")), "{}", told.err);

    for lines in [[&millis, GOOD], [GOOD, &millis]] {
        let logs = Logs::new(&lines);
        let told = run(&["report", &logs.log(), "--format", "json"]).await;
        let report: serde_json::Value = serde_json::from_str(&told.out).unwrap();
        assert_eq!((told.code, &report["coverage"]["malformed"]), (1, &serde_json::json!(1)), "{lines:?}");
        assert_eq!(report["window"]["end"], "2026-09-01T00:10:00Z");
    }
}

#[tokio::test]
async fn an_event_of_a_log_group_counts_once_however_often_it_is_delivered() {
    let event = |id: &str, bytes: &str| serde_json::json!({"id": id, "timestamp": 1_788_220_860_000_u64, "message": GOOD.replace(" 4096 ", bytes)});
    let delivery = |events: &[serde_json::Value]| {
        serde_json::json!({"messageType": "DATA_MESSAGE", "logGroup": "flow", "logStream": "eni-1", "logEvents": events})
            .to_string()
    };
    let place = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(place.path().join(name), text).unwrap();
    let both = delivery(&[event("1", " 100 "), event("2", " 20 ")]);
    // Again in the same object, and in another one together with a new event.
    write("part-1", &format!("{both}\n{both}\n"));
    write("part-2", &delivery(&[event("2", " 20 "), event("3", " 3 ")]));
    let told = run(&["report", text(place.path()), "--format", "json"]).await;
    assert_eq!(told.code, 0, "{}", told.err);
    let report: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!((&report["coverage"]["bytes"], &report["coverage"]["duplicate_events"]), (&123.into(), &3.into()));
    // Twice in one statement: an object that is read again brings its own events again.
    let sql = "SELECT (SELECT sum(bytes) FROM flow_logs) AS a, sum(bytes) AS b FROM flow_logs";
    let told = run(&["sql", text(place.path()), "-c", sql, "--format", "csv"]).await;
    assert_eq!((told.code, told.out.lines().nth(1)), (0, Some("123,123")), "{}", told.err);
}

#[tokio::test]
async fn the_output_file_holds_what_stdout_would() {
    let logs = Logs::new(&[GOOD]);
    let file = logs.path().join("answer.csv");
    let args = ["sql", &logs.log(), "-c", "SELECT srcaddr, bytes FROM flow_logs", "--format", "csv"];
    let shown = run(&args).await;
    let written = run(&[&args[..], &["-o", text(&file)]].concat()).await;
    assert_eq!((written.code, written.out.as_str()), (0, ""));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), shown.out);
    assert_eq!(shown.out, "srcaddr,bytes\n10.0.0.5,4096\n");

    let told = run(&[&args[..], &["-o", text(logs.path())]].concat()).await;
    assert_eq!(told.code, 2);
    assert!(told.err.contains("is a directory"), "{}", told.err);
}

#[tokio::test]
async fn sql_writes_nulls_and_nested_values_in_each_format() {
    let question = "SELECT 1 AS n, NULL AS nothing, [1, NULL] AS list, 'a\"b,c' AS text";
    for (format, expected) in [
        ("csv", "n,nothing,list,text\n1,,\"[1,null]\",\"a\"\"b,c\"\n"),
        ("json", "[{\"n\":1,\"nothing\":null,\"list\":[1,null],\"text\":\"a\\\"b,c\"}]"),
        ("ndjson", "{\"n\":1,\"nothing\":null,\"list\":[1,null],\"text\":\"a\\\"b,c\"}\n"),
    ] {
        let told = run(&["sql", "-c", question, "--format", format]).await;
        assert_eq!((told.code, told.out.as_str()), (0, expected), "{}", told.err);
    }
    let told = run(&["sql", "-c", question]).await;
    assert!(told.out.contains("| 1 | NULL    | [1, NULL] | a\"b,c |"), "{}", told.out);
}

#[tokio::test]
async fn sql_without_rows_still_shows_its_columns() {
    for (format, expected) in [("csv", "n\n"), ("json", "[]"), ("ndjson", "")] {
        let told = run(&["sql", "-c", "SELECT 1 AS n WHERE false", "--format", format]).await;
        assert_eq!((told.code, told.out.as_str()), (0, expected), "{}", told.err);
    }
    assert!(run(&["sql", "-c", "SELECT 1 AS n WHERE false"]).await.out.contains("| n |"));
}

#[tokio::test]
async fn a_long_table_is_cut_and_says_so() {
    let told = run(&["sql", "-c", "SELECT * FROM unnest(range(0, 10001))"]).await;
    assert_eq!(told.code, 0, "{}", told.err);
    assert_eq!(told.out.lines().count(), 10_000 + 4);
    assert!(told.err.contains("only the first 10,000 rows"), "{}", told.err);
}

#[tokio::test]
async fn sql_only_reads() {
    let logs = Logs::new(&[GOOD]);
    let target = logs.path().join("stolen.csv");
    let copy = format!("COPY (SELECT 1) TO '{}'", target.display());
    for statement in [
        "DROP TABLE flow_logs",
        "CREATE TABLE t AS SELECT 1",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/hostname'",
        "INSERT INTO flow_logs SELECT * FROM flow_logs",
        "DELETE FROM traffic",
        "SET datafusion.execution.batch_size = 1",
        "EXPLAIN ANALYZE DELETE FROM flow_logs",
        copy.as_str(),
    ] {
        let told = run(&["sql", &logs.log(), "-c", statement]).await;
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{statement}: {}", told.err);
    }
    assert!(!target.exists());
}

#[tokio::test]
async fn an_error_in_the_statement_is_told_in_plain_words() {
    for (statement, part) in [
        ("SELEC 1", "Expected: an SQL statement, found: SELEC"),
        ("SELECT nonsense FROM flow_logs", "No field named nonsense"),
        ("SELECT * FROM nowhere", "nowhere"),
        ("SELECT 1; SELECT 2", "only supports a single SQL statement"),
        ("SELECT CAST('x' AS INT)", "Cannot cast string 'x'"),
    ] {
        let logs = Logs::new(&[GOOD]);
        let told = run(&["sql", &logs.log(), "-c", statement]).await;
        assert_eq!(told.code, 2, "{statement}: {}", told.err);
        assert!(told.err.contains(part), "{statement}: {}", told.err);
        assert!(!told.err.contains("DataFusionError") && !told.err.contains("backtrace"), "{}", told.err);
    }
}

#[test]
fn every_option_has_a_name_in_the_environment() {
    use clap::CommandFactory;

    fn count(command: &clap::Command) -> usize {
        let mut named = command.get_subcommands().map(count).sum();
        for option in command.get_arguments().filter(|arg| !arg.is_positional()) {
            let name = option.get_env().and_then(|name| name.to_str()).unwrap_or_default();
            assert!(name.starts_with("OFFRAMP_"), "{} --{}", command.get_name(), option.get_id());
            named += 1;
        }
        named
    }
    assert!(offramp::cli::Cli::command().get_subcommands().map(count).sum::<usize>() > 25);
}

#[test]
fn ctrl_c_is_exit_code_130_and_leaves_no_half_file() {
    let place = tempfile::tempdir().unwrap();
    let endless = "SELECT count(*) FROM unnest(range(0, 30000)) a CROSS JOIN unnest(range(0, 30000)) b CROSS JOIN unnest(range(0, 3000)) c";
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_offramp"))
        .args(["sql", "-c", endless, "--format", "csv", "-o", "answer.csv"])
        .current_dir(&place)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let begun = || std::fs::read_dir(place.path()).unwrap().count() == 1;
    while !begun() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(500));
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "interrupted\n");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}

const HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
const GOOD: &str =
    "2 111122223333 eni-0123456789abcdef0 10.0.0.5 52.216.1.1 40000 443 6 10 4096 1788220800 1788220860 ACCEPT OK";

/// A directory with one flow log.
struct Logs {
    place: tempfile::TempDir,
}

impl Logs {
    fn new(lines: &[&str]) -> Self {
        let place = tempfile::tempdir().unwrap();
        let body = format!("{HEADER}\n{}\n", lines.join("\n"));
        std::fs::write(place.path().join("flow.log"), body).unwrap();
        Self { place }
    }

    fn path(&self) -> &Path {
        self.place.path()
    }

    fn log(&self) -> String {
        text(&self.path().join("flow.log")).to_owned()
    }
}

struct Told {
    code: u8,
    out: String,
    err: String,
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

fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

fn snapshots() -> PathBuf {
    root().join("tests/it/snapshots")
}
