//! The built-in tables as SQL shows them.

use std::collections::HashMap;

use grounds_core::{
    AnswerRow, Cell, ColumnType, Document, LabelRow, Link, ModelRow, PassageRow, Row, Span, Table, TableDefinition,
    Unit, Version, VersionId,
};
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
const LABEL_COLUMNS: &[BuiltInColumn] = &[text("name"), text("task"), text("text"), json("gold"), text("author")];
const MODEL_COLUMNS: &[BuiltInColumn] =
    &[text("name"), text("hash"), json("parameters"), json("figures"), json("lineage")];

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
        Table::Labels => LABEL_COLUMNS,
        Table::Models => MODEL_COLUMNS,
    }
}

/// How rows of built-in tables change instead.
pub(crate) fn changes_by(table: Table) -> &'static str {
    match table {
        Table::Documents | Table::Versions | Table::Units | Table::Passages | Table::Links => {
            "it changes when documents are imported: `grounds add`"
        }
        Table::Rules => "it changes when rules are imported: `grounds add`",
        Table::Answers => "it changes when a matter is assessed or a question answered",
        Table::Tables => "it changes with CREATE TABLE, ALTER TABLE and DROP TABLE",
        Table::Models => "it changes when a model is trained: `grounds train`",
        Table::Matters | Table::Principals | Table::Labels => "",
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
    Ok(match (row, position) {
        (Row::Unit(row), UNIT_TEXT) => texts.cut(reader, &row.version, row.span)?,
        (Row::Passage(row), PASSAGE_TEXT) => texts.cut(reader, &row.version, row.span)?,
        (Row::Document(row), _) => document_cell(row, position),
        (Row::Version(row), _) => version_cell(row, position),
        (Row::Unit(row), _) => unit_cell(row, position),
        (Row::Passage(row), _) => passage_cell(row, position),
        (Row::Link(row), _) => link_cell(row, position),
        (Row::RuleFile(row), 0) => text_cell(&row.name),
        (Row::RuleFile(row), 1) => text_cell(&row.source),
        (Row::RuleFile(row), 2) => json_cell(&row.pins),
        (Row::Matter(row), 0) => text_cell(&row.name),
        (Row::Matter(row), 1) => text_cell(&row.source),
        (Row::Answer(row), _) => answer_cell(row, position),
        (Row::Table(row), _) => table_cell(row, position),
        (Row::Principal(row), 0) => text_cell(&row.name),
        (Row::Principal(row), 1) => json_cell(&row.labels),
        (Row::Label(row), _) => label_cell(row, position),
        (Row::Model(row), _) => model_cell(row, position),
        _ => Cell::Null,
    })
}

/// The position of the column `text` of units.
const UNIT_TEXT: usize = 14;
/// The position of the column `text` of passages.
const PASSAGE_TEXT: usize = 8;

fn label_cell(row: &LabelRow, position: usize) -> Cell {
    match position {
        0 => text_cell(&row.name),
        1 => text_cell(&row.task),
        2 => text_cell(&row.text),
        3 => json_cell(&row.gold),
        4 => text_cell(&row.author),
        _ => Cell::Null,
    }
}

fn model_cell(row: &ModelRow, position: usize) -> Cell {
    match position {
        0 => text_cell(&row.name),
        1 => text_cell(&row.hash),
        2 => text_cell(&row.parameters),
        3 => text_cell(&row.figures),
        4 => text_cell(&row.lineage),
        _ => Cell::Null,
    }
}

fn document_cell(row: &Document, position: usize) -> Cell {
    match position {
        0 => text_cell(&row.id.0),
        1 => text_cell(row.kind.name()),
        2 => text_cell(&row.title),
        3 => json_cell(&row.short_titles),
        4 => text_cell(&row.language),
        5 => json_cell(&row.metadata),
        6 => json_cell(&row.labels),
        _ => Cell::Null,
    }
}

fn version_cell(row: &Version, position: usize) -> Cell {
    match position {
        0 => text_cell(&row.id.0),
        1 => text_cell(&row.document.0),
        2 => number_cell(row.ordinal),
        3 => text_cell(&row.text),
        4 => text_cell(&row.text_hash),
        5 => text_cell(&row.original_hash),
        6 => text_cell(&row.file_name),
        _ => Cell::Null,
    }
}

fn unit_cell(row: &Unit, position: usize) -> Cell {
    match position {
        0 => text_cell(&row.document.0),
        1 => text_cell(&row.version.0),
        2 => text_cell(&row.id.0),
        3 => row.parent.as_ref().map_or(Cell::Null, |parent| text_cell(&parent.0)),
        4 => number_cell(row.ordinal),
        5 => name_cell(&row.kind),
        6 => text_cell(&row.number),
        7 => text_cell(&row.heading),
        8 => text_cell(&row.pinpoint),
        9 => number_cell(row.span.start),
        10 => number_cell(row.span.end),
        11 => number_cell(row.body.start),
        12 => number_cell(row.body.end),
        13 => text_cell(&row.hash),
        _ => Cell::Null,
    }
}

fn passage_cell(row: &PassageRow, position: usize) -> Cell {
    match position {
        0 => text_cell(&row.document.0),
        1 => text_cell(&row.version.0),
        2 => text_cell(&row.unit.0),
        3 => number_cell(row.ordinal),
        4 => number_cell(row.span.start),
        5 => number_cell(row.span.end),
        6 => text_cell(&row.headings),
        7 => text_cell(&row.pinpoint),
        _ => Cell::Null,
    }
}

fn link_cell(row: &Link, position: usize) -> Cell {
    match position {
        0 => name_cell(&row.kind),
        1 => text_cell(&row.from_document.0),
        2 => text_cell(&row.from_version.0),
        3 => text_cell(&row.from_unit.0),
        4 => number_cell(row.span.start),
        5 => number_cell(row.span.end),
        6 => text_cell(&row.to_document.0),
        7 => text_cell(&row.to_unit.0),
        _ => Cell::Null,
    }
}

fn answer_cell(row: &AnswerRow, position: usize) -> Cell {
    match position {
        0 => text_cell(&row.name),
        1 => text_cell(&row.question),
        2 => text_cell(&row.verdict),
        3 => text_cell(&row.json),
        _ => Cell::Null,
    }
}

fn table_cell(row: &TableDefinition, position: usize) -> Cell {
    match position {
        0 => number_cell(row.id.0),
        1 => text_cell(&row.name),
        2 => json_cell(&row.columns),
        3 => json_cell(&row.primary_key.iter().map(|position| &row.columns[*position].name).collect::<Vec<_>>()),
        4 => json_cell(&row.labels),
        _ => Cell::Null,
    }
}

fn text_cell(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn number_cell(number: u32) -> Cell {
    Cell::Integer(i64::from(number))
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

/// The name of a kind as JSON has it.
fn name_cell<T: Serialize>(value: &T) -> Cell {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Cell::Text(name),
        _ => Cell::Null,
    }
}
