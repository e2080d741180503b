//! How to make a change: the AWS CLI commands, the Terraform, and what can go wrong.

use serde::Serialize;

use super::model::Opportunity;
use super::risks::risks;
use super::templates::{PLACEHOLDER, exists, fill};
use crate::Result;

/// What the templates may use. Values that neither logs nor inventory tell are [`PLACEHOLDER`].
#[derive(Debug, Serialize)]
struct Facts<'a> {
    region: &'a str,
    vpc_id: &'a str,
    service: &'a str,
    endpoint_service_name: String,
    endpoint_id: &'a str,
    endpoint_known: bool,
    /// Whether the interface endpoint goes altogether.
    endpoint_goes: bool,
    tables: Vec<&'a str>,
    subnet_ids: &'a [String],
    az_ids: &'a [String],
    az_count: u64,
    nat_gateway_ids: Vec<&'a str>,
}

/// Fills `aws_cli`, `terraform` and `risks` from the other fields. A kind without templates gets none.
///
/// The commands of `create_interface_endpoint` expect one subnet a zone in `subnet_ids`; given more they say so.
pub fn advise(one: &mut Opportunity) -> Result<()> {
    let commands = filled(one, "sh")?;
    one.aws_cli = commands.split("\n\n").map(str::trim).filter(|text| !text.is_empty()).map(Into::into).collect();
    one.terraform = filled(one, "tf")?.trim().into();
    one.risks = risks(one);
    Ok(())
}

fn filled(one: &Opportunity, language: &str) -> Result<String> {
    let template = format!("{}.{language}", one.kind);
    if exists(&template) { fill(&template, facts(one)) } else { Ok(String::new()) }
}

fn known(value: Option<&String>) -> &str {
    value.map_or(PLACEHOLDER, String::as_str)
}

fn facts(one: &Opportunity) -> Facts<'_> {
    Facts {
        region: known(one.region.as_ref()),
        vpc_id: known(one.vpc_id.as_ref()),
        service: known(one.service.as_ref()),
        endpoint_service_name: service_name(one),
        endpoint_id: known(one.endpoint_id.as_ref()),
        endpoint_known: one.endpoint_id.is_some(),
        endpoint_goes: one.saves.endpoint_hours_usd.is_some_and(|usd| usd > 0.0),
        tables: tables(one),
        subnet_ids: &one.subnet_ids,
        az_ids: &one.az_ids,
        az_count: one.az_count,
        nat_gateway_ids: or_placeholder(one.nat_gateway_ids.iter().map(String::as_str).collect()),
    }
}

fn service_name(one: &Opportunity) -> String {
    let derived = || Some(format!("com.amazonaws.{}.{}", one.region.as_ref()?, one.service.as_ref()?));
    one.endpoint_service_name.clone().or_else(derived).unwrap_or_else(|| PLACEHOLDER.into())
}

fn tables(one: &Opportunity) -> Vec<&str> {
    let shares = one.route_tables.iter().map(|table| table.id.as_str());
    let mut tables: Vec<_> = one.route_table_ids.iter().map(String::as_str).collect();
    if tables.is_empty() {
        tables.extend(shares);
    }
    or_placeholder(tables)
}

fn or_placeholder(ids: Vec<&str>) -> Vec<&str> {
    if ids.is_empty() { vec![PLACEHOLDER] } else { ids }
}
