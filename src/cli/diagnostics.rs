//! How an error is told: the error, its causes, and what to do next.

use std::error::Error as _;
use std::io::Write;

use datafusion::error::DataFusionError;

use crate::Error;

/// Writes `error: ...`, one line a cause that says something new, and a hint where there is one.
pub(super) fn tell(error: &Error, command: &str, err: &mut dyn Write) {
    let error = error.root();
    let mut text = format!("error: {error}\n");
    let mut cause = error.source();
    while let Some(inner) = cause {
        let line = inner.to_string();
        if !text.contains(&line) {
            text.push_str(&format!("  caused by: {line}\n"));
        }
        cause = inner.source();
    }
    if let Some(hint) = hint(error, command) {
        text.push_str(&format!("hint: {hint}\n"));
    }
    // Nobody is left to be told when this fails.
    drop(err.write_all(text.as_bytes()));
}

fn hint(error: &Error, command: &str) -> Option<String> {
    match error {
        Error::Usage(_) => Some(format!("`offramp {command} --help` shows the options with examples")),
        Error::Input { .. } => Some("mend or remove the file, then run again; nothing was reported".into()),
        Error::NothingToRead(_) => {
            Some("check SOURCE, --since and --until, --account and --source-region; -v shows what was listed".into())
        }
        Error::Store { .. } => Some(
            "check the bucket's name, your credentials (aws sts get-caller-identity) and s3:ListBucket, s3:GetObject"
                .into(),
        ),
        Error::Query(inner) if matches!(inner.find_root(), DataFusionError::ResourcesExhausted(_)) => {
            Some("give queries more memory with --memory-limit, or read a shorter window".into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(error: &Error) -> String {
        let mut text = Vec::new();
        tell(error, "report", &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_cause_is_told_once() {
        let source = std::io::Error::other("disk on fire");
        assert_eq!(told(&Error::Io { path: "x".into(), source }), "error: x: disk on fire\n");
    }

    #[test]
    fn an_error_that_passed_through_the_engine_is_told_as_itself() {
        let inner = Error::Store { object: "s3://b/k".into(), message: "503".into() };
        let text = told(&Error::Query(DataFusionError::from(inner).context("scan")));
        assert!(text.starts_with("error: cannot read s3://b/k: 503\nhint: check the bucket's name"), "{text}");
    }

    #[test]
    fn exhausted_memory_names_the_option() {
        let text = told(&Error::Query(DataFusionError::ResourcesExhausted("pool".into())));
        assert!(text.contains("hint: give queries more memory with --memory-limit"), "{text}");
    }
}
