//! SQL functions of offramp. [`register_all`] is the one place that knows them all.
//!
//! | function | answers |
//! | --- | --- |
//! | `is_private(address)` | is it in a private range, or in the CIDR of a known VPC |
//! | `peer_key(address, port)` | what the rollup keeps of a peer: the exact address, or its network: the atom's CIDR, or that of the first of several alike and their number |
//! | `peer_network(network)` | CIDR of an atom by its number in `folded_peers` |
//! | `slots(start, end)` | bit mask of the 10-minute slots touched, from the hour of `start` |
//! | `slot_count(mask)` | number of slots in a mask |
//! | `first_slot(mask)`, `last_slot(mask)` | place of the first and last slot in a mask; null without one |
//! | `window_slots(hour, since, until)` | mask of the hour's slots that lie in the window |
//! | `interface_owns(interface_id, address)` | is it one of the interface's own addresses; null = unknown interface |
//! | `nat_owns(nat_gateway_id, address)` | is it one of the NAT gateway's; null = unknown gateway |
//! | `vpc_holds(vpc_id, address)` | do the VPC's CIDRs hold it; null = unknown VPC |
//! | `vpc_of_address(account_id, region, address)` | the one known VPC there whose CIDRs hold it; null = none or several |
//! | `has_load_balancer(vpc_id)` | does the VPC hold a load balancer or Global Accelerator interface |
//! | `address_owner(vpc_id, subnet_id, key)` | whose address it is, asked from there |
//! | `peer_service(key, code)` | service of the peer with evidence; kind = private, vpc_cidr (public, but in a known VPC's CIDR) or public |
//! | `route_walk(vpc_id, subnet_id, key, hour)` | path by route tables |
//! | `route_era(hour)` | number of the era: hours of one era have the same routes |
//! | `host_service(names)` | service of a chain of host names: kind, service, region, covered |
//! | `endpoint_service_id(name)` | id of an AWS endpoint service; any other name stays |
//! | `proportion(amount, part, whole)` | `floor(amount * part / whole)` in whole numbers |
//! | `number_of(text)` | a number for the text, the same within a run |
//! | `stable_id(text)` | short hash that is the same in every run |

mod addresses;
mod hosts;
mod number_of;
mod proportion;
mod slots;
mod stable_id;
mod topology;

pub use slots::{SLOT, slot_mask};

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, StringViewArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result as DfResult;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use datafusion::prelude::SessionContext;

use crate::address::Catalogue;
use crate::topology::Topology;

/// Registers every function on a session.
pub fn register_all(ctx: &SessionContext, topology: &Arc<Topology>, catalogue: &Arc<Catalogue>) {
    let functions = addresses::functions(topology)
        .into_iter()
        .chain(topology::functions(topology))
        .chain(slots::functions())
        .chain([
            stable_id::function(),
            number_of::function(),
            proportion::function(),
            hosts::host_service(catalogue),
            hosts::endpoint_service_id(catalogue),
        ]);
    for function in functions {
        ctx.register_udf(function);
    }
}

/// A function over whole columns: argument arrays of equal length in, one array out.
fn column_function<F>(name: &str, arguments: &[DataType], returns: DataType, f: F) -> ScalarUDF
where
    F: Fn(&[ArrayRef]) -> DfResult<ArrayRef> + Send + Sync + 'static,
{
    let body = move |values: &[ColumnarValue]| {
        let arrays = ColumnarValue::values_to_arrays(values)?;
        Ok(ColumnarValue::Array(f(&arrays)?))
    };
    create_udf(name, arguments.to_vec(), returns, Volatility::Immutable, Arc::new(body))
}

fn text(array: &ArrayRef) -> &StringViewArray {
    array.as_string_view()
}

fn at(array: &StringViewArray, row: usize) -> Option<&str> {
    use datafusion::arrow::array::Array;
    array.is_valid(row).then(|| array.value(row))
}
