//! The table that a statement changes.

use std::sync::Arc;

use datafusion::sql::sqlparser::ast::{Ident, ObjectName};
use grounds_core::{Cell, ColumnDefinition, ColumnType, Table, TableDefinition, TableId};

use crate::catalog::{Source, TimeColumn};
use crate::context::Context;
use crate::syntax::{identifier, parse_expression, table_name};
use crate::view::{self, VIEWS};
use crate::{Session, SqlError, arrays, built_in};

/// Stands for a built-in table whose rows SQL may change: no declared table has this number.
pub(crate) const BUILT_IN: TableId = TableId(0);

/// Finds the table that a statement changes.
///
/// # Errors
/// [`SqlError::UnknownTable`], [`SqlError::ReadOnlyTable`]
pub(crate) fn find(session: &Session, name: &ObjectName) -> Result<Arc<TableDefinition>, SqlError> {
    let name = table_name(name)?;
    let reader = session.reader()?;
    let standpoint = session.standpoint(&reader, session.transaction.as_ref());
    let read_only = |instead| SqlError::ReadOnlyTable { table: name.clone(), instead };
    match standpoint.source(&name, &reader)? {
        Some(Source::BuiltIn(table)) => match built_in_target(table) {
            Some(definition) => Ok(Arc::new(definition)),
            None => Err(read_only(built_in::changes_by(table))),
        },
        Some(Source::Commits(_)) => Err(read_only("every commit adds a row to it")),
        Some(Source::Declared(_)) if name == VIEWS => Err(read_only("it changes with CREATE VIEW and DROP VIEW")),
        Some(Source::Declared(definition)) => Ok(definition),
        None if view::find(&standpoint, &name)?.is_some() => Err(read_only("it is a view: change the tables it reads")),
        None => Err(SqlError::UnknownTable { name }),
    }
}

/// The built-in tables whose rows SQL may change, in the shape of declared ones.
fn built_in_target(table: Table) -> Option<TableDefinition> {
    if !matches!(table, Table::Principals | Table::Matters | Table::Labels) {
        return None;
    }
    let column = |column: &built_in::BuiltInColumn| ColumnDefinition {
        name: column.name.to_owned(),
        column_type: column.column_type,
        nullable: false,
        default: None,
        full_text: None,
    };
    Some(TableDefinition {
        id: BUILT_IN,
        name: table.name().to_owned(),
        columns: built_in::columns(table).iter().map(column).collect(),
        primary_key: vec![0],
        labels: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
    })
}

/// A column that a statement gives values for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// The column at this position of the definition.
    Cell(usize),
    /// `valid_from` or `valid_to`.
    Time(TimeColumn),
}

impl Given {
    /// The type of the values.
    pub(crate) fn column_type(self, definition: &TableDefinition) -> ColumnType {
        match self {
            Given::Cell(position) => definition.columns[position].column_type,
            Given::Time(column) => column.column_type(),
        }
    }
}

/// The columns of an INSERT: those named, or all.
///
/// # Errors
/// [`SqlError::UnknownColumn`], [`SqlError::Syntax`] for one named twice.
pub(crate) fn given_columns<'a>(
    definition: &TableDefinition,
    names: impl Iterator<Item = &'a Ident>,
) -> Result<Vec<Given>, SqlError> {
    let mut given = Vec::new();
    for name in names {
        let column = given_column(definition, &identifier(name))?;
        if given.contains(&column) {
            let message = format!("column {name} is named twice");
            return Err(SqlError::Syntax { message, line: name.span.start.line, column: name.span.start.column });
        }
        given.push(column);
    }
    if given.is_empty() {
        given.extend((0..definition.columns.len()).map(Given::Cell));
    }
    Ok(given)
}

/// The column called `name` that a statement may give values for.
pub(crate) fn given_column(definition: &TableDefinition, name: &str) -> Result<Given, SqlError> {
    if let Some(position) = definition.column_position(name) {
        return Ok(Given::Cell(position));
    }
    match TimeColumn::from_name(name) {
        Some(column @ (TimeColumn::ValidFrom | TimeColumn::ValidTo)) => Ok(Given::Time(column)),
        Some(_) => Err(SqlError::Unsupported {
            what: format!("giving {name} a value"),
            instead: "system time is when the database learns of a row: nobody sets it",
        }),
        None => Err(SqlError::UnknownColumn { table: definition.name.clone(), column: name.to_owned() }),
    }
}

/// The cells that a row has where an INSERT gives none.
///
/// # Errors
/// What is wrong with a default.
pub(crate) fn default_cells(context: &Context<'_>, definition: &TableDefinition) -> Result<Vec<Cell>, SqlError> {
    let default = |column: &ColumnDefinition| {
        let Some(text) = &column.default else { return Ok(Cell::Null) };
        let value = context.constant(&parse_expression(text)?)?;
        let array = value.to_array()?;
        let array = arrays::convert(&array, &column.name, column.column_type)?;
        Ok(arrays::cell(&array, column.column_type, 0))
    };
    definition.columns.iter().map(default).collect()
}
