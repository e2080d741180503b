//! Progress of a scan: objects and bytes. Chosen once by the caller, passed down as a trait object.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Told by the scan how far it is. Implementations must be cheap: [`Self::advance`] is called once an object.
pub trait Progress: Send + Sync + std::fmt::Debug {
    /// The listing is done: `total` objects with `bytes` (compressed, as stored) will be read.
    fn objects(&self, total: u64, bytes: u64);
    /// `objects` more objects with `bytes` (as stored) have been read.
    fn advance(&self, objects: u64, bytes: u64);
    /// Nothing more will come.
    fn finish(&self);
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn objects(&self, _total: u64, _bytes: u64) {}
    fn advance(&self, _objects: u64, _bytes: u64) {}
    fn finish(&self) {}
}

/// A bar on stderr; only for terminals.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    /// A spinner that says "listing" until [`Progress::objects`] tells the total.
    pub fn new() -> Self {
        let bar = ProgressBar::new_spinner().with_message("listing");
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }
}

impl Default for Bar {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress for Bar {
    fn objects(&self, total: u64, bytes: u64) {
        self.bar.set_length(bytes);
        self.bar.set_message(format!("{total} objects"));
        let template = "{spinner} {msg} {wide_bar} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
    }

    fn advance(&self, _objects: u64, bytes: u64) {
        self.bar.inc(bytes);
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
