//! A page of at most 80 columns for a terminal: wrapped lines, headings, columns of figures.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};
use textwrap::core::display_width;

use super::templates::one_line;
use super::units::count;

/// Columns of the widest line.
pub(crate) const WIDTH: usize = 80;
/// `vpce-` and 17 digits, with one column of padding.
const ID_WIDTH: u16 = 23;
/// Headings and rules only: rows stay copyable.
const PRESET: &str = "     ──            ";

/// Lines under construction. Everything that goes in is wrapped and freed of control characters.
pub(crate) struct Page {
    text: String,
    colour: bool,
}

impl Page {
    pub(crate) fn new(colour: bool) -> Self {
        Self { text: String::new(), colour }
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }

    fn styled(&self, style: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn wrapped(indent: &str, text: &str) -> Vec<String> {
        let rest = " ".repeat(display_width(indent));
        let options = textwrap::Options::new(WIDTH).initial_indent(indent).subsequent_indent(&rest);
        // Ids are copied, so their hyphens are no place to break.
        let options = options.word_splitter(textwrap::WordSplitter::NoHyphenation);
        textwrap::wrap(&one_line(text), options).into_iter().map(std::borrow::Cow::into_owned).collect()
    }

    pub(crate) fn item(&mut self, indent: &str, text: &str) {
        for line in Self::wrapped(indent, text) {
            self.push(&line);
        }
    }

    pub(crate) fn line(&mut self, text: &str) {
        self.item("", text);
    }

    pub(super) fn blank(&mut self) {
        self.push("");
    }

    /// Lines as long as they are, to be copied.
    pub(super) fn verbatim(&mut self, text: &str) {
        for line in text.lines() {
            self.push(&one_line(line));
        }
    }

    pub(crate) fn strong(&mut self, text: &str) {
        for line in Self::wrapped("", text) {
            let line = self.styled("1", &line);
            self.push(&line);
        }
    }

    pub(crate) fn heading(&mut self, text: &str) {
        self.push("");
        let line = self.styled("1;36", text);
        self.push(&line);
    }

    /// Number, decision, what, and the dollars at the right edge; on a line of their own when there is no room.
    pub(crate) fn title(&mut self, number: &str, decision: &str, what: &str, dollars: &str) {
        self.push("");
        let left = one_line(&format!("{number}{decision} {what}"));
        let used = display_width(&left) + display_width(dollars);
        let colour = match decision.trim_end() {
            "adopt" => "32",
            "consider" => "33",
            "unpriced" => "31",
            _ => "2",
        };
        let lines = if used < WIDTH {
            vec![format!("{left}{}{dollars}", " ".repeat(WIDTH - used))]
        } else {
            let mut lines = Self::wrapped("", &left);
            lines.push(format!("{dollars:>WIDTH$}"));
            lines
        };
        for line in lines {
            let line = line.replacen(decision, &self.styled(colour, decision), 1);
            self.push(&line);
        }
    }

    /// TOML to paste: a remark too long for the page goes above its line, where it stays a remark when it is wrapped.
    pub(crate) fn toml(&mut self, text: &str) {
        for line in text.lines().map(one_line) {
            match line.split_once(" # ").filter(|_| display_width(&line) + 2 > WIDTH) {
                Some((code, remark)) => {
                    let options = textwrap::Options::new(WIDTH).initial_indent("  # ").subsequent_indent("  # ");
                    for line in textwrap::wrap(remark, options) {
                        self.push(&line);
                    }
                    self.item("  ", code);
                }
                None => self.item("  ", &line),
            }
        }
    }

    /// Columns from `figures` on are right-aligned. Figures and the ids of the first column stay in one piece (people copy
    /// ids) as long as the page is wide enough for both, then figures alone.
    pub(crate) fn table(&mut self, header: &[&str], figures: usize, rows: &[Vec<String>]) {
        let longest = rows.iter().filter_map(|row| row.first()).flat_map(|cell| cell.lines()).map(display_width).max();
        let has_ids = longest.is_some_and(|longest| longest + 2 >= usize::from(ID_WIDTH));
        let columns = |ids: bool, unbroken: bool| {
            let mut table = Table::new();
            table.load_preset(PRESET).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH as u16);
            table.set_header(header);
            for row in rows {
                table.add_row(row.iter().map(|cell| cell.lines().map(one_line).collect::<Vec<_>>().join("\n")));
            }
            for (index, column) in table.column_iter_mut().enumerate() {
                column.set_padding((u16::from(index > 0), 1));
                if index == 0 && ids && has_ids {
                    column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(ID_WIDTH)));
                }
                if index >= figures {
                    column.set_cell_alignment(CellAlignment::Right);
                    if unbroken {
                        column.set_constraint(ColumnConstraint::ContentWidth);
                    }
                }
            }
            table.to_string()
        };
        let fits = |text: &String| text.lines().all(|line| display_width(line.trim_end()) <= WIDTH);
        let wide = [(true, true), (false, true)].into_iter().map(|(ids, unbroken)| columns(ids, unbroken)).find(fits);
        for line in wide.unwrap_or_else(|| columns(false, false)).lines() {
            self.push(line);
        }
    }

    pub(crate) fn more(&mut self, all: usize, shown: usize, what: &str) {
        if all > shown {
            self.line(&format!(
                "and {} more {what}: --format markdown or json has them all.",
                count((all - shown) as u64)
            ));
        }
    }
}
