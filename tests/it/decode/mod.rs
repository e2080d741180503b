//! Text flow logs through SQL: what a file says is what `flow_logs` shows, and whatever is wrong is counted.

mod columns;
mod damage;
mod documented;
mod headers;
mod lines;
mod messages;
pub(crate) mod parquet;
mod properties;
mod stores;
mod variants;

use std::{io::Write, path::Path, sync::Arc};

use datafusion::{
    arrow::{array::RecordBatch, util::pretty::pretty_format_batches},
    execution::object_store::ObjectStoreUrl,
    prelude::{SessionConfig, SessionContext},
};
use flate2::{Compression, write::GzEncoder};
use object_store::ObjectMeta;
use offramp::{
    record::key::KeyFacts,
    source::{
        ledger::{Ledger, ScanSummary},
        listing::LogObject,
        provider::{DecodeOptions, FlowLogTable, KnownFormat},
    },
};
use tempfile::TempDir;

pub(crate) const V2: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes \
                             start end action log-status";
/// AWS's documented accepted SSH flow.
pub(crate) const SSH: &str = "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 \
                              1418530010 1418530070 ACCEPT OK";
/// AWS's documented rejected RDP flow.
pub(crate) const RDP: &str = "2 123456789010 eni-1235b8ca123456789 172.31.9.69 172.31.9.12 49761 3389 6 20 4249 \
                              1418530010 1418530070 REJECT OK";

/// A folder of objects and the table over them.
pub(crate) struct Logs {
    folder: TempDir,
    objects: Vec<LogObject>,
    ledger: Arc<Ledger>,
    log_format: Option<String>,
    known: Vec<KnownFormat>,
    batch_size: usize,
}

impl Logs {
    pub(crate) fn new() -> Self {
        let (folder, objects, ledger) = (TempDir::new().unwrap(), Vec::new(), Arc::default());
        Self { folder, objects, ledger, log_format: None, known: Vec::new(), batch_size: 8192 }
    }

    pub(crate) fn of(name: &str, content: impl AsRef<[u8]>) -> Self {
        Self::new().with(name, content)
    }

    pub(crate) fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.with_key(name, content, KeyFacts::default())
    }

    pub(crate) fn with_key(mut self, name: &str, content: impl AsRef<[u8]>, key: KeyFacts) -> Self {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        self.objects.push(object(&path, name, key));
        self
    }

    pub(crate) fn log_format(mut self, format: &str) -> Self {
        self.log_format = Some(format.into());
        self
    }

    pub(crate) fn known(mut self, flow_log_id: &str, log_group: &str, log_format: &str) -> Self {
        let (flow_log_id, log_group) = (flow_log_id.to_owned(), Some(log_group.to_owned()));
        self.known.push(KnownFormat { flow_log_id, log_group, log_format: log_format.to_owned() });
        self
    }

    pub(crate) fn batch_size(mut self, rows: usize) -> Self {
        self.batch_size = rows;
        self
    }

    pub(crate) fn remove(&self, name: &str) {
        std::fs::remove_file(self.folder.path().join(name)).unwrap();
    }

    pub(crate) fn session(&self) -> SessionContext {
        let config = SessionConfig::new().with_batch_size(self.batch_size).with_target_partitions(3);
        let ctx = SessionContext::new_with_config(config);
        let options = DecodeOptions { log_format: self.log_format.clone(), known: self.known.clone() };
        let table = FlowLogTable::new(self.objects.clone(), options, Arc::clone(&self.ledger)).unwrap();
        ctx.register_table("flow_logs", Arc::new(table)).unwrap();
        ctx
    }

    pub(crate) async fn batches(&self, sql: &str) -> Vec<RecordBatch> {
        self.session().sql(sql).await.unwrap().collect().await.unwrap()
    }

    /// The result as lines of cells joined by `|`, without the header.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<String> {
        let table = pretty_format_batches(&self.batches(sql).await).unwrap().to_string();
        let lines = table.lines().filter(|line| line.starts_with('|')).skip(1);
        lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>().join("|")).collect()
    }

    pub(crate) fn summary(&self) -> ScanSummary {
        self.ledger.summary()
    }

    /// Reads everything once; then the totals.
    pub(crate) async fn scan(&self) -> ScanSummary {
        self.rows("SELECT count(*) FROM flow_logs").await;
        self.summary()
    }
}

pub(crate) fn gzip(text: &str) -> Vec<u8> {
    gzip_bytes(text.as_bytes())
}

pub(crate) fn gzip_bytes(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Reasons with their counts.
pub(crate) fn reasons(summary: &ScanSummary) -> Vec<(&str, u64)> {
    summary.by_reason.iter().map(|reason| (reason.reason.as_str(), reason.lines)).collect()
}

fn object(path: &Path, name: &str, key: KeyFacts) -> LogObject {
    // Not by asking the store and blocking on the answer: within a test of tokio its wake-up waits for the runtime that is blocked.
    let file = std::fs::metadata(path).unwrap();
    let meta = ObjectMeta {
        location: object_store::path::Path::from_absolute_path(path).unwrap(),
        last_modified: file.modified().unwrap().into(),
        size: file.len(),
        e_tag: None,
        version: None,
    };
    LogObject { store: ObjectStoreUrl::local_filesystem(), meta, display: name.into(), key }
}
