//! The `offramp` program: streams, Ctrl-C and the exit code; everything else is the library's.

mod allocator;

use std::io::{BufWriter, Write};
use std::process::ExitCode;
use std::time::Duration;

use offramp::cli;
use offramp::observe::Terminal;

const FAILED: u8 = 3;
const INTERRUPTED: u8 = 130;
const GRACE: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let mut err = std::io::stderr();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            drop(writeln!(err, "error: cannot start: {error}"));
            return ExitCode::from(FAILED);
        }
    };
    let mut out = BufWriter::new(std::io::stdout());
    let (interrupt, interrupted) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || watch_for_ctrl_c(interrupt));
    let code = runtime.block_on(async {
        tokio::select! {
            code = cli::run_on(Terminal::detect(), std::env::args_os(), &mut out, &mut err) => code,
            Ok(()) = interrupted => INTERRUPTED,
        }
    });
    if code == INTERRUPTED {
        drop(writeln!(std::io::stderr(), "interrupted"));
    }
    // A reader that has gone away has seen what it wanted.
    drop(out.flush());
    // Threads that still inflate or parse have nobody to report to.
    runtime.shutdown_background();
    ExitCode::from(code)
}

/// On a thread of its own: while all workers compute, none of them looks at signals. A command that does not come to its next
/// await after a Ctrl-C is left by a second one, or when patience ends.
fn watch_for_ctrl_c(interrupt: tokio::sync::oneshot::Sender<()>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            let _ = interrupt.send(());
            let _ = tokio::time::timeout(GRACE, tokio::signal::ctrl_c()).await;
            std::process::exit(INTERRUPTED.into());
        }
    });
}
