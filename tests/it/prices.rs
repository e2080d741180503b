//! The price book: list prices, tiers by hand-written arithmetic, overrides, and what stays missing.

use std::path::PathBuf;

use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::SessionContext;
use offramp::prices::{Charge, PriceBook, REGIONS};

fn book() -> PriceBook {
    PriceBook::embedded().unwrap()
}

struct PriceFile {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

fn price_file(text: &str) -> PriceFile {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("prices.toml");
    std::fs::write(&path, text).unwrap();
    PriceFile { _dir: dir, path }
}

fn with(text: &str) -> PriceBook {
    let mut book = book();
    book.apply_file(&price_file(text).path).unwrap();
    book
}

fn refusal(text: &str) -> String {
    let error = book().apply_file(&price_file(text).path).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    error.to_string()
}

fn assert_usd(actual: Option<f64>, expected: f64) {
    let actual = actual.unwrap();
    assert!((actual - expected).abs() < 1e-9, "{actual} is not {expected}");
}

#[test]
fn us_east_1_is_complete_but_for_what_has_no_source() {
    let book = book();
    let missing: Vec<&str> = Charge::ALL
        .into_iter()
        .filter(|charge| book.rate("us-east-1", *charge, 0.0).is_none())
        .map(Charge::as_str)
        .collect();
    assert_eq!(
        missing,
        [
            "regional_nat_gib",
            "service_network_endpoint_az_hour",
            "service_network_endpoint_gib",
            "firewall_gib",
            "firewall_az_hour"
        ]
    );
    for (charge, usd) in [
        (Charge::NatHour, 0.045),
        (Charge::NatGib, 0.045),
        (Charge::RegionalNatAzHour, 0.045),
        (Charge::InterfaceEndpointAzHour, 0.01),
        (Charge::InterfaceEndpointGib, 0.01),
        (Charge::GwlbEndpointAzHour, 0.01),
        (Charge::GwlbEndpointGib, 0.0035),
        (Charge::ResourceEndpointAzHour, 0.02),
        (Charge::ResourceEndpointGib, 0.01),
        (Charge::TransitGatewayAttachmentHour, 0.05),
        (Charge::TransitGatewayGib, 0.02),
        (Charge::InterAzGib, 0.01),
        (Charge::PublicIpv4Hour, 0.005),
    ] {
        assert_usd(book.rate("us-east-1", charge, 0.0), usd);
    }
}

#[test]
fn prices_without_a_source_stay_missing() {
    let book = book();
    assert_eq!(book.rate("eu-west-3", Charge::NatGib, 0.0), None);
    assert_usd(book.rate("eu-west-3", Charge::NatHour, 0.0), 0.05);
    assert_eq!(book.rate("eu-west-1", Charge::InterAzGib, 0.0), None);
    assert_eq!(book.rate("mars-north-1", Charge::NatGib, 0.0), None);
    assert_eq!(book.tiered_cost("eu-west-3", Charge::NatGib, 0.0, 0.0), None);
    let regional: Vec<&str> =
        REGIONS.into_iter().filter(|region| book.rate(region, Charge::RegionalNatGib, 0.0).is_some()).collect();
    assert_eq!(regional, ["eu-west-1"]);
    assert!(book.tiers("all", Charge::NatGib).is_empty());
}

#[test]
fn endpoint_data_is_priced_by_tiers() {
    let book = book();
    let cost = |from, to| book.tiered_cost("us-east-1", Charge::InterfaceEndpointGib, from, to);
    assert_usd(book.rate("us-east-1", Charge::InterfaceEndpointGib, 1_048_575.0), 0.01);
    assert_usd(book.rate("us-east-1", Charge::InterfaceEndpointGib, 1_048_576.0), 0.006);
    assert_usd(book.rate("us-east-1", Charge::InterfaceEndpointGib, 6_000_000.0), 0.004);
    assert_usd(cost(0.0, 100.0), 1.0);
    assert_usd(cost(500.0, 500.0), 0.0);
    // 1,048,576 x 0.01 = 10,485.76; 4,194,304 x 0.006 = 25,165.824; 757,120 x 0.004 = 3,028.48.
    assert_usd(cost(0.0, 6_000_000.0), 10_485.76 + 25_165.824 + 3_028.48);
    // 48,576 x 0.01 + 951,424 x 0.006.
    assert_usd(cost(1_000_000.0, 2_000_000.0), 485.76 + 5_708.544);
    assert_eq!(cost(10.0, 5.0), None);
    assert_eq!(cost(-1.0, 5.0), None);
    assert_eq!(cost(0.0, f64::NAN), None);
}

#[test]
fn volumes_above_the_last_sourced_tier_have_no_price() {
    let book = book();
    let region = "eu-central-1";
    assert_usd(book.tiered_cost(region, Charge::InterfaceEndpointGib, 0.0, 1_048_576.0), 10_485.76);
    assert_eq!(book.tiered_cost(region, Charge::InterfaceEndpointGib, 0.0, 1_048_577.0), None);
    assert_eq!(book.rate(region, Charge::InterfaceEndpointGib, 1_048_576.0), None);
}

#[test]
fn a_price_file_fills_a_gap_and_replaces_a_price() {
    let book = with(
        r#"
        [[price]]
        region = "eu-west-3"
        charge = "nat_gib"
        usd = 0.05

        [[price]]
        region = "us-east-1"
        charge = "interface_endpoint_gib"
        usd = 0.008
        "#,
    );
    assert_usd(book.rate("eu-west-3", Charge::NatGib, 1e9), 0.05);
    // The one price given stands for every volume.
    assert_usd(book.tiered_cost("us-east-1", Charge::InterfaceEndpointGib, 0.0, 2_000_000.0), 16_000.0);
    assert_usd(book.rate("us-east-1", Charge::NatGib, 0.0), 0.045);
    assert_eq!(
        book.overrides(),
        ["nat_gib in eu-west-3: 0.05 USD per GiB", "interface_endpoint_gib in us-east-1: 0.008 USD per GiB"]
    );
}

#[test]
fn tiers_are_put_into_the_known_ones() {
    let book = with(
        r#"
        price = [
            { region = "eu-central-1", charge = "interface_endpoint_gib", usd = 0.004, tier_from_gib = 5242880 },
            { region = "eu-central-1", charge = "interface_endpoint_gib", usd = 0.006, tier_from_gib = 1048576 },
            { region = "us-east-1", charge = "interface_endpoint_gib", usd = 0.009, tier_from_gib = 1000 },
        ]
        "#,
    );
    let cost = |region, to| book.tiered_cost(region, Charge::InterfaceEndpointGib, 0.0, to);
    assert_usd(cost("eu-central-1", 6_000_000.0), 10_485.76 + 25_165.824 + 3_028.48);
    // 1,000 x 0.01 + 1,047,576 x 0.009 + 1,424 x 0.006.
    assert_usd(cost("us-east-1", 1_050_000.0), 10.0 + 9_428.184 + 8.544);
}

#[test]
fn discounts_come_off_listed_and_given_prices() {
    let book = with(
        r#"
        [[discount]]
        charge = "nat_gib"
        percent = 12.5

        [[discount]]
        charge = "nat_gib"
        region = "eu-west-1"
        percent = 50

        [[price]]
        region = "eu-west-3"
        charge = "nat_gib"
        usd = 0.04
        "#,
    );
    assert_usd(book.rate("us-east-1", Charge::NatGib, 0.0), 0.039375);
    assert_usd(book.rate("eu-west-1", Charge::NatGib, 0.0), 0.024);
    assert_usd(book.rate("eu-west-3", Charge::NatGib, 0.0), 0.035);
    assert_usd(book.rate("us-east-1", Charge::NatHour, 0.0), 0.045);
    assert!(book.overrides().contains(&"nat_gib in every Region: 12.5 % discount".to_owned()));
}

#[test]
fn a_wrong_price_file_says_where_and_what_is_allowed() {
    let charge = refusal("\n[[price]]\nregion = \"us-east-1\"\ncharge = \"nat_gb\"\nusd = 1");
    assert!(charge.contains("prices.toml: line 2: there is no charge named `nat_gb`"), "{charge}");
    assert!(charge.contains("nat_hour, nat_gib, regional_nat_az_hour"), "{charge}");
    let region = refusal("[[discount]]\nregion = \"eu-wst-1\"\ncharge = \"nat_gib\"\npercent = 1");
    assert!(region.contains("there is no Region named `eu-wst-1`; the Regions are af-south-1,"), "{region}");
    let price = |usd: &str| refusal(&format!("[[price]]\nregion = \"us-east-1\"\ncharge = \"nat_gib\"\nusd = {usd}"));
    assert!(price("-0.01").contains("usd is -0.01"));
    assert!(price("nan").contains("usd is NaN; write a number of 0 or more"));
    assert!(price("inf").contains("usd is inf"));
    let percent = refusal("[[discount]]\ncharge = \"nat_gib\"\npercent = 120");
    assert!(percent.contains("between 0 and 100"), "{percent}");
    let twice = "[[discount]]\ncharge = \"nat_gib\"\npercent = 1\n";
    assert!(refusal(&twice.repeat(2)).contains("line 4: nat_gib has two discounts"));
    let tier = refusal("[[price]]\nregion = \"us-east-1\"\ncharge = \"nat_gib\"\nusd = 1\ntier_from_gib = 5");
    assert!(tier.contains("nat_gib has one price for every volume"), "{tier}");
    let endpoint_tier = |region: &str, from: u32| {
        refusal(&format!(
            "[[price]]\nregion = \"{region}\"\ncharge = \"interface_endpoint_gib\"\nusd = 1\ntier_from_gib = {from}"
        ))
    };
    assert!(endpoint_tier("eu-central-1", 2_000_000).contains("has no price from 1048576 GiB a month"));
    assert!(endpoint_tier("eu-west-3", 1000).contains("has no price from 0 GiB a month"));
    assert!(refusal("[[price]]\nregion = 3").contains("invalid type"));
    assert!(refusal("[[prices]]\nregion = \"us-east-1\"").contains("unknown field `prices`"));
    let absent = book().apply_file(&PathBuf::from("no/prices.toml")).unwrap_err();
    assert_eq!(absent.exit_code(), 2);
}

#[test]
fn a_wrong_price_file_changes_nothing() {
    let mut book = book();
    let file = price_file(
        "[[price]]\nregion = \"us-east-1\"\ncharge = \"nat_gib\"\nusd = 1\n[[discount]]\ncharge = \"x\"\npercent = 1",
    );
    assert!(book.apply_file(&file.path).is_err());
    assert_usd(book.rate("us-east-1", Charge::NatGib, 0.0), 0.045);
}

#[test]
fn the_hint_is_a_price_file() {
    let hint = book().override_hint("eu-west-3", Charge::NatGib);
    assert_eq!(
        hint,
        "[[price]]\nregion = \"eu-west-3\"\ncharge = \"nat_gib\"\n\
         usd = nan # replace by USD per GiB, from your bill or the AWS price list; likely 0.05, equal to nat_hour, as wherever both are known\n"
    );
    assert!(refusal(&hint).contains("usd is NaN"), "a guess is not pasted unseen");
    let filled = |hint: &str, usd: &str| with(&hint.replace("nan", usd));
    assert_usd(filled(&hint, "0.05").rate("eu-west-3", Charge::NatGib, 0.0), 0.05);
    let tier = filled(&book().override_hint("eu-central-1", Charge::InterfaceEndpointGib), "0.006");
    assert_usd(tier.tiered_cost("eu-central-1", Charge::InterfaceEndpointGib, 1_048_576.0, 1_048_676.0), 0.6);
    assert_usd(tier.rate("eu-central-1", Charge::InterfaceEndpointGib, 0.0), 0.01);
    // Endpoint hours differ between Regions: nothing to estimate from, and the gap cannot be pasted over unseen.
    let blank = book().override_hint("eu-west-3", Charge::InterfaceEndpointAzHour);
    assert!(blank.contains("usd = nan # replace by USD per hour"), "{blank}");
    assert!(refusal(&blank).contains("usd is NaN"));
}

#[test]
fn only_endpoint_data_has_more_than_one_price_in_a_region() {
    let book = book();
    for region in REGIONS {
        for charge in Charge::ALL.into_iter().filter(|charge| !charge.has_tiers()) {
            assert!(book.tiers(region, charge).len() <= 1, "{charge} in {region}");
        }
    }
}

#[test]
fn the_list_is_dated() {
    assert_eq!(book().as_of(), "2026-10-06");
    assert!(book().source().contains("data/pricing.csv"));
}

#[tokio::test]
async fn the_sql_table_has_tiers_with_discounts_taken_off() {
    let ctx = SessionContext::new();
    with("[[discount]]\ncharge = \"interface_endpoint_gib\"\npercent = 50").register(&ctx).unwrap();
    let sql = "SELECT * FROM prices WHERE region = 'us-east-1' AND charge IN ('interface_endpoint_gib', 'nat_hour') ORDER BY 2, 3";
    let batches = ctx.sql(sql).await.unwrap().collect().await.unwrap();
    let shown = pretty_format_batches(&batches).unwrap().to_string();
    let expected = "\
+-----------+------------------------+---------------+-------------+-------+
| region    | charge                 | tier_from_gib | tier_to_gib | usd   |
+-----------+------------------------+---------------+-------------+-------+
| us-east-1 | interface_endpoint_gib | 0.0           | 1048576.0   | 0.005 |
| us-east-1 | interface_endpoint_gib | 1048576.0     | 5242880.0   | 0.003 |
| us-east-1 | interface_endpoint_gib | 5242880.0     |             | 0.002 |
| us-east-1 | nat_hour               | 0.0           |             | 0.045 |
+-----------+------------------------+---------------+-------------+-------+";
    assert_eq!(shown, expected);
}
