//! Log lines on stderr: warnings always, more with each `-v`.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Directive;

/// Environment variable with `tracing` directives, such as `offramp=debug,aws_config=info`. Beats `-v`.
pub const FILTER: &str = "OFFRAMP_LOG";

/// Starts logging for the whole process, coloured where stderr can show it; a second call changes nothing.
pub fn start(verbose: u8, colour: bool) {
    let level = match verbose {
        0 => "warn",
        1 => "offramp=info",
        2 => "offramp=debug",
        _ => "debug",
    };
    let default = level.parse::<Directive>().unwrap_or_default();
    let filter = EnvFilter::builder().with_default_directive(default).with_env_var(FILTER).from_env_lossy();
    let lines = tracing_subscriber::fmt()
        .with_ansi(colour)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(verbose > 1);
    // A library user may have logging already.
    drop(lines.try_init());
}
