//! The questions that flow logs answer, with the fields each needs. The recommended format is the union of these fields.

use crate::inventory::model::InventoryFile::{self, *};
use crate::record::fields::{FIELDS, Field};

/// One question.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// Stable name.
    pub id: &'static str,
    /// In a few words.
    pub question: &'static str,
    /// All of these, by AWS's names.
    pub fields: &'static [&'static str],
    /// Files that stand in for the fields, all of them, as of the day they were taken; none = nothing does.
    pub inventory: &'static [InventoryFile],
    /// What it costs in certainty when a field is missing.
    pub without: &'static str,
}

const fn answer(
    id: &'static str,
    question: &'static str,
    fields: &'static [&'static str],
    inventory: &'static [InventoryFile],
    without: &'static str,
) -> Answer {
    Answer { id, question, fields, inventory, without }
}

/// All questions, the most valuable first.
#[rustfmt::skip]
pub static ANSWERS: [Answer; 14] = [
    answer("bytes", "who talked to whom, when and how much", &["srcaddr", "dstaddr", "packets", "bytes", "start", "end"], &[],
        "records cannot be placed, or not be counted at all"),
    answer("coverage", "which hours are covered", &["log-status"], &[],
        "lost records (SKIPDATA) and quiet hours cannot be told from hours without a log"),
    answer("accepted", "which traffic went through", &["action"], &[],
        "rejected traffic is counted with the rest"),
    answer("interface", "at which interface", &["account-id", "interface-id"], &[],
        "the same bytes cannot be told apart at the interfaces they pass; no path but the log's own"),
    answer("forwarded", "clients and pods behind gateways", &["pkt-srcaddr", "pkt-dstaddr"], &[],
        "the log of a NAT gateway names no clients and covers nothing; pods and secondary addresses are unknown"),
    answer("service", "S3 and DynamoDB by AWS's own word", &["pkt-src-aws-service", "pkt-dst-aws-service"], &[PrefixLists],
        "S3 and DynamoDB rest on address ranges"),
    answer("path", "the path as it was taken", &["traffic-path"], &[RouteTables],
        "paths rest on route tables as they are today"),
    answer("direction", "which side is the client", &["flow-direction"], &[NetworkInterfaces],
        "which side is the client rests on addresses"),
    answer("initiator", "who opened the connection", &["srcport", "dstport", "protocol", "tcp-flags"], &[],
        "who opened a connection rests on port numbers, or stays open"),
    answer("owner", "whose interface it was", &["vpc-id", "subnet-id", "region"], &[NetworkInterfaces],
        "owners come from the inventory as it is today; interfaces that are gone have none"),
    answer("zone", "dollars between zones", &["az-id"], &[Subnets],
        "inter-AZ dollars rest on zones of the inventory, or are left out"),
    answer("gateway", "which interfaces are gateways and endpoints", &["instance-id", "interface-type"], &[NetworkInterfaces, NatGateways],
        "gateways and endpoints are known from the inventory alone; those that are gone are taken for clients"),
    answer("regional_nat", "regional NAT gateways", &["resource-id"], &[NatGateways],
        "regional NAT gateways cannot be told apart"),
    answer("next_hop", "the next hop as it was taken", &["next-hop-interface-id", "next-hop-az-id", "next-hop-interface-type"], &[RouteTables],
        "paths through NAT gateways, transit gateways and endpoints rest on route tables as they are today"),
];

/// The fields of the recommended format, in AWS's order.
pub fn wanted() -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(|field| is_wanted(field.name))
}

/// Whether any question needs the field.
pub fn is_wanted(name: &str) -> bool {
    ANSWERS.iter().any(|answer| answer.fields.contains(&name))
}

/// Fields as AWS takes them in a log format.
pub fn log_format<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("${{{name}}}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_the_pipeline_reads_is_recommended_and_no_other() {
        let sql = crate::queries::UNFOLDED.sql;
        let words = |name: &str| sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == name);
        // Only the records of transit gateways are asked for the VPC that they went to.
        for field in FIELDS.iter().filter(|field| field.name != "next-hop-vpc-id") {
            assert_eq!(is_wanted(field.name), words(field.column), "{}", field.name);
        }
    }

    #[test]
    fn the_questions_name_known_fields_once() {
        let names: Vec<_> = ANSWERS.iter().flat_map(|answer| answer.fields).collect();
        for name in &names {
            assert!(Field::position(name).is_some(), "{name}");
            assert_eq!(names.iter().filter(|other| other == &name).count(), 1, "{name}");
        }
        assert_eq!(log_format(["start", "end"]), "${start} ${end}");
    }
}
