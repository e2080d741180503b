//! A small document: headings, lines and tables, written as a page for a terminal or as Markdown.

use crate::report::page::Page;
use crate::report::templates::markdown as escaped;

/// What an explanation is told in.
#[derive(Debug, Default)]
pub(super) struct Document {
    blocks: Vec<Block>,
}

#[derive(Debug)]
enum Block {
    Title(String),
    Heading(String),
    Line(String),
    Item(String),
    /// Columns from the number on are figures.
    Table(&'static [&'static str], usize, Vec<Vec<String>>),
}

impl Document {
    pub(super) fn title(&mut self, text: String) {
        self.blocks.push(Block::Title(text));
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.blocks.push(Block::Heading(text.to_owned()));
    }

    pub(super) fn line(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Line(text.into()));
    }

    pub(super) fn item(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Item(text.into()));
    }

    /// Nothing without rows.
    pub(super) fn table(&mut self, header: &'static [&'static str], figures: usize, rows: Vec<Vec<String>>) {
        if !rows.is_empty() {
            self.blocks.push(Block::Table(header, figures, rows));
        }
    }

    /// Lines of at most 80 columns; `colour` adds ANSI styles.
    pub(super) fn page(&self, colour: bool) -> String {
        let mut page = Page::new(colour);
        for block in &self.blocks {
            match block {
                Block::Title(text) => page.strong(text),
                Block::Heading(text) => page.heading(&text.to_uppercase()),
                Block::Line(text) => page.line(text),
                Block::Item(text) => page.item("- ", text),
                Block::Table(header, figures, rows) => page.table(header, *figures, rows),
            }
        }
        page.into_text()
    }

    /// Markdown; every value from logs and inventory is escaped.
    pub(super) fn markdown(&self) -> String {
        let mut text = String::new();
        let mut in_list = false;
        for block in &self.blocks {
            if !matches!(block, Block::Item(_)) && in_list {
                text.push('\n');
            }
            in_list = matches!(block, Block::Item(_));
            match block {
                Block::Title(line) => text.push_str(&format!("# {}\n\n", escaped(line))),
                Block::Heading(line) => text.push_str(&format!("## {}\n\n", escaped(line))),
                Block::Line(line) => text.push_str(&format!("{}\n\n", escaped(line))),
                Block::Item(line) => text.push_str(&format!("- {}\n", escaped(line))),
                Block::Table(header, figures, rows) => {
                    let cells = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
                    text.push_str(&cells(header.iter().map(|cell| escaped(cell)).collect()));
                    let marks = (0..header.len()).map(|at| if at >= *figures { "---:" } else { "---" }.to_owned());
                    text.push_str(&cells(marks.collect()));
                    for row in rows {
                        text.push_str(&cells(row.iter().map(|cell| escaped(cell)).collect()));
                    }
                    text.push('\n');
                }
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }
}
