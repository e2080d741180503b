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
    let bytes = |(path, kind): (PathBuf, InventoryFile)| match kind {
        // Read where the ranges are used.
        InventoryFile::IpRanges => Ok((path, Vec::new())),
        _ => bytes_of(&path).map(|bytes| (path, bytes)),
    };
    let mut inventory = from_files(inventory_files(dir)?.into_iter().map(bytes))?;
    if inventory.files.is_empty() {
        inventory.notices.push(format!(
            "{} holds no inventory file; files are known by the AWS CLI command in their names, such as describe-subnets.json",
            dir.display()
        ));
    }
    Ok(inventory)
}

/// The inventory in files that are at hand, each with the path that it goes by. Paths that name no kind of file are left out.
pub fn from_files(files: impl IntoIterator<Item = Result<(PathBuf, Vec<u8>)>>) -> Result<Inventory> {
    let mut collected = Collected::default();
    for file in files {
        let (path, bytes) = file?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some(kind) = InventoryFile::of_file_name(&name) else { continue };
        collected.add(kind, &Arc::new(Origin::of(&path)), &text_of(&path, bytes)?)?;
    }
    Ok(resolve::resolve(&collected))
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

fn bytes_of(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Error::input(path.display().to_string(), format!("cannot be read: {error}")))
}

fn text_of(path: &Path, bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| {
        let message = "the file is not UTF-8 text; save the output of the AWS CLI as UTF-8";
        Error::input(path.display().to_string(), message)
    })
}
