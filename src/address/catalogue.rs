//! AWS services that have VPC endpoints: `data/endpoint-services.csv`, kept as found.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::datasource::MemTable;
use datafusion::execution::context::SessionContext;
use serde::Deserialize;

use super::host::{HostIndex, HostMatch};
use crate::columns::Columns;
use crate::inventory::region::is_region;
use crate::{Error, Result};

const FILE: &str = "data/endpoint-services.csv";
const TEXT: &str = include_str!("../../data/endpoint-services.csv");

/// Whether private DNS of an interface endpoint takes over the service's public names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum PrivateDns {
    /// AWS's documentation says so.
    #[serde(rename = "yes-documented")]
    Documented,
    /// The default; not checked.
    #[serde(rename = "assumed-yes")]
    Assumed,
    /// Under conditions (s3: needs a gateway endpoint in the VPC, by default).
    #[serde(rename = "conditional")]
    Conditional,
    /// AWS's documentation says it does not: clients must be pointed at the endpoint's own names.
    #[serde(rename = "no")]
    No,
}

impl PrivateDns {
    /// The name in SQL (`private_dns` column).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "yes-documented",
            Self::Assumed => "assumed-yes",
            Self::Conditional => "conditional",
            Self::No => "no",
        }
    }
}

/// A service that has VPC endpoints.
#[derive(Debug, Clone)]
pub struct EndpointServiceFact {
    /// The part of the endpoint service's name after prefix and Region: `s3`, `ecr.dkr`.
    pub service_id: String,
    /// The endpoint service's name, with `{region}` (and rarely `{cell}`) to be filled in.
    pub endpoint_service_name_pattern: String,
    /// It has gateway endpoints.
    pub supports_gateway: bool,
    /// It has interface endpoints.
    pub supports_interface: bool,
    /// Whether private DNS covers its public hosts.
    pub private_dns: PrivateDns,
    /// Public hosts, `*` for one or more labels, with `{region}` and `{azid}` to be filled in.
    pub dns_names: Vec<String>,
    /// The dual-stack host under `api.aws`, if one is known.
    pub dualstack_dns: Option<String>,
    /// Hosts of the service that private DNS of an interface endpoint does not cover.
    pub uncovered_hosts: Vec<String>,
    /// AWS's name of the service.
    pub display_name: String,
}

impl EndpointServiceFact {
    /// AWS charges neither hours nor GB for its endpoints: "no additional cost" (GuardDuty guide, security agent by hand).
    pub fn is_free(&self) -> bool {
        matches!(self.service_id.as_str(), "guardduty-data" | "guardduty-data-fips")
    }
}

#[derive(Debug, Deserialize)]
struct Row {
    service_id: String,
    endpoint_service_name_pattern: String,
    endpoint_types: String,
    dns_names_pattern: String,
    dualstack_dns: Option<String>,
    uncovered_hosts: String,
    display_name: String,
    supports_gateway: String,
    private_dns: PrivateDns,
}

impl From<Row> for EndpointServiceFact {
    fn from(row: Row) -> Self {
        let list = |text: &str| text.split(';').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Self {
            supports_gateway: row.supports_gateway == "yes",
            supports_interface: row.endpoint_types.split(';').any(|kind| kind == "Interface"),
            private_dns: row.private_dns,
            dns_names: list(&row.dns_names_pattern),
            dualstack_dns: row.dualstack_dns,
            uncovered_hosts: list(&row.uncovered_hosts),
            display_name: row.display_name,
            service_id: row.service_id,
            endpoint_service_name_pattern: row.endpoint_service_name_pattern,
        }
    }
}

/// The services, looked up by id and by endpoint service name.
#[derive(Debug, Clone)]
pub struct Catalogue {
    services: Vec<EndpointServiceFact>,
    by_id: HashMap<String, usize>,
    by_pattern: HashMap<String, usize>,
    hosts: HostIndex,
}

impl Catalogue {
    /// The catalogue that comes with offramp.
    pub fn embedded() -> Result<Self> {
        let rows = csv::Reader::from_reader(TEXT.as_bytes()).into_deserialize::<Row>();
        let services: Vec<EndpointServiceFact> = rows
            .map(|row| row.map(EndpointServiceFact::from).map_err(|error| Error::input(FILE, error.to_string())))
            .collect::<Result<_>>()?;
        let mut by_id = HashMap::new();
        let mut by_pattern = HashMap::new();
        for (at, service) in services.iter().enumerate() {
            // Alternate names of a service follow the usual one.
            by_id.entry(service.service_id.clone()).or_insert(at);
            by_pattern.insert(service.endpoint_service_name_pattern.clone(), at);
        }
        let hosts = HostIndex::new(&services);
        Ok(Self { services, by_id, by_pattern, hosts })
    }

    /// All services, in the order of the file.
    pub fn services(&self) -> &[EndpointServiceFact] {
        &self.services
    }

    /// The service of that id.
    pub fn get(&self, service_id: &str) -> Option<&EndpointServiceFact> {
        self.by_id.get(service_id).and_then(|&at| self.services.get(at))
    }

    /// The id of an AWS endpoint service: `com.amazonaws.us-east-1.ecr.dkr` is `ecr.dkr`, `aws.api.us-east-1.x` is `x`. Services
    /// that the catalogue does not list are named by the same rule. None for anything else, such as a customer's own
    /// PrivateLink service: its full name is its id.
    pub fn service_id<'a>(&'a self, endpoint_service_name: &'a str) -> Option<&'a str> {
        let listed = |pattern: &str| self.by_pattern.get(pattern).and_then(|&at| self.services.get(at));
        let region = endpoint_service_name.split('.').find(|label| is_region(label));
        let pattern = region.map(|region| endpoint_service_name.replacen(region, "{region}", 1));
        let known = listed(endpoint_service_name).or_else(|| listed(pattern.as_deref()?));
        if let Some(service) = known {
            return Some(&service.service_id);
        }
        let (_, rest) =
            FAMILIES.iter().find_map(|family| Some((family, endpoint_service_name.strip_prefix(family)?)))?;
        let (first, tail) = rest.split_once('.')?;
        (is_region(first) && !tail.is_empty()).then_some(tail)
    }

    /// The service that answers to a host name, lower case and without trailing dot. None for names outside the catalogue,
    /// among them AWS's own of load balancers and instances.
    pub fn service_of_host(&self, name: &str) -> Option<HostMatch> {
        self.hosts.find(name)
    }

    /// The endpoint service's name in a Region. None for a service that is not listed, or whose name needs more than the Region.
    pub fn endpoint_service_name(&self, service_id: &str, region: &str) -> Option<String> {
        let name = self.get(service_id)?.endpoint_service_name_pattern.replace("{region}", region);
        (!name.contains('{')).then_some(name)
    }

    /// Makes the table `endpoint_catalogue(service_id, endpoint_service_name_pattern, supports_gateway, supports_interface,
    /// private_dns, display_name)`, one row per service id: alternate names would double the rows of a join.
    pub fn register(&self, ctx: &SessionContext) -> Result<()> {
        let mut rows: Vec<usize> = self.by_id.values().copied().collect();
        rows.sort_unstable();
        let services: Vec<&EndpointServiceFact> = rows.iter().filter_map(|&at| self.services.get(at)).collect();
        let batch = Columns::of(&services)
            .text("service_id", |row| Some(&row.service_id))
            .text("endpoint_service_name_pattern", |row| Some(&row.endpoint_service_name_pattern))
            .flag("supports_gateway", |row| row.supports_gateway)
            .flag("supports_interface", |row| row.supports_interface)
            .text("private_dns", |row| Some(row.private_dns.as_str()))
            .flag("is_free", |row| row.is_free())
            .text("display_name", |row| Some(&row.display_name))
            .finish()?;
        let table = MemTable::try_new(batch.schema(), vec![vec![batch]])?;
        ctx.register_table("endpoint_catalogue", Arc::new(table))?;
        Ok(())
    }
}

/// Prefixes of AWS's endpoint services whose next label is the Region.
const FAMILIES: [&str; 3] = ["com.amazonaws.", "aws.api.", "api.aws."];

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        Catalogue::embedded().unwrap()
    }

    #[test]
    fn endpoint_service_names_have_ids() {
        let catalogue = catalogue();
        for (name, id) in [
            ("com.amazonaws.us-east-1.sqs", Some("sqs")),
            ("com.amazonaws.us-east-1.ecr.dkr", Some("ecr.dkr")),
            ("com.amazonaws.us-gov-west-1.s3", Some("s3")),
            ("com.amazonaws.eu-west-1.brand-new.api", Some("brand-new.api")),
            ("com.amazonaws.iam", Some("iam")),
            ("com.amazonaws.s3-global.accesspoint", Some("s3-global.accesspoint")),
            ("aws.api.us-east-1.kendra-ranking", Some("kendra-ranking")),
            ("aws.api.us-east-2.route53globalresolver", Some("route53globalresolver")),
            ("aws.sagemaker.us-west-2.studio", Some("sagemaker.studio")),
            ("com.amazonaws.vpce.us-east-1.vpce-svc-0123", None),
            ("com.amazonaws.us-east-1.", None),
            ("com.example.us-east-1.sqs", None),
            ("arn:aws:vpc-lattice:us-east-1:111122223333:resourceconfiguration/rcfg-1", None),
            ("", None),
        ] {
            assert_eq!(catalogue.service_id(name), id, "{name}");
        }
    }

    #[test]
    fn ids_and_names_lead_to_each_other() {
        let catalogue = catalogue();
        assert_eq!(catalogue.services().len(), 478);
        let mut filled = 0;
        for service in catalogue.services() {
            let id = service.service_id.as_str();
            let Some(name) = catalogue.endpoint_service_name(id, "eu-central-1") else {
                assert!(id.contains("{cell}"), "{id}");
                continue;
            };
            assert_eq!(catalogue.service_id(&name), Some(id));
            filled += 1;
        }
        assert_eq!(filled, 476);
        assert_eq!(catalogue.endpoint_service_name("ecr.dkr", "eu-west-1").unwrap(), "com.amazonaws.eu-west-1.ecr.dkr");
        assert_eq!(catalogue.endpoint_service_name("nope", "eu-west-1"), None);
    }

    #[test]
    fn gateway_endpoints_exist_for_three_services() {
        let catalogue = catalogue();
        let gateway: Vec<&str> =
            catalogue.services().iter().filter(|s| s.supports_gateway).map(|s| s.service_id.as_str()).collect();
        assert_eq!(gateway.len(), 3);
        assert!(["s3", "dynamodb", "s3express"].iter().all(|id| gateway.contains(id)));
        assert!(!catalogue.get("s3express").unwrap().supports_interface);
        assert_eq!(catalogue.get("s3").unwrap().private_dns, PrivateDns::Conditional);
        assert_eq!(catalogue.get("dynamodb").unwrap().private_dns, PrivateDns::No);
        let queues = catalogue.get("sqs").unwrap();
        assert!(queues.uncovered_hosts.iter().any(|host| host == "queue.amazonaws.com"), "{queues:?}");
    }

    #[tokio::test]
    async fn the_sql_table_has_each_service_once() {
        let ctx = SessionContext::new();
        catalogue().register(&ctx).unwrap();
        let count = async |sql: &str| ctx.sql(sql).await.unwrap().count().await.unwrap();
        assert_eq!(count("SELECT 1 FROM endpoint_catalogue WHERE supports_gateway AND supports_interface").await, 2);
        assert_eq!(count("SELECT 1 FROM endpoint_catalogue").await, 476);
        assert_eq!(count("SELECT DISTINCT service_id FROM endpoint_catalogue").await, 476);
    }
}
