//! Reading declared tables at a reader's snapshot: by key, by range, and what changed since an earlier snapshot.

use std::collections::HashSet;
use std::ops::{Bound, ControlFlow};

use grounds_core::{Snapshot, Table, TableDefinition, TableId};
use jiff::civil::Date;
use redb::ReadableTable;

use crate::cells::delta::{ChangedRow, decode_part};
use crate::cells::key::{NUMBER_END, engine_key, key_prefix, readable_key, split_engine_key, table_end};
use crate::cells::row::{Place, decode_cells, decode_row, decode_verified_row, place_of};
use crate::cells::{Catalogue, ClosedPiece, KeyRange, KnownTime, RowBuilder, RowPiece, TableDelta};
use crate::denial::DeniedKind;
use crate::error::{EngineContext, contain};
use crate::permission::is_visible;
use crate::schema::CHANGES;
use crate::table::{Keys, row, visit_heads};
use crate::{Reader, StoreError};

impl Reader {
    /// The declared tables known at the snapshot that the reader's principal may see, in order of name.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Io`], [`StoreError::Engine`], as for every method that reads.
    pub fn tables(&self) -> Result<Vec<TableDefinition>, StoreError> {
        let catalogue = Catalogue::load(self.rows()?, self.contents()?, self.known_at())?;
        let visible = catalogue.definitions().filter(|table| self.may_read(table));
        let mut tables: Vec<TableDefinition> = visible.map(|table| (**table).clone()).collect();
        tables.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(tables)
    }

    /// The declared table called `name`, unless it is hidden from the reader's principal, which is recorded.
    ///
    /// Cost: one probe; callers that ask often keep the answer.
    ///
    /// # Errors
    /// As [`Reader::tables`].
    pub fn table(&self, name: &str) -> Result<Option<TableDefinition>, StoreError> {
        let mut found = None;
        visit_heads(self.rows()?, Table::Tables, Keys::One(name), |_, _, head| {
            let is_later = found.as_ref().is_none_or(|other: &crate::encoding::RowHead| other.validity < head.validity);
            if head.is_known_at(self.known_at()) && is_later {
                found = Some(head);
            }
            Ok(())
        })?;
        let definition = found.map(|head| row::<TableDefinition>(self.contents()?, name, &head)).transpose()?;
        let visible = definition.filter(|definition| self.may_read(definition));
        if visible.is_none() {
            self.note_missing(DeniedKind::Table, Table::Tables, name)?;
        }
        Ok(visible)
    }

    /// Whether the reader's principal sees the rows of `table`.
    pub(crate) fn may_read(&self, table: &TableDefinition) -> bool {
        is_visible(&table.labels, self.principal().map(|principal| principal.labels()))
    }

    /// A number that no declared table ever had, for the next one. A commit refuses it where another table took it meanwhile.
    ///
    /// # Errors
    /// As [`Reader::tables`].
    pub fn next_table_id(&self) -> Result<TableId, StoreError> {
        // What was declared after the reader's snapshot counts too: numbers are never given twice.
        Ok(Catalogue::load(self.rows()?, self.contents()?, self.latest_known())?.next_id())
    }

    /// The piece of the row with this key that holds on `as_of`.
    ///
    /// Of a table that is hidden from the reader's principal there is none; so in the methods below.
    /// Cost: one probe of the truth, and a look at each piece of the key, the newest first; where the row was read lately, see
    /// [`StoreConfig::row_cache_bytes_max`](crate::StoreConfig::row_cache_bytes_max), one look into memory.
    ///
    /// # Errors
    /// As [`Reader::tables`].
    pub fn get(&self, table: &TableDefinition, key: &[u8], as_of: Date) -> Result<Option<RowPiece>, StoreError> {
        if !self.may_read(table) {
            return Ok(None);
        }
        let cache = &self.inner().cached_rows;
        let prefix = key_prefix(table.id, key);
        if let Some(row) = cache.get(&prefix) {
            return self.held(table, key, as_of, row.pieces());
        }
        contain("the cells table", || {
            let mut row = RowBuilder::new(&prefix);
            let mut found = None;
            let last = engine_key(table.id, key, NUMBER_END);
            let mut cursor = self.cells()?.upper_bound(Bound::Included(last.as_slice())).while_("reading a row")?;
            while let Some((stored_key, bytes)) = cursor.prev().while_("reading a row")? {
                let (stored_key, bytes) = (stored_key.value(), bytes.value());
                let Some(number) = stored_key.strip_prefix(prefix.as_slice()).and_then(|number| number.try_into().ok())
                else {
                    break;
                };
                let number = u64::from_be_bytes(number);
                let (place, cells) = match decode_row(stored_key, bytes) {
                    Ok(decoded) => decoded,
                    // Damage further down the row's history is no matter of this read.
                    Err(_) if found.is_some() => return Ok(found),
                    Err(error) => return Err(error),
                };
                if found.is_none() && place.is_known_at(self.known_at()) && place.validity.contains(as_of) {
                    found = Some(self.piece(table, (key, number), &place, cells)?);
                }
                row.push(number, bytes);
                if found.is_some() && !row.fits() {
                    break;
                }
            }
            // A key without rows is not kept.
            if found.is_some() {
                cache.keep(row, self.latest_known());
            }
            Ok(found)
        })
    }

    /// The first of a kept row's pieces that holds on `as_of`.
    fn held<'r>(
        &self,
        table: &TableDefinition,
        key: &[u8],
        as_of: Date,
        pieces: impl Iterator<Item = (u64, &'r [u8])>,
    ) -> Result<Option<RowPiece>, StoreError> {
        for (number, bytes) in pieces {
            let damaged = || StoreError::corrupt("a row's bytes are no row", readable_key(table, key));
            let (place, cells) = decode_verified_row(bytes).ok_or_else(damaged)?;
            if place.is_known_at(self.known_at()) && place.validity.contains(as_of) {
                return self.piece(table, (key, number), &place, cells).map(Some);
            }
        }
        Ok(None)
    }

    /// Hands the pieces under `keys` to `visit`, in order of key, then of number, until it breaks.
    ///
    /// # Errors
    /// As [`Reader::tables`], and what `visit` returns.
    pub fn visit_rows(
        &self,
        table: &TableDefinition,
        keys: KeyRange<'_>,
        known: KnownTime,
        visit: &mut dyn FnMut(RowPiece) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        if !self.may_read(table) {
            return Ok(());
        }
        let (from, to) = bounds(table.id, keys);
        contain("the cells table", || {
            let range = (from.as_ref().map(Vec::as_slice), to.as_ref().map(Vec::as_slice));
            for item in self.cells()?.range::<&[u8]>(range).while_("reading rows")? {
                let (stored_key, bytes) = item.while_("reading rows")?;
                let (place, cells) = decode_row(stored_key.value(), bytes.value())?;
                let is_wanted = match known {
                    KnownTime::AtSnapshot => place.is_known_at(self.known_at()),
                    KnownTime::All => place.known_from <= self.known_at(),
                };
                if is_wanted && visit(self.piece(table, own_part(stored_key.value())?, &place, cells)?)?.is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    /// What happened to a table after `since`, up to the reader's snapshot.
    ///
    /// Cost: one probe for each row that was opened; nothing that is older is read.
    ///
    /// # Errors
    /// As [`Reader::tables`].
    pub fn changes_since(&self, table: &TableDefinition, since: Snapshot) -> Result<TableDelta, StoreError> {
        let mut delta = TableDelta::default();
        if !self.may_read(table) {
            return Ok(delta);
        }
        let mut opened_numbers = HashSet::new();
        self.visit_changes(table.id, since, |snapshot, row| {
            if row.is_closed {
                // What was opened after `since` says itself that it was closed.
                if !opened_numbers.contains(&row.number) {
                    delta.closed.push(ClosedPiece { key: row.key, number: row.number, known_to: snapshot });
                }
                return Ok(());
            }
            opened_numbers.insert(row.number);
            let engine_key = engine_key(table.id, &row.key, row.number);
            let stored = self.cells()?.get(engine_key.as_slice()).while_("reading a row")?;
            let stored =
                stored.ok_or_else(|| StoreError::corrupt("a changed row is missing", place_of(&engine_key)))?;
            let (place, cells) = decode_row(&engine_key, stored.value())?;
            delta.opened.push(self.piece(table, own_part(&engine_key)?, &place, cells)?);
            Ok(())
        })?;
        delta.opened.sort_unstable_by_key(|piece| piece.number);
        delta.closed.sort_unstable_by_key(|piece| piece.number);
        Ok(delta)
    }

    /// Hands every row that a commit after `since` opened or closed to `visit`, in order of snapshot.
    fn visit_changes(
        &self,
        table: TableId,
        since: Snapshot,
        mut visit: impl FnMut(Snapshot, ChangedRow) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        contain("the changes table", || {
            let changes = self.transaction().open_table(CHANGES).while_("opening the changes")?;
            let range = (table.0, since.0.saturating_add(1), 0)..=(table.0, self.known_at().0, u32::MAX);
            for item in changes.range(range).while_("reading changes")? {
                let (key, bytes) = item.while_("reading changes")?;
                for row in decode_part(key.value(), bytes.value())? {
                    visit(Snapshot(key.value().1), row)?;
                }
            }
            Ok(())
        })
    }

    fn piece(
        &self,
        table: &TableDefinition,
        (key, number): (&[u8], u64),
        place: &Place,
        cells: &[u8],
    ) -> Result<RowPiece, StoreError> {
        let damaged = || StoreError::corrupt("a row's bytes are no cells", readable_key(table, key));
        Ok(RowPiece {
            key: key.to_owned(),
            number,
            validity: place.validity,
            known_from: place.known_from,
            known_to: place.known_to.filter(|to| *to <= self.known_at()),
            cells: decode_cells(cells, table.columns.len()).ok_or_else(damaged)?,
        })
    }
}

/// The row's own key and its number.
fn own_part(engine_key: &[u8]) -> Result<(&[u8], u64), StoreError> {
    let (_, key, number) = split_engine_key(engine_key)
        .ok_or_else(|| StoreError::corrupt("a row's key is too short", place_of(engine_key)))?;
    Ok((key, number))
}

/// The range of engine keys.
fn bounds(table: TableId, keys: KeyRange<'_>) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    let (from, to) = match keys {
        KeyRange::All => (Bound::Unbounded, Bound::Unbounded),
        KeyRange::One(key) => (Bound::Included(key), Bound::Included(key)),
        KeyRange::Between { from, to } => (from, to),
    };
    // What follows a key in the engine's is less than the end of numbers: a number, or the mark of a further cell.
    let from = match from {
        Bound::Unbounded => Bound::Included(table.0.to_be_bytes().to_vec()),
        Bound::Included(key) => Bound::Included([table.0.to_be_bytes().as_slice(), key].concat()),
        Bound::Excluded(key) => Bound::Excluded(engine_key(table, key, NUMBER_END)),
    };
    let to = match to {
        Bound::Unbounded => Bound::Excluded(table_end(table)),
        Bound::Included(key) => Bound::Included(engine_key(table, key, NUMBER_END)),
        Bound::Excluded(key) => Bound::Excluded([table.0.to_be_bytes().as_slice(), key].concat()),
    };
    (from, to)
}
