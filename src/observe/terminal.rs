//! What the real output streams can show; tests and pipes get [`Terminal::default`], which is nothing.

use std::io::IsTerminal;

/// Decided once, in `main`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal {
    /// Results may be coloured (stdout is a terminal, `NO_COLOR` is not set).
    pub colour: bool,
    /// Errors and log lines may be coloured (stderr is a terminal, `NO_COLOR` is not set).
    pub error_colour: bool,
    /// Progress may be drawn, and text wrapped at the terminal's width (stderr is a terminal).
    pub interactive: bool,
    /// Log lines may be written to the process's stderr.
    pub logs: bool,
}

impl Terminal {
    /// Looks at the process's streams and environment.
    pub fn detect() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let interactive = std::io::stderr().is_terminal() && !dumb;
        Self {
            colour: std::io::stdout().is_terminal() && !plain && !dumb,
            error_colour: interactive && !plain,
            interactive,
            logs: true,
        }
    }
}
