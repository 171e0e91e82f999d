//! The built-in tables as SQL shows them.

use std::collections::HashMap;

use grounds_core::{Cell, ColumnType, Row, Span, Table, VersionId};
use grounds_store::{LogEntry, Reader, StoreError};
use serde::Serialize;

/// The table of commits: the log.
pub(crate) const COMMITS: &str = "commits";

/// A column of a built-in table.
pub(crate) struct BuiltInColumn {
    pub(crate) name: &'static str,
    pub(crate) column_type: ColumnType,
    pub(crate) nullable: bool,
}

const fn column(name: &'static str, column_type: ColumnType) -> BuiltInColumn {
    BuiltInColumn { name, column_type, nullable: false }
}

const fn text(name: &'static str) -> BuiltInColumn {
    column(name, ColumnType::Text)
}

const fn number(name: &'static str) -> BuiltInColumn {
    column(name, ColumnType::Integer)
}

const fn json(name: &'static str) -> BuiltInColumn {
    column(name, ColumnType::Json)
}

const fn nullable(column: BuiltInColumn) -> BuiltInColumn {
    BuiltInColumn { nullable: true, ..column }
}

const DOCUMENT_COLUMNS: &[BuiltInColumn] = &[
    text("id"),
    text("kind"),
    text("title"),
    json("short_titles"),
    text("language"),
    json("metadata"),
    json("labels"),
];
const VERSION_COLUMNS: &[BuiltInColumn] = &[
    text("id"),
    text("document"),
    number("ordinal"),
    text("text"),
    text("text_hash"),
    text("original_hash"),
    text("file_name"),
];
const UNIT_COLUMNS: &[BuiltInColumn] = &[
    text("document"),
    text("version"),
    text("id"),
    nullable(text("parent")),
    number("ordinal"),
    text("kind"),
    text("number"),
    text("heading"),
    text("pinpoint"),
    number("span_start"),
    number("span_end"),
    number("body_start"),
    number("body_end"),
    text("hash"),
    nullable(text("text")),
];
const PASSAGE_COLUMNS: &[BuiltInColumn] = &[
    text("document"),
    text("version"),
    text("unit"),
    number("ordinal"),
    number("span_start"),
    number("span_end"),
    text("headings"),
    text("pinpoint"),
    nullable(text("text")),
];
const LINK_COLUMNS: &[BuiltInColumn] = &[
    text("kind"),
    text("from_document"),
    text("from_version"),
    text("from_unit"),
    number("span_start"),
    number("span_end"),
    text("to_document"),
    text("to_unit"),
];
const RULE_COLUMNS: &[BuiltInColumn] = &[text("name"), text("source"), json("pins")];
const MATTER_COLUMNS: &[BuiltInColumn] = &[text("name"), text("source")];
const ANSWER_COLUMNS: &[BuiltInColumn] = &[text("name"), text("question"), text("verdict"), json("json")];
const TABLE_COLUMNS: &[BuiltInColumn] =
    &[number("id"), text("name"), json("columns"), json("primary_key"), json("labels")];
const PRINCIPAL_COLUMNS: &[BuiltInColumn] = &[text("name"), json("labels")];

/// The columns of [`COMMITS`].
pub(crate) const COMMIT_COLUMNS: &[BuiltInColumn] = &[
    number("snapshot"),
    column("at", ColumnType::Instant),
    text("message"),
    number("change_count"),
    text("hash"),
    text("previous_hash"),
];

/// The columns of a built-in table.
pub(crate) fn columns(table: Table) -> &'static [BuiltInColumn] {
    match table {
        Table::Documents => DOCUMENT_COLUMNS,
        Table::Versions => VERSION_COLUMNS,
        Table::Units => UNIT_COLUMNS,
        Table::Passages => PASSAGE_COLUMNS,
        Table::Links => LINK_COLUMNS,
        Table::Rules => RULE_COLUMNS,
        Table::Matters => MATTER_COLUMNS,
        Table::Answers => ANSWER_COLUMNS,
        Table::Tables => TABLE_COLUMNS,
        Table::Principals => PRINCIPAL_COLUMNS,
    }
}

/// How rows of built-in tables change instead.
pub(crate) fn changes_by(table: Table) -> &'static str {
    match table {
        Table::Documents | Table::Versions | Table::Units | Table::Passages | Table::Links => {
            "it changes when documents are imported: `grounds add`"
        }
        Table::Rules => "it changes when rules are imported: `grounds add`",
        Table::Matters | Table::Answers => "it changes when a matter is assessed or a question answered",
        Table::Tables => "it changes with CREATE TABLE, ALTER TABLE and DROP TABLE",
        Table::Principals => "",
    }
}

/// The texts of versions that a scan has needed so far.
#[derive(Default)]
pub(crate) struct Texts {
    by_version: HashMap<String, String>,
}

impl Texts {
    fn cut(&mut self, reader: &Reader, version: &VersionId, span: Span) -> Result<Cell, StoreError> {
        if !self.by_version.contains_key(&version.0) {
            let text = reader.version(version)?.map(|stored| stored.row.text).unwrap_or_default();
            // Scans go version by version: earlier texts are not needed again.
            self.by_version.clear();
            self.by_version.insert(version.0.clone(), text);
        }
        let text = self.by_version.get(&version.0).and_then(|text| span.of(text));
        Ok(text.map_or(Cell::Null, |text| Cell::Text(text.to_owned())))
    }
}

/// The cell at `position` of a row of a built-in table.
///
/// # Errors
/// Those of reading a version's text.
pub(crate) fn cell(row: &Row, position: usize, reader: &Reader, texts: &mut Texts) -> Result<Cell, StoreError> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let name = |value: &dyn erased::Name| Cell::Text(value.name());
    let number = |number: u32| Cell::Integer(i64::from(number));
    Ok(match (row, position) {
        (Row::Document(row), 0) => text(&row.id.0),
        (Row::Document(row), 1) => text(row.kind.name()),
        (Row::Document(row), 2) => text(&row.title),
        (Row::Document(row), 3) => json_cell(&row.short_titles),
        (Row::Document(row), 4) => text(&row.language),
        (Row::Document(row), 5) => json_cell(&row.metadata),
        (Row::Document(row), 6) => json_cell(&row.labels),
        (Row::Version(row), 0) => text(&row.id.0),
        (Row::Version(row), 1) => text(&row.document.0),
        (Row::Version(row), 2) => number(row.ordinal),
        (Row::Version(row), 3) => text(&row.text),
        (Row::Version(row), 4) => text(&row.text_hash),
        (Row::Version(row), 5) => text(&row.original_hash),
        (Row::Version(row), 6) => text(&row.file_name),
        (Row::Unit(row), 0) => text(&row.document.0),
        (Row::Unit(row), 1) => text(&row.version.0),
        (Row::Unit(row), 2) => text(&row.id.0),
        (Row::Unit(row), 3) => row.parent.as_ref().map_or(Cell::Null, |parent| text(&parent.0)),
        (Row::Unit(row), 4) => number(row.ordinal),
        (Row::Unit(row), 5) => name(&row.kind),
        (Row::Unit(row), 6) => text(&row.number),
        (Row::Unit(row), 7) => text(&row.heading),
        (Row::Unit(row), 8) => text(&row.pinpoint),
        (Row::Unit(row), 9) => number(row.span.start),
        (Row::Unit(row), 10) => number(row.span.end),
        (Row::Unit(row), 11) => number(row.body.start),
        (Row::Unit(row), 12) => number(row.body.end),
        (Row::Unit(row), 13) => text(&row.hash),
        (Row::Unit(row), 14) => texts.cut(reader, &row.version, row.span)?,
        (Row::Passage(row), 0) => text(&row.document.0),
        (Row::Passage(row), 1) => text(&row.version.0),
        (Row::Passage(row), 2) => text(&row.unit.0),
        (Row::Passage(row), 3) => number(row.ordinal),
        (Row::Passage(row), 4) => number(row.span.start),
        (Row::Passage(row), 5) => number(row.span.end),
        (Row::Passage(row), 6) => text(&row.headings),
        (Row::Passage(row), 7) => text(&row.pinpoint),
        (Row::Passage(row), 8) => texts.cut(reader, &row.version, row.span)?,
        (Row::Link(row), 0) => name(&row.kind),
        (Row::Link(row), 1) => text(&row.from_document.0),
        (Row::Link(row), 2) => text(&row.from_version.0),
        (Row::Link(row), 3) => text(&row.from_unit.0),
        (Row::Link(row), 4) => number(row.span.start),
        (Row::Link(row), 5) => number(row.span.end),
        (Row::Link(row), 6) => text(&row.to_document.0),
        (Row::Link(row), 7) => text(&row.to_unit.0),
        (Row::RuleFile(row), 0) => text(&row.name),
        (Row::RuleFile(row), 1) => text(&row.source),
        (Row::RuleFile(row), 2) => json_cell(&row.pins),
        (Row::Matter(row), 0) => text(&row.name),
        (Row::Matter(row), 1) => text(&row.source),
        (Row::Answer(row), 0) => text(&row.name),
        (Row::Answer(row), 1) => text(&row.question),
        (Row::Answer(row), 2) => text(&row.verdict),
        (Row::Answer(row), 3) => text(&row.json),
        (Row::Table(row), 0) => number(row.id.0),
        (Row::Table(row), 1) => text(&row.name),
        (Row::Table(row), 2) => json_cell(&row.columns),
        (Row::Table(row), 3) => {
            json_cell(&row.primary_key.iter().map(|position| &row.columns[*position].name).collect::<Vec<_>>())
        }
        (Row::Table(row), 4) => json_cell(&row.labels),
        (Row::Principal(row), 0) => text(&row.name),
        (Row::Principal(row), 1) => json_cell(&row.labels),
        _ => Cell::Null,
    })
}

/// The cell at `position` of a log entry.
pub(crate) fn commit_cell(entry: &LogEntry, position: usize) -> Cell {
    match position {
        0 => Cell::Integer(i64::try_from(entry.snapshot.0).unwrap_or(i64::MAX)),
        1 => Cell::Instant(entry.at.unix_seconds.saturating_mul(1_000_000)),
        2 => Cell::Text(entry.message.clone()),
        3 => Cell::Integer(i64::try_from(entry.change_count).unwrap_or(i64::MAX)),
        4 => Cell::Text(entry.hash.clone()),
        5 => Cell::Text(entry.previous_hash.clone()),
        _ => Cell::Null,
    }
}

fn json_cell<T: Serialize>(value: &T) -> Cell {
    serde_json::to_string(value).map_or(Cell::Null, Cell::Text)
}

/// Names of kinds as JSON has them.
mod erased {
    use serde::Serialize;

    pub(crate) trait Name {
        fn name(&self) -> String;
    }

    impl<T: Serialize> Name for T {
        fn name(&self) -> String {
            match serde_json::to_value(self) {
                Ok(serde_json::Value::String(name)) => name,
                _ => String::new(),
            }
        }
    }
}
