//! Whether a change fits its table.

use grounds_core::{Cell, ColumnType, RowChange, RowKey, TableDefinition};

use crate::StoreError;
use crate::cells::key::{encode_key, readable_key};

/// Checks one change against the table: the number and kinds of its cells, NOT NULL, the key, the validity.
pub(crate) fn check_change(table: &TableDefinition, change: &RowChange) -> Result<(), StoreError> {
    let shown = |key: &RowKey| match key {
        RowKey::Known(key) => readable_key(table, key),
        RowKey::New => "of a new row".to_owned(),
    };
    if change.validity.to.is_some_and(|to| to <= change.validity.from) {
        let to = change.validity.to.unwrap_or(change.validity.from);
        let interval = format!("{} .. {to}", change.validity.from);
        return Err(StoreError::EmptyValidity { table: table.name.clone(), key: shown(&change.key), interval });
    }
    let wrong_key = |what| StoreError::WrongKey { table: table.name.clone(), key: shown(&change.key), what };
    if let Some(cells) = &change.cells {
        check_cells(table, cells)?;
    }
    match (&change.key, &change.cells) {
        (RowKey::New, Some(_)) if table.primary_key.is_empty() => Ok(()),
        (RowKey::New, Some(_)) => Err(wrong_key("the table has a primary key, which the change must name")),
        (RowKey::New, None) => Err(wrong_key("a row that is not there yet cannot be removed")),
        (RowKey::Known(key), _) if table.primary_key.is_empty() => match key.len() {
            8 => Ok(()),
            _ => Err(wrong_key("a row of a table without a primary key is known by the eight bytes of its number")),
        },
        (RowKey::Known(key), Some(cells)) => match encode_key(table, cells) == *key {
            true => Ok(()),
            false => Err(wrong_key("the cells of the primary key are not those of the key")),
        },
        (RowKey::Known(_), None) => Ok(()),
    }
}

fn check_cells(table: &TableDefinition, cells: &[Cell]) -> Result<(), StoreError> {
    if cells.len() != table.columns.len() {
        let (given, wanted) = (cells.len(), table.columns.len());
        return Err(StoreError::WrongCellCount { table: table.name.clone(), given, wanted });
    }
    for (cell, column) in cells.iter().zip(&table.columns) {
        if matches!(cell, Cell::Null) {
            if !column.nullable {
                return Err(StoreError::NotNull { table: table.name.clone(), column: column.name.clone() });
            }
        } else if !cell.fits(column.column_type) {
            return Err(StoreError::WrongCell {
                table: table.name.clone(),
                column: column.name.clone(),
                given: kind_of(cell),
                wanted: name_of(column.column_type),
            });
        }
    }
    Ok(())
}

fn kind_of(cell: &Cell) -> &'static str {
    match cell {
        Cell::Null => "no value",
        Cell::Boolean(_) => "a boolean",
        Cell::Integer(_) => "an integer",
        Cell::Double(_) => "a double",
        Cell::Decimal(_) => "a decimal number",
        Cell::Text(_) => "a text",
        Cell::Date(_) => "a date",
        Cell::Timestamp(_) => "a timestamp",
        Cell::Instant(_) => "an instant",
        Cell::Binary(_) => "bytes",
        Cell::Vector(_) => "a vector",
    }
}

fn name_of(column_type: ColumnType) -> String {
    match column_type {
        ColumnType::Boolean => "a boolean".to_owned(),
        ColumnType::Integer => "an integer".to_owned(),
        ColumnType::Double => "a double".to_owned(),
        ColumnType::Decimal { precision, scale } => {
            format!("a decimal number of at most {precision} digits, {scale} of them after the point")
        }
        ColumnType::Text => "a text".to_owned(),
        ColumnType::Json => "a JSON text".to_owned(),
        ColumnType::Date => "a date".to_owned(),
        ColumnType::Timestamp => "a timestamp".to_owned(),
        ColumnType::Instant => "an instant".to_owned(),
        ColumnType::Binary => "bytes".to_owned(),
        ColumnType::Vector { dimension } => format!("a vector of {dimension} numbers"),
    }
}
