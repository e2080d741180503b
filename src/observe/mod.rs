//! What the person at the terminal sees while a command runs: progress and log lines, always on stderr.

pub mod progress;

pub use progress::Progress;
