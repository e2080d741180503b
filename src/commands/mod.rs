//! What each command does: one async function a file, from typed arguments to an [`Outcome`].

pub mod explain;
pub mod inventory_check;
pub mod report;
mod rows;
mod sink;
pub mod sql;

use std::io::Write;
use std::sync::Arc;

use crate::observe::Terminal;
use crate::observe::progress::{Bar, Progress, Silent};

/// How a command ended when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was read and priced.
    Complete,
    /// Done, but some input was malformed or damaged, or an opportunity is unpriced (exit code 1).
    Incomplete,
    /// What was read holds nothing that can be used (exit code 4).
    Nothing,
}

impl Outcome {
    fn of(complete: bool) -> Self {
        if complete { Self::Complete } else { Self::Incomplete }
    }
}

/// The streams of a command.
pub struct Io<'a> {
    /// Results.
    pub out: &'a mut (dyn Write + Send),
    /// Everything else.
    pub err: &'a mut (dyn Write + Send),
    /// What the streams can show.
    pub terminal: Terminal,
    /// Number of `-v`.
    pub verbose: u8,
}

impl std::fmt::Debug for Io<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Io").field("terminal", &self.terminal).field("verbose", &self.verbose).finish_non_exhaustive()
    }
}

impl Io<'_> {
    /// A bar on a terminal; silence beside log lines and everywhere else.
    fn progress(&self) -> Arc<dyn Progress> {
        if self.terminal.interactive && self.verbose == 0 { Arc::new(Bar::new()) } else { Arc::new(Silent) }
    }

    /// A line for the person, beside the result.
    fn note(&mut self, text: &str) {
        // The result matters more than a note that cannot be written.
        drop(writeln!(self.err, "{text}"));
    }
}
