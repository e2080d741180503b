//! Finds and reads the files below a directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use super::collect::Collected;
use super::model::{Inventory, InventoryFile};
use super::origin::Origin;
use super::resolve;
use crate::{Error, Result};

/// Reads all inventory files below `dir`, in the order of their paths.
///
/// Files are known by their names (see [`InventoryFile::of_file_name`]); all others are left alone.
pub fn read(dir: &Path) -> Result<Inventory> {
    if !dir.is_dir() {
        let what = if dir.exists() { "is not a directory" } else { "does not exist" };
        return Err(Error::Usage(format!(
            "the inventory directory {} {what}; name a directory with the output of the AWS CLI, \
             such as describe-network-interfaces.json",
            dir.display()
        )));
    }
    let mut collected = Collected::default();
    for (path, kind) in inventory_files(dir)? {
        let origin = Arc::new(Origin::of(&path));
        let text = if kind == InventoryFile::IpRanges { String::new() } else { text_of(&path)? };
        collected.add(kind, &origin, &text)?;
    }
    let mut inventory = resolve::resolve(&collected);
    if inventory.files.is_empty() {
        inventory.notices.push(format!(
            "{} holds no inventory file; files are known by the AWS CLI command in their names, such as describe-subnets.json",
            dir.display()
        ));
    }
    Ok(inventory)
}

fn inventory_files(dir: &Path) -> Result<Vec<(PathBuf, InventoryFile)>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(dir).follow_links(true) {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(dir).to_path_buf();
            let message = error.to_string();
            Error::Io { path, source: error.into_io_error().unwrap_or_else(|| std::io::Error::other(message)) }
        })?;
        let kind = InventoryFile::of_file_name(&entry.file_name().to_string_lossy());
        if let (true, Some(kind)) = (entry.file_type().is_file(), kind) {
            files.push((entry.into_path(), kind));
        }
    }
    files.sort();
    Ok(files)
}

fn text_of(path: &Path) -> Result<String> {
    let fault = |message: String| Error::input(path.display().to_string(), message);
    let bytes = fs::read(path).map_err(|error| fault(format!("cannot be read: {error}")))?;
    String::from_utf8(bytes)
        .map_err(|_| fault("the file is not UTF-8 text; save the output of the AWS CLI as UTF-8".to_owned()))
}
