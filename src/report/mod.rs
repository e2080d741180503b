//! The report: one model, one file per output format.

pub mod advice;
pub mod check;
pub mod csv;
mod evidence;
pub mod markdown;
pub mod model;
pub(crate) mod page;
pub mod risks;
pub mod summary;
pub mod table;
pub mod templates;
pub mod units;

use clap::ValueEnum;

pub use advice::advise;
pub use csv::CsvTable;
pub use model::Report;

use crate::{Error, Result};

/// How a report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal, 80 columns
    #[default]
    Table,
    /// Everything, with the change commands, Terraform and risks
    Markdown,
    /// Everything, for programs (stable keys)
    Json,
    /// One table, chosen by --csv-table
    Csv,
}

/// The report as text that ends with a line break. `colour` is used by [`Format::Table`] only.
pub fn render(report: &Report, format: Format, csv_table: CsvTable, colour: bool) -> Result<String> {
    match format {
        Format::Table => Ok(table::render(report, colour)),
        Format::Markdown => markdown::render(report),
        Format::Json => serde_json::to_string_pretty(report)
            .map(|text| text + "\n")
            .map_err(|error| Error::Output(error.to_string())),
        Format::Csv => csv::render(report, csv_table),
    }
}
