//! The one error type. Each variant is a cause the person at the terminal can act on.

use std::path::PathBuf;

/// Result with [`enum@Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a command could not do what was asked. Malformed log lines are not errors: they are counted
/// (see [`crate::source::ledger`]).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Options or configuration that cannot be used (exit code 2). The text says what to type instead.
    #[error("{0}")]
    Usage(String),
    /// An inventory, price or ranges file that cannot be read (exit code 2).
    #[error("{file}: {message}")]
    Input {
        /// The file, as given or found.
        file: String,
        /// What is wrong with it and what to do.
        message: String,
    },
    /// Nothing to read in the window (exit code 4).
    #[error("{0}")]
    NothingToRead(String),
    /// A file or directory that cannot be opened, read or written (exit code 3).
    #[error("{path}: {source}")]
    Io {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// An object or listing that could not be read from the store after all retries (exit code 3).
    #[error("cannot read {object}: {message}")]
    Store {
        /// `s3://bucket/key`, or the listed prefix.
        object: String,
        /// The cause chain on one line.
        message: String,
    },
    /// A query that failed (exit code 3, or 2 when the SQL came from the user).
    #[error("{0}")]
    Query(#[from] datafusion::error::DataFusionError),
    /// A result that could not be written as JSON or CSV (exit code 3).
    #[error("cannot write the result: {0}")]
    Output(String),
    /// Ctrl-C (exit code 130).
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// The exit code of the process: 2 usage or configuration, 3 failed, 4 nothing to read, 130 interrupted.
    pub fn exit_code(&self) -> u8 {
        match self.root() {
            Self::Usage(_) | Self::Input { .. } => 2,
            Self::NothingToRead(_) => 4,
            Self::Interrupted => 130,
            _ => 3,
        }
    }

    /// The offramp error inside a DataFusion error, else the error itself.
    pub fn root(&self) -> &Self {
        let Self::Query(outer) = self else { return self };
        let datafusion::error::DataFusionError::External(inner) = outer.find_root() else { return self };
        inner.downcast_ref::<Self>().unwrap_or(self)
    }

    /// An [`Error::Input`] for `file`.
    pub fn input(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Input { file: file.into(), message: message.into() }
    }
}

impl From<Error> for datafusion::error::DataFusionError {
    fn from(error: Error) -> Self {
        match error {
            Error::Query(inner) => inner,
            other => Self::External(Box::new(other)),
        }
    }
}

impl From<datafusion::arrow::error::ArrowError> for Error {
    fn from(error: datafusion::arrow::error::ArrowError) -> Self {
        Self::Query(error.into())
    }
}
