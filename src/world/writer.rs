//! Writes records as AWS delivers them: files below `AWSLogs/`, one per flow log and period, or as a Firehose stream names them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::delivery::Delivery;
use super::emit::Emitter;
use super::row::Row;
use super::topology::World;
use super::{fields, flow::Flow};
use crate::{Error, Result};

/// How files are cut and written.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Seconds of one file's period; AWS's is 300. A record lies in the file whose period holds its `end`.
    pub period: i64,
    /// Shuffles the lines of each file.
    pub shuffle: bool,
    /// For the shuffle.
    pub seed: u64,
    /// gzip level.
    pub level: u32,
    /// Between the root and `AWSLogs/`, empty or ending in `/`.
    pub prefix: String,
    /// Form of the files.
    pub delivery: Delivery,
}

impl Default for Layout {
    fn default() -> Self {
        Self { period: 3600, shuffle: false, seed: 1, level: 6, prefix: String::new(), delivery: Delivery::Gzip }
    }
}

/// Writes the flow logs of `world` below `root`; returns the files written.
pub fn write_logs(world: &World, root: &Path, layout: &Layout) -> Result<Vec<PathBuf>> {
    world.check()?;
    let mut writer = Writer::new(world, root, layout.clone());
    let mut emitter = Emitter::new(world);
    for flow in &world.flows {
        writer.flow(&mut emitter, flow);
    }
    emitter.finish(&mut |log, row| writer.row(log, row));
    writer.flush(i64::MAX)?;
    Ok(writer.files)
}

/// Collects lines by file and writes files that are complete.
#[derive(Debug)]
pub struct Writer<'w> {
    world: &'w World,
    root: PathBuf,
    layout: Layout,
    open: BTreeMap<(i64, usize), Vec<u8>>,
    /// Bytes of text so far, headers left out.
    pub text_bytes: u64,
    /// Records so far.
    pub records: u64,
    /// Files written.
    pub files: Vec<PathBuf>,
}

impl<'w> Writer<'w> {
    /// A writer for the flow logs of `world`.
    pub fn new(world: &'w World, root: &Path, layout: Layout) -> Self {
        let root = root.to_owned();
        Self { world, root, layout, open: BTreeMap::new(), text_bytes: 0, records: 0, files: Vec::new() }
    }

    /// Adds the records of a flow.
    pub fn flow(&mut self, emitter: &mut Emitter<'_>, flow: &Flow) {
        emitter.flow(flow, &mut |log, row| self.row(log, row));
    }

    /// Adds a record of a flow log.
    pub fn row(&mut self, log: usize, row: &Row<'_>) {
        let period = row.end.div_euclid(self.layout.period) * self.layout.period;
        let text = self.open.entry((period, log)).or_default();
        let before = text.len();
        fields::write(&self.world.flow_logs[log].fields, row, text);
        self.text_bytes += (text.len() - before) as u64;
        self.records += 1;
    }

    /// Writes the files whose period began before `time`.
    pub fn flush(&mut self, time: i64) -> Result<()> {
        while let Some(entry) = self.open.first_entry()
            && entry.key().0 < time
        {
            let ((period, log), text) = entry.remove_entry();
            self.write(period, log, text)?;
        }
        Ok(())
    }

    fn write(&mut self, period: i64, log: usize, text: Vec<u8>) -> Result<()> {
        let flow_log = &self.world.flow_logs[log];
        let text = if self.layout.shuffle { shuffled(&text, self.layout.seed ^ period as u64) } else { text };
        let time = jiff::Timestamp::from_second(period).map_err(|e| Error::Output(e.to_string()))?;
        let (prefix, account, region) = (&self.layout.prefix, &flow_log.account, &flow_log.region);
        let hash = hash(&text) as u32;
        let path = self.root.join(match self.layout.delivery.suffix() {
            Some(suffix) => format!(
                "{prefix}AWSLogs/{account}/vpcflowlogs/{region}/{}/{account}_vpcflowlogs_{region}_{}_{}_{hash:08x}{suffix}",
                time.strftime("%Y/%m/%d"),
                flow_log.id,
                time.strftime("%Y%m%dT%H%MZ")
            ),
            None => {
                let (folder, second) = (time.strftime("%Y/%m/%d/%H"), time.strftime("%Y-%m-%d-%H-%M-%S"));
                format!("{prefix}{folder}/{}-1-{second}-{hash:08x}", flow_log.id)
            }
        });
        let io = |source| Error::Io { path: path.clone(), source };
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory).map_err(io)?;
        }
        let delivery = self.layout.delivery;
        let file = delivery.file(&flow_log.fields, flow_log.header, &text, self.layout.level).map_err(io)?;
        fs::write(&path, file).map_err(io)?;
        self.files.push(path);
        Ok(())
    }
}

fn shuffled(text: &[u8], seed: u64) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    fastrand::Rng::with_seed(seed).shuffle(&mut lines);
    lines.concat()
}

/// FNV-1a, enough to keep names apart.
fn hash(text: &[u8]) -> u64 {
    text.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
