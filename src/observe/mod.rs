//! What the person at the terminal sees while a command runs: progress and log lines, always on stderr.

pub mod logging;
pub mod progress;
pub mod terminal;

pub use progress::Progress;
pub use terminal::Terminal;
