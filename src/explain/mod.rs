//! `offramp explain`: the rows and rules behind one number of the report.
//!
//! [`Asked`] says which number, [`Explanation`] holds the answer (`--format json` is exactly that), [`story`] tells it in the
//! order of the pipeline: what was seen and counted, who is the client, which service, which path, what it costs. The questions
//! are the files of `queries/explain`.

mod asked;
mod document;
pub mod model;
pub mod networks;
mod story;
pub(crate) mod words;

use clap::ValueEnum;

pub use asked::{Asked, Peer};
pub use model::Explanation;

use crate::{Error, Result};

/// How an explanation is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal, 80 columns
    #[default]
    Table,
    /// The same as Markdown
    Markdown,
    /// Everything, for programs
    Json,
}

/// The explanation as text that ends with a line break. `colour` is used by [`Format::Table`] only.
pub fn render(explanation: &Explanation, format: Format, colour: bool) -> Result<String> {
    match format {
        Format::Table => Ok(story::tell(explanation).page(colour)),
        Format::Markdown => Ok(story::tell(explanation).markdown()),
        Format::Json => serde_json::to_string_pretty(explanation)
            .map(|text| text + "\n")
            .map_err(|error| Error::Output(error.to_string())),
    }
}
