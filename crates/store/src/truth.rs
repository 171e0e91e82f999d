//! The tables of the truth file in one write transaction, each opened when it is first needed; and what was written into them, as bytes that
//! can be applied again.

use redb::{Key, ReadableTable, TableDefinition, Value, WriteTransaction};

use crate::StoreError;
use crate::cells::{push_number, take_number};
use crate::error::EngineContext;
use crate::schema::{
    CELLS, CHANGES, CONTENTS, ERASED_ORIGINALS, ERASED_ROWS, HEADER, LINKS_BY_TARGET, LOG, ORIGINALS, ROWS,
    UNIQUE_VALUES, UNITS_BY_ID, VERSIONS_BY_DOCUMENT,
};

/// Every table of the truth file, for writing.
pub(crate) struct TruthTables<'t> {
    pub(crate) header: WriteTable<'t, &'static str, &'static [u8]>,
    pub(crate) log: WriteTable<'t, u64, &'static [u8]>,
    pub(crate) rows: WriteTable<'t, (u8, &'static str, u64), &'static [u8]>,
    pub(crate) contents: WriteTable<'t, u64, &'static [u8]>,
    pub(crate) originals: WriteTable<'t, &'static [u8; 32], &'static [u8]>,
    pub(crate) versions: WriteTable<'t, (&'static str, &'static str), ()>,
    pub(crate) units: WriteTable<'t, (&'static str, &'static str, &'static str), ()>,
    pub(crate) links: WriteTable<'t, (&'static str, &'static str, &'static str), ()>,
    pub(crate) cells: WriteTable<'t, &'static [u8], &'static [u8]>,
    pub(crate) changes: WriteTable<'t, (u32, u64, u32), &'static [u8]>,
    pub(crate) erased_rows: WriteTable<'t, u64, &'static [u8]>,
    pub(crate) erased_originals: WriteTable<'t, (&'static [u8; 32], u64), ()>,
    pub(crate) unique_values: WriteTable<'t, &'static [u8], ()>,
    /// Fingerprints of the rows of declared tables that were there before and were changed.
    pub(crate) changed_rows: Vec<u64>,
}

/// Calls one method of every table, in order of tag.
macro_rules! each_table {
    ($tables:expr, $table:ident => $work:expr) => {{
        let TruthTables {
            header,
            log,
            rows,
            contents,
            originals,
            versions,
            units,
            links,
            cells,
            changes,
            erased_rows,
            erased_originals,
            unique_values,
            changed_rows: _,
        } = $tables;
        let $table = header;
        $work;
        let $table = log;
        $work;
        let $table = rows;
        $work;
        let $table = contents;
        $work;
        let $table = originals;
        $work;
        let $table = versions;
        $work;
        let $table = units;
        $work;
        let $table = links;
        $work;
        let $table = cells;
        $work;
        let $table = changes;
        $work;
        let $table = erased_rows;
        $work;
        let $table = erased_originals;
        $work;
        let $table = unique_values;
        $work;
    }};
}

impl<'t> TruthTables<'t> {
    /// For writing what needs no journal.
    pub(crate) fn new(transaction: &'t WriteTransaction) -> Self {
        Self::with_redo(transaction, 0)
    }

    /// Keeps what is written into each table, up to so many bytes.
    pub(crate) fn with_redo(transaction: &'t WriteTransaction, redo_bytes_max: usize) -> Self {
        // The tags are part of the format: never changed, never used again.
        Self {
            header: WriteTable::new(transaction, HEADER, 1, redo_bytes_max),
            log: WriteTable::new(transaction, LOG, 2, redo_bytes_max),
            rows: WriteTable::new(transaction, ROWS, 3, redo_bytes_max),
            contents: WriteTable::new(transaction, CONTENTS, 4, redo_bytes_max),
            originals: WriteTable::new(transaction, ORIGINALS, 5, redo_bytes_max),
            versions: WriteTable::new(transaction, VERSIONS_BY_DOCUMENT, 6, redo_bytes_max),
            units: WriteTable::new(transaction, UNITS_BY_ID, 7, redo_bytes_max),
            links: WriteTable::new(transaction, LINKS_BY_TARGET, 8, redo_bytes_max),
            cells: WriteTable::new(transaction, CELLS, 9, redo_bytes_max),
            changes: WriteTable::new(transaction, CHANGES, 10, redo_bytes_max),
            erased_rows: WriteTable::new(transaction, ERASED_ROWS, 11, redo_bytes_max),
            erased_originals: WriteTable::new(transaction, ERASED_ORIGINALS, 12, redo_bytes_max),
            unique_values: WriteTable::new(transaction, UNIQUE_VALUES, 13, redo_bytes_max),
            changed_rows: Vec::new(),
        }
    }

    /// Opens every table, which makes those that are missing.
    pub(crate) fn open_all(&mut self) -> Result<(), StoreError> {
        each_table!(self, table => table.open()?);
        Ok(())
    }

    /// Everything that was written, for [`TruthTables::apply_redo`]; `None` where it is more than was to be kept.
    pub(crate) fn redo(self) -> Option<Vec<u8>> {
        let mut redo = Vec::new();
        each_table!(self, table => table.add_redo(&mut redo)?);
        Some(redo)
    }

    /// Writes again what [`TruthTables::redo`] says; the inner `None` where the bytes say nothing.
    pub(crate) fn apply_redo(&mut self, redo: &[u8]) -> Result<Option<()>, StoreError> {
        let mut rest = redo;
        while let Some((tag, others)) = rest.split_first() {
            rest = others;
            let Some(section) = take_bytes(&mut rest) else { return Ok(None) };
            let mut is_known = false;
            each_table!(&mut *self, table => if table.tag == *tag {
                is_known = true;
                if table.apply_redo(section)?.is_none() {
                    return Ok(None);
                }
            });
            if !is_known {
                return Ok(None);
            }
        }
        Ok(Some(()))
    }
}

fn push_bytes(bytes: &mut Vec<u8>, value: &[u8]) {
    push_number(bytes, value.len() as u128);
    bytes.extend(value);
}

fn take_bytes<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take_number(rest)?).ok()?;
    let (bytes, others) = rest.split_at_checked(length)?;
    *rest = others;
    Some(bytes)
}

/// One table of the truth file in a write transaction.
pub(crate) struct WriteTable<'t, K: Key + 'static, V: Value + 'static> {
    transaction: &'t WriteTransaction,
    definition: TableDefinition<'static, K, V>,
    table: Option<redb::Table<'t, K, V>>,
    tag: u8,
    /// Keys and values in the order in which they were written; `None` where they are more than `redo_bytes_max`.
    redo: Option<Vec<u8>>,
    redo_bytes_max: usize,
}

impl<'t, K: Key + 'static, V: Value + 'static> WriteTable<'t, K, V> {
    fn new(
        transaction: &'t WriteTransaction,
        definition: TableDefinition<'static, K, V>,
        tag: u8,
        redo_bytes_max: usize,
    ) -> Self {
        Self { transaction, definition, table: None, tag, redo: Some(Vec::new()), redo_bytes_max }
    }

    fn open(&mut self) -> Result<&mut redb::Table<'t, K, V>, StoreError> {
        if self.table.is_none() {
            self.table = Some(self.transaction.open_table(self.definition).while_("opening a table of the truth")?);
        }
        Ok(self.table.as_mut().expect("opened just above"))
    }

    /// The table as it is in the transaction.
    pub(crate) fn read(&mut self) -> Result<&(impl ReadableTable<K, V> + use<'t, K, V>), StoreError> {
        self.open().map(|table| &*table)
    }

    /// Lets `key` have `value`, in place of what it had.
    pub(crate) fn insert(&mut self, key: K::SelfType<'_>, value: V::SelfType<'_>) -> Result<(), StoreError> {
        if let Some(redo) = &mut self.redo {
            push_bytes(redo, K::as_bytes(&key).as_ref());
            push_bytes(redo, V::as_bytes(&value).as_ref());
            if redo.len() > self.redo_bytes_max {
                self.redo = None;
            }
        }
        self.open()?.insert(key, value).while_("writing a table of the truth")?;
        Ok(())
    }

    /// Removes every entry. Not kept for the journal: only for what is written durably by itself.
    pub(crate) fn clear(&mut self) -> Result<(), StoreError> {
        self.open()?.retain(|_, _| false).while_("clearing a table of the truth")
    }

    /// Adds what was written, after the table's tag.
    fn add_redo(self, redo: &mut Vec<u8>) -> Option<()> {
        let written = self.redo?;
        if !written.is_empty() {
            redo.push(self.tag);
            push_bytes(redo, &written);
        }
        Some(())
    }

    fn apply_redo(&mut self, section: &[u8]) -> Result<Option<()>, StoreError> {
        let mut rest = section;
        while !rest.is_empty() {
            let (Some(key), Some(value)) = (take_bytes(&mut rest), take_bytes(&mut rest)) else { return Ok(None) };
            let fits = |width: Option<usize>, bytes: &[u8]| width.is_none_or(|width| width == bytes.len());
            if !fits(K::fixed_width(), key) || !fits(V::fixed_width(), value) {
                return Ok(None);
            }
            self.open()?.insert(K::from_bytes(key), V::from_bytes(value)).while_("writing a table of the truth")?;
        }
        Ok(Some(()))
    }
}
