//! What a report says, independent of its format. `--format json` is exactly this, so the names are a contract:
//! keys may be added, never renamed or removed. Money is USD per month, `None` = a price is missing (never 0); a sum without some of
//! its charges says so by its bound.

use serde::{Deserialize, Serialize};

/// The whole report (`schema_version` 1).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Report {
    pub schema_version: u32,
    /// Why no record could be used, the object first; None of a report. There are no dollars beside it.
    #[serde(default)]
    pub nothing_usable: Option<String>,
    /// RFC 3339, UTC.
    pub generated_at: String,
    pub window: Window,
    pub currency: String,
    pub coverage: Coverage,
    pub traffic: Vec<TrafficRow>,
    pub nat_gateways: Vec<NatGatewayRow>,
    pub endpoints: Vec<EndpointRow>,
    pub opportunities: Vec<Opportunity>,
    pub totals: Totals,
    pub prices: Prices,
    /// What lowers certainty: absent inventory files, missing fields, inferred evidence. One sentence each.
    pub notices: Vec<String>,
}

/// What a dollar figure says where prices are missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Every charge that belongs to it is known.
    #[default]
    Exact,
    /// The known charges alone: a price is missing, or where the bytes go on from a transit gateway is not known.
    AtLeast,
}

impl Bound {
    /// Of a sum.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if self == Self::Exact { other } else { self }
    }
}

/// The time looked at, UTC, RFC 3339; `hours` between the two.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Window {
    pub start: Option<String>,
    pub end: Option<String>,
    pub hours: f64,
}

impl Window {
    /// `hours` as a share of the window, 1 at most; None for an empty window.
    pub fn share(&self, hours: f64) -> Option<f64> {
        (self.hours > 0.0).then(|| (hours / self.hours).min(1.0))
    }
}

/// What was read and what could not be settled.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Coverage {
    pub objects: u64,
    pub records: u64,
    pub accepted: u64,
    pub rejected: u64,
    pub nodata: u64,
    pub skipdata: u64,
    pub malformed: u64,
    pub damaged_objects: u64,
    pub duplicate_objects: u64,
    /// Events of log groups that were delivered again and counted once.
    pub duplicate_events: u64,
    pub duplicate_bytes: u64,
    /// Hours in which any scope delivered any record.
    pub covered_hours: f64,
    /// All classified bytes, each once.
    pub bytes: u64,
    /// Those with a service; private peers and addresses that are not AWS's count as known.
    pub service_known_bytes: u64,
    /// Those with a network path.
    pub path_known_bytes: u64,
    pub unresolved_bytes: u64,
    pub unoriented_bytes: u64,
    pub path_conflict_bytes: u64,
    pub nat_unmatched_bytes: u64,
    pub endpoint_unmatched_bytes: u64,
    pub az_unknown_bytes: u64,
    pub scopes: Vec<CoverageScope>,
    /// NAT gateways and endpoint interfaces, and how far their own logs speak.
    pub gateways: Vec<GatewayCoverage>,
    /// Stretches of the window without any record of a flow log, NAT gateway or endpoint interface.
    pub gaps: Vec<Gap>,
    /// Where AWS dropped records.
    pub skipdata_hours: Vec<SkippedHour>,
    /// What is behind `unresolved_bytes`, by range label.
    pub unresolved: Vec<UnresolvedRange>,
    /// Where the bytes of each of the figures above are, and those without a path.
    pub unsettled: Vec<Unsettled>,
    /// Malformed lines by reason, with up to three samples each.
    pub malformed_by_reason: Vec<MalformedReason>,
    /// Objects that were damaged or refused, and why.
    pub damaged: Vec<DamagedObject>,
    /// Objects left out because another copy was read, a hundred at most.
    pub duplicates: Vec<String>,
    /// Bytes to addresses that had several services, or a service and another name, within the look-back: unresolved.
    pub dns_ambiguous_bytes: u64,
    /// Bytes whose S3 or DynamoDB code disagrees with the name of the address; the code stays.
    pub dns_conflict_bytes: u64,
    /// Resolver query logs; `None` without `--resolver`.
    pub resolver: Option<ResolverCoverage>,
    /// Transit gateway flow logs among the sources; `None` where there were none.
    pub transit_gateway_logs: Option<TransitGatewayCoverage>,
}

/// What was read of transit gateway flow logs. They tell which bytes passed a transit gateway and are in no other figure.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct TransitGatewayCoverage {
    pub objects: u64,
    pub records: u64,
}

/// What was read of the Route 53 Resolver query logs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct ResolverCoverage {
    pub objects: u64,
    pub records: u64,
    /// Queries in good records: the same as `records`, by the name that readers look for.
    pub queries: u64,
    /// Addresses in good records. Not a measure of traffic: answers from a cache are not logged.
    pub answers: u64,
    pub malformed: u64,
    pub malformed_by_reason: Vec<MalformedReason>,
    /// Objects that were damaged or refused, and why.
    pub damaged: Vec<DamagedObject>,
    pub duplicate_objects: u64,
}

/// Coverage of one flow log in one VPC.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct CoverageScope {
    pub account_id: Option<String>,
    pub region: Option<String>,
    pub vpc_id: Option<String>,
    pub flow_log_id: Option<String>,
    /// Hours in which any of its interfaces delivered any record.
    pub covered_hours: f64,
    pub skipdata_slots: u64,
    /// `covered_hours` over the window's hours, 1 at most; None for an empty window.
    pub window_share: Option<f64>,
    pub interfaces: u64,
    /// Objects read of the flow log, whichever the VPC.
    pub objects: u64,
    pub records: u64,
    pub accepted: u64,
    pub rejected: u64,
    pub nodata: u64,
    pub skipdata: u64,
    /// Malformed lines of the flow log, whichever the VPC.
    pub malformed: u64,
    /// Objects of the flow log that were not read in whole, whichever the VPC.
    pub damaged_objects: u64,
    /// Accepted bytes as logged, at every interface they crossed.
    pub bytes: u64,
    /// Those left to another flow log of the same interfaces.
    pub duplicate_bytes: u64,
    /// Columns of its format.
    pub fields: u64,
    /// Whether its format has packet-level addresses.
    pub has_packet_fields: bool,
    /// `accepted`; `rejected`: it says nothing of accepted bytes and covers nothing; `undecided`: it shows neither.
    pub recorded_traffic: Option<String>,
}

/// How far the own log of a NAT gateway or of one interface of an endpoint speaks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct GatewayCoverage {
    /// `nat_gateway` or `endpoint`.
    pub kind: String,
    pub id: String,
    /// The endpoint's interface; None for a NAT gateway.
    pub interface_id: Option<String>,
    pub account_id: Option<String>,
    pub region: Option<String>,
    pub vpc_id: Option<String>,
    /// Slots with a record and none skipped, in hours.
    pub covered_hours: f64,
    pub window_share: Option<f64>,
    /// Hours whose every slot in the window is covered: only there its own rows count alone.
    pub full_hours: u64,
    pub partial_hours: u64,
    pub skipdata_slots: u64,
    /// None without a log. False at a NAT gateway: its rows name no clients, so it counts as not covered.
    pub has_packet_fields: Option<bool>,
    /// Hours that its monthly figures are scaled from; workload rows may stand in for its own.
    pub scaled_hours: f64,
}

/// A stretch of the window without records.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Gap {
    /// `flow_log`, `nat_gateway` or `endpoint`.
    pub kind: String,
    pub id: String,
    /// The endpoint's interface.
    pub interface_id: Option<String>,
    pub account_id: Option<String>,
    pub region: Option<String>,
    pub vpc_id: Option<String>,
    /// RFC 3339, UTC.
    pub start: String,
    /// RFC 3339, UTC, not part of it.
    pub end: String,
    pub hours: f64,
}

/// An hour of an interface in which AWS dropped records.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SkippedHour {
    pub account_id: Option<String>,
    pub region: Option<String>,
    pub vpc_id: Option<String>,
    pub flow_log_id: Option<String>,
    pub interface_id: Option<String>,
    /// RFC 3339, UTC.
    pub hour: String,
    /// 10-minute slots of the hour, 1 to 6.
    pub slots: u64,
    /// SKIPDATA records that start in it.
    pub records: u64,
}

/// Bytes of one range label, whose service is not known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct UnresolvedRange {
    /// `range:amazon`, `range:ec2`, ...
    pub label: String,
    pub bytes: u64,
    /// Those on NAT gateways.
    pub nat_bytes: u64,
    pub peer_count: u64,
    /// Ten at most, most bytes first.
    pub peers: Vec<UnresolvedPeer>,
}

/// Bytes of one VPC's clients that one of the rules does not settle. A byte may have several reasons.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Unsettled {
    /// `service_unresolved`, `dns_ambiguous`, `dns_conflict`, `path_unknown`, `path_conflict`, `nat_unmatched`,
    /// `endpoint_unmatched`, `zone_unknown` or `unoriented`.
    pub reason: String,
    pub account_id: Option<String>,
    pub region: Option<String>,
    /// None where the client is not known to be of one VPC.
    pub vpc_id: Option<String>,
    pub bytes: u64,
}

/// One peer behind a range label.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct UnresolvedPeer {
    /// An address, or the network of all addresses that nothing tells apart; of a NAT gateway whose log has no packet fields also the
    /// first of several such networks with the number of the others (`3.2.0.0/24+259`).
    pub peer: String,
    pub bytes: u64,
    pub nat_bytes: u64,
}

/// Malformed lines of one reason.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct MalformedReason {
    pub reason: String,
    pub lines: u64,
    pub samples: Vec<MalformedSample>,
}

/// One malformed line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct MalformedSample {
    pub object: String,
    /// 1-based.
    pub line: u64,
    /// At most 200 characters, control characters escaped.
    pub text: String,
}

/// An object that was not read in whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DamagedObject {
    pub object: String,
    pub reason: String,
    /// Good rows that were read before the damage (0 when refused).
    pub records: u64,
}

/// Classified bytes over the window, one row per key; the owner columns are the client's.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct TrafficRow {
    pub account_id: Option<String>,
    pub region: Option<String>,
    pub vpc_id: Option<String>,
    pub subnet_id: Option<String>,
    pub az_id: Option<String>,
    pub interface_id: Option<String>,
    pub service: String,
    pub service_evidence: Option<String>,
    pub peer_region: Option<String>,
    pub path: String,
    pub path_evidence: Option<String>,
    pub via: Option<String>,
    /// The hops behind a private NAT gateway.
    #[serde(default)]
    pub onward: Option<String>,
    pub nat_gateway_id: Option<String>,
    pub endpoint_id: Option<String>,
    /// `outbound` or `inbound`, as the client sees it.
    pub direction: String,
    pub records: u64,
    pub packets: u64,
    pub bytes: u64,
    /// The known charges; None where no charge that applies has a price.
    pub usd_month: Option<f64>,
    #[serde(default)]
    pub bound: Bound,
    /// Hours that `usd_month` is scaled from: the least of its scopes.
    #[serde(default)]
    pub covered_hours: f64,
    #[serde(default)]
    pub window_share: Option<f64>,
}

/// One NAT gateway, seen in the logs or in the inventory.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct NatGatewayRow {
    pub nat_gateway_id: String,
    pub account_id: Option<String>,
    pub region: Option<String>,
    pub vpc_id: Option<String>,
    pub az_id: Option<String>,
    pub processed_bytes: u64,
    pub monthly_gib: Option<f64>,
    pub hours_usd: Option<f64>,
    pub processing_usd: Option<f64>,
    pub inter_az_usd: Option<f64>,
    pub transit_gateway_usd: Option<f64>,
    /// Cost of the bytes as logged, without scaling to a month.
    pub observed_usd: Option<f64>,
    /// Of the sum of its charges: one that is None is not in it.
    #[serde(default)]
    pub bound: Bound,
    pub movable_bytes: u64,
    /// Internet leg bytes over client leg bytes, covered hours only.
    pub leg_ratio: Option<f64>,
    /// Workload rows over NAT rows of the same exchanges, covered hours only.
    pub vantage_ratio: Option<f64>,
    /// False when no log speaks for it: then nothing is concluded from silence.
    pub observed: bool,
    /// Hours that its monthly figures are scaled from.
    #[serde(default)]
    pub covered_hours: f64,
    /// The same as a share of `life_hours`, 1 at most.
    #[serde(default)]
    pub window_share: Option<f64>,
    /// Hours of the window in which it existed; its monthly figures are for that part of a month.
    #[serde(default)]
    pub life_hours: Option<f64>,
    /// What a whole month costs where it is younger than the window; in no total.
    #[serde(default)]
    pub run_rate_usd_month: Option<f64>,
}

/// One VPC endpoint.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct EndpointRow {
    pub endpoint_id: String,
    #[serde(rename = "type", alias = "endpoint_type")]
    pub endpoint_type: String,
    pub account_id: Option<String>,
    pub region: Option<String>,
    pub vpc_id: Option<String>,
    pub service: String,
    pub az_count: u64,
    pub processed_bytes: u64,
    pub monthly_gib: Option<f64>,
    pub hours_usd: Option<f64>,
    pub processing_usd: Option<f64>,
    /// Of the sum of its charges: one that is None is not in it.
    #[serde(default)]
    pub bound: Bound,
    pub observed: bool,
    /// Hours that its monthly figures are scaled from.
    #[serde(default)]
    pub covered_hours: f64,
    /// The same as a share of `life_hours`, 1 at most.
    #[serde(default)]
    pub window_share: Option<f64>,
    /// Hours of the window in which it existed; its hours are charged for that part of a month.
    #[serde(default)]
    pub life_hours: Option<f64>,
}

/// One thing to do.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
#[serde(default)]
pub struct Opportunity {
    /// Stable over runs: hash of kind, payer, Region, VPC, service, resource.
    pub id: String,
    pub kind: String,
    /// `adopt`, `consider`, `skip` or `unpriced`.
    pub decision: String,
    pub account_id: Option<String>,
    pub payer_account_id: Option<String>,
    pub client_account_ids: Vec<String>,
    pub region: Option<String>,
    pub vpc_id: Option<String>,
    pub service: Option<String>,
    pub endpoint_service_name: Option<String>,
    pub endpoint_id: Option<String>,
    pub nat_gateway_ids: Vec<String>,
    pub route_table_ids: Vec<String>,
    pub route_tables: Vec<RouteTableShare>,
    pub subnet_ids: Vec<String>,
    pub az_ids: Vec<String>,
    pub az_count: u64,
    pub observed_bytes: u64,
    pub monthly_gib: Option<f64>,
    pub break_even_gib_month: Option<f64>,
    pub saves: Saves,
    pub adds: Adds,
    /// Sum of `saves` less sum of `adds`; None when unpriced, and where a cost has no price.
    pub net_usd_month: Option<f64>,
    /// `at_least` where a saving is left out of `net_usd_month` and `range`, or a price keeps them from being stated.
    pub bound: Bound,
    /// Who pays less, and how much; adds up to `net_usd_month`. Costs are the payer's.
    pub saves_by_payer: Vec<PayerShare>,
    pub range: Option<Range>,
    /// Hours covered of the least covered scope that the figures rest on.
    pub covered_hours: f64,
    /// The same as a share of the window, 1 at most.
    pub window_share: Option<f64>,
    /// `high`, `medium` or `low`.
    pub confidence: String,
    /// Ids of opportunities that must be done first.
    pub depends_on: Vec<String>,
    pub why: String,
    pub aws_cli: Vec<String>,
    pub terraform: String,
    pub risks: Vec<String>,
    /// The price overrides to write for what `bound` leaves out.
    pub missing_prices: Vec<String>,
}

/// What one account pays less a month.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PayerShare {
    /// None where the account is not known.
    pub account_id: Option<String>,
    pub usd: f64,
}

/// The part of an opportunity that one route table carries.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RouteTableShare {
    pub id: String,
    /// GiB per month.
    pub gib: f64,
}

/// What ends: every figure >= 0, absent where not applicable.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Saves {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat_processing_usd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat_hours_usd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inter_az_usd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transit_gateway_usd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_hours_usd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_processing_usd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gwlb_processing_usd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firewall_processing_usd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ipv4_usd: Option<f64>,
}

/// What begins: every figure >= 0, absent where not applicable.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Adds {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_hours_usd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_processing_usd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat_processing_usd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat_hours_usd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inter_az_usd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transit_gateway_usd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ipv4_usd: Option<f64>,
}

/// Low and high end of a monthly figure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Range {
    pub low: f64,
    pub high: f64,
}

/// Sums over the report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Totals {
    /// NAT processing, inter-AZ, transit gateway and hours, as far as priced; None where nothing is.
    pub nat_usd_month: Option<f64>,
    pub nat_usd_month_bound: Bound,
    pub adopt_usd_month: f64,
    pub adopt_usd_month_bound: Bound,
    pub consider_usd_month: f64,
    pub consider_usd_month_bound: Bound,
    pub inferred_usd_month: f64,
    pub inferred_usd_month_bound: Bound,
    pub unresolved_gib_month: f64,
    /// Share of the window that the logs cover at the least covered NAT gateway with bytes; None without any.
    pub nat_window_share: Option<f64>,
    /// The same for the least covered scope of any opportunity to adopt.
    pub adopt_window_share: Option<f64>,
    /// The same for any to consider, the inferred ones included.
    pub consider_window_share: Option<f64>,
}

/// Where the prices come from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Prices {
    pub as_of: String,
    pub source: String,
    pub overrides: Vec<String>,
    /// One ready-to-paste override per missing price.
    pub missing: Vec<String>,
}
