//! What an explanation says, independent of its format. `--format json` is exactly this: keys may be added, never renamed or
//! removed. Money is USD per month, `None` = a price is missing (never 0).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::networks::Containing;
use crate::report::model::{Bound, Opportunity, Window};
use crate::topology::trace::Step;

/// The whole explanation (`schema_version` 1).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Explanation {
    pub schema_version: u32,
    pub window: Window,
    /// Hours in which any scope delivered any record.
    pub covered_hours: f64,
    pub asked: Question,
    /// What has to be known to read the rest. One sentence each.
    pub notes: Vec<String>,
    /// All rows that have to do with the question.
    pub seen: Sum,
    /// Those of them that the report counts under what is asked.
    pub counted: Sum,
    /// What the pieces do not account for: seen less their sum. 0, or a defect of this program.
    pub unaccounted_bytes: i64,
    /// What became of the rows, by interface and flow log.
    pub pieces: Vec<Piece>,
    pub orientation: Vec<Oriented>,
    pub services: Vec<Named>,
    /// The networks around the asked address, longest prefix first.
    pub networks: Vec<Containing>,
    pub dns: Vec<Answer>,
    pub endpoints: Vec<Offer>,
    pub paths: Vec<Taken>,
    pub path_fields: Vec<PathField>,
    pub routes: Vec<Route>,
    pub charges: Vec<Charge>,
    /// Sum of the charges.
    pub usd_month: Option<f64>,
    /// Of `usd_month`: `at_least` where a charge has no price.
    #[serde(default)]
    pub bound: Bound,
    pub opportunities: Vec<Use>,
    /// Bytes that no opportunity uses, and why.
    pub unmoved: Vec<Unmoved>,
    /// What the logs hold before any rule, with the first record of each group.
    pub records: Vec<Records>,
}

/// What was asked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Question {
    /// `peer`, `interface`, `nat_gateway` or `service`.
    pub kind: String,
    pub value: String,
    /// The keys under which the rollup keeps the peer: addresses, or networks whose addresses are kept together.
    pub peer_keys: Vec<String>,
}

/// Records and bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Sum {
    pub records: u64,
    pub bytes: u64,
}

/// Rows of one interface in one flow log that met the same fate.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Piece {
    pub vantage: Option<String>,
    pub role: Option<String>,
    /// The recorded interface, or the regional NAT gateway.
    pub entity: String,
    pub flow_log_id: Option<String>,
    pub direction: Option<String>,
    /// `counted`, `counted_elsewhere`, `evidence` or `not_counted`.
    pub verdict: String,
    pub reason: String,
    /// The rule in words.
    #[serde(default)]
    pub rule: String,
    pub records: u64,
    pub packets: u64,
    pub bytes: u64,
}

/// Rows whose client is known in the same way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Oriented {
    pub vantage: Option<String>,
    pub leg: Option<String>,
    pub direction: Option<String>,
    pub oriented_by: Option<String>,
    pub initiator: Option<String>,
    pub opened_from: Option<String>,
    /// Why the client is the client, in words.
    #[serde(default)]
    pub rule: String,
    /// Who opened the connection and how that is known, in words.
    #[serde(default)]
    pub opened_rule: String,
    pub records: u64,
    pub bytes: u64,
}

/// Bytes named by the same step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Named {
    pub service: String,
    pub service_evidence: Option<String>,
    pub peer_region: Option<String>,
    /// `named`, `ambiguous`, `outside`, `conflict`, `agrees`; None: DNS said nothing.
    pub dns_verdict: Option<String>,
    /// The gateway service whose endpoint would carry the peer.
    pub gateway_service: Option<String>,
    /// The steps in words.
    #[serde(default)]
    pub rule: String,
    pub peers: u64,
    pub records: u64,
    pub bytes: u64,
}

/// Names that the resolver gave for a peer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Answer {
    pub address: String,
    /// 1 a client of these bytes, 2 its VPC, 3 the account and Region.
    pub tier: u8,
    /// The chain of names, asked one first.
    pub names: Option<String>,
    pub kind: Option<String>,
    pub service: Option<String>,
    pub service_region: Option<String>,
    pub covered: Option<bool>,
    /// No measure of traffic: caches ask once.
    pub queries: u64,
    /// Unix seconds.
    pub first_seen: Option<i64>,
    pub last_seen: Option<i64>,
}

/// What the endpoint catalogue offers for a service, and what a VPC has of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Offer {
    pub service: String,
    pub region: Option<String>,
    pub vpc_id: Option<String>,
    pub display_name: Option<String>,
    pub supports_gateway: bool,
    pub supports_interface: bool,
    pub private_dns: Option<String>,
    /// An endpoint that the clients' VPC has.
    pub endpoint_id: Option<String>,
    pub endpoint_type: Option<String>,
    pub state: Option<String>,
    pub private_dns_enabled: Option<bool>,
    pub bytes: u64,
}

/// Bytes whose path is known in the same way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Taken {
    pub path: String,
    pub path_evidence: Option<String>,
    pub via: Option<String>,
    /// The hops behind a private NAT gateway.
    #[serde(default)]
    pub onward: Option<String>,
    pub nat_gateway_id: Option<String>,
    pub endpoint_id: Option<String>,
    /// The log says otherwise than the route tables.
    pub conflict: bool,
    pub nat_unmatched: bool,
    pub endpoint_unmatched: bool,
    /// The evidence in words.
    #[serde(default)]
    pub rule: String,
    pub records: u64,
    pub bytes: u64,
}

/// What the log's own fields say of the path.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PathField {
    pub path_seen: Option<String>,
    pub traffic_path: Option<i64>,
    pub next_hop_interface_type: Option<String>,
    pub next_hop_interface_id: Option<String>,
    pub direction: Option<String>,
    pub records: u64,
    pub bytes: u64,
}

/// Where the route tables lead.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Route {
    /// `out` from a subnet of clients to its largest peer, or `back` from a gateway to a client: that tells the hops before it.
    pub way: String,
    pub vpc_id: Option<String>,
    pub subnet_id: Option<String>,
    /// Where it leads to: a peer, or a client's address.
    pub peer_key: String,
    /// Bytes that go this way.
    pub bytes: u64,
    pub path: String,
    pub via: Option<String>,
    pub steps: Vec<Step>,
}

/// Bytes that cost the same per GiB.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Charge {
    /// Whose coverage scales them to a month: `nat:` or `endpoint:` and an id, then the flow logs that watch the clients.
    pub scope: String,
    pub covered_hours: Option<f64>,
    /// Hours of the window in which the gateway existed.
    #[serde(default)]
    pub life_hours: Option<f64>,
    /// 730 h over the window's, times life over what of it is covered.
    pub factor: Option<f64>,
    pub path: String,
    pub via: Option<String>,
    #[serde(default)]
    pub onward: Option<String>,
    pub nat_gateway_id: Option<String>,
    pub crosses_az: bool,
    /// Whether a zone border is crossed is not known for some of them; then none is charged.
    pub az_unknown: bool,
    pub bytes: u64,
    pub gib_month: Option<f64>,
    /// USD per GiB, as the following.
    pub nat_rate: Option<f64>,
    pub inter_az_rate: Option<f64>,
    pub transit_gateway_rate: Option<f64>,
    pub endpoint_rate: Option<f64>,
    pub gwlb_rate: Option<f64>,
    pub firewall_rate: Option<f64>,
    pub usd_per_gib: Option<f64>,
    pub missing_prices: Option<String>,
    pub usd_month: Option<f64>,
}

/// An opportunity and how many of the asked bytes it uses.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Use {
    pub bytes: u64,
    #[serde(flatten)]
    pub opportunity: Opportunity,
}

/// Bytes that no opportunity uses.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Unmoved {
    pub reason: String,
    /// The reason in words.
    pub rule: String,
    pub bytes: u64,
}

/// Log records of one interface, direction and action.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Records {
    pub flow_log_id: Option<String>,
    pub interface_id: String,
    pub flow_direction: Option<String>,
    pub action: Option<String>,
    pub log_status: Option<String>,
    pub records: u64,
    pub bytes: Option<u64>,
    /// The earliest record: `object` and the fields that it has.
    pub first: BTreeMap<String, Value>,
}
