//! Host names to AWS services, by the patterns of the endpoint catalogue.

use std::collections::HashMap;

use super::catalogue::{EndpointServiceFact, PrivateDns};
use crate::inventory::region::{is_region, of_zone_id};

/// The service behind a host name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostMatch {
    /// As in the catalogue; a `{cell}` is filled in with the name's.
    pub service_id: String,
    /// The Region in the name; `None` for names without one (`sts.amazonaws.com`): the address tells where they lead.
    pub region: Option<String>,
    /// Private DNS of an interface endpoint takes the name over.
    pub covered: bool,
}

/// Patterns by their last two labels.
#[derive(Debug, Clone, Default)]
pub(super) struct HostIndex {
    by_tail: HashMap<String, Vec<Pattern>>,
}

#[derive(Debug, Clone)]
struct Pattern {
    pieces: Vec<Piece>,
    /// Characters that are not placeholders: the more, the more specific.
    literal: usize,
    service_id: String,
    covered: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Region,
    Zone,
    Cell,
    /// `*` for whole labels, one or more.
    Labels,
    /// `*` inside a label.
    Part,
}

impl HostIndex {
    pub(super) fn new(services: &[EndpointServiceFact]) -> Self {
        let mut index = Self::default();
        for service in services {
            // Which endpoints carry the dual-stack name differs from service to service and is rarely written down.
            let dual_stack = service.private_dns == PrivateDns::Documented;
            let hosts = (service.dns_names.iter().map(|host| (host, true)))
                .chain(service.dualstack_dns.iter().map(|host| (host, dual_stack)))
                .chain(service.uncovered_hosts.iter().map(|host| (host, false)));
            for (host, covered) in hosts {
                let covered = covered && service.private_dns != PrivateDns::No;
                let pattern = Pattern::new(host, &service.service_id, covered);
                index.by_tail.entry(tail(host).to_owned()).or_default().push(pattern);
            }
        }
        for patterns in index.by_tail.values_mut() {
            patterns.sort_by(|a, b| b.literal.cmp(&a.literal).then_with(|| a.service_id.cmp(&b.service_id)));
        }
        index
    }

    /// The most specific match of a lower-case name without trailing dot.
    pub(super) fn find(&self, name: &str) -> Option<HostMatch> {
        // Longer ones are no names of DNS.
        if name.len() > 253 {
            return None;
        }
        self.by_tail.get(tail(name))?.iter().find_map(|pattern| pattern.match_name(name))
    }
}

fn tail(name: &str) -> &str {
    name.rmatch_indices('.').nth(1).map_or(name, |(dot, _)| &name[dot + 1..])
}

impl Pattern {
    fn new(host: &str, service_id: &str, covered: bool) -> Self {
        let mut pieces = Vec::new();
        let mut rest = host;
        while !rest.is_empty() {
            let (piece, length) = match rest {
                _ if rest.starts_with("{region}") => (Piece::Region, 8),
                _ if rest.starts_with("{azid}") => (Piece::Zone, 6),
                _ if rest.starts_with("{cell}") => (Piece::Cell, 6),
                _ if rest.starts_with("*.")
                    && (pieces.is_empty() || host.as_bytes()[host.len() - rest.len() - 1] == b'.') =>
                {
                    (Piece::Labels, 1)
                }
                _ if rest.starts_with('*') => (Piece::Part, 1),
                _ => {
                    let length = rest[1..].find(['{', '*']).map_or(rest.len(), |at| at + 1);
                    (Piece::Literal(rest[..length].to_owned()), length)
                }
            };
            pieces.push(piece);
            rest = &rest[length..];
        }
        let literal = |piece: &Piece| if let Piece::Literal(text) = piece { text.len() } else { 0 };
        let literal = pieces.iter().map(literal).sum();
        Self { pieces, literal, service_id: service_id.to_owned(), covered }
    }

    fn match_name(&self, name: &str) -> Option<HostMatch> {
        let mut found = Found::default();
        matches(&self.pieces, name, &mut found).then(|| HostMatch {
            service_id: match found.cell {
                Some(cell) => self.service_id.replace("{cell}", cell),
                None => self.service_id.clone(),
            },
            region: found.region.or_else(|| self.fixed_region()).map(str::to_owned),
            covered: self.covered,
        })
    }

    /// `networkmanager.us-west-2.amazonaws.com`: the one Region that the service lives in.
    fn fixed_region(&self) -> Option<&str> {
        let literals =
            self.pieces.iter().filter_map(|piece| if let Piece::Literal(text) = piece { Some(text) } else { None });
        literals.flat_map(|text| text.split('.')).find(|label| is_region(label))
    }
}

#[derive(Debug, Default, Clone, Copy)]
struct Found<'n> {
    region: Option<&'n str>,
    cell: Option<&'n str>,
}

/// Backtracking over at most a handful of placeholders, each of which ends at a dot or at the end.
fn matches<'n>(pieces: &[Piece], name: &'n str, found: &mut Found<'n>) -> bool {
    let Some((piece, pieces)) = pieces.split_first() else { return name.is_empty() };
    if let Piece::Literal(text) = piece {
        return name.strip_prefix(text.as_str()).is_some_and(|rest| matches(pieces, rest, found));
    }
    let whole_labels = *piece == Piece::Labels;
    let ends = name.char_indices().map(|(at, _)| at).chain([name.len()]).skip(1);
    for end in ends {
        let (text, rest) = name.split_at(end);
        if !whole_labels && text.ends_with('.') {
            return false;
        }
        let fits = match piece {
            Piece::Region => is_region(text),
            Piece::Zone => of_zone_id(text).is_some(),
            Piece::Labels => rest.starts_with('.') && !text.split('.').any(str::is_empty),
            _ => true,
        };
        if fits && matches(pieces, rest, found) {
            match piece {
                Piece::Region => found.region = Some(text),
                Piece::Cell => found.cell = Some(text),
                _ => {}
            }
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::address::Catalogue;

    #[test]
    fn names_of_services() {
        let catalogue = Catalogue::embedded().unwrap();
        for (name, expected) in [
            ("sqs.us-east-1.amazonaws.com", Some(("sqs", Some("us-east-1"), true))),
            ("sqs.eu-west-1.amazonaws.com", Some(("sqs", Some("eu-west-1"), true))),
            ("sqs.us-gov-west-1.api.aws", Some(("sqs", Some("us-gov-west-1"), true))),
            ("queue.amazonaws.com", Some(("sqs", None, false))),
            ("eu-west-1.queue.amazonaws.com", Some(("sqs", Some("eu-west-1"), false))),
            ("sts.amazonaws.com", Some(("sts", None, false))),
            ("sts.us-east-1.amazonaws.com", Some(("sts", Some("us-east-1"), true))),
            ("lambda.us-east-1.api.aws", Some(("lambda", Some("us-east-1"), false))),
            ("a1b2c3.execute-api.us-east-1.amazonaws.com", Some(("execute-api", Some("us-east-1"), true))),
            ("execute-api.us-east-1.amazonaws.com", None),
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com", Some(("ecr.dkr", Some("eu-west-1"), true))),
            ("api.ecr.eu-west-1.amazonaws.com", Some(("ecr.api", Some("eu-west-1"), true))),
            ("a.b.s3.us-east-1.amazonaws.com", Some(("s3", Some("us-east-1"), true))),
            ("bucket.s3.amazonaws.com", Some(("s3", None, false))),
            ("bucket.s3-us-west-2.amazonaws.com", Some(("s3", Some("us-west-2"), false))),
            (
                "b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com",
                Some(("s3express", Some("us-east-1"), false)),
            ),
            ("dynamodb.us-east-1.amazonaws.com", Some(("dynamodb", Some("us-east-1"), false))),
            ("x.credentials.iot.us-east-1.amazonaws.com", Some(("iot.credentials", Some("us-east-1"), false))),
            ("x.iot.us-east-1.amazonaws.com", Some(("iot.data", Some("us-east-1"), false))),
            ("ecs-a-3.us-east-1.amazonaws.com", Some(("ecs-agent", Some("us-east-1"), true))),
            (
                "query-cell2.timestream.us-east-1.amazonaws.com",
                Some(("timestream.query-cell2", Some("us-east-1"), true)),
            ),
            ("networkmanager.us-west-2.amazonaws.com", Some(("networkmanager", Some("us-west-2"), true))),
            ("iam.amazonaws.com", Some(("iam", None, true))),
            ("my.studio.us-east-1.sagemaker.aws", Some(("sagemaker.studio", Some("us-east-1"), true))),
            ("ec2-203-0-113-9.compute-1.amazonaws.com", None),
            ("my-lb-1.us-east-1.elb.amazonaws.com", None),
            ("sqs.us-east-1.amazonaws.com.cn", None),
            ("sqs.us-east-1.amazonaws.com.evil.example", None),
            ("sqs.us-east-9a.amazonaws.com", None),
            (".s3.us-east-1.amazonaws.com", None),
            ("amazonaws.com", None),
            ("", None),
        ] {
            let found = catalogue.service_of_host(name);
            let found = found.as_ref().map(|m| (m.service_id.as_str(), m.region.as_deref(), m.covered));
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn each_pattern_names_its_own_service() {
        let catalogue = Catalogue::embedded().unwrap();
        let mut tried = 0;
        for service in catalogue.services() {
            for pattern in service.dns_names.iter().chain(&service.dualstack_dns).chain(&service.uncovered_hosts) {
                let name = pattern.replace("{region}", "eu-west-1").replace("{azid}", "euw1-az2").replace('*', "q7");
                let found = catalogue.service_of_host(&name.replace("{cell}", "c1")).unwrap();
                assert_eq!(found.service_id, service.service_id.replace("{cell}", "c1"), "{name}");
                tried += 1;
            }
        }
        assert!(tried > 770, "{tried}");
    }
}
