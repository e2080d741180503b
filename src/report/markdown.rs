//! The whole report as Markdown, with the money lines, commands, Terraform and risks of every opportunity.

use serde::Serialize;

use super::model::{Opportunity, Report};
use super::summary::{self, MoneyLine, Remainder, TrafficLine};
use super::templates::fill;
use super::units::share;
use crate::Result;

#[derive(Debug, Serialize)]
struct Page<'a> {
    report: &'a Report,
    headline: String,
    coverage_line: String,
    least_covered_line: Option<String>,
    knowledge: Vec<String>,
    window_line: String,
    read_line: String,
    gaps: Vec<String>,
    traffic: Vec<SharedTraffic>,
    opportunities: Vec<Detailed<'a>>,
    remainder: Vec<Remainder>,
}

#[derive(Debug, Serialize)]
struct SharedTraffic {
    #[serde(flatten)]
    line: TrafficLine,
    share: String,
}

#[derive(Debug, Serialize)]
struct Detailed<'a> {
    one: &'a Opportunity,
    place: String,
    figures: String,
    money: Vec<MoneyLine>,
    commands: String,
}

/// The report as Markdown; every value from logs and inventory is escaped.
pub fn render(report: &Report) -> Result<String> {
    let lines = summary::traffic(report);
    let total: f64 = lines.iter().map(|line| line.bytes as f64).sum();
    let page = Page {
        report,
        headline: summary::headline(report).join(" "),
        coverage_line: summary::coverage_line(report),
        least_covered_line: summary::least_covered_line(report),
        knowledge: summary::knowledge(report),
        window_line: summary::window_line(report),
        read_line: summary::read_line(report),
        gaps: summary::gaps(report),
        traffic: lines.into_iter().map(|line| SharedTraffic { share: share(line.bytes as f64, total), line }).collect(),
        opportunities: summary::opportunities(report).into_iter().map(detailed).collect(),
        remainder: summary::remainder(report),
    };
    fill("report.md", page)
}

fn detailed(one: &Opportunity) -> Detailed<'_> {
    Detailed {
        one,
        place: summary::place(one),
        figures: summary::figures(one),
        money: summary::money(one),
        commands: one.aws_cli.join("\n\n"),
    }
}
