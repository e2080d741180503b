//! A world with all its evidence: logs, inventory, query logs, prices.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use serde_json::Value;

use super::inventory::Edit;
use super::sites;
use crate::world::writer::{self, Layout};
use crate::world::{Lookup, TruthRow, World, inventory_json, sample};
use crate::{Error, Result};

/// Home Regions. Of the last two the built-in list lacks prices, so that a price file gives them and a cut can take one away.
const REGIONS: [&str; 5] = ["us-east-1", "us-east-1", "us-east-1", "eu-west-1", "sa-east-1"];
/// A price for every charge that a world can have.
const CHARGES: [(&str, f64); 10] = [
    ("nat_hour", 0.09),
    ("nat_gib", 0.09),
    ("regional_nat_az_hour", 0.09),
    ("regional_nat_gib", 0.09),
    ("interface_endpoint_az_hour", 0.012),
    ("interface_endpoint_gib", 0.01),
    ("transit_gateway_gib", 0.02),
    ("transit_gateway_attachment_hour", 0.07),
    ("inter_az_gib", 0.01),
    ("public_ipv4_hour", 0.005),
];

/// A world with all its evidence. Cuts change the evidence and leave the topology and the flows alone, so the truth stays.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Scene {
    pub seed: u64,
    pub world: World,
    pub lookups: Vec<Lookup>,
    /// The service that really answers at an address, where query logs name it or could have.
    pub names: BTreeMap<IpAddr, String>,
    /// Region, charge, USD: the price file.
    pub prices: Vec<(String, &'static str, f64)>,
    pub(super) edits: Vec<Edit>,
    /// No directory at all.
    pub(super) no_inventory: bool,
    /// Logs make up for every interface all the time, with fields that tell vantage and path: the report must be the truth.
    pub whole: bool,
    /// Some interface speaks off the clock: factors are then not told to the cent.
    pub phased: bool,
}

impl Scene {
    /// The scene of a seed.
    pub fn random(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed ^ 0xab1a_7105);
        let region = REGIONS[rng.usize(..REGIONS.len())];
        let days = [1, 1, 2, 3][rng.usize(..4)];
        let mut scene = Self {
            seed,
            world: World::new(sample::START, days * 24),
            lookups: Vec::new(),
            names: BTreeMap::new(),
            prices: Vec::new(),
            edits: Vec::new(),
            no_inventory: false,
            whole: true,
            phased: false,
        };
        if region != "us-east-1" {
            scene.prices = CHARGES.map(|(charge, usd)| (region.to_owned(), charge, usd)).to_vec();
        }
        sites::build(&mut scene, &mut rng, region);
        scene
    }

    /// Files: `logs/`, `inventory/`, `resolver/`, `prices.toml`.
    pub fn write(&self, root: &Path) -> Result<()> {
        let layout = Layout { period: 12 * 3600, level: 1, ..Layout::default() };
        let logs = root.join("logs");
        fs::create_dir_all(&logs).map_err(|source| Error::Io { path: logs.clone(), source })?;
        writer::write_logs(&self.world, &logs, &layout)?;
        if !self.no_inventory {
            inventory_json::write_documents(&self.documents(), &root.join("inventory"))?;
        }
        if !self.lookups.is_empty() {
            self.world.write_lookups(&self.lookups, &root.join("resolver"))?;
        }
        if !self.prices.is_empty() {
            let mut text = String::new();
            for (region, charge, usd) in &self.prices {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "[[price]]\nregion = \"{region}\"\ncharge = \"{charge}\"\nusd = {usd}\n");
            }
            let path = root.join("prices.toml");
            fs::write(&path, text).map_err(|source| Error::Io { path, source })?;
        }
        Ok(())
    }

    /// The inventory that is left.
    pub fn documents(&self) -> BTreeMap<PathBuf, Value> {
        let mut documents = inventory_json::documents(&self.world);
        for edit in &self.edits {
            edit.apply(&self.world, &mut documents);
        }
        documents
    }

    /// What really happened, services by their real names.
    pub fn truth(&self) -> Vec<TruthRow> {
        let mut rows = Vec::new();
        for flow in &self.world.flows {
            for mut row in self.world.truth_of_flow(flow, &self.world.journey(flow)) {
                if let Some(name) = self.names.get(&flow.peer.address()) {
                    row.service.clone_from(name);
                }
                rows.push(row);
            }
        }
        rows
    }

    /// The USD of a charge in a Region, where the price file or AWS's list for us-east-1 and eu-west-1 gives it.
    pub fn price(&self, region: &str, charge: &str) -> Option<f64> {
        let own = self.prices.iter().find(|price| price.0 == region && price.1 == charge).map(|price| price.2);
        own.or(match (region, charge) {
            ("us-east-1", "nat_hour" | "nat_gib") => Some(0.045),
            _ => None,
        })
    }
}
