//! The lists of what commits changed, against the rows; and the same lists made anew from the rows.

use std::collections::BTreeMap;

use grounds_core::{Snapshot, TableId};
use redb::ReadableTable;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::cells::{BUILT_IN, ChangedRow, PartWriter, decode_part, decode_row, place_of, split_engine_key};
use crate::encoding::RowHead;
use crate::error::{EngineContext, contain};
use crate::schema::{CHANGES, table_of};
use crate::truth::TruthTables;
use crate::{Reader, StoreError};

/// For each table and snapshot, how many rows were opened and closed, and all of them in one number.
type Summary = BTreeMap<(u32, u64), [(u64, u64); 2]>;

/// Whether the lists say what the rows say.
///
/// # Errors
/// [`StoreError::Corrupt`] where rows cannot be read; lists that cannot be read are not right.
pub(super) fn are_right(reader: &Reader) -> Result<bool, StoreError> {
    let mut from_rows = Summary::new();
    visit_built_in(reader.rows()?, |snapshot, row| note(&mut from_rows, BUILT_IN, snapshot, &row))?;
    visit_declared(reader, |table, snapshot, row| {
        note(&mut from_rows, table, snapshot, &row);
        Ok(())
    })?;
    match stored(reader) {
        Ok(stored) => Ok(stored == from_rows),
        Err(StoreError::Corrupt { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Writes the lists anew.
pub(super) fn rebuild(reader: &Reader, tables: &mut TruthTables<'_>) -> Result<(), StoreError> {
    tables.changes.clear()?;
    write_built_in(tables)?;
    let mut table_now: Option<TableId> = None;
    let mut rows: BTreeMap<u64, Vec<ChangedRow>> = BTreeMap::new();
    visit_declared(reader, |table, snapshot, row| {
        if let Some(finished) = table_now.replace(table).filter(|finished| *finished != table) {
            write(tables, finished, std::mem::take(&mut rows))?;
        }
        rows.entry(snapshot).or_default().push(row);
        Ok(())
    })?;
    table_now.map_or(Ok(()), |table| write(tables, table, rows))
}

/// Writes the lists of built-in tables, of which a workspace of format 1 has none.
pub(crate) fn write_built_in(tables: &mut TruthTables<'_>) -> Result<(), StoreError> {
    let mut changed: BTreeMap<u64, Vec<ChangedRow>> = BTreeMap::new();
    visit_built_in(tables.rows.read()?, |snapshot, row| changed.entry(snapshot).or_default().push(row))?;
    write(tables, BUILT_IN, changed)
}

fn write(
    tables: &mut TruthTables<'_>,
    table: TableId,
    changed: BTreeMap<u64, Vec<ChangedRow>>,
) -> Result<(), StoreError> {
    for (snapshot, rows) in changed {
        let mut parts = PartWriter::new(table, Snapshot(snapshot));
        for row in rows {
            parts.add(tables, &row.key, row.number, row.is_closed)?;
        }
        parts.finish(tables)?;
    }
    Ok(())
}

fn visit_built_in(
    rows: &impl ReadableTable<(u8, &'static str, u64), &'static [u8]>,
    mut visit: impl FnMut(u64, ChangedRow),
) -> Result<(), StoreError> {
    contain("the rows table", || {
        for item in rows.iter().while_("reading rows")? {
            let (stored_key, bytes) = item.while_("reading rows")?;
            let (table_number, row_key, number) = stored_key.value();
            let Some(table) = table_of(table_number) else { continue };
            let head = RowHead::decode(table, row_key, number, bytes.value())?;
            let mut key = vec![table_number];
            key.extend(row_key.as_bytes());
            if let Some(to) = head.known_to {
                visit(to.0, ChangedRow { key: key.clone(), number, is_closed: true });
            }
            visit(head.known_from.0, ChangedRow { key, number, is_closed: false });
        }
        Ok(())
    })
}

fn visit_declared(
    reader: &Reader,
    mut visit: impl FnMut(TableId, u64, ChangedRow) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    contain("the cells table", || {
        for item in ReadableTable::iter(reader.cells()?).while_("reading rows")? {
            let (engine_key, bytes) = item.while_("reading rows")?;
            let too_short = || StoreError::corrupt("a key is too short", place_of(engine_key.value()));
            let (table, key, number) = split_engine_key(engine_key.value()).ok_or_else(too_short)?;
            let (place, _) = decode_row(engine_key.value(), bytes.value())?;
            if let Some(to) = place.known_to {
                visit(table, to.0, ChangedRow { key: key.to_owned(), number, is_closed: true })?;
            }
            visit(table, place.known_from.0, ChangedRow { key: key.to_owned(), number, is_closed: false })?;
        }
        Ok(())
    })
}

fn stored(reader: &Reader) -> Result<Summary, StoreError> {
    let mut found = Summary::new();
    contain("the changes table", || {
        let changes = reader.transaction().open_table(CHANGES).while_("opening the changes")?;
        for item in changes.iter().while_("reading changes")? {
            let (key, bytes) = item.while_("reading changes")?;
            let (table, snapshot, _) = key.value();
            for row in decode_part(key.value(), bytes.value())? {
                note(&mut found, TableId(table), snapshot, &row);
            }
        }
        Ok(())
    })?;
    Ok(found)
}

fn note(summary: &mut Summary, table: TableId, snapshot: u64, row: &ChangedRow) {
    let slot = &mut summary.entry((table.0, snapshot)).or_default()[usize::from(row.is_closed)];
    slot.0 += 1;
    slot.1 ^= xxh3_64_with_seed(&row.key, row.number);
}
