//! Values that a table wants to be unique: the index that finds rows which hold the same, and the comparison that tells whether they clash.
//!
//! Entries are only added, one for each row key and each combination of values that it ever had; whoever finds one looks at the row itself.

use std::ops::Bound;

use grounds_core::{Cell, TableDefinition, TableId, Validity};
use redb::ReadableTable;

use crate::StoreError;
use crate::cells::key::{NUMBER_END, encode_key_cells, engine_key, readable_cells, table_end};
use crate::cells::row::{Place, decode_cells, decode_row, place_of};
use crate::cells::{Catalogue, split_engine_key};
use crate::error::EngineContext;
use crate::truth::TruthTables;

/// What the entries of all rows begin with that hold the values of `cells` in `columns`; `None` where one of them is absent, and the row
/// therefore like no other.
pub(crate) fn prefix(table: TableId, columns: &[usize], cells: &[Cell]) -> Option<Vec<u8>> {
    let mut values = Vec::with_capacity(columns.len());
    for column in columns {
        values.push(match cells.get(*column)? {
            Cell::Null => return None,
            // Equal numbers, whatever their bits.
            Cell::Double(value) if *value == 0.0 => Cell::Double(0.0),
            other => other.clone(),
        });
    }
    let mut bytes = of_columns(table, columns);
    bytes.extend(encode_key_cells(&values));
    Some(bytes)
}

/// What all entries of a list of columns begin with.
fn of_columns(table: TableId, columns: &[usize]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(32);
    bytes.extend(table.0.to_be_bytes());
    bytes.extend(u16::try_from(columns.len()).unwrap_or(u16::MAX).to_be_bytes());
    columns.iter().for_each(|column| bytes.extend(u32::try_from(*column).unwrap_or(u32::MAX).to_be_bytes()));
    bytes
}

/// Adds the entries of one row.
pub(crate) fn add(
    tables: &mut TruthTables<'_>,
    table: &TableDefinition,
    key: &[u8],
    cells: &[Cell],
) -> Result<(), StoreError> {
    for columns in table.unique_columns() {
        let Some(mut entry) = prefix(table.id, columns, cells) else { continue };
        entry.extend(key);
        if tables.unique_values.read()?.get(entry.as_slice()).while_("reading unique values")?.is_none() {
            tables.unique_values.insert(entry.as_slice(), ())?;
        }
    }
    Ok(())
}

/// Adds the entries of every known row of every table that has unique columns: for a truth that was put together row by row.
pub(crate) fn add_all(tables: &mut TruthTables<'_>, catalogue: &Catalogue) -> Result<(), StoreError> {
    for table in catalogue.definitions().filter(|table| !table.unique_columns().is_empty()) {
        for (key, _, cells) in known_rows(tables, table)? {
            add(tables, table, &key, &cells)?;
        }
    }
    Ok(())
}

/// A row's key, the days of one of its pieces, and its cells.
pub(crate) type KnownRow = (Vec<u8>, Validity, Vec<Cell>);

/// Every known piece of a table.
pub(crate) fn known_rows(tables: &mut TruthTables<'_>, table: &TableDefinition) -> Result<Vec<KnownRow>, StoreError> {
    let (from, to) = (table.id.0.to_be_bytes().to_vec(), table_end(table.id));
    let range = (Bound::Included(from.as_slice()), Bound::Excluded(to.as_slice()));
    let mut found = Vec::new();
    for item in tables.cells.read()?.range::<&[u8]>(range).while_("reading rows")? {
        let (stored_key, bytes) = item.while_("reading rows")?;
        let (place, cells) = decoded(table, stored_key.value(), bytes.value())?;
        if place.known_to.is_none()
            && let Some((_, key, _)) = split_engine_key(stored_key.value())
        {
            found.push((key.to_owned(), place.validity, cells));
        }
    }
    Ok(found)
}

/// The keys of the rows that may hold the values that `prefix` stands for.
pub(crate) fn candidates(
    entries: &impl ReadableTable<&'static [u8], ()>,
    prefix: &[u8],
) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut keys = Vec::new();
    for item in entries.range::<&[u8]>(prefix..).while_("reading unique values")? {
        let (entry, _) = item.while_("reading unique values")?;
        match entry.value().strip_prefix(prefix) {
            Some(key) => keys.push(key.to_owned()),
            None => break,
        }
    }
    Ok(keys)
}

/// The pieces under one key that were not closed, with their cells.
pub(crate) fn known_pieces(
    rows: &impl ReadableTable<&'static [u8], &'static [u8]>,
    table: &TableDefinition,
    key: &[u8],
) -> Result<Vec<(Place, Vec<Cell>)>, StoreError> {
    let (from, to) = (engine_key(table.id, key, 0), engine_key(table.id, key, NUMBER_END));
    let range = (Bound::Included(from.as_slice()), Bound::Included(to.as_slice()));
    let mut pieces = Vec::new();
    for item in rows.range::<&[u8]>(range).while_("reading rows")? {
        let (stored_key, bytes) = item.while_("reading rows")?;
        let is_own = split_engine_key(stored_key.value()).is_some_and(|(_, found, _)| found == key);
        if is_own {
            let (place, cells) = decoded(table, stored_key.value(), bytes.value())?;
            if place.known_to.is_none() {
                pieces.push((place, cells));
            }
        }
    }
    Ok(pieces)
}

fn decoded(table: &TableDefinition, stored_key: &[u8], bytes: &[u8]) -> Result<(Place, Vec<Cell>), StoreError> {
    let (place, cells) = decode_row(stored_key, bytes)?;
    let damaged = || StoreError::corrupt("a row's bytes are no cells", place_of(stored_key));
    Ok((place, decode_cells(cells, table.columns.len()).ok_or_else(damaged)?))
}

/// Whether two rows hold the same values in `columns`; absent ones are never the same.
pub(crate) fn is_same(table: TableId, columns: &[usize], one: &[Cell], other: &[Cell]) -> bool {
    let one = prefix(table, columns, one);
    one.is_some() && one == prefix(table, columns, other)
}

/// The error of a row that holds what another holds.
pub(crate) fn not_unique(table: &TableDefinition, columns: &[usize], cells: &[Cell]) -> StoreError {
    let names = columns.iter().filter_map(|column| table.columns.get(*column)).map(|column| column.name.as_str());
    let values = columns.iter().map(|column| cells.get(*column).cloned().unwrap_or(Cell::Null)).collect::<Vec<_>>();
    StoreError::NotUnique {
        table: table.name.clone(),
        columns: names.collect::<Vec<_>>().join(", "),
        values: readable_cells(table, columns, &values),
    }
}
