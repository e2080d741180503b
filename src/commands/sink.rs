//! Where a result is written: stdout, or a file that appears only when the result is whole.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// A writer that takes a closed pipe for an end, not for a failure.
pub(super) struct Sink<'a> {
    target: Target<'a>,
    closed: bool,
}

enum Target<'a> {
    Stream(&'a mut (dyn Write + Send)),
    File(Partial),
    /// A device or a pipe by name.
    Device(BufWriter<File>),
}

impl<'a> Sink<'a> {
    /// `file`, else `out`. A file is opened at once, so that a wrong path shows before the work is done.
    pub(super) fn open(file: Option<&Path>, out: &'a mut (dyn Write + Send)) -> Result<Self> {
        let target = match file {
            None => Target::Stream(out),
            Some(path) if path.is_dir() => {
                return Err(Error::Usage(format!("{} is a directory: -o wants a file", path.display())));
            }
            Some(path) if path.exists() && !path.is_file() => Target::Device(BufWriter::new(
                File::options().write(true).open(path).map_err(|source| Error::Io { path: path.into(), source })?,
            )),
            Some(path) => Target::File(Partial::create(path)?),
        };
        Ok(Self { target, closed: false })
    }

    /// Nobody reads any more: further work is for nothing.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether the result goes to the command's own stream.
    pub(super) fn is_stream(&self) -> bool {
        matches!(self.target, Target::Stream(_))
    }

    /// Writes all of `bytes`.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes).map_err(|source| Error::Io { path: self.name(), source })
    }

    /// Writes all of `text`.
    pub(super) fn print(&mut self, text: &str) -> Result<()> {
        self.put(text.as_bytes())
    }

    /// The result is whole.
    pub(super) fn finish(mut self) -> Result<()> {
        self.flush().map_err(|source| Error::Io { path: self.name(), source })?;
        if let Target::File(partial) = self.target { partial.keep() } else { Ok(()) }
    }

    fn name(&self) -> PathBuf {
        match &self.target {
            Target::File(partial) => partial.path.clone(),
            Target::Stream(_) | Target::Device(_) => "output".into(),
        }
    }

    fn writer(&mut self) -> &mut dyn Write {
        match &mut self.target {
            Target::Stream(out) => out,
            Target::File(partial) => &mut partial.writer,
            Target::Device(file) => file,
        }
    }

    fn settled<T>(&mut self, result: std::io::Result<T>, instead: T) -> std::io::Result<T> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(instead)
            }
            other => other,
        }
    }
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let written = self.writer().write(bytes);
        self.settled(written, bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let flushed = self.writer().flush();
        self.settled(flushed, ())
    }
}

/// A file beside the wanted one, renamed to it at the end and removed when there is no end.
struct Partial {
    writer: BufWriter<File>,
    path: PathBuf,
    beside: PathBuf,
    kept: bool,
}

impl Partial {
    fn create(path: &Path) -> Result<Self> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".partial-{}", std::process::id()));
        let beside = path.with_file_name(name);
        let file = File::create(&beside).map_err(|source| Error::Io { path: path.into(), source })?;
        Ok(Self { writer: BufWriter::new(file), path: path.into(), beside, kept: false })
    }

    fn keep(mut self) -> Result<()> {
        std::fs::rename(&self.beside, &self.path).map_err(|source| Error::Io { path: self.path.clone(), source })?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.kept {
            drop(std::fs::remove_file(&self.beside));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Err(ErrorKind::BrokenPipe.into())
        }
    }

    #[test]
    fn a_closed_pipe_is_an_end() {
        let mut out = Closed;
        let mut sink = Sink::open(None, &mut out).unwrap();
        assert!(!sink.is_closed());
        sink.print("rows\n").unwrap();
        assert!(sink.is_closed());
        sink.finish().unwrap();
    }

    #[test]
    fn a_file_appears_when_the_result_is_whole_and_keeps_the_old_one_until_then() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("report.md");
        std::fs::write(&path, "old").unwrap();
        let mut out = Vec::new();

        let mut broken = Sink::open(Some(&path), &mut out).unwrap();
        broken.print("half").unwrap();
        drop(broken);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");

        let mut whole = Sink::open(Some(&path), &mut out).unwrap();
        whole.print("new").unwrap();
        whole.finish().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1, "nothing is left beside it");
        assert!(out.is_empty());
    }
}
