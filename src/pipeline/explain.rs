//! Answers `offramp explain` from the pipeline's tables.

use std::cmp::Reverse;
use std::net::IpAddr;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringViewArray};
use datafusion::common::ScalarValue;
use datafusion::datasource::MemTable;
use ipnet::IpNet;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Session;
use super::rows::values;
use crate::address::book::net_of_key;
use crate::error::{Error, Result};
use crate::explain::model::{Explanation, Question, Records, Route, Sum, Unmoved, Use};
use crate::explain::{Asked, networks, words};
use crate::queries::{Query, explain};
use crate::report::Report;
use crate::report::model::Bound;
use crate::report::units::{bytes_as_gib, count, known_sum};

const SCHEMA_VERSION: u32 = 1;
/// Things named to somebody who asked for one that is not there.
const NAMED: usize = 5;

#[derive(Deserialize)]
struct Seen {
    seen_records: u64,
    seen_bytes: u64,
    counted_records: u64,
    counted_bytes: u64,
}

#[derive(Deserialize)]
struct Place {
    vpc_id: Option<String>,
    subnet_id: Option<String>,
    route_table_id: Option<String>,
    peer_key: String,
    hour: i64,
    bytes: u64,
}

#[derive(Deserialize)]
struct Move {
    opportunity_id: Option<String>,
    reason: Option<String>,
    bytes: u64,
}

#[derive(Deserialize)]
struct Known {
    name: String,
    bytes: Option<u64>,
}

impl Session {
    /// Explains one number of `report`; [`Session::classify`] must have run. `groups` groups of log records are shown;
    /// without any the logs are not read again.
    ///
    /// # Errors
    /// [`Error::NothingToRead`] when nothing in the logs has to do with it; it names what is near.
    pub async fn explain(&self, asked: &Asked, report: &Report, groups: usize) -> Result<Explanation> {
        let peer_keys = self.peer_keys(asked).await?;
        self.register_peers(&peer_keys)?;
        for query in [explain::ASKED_TRAFFIC, explain::ASKED_LEGS, explain::ASKED_REST] {
            let frame = self.plan_with(query, params(asked)).await?;
            self.keep(frame, query.name).await?;
        }
        let seen: Vec<Seen> = self.answers(explain::SEEN, asked).await?;
        let seen = seen.into_iter().next().filter(|seen| seen.seen_records + seen.counted_records > 0);
        let Some(seen) = seen else { return Err(self.unknown(asked).await?) };
        let (opportunities, unmoved) = self.uses(asked, report).await?;
        let mut explanation = Explanation {
            schema_version: SCHEMA_VERSION,
            window: report.window.clone(),
            covered_hours: report.coverage.covered_hours,
            asked: Question { kind: asked.kind().to_owned(), value: asked.value(), peer_keys },
            notes: Vec::new(),
            seen: Sum { records: seen.seen_records, bytes: seen.seen_bytes },
            counted: Sum { records: seen.counted_records, bytes: seen.counted_bytes },
            unaccounted_bytes: 0,
            pieces: self.answers(explain::PIECES, asked).await?,
            orientation: self.answers(explain::ORIENTATION, asked).await?,
            services: self.answers(explain::SERVICES, asked).await?,
            networks: self.networks(asked),
            dns: self.answers(explain::NAMES, asked).await?,
            endpoints: self.answers(explain::OFFERS, asked).await?,
            paths: self.answers(explain::PATHS, asked).await?,
            path_fields: self.answers(explain::PATH_FIELDS, asked).await?,
            routes: self.routes(asked).await?,
            charges: self.answers(explain::MONEY, asked).await?,
            usd_month: None,
            bound: Bound::Exact,
            opportunities,
            unmoved,
            records: Vec::new(),
        };
        let accounted: u64 = explanation.pieces.iter().map(|piece| piece.bytes).sum();
        explanation.unaccounted_bytes = seen.seen_bytes.cast_signed() - accounted.cast_signed();
        explanation.usd_month =
            known_sum(&explanation.charges.iter().map(|charge| charge.usd_month).collect::<Vec<_>>());
        if explanation.charges.iter().any(|charge| charge.missing_prices.is_some()) {
            explanation.bound = Bound::AtLeast;
        }
        let records = if groups > 0 { Some(self.records(asked).await?) } else { None };
        explanation.notes = self.notes(asked, &explanation, records.as_deref(), report).await?;
        explanation.records = records.unwrap_or_default().into_iter().take(groups).collect();
        words::put_rules(&mut explanation);
        Ok(explanation)
    }

    /// The rollup's keys that stand for the asked peer.
    async fn peer_keys(&self, asked: &Asked) -> Result<Vec<String>> {
        let Some(peer) = asked.peer() else { return Ok(Vec::new()) };
        let book = &self.topology.book;
        let mut keys: Vec<String> = self.known_peers().await?.into_iter().map(|known| known.name).collect();
        keys.retain(|key| peer.is_meant_by(key, book));
        keys.sort_unstable();
        Ok(keys)
    }

    async fn known_peers(&self) -> Result<Vec<Known>> {
        self.known("SELECT peer_key AS name, sum(bytes) AS bytes FROM rollup WHERE peer_key IS NOT NULL GROUP BY 1")
            .await
    }

    async fn known(&self, sql: &str) -> Result<Vec<Known>> {
        values(self.ctx.sql(sql).await?, sql).await
    }

    fn register_peers(&self, keys: &[String]) -> Result<()> {
        let column: ArrayRef = Arc::new(keys.iter().map(|key| Some(key.as_str())).collect::<StringViewArray>());
        let batch = RecordBatch::try_from_iter_with_nullable([("peer_key", column, true)])?;
        let table = MemTable::try_new(batch.schema(), vec![vec![batch]])?;
        self.ctx.deregister_table("asked_peers")?;
        self.ctx.register_table("asked_peers", Arc::new(table))?;
        Ok(())
    }

    async fn answers<T: DeserializeOwned>(&self, query: Query, asked: &Asked) -> Result<Vec<T>> {
        values(self.plan_with(query, params(asked)).await?, query.name).await
    }

    fn networks(&self, asked: &Asked) -> Vec<networks::Containing> {
        let Some(peer) = asked.peer() else { return Vec::new() };
        let mut around = networks::around(peer.0.addr(), &self.ranges, &self.inventory);
        let holds = |text: &str| text.parse::<IpNet>().is_ok_and(|net| net.contains(&peer.0));
        around.retain(|found| peer.address().is_some() || holds(&found.network));
        around
    }

    async fn routes(&self, asked: &Asked) -> Result<Vec<Route>> {
        let out: Vec<Place> = self.answers(explain::PLACES, asked).await?;
        let back: Vec<Place> = self.answers(explain::WAYS_BACK, asked).await?;
        let routes = out.into_iter().map(|place| ("out", place)).chain(back.into_iter().map(|place| ("back", place)));
        let routes = routes.filter_map(|(way, place)| self.route(way, place));
        Ok(routes.filter(|route| !route.steps.is_empty()).collect())
    }

    fn route(&self, way: &str, place: Place) -> Option<Route> {
        let peer = net_of_key(&place.peer_key)?;
        let (vpc, subnet) = (place.vpc_id.as_deref(), place.subnet_id.as_deref());
        let (walk, steps) = match &place.route_table_id {
            Some(table) => self.topology.trace_from_table(table, peer, place.hour),
            None => self.topology.trace(vpc, subnet, peer, place.hour),
        };
        Some(Route {
            way: way.to_owned(),
            vpc_id: place.vpc_id,
            subnet_id: place.subnet_id,
            peer_key: place.peer_key,
            bytes: place.bytes,
            path: walk.path.to_owned(),
            via: walk.via,
            steps,
        })
    }

    async fn uses(&self, asked: &Asked, report: &Report) -> Result<(Vec<Use>, Vec<Unmoved>)> {
        let (mut uses, mut unmoved) = (Vec::new(), Vec::new());
        for one in self.answers::<Move>(explain::MOVES, asked).await? {
            let found = report.opportunities.iter().find(|o| Some(&o.id) == one.opportunity_id.as_ref());
            match (found, one.reason) {
                (Some(opportunity), _) => uses.push(Use { bytes: one.bytes, opportunity: opportunity.clone() }),
                (None, reason) => {
                    unmoved.push(Unmoved { reason: reason.unwrap_or_default(), rule: String::new(), bytes: one.bytes })
                }
            }
        }
        Ok((uses, unmoved))
    }

    async fn records(&self, asked: &Asked) -> Result<Vec<Records>> {
        let address = asked.peer().and_then(|peer| peer.address()).map(|address| address.to_string());
        let any_client = asked.peer().is_some() && address.is_none();
        let mut more = params(asked);
        more.push(("address", ScalarValue::Utf8View(address)));
        more.push(("any_client", ScalarValue::Boolean(Some(any_client))));
        values(self.plan_with(explain::RECORDS, more).await?, explain::RECORDS.name).await
    }

    async fn notes(
        &self,
        asked: &Asked,
        e: &Explanation,
        records: Option<&[Records]>,
        report: &Report,
    ) -> Result<Vec<String>> {
        let mut notes = Vec::new();
        match asked {
            Asked::Peer(peer) => {
                let networks: Vec<&str> =
                    e.asked.peer_keys.iter().filter(|key| key.contains('/')).map(String::as_str).collect();
                if let (Some(address), false) = (peer.address(), networks.is_empty()) {
                    notes.push(format!(
                        "Rows of {} together (less the smaller networks known inside it): exact addresses are not kept for it, \
                         because they all have one service and one route. The figures below are the network's, not those of \
                         {address} alone.",
                        networks.join(", ")
                    ));
                }
                if let (Some(address), Some(records)) = (peer.address(), records) {
                    let rows: u64 = records.iter().map(|group| group.records).sum();
                    let bytes: u64 = records.iter().filter_map(|group| group.bytes).sum();
                    let rejected = records.iter().filter(|group| group.action.as_deref() == Some("REJECT"));
                    let rejected: u64 = rejected.map(|group| group.records).sum();
                    notes.push(match rows {
                        0 => format!("No record names {address} itself."),
                        _ => format!(
                            "The logs name {address} itself in {} records with {} bytes, before any rule (section 6); {} were \
                             rejected.",
                            count(rows),
                            count(bytes),
                            count(rejected)
                        ),
                    });
                }
                notes.extend(peer.address().and_then(|address| self.as_client(address)));
                notes.push(
                    "Rows of NAT gateways' internet legs keep no peer, so they are not among the rows below where the log has \
                     packet fields."
                        .to_owned(),
                );
            }
            Asked::Interface(id) => {
                let own = self.counted_as_client(id).await?;
                if own != e.counted.bytes {
                    notes.push(format!(
                        "As the client this interface has {} of these bytes: the report's traffic under its id. The others \
                         passed it or were recorded at it.",
                        count(own)
                    ));
                }
            }
            Asked::NatGateway(id) => {
                let nat = report.nat_gateways.iter().find(|nat| nat.nat_gateway_id == *id);
                if let Some(nat) = nat.filter(|nat| nat.processed_bytes != e.counted.bytes) {
                    notes.push(format!(
                        "The gateway processed {} bytes by its client leg, which names no peers without packet fields; traffic \
                         rows show {} of them.",
                        count(nat.processed_bytes),
                        count(e.counted.bytes)
                    ));
                }
            }
            Asked::Service(_) => {}
        }
        Ok(notes)
    }

    /// An address of one's own is a peer of some rows and the client of others.
    fn as_client(&self, address: IpAddr) -> Option<String> {
        let mut owners = self.inventory.network_interfaces.iter();
        let owner = owners.find(|eni| eni.addresses.iter().any(|a| a.address == address))?;
        Some(format!(
            "{address} is an address of {0}: what it does as a client shows --interface {0}.",
            owner.interface_id
        ))
    }

    async fn counted_as_client(&self, interface: &str) -> Result<u64> {
        let sql = "SELECT interface_id AS name, sum(bytes) AS bytes FROM asked_traffic WHERE interface_id IS NOT NULL GROUP BY 1";
        let clients = self.known(sql).await?;
        Ok(clients.into_iter().filter(|client| client.name == interface).filter_map(|client| client.bytes).sum())
    }

    /// Why there is nothing to explain, with what is near.
    async fn unknown(&self, asked: &Asked) -> Result<Error> {
        let (what, near) = match asked {
            Asked::Peer(peer) => {
                let mut known = self.known_peers().await?;
                known.sort_by_key(|known| (Reverse(common_bits(peer.0, &known.name)), Reverse(known.bytes)));
                let what = match peer.address() {
                    Some(address) => match self.as_client(address) {
                        Some(hint) => format!("{address} is nobody's peer in the logs. {hint}"),
                        None => self.unclassified(address, asked).await?,
                    },
                    None => format!("no peer in the logs lies in {peer}"),
                };
                (what, named("nearest peers", known))
            }
            Asked::Interface(id) => {
                let sql = "SELECT coalesce(interface_id, resource_id, '-') AS name, sum(bytes) AS bytes FROM rollup GROUP BY 1";
                let known = closest(id, self.known(sql).await?);
                let what = match self.topology.interface(id) {
                    Some(eni) => format!(
                        "no record of interface {id}: the inventory has it ({}, {}), but no flow log read here watches it",
                        eni.kind.as_str(),
                        eni.vpc_id.as_deref().unwrap_or("no VPC")
                    ),
                    None => format!("no record of interface {id}, neither in the logs nor in the inventory"),
                };
                (what, named("interfaces in the logs", known))
            }
            Asked::NatGateway(id) => {
                let sql = "SELECT nat_gateway_id AS name, CAST(NULL AS BIGINT) AS bytes FROM nat_facts";
                let known = closest(id, self.known(sql).await?);
                let what = match self.topology.nat_gateway(id) {
                    Some(_) => format!(
                        "no record and no traffic of NAT gateway {id}: the inventory has it, but no log shows it"
                    ),
                    None => format!("no NAT gateway {id}, neither in the logs nor in the inventory"),
                };
                (what, named("NAT gateways known", known))
            }
            Asked::Service(name) => {
                let sql = "SELECT service AS name, sum(bytes) AS bytes FROM traffic_hourly GROUP BY 1";
                let known = closest(name, self.known(sql).await?);
                (format!("no bytes of the service {name}"), named("services in the logs", known))
            }
        };
        Ok(Error::NothingToRead(format!("{what}; {near}")))
    }

    /// An address that no rule kept may still be in the logs, rejected or on an internet leg.
    async fn unclassified(&self, address: IpAddr, asked: &Asked) -> Result<String> {
        let records = self.records(asked).await?;
        if records.is_empty() {
            return Ok(format!("no record names {address}"));
        }
        let groups = records.iter().take(NAMED).map(|group| {
            let [action, direction] = [&group.action, &group.flow_direction].map(|part| part.as_deref().unwrap_or("-"));
            format!("{} {action} {direction} at {}", count(group.records), group.interface_id)
        });
        let groups: Vec<_> = groups.collect();
        Ok(format!(
            "{address} is the peer in no accepted row that is kept by peer; the records that name it: {}",
            groups.join(", ")
        ))
    }
}

fn params(asked: &Asked) -> Vec<(&'static str, ScalarValue)> {
    vec![
        ("interface", ScalarValue::Utf8View(asked.interface())),
        ("nat_gateway", ScalarValue::Utf8View(asked.nat_gateway())),
        ("service", ScalarValue::Utf8View(asked.service())),
    ]
}

/// Leading bits that a key shares with the asked network; 0 for the other family.
fn common_bits(asked: IpNet, key: &str) -> u32 {
    match (asked.addr(), net_of_key(key).map(|net| net.addr())) {
        (IpAddr::V4(a), Some(IpAddr::V4(b))) => (u32::from(a) ^ u32::from(b)).leading_zeros(),
        (IpAddr::V6(a), Some(IpAddr::V6(b))) => (u128::from(a) ^ u128::from(b)).leading_zeros(),
        _ => 0,
    }
}

/// Most alike first, then most bytes.
fn closest(wanted: &str, mut known: Vec<Known>) -> Vec<Known> {
    known.sort_by(|a, b| {
        let alike = |known: &Known| strsim::jaro_winkler(wanted, &known.name);
        alike(b).total_cmp(&alike(a)).then(b.bytes.cmp(&a.bytes)).then(a.name.cmp(&b.name))
    });
    known
}

fn named(what: &str, known: Vec<Known>) -> String {
    if known.is_empty() {
        return format!("{what}: none");
    }
    let more = if known.len() > NAMED { ", ..." } else { "" };
    let names = known.into_iter().take(NAMED).map(|known| match known.bytes {
        Some(bytes) => format!("{} ({} GiB)", known.name, bytes_as_gib(bytes)),
        None => known.name,
    });
    format!("{what}: {}{more}", names.collect::<Vec<_>>().join(", "))
}
