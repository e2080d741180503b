//! Functions of the endpoint catalogue: `host_service` for chains of host names, `endpoint_service_id` for endpoints.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanBuilder, StringViewArray, StringViewBuilder, StructArray};
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::logical_expr::ScalarUDF;

use super::{column_function, text};
use crate::address::{Catalogue, HostMatch};

pub(super) fn host_service(catalogue: &Arc<Catalogue>) -> ScalarUDF {
    let catalogue = Arc::clone(catalogue);
    column_function("host_service", &[DataType::Utf8View], DataType::Struct(fields()), move |args| {
        let mut known = HashMap::new();
        let [mut kinds, mut services, mut regions] =
            std::array::from_fn(|_| StringViewBuilder::new().with_deduplicate_strings());
        let mut covered = BooleanBuilder::new();
        for names in text(&args[0]).iter() {
            let verdict = names.map(|names| known.entry(names).or_insert_with(|| Verdict::of(&catalogue, names)));
            let service = verdict.as_ref().and_then(|verdict| verdict.service());
            kinds.append_option(verdict.as_ref().map(|verdict| verdict.kind()));
            services.append_option(service.map(|service| service.service_id.as_str()));
            regions.append_option(service.and_then(|service| service.region.as_deref()));
            covered.append_option(service.map(|service| service.covered));
        }
        let columns: Vec<ArrayRef> = vec![
            Arc::new(kinds.finish()),
            Arc::new(services.finish()),
            Arc::new(regions.finish()),
            Arc::new(covered.finish()),
        ];
        Ok(Arc::new(StructArray::new(fields(), columns, None)))
    })
}

/// `com.amazonaws.us-east-1.ecr.dkr` is `ecr.dkr`; the name of a service that is not AWS's stays as it is.
pub(super) fn endpoint_service_id(catalogue: &Arc<Catalogue>) -> ScalarUDF {
    let catalogue = Arc::clone(catalogue);
    column_function("endpoint_service_id", &[DataType::Utf8View], DataType::Utf8View, move |args| {
        let ids = text(&args[0]).iter().map(|name| name.map(|name| catalogue.service_id(name).unwrap_or(name)));
        Ok(Arc::new(ids.collect::<StringViewArray>()))
    })
}

fn fields() -> Fields {
    let texts = ["kind", "service", "region"].map(|name| Field::new(name, DataType::Utf8View, true));
    texts.into_iter().chain([Field::new("covered", DataType::Boolean, true)]).collect()
}

/// What a chain of names says.
enum Verdict {
    Service(HostMatch),
    Outside,
    Several,
}

impl Verdict {
    /// Any name of the chain may match. The first match is what was asked for, so it decides whether private DNS takes the
    /// name over; a Region may also come from a later name.
    fn of(catalogue: &Catalogue, names: &str) -> Self {
        let mut found: Option<HostMatch> = None;
        for next in names.split(' ').filter_map(|name| catalogue.service_of_host(name)) {
            match &mut found {
                None => found = Some(next),
                Some(first) if first.service_id != next.service_id => return Self::Several,
                Some(first) => match (&first.region, next.region) {
                    (Some(one), Some(other)) if *one != other => return Self::Several,
                    (None, region) => first.region = region,
                    _ => {}
                },
            }
        }
        found.map_or(Self::Outside, Self::Service)
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Service(_) => "service",
            Self::Outside => "outside",
            Self::Several => "several",
        }
    }

    fn service(&self) -> Option<&HostMatch> {
        if let Self::Service(service) = self { Some(service) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains() {
        let catalogue = Catalogue::embedded().unwrap();
        for (names, kind, service) in [
            ("files.example.com b.s3.us-east-1.amazonaws.com", "service", Some(("s3", Some("us-east-1"), true))),
            ("queue.amazonaws.com us-east-1.queue.amazonaws.com", "service", Some(("sqs", Some("us-east-1"), false))),
            ("queue.amazonaws.com sqs.us-east-1.amazonaws.com", "service", Some(("sqs", Some("us-east-1"), false))),
            ("sts.amazonaws.com", "service", Some(("sts", None, false))),
            ("sqs.us-east-1.amazonaws.com sns.us-east-1.amazonaws.com", "several", None),
            ("sqs.us-east-1.amazonaws.com sqs.eu-west-1.amazonaws.com", "several", None),
            ("api.vendor.example my-lb.us-east-1.elb.amazonaws.com", "outside", None),
        ] {
            let verdict = Verdict::of(&catalogue, names);
            let found = verdict.service().map(|s| (s.service_id.as_str(), s.region.as_deref(), s.covered));
            assert_eq!((verdict.kind(), found), (kind, service), "{names}");
        }
    }
}
