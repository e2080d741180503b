//! What flow logs and inventory can answer, told from field names and configurations before any record counts: what is missing,
//! what that costs in certainty, and how to switch it on.

pub mod advice;
pub mod answers;
mod configs;
pub mod model;
mod notices;
mod sample;

use std::collections::BTreeMap;

pub use notices::notices;
pub use sample::{Sample, sample};

use self::model::{Check, InventoryCheck, InventoryFileCheck, SCHEMA_VERSION};
use crate::Result;
use crate::inventory::Inventory;
use crate::source::listing::Selection;

/// The fields that objects of one flow log have, by AWS's names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenLog {
    /// `fl-...`, or the stand-in for objects without AWS's name.
    pub flow_log_id: String,
    /// From the key.
    pub account_id: Option<String>,
    /// From the key.
    pub region: Option<String>,
    /// Names as AWS writes them, left to right.
    pub fields: Vec<String>,
}

/// Judges the accounts and Regions asked for: the inventory together with the flow logs seen, and advises; `None` = no logs were looked at, so that nothing is
/// concluded from one that was not met.
///
/// # Errors
/// [`crate::Error::Output`] when a command cannot be written.
pub fn check(inventory: &Inventory, seen: Option<&[SeenLog]>, asked: &Selection) -> Result<Check> {
    let check = judge(inventory, seen, asked);
    let advice = advice::advise(inventory, &check.flow_logs, &check.watched)?;
    Ok(Check { advice, ..check })
}

/// The same without advice.
pub fn judge(inventory: &Inventory, seen: Option<&[SeenLog]>, asked: &Selection) -> Check {
    let mut flow_logs = configs::flow_logs(inventory, seen);
    let mut watched = configs::watched(inventory, &flow_logs);
    flow_logs.retain(|log| asked.wants_owner(log.account_id.as_deref(), log.region.as_deref()));
    watched.retain(|vpc| asked.wants_owner(vpc.account_id.as_deref(), vpc.region.as_deref()));
    let inventory = inventory_check(inventory);
    Check { schema_version: SCHEMA_VERSION, inventory, flow_logs, watched, ..Check::default() }
}

/// Objects of the same flow log as one; each format of a flow log without a name stands by itself already.
pub(crate) fn merged(logs: impl IntoIterator<Item = SeenLog>) -> Vec<SeenLog> {
    let mut merged = BTreeMap::<String, SeenLog>::new();
    for log in logs {
        merged.entry(log.flow_log_id.clone()).or_insert(log);
    }
    merged.into_values().collect()
}

fn inventory_check(inventory: &Inventory) -> InventoryCheck {
    let files = inventory.files.iter().map(|file| InventoryFileCheck {
        command: file.kind.commands().first().copied().unwrap_or_default().to_owned(),
        path: file.path.clone(),
        entries: file.entries as u64,
    });
    let absent = inventory.absences().into_iter().map(|(kind, cost)| model::AbsentFile {
        command: kind.commands().first().copied().unwrap_or_default().to_owned(),
        cost: cost.to_owned(),
    });
    let notices = inventory.partial_absences().into_iter().chain(inventory.notices.iter().cloned());
    InventoryCheck { files: files.collect(), absent: absent.collect(), notices: notices.collect() }
}
