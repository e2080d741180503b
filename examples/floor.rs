//! The least that any reader of gzip text must do: inflate every file and count its newlines and spaces, on all cores.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use libdeflater::Decompressor;
use rayon::prelude::*;

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
    let init = || (Decompressor::new(), Vec::new());
    let counts = files.par_iter().map_init(init, |(decompressor, text), file| count(decompressor, text, file));
    match counts.try_reduce(|| (0, 0, 0), |a, b| Ok((a.0 + b.0, a.1 + b.1, a.2 + b.2))) {
        Ok((bytes, lines, spaces)) => {
            let _ = writeln!(std::io::stdout(), "{bytes} bytes, {lines} lines, {spaces} spaces");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(3)
        }
    }
}

/// Bytes of text, newlines and spaces of one file of one gzip member.
fn count(
    decompressor: &mut Decompressor,
    text: &mut Vec<u8>,
    file: &PathBuf,
) -> Result<(usize, usize, usize), std::io::Error> {
    let stored = std::fs::read(file)?;
    let size = stored.last_chunk::<4>().map_or(0, |size| u32::from_le_bytes(*size) as usize);
    if text.len() < size {
        text.resize(size, 0);
    }
    let read = decompressor.gzip_decompress(&stored, &mut text[..size]).map_err(std::io::Error::other)?;
    let of = |byte: u8| text[..read].iter().filter(|b| **b == byte).count();
    Ok((read, of(b'\n'), of(b' ')))
}
