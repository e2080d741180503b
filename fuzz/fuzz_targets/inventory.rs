//! One inventory file of any kind and content, and everything that is built on it.
//!
//! The first byte of the input chooses the kind; the rest is the file.

#![no_main]

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use offramp::address::{AddressBook, AwsRanges};
use offramp::inventory::model::InventoryFile;
use offramp::topology::Topology;

static RANGES: LazyLock<AwsRanges> = LazyLock::new(|| AwsRanges::embedded().expect("embedded ranges"));

fuzz_target!(|data: &[u8]| {
    let [kind, file @ ..] = data else { return };
    let kinds = InventoryFile::ALL;
    let command = kinds[usize::from(*kind) % kinds.len()].commands()[0];
    let path = PathBuf::from(format!("111122223333/us-east-1/{command}.json"));
    let once = offramp::inventory::from_files([Ok((path.clone(), file.to_vec()))]);
    // The same file again says the same: of a resource found twice one stands.
    let twice = offramp::inventory::from_files([Ok((path.clone(), file.to_vec())), Ok((path, file.to_vec()))]);
    let (inventory, twice) = match (once, twice) {
        (Ok(once), Ok(twice)) => (once, twice),
        (Err(error), Err(_)) => {
            assert!(error.to_string().contains(command), "{error}");
            return;
        }
        (once, twice) => panic!("{once:?} but twice {twice:?}"),
    };
    let ids = |inventory: &offramp::inventory::Inventory| {
        let interfaces = inventory.network_interfaces.iter().map(|one| one.interface_id.clone());
        let nats = inventory.nat_gateways.iter().map(|one| one.nat_gateway_id.clone());
        let tables = inventory.route_tables.iter().map(|one| one.route_table_id.clone());
        interfaces.chain(nats).chain(tables).collect::<Vec<_>>()
    };
    assert_eq!(ids(&inventory), ids(&twice));

    let inventory = Arc::new(inventory);
    let book = Arc::new(AddressBook::new(&RANGES, &inventory).with_alike_together(&inventory, None));
    let topology = Topology::new(Arc::clone(&inventory), book);
    let everywhere = "0.0.0.0/0".parse().expect("a network");
    for subnet in &inventory.subnets {
        topology.walk(Some(&subnet.vpc_id), Some(&subnet.subnet_id), everywhere, 0);
    }
    for table in &inventory.route_tables {
        topology.walk_from_table(&table.route_table_id, everywhere, 0);
        topology.owner(Some(&table.vpc_id), None, everywhere);
    }
});
