//! What the real output streams can show; tests and pipes get [`Terminal::default`], which is nothing.

use std::io::IsTerminal;

/// Decided once, in `main`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal {
    /// Results may be coloured (stdout is a terminal, `NO_COLOR` is not set).
    pub colour: bool,
    /// Errors and help may be coloured, and progress may be drawn (stderr is a terminal).
    pub interactive_errors: bool,
    /// Log lines may be written to the process's stderr.
    pub logs: bool,
}

impl Terminal {
    /// Looks at the process's streams and environment.
    pub fn detect() -> Self {
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self {
            colour: std::io::stdout().is_terminal() && !no_colour && !dumb,
            interactive_errors: std::io::stderr().is_terminal() && !dumb,
            logs: true,
        }
    }
}
