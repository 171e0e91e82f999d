//! The tables of the truth file in one write transaction, each opened when it is first needed.

use redb::{Key, ReadableTable, TableDefinition, Value, WriteTransaction};

use crate::StoreError;
use crate::error::EngineContext;
use crate::schema::{
    CELLS, CHANGES, CONTENTS, ERASED_ORIGINALS, ERASED_ROWS, HEADER, LINKS_BY_TARGET, LOG, ORIGINALS, ROWS,
    UNITS_BY_ID, VERSIONS_BY_DOCUMENT,
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
}

impl<'t> TruthTables<'t> {
    pub(crate) fn new(transaction: &'t WriteTransaction) -> Self {
        Self {
            header: WriteTable::new(transaction, HEADER),
            log: WriteTable::new(transaction, LOG),
            rows: WriteTable::new(transaction, ROWS),
            contents: WriteTable::new(transaction, CONTENTS),
            originals: WriteTable::new(transaction, ORIGINALS),
            versions: WriteTable::new(transaction, VERSIONS_BY_DOCUMENT),
            units: WriteTable::new(transaction, UNITS_BY_ID),
            links: WriteTable::new(transaction, LINKS_BY_TARGET),
            cells: WriteTable::new(transaction, CELLS),
            changes: WriteTable::new(transaction, CHANGES),
            erased_rows: WriteTable::new(transaction, ERASED_ROWS),
            erased_originals: WriteTable::new(transaction, ERASED_ORIGINALS),
        }
    }

    /// Opens every table, which makes those that are missing.
    pub(crate) fn open_all(&mut self) -> Result<(), StoreError> {
        self.header.open()?;
        self.log.open()?;
        self.rows.open()?;
        self.contents.open()?;
        self.originals.open()?;
        self.versions.open()?;
        self.units.open()?;
        self.links.open()?;
        self.cells.open()?;
        self.changes.open()?;
        self.erased_rows.open()?;
        self.erased_originals.open()?;
        Ok(())
    }
}

/// One table of the truth file in a write transaction.
pub(crate) struct WriteTable<'t, K: Key + 'static, V: Value + 'static> {
    transaction: &'t WriteTransaction,
    definition: TableDefinition<'static, K, V>,
    table: Option<redb::Table<'t, K, V>>,
}

impl<'t, K: Key + 'static, V: Value + 'static> WriteTable<'t, K, V> {
    fn new(transaction: &'t WriteTransaction, definition: TableDefinition<'static, K, V>) -> Self {
        Self { transaction, definition, table: None }
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
        self.open()?.insert(key, value).while_("writing a table of the truth")?;
        Ok(())
    }
}
