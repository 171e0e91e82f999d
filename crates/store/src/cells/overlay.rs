//! A reader with changes that are not committed: what the statements of one transaction see.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use grounds_core::{Cell, RowChange, RowKey, Snapshot, TableChanges, TableDefinition, TableId, Validity};
use jiff::civil::Date;

use crate::bitemporal::{Piece, put, remove};
use crate::cells::check::check_change;
use crate::cells::key::readable_key;
use crate::cells::overlay_unique::FoundBy;
use crate::cells::{KeyRange, KnownTime, RowPiece, unique};
use crate::{Reader, StoreError};

/// A reader plus changes to declared tables that no one else sees yet.
///
/// Holds in memory what it changed, once. The changes become durable when [`Overlay::into_changes`] is committed as a
/// [`Batch`](grounds_core::Batch) whose `base` is the reader's snapshot.
#[derive(Clone)]
pub struct Overlay {
    reader: Arc<Reader>,
    tables: BTreeMap<TableId, BTreeMap<Vec<u8>, Row>>,
    next_new: u64,
    /// By what a table wants to be unique, see `cells::unique`, the keys of the rows that were ever changed to hold it.
    unique: HashMap<Vec<u8>, Vec<Vec<u8>>>,
    /// For tables that have unique columns, how the reader finds their values.
    found_by: HashMap<TableId, FoundBy>,
    /// The rows changed since [`Overlay::mark`] as they were, in order of change; `None` while no mark is set.
    since_mark: Option<Vec<Earlier>>,
}

/// A row as it was before a change; `None` where it was not touched yet.
type Earlier = (TableId, Vec<u8>, Option<Row>);

/// A piece of a row in an [`Overlay`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldPiece<'a> {
    /// The stretch of valid time.
    pub validity: Validity,
    /// One for each column.
    pub cells: &'a [Cell],
    /// The number of the stored piece that says the same; `None` for what is not committed.
    pub number: Option<u64>,
}

/// A row that the transaction touched.
#[derive(Clone, Default)]
struct Row {
    stored: Vec<Stored>,
    pieces: Vec<Piece>,
    contents: Vec<Vec<Cell>>,
    /// Whether the store has yet to give it a number.
    is_new: bool,
}

#[derive(Clone)]
struct Stored {
    number: u64,
    validity: Validity,
    known_from: Snapshot,
}

/// Numbers of rows that the store has not numbered yet begin here: after all that it will ever give.
const NEW_FROM: u64 = 1 << 63;

impl Overlay {
    /// Nothing changed yet.
    pub fn new(reader: Arc<Reader>) -> Self {
        let (unique, found_by) = (HashMap::new(), HashMap::new());
        Self { reader, tables: BTreeMap::new(), next_new: NEW_FROM, unique, found_by, since_mark: None }
    }

    /// The reader underneath, which does not see the changes.
    pub fn reader(&self) -> &Arc<Reader> {
        &self.reader
    }

    /// Whether nothing was changed.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// Remembers what is there now, for [`Overlay::undo`]: a statement that fails leaves its transaction as it was.
    pub fn mark(&mut self) {
        self.since_mark = Some(Vec::new());
    }

    /// Keeps what was changed since [`Overlay::mark`].
    pub fn keep(&mut self) {
        self.since_mark = None;
    }

    /// Takes back what was changed since [`Overlay::mark`]; nothing where no mark is set.
    pub fn undo(&mut self) {
        for (table, key, row) in self.since_mark.take().unwrap_or_default().into_iter().rev() {
            let rows = self.tables.entry(table).or_default();
            match row {
                Some(row) => rows.insert(key, row),
                None => rows.remove(&key),
            };
        }
        self.tables.retain(|_, rows| !rows.is_empty());
    }

    /// What the row with this key holds now, in no order; `None` where it was not touched, so that what the reader knows goes on.
    pub fn held(&self, table: TableId, key: &[u8]) -> Option<Vec<HeldPiece<'_>>> {
        Some(self.tables.get(&table)?.get(key)?.held())
    }

    /// Applies one change; returns whether anything is different now.
    ///
    /// A new row of a table without a primary key gets a key of eight bytes for the time being, which [`Overlay::changed_rows`] shows
    /// and later changes may name.
    ///
    /// # Errors
    /// [`StoreError::NotNull`], [`StoreError::WrongCell`], [`StoreError::EmptyValidity`] (the caller can correct the change),
    /// [`StoreError::WrongCellCount`], [`StoreError::WrongKey`] (a mistake in the program), and those of [`Reader::get`].
    pub fn apply(&mut self, table: &TableDefinition, change: &RowChange) -> Result<bool, StoreError> {
        check_change(table, change)?;
        let key = match &change.key {
            RowKey::Known(key) => key.clone(),
            RowKey::New => {
                self.next_new += 1;
                (self.next_new - 1).to_be_bytes().to_vec()
            }
        };
        let rows = self.tables.entry(table.id).or_default();
        if let Some(earlier) = &mut self.since_mark {
            earlier.push((table.id, key.clone(), rows.get(&key).cloned()));
        }
        if !rows.contains_key(&key) {
            let row = match change.key {
                RowKey::New => Row { is_new: true, ..Row::default() },
                RowKey::Known(_) => load(&self.reader, table, &key)?,
            };
            rows.insert(key.clone(), row);
        }
        if let Some(cells) = &change.cells {
            enter_unique(&mut self.unique, table, &key, cells);
        }
        let row = rows.get_mut(&key).expect("inserted just above");
        match &change.cells {
            None => Ok(remove(&mut row.pieces, change.validity)),
            Some(_) if table.primary_key.is_empty() && row.stored.is_empty() && !row.is_new => {
                let (key, what) = (readable_key(table, &key), "the store gave no row this number");
                Err(StoreError::WrongKey { table: table.name.clone(), key, what })
            }
            Some(cells) => {
                let content = row.contents.iter().position(|content| content == cells).unwrap_or_else(|| {
                    row.contents.push(cells.clone());
                    row.contents.len() - 1
                });
                Ok(put(&mut row.pieces, content, change.validity))
            }
        }
    }

    /// The piece of the row with this key that holds on `as_of`, changes included.
    ///
    /// What is not committed has the number `u64::MAX`, and the snapshot after the reader's.
    ///
    /// # Errors
    /// As [`Reader::get`].
    pub fn get(&self, table: &TableDefinition, key: &[u8], as_of: Date) -> Result<Option<RowPiece>, StoreError> {
        let Some(row) = self.tables.get(&table.id).and_then(|rows| rows.get(key)) else {
            return self.reader.get(table, key, as_of);
        };
        let Some(piece) = row.pieces.iter().find(|piece| piece.validity.contains(as_of)) else { return Ok(None) };
        let stored = row.stored.iter().find(|stored| Some(stored.number) == piece.row);
        Ok(Some(RowPiece {
            key: key.to_owned(),
            number: stored.map_or(u64::MAX, |stored| stored.number),
            validity: piece.validity,
            known_from: stored.map_or(Snapshot(self.reader.known_at().0 + 1), |stored| stored.known_from),
            known_to: None,
            cells: row.contents[piece.content].clone(),
        }))
    }

    /// The rows that were touched, in order of key, each with the pieces that hold now, in no order: they stand in for all pieces of
    /// that key that the reader knows.
    pub fn changed_rows(&self, table: TableId) -> impl Iterator<Item = (&[u8], Vec<HeldPiece<'_>>)> {
        let rows = self.tables.get(&table).into_iter().flatten();
        rows.map(|(key, row)| (key.as_slice(), row.held()))
    }

    /// The rows that were changed since [`Overlay::mark`], each once; all that were changed where no mark is set.
    pub fn keys_since_mark(&self, table: TableId) -> BTreeSet<Vec<u8>> {
        match &self.since_mark {
            Some(earlier) => earlier.iter().filter(|(of, ..)| *of == table).map(|(_, key, _)| key.clone()).collect(),
            None => self.tables.get(&table).into_iter().flat_map(|rows| rows.keys().cloned()).collect(),
        }
    }

    /// What a row holds now, changes included.
    ///
    /// # Errors
    /// As [`Reader::get`].
    pub fn pieces(&self, table: &TableDefinition, key: &[u8]) -> Result<Vec<(Validity, Vec<Cell>)>, StoreError> {
        if let Some(held) = self.held(table.id, key) {
            return Ok(held.into_iter().map(|piece| (piece.validity, piece.cells.to_vec())).collect());
        }
        let mut pieces = Vec::new();
        self.reader.visit_rows(table, KeyRange::One(key), KnownTime::AtSnapshot, &mut |piece| {
            if piece.key == key {
                pieces.push((piece.validity, piece.cells));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(pieces)
    }

    /// Lets [`Overlay::holders_here`] find a row by what it holds.
    pub(super) fn enter_unique(&mut self, table: &TableDefinition, key: &[u8], cells: &[Cell]) {
        enter_unique(&mut self.unique, table, key, cells);
    }

    /// The keys of changed rows that may hold the values that `prefix` stands for.
    pub(super) fn holders_here(&self, prefix: &[u8]) -> impl Iterator<Item = &Vec<u8>> {
        self.unique.get(prefix).into_iter().flatten()
    }

    pub(super) fn known_found_by(&self, table: TableId) -> Option<FoundBy> {
        self.found_by.get(&table).cloned()
    }

    pub(super) fn keep_found_by(&mut self, table: TableId, found_by: FoundBy) {
        self.found_by.insert(table, found_by);
    }

    /// The fewest changes that make of what the reader sees what the overlay shows, by table, in order of key.
    ///
    /// A new row without a primary key whose validity was split becomes one row for each piece.
    pub fn into_changes(self) -> Vec<TableChanges> {
        let changes = |(table, rows): (TableId, BTreeMap<Vec<u8>, Row>)| TableChanges {
            table,
            rows: rows.into_iter().flat_map(|(key, row)| row.into_changes(key)).collect(),
        };
        self.tables.into_iter().map(changes).filter(|changes| !changes.rows.is_empty()).collect()
    }
}

fn enter_unique(unique: &mut HashMap<Vec<u8>, Vec<Vec<u8>>>, table: &TableDefinition, key: &[u8], cells: &[Cell]) {
    for columns in table.unique_columns() {
        let Some(prefix) = unique::prefix(table.id, columns, cells) else { continue };
        let keys = unique.entry(prefix).or_default();
        if !keys.iter().any(|known| known == key) {
            keys.push(key.to_vec());
        }
    }
}

/// What the reader knows under a key.
fn load(reader: &Reader, table: &TableDefinition, key: &[u8]) -> Result<Row, StoreError> {
    let mut row = Row::default();
    reader.visit_rows(table, KeyRange::One(key), KnownTime::AtSnapshot, &mut |piece| {
        if piece.key != key {
            return Ok(ControlFlow::Continue(()));
        }
        let content = row.contents.iter().position(|content| *content == piece.cells).unwrap_or(row.contents.len());
        if content == row.contents.len() {
            row.contents.push(piece.cells);
        }
        row.pieces.push(Piece { validity: piece.validity, content, row: Some(piece.number) });
        let (number, validity, known_from) = (piece.number, piece.validity, piece.known_from);
        row.stored.push(Stored { number, validity, known_from });
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(row)
}

impl Row {
    fn held(&self) -> Vec<HeldPiece<'_>> {
        let held = |piece: &Piece| HeldPiece {
            validity: piece.validity,
            cells: self.contents[piece.content].as_slice(),
            number: piece.row,
        };
        self.pieces.iter().map(held).collect()
    }

    fn into_changes(mut self, key: Vec<u8>) -> Vec<RowChange> {
        let change = |cells, validity| {
            let key = if self.is_new { RowKey::New } else { RowKey::Known(key.clone()) };
            RowChange { key, cells, validity }
        };
        let is_kept = |stored: &&Stored| self.pieces.iter().any(|piece| piece.row == Some(stored.number));
        let removed = self.stored.iter().filter(|stored| !is_kept(stored));
        let mut changes: Vec<RowChange> = removed.map(|stored| change(None, stored.validity)).collect();
        let new: Vec<&Piece> = self.pieces.iter().filter(|piece| piece.row.is_none()).collect();
        for (at, piece) in new.iter().enumerate() {
            // The last use of some cells takes them.
            let is_used_again = new[at + 1..].iter().any(|later| later.content == piece.content);
            let cells = match is_used_again {
                true => self.contents[piece.content].clone(),
                false => std::mem::take(&mut self.contents[piece.content]),
            };
            changes.push(change(Some(cells), piece.validity));
        }
        changes
    }
}
