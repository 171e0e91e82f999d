//! What people see: text and tables for a terminal, JSON for programs.

pub(crate) mod answer;
pub(crate) mod assessment;
pub(crate) mod explanation;
pub(crate) mod hits;
pub(crate) mod progress;
pub(crate) mod reading;

use std::io::Write as _;

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

/// Prints lines to standard output; a reader who went away is an error of its own kind, see [`crate::exit`].
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    write(text)?;
    if text.ends_with('\n') { Ok(()) } else { write("\n") }
}

/// Writes exactly this to standard output.
pub(crate) fn write(text: &str) -> anyhow::Result<()> {
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}

/// Prints one JSON value, indented.
pub(crate) fn print_json<T: Serialize>(value: &T) -> anyhow::Result<()> {
    print(&serde_json::to_string_pretty(value)?)
}

/// How many columns running text takes: the terminal's, between readable bounds.
pub(crate) fn width() -> usize {
    comfy_table::Table::new().width().map_or(100, |width| usize::from(width).clamp(50, 110))
}

/// `text` broken into lines, every line after `indent`; line breaks in the text are kept.
pub(crate) fn wrapped(text: &str, indent: &str) -> String {
    let options = textwrap::Options::new(width()).initial_indent(indent).subsequent_indent(indent);
    let lines: Vec<String> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| textwrap::fill(line.trim_end(), &options))
        .collect();
    lines.join("\n")
}

/// A table with these headings.
pub(crate) fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(headings);
    if table.width().is_none() {
        table.set_width(120);
    }
    table
}

/// A date, or "the beginning" where a text says nothing of when it came into force.
pub(crate) fn date(date: jiff::civil::Date) -> String {
    if date == jiff::civil::Date::MIN { "the beginning".to_owned() } else { date.to_string() }
}
