//! Which field stands in which column of a text flow log, and why some logs are refused.

use super::fields::{FIELDS, Field};

/// The columns of a flow log, left to right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    names: Vec<String>,
    positions: Vec<Option<usize>>,
    kind: RecordKind,
}

/// What the records of a flow log are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    /// Packets at the network interfaces of a VPC.
    Vpc,
    /// Packets at a transit gateway: they tell the way of bytes that are counted elsewhere.
    TransitGateway,
}

/// Why an object cannot be read as a VPC flow log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Fields that every figure needs are not in the format.
    #[error("the format has no {}; create the flow log again with {}", .0.join(", "), if .0.len() == 1 { "this field" } else { "these fields" })]
    Missing(Vec<&'static str>),
    /// One field in two columns.
    #[error("the header names {0} twice")]
    Repeated(String),
    /// Something else, as far as a glance tells.
    #[error(
        "{0}; read are VPC flow logs as text (plain, gzip, zstd), Parquet, or in the JSON of CloudWatch Logs and Firehose"
    )]
    Foreign(&'static str),
    /// Parquet whose columns no flow log has.
    #[error("Parquet without columns of a flow log; it has {0}")]
    ForeignColumns(String),
    /// A Parquet column of a type that its field cannot have.
    #[error("the Parquet column {0} is of type {1}; text or numbers are wanted")]
    ColumnType(String, String),
    /// Bytes that are not text.
    #[error("binary data, not a flow log")]
    Binary,
    /// Text of another kind.
    #[error(
        "the first line is neither a header of field names nor a row of the default format \
         (if this is a flow log without header, give its --log-format): \"{0}\""
    )]
    Unrecognised(String),
}

/// Sources of an address pair: without one of them a record has no peer.
const ADDRESS_PAIRS: [[&str; 2]; 2] = [["srcaddr", "dstaddr"], ["pkt-srcaddr", "pkt-dstaddr"]];

/// All fields of transit gateway flow logs (<https://docs.aws.amazon.com/vpc/latest/tgw/tgw-flow-logs.html>, autumn 2026).
const TRANSIT_GATEWAY_DEFAULT: &str = "version resource-type account-id tgw-id tgw-attachment-id tgw-src-vpc-account-id \
     tgw-dst-vpc-account-id tgw-src-vpc-id tgw-dst-vpc-id tgw-src-subnet-id tgw-dst-subnet-id tgw-src-eni tgw-dst-eni \
     tgw-src-az-id tgw-dst-az-id tgw-pair-attachment-id srcaddr dstaddr srcport dstport protocol packets bytes start end \
     log-status type packets-lost-no-route packets-lost-blackhole packets-lost-mtu-exceeded packets-lost-ttl-expired \
     tcp-flags region flow-direction pkt-src-aws-service pkt-dst-aws-service";

/// Without one of these a record of a transit gateway tells no way.
const TRANSIT_GATEWAY_NEEDS: &[&str] = &["start", "srcaddr", "dstaddr", "tgw-id"];

/// Their fields that are read, each as the field of [`FIELDS`] that says the same of a VPC flow log's record. The direction is
/// not: a packet's two records, on its way in and on its way out, say the same.
const TRANSIT_GATEWAY_FIELDS: [(&str, &str); 15] = [
    ("account-id", "account-id"),
    ("tgw-id", "resource-id"),
    ("tgw-src-vpc-id", "vpc-id"),
    ("tgw-dst-vpc-id", "next-hop-vpc-id"),
    ("srcaddr", "srcaddr"),
    ("dstaddr", "dstaddr"),
    ("srcport", "srcport"),
    ("dstport", "dstport"),
    ("protocol", "protocol"),
    ("packets", "packets"),
    ("bytes", "bytes"),
    ("start", "start"),
    ("end", "end"),
    ("log-status", "log-status"),
    ("tcp-flags", "tcp-flags"),
];

impl Layout {
    /// AWS's default format: the 14 fields of version 2.
    pub fn default_format() -> Self {
        let fields = FIELDS.iter().filter(|field| field.version == 2);
        let names: Vec<String> = fields.map(|field| field.name.to_owned()).collect();
        let positions = names.iter().map(|name| Field::position(name)).collect();
        Self { names, positions, kind: RecordKind::Vpc }
    }

    /// The default format of transit gateway flow logs: all their fields, in AWS's order.
    pub fn transit_gateway_default() -> Self {
        Self::of_transit_gateway(TRANSIT_GATEWAY_DEFAULT.split(' ').map(str::to_owned).collect())
    }

    /// The layout of these field names (`-` or `_`), or why it cannot be used. Names that the table does not know are
    /// columns that nobody reads.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, Refusal> {
        let names: Vec<String> = names.into_iter().map(|name| name.replace('_', "-")).collect();
        let transit = names.iter().any(|name| name.starts_with("tgw-") || name.starts_with("packets-lost-"));
        if let Some((_, twice)) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
            return Err(Refusal::Repeated(twice.clone()));
        }
        let has = |name: &str| names.iter().any(|own| own == name);
        let needed = if transit { TRANSIT_GATEWAY_NEEDS } else { &["start", "bytes"] };
        let mut missing: Vec<_> = needed.iter().copied().filter(|name| !has(name)).collect();
        if !transit && !ADDRESS_PAIRS.iter().any(|pair| pair.iter().all(|name| has(name))) {
            missing.extend(ADDRESS_PAIRS[0].into_iter().filter(|name| !has(name)));
        }
        if !missing.is_empty() {
            return Err(Refusal::Missing(missing));
        }
        if transit {
            return Ok(Self::of_transit_gateway(names));
        }
        let positions = names.iter().map(|name| Field::position(name)).collect();
        Ok(Self { names, positions, kind: RecordKind::Vpc })
    }

    fn of_transit_gateway(names: Vec<String>) -> Self {
        let field = |name: &String| TRANSIT_GATEWAY_FIELDS.iter().find(|(own, _)| own == name);
        let positions = names.iter().map(|name| Field::position(field(name)?.1)).collect();
        Self { names, positions, kind: RecordKind::TransitGateway }
    }

    /// What the records are of.
    pub fn kind(&self) -> RecordKind {
        self.kind
    }

    /// The same behind a column of time stamps, as CloudWatch Logs exports lines.
    pub fn stamped(mut self) -> Self {
        self.names.insert(0, "@timestamp".to_owned());
        self.positions.insert(0, None);
        self
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.names.len()
    }

    /// Field names left to right, as AWS writes them (`-`).
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Column of the field at `position` of [`FIELDS`].
    pub fn column_of(&self, position: usize) -> Option<usize> {
        self.positions.iter().position(|own| *own == Some(position))
    }

    /// Known fields with their column.
    pub fn fields(&self) -> impl Iterator<Item = (usize, &'static Field)> {
        self.positions.iter().enumerate().filter_map(|(column, position)| Some((column, FIELDS.get((*position)?)?)))
    }

    /// A stand-in for the flow log id where the file name has none: the same for all objects of one format.
    pub fn id(&self) -> String {
        // FNV-1a: the id is stored and compared over runs, so it must not depend on the standard library's hasher.
        let list = self.names.join(" ");
        let hash = list.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        format!("layout-{hash:08x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_format_is_aws_s() {
        let names = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end \
                     action log-status";
        assert_eq!(Layout::default_format(), Layout::new(names.split(' ')).unwrap());
    }

    #[test]
    fn missing_fields_are_all_named() {
        let refusal = |names: &str| Layout::new(names.split(' ')).unwrap_err();
        assert_eq!(refusal("srcaddr pkt-dstaddr"), Refusal::Missing(vec!["start", "bytes", "dstaddr"]));
        assert_eq!(
            refusal("version start bytes").to_string(),
            "the format has no srcaddr, dstaddr; create the flow log again with these fields"
        );
        assert!(Layout::new(["pkt_srcaddr", "pkt_dstaddr", "start", "bytes"]).is_ok());
    }

    #[test]
    fn transit_gateway_fields_are_read_as_what_they_say() {
        let layout =
            Layout::new(["tgw_id", "tgw-src-vpc-id", "flow-direction", "srcaddr", "dstaddr", "start"]).unwrap();
        assert_eq!(layout.kind(), RecordKind::TransitGateway);
        let fields: Vec<_> = layout.fields().map(|(column, field)| (column, field.name)).collect();
        assert_eq!(fields, [(0, "resource-id"), (1, "vpc-id"), (3, "srcaddr"), (4, "dstaddr"), (5, "start")]);
        let refusal = Layout::new(["tgw-attachment-id", "srcaddr", "dstaddr", "start"]).unwrap_err();
        assert_eq!(refusal, Refusal::Missing(vec!["tgw-id"]));
        let default = Layout::transit_gateway_default();
        assert_eq!(Layout::new(TRANSIT_GATEWAY_DEFAULT.split(' ')), Ok(default.clone()));
        assert_eq!((default.width(), default.fields().count()), (36, TRANSIT_GATEWAY_FIELDS.len()));
    }

    #[test]
    fn repeated_fields_are_refused() {
        let twice = Layout::new(["srcaddr", "dstaddr", "start", "bytes", "log-status", "log_status"]);
        assert_eq!(twice, Err(Refusal::Repeated("log-status".into())));
    }

    #[test]
    fn the_id_depends_on_names_and_order_only() {
        let id = |names: &str| Layout::new(names.split(' ')).unwrap().id();
        assert_eq!(id("pkt-srcaddr pkt-dstaddr start bytes"), id("pkt_srcaddr pkt_dstaddr start bytes"));
        assert_ne!(id("pkt-srcaddr pkt-dstaddr start bytes"), id("pkt-dstaddr pkt-srcaddr start bytes"));
        assert_eq!(Layout::default_format().id(), "layout-b0d10ded");
    }

    #[test]
    fn unknown_names_are_columns_without_field() {
        let layout = Layout::new(["new-field", "srcaddr", "dstaddr", "start", "bytes"]).unwrap();
        assert_eq!(layout.width(), 5);
        assert_eq!(layout.fields().map(|(column, field)| (column, field.name)).collect::<Vec<_>>()[0], (1, "srcaddr"));
    }
}
