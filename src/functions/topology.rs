//! Functions of the topology, used on the rollup: owner of an address, service of a peer, path by route tables.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringViewBuilder, StructArray};
use datafusion::arrow::datatypes::{DataType, Field, Fields, Int64Type};
use datafusion::logical_expr::ScalarUDF;

use super::{at, column_function, text};
use crate::address::book::net_of_key;
use crate::inventory::model::InterfaceKind;
use crate::topology::Topology;

pub(super) fn functions(topology: &Arc<Topology>) -> Vec<ScalarUDF> {
    let [owners, services, walks, eras, balancers] = std::array::from_fn(|_| Arc::clone(topology));
    let string = DataType::Utf8View;
    vec![
        column_function(
            "address_owner",
            &[string.clone(), string.clone(), string.clone()],
            Columns::ty(&OWNER),
            move |args| Ok(owner(&owners, args)),
        ),
        column_function("peer_service", &[string.clone(), string.clone()], Columns::ty(&SERVICE), move |args| {
            Ok(service(&services, args))
        }),
        column_function(
            "route_walk",
            &[string.clone(), string.clone(), string.clone(), DataType::Int64],
            Columns::ty(&WALK),
            move |args| Ok(walk(&walks, args)),
        ),
        column_function("route_era", &[DataType::Int64], DataType::Int64, move |args| {
            let hours = args[0].as_primitive::<Int64Type>();
            Ok(Arc::new(hours.unary::<_, Int64Type>(|hour| eras.era(hour))) as ArrayRef)
        }),
        column_function("has_load_balancer", &[string], DataType::Boolean, move |args| {
            let answers = text(&args[0]).iter().map(|vpc| Some(balancers.has_load_balancer(vpc?)));
            Ok(Arc::new(answers.collect::<BooleanArray>()) as ArrayRef)
        }),
    ]
}

const OWNER: [&str; 9] =
    ["standing", "account_id", "region", "vpc_id", "subnet_id", "az_id", "interface_id", "kind", "endpoint_id"];
const SERVICE: [&str; 5] = ["service", "evidence", "region", "gateway_service", "kind"];
const WALK: [&str; 5] = ["path", "via", "nat_gateway_id", "endpoint_id", "route_table_id"];

/// Builders of a struct of nullable texts.
struct Columns<const N: usize> {
    fields: Fields,
    builders: [StringViewBuilder; N],
}

impl<const N: usize> Columns<N> {
    fn ty(names: &[&str; N]) -> DataType {
        DataType::Struct(Self::fields(names))
    }

    fn fields(names: &[&str; N]) -> Fields {
        names.iter().map(|name| Field::new(*name, DataType::Utf8View, true)).collect()
    }

    fn new(names: &[&str; N]) -> Self {
        let builders = std::array::from_fn(|_| StringViewBuilder::new().with_deduplicate_strings());
        Self { fields: Self::fields(names), builders }
    }

    fn push(&mut self, row: [Option<&str>; N]) {
        for (builder, value) in self.builders.iter_mut().zip(row) {
            builder.append_option(value);
        }
    }

    fn finish(mut self) -> ArrayRef {
        let arrays = self.builders.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef).collect();
        Arc::new(StructArray::new(self.fields, arrays, None))
    }
}

fn owner(topology: &Topology, args: &[ArrayRef]) -> ArrayRef {
    let (vpcs, subnets, keys) = (text(&args[0]), text(&args[1]), text(&args[2]));
    let mut columns = Columns::new(&OWNER);
    for row in 0..keys.len() {
        let Some(net) = at(keys, row).and_then(net_of_key) else {
            columns.push([None; 9]);
            continue;
        };
        let owner = topology.owner(at(vpcs, row), at(subnets, row), net);
        let eni = owner.interface;
        columns.push([
            Some(owner.standing.as_str()),
            owner.account_id,
            owner.region,
            owner.vpc_id,
            owner.subnet_id,
            owner.az_id,
            eni.map(|e| e.interface_id.as_str()),
            eni.map(|e| e.kind.as_str()),
            eni.filter(|e| matches!(e.kind, InterfaceKind::InterfaceEndpoint | InterfaceKind::OtherEndpoint))
                .and_then(|e| e.endpoint_id.as_deref()),
        ]);
    }
    columns.finish()
}

/// Service order of `semantics.md` section 5 without DNS: flow field, prefix list, ranges, range label, internet, private.
fn service(topology: &Topology, args: &[ArrayRef]) -> ArrayRef {
    let (keys, codes) = (text(&args[0]), text(&args[1]));
    let mut columns = Columns::new(&SERVICE);
    for row in 0..keys.len() {
        let Some(network) = at(keys, row).and_then(|key| topology.book.of_key(key)) else {
            columns.push([None; 5]);
            continue;
        };
        let code = at(codes, row);
        let listed = network.prefix_list.as_ref().map(|(s, r)| (s.as_str(), Some(r.as_str())));
        let ranged = network.gateway_range.as_ref().map(|(s, r)| (s.as_str(), r.as_deref()));
        let field = match code {
            Some("S3") => Some("s3"),
            Some("DYNAMODB") => Some("dynamodb"),
            _ => None,
        };
        // The service whose prefix list carries the peer, or whose ranges do where the Region's list is unknown.
        let gateway =
            listed.or_else(|| ranged.filter(|(s, region)| region.is_some_and(|r| !topology.book.lists_known(s, r))));
        let gateway = gateway.map(|(s, _)| s);
        let kind = Some(match (network.private, network.customer) {
            (true, _) => "private",
            (false, true) => "vpc_cidr",
            (false, false) => "public",
        });
        if network.private {
            columns.push([Some("private"), None, None, None, kind]);
        } else if at(keys, row).is_some_and(|key| topology.book.is_own_balancer(key)) {
            columns.push([Some("own:load_balancer"), Some("inventory"), network.region.as_deref(), None, kind]);
        } else if let Some(service) = field {
            let region = listed.or(ranged).and_then(|(_, r)| r).or(network.region.as_deref());
            columns.push([Some(service), Some("flow_field"), region, gateway, kind]);
        } else if let Some((service, region)) = listed {
            columns.push([Some(service), Some("prefix_list"), region, gateway, kind]);
        } else if let Some((service, region)) = ranged {
            columns.push([Some(service), Some("ip_ranges"), region, gateway, kind]);
        } else if let Some(label) = code.or(network.code.as_deref()) {
            let evidence = if code.is_some() { "flow_field" } else { "ip_ranges" };
            let label = format!("range:{}", label.to_ascii_lowercase());
            columns.push([Some(&label), Some(evidence), network.region.as_deref(), None, kind]);
        } else {
            columns.push([Some("internet"), None, None, None, kind]);
        }
    }
    columns.finish()
}

fn walk(topology: &Topology, args: &[ArrayRef]) -> ArrayRef {
    let (places, subnets, keys) = (text(&args[0]), text(&args[1]), text(&args[2]));
    let hours = args[3].as_primitive::<Int64Type>();
    let mut columns = Columns::new(&WALK);
    for row in 0..keys.len() {
        let Some(net) = at(keys, row).and_then(net_of_key) else {
            columns.push([None; 5]);
            continue;
        };
        let hour = if hours.is_valid(row) { hours.value(row) } else { i64::MAX };
        // A route table id in place of the VPC starts from that table (regional NAT gateways have their own).
        let walk = match at(places, row) {
            Some(table) if table.starts_with("rtb-") => topology.walk_from_table(table, net, hour),
            vpc => topology.walk(vpc, at(subnets, row), net, hour),
        };
        columns.push([
            Some(walk.path),
            walk.via.as_deref(),
            walk.nat_gateway_id.as_deref(),
            walk.endpoint_id.as_deref(),
            walk.route_table_id.as_deref(),
        ]);
    }
    columns.finish()
}
