//! Where a statement reads from: a snapshot, a date, a principal, and what its transaction has changed so far.

use std::sync::Arc;

use grounds_core::{Snapshot, TableDefinition};
use grounds_store::{Reader, Store};
use jiff::civil::Date;

use crate::SqlError;
use crate::built_in::COMMITS;
use crate::catalog::{Shape, Source, TimeColumn, built_in_table};
use crate::scan::{ChangedRows, Readable};
use crate::time::{SystemTime, TimeSelection, ValidTime};
use crate::transaction::Transaction;

/// What a statement sees.
#[derive(Clone, Copy)]
pub(crate) struct Standpoint<'a> {
    pub(crate) store: &'a Store,
    /// At the snapshot of the statement.
    pub(crate) reader: &'a Arc<Reader>,
    pub(crate) valid_date: Date,
    pub(crate) principal: Option<&'a str>,
    pub(crate) transaction: Option<&'a Transaction>,
}

impl Standpoint<'_> {
    /// The snapshot that is read where a statement names none.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.reader.known_at()
    }

    /// What is read where a statement names no time.
    pub(crate) fn here(&self) -> TimeSelection {
        TimeSelection { valid: ValidTime::AsOf(self.valid_date), system: SystemTime::AsOf(self.snapshot()) }
    }

    /// A reader of another snapshot, for the same principal.
    ///
    /// # Errors
    /// Those of [`Store::read`].
    pub(crate) fn reader_at(&self, snapshot: Snapshot) -> Result<Arc<Reader>, SqlError> {
        if snapshot == self.snapshot() {
            return Ok(Arc::clone(self.reader));
        }
        open_reader(self.store, Some(snapshot), self.principal)
    }

    /// The declared table called `name` as `reader` knows it, changed definitions included.
    pub(crate) fn definition(&self, name: &str, reader: &Reader) -> Result<Option<Arc<TableDefinition>>, SqlError> {
        if reader.known_at() == self.snapshot()
            && let Some(changed) = self.transaction.and_then(|transaction| transaction.definition(name))
        {
            return Ok(changed);
        }
        Ok(reader.table(name)?.map(Arc::new))
    }

    /// Where the rows of `name` are; `None` where there is no such table.
    pub(crate) fn source(&self, name: &str, reader: &Reader) -> Result<Option<Source>, SqlError> {
        if let Some(table) = built_in_table(name) {
            return Ok(Some(Source::BuiltIn(table)));
        }
        if name == COMMITS {
            // Messages of commits may speak of what a principal may not see.
            return match self.principal {
                Some(_) => Ok(None),
                None => Ok(Some(Source::Commits(Arc::new(self.store.log()?)))),
            };
        }
        Ok(self.definition(name, reader)?.map(Source::Declared))
    }

    /// The table called `name` at a time, with the time columns that are named.
    ///
    /// # Errors
    /// [`SqlError::UnknownTable`], and those of the store.
    pub(crate) fn readable(
        &self,
        name: &str,
        time: TimeSelection,
        time_columns: &[TimeColumn],
        with_key: bool,
    ) -> Result<Readable, SqlError> {
        let reader = self.reader_at(time.system.snapshot())?;
        let source = self.source(name, &reader)?.ok_or_else(|| SqlError::UnknownTable { name: name.to_owned() })?;
        let shape = Shape::new(&source, time_columns, with_key);
        let sees_changes = time.system.snapshot() == self.snapshot();
        let changes = match (&source, self.transaction) {
            (Source::Declared(definition), Some(transaction)) if sees_changes => changed(transaction, definition),
            _ => None,
        };
        Ok(Readable { name: name.to_owned(), source, shape, time, reader, changes })
    }
}

fn changed(transaction: &Transaction, definition: &TableDefinition) -> Option<Arc<ChangedRows>> {
    let rows: ChangedRows = transaction
        .overlay
        .changed_rows(definition.id)
        .map(|(key, pieces)| {
            let pieces = pieces.into_iter().map(|piece| (piece.validity, piece.cells.to_vec())).collect();
            (key.to_vec(), pieces)
        })
        .collect();
    (!rows.is_empty()).then(|| Arc::new(rows))
}

/// A reader at `snapshot` (the latest where none is given) for a principal.
///
/// # Errors
/// Those of [`Store::read`].
pub(crate) fn open_reader(
    store: &Store,
    snapshot: Option<Snapshot>,
    principal: Option<&str>,
) -> Result<Arc<Reader>, SqlError> {
    let snapshot = match snapshot {
        Some(snapshot) => snapshot,
        None => store.latest()?,
    };
    let reader = store.read(snapshot)?;
    Ok(Arc::new(match principal {
        None => reader,
        Some(name) => reader.for_principal(name)?,
    }))
}
