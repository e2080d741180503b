//! Resolver query logs: who asked for what, as AWS delivers it to S3.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::net::IpAddr;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::topology::{InterfaceKey, World};
use crate::{Error, Result};

/// One query that the resolver did not answer from its cache.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Lookup {
    pub client: InterfaceKey,
    /// As the resolver saw the client: its primary address, or a DNS server's that forwards for it.
    pub srcaddr: IpAddr,
    /// Whether AWS knows the client's instance.
    pub with_instance: bool,
    /// The log is associated by a Route 53 Profile, which leaves the VPC out.
    pub by_profile: bool,
    pub name: String,
    pub cnames: Vec<String>,
    pub addresses: Vec<IpAddr>,
    /// Unix seconds.
    pub time: i64,
}

impl World {
    /// The client asks for `name` at each of `times` (seconds of the world) and gets `address`.
    pub fn dns_lookups(&self, client: InterfaceKey, name: &str, address: IpAddr, times: &[i64]) -> Vec<Lookup> {
        let at = |time: &i64| Lookup {
            client,
            srcaddr: self.interfaces[client.0].primary,
            with_instance: false,
            by_profile: false,
            name: name.to_owned(),
            cnames: Vec::new(),
            addresses: vec![address],
            time: self.start + time,
        };
        times.iter().map(at).collect()
    }

    /// Writes the queries as one gzip object per VPC and hour below `root`.
    pub fn write_lookups(&self, lookups: &[Lookup], root: &Path) -> Result<()> {
        let mut objects = BTreeMap::<(String, i64), String>::new();
        for lookup in lookups {
            let vpc = self.vpc_of(lookup.client);
            let text = objects.entry((self.vpcs[vpc.0].id.clone(), lookup.time.div_euclid(3600) * 3600)).or_default();
            text.push_str(&format!("{}\n", self.record(lookup)));
        }
        for ((vpc_id, hour), text) in objects {
            let account = self.vpcs.iter().find(|vpc| vpc.id == vpc_id).map_or("", |vpc| vpc.account.as_str());
            let time = jiff::Timestamp::from_second(hour).map_err(|e| Error::Output(e.to_string()))?;
            let directory =
                root.join(format!("AWSLogs/{account}/vpcdnsquerylogs/{vpc_id}/{}", time.strftime("%Y/%m/%d")));
            let name = format!("{vpc_id}_vpcdnsquerylogs_{account}_{}_1a2b3c4d.log.gz", time.strftime("%Y%m%dT%H%MZ"));
            let io = |source| Error::Io { path: directory.clone(), source };
            fs::create_dir_all(&directory).map_err(io)?;
            let file = fs::File::create(directory.join(name)).map_err(io)?;
            let mut encoder = GzEncoder::new(file, Compression::default());
            encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish().map(drop)).map_err(io)?;
        }
        Ok(())
    }

    fn record(&self, lookup: &Lookup) -> serde_json::Value {
        let interface = &self.interfaces[lookup.client.0];
        let vpc = &self.vpcs[self.vpc_of(lookup.client).0];
        let cnames =
            lookup.cnames.iter().map(|name| json!({"Rdata": format!("{name}."), "Type": "CNAME", "Class": "IN"}));
        let kind = |address: &IpAddr| if address.is_ipv4() { "A" } else { "AAAA" };
        let addresses =
            lookup.addresses.iter().map(|a| json!({"Rdata": a.to_string(), "Type": kind(a), "Class": "IN"}));
        let answers: Vec<_> = cnames.chain(addresses).collect();
        let time = jiff::Timestamp::from_second(lookup.time).map_or_else(|_| String::new(), |time| time.to_string());
        let mut record = json!({
            "version": "1.100000", "account_id": vpc.account, "region": vpc.region, "vpc_id": vpc.id,
            "query_timestamp": time, "query_name": format!("{}.", lookup.name),
            "query_type": lookup.addresses.first().map_or("A", kind), "query_class": "IN", "rcode": "NOERROR",
            "answers": answers, "srcaddr": lookup.srcaddr.to_string(), "srcport": "40111", "transport": "UDP",
            "srcids": {},
        });
        if lookup.with_instance {
            record["srcids"] = json!({"instance": interface.instance_id});
        }
        if lookup.by_profile
            && let Some(fields) = record.as_object_mut()
        {
            fields.remove("vpc_id");
        }
        record
    }
}
