//! What unique columns say of the changes in an overlay: which rows hold what another wants to hold.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use grounds_core::{Cell, TableDefinition, Validity};

use crate::StoreError;
use crate::cells::overlay::Overlay;
use crate::cells::{KeyRange, KnownTime, unique};
use crate::error::{EngineContext, contain};
use crate::schema::UNIQUE_VALUES;

/// A piece of another row that holds the same values in unique columns on one of the same days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The other row's key.
    pub key: Vec<u8>,
    /// The days of its piece.
    pub validity: Validity,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// The columns in question.
    pub columns: Vec<usize>,
}

/// How a reader finds the rows that hold some values.
#[derive(Clone, Debug)]
pub(crate) enum FoundBy {
    /// The reader knows no row of the table.
    Nothing,
    /// The index has these lists of columns; for others every row is looked at.
    Index(Vec<Vec<usize>>),
}

impl Overlay {
    /// The pieces of rows other than `key` that hold what `cells` hold in unique columns, on a day of `validity`, changes included.
    ///
    /// Cost: one probe for each list of unique columns, and a look at each row that ever held the values.
    ///
    /// # Errors
    /// As [`Reader::get`](crate::Reader::get).
    pub fn clashes(
        &mut self,
        table: &TableDefinition,
        key: Option<&[u8]>,
        cells: &[Cell],
        validity: Validity,
    ) -> Result<Vec<Clash>, StoreError> {
        let mut clashes: Vec<Clash> = Vec::new();
        for columns in table.unique_columns() {
            let Some(prefix) = unique::prefix(table.id, columns, cells) else { continue };
            let mut keys: BTreeSet<Vec<u8>> = self.holders_here(&prefix).cloned().collect();
            keys.extend(self.stored_holders(table, columns, &prefix, cells)?);
            for other in keys.into_iter().filter(|other| Some(other.as_slice()) != key) {
                for (other_validity, other_cells) in self.pieces(table, &other)? {
                    let clash = Clash {
                        key: other.clone(),
                        validity: other_validity,
                        cells: other_cells,
                        columns: columns.to_vec(),
                    };
                    let is_new =
                        !clashes.iter().any(|known| (&known.key, known.validity) == (&clash.key, clash.validity));
                    if is_new
                        && other_validity.overlaps(validity)
                        && unique::is_same(table.id, columns, cells, &clash.cells)
                    {
                        clashes.push(clash);
                    }
                }
            }
        }
        Ok(clashes)
    }

    /// Refuses what was changed since [`Overlay::mark`], or at all where no mark is set, if a row now holds what another holds.
    ///
    /// # Errors
    /// [`StoreError::NotUnique`] (the caller can give other values), and those of [`Reader::get`](crate::Reader::get).
    pub fn check_unique(&mut self, table: &TableDefinition) -> Result<(), StoreError> {
        if !table.has_unique_columns() {
            return Ok(());
        }
        self.keys_since_mark(table.id).into_iter().try_for_each(|key| self.check_row(table, &key))
    }

    fn check_row(&mut self, table: &TableDefinition, key: &[u8]) -> Result<(), StoreError> {
        for (validity, cells) in self.pieces(table, key)? {
            if let Some(clash) = self.clashes(table, Some(key), &cells, validity)?.first() {
                return Err(unique::not_unique(table, &clash.columns, &cells));
            }
        }
        Ok(())
    }

    /// As [`Overlay::check_unique`], of everything that was changed: for a table of which other columns are unique from now on. Rows that were
    /// not changed are compared when it is committed.
    ///
    /// # Errors
    /// As [`Overlay::check_unique`].
    pub fn check_unique_anew(&mut self, table: &TableDefinition) -> Result<(), StoreError> {
        let changed: Vec<(Vec<u8>, Vec<Vec<Cell>>)> = self
            .changed_rows(table.id)
            .map(|(key, pieces)| (key.to_vec(), pieces.into_iter().map(|piece| piece.cells.to_vec()).collect()))
            .collect();
        for (key, pieces) in &changed {
            pieces.iter().for_each(|cells| self.enter_unique(table, key, cells));
        }
        changed.into_iter().try_for_each(|(key, _)| self.check_row(table, &key))
    }

    /// The keys of rows that the reader knows and that may hold these values.
    fn stored_holders(
        &mut self,
        table: &TableDefinition,
        columns: &[usize],
        prefix: &[u8],
        cells: &[Cell],
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let lists = match self.found_by(table)? {
            FoundBy::Nothing => return Ok(Vec::new()),
            FoundBy::Index(lists) => lists,
        };
        let reader = self.reader();
        if lists.iter().any(|list| list == columns) {
            return contain("the unique values", || {
                let entries = reader.transaction().open_table(UNIQUE_VALUES).while_("opening the unique values")?;
                unique::candidates(&entries, prefix)
            });
        }
        let mut keys = Vec::new();
        reader.visit_rows(table, KeyRange::All, KnownTime::AtSnapshot, &mut |piece| {
            if unique::is_same(table.id, columns, cells, &piece.cells) {
                keys.push(piece.key);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(keys)
    }

    /// How the reader finds values of `table`: the transaction may have declared the table, or made columns unique.
    fn found_by(&mut self, table: &TableDefinition) -> Result<FoundBy, StoreError> {
        if let Some(known) = self.known_found_by(table.id) {
            return Ok(known);
        }
        let known = self.reader().table(&table.name)?.filter(|known| known.id == table.id);
        let found_by = known.map_or(FoundBy::Nothing, |known| {
            FoundBy::Index(known.unique_columns().into_iter().map(<[usize]>::to_vec).collect())
        });
        self.keep_found_by(table.id, found_by.clone());
        Ok(found_by)
    }
}
