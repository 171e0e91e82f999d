//! The built-in tables in the shape of declared ones: a column for each field, so that every table can be read alike.

use grounds_core::{Cell, ColumnDefinition, ColumnType, Row, Span, Table, TableDefinition, TableId, Unit};
use serde::Serialize;

/// Any table: built in or declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableRef<'a> {
    /// One that every workspace has.
    BuiltIn(Table),
    /// One that a user declared.
    Declared(&'a TableDefinition),
}

impl TableRef<'_> {
    /// Its columns; of a built-in table those of [`built_in_definition`].
    pub fn definition(&self) -> TableDefinition {
        match self {
            TableRef::BuiltIn(table) => built_in_definition(*table),
            TableRef::Declared(definition) => (*definition).clone(),
        }
    }
}

/// A built-in table as if it were declared: one typed column for each field, a span as two numbers, what is nested as JSON.
///
/// Its id is 0, which no declared table has; its rows are known by [`Row::key`], whose order is that of the primary key.
pub fn built_in_definition(table: Table) -> TableDefinition {
    let column = |&(name, column_type): &(&str, ColumnType)| ColumnDefinition {
        name: name.to_owned(),
        column_type,
        nullable: name == "parent",
        default: None,
        full_text: None,
    };
    let mut definition = TableDefinition {
        id: TableId(0),
        name: table.name().to_owned(),
        columns: columns(table).iter().map(column).collect(),
        primary_key: Vec::new(),
        labels: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
    };
    definition.primary_key = key_columns(table)
        .iter()
        .map(|name| definition.column_position(name).expect("each is among the columns above"))
        .collect();
    definition
}

/// Every column's name and type.
fn columns(table: Table) -> &'static [(&'static str, ColumnType)] {
    use ColumnType::{Integer, Json, Text};
    match table {
        Table::Documents => &[
            ("id", Text),
            ("kind", Text),
            ("title", Text),
            ("short_titles", Json),
            ("language", Text),
            ("metadata", Json),
            ("labels", Json),
        ],
        Table::Versions => &[
            ("id", Text),
            ("document", Text),
            ("ordinal", Integer),
            ("text", Text),
            ("text_hash", Text),
            ("original_hash", Text),
            ("file_name", Text),
        ],
        Table::Units => &[
            ("version", Text),
            ("document", Text),
            ("id", Text),
            ("parent", Text),
            ("ordinal", Integer),
            ("kind", Text),
            ("number", Text),
            ("heading", Text),
            ("pinpoint", Text),
            ("span_start", Integer),
            ("span_end", Integer),
            ("body_start", Integer),
            ("body_end", Integer),
            ("hash", Text),
        ],
        Table::Passages => &[
            ("document", Text),
            ("version", Text),
            ("unit", Text),
            ("ordinal", Integer),
            ("span_start", Integer),
            ("span_end", Integer),
            ("headings", Text),
            ("pinpoint", Text),
        ],
        Table::Links => &[
            ("kind", Text),
            ("from_document", Text),
            ("from_version", Text),
            ("from_unit", Text),
            ("span_start", Integer),
            ("span_end", Integer),
            ("to_document", Text),
            ("to_unit", Text),
        ],
        Table::Rules => &[("name", Text), ("source", Text), ("pins", Json)],
        Table::Matters => &[("name", Text), ("source", Text)],
        Table::Answers => &[("name", Text), ("question", Text), ("verdict", Text), ("json", Json)],
        Table::Tables => &[("id", Integer), ("name", Text), ("columns", Json), ("primary_key", Json), ("labels", Json)],
        Table::Principals => &[("name", Text), ("labels", Json)],
        Table::Labels => &[("name", Text), ("task", Text), ("text", Text), ("gold", Json), ("author", Text)],
        Table::Models => &[("name", Text), ("hash", Text), ("parameters", Json), ("figures", Json), ("lineage", Json)],
    }
}

/// The columns that make up [`Row::key`].
fn key_columns(table: Table) -> &'static [&'static str] {
    match table {
        Table::Documents | Table::Versions => &["id"],
        Table::Units | Table::Passages => &["version", "ordinal"],
        Table::Links => &["from_version", "span_start", "span_end", "to_document", "to_unit"],
        Table::Rules
        | Table::Matters
        | Table::Answers
        | Table::Tables
        | Table::Principals
        | Table::Labels
        | Table::Models => &["name"],
    }
}

/// A built-in row as the cells of [`built_in_definition`], in the order of its columns.
pub fn built_in_cells(row: &Row) -> Vec<Cell> {
    match row {
        Row::Document(row) => vec![
            text(&row.id.0),
            text(row.kind.name()),
            text(&row.title),
            json(&row.short_titles),
            text(&row.language),
            json(&row.metadata),
            json(&row.labels),
        ],
        Row::Version(row) => vec![
            text(&row.id.0),
            text(&row.document.0),
            Cell::Integer(row.ordinal.into()),
            text(&row.text),
            text(&row.text_hash),
            text(&row.original_hash),
            text(&row.file_name),
        ],
        Row::Unit(row) => unit_cells(row),
        Row::Passage(row) => {
            let [start, end] = span(row.span);
            vec![
                text(&row.document.0),
                text(&row.version.0),
                text(&row.unit.0),
                Cell::Integer(row.ordinal.into()),
                start,
                end,
                text(&row.headings),
                text(&row.pinpoint),
            ]
        }
        Row::Link(row) => {
            let [start, end] = span(row.span);
            vec![
                word(row.kind),
                text(&row.from_document.0),
                text(&row.from_version.0),
                text(&row.from_unit.0),
                start,
                end,
                text(&row.to_document.0),
                text(&row.to_unit.0),
            ]
        }
        Row::RuleFile(row) => vec![text(&row.name), text(&row.source), json(&row.pins)],
        Row::Matter(row) => vec![text(&row.name), text(&row.source)],
        Row::Answer(row) => vec![text(&row.name), text(&row.question), text(&row.verdict), text(&row.json)],
        Row::Table(row) => vec![
            Cell::Integer(row.id.0.into()),
            text(&row.name),
            json(&row.columns),
            json(&row.primary_key),
            json(&row.labels),
        ],
        Row::Principal(row) => vec![text(&row.name), json(&row.labels)],
        Row::Label(row) => {
            vec![text(&row.name), text(&row.task), text(&row.text), json(&row.gold), text(&row.author)]
        }
        Row::Model(row) => {
            vec![text(&row.name), text(&row.hash), text(&row.parameters), text(&row.figures), text(&row.lineage)]
        }
    }
}

fn unit_cells(row: &Unit) -> Vec<Cell> {
    let [start, end] = span(row.span);
    let [body_start, body_end] = span(row.body);
    vec![
        text(&row.version.0),
        text(&row.document.0),
        text(&row.id.0),
        row.parent.as_ref().map_or(Cell::Null, |parent| text(&parent.0)),
        Cell::Integer(row.ordinal.into()),
        word(row.kind),
        text(&row.number),
        text(&row.heading),
        text(&row.pinpoint),
        start,
        end,
        body_start,
        body_end,
        text(&row.hash),
    ]
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn span(span: Span) -> [Cell; 2] {
    [Cell::Integer(span.start.into()), Cell::Integer(span.end.into())]
}

fn json(value: &impl Serialize) -> Cell {
    Cell::Text(serde_json::to_string(value).expect("a row holds only strings and numbers"))
}

/// The name under which an enumeration without fields is stored.
fn word(value: impl Serialize) -> Cell {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Cell::Text(name),
        _ => unreachable!("kinds are enumerations without fields"),
    }
}

#[cfg(test)]
mod tests {
    use grounds_core::{LabelRow, Link, LinkKind, MatterRow, ModelRow, PrincipalRow, UnitId, VersionId};

    use super::*;

    #[test]
    fn cells_fit_the_columns() {
        let rows = [
            Row::Link(Link {
                kind: LinkKind::Cites,
                from_document: grounds_core::DocumentId("a".to_owned()),
                from_version: VersionId("a@1".to_owned()),
                from_unit: UnitId("art_1".to_owned()),
                span: Span::new(3, 9),
                to_document: grounds_core::DocumentId("b".to_owned()),
                to_unit: UnitId("art_2".to_owned()),
            }),
            Row::Matter(MatterRow { name: "m".to_owned(), source: "s".to_owned() }),
            Row::Principal(PrincipalRow { name: "p".to_owned(), labels: vec!["l".to_owned()] }),
            Row::Table(built_in_definition(Table::Units)),
            Row::Label(LabelRow {
                name: "l".to_owned(),
                task: "retrieval".to_owned(),
                text: "t".to_owned(),
                gold: vec!["a/art_1".to_owned()],
                author: "p".to_owned(),
            }),
            Row::Model(ModelRow {
                name: "retrieval".to_owned(),
                hash: "00".repeat(32),
                parameters: "{}".to_owned(),
                figures: "{}".to_owned(),
                lineage: "{}".to_owned(),
            }),
        ];
        for row in rows {
            let definition = built_in_definition(row.table());
            let cells = built_in_cells(&row);
            assert_eq!(cells.len(), definition.columns.len(), "{}", definition.name);
            for (cell, column) in cells.iter().zip(&definition.columns) {
                assert!(cell.fits(column.column_type), "{} of {}", column.name, definition.name);
            }
        }
        assert_eq!(
            built_in_cells(&Row::Principal(PrincipalRow { name: "p".to_owned(), labels: Vec::new() }))[1],
            Cell::Text("[]".to_owned())
        );
    }
}
