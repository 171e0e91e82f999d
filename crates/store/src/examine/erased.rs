//! What erasures left: tombstones of rows, by the erasure that made them, and hashes of originals.

use std::collections::{BTreeMap, HashSet};

use crate::encoding::{Hash, hex};
use crate::error::{EngineContext, contain};
use crate::operations::tombstone::Tombstone;
use crate::schema::{ERASED_ORIGINALS, ERASED_ROWS};
use crate::{Reader, StoreError};

/// Everything that was ever erased.
#[derive(Default)]
pub(super) struct Erased {
    /// By snapshot of the erasure, in order of number.
    rows: BTreeMap<u64, Vec<(u64, Tombstone)>>,
    /// By snapshot of the erasure, in order of hash.
    originals: BTreeMap<u64, Vec<Hash>>,
    original_digits: HashSet<String>,
}

impl Erased {
    pub(super) fn read(reader: &Reader) -> Result<Self, StoreError> {
        let mut erased = Self::default();
        contain("the tables of what was erased", || {
            let rows = reader.transaction().open_table(ERASED_ROWS).while_("opening the erased rows")?;
            for item in redb::ReadableTable::iter(&rows).while_("reading erased rows")? {
                let (number, bytes) = item.while_("reading erased rows")?;
                let tombstone = Tombstone::decode(number.value(), bytes.value())?;
                erased.rows.entry(tombstone.erased_at).or_default().push((number.value(), tombstone));
            }
            let originals = reader.transaction().open_table(ERASED_ORIGINALS).while_("opening erased originals")?;
            for item in redb::ReadableTable::iter(&originals).while_("reading erased originals")? {
                let (key, _) = item.while_("reading erased originals")?;
                let (name, snapshot) = key.value();
                erased.originals.entry(snapshot).or_default().push(*name);
                erased.original_digits.insert(hex(name));
            }
            Ok(())
        })?;
        Ok(erased)
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &(u64, Tombstone)> {
        self.rows.values().flatten()
    }

    /// What the erasure of `snapshot` removed, in order of number.
    pub(super) fn rows_at(&self, snapshot: u64) -> impl Iterator<Item = (u64, &Hash)> {
        self.rows.get(&snapshot).into_iter().flatten().map(|(number, row)| (*number, &row.digest))
    }

    pub(super) fn originals_at(&self, snapshot: u64) -> impl Iterator<Item = &Hash> {
        self.originals.get(&snapshot).into_iter().flatten()
    }

    pub(super) fn has_original(&self, digits: &str) -> bool {
        self.original_digits.contains(digits)
    }
}
