//! The `offramp` program: streams, Ctrl-C and the exit code; everything else is the library's.

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
    runtime.spawn(leave_when_stuck());
    let code = runtime.block_on(async {
        tokio::select! {
            code = cli::run_on(Terminal::detect(), std::env::args_os(), &mut out, &mut err) => code,
            Ok(()) = tokio::signal::ctrl_c() => INTERRUPTED,
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

/// A command that computes does not see Ctrl-C before its next await; a second one, or patience at its end, leaves at once.
async fn leave_when_stuck() {
    if tokio::signal::ctrl_c().await.is_ok() {
        drop(tokio::time::timeout(GRACE, tokio::signal::ctrl_c()).await);
        std::process::exit(INTERRUPTED.into());
    }
}
