//! The least that any reader of gzip text must do: inflate every file and count its newlines and spaces, on all cores.

use std::fs::File;
use std::io::{Error, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use libdeflater::Decompressor;

/// Text that is counted while the first-level cache still has it.
const CACHED: usize = 16 * 1024;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        let _ = writeln!(std::io::stderr(), "usage: floor FOLDER");
        return ExitCode::from(2);
    };
    let files: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let counts = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(|| count_files(&files, &next))).collect();
        let joined = threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(Error::other("a panic"))));
        joined.collect::<Result<Vec<_>, _>>()
    });
    match counts {
        Ok(counts) => {
            let (bytes, lines, spaces) = counts.into_iter().fold((0, 0, 0), add);
            let _ = writeln!(std::io::stdout(), "{bytes} bytes, {lines} lines, {spaces} spaces");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(3)
        }
    }
}

/// Bytes of text, newlines and spaces.
type Counts = (usize, usize, usize);

fn add(a: Counts, b: Counts) -> Counts {
    (a.0 + b.0, a.1 + b.1, a.2 + b.2)
}

/// Counts one file after the other until all are taken, always in the same memory: fresh memory costs a millisecond a MiB.
fn count_files(files: &[PathBuf], next: &AtomicUsize) -> Result<Counts, Error> {
    let (mut decompressor, mut stored, mut text) = (Decompressor::new(), Vec::new(), Vec::new());
    let mut counts = (0, 0, 0);
    while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
        stored.clear();
        File::open(file)?.read_to_end(&mut stored)?;
        let size = stored.last_chunk::<4>().map_or(0, |size| u32::from_le_bytes(*size) as usize);
        if text.len() < size {
            text.resize(size, 0);
        }
        let read = decompressor.gzip_decompress(&stored, &mut text[..size]).map_err(Error::other)?;
        for piece in text[..read].chunks(CACHED) {
            let of = |byte: u8| piece.iter().filter(|b| **b == byte).count();
            counts = add(counts, (piece.len(), of(b'\n'), of(b' ')));
        }
    }
    Ok(counts)
}
