//! One query with its addresses: what the rest of offramp needs of a record.

use std::net::IpAddr;

use jiff::Timestamp;

use super::raw::{Answer, RawQuery, Text};
use super::rejects::Reason;

/// A query that the resolver answered (or not: then without addresses).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Unix seconds.
    pub time: i64,
    /// Owner of the VPC.
    pub account_id: Option<String>,
    /// AWS Region.
    pub region: Option<String>,
    /// Absent where a Route 53 Profile associates the VPC with the log.
    pub vpc_id: Option<String>,
    /// The client as the resolver saw it: often a DNS server that forwards for others.
    pub srcaddr: Option<String>,
    /// The client's instance.
    pub instance_id: Option<String>,
    /// The name asked for, then the CNAMEs that led to the addresses, lower case and without trailing dots, joined by spaces.
    pub names: String,
    /// Addresses answered with NOERROR, each once; those of HTTPS and SVCB hints included.
    pub addresses: Vec<IpAddr>,
}

impl Query {
    /// Reads one JSON object.
    pub fn parse(object: &[u8]) -> Result<Self, Reason> {
        let text = std::str::from_utf8(object).map_err(|_| Reason::NotUtf8)?;
        let raw: RawQuery<'_> = serde_json::from_str(text).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => Reason::UnexpectedValue,
            _ => Reason::NotJson,
        })?;
        let owned = |text: &Option<Text<'_>>| Text::filled(text.as_ref()).map(str::to_owned);
        let name = Text::filled(raw.query_name.as_ref()).ok_or(Reason::NoQueryName)?;
        let time = Text::filled(raw.query_timestamp.as_ref()).and_then(|time| time.parse::<Timestamp>().ok());
        let mut query = Self {
            time: time.ok_or(Reason::BadTimestamp)?.as_second(),
            account_id: owned(&raw.account_id),
            region: owned(&raw.region),
            vpc_id: owned(&raw.vpc_id),
            srcaddr: Text::filled(raw.srcaddr.as_ref()).map(normal_address),
            instance_id: raw.srcids.and_then(|ids| ids.0.instance).filter(|id| !id.is_empty()),
            names: normal_name(name),
            addresses: Vec::new(),
        };
        if Text::filled(raw.rcode.as_ref()).is_none_or(|code| code.eq_ignore_ascii_case("NOERROR")) {
            for answer in raw.answers.iter().flat_map(|answers| &answers.0) {
                query.take(answer)?;
            }
        }
        Ok(query)
    }

    fn take(&mut self, answer: &Answer) -> Result<(), Reason> {
        let (Some(data), Some(kind)) = (answer.rdata.as_deref(), answer.kind.as_deref()) else { return Ok(()) };
        match kind.to_ascii_uppercase().as_str() {
            "A" | "AAAA" => self.add(data.trim().parse().map_err(|_| Reason::BadAddress)?),
            "CNAME" => {
                let name = normal_name(data);
                if !self.names.split(' ').any(|known| known == name) {
                    self.names.push(' ');
                    self.names.push_str(&name);
                }
            }
            // `1 . alpn=h2 ipv4hint=192.0.2.1,192.0.2.2`
            "HTTPS" | "SVCB" => {
                let hints = data.split_whitespace().filter_map(|part| part.split_once('='));
                let hints = hints.filter(|(key, _)| matches!(*key, "ipv4hint" | "ipv6hint"));
                let addresses = hints.flat_map(|(_, list)| list.trim_matches('"').split(','));
                addresses.filter_map(|text| text.parse().ok()).for_each(|address| self.add(address));
            }
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, address: IpAddr) {
        if !self.addresses.contains(&address) {
            self.addresses.push(address);
        }
    }
}

/// As `service_of_host` wants it. Blanks are not legal in host names and would read as the next name of the chain.
fn normal_name(name: &str) -> String {
    let name = name.trim();
    let blank = |c: char| if c.is_whitespace() || c.is_control() { '?' } else { c.to_ascii_lowercase() };
    name.strip_suffix('.').unwrap_or(name).chars().map(blank).collect()
}

fn normal_address(text: &str) -> String {
    text.parse::<IpAddr>().map_or_else(|_| text.to_owned(), |address| address.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The least a record needs, and more of it.
    fn parse(more: &str) -> Result<Query, Reason> {
        let record = format!(
            r#"{{"query_timestamp":"2026-09-01T10:00:01Z","query_name":"SQS.us-east-1.amazonaws.com."{more}}}"#
        );
        Query::parse(record.as_bytes())
    }

    fn addresses(more: &str) -> Vec<String> {
        parse(more).unwrap().addresses.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_whole_record() {
        let record = br#"{"version":"1.100000","account_id":"111122223333","region":"us-east-1","vpc_id":"vpc-0a1",
            "query_timestamp":"2026-09-01T10:00:01Z","query_name":"Files.example.com.","query_type":"A","query_class":"IN",
            "rcode":"NOERROR","answers":[{"Rdata":"b.S3.us-east-1.amazonaws.com.","Type":"CNAME","Class":"IN"},
            {"Rdata":"203.0.113.10","Type":"A","Class":"IN"},{"Rdata":"203.0.113.10","Type":"A","Class":"IN"}],
            "srcaddr":"10.0.1.5","srcport":"40111","transport":"UDP","srcids":{"instance":"i-0abc"},
            "firewall_rule_action":"ALERT","additional_properties":{"is_delayed":true,"x":[1]}}"#;
        assert_eq!(
            Query::parse(record).unwrap(),
            Query {
                time: 1_788_256_801,
                account_id: Some("111122223333".to_owned()),
                region: Some("us-east-1".to_owned()),
                vpc_id: Some("vpc-0a1".to_owned()),
                srcaddr: Some("10.0.1.5".to_owned()),
                instance_id: Some("i-0abc".to_owned()),
                names: "files.example.com b.s3.us-east-1.amazonaws.com".to_owned(),
                addresses: vec!["203.0.113.10".parse().unwrap()],
            }
        );
    }

    #[test]
    fn variants_of_answers() {
        for more in [
            r#","answers":[{"Rdata":"203.0.113.9","Type":"A"}]"#,
            r#","answers":[{"rdata":"203.0.113.9","type":"A","class":"IN"}]"#,
            r#","rcode":"NOERROR","answers":"[{\"Rdata\":\"203.0.113.9\",\"Type\":\"A\"}]""#,
            r#","answers":[{"Rdata":"1 . alpn=\"h2,h3\" ipv4hint=203.0.113.9","Type":"HTTPS"}]"#,
        ] {
            assert_eq!(addresses(more), ["203.0.113.9"], "{more}");
        }
        assert_eq!(addresses(r#","answers":[{"Rdata":"2600:1F18:0::1","Type":"AAAA"}]"#), ["2600:1f18::1"]);
        for more in [
            "",
            r#","answers":null"#,
            r#","answers":[]"#,
            r#","answers":"""#,
            r#","answers":[{"Rdata":"host.example.com.","Type":"PTR"}]"#,
            r#","answers":[{"Type":"A"}]"#,
            r#","rcode":"NXDOMAIN","answers":[{"Rdata":"203.0.113.9","Type":"A"}]"#,
        ] {
            assert!(addresses(more).is_empty(), "{more}");
        }
    }

    #[test]
    fn absent_owners_stay_absent() {
        let query = parse(r#","vpc_id":null,"region":"-","srcids":"{\"instance\":\"i-1\"}","account_id":123456789012"#)
            .unwrap();
        assert_eq!((query.vpc_id, query.region, query.srcaddr), (None, None, None));
        assert_eq!((query.instance_id.as_deref(), query.account_id.as_deref()), (Some("i-1"), Some("123456789012")));
    }

    #[test]
    fn reasons() {
        assert_eq!(parse(r#","answers":[{"Rdata":"203.0.113","Type":"A"}]"#), Err(Reason::BadAddress));
        assert_eq!(parse(r#","answers":7"#), Err(Reason::UnexpectedValue));
        assert_eq!(parse(r#","vpc_id":{}"#), Err(Reason::UnexpectedValue));
        assert_eq!(Query::parse(br#"{"Rdata":"203.0.113.9"}"#), Err(Reason::NoQueryName));
        assert_eq!(Query::parse(br#"{"query_name":"a."}"#), Err(Reason::BadTimestamp));
        assert_eq!(Query::parse(b"{\"query_name\":\"\xff\"}"), Err(Reason::NotUtf8));
        assert_eq!(Query::parse(b"{]"), Err(Reason::NotJson));
        let deep = format!("{{\"x\":{}{}}}", "[".repeat(4000), "]".repeat(4000));
        assert_eq!(Query::parse(deep.as_bytes()), Err(Reason::NoQueryName), "skipped without recursion");
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..80), name in "\\PC{0,20}") {
            let _ = Query::parse(&bytes);
            let json = serde_json::json!({"query_name": name, "query_timestamp": "2026-09-01T00:00:00Z"}).to_string();
            if let Ok(query) = Query::parse(json.as_bytes()) {
                prop_assert_eq!(query.names.split(' ').count(), 1);
            }
        }
    }
}
