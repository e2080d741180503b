//! Functions of one address, used on every row of `observations`.

use std::net::IpAddr;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringViewBuilder};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::logical_expr::ScalarUDF;

use super::{at, column_function, text};
use crate::topology::Topology;

pub(super) fn functions(topology: &Arc<Topology>) -> Vec<ScalarUDF> {
    let [keys, private, networks, vpcs] = std::array::from_fn(|_| Arc::clone(topology));
    vec![
        column_function("is_private", &[DataType::Utf8View], DataType::Boolean, move |args| {
            let answer = |t: Option<&str>| {
                let network = private.book.longest(t?.parse().ok()?);
                Some(network.private || network.customer)
            };
            Ok(Arc::new(text(&args[0]).iter().map(answer).collect::<BooleanArray>()) as ArrayRef)
        }),
        column_function("peer_network", &[DataType::Int64], DataType::Utf8View, move |args| {
            let mut nets = StringViewBuilder::new().with_deduplicate_strings();
            for number in args[0].as_primitive::<Int64Type>() {
                let net = number.and_then(|number| networks.book.told(usize::try_from(number).ok()?));
                nets.append_option(net.map(|net| net.to_string()));
            }
            Ok(Arc::new(nets.finish()) as ArrayRef)
        }),
        column_function("peer_key", &[DataType::Utf8View, DataType::Int64], DataType::Utf8View, move |args| {
            Ok(peer_keys(&keys, args))
        }),
        column_function(
            "vpc_of_address",
            &[DataType::Utf8View, DataType::Utf8View, DataType::Utf8View],
            DataType::Utf8View,
            move |args| {
                let (accounts, regions, addresses) = (text(&args[0]), text(&args[1]), text(&args[2]));
                let mut found = StringViewBuilder::new().with_deduplicate_strings();
                for row in 0..addresses.len() {
                    let address = at(addresses, row).and_then(|address| address.parse().ok());
                    found.append_option(
                        address.and_then(|a| vpcs.vpc_of_address(at(accounts, row), at(regions, row), a)),
                    );
                }
                Ok(Arc::new(found.finish()) as ArrayRef)
            },
        ),
        relation("interface_owns", topology, Topology::interface_owns),
        relation("nat_owns", topology, Topology::nat_owns),
        relation("vpc_holds", topology, Topology::vpc_holds),
    ]
}

fn peer_keys(topology: &Topology, args: &[ArrayRef]) -> ArrayRef {
    let (addresses, ports) = (text(&args[0]), args[1].as_primitive::<Int64Type>());
    let mut keys = StringViewBuilder::with_capacity(addresses.len()).with_deduplicate_strings();
    for row in 0..addresses.len() {
        let Some(address) = at(addresses, row) else {
            keys.append_null();
            continue;
        };
        let Ok(parsed) = address.parse::<IpAddr>() else {
            keys.append_null();
            continue;
        };
        let network = topology.book.longest(parsed);
        let port = ports.is_valid(row).then(|| ports.value(row));
        if topology.book.keeps_exact(parsed, network, port) {
            match parsed {
                IpAddr::V4(_) => keys.append_value(address),
                IpAddr::V6(_) => keys.append_value(parsed.to_string()),
            }
        } else {
            keys.append_value(&network.key);
        }
    }
    Arc::new(keys.finish())
}

/// A yes/no question about an id and an address; null when either is null or the id is unknown.
fn relation(name: &str, topology: &Arc<Topology>, ask: fn(&Topology, &str, IpAddr) -> Option<bool>) -> ScalarUDF {
    let topology = Arc::clone(topology);
    column_function(name, &[DataType::Utf8View, DataType::Utf8View], DataType::Boolean, move |args| {
        let (ids, addresses) = (text(&args[0]), text(&args[1]));
        let answers = (0..ids.len()).map(|row| ask(&topology, at(ids, row)?, at(addresses, row)?.parse().ok()?));
        Ok(Arc::new(answers.collect::<BooleanArray>()) as ArrayRef)
    })
}
