//! Walking directories.

use std::path::{Path as FsPath, PathBuf};

use datafusion::execution::object_store::ObjectStoreUrl;
use object_store::ObjectMeta;
use object_store::path::Path;
use walkdir::{DirEntry, WalkDir};

use super::listing::{Found, LogObject};
use crate::error::{Error, Result};
use crate::record::key::KeyFacts;
use crate::record::kind::LogKind;

/// The file itself, whatever its name.
pub(super) fn one_file(kind: LogKind, path: &FsPath) -> Result<Found> {
    let mut found = Found::default();
    match std::fs::metadata(path) {
        Ok(meta) if meta.is_file() => found.add(kind, path, &meta),
        Ok(_) => return Err(Error::Usage(format!("{}: is neither a file nor a directory", path.display()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::Usage(format!("{}: no such file or directory", path.display())));
        }
        Err(source) => return Err(Error::Io { path: path.to_owned(), source }),
    }
    Ok(found)
}

/// Every file below a directory, links followed, hidden names left out.
pub(super) fn walk(kind: LogKind, directory: &FsPath) -> Result<Found> {
    let mut found = Found::default();
    let visible = |entry: &DirEntry| entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".");
    for entry in WalkDir::new(directory).follow_links(true).sort_by_file_name().into_iter().filter_entry(visible) {
        match entry {
            Ok(entry) if entry.file_type().is_file() => match entry.metadata() {
                Ok(meta) => found.add(kind, entry.path(), &meta),
                Err(error) => return Err(io_error(error, directory)),
            },
            Ok(_) => {}
            Err(error) if error.loop_ancestor().is_some() => {}
            Err(error) if is_dangling_link(&error) => {
                let path = error.path().map_or_else(String::new, |path| path.display().to_string());
                found.refused.push((path, "a link to nothing".to_owned()));
            }
            Err(error) => return Err(io_error(error, directory)),
        }
    }
    Ok(found)
}

fn is_dangling_link(error: &walkdir::Error) -> bool {
    let absent = error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound);
    absent && error.path().is_some_and(|path| path.is_symlink())
}

fn io_error(error: walkdir::Error, directory: &FsPath) -> Error {
    let path = error.path().map_or_else(|| directory.to_owned(), PathBuf::from);
    let source = error.into_io_error().unwrap_or_else(|| std::io::Error::other("cannot be walked"));
    Error::Io { path, source }
}

impl Found {
    fn add(&mut self, kind: LogKind, path: &FsPath, meta: &std::fs::Metadata) {
        let display = path.display().to_string();
        match object(kind, path, meta, &display) {
            Ok(object) => self.objects.push(object),
            Err(reason) => self.refused.push((display, reason)),
        }
    }
}

fn object(
    kind: LogKind,
    path: &FsPath,
    meta: &std::fs::Metadata,
    display: &str,
) -> std::result::Result<LogObject, String> {
    // The real path is the identity, so that links and overlapping sources do not count a file twice.
    let location =
        Path::from_filesystem_path(path).map_err(|_| "its name is not UTF-8 or holds control characters".to_owned())?;
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let key = KeyFacts::parse_as(kind, &absolute.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"));
    let last_modified = meta.modified().unwrap_or(std::time::UNIX_EPOCH).into();
    let meta = ObjectMeta { location, last_modified, size: meta.len(), e_tag: None, version: None };
    Ok(LogObject { store: ObjectStoreUrl::local_filesystem(), meta, display: display.to_owned(), key })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: PathBuf) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "x").unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn hidden_names_loops_and_dangling_links() {
        let root = tempfile::tempdir().unwrap();
        write(root.path().join("a/b/one.log"));
        write(root.path().join("a/.hidden/two.log"));
        write(root.path().join("a/.three.log"));
        std::os::unix::fs::symlink(root.path(), root.path().join("a/b/loop")).unwrap();
        std::os::unix::fs::symlink(root.path().join("absent"), root.path().join("a/dangling.log")).unwrap();
        let found = walk(LogKind::FlowLogs, root.path()).unwrap();
        let names: Vec<_> = found.objects.iter().map(|object| object.meta.location.filename().unwrap()).collect();
        assert_eq!(names, ["one.log"]);
        assert_eq!(found.refused.len(), 1);
        assert!(found.refused[0].0.ends_with("a/dangling.log"), "{:?}", found.refused);
    }

    #[test]
    fn what_is_not_there_is_a_usage_error() {
        let error = one_file(LogKind::FlowLogs, FsPath::new("absent/file.log")).unwrap_err();
        assert_eq!(error.to_string(), "absent/file.log: no such file or directory");
        assert_eq!(error.exit_code(), 2);
    }

    #[test]
    fn the_day_is_read_from_the_whole_path() {
        let root = tempfile::tempdir().unwrap();
        let day = root.path().join("123456789012/vpcflowlogs/eu-west-1/2026/09/10");
        write(day.join("part.gz"));
        let found = walk(LogKind::FlowLogs, &day).unwrap();
        assert_eq!(found.objects[0].key.region.as_deref(), Some("eu-west-1"));
        assert_eq!(found.objects[0].key.day, Some(jiff::civil::date(2026, 9, 10)));
        assert_eq!(found.objects[0].meta.size, 1);
    }
}
