//! What a commit does to rows of declared tables: one pass over the keys in order, each read, changed and written at once.

use std::collections::BTreeMap;
use std::ops::Bound;

use grounds_core::{Batch, Cell, RowChange, RowKey, Snapshot, TableDefinition, TableId, Validity};
use redb::ReadableTable;

use crate::StoreError;
use crate::bitemporal::{Piece, put, remove};
use crate::cells::cache::fingerprint;
use crate::cells::check::check_change;
use crate::cells::delta::PartWriter;
use crate::cells::key::{NUMBER_END, engine_key, key_prefix, readable_key, table_end};
use crate::cells::row::{Place, decode_cells, decode_row, encode_cells, encode_row, row_digest};
use crate::cells::unique::KnownRow;
use crate::cells::{Catalogue, split_engine_key, unique};
use crate::error::EngineContext;
use crate::log::CellsDigest;
use crate::truth::TruthTables;

/// What is kept while a commit goes over its rows.
pub(crate) struct CellsWriter<'a> {
    /// The commit's own snapshot.
    pub(crate) snapshot: Snapshot,
    /// The snapshot the batch was made from, where it says so.
    pub(crate) base: Option<Snapshot>,
    /// The next row number.
    pub(crate) next_number: &'a mut u64,
    /// What the log will vouch for.
    pub(crate) digest: CellsDigest,
    /// How many changes had an effect.
    pub(crate) change_count: usize,
    /// Rows that may hold what no other row may.
    to_compare: Vec<KnownRow>,
    /// Buffers, used again for each row.
    cells: Vec<u8>,
    row: Vec<u8>,
}

/// Applies all of a batch's changes to declared tables.
pub(crate) fn write_tables(
    writer: &mut CellsWriter<'_>,
    tables: &mut TruthTables<'_>,
    (catalogue, before): (&Catalogue, &Catalogue),
    batch: &Batch,
) -> Result<(), StoreError> {
    let mut by_table: BTreeMap<TableId, Vec<&RowChange>> = BTreeMap::new();
    if !std::ptr::eq(catalogue, before) {
        let changed = catalogue.definitions().filter(|table| has_new_unique_columns(table, before));
        by_table.extend(changed.map(|table| (table.id, Vec::new())));
    }
    for changes in &batch.tables {
        by_table.entry(changes.table).or_default().extend(&changes.rows);
    }
    for (id, changes) in by_table {
        let declared = catalogue.get(id).ok_or(StoreError::UnknownTable { id: id.0 })?;
        // A table that the batch itself declares has its rows from the same commit.
        if declared.known_from < writer.snapshot && batch.base.is_some_and(|base| declared.known_from > base) {
            let (table, key) = ("tables".to_owned(), declared.definition.name.clone());
            return Err(StoreError::WriteConflict { table, key, snapshot: declared.known_from });
        }
        for change in &changes {
            check_change(&declared.definition, change)?;
        }
        writer.write_table(tables, &declared.definition, changes)?;
        if has_new_unique_columns(&declared.definition, before) {
            writer.take_known_rows(tables, &declared.definition)?;
        }
        writer.compare_unique(tables, &declared.definition)?;
    }
    Ok(())
}

/// Whether a table that was there before wants values to be unique that need not have been so far.
fn has_new_unique_columns(table: &TableDefinition, before: &Catalogue) -> bool {
    let Some(old) = before.get(table.id) else { return false };
    let old = old.definition.unique_columns();
    table.unique_columns().iter().any(|columns| !old.contains(columns))
}

/// What is stored under one key, as it is being changed.
#[derive(Default)]
struct KeyState {
    /// Pieces that are known.
    stored: Vec<StoredPiece>,
    pieces: Vec<Piece>,
    /// Distinct cells, encoded.
    contents: Vec<Vec<u8>>,
    /// Whether the key ever had a row.
    exists: bool,
    /// The last commit that changed the key; 0 where there was none.
    last_change: u64,
}

/// A piece as it is in the table.
struct StoredPiece {
    number: u64,
    validity: Validity,
    content: usize,
    row: Vec<u8>,
}

impl<'a> CellsWriter<'a> {
    pub(crate) fn new(snapshot: Snapshot, base: Option<Snapshot>, next_number: &'a mut u64) -> Self {
        let (digest, change_count) = (CellsDigest::new(), 0);
        let to_compare = Vec::new();
        Self { snapshot, base, next_number, digest, change_count, to_compare, cells: Vec::new(), row: Vec::new() }
    }

    /// Enters what is there now into the index of a table that has new unique columns.
    fn take_known_rows(&mut self, tables: &mut TruthTables<'_>, table: &TableDefinition) -> Result<(), StoreError> {
        for (key, validity, cells) in unique::known_rows(tables, table)? {
            unique::add(tables, table, &key, &cells)?;
            self.to_compare.push((key, validity, cells));
        }
        Ok(())
    }

    /// Refuses rows that now hold what another row holds on one of the same days.
    fn compare_unique(&mut self, tables: &mut TruthTables<'_>, table: &TableDefinition) -> Result<(), StoreError> {
        for (key, validity, cells) in std::mem::take(&mut self.to_compare) {
            for columns in table.unique_columns() {
                let Some(prefix) = unique::prefix(table.id, columns, &cells) else { continue };
                for other in unique::candidates(tables.unique_values.read()?, &prefix)? {
                    if other == key {
                        continue;
                    }
                    for (place, other_cells) in unique::known_pieces(tables.cells.read()?, table, &other)? {
                        let clashes = place.validity.overlaps(validity)
                            && unique::is_same(table.id, columns, &cells, &other_cells);
                        if clashes {
                            return Err(self.clash(table, columns, &cells, place.known_from));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Why a row cannot be written whose values a row of the commit `known_from` holds: what the batch was made from may not have had it.
    fn clash(&self, table: &TableDefinition, columns: &[usize], cells: &[Cell], known_from: Snapshot) -> StoreError {
        let error = unique::not_unique(table, columns, cells);
        match error {
            StoreError::NotUnique { table, columns, values }
                if known_from < self.snapshot && self.base.is_some_and(|base| known_from > base) =>
            {
                StoreError::WriteConflict { table, key: format!("({columns}) = {values}"), snapshot: known_from }
            }
            other => other,
        }
    }

    /// Keeps a row that was written for [`CellsWriter::compare_unique`], once its whole table is.
    fn note_unique(
        &mut self,
        tables: &mut TruthTables<'_>,
        table: &TableDefinition,
        (key, validity, cells): (&[u8], Validity, Vec<Cell>),
    ) -> Result<(), StoreError> {
        unique::add(tables, table, key, &cells)?;
        self.to_compare.push((key.to_owned(), validity, cells));
        Ok(())
    }

    fn write_table(
        &mut self,
        tables: &mut TruthTables<'_>,
        table: &TableDefinition,
        mut changes: Vec<&RowChange>,
    ) -> Result<(), StoreError> {
        // Known keys in order, then new rows; changes of one key stay in theirs.
        if !changes.is_sorted_by(|a, b| a.key <= b.key) {
            changes.sort_by(|a, b| a.key.cmp(&b.key));
        }
        let mut parts = PartWriter::new(table.id, self.snapshot);
        let end = last_key(tables, table.id)?;
        let known = changes.partition_point(|change| matches!(change.key, RowKey::Known(_)));
        for group in changes[..known].chunk_by(|a, b| a.key == b.key) {
            let RowKey::Known(key) = &group[0].key else { unreachable!("these come first") };
            // Keys past the last one are new: appending needs no look at what is there.
            let state = match end.as_ref().is_some_and(|end| key <= end) {
                true => self.load(tables, table, key)?,
                false => KeyState::default(),
            };
            match group {
                // Nearly every row of an import: nothing to compare with, nothing to keep.
                [RowChange { cells: Some(cells), validity, .. }] if !state.exists && !table.primary_key.is_empty() => {
                    self.open_new(tables, table, key, *validity, cells, &mut parts)?;
                }
                _ => self.write_key(tables, table, (key, state), group, &mut parts)?,
            }
        }
        for change in &changes[known..] {
            // `check_change` lets no new row be without cells.
            let Some(cells) = &change.cells else { continue };
            let key = self.next_number.to_be_bytes();
            self.open_new(tables, table, &key, change.validity, cells, &mut parts)?;
        }
        parts.finish(tables)
    }

    /// Changes and writes one key.
    fn write_key(
        &mut self,
        tables: &mut TruthTables<'_>,
        table: &TableDefinition,
        (key, mut state): (&[u8], KeyState),
        changes: &[&RowChange],
        parts: &mut PartWriter,
    ) -> Result<(), StoreError> {
        for change in changes {
            let has_changed = match &change.cells {
                None => remove(&mut state.pieces, change.validity),
                Some(cells) => {
                    if table.primary_key.is_empty() && !state.exists {
                        let what = "the store gave no row this number";
                        let key = readable_key(table, key);
                        return Err(StoreError::WrongKey { table: table.name.clone(), key, what });
                    }
                    encode_cells(cells, &mut self.cells);
                    let content = state.content(&self.cells);
                    put(&mut state.pieces, content, change.validity)
                }
            };
            self.change_count += usize::from(has_changed);
        }
        if state.exists {
            tables.changed_rows.push(fingerprint(&key_prefix(table.id, key)));
        }
        state.keep_unchanged();
        for stored in &state.stored {
            if state.pieces.iter().all(|piece| piece.row != Some(stored.number)) {
                self.close(tables, table.id, key, stored, parts)?;
            }
        }
        for piece in state.pieces.iter().filter(|piece| piece.row.is_none()) {
            if table.has_unique_columns()
                && let Some(cells) = decode_cells(&state.contents[piece.content], table.columns.len())
            {
                self.note_unique(tables, table, (key, piece.validity, cells))?;
            }
            self.open(tables, table.id, key, piece.validity, &state.contents[piece.content], parts)?;
        }
        Ok(())
    }

    /// Reads what is stored under `key`, and refuses what a later commit than the batch's base has changed.
    fn load(&self, tables: &mut TruthTables<'_>, table: &TableDefinition, key: &[u8]) -> Result<KeyState, StoreError> {
        let mut state = KeyState::default();
        let last = engine_key(table.id, key, NUMBER_END);
        let cells = tables.cells.read()?;
        let mut cursor = cells.upper_bound(Bound::Included(last.as_slice())).while_("looking for a row")?;
        while let Some((stored_key, bytes)) = cursor.prev().while_("looking for a row")? {
            let stored_key = stored_key.value();
            let Some((_, _, number)) = split_engine_key(stored_key).filter(|(id, at, _)| (*id, *at) == (table.id, key))
            else {
                break;
            };
            state.add(number, stored_key, bytes.value())?;
        }
        if self.base.is_some_and(|base| state.last_change > base.0) {
            let (key, snapshot) = (readable_key(table, key), Snapshot(state.last_change));
            return Err(StoreError::WriteConflict { table: table.name.clone(), key, snapshot });
        }
        Ok(state)
    }

    /// Opens a row where there was none.
    fn open_new(
        &mut self,
        tables: &mut TruthTables<'_>,
        table: &TableDefinition,
        key: &[u8],
        validity: Validity,
        cells: &[Cell],
        parts: &mut PartWriter,
    ) -> Result<(), StoreError> {
        if table.has_unique_columns() {
            self.note_unique(tables, table, (key, validity, cells.to_vec()))?;
        }
        let mut encoded = std::mem::take(&mut self.cells);
        encode_cells(cells, &mut encoded);
        self.change_count += 1;
        let opened = self.open(tables, table.id, key, validity, &encoded, parts);
        self.cells = encoded;
        opened
    }

    fn open(
        &mut self,
        tables: &mut TruthTables<'_>,
        table: TableId,
        key: &[u8],
        validity: Validity,
        cells: &[u8],
        parts: &mut PartWriter,
    ) -> Result<(), StoreError> {
        let number = *self.next_number;
        *self.next_number += 1;
        let engine_key = engine_key(table, key, number);
        let place = Place { validity, known_from: self.snapshot, known_to: None };
        encode_row(&engine_key, &place, cells, &mut self.row);
        self.digest.opened(&row_digest(&engine_key, &self.row));
        tables.cells.insert(engine_key.as_slice(), self.row.as_slice())?;
        parts.add(tables, key, number, false)
    }

    fn close(
        &mut self,
        tables: &mut TruthTables<'_>,
        table: TableId,
        key: &[u8],
        stored: &StoredPiece,
        parts: &mut PartWriter,
    ) -> Result<(), StoreError> {
        let engine_key = engine_key(table, key, stored.number);
        let (place, cells) = decode_row(&engine_key, &stored.row)?;
        let closed = Place { known_to: Some(self.snapshot), ..place };
        encode_row(&engine_key, &closed, cells, &mut self.row);
        tables.cells.insert(engine_key.as_slice(), self.row.as_slice())?;
        self.digest.closed(stored.number);
        parts.add(tables, key, stored.number, true)
    }
}

/// The greatest key of a table, where it has rows.
fn last_key(tables: &mut TruthTables<'_>, table: TableId) -> Result<Option<Vec<u8>>, StoreError> {
    let end = table_end(table);
    let cells = tables.cells.read()?;
    let mut cursor = cells.upper_bound(Bound::Excluded(end.as_slice())).while_("looking for a row")?;
    let last = cursor.prev().while_("looking for a row")?;
    let of_table = |key: &[u8]| split_engine_key(key).filter(|(id, ..)| *id == table).map(|(_, key, _)| key.to_owned());
    Ok(last.and_then(|(key, _)| of_table(key.value())))
}

impl KeyState {
    fn add(&mut self, number: u64, engine_key: &[u8], bytes: &[u8]) -> Result<(), StoreError> {
        let (place, cells) = decode_row(engine_key, bytes)?;
        self.exists = true;
        self.last_change = self.last_change.max(place.known_from.0).max(place.known_to.map_or(0, |to| to.0));
        if place.known_to.is_none() {
            let content = self.content(cells);
            self.pieces.push(Piece { validity: place.validity, content, row: Some(number) });
            self.stored.push(StoredPiece { number, validity: place.validity, content, row: bytes.to_owned() });
        }
        Ok(())
    }

    /// Where these cells are among the contents.
    fn content(&mut self, cells: &[u8]) -> usize {
        self.contents.iter().position(|content| content == cells).unwrap_or_else(|| {
            self.contents.push(cells.to_owned());
            self.contents.len() - 1
        })
    }

    /// Takes a stored row for a piece that says the same: a batch may undo its own change.
    fn keep_unchanged(&mut self) {
        for stored in &self.stored {
            if self.pieces.iter().any(|piece| piece.row == Some(stored.number)) {
                continue;
            }
            let same = |piece: &&mut Piece| {
                piece.row.is_none() && piece.validity == stored.validity && piece.content == stored.content
            };
            if let Some(piece) = self.pieces.iter_mut().find(same) {
                piece.row = Some(stored.number);
            }
        }
    }
}
