//! What a name in a statement means: a built-in table, a declared one, or the log.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use grounds_core::{ColumnType, Table, TableDefinition};
use grounds_store::LogEntry;

use crate::built_in;
use crate::types::arrow_type;

/// A column that says when a row holds; in every table by name, and in no `*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum TimeColumn {
    ValidFrom,
    ValidTo,
    SystemFrom,
    SystemTo,
}

impl TimeColumn {
    pub(crate) const ALL: [TimeColumn; 4] =
        [TimeColumn::ValidFrom, TimeColumn::ValidTo, TimeColumn::SystemFrom, TimeColumn::SystemTo];

    pub(crate) fn name(self) -> &'static str {
        match self {
            TimeColumn::ValidFrom => "valid_from",
            TimeColumn::ValidTo => "valid_to",
            TimeColumn::SystemFrom => "system_from",
            TimeColumn::SystemTo => "system_to",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    pub(crate) fn column_type(self) -> ColumnType {
        match self {
            TimeColumn::ValidFrom | TimeColumn::ValidTo => ColumnType::Date,
            TimeColumn::SystemFrom | TimeColumn::SystemTo => ColumnType::Integer,
        }
    }
}

/// Where the rows of a table are kept.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A built-in table.
    BuiltIn(Table),
    /// The log of commits.
    Commits(Arc<Vec<LogEntry>>),
    /// A table that a user declared.
    Declared(Arc<TableDefinition>),
}

/// A column as a query sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnSource {
    /// The cell at this position of the row.
    Cell(usize),
    /// When the row holds.
    Time(TimeColumn),
    /// The row's key as the store orders it; only statements that change rows see it.
    Key,
}

/// One column of a readable table.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) column_type: ColumnType,
    pub(crate) nullable: bool,
    pub(crate) source: ColumnSource,
}

/// The name of [`ColumnSource::Key`].
pub(crate) const KEY_COLUMN: &str = "__key";

/// The shape in which a statement sees a table.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) columns: Vec<Column>,
    pub(crate) schema: SchemaRef,
}

impl Shape {
    /// The columns of `source`, then `time_columns`, then the key where it is asked for.
    pub(crate) fn new(source: &Source, time_columns: &[TimeColumn], with_key: bool) -> Self {
        let mut columns: Vec<Column> = match source {
            Source::BuiltIn(table) => cells(built_in::columns(*table)),
            Source::Commits(_) => cells(built_in::COMMIT_COLUMNS),
            Source::Declared(definition) => {
                let columns = definition.columns.iter().enumerate();
                columns
                    .map(|(position, column)| Column {
                        name: column.name.clone(),
                        column_type: column.column_type,
                        nullable: column.nullable,
                        source: ColumnSource::Cell(position),
                    })
                    .collect()
            }
        };
        columns.extend(time_columns.iter().map(|column| Column {
            name: column.name().to_owned(),
            column_type: column.column_type(),
            nullable: true,
            source: ColumnSource::Time(*column),
        }));
        if with_key {
            columns.push(Column {
                name: KEY_COLUMN.to_owned(),
                column_type: ColumnType::Binary,
                nullable: true,
                source: ColumnSource::Key,
            });
        }
        let fields: Vec<Field> = columns
            .iter()
            .map(|column| Field::new(&column.name, arrow_type(column.column_type), column.nullable))
            .collect();
        Self { columns, schema: Arc::new(Schema::new(fields)) }
    }
}

fn cells(columns: &[built_in::BuiltInColumn]) -> Vec<Column> {
    let columns = columns.iter().enumerate();
    columns
        .map(|(position, column)| Column {
            name: column.name.to_owned(),
            column_type: column.column_type,
            nullable: column.nullable,
            source: ColumnSource::Cell(position),
        })
        .collect()
}

/// Names that no user's table may have: those of built-in tables.
pub(crate) fn is_reserved(name: &str) -> bool {
    name == built_in::COMMITS || name == crate::view::VIEWS || built_in_table(name).is_some()
}

/// The built-in table of this name.
pub(crate) fn built_in_table(name: &str) -> Option<Table> {
    Table::ALL.into_iter().find(|table| table.name() == name)
}
