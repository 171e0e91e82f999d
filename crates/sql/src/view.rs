//! Views: queries with a name, kept as rows of a table of their own.

use std::ops::ControlFlow;

use grounds_core::{Cell, ColumnDefinition, ColumnType, TableDefinition, TableId};
use grounds_store::encode_key_cells;

use crate::SqlError;
use crate::scan::{Content, Keys, visit_pieces};
use crate::standpoint::Standpoint;
use crate::syntax::{self, Parsed};

/// The table of views, declared with the first one.
pub(crate) const VIEWS: &str = "views";

/// The definition of [`VIEWS`].
pub(crate) fn definition(id: TableId) -> TableDefinition {
    let column = |name: &str| ColumnDefinition {
        name: name.to_owned(),
        column_type: ColumnType::Text,
        nullable: false,
        default: None,
        full_text: None,
    };
    TableDefinition {
        id,
        name: VIEWS.to_owned(),
        columns: vec![column("name"), column("query")],
        primary_key: vec![0],
        labels: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
    }
}

/// The query of the view called `name`; `None` where there is no such view.
///
/// # Errors
/// Those of the store.
pub(crate) fn find(standpoint: &Standpoint<'_>, name: &str) -> Result<Option<String>, SqlError> {
    let Some(table) = standpoint.definition(VIEWS, standpoint.reader)? else { return Ok(None) };
    let key = encode_key_cells(&[Cell::Text(name.to_owned())]);
    let date = standpoint.valid_date;
    let piece = match standpoint.transaction {
        Some(transaction) => transaction.overlay.get(&table, &key, date)?,
        None => standpoint.reader.get(&table, &key, date)?,
    };
    Ok(piece.and_then(|piece| match piece.cells.into_iter().nth(1) {
        Some(Cell::Text(query)) => Some(query),
        _ => None,
    }))
}

/// Parses the query of a view.
///
/// # Errors
/// [`SqlError::Syntax`]
pub(crate) fn parse(query: &str) -> Result<Parsed, SqlError> {
    let first = syntax::split(query)?.into_iter().next();
    let missing = SqlError::Syntax { message: "a view without a query".to_owned(), line: 0, column: 0 };
    syntax::parse(first.ok_or(missing)?)
}

/// The names of all views, in order.
///
/// # Errors
/// Those of the store.
pub(crate) fn names(standpoint: &Standpoint<'_>) -> Result<Vec<String>, SqlError> {
    if standpoint.definition(VIEWS, standpoint.reader)?.is_none() {
        return Ok(Vec::new());
    }
    let readable = standpoint.readable(VIEWS, standpoint.here(), &[], false)?;
    let mut names = Vec::new();
    visit_pieces(&readable, &Keys::All, &mut |piece| {
        if let Content::Cells([Cell::Text(name), ..]) = piece.content {
            names.push(name.clone());
        }
        Ok(ControlFlow::Continue(()))
    })?;
    names.sort();
    Ok(names)
}
