//! The index of unique values against the rows: every row is found by what it holds, and none holds what another does.

use std::collections::HashMap;
use std::ops::ControlFlow;

use grounds_core::{TableDefinition, Validity};

use super::Examination;
use crate::cells::{KeyRange, KnownTime, unique};
use crate::commit::load_catalogue;
use crate::error::EngineContext;
use crate::schema::UNIQUE_VALUES;
use crate::truth::TruthTables;
use crate::{Reader, StoreError};

pub(super) const MISSING: &str = "a row is not in the index of unique values";

/// Examines every table that has unique columns. Memory: the values of one table.
pub(super) fn examine(reader: &Reader, examination: &mut Examination) -> Result<(), StoreError> {
    let tables = match reader.tables() {
        Err(StoreError::Corrupt { .. }) => return Ok(()), // Has its own finding among the built-in rows.
        other => other?,
    };
    for table in tables.iter().filter(|table| table.has_unique_columns()) {
        let result = examine_table(reader, table, examination);
        examination.note(result)?;
    }
    Ok(())
}

fn examine_table(reader: &Reader, table: &TableDefinition, examination: &mut Examination) -> Result<(), StoreError> {
    let entries = reader.transaction().open_table(UNIQUE_VALUES).while_("opening the unique values")?;
    let mut holders: HashMap<Vec<u8>, Vec<(Vec<u8>, Validity)>> = HashMap::new();
    let (mut missing, mut clashes) = (0_usize, 0_usize);
    reader.visit_rows(table, KeyRange::All, KnownTime::AtSnapshot, &mut |piece| {
        for columns in table.unique_columns() {
            let Some(prefix) = unique::prefix(table.id, columns, &piece.cells) else { continue };
            let entry = [prefix.as_slice(), piece.key.as_slice()].concat();
            missing += usize::from(entries.get(entry.as_slice()).while_("reading unique values")?.is_none());
            let others = holders.entry(prefix).or_default();
            let is_held =
                |(key, validity): &(Vec<u8>, Validity)| *key != piece.key && validity.overlaps(piece.validity);
            clashes += usize::from(others.iter().any(is_held));
            others.push((piece.key.clone(), piece.validity));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let place = format!("table {}", table.name);
    if missing > 0 {
        examination.derived(MISSING, place.clone());
    }
    if clashes > 0 {
        examination.truth("two rows hold the same values in unique columns on one day", place);
    }
    Ok(())
}

/// Adds what is missing.
pub(super) fn rebuild(reader: &Reader, tables: &mut TruthTables<'_>) -> Result<(), StoreError> {
    let catalogue = load_catalogue(tables, reader.known_at())?;
    unique::add_all(tables, &catalogue)
}
