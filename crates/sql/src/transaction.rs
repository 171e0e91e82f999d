//! What the statements of a transaction have changed, until it commits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use grounds_core::{
    Batch, Change, Instant, Row, RowChange, RowKey, Snapshot, Table, TableDefinition, TableId, Validity,
};
use grounds_store::{Overlay, Reader, Store};

use crate::SqlError;

/// The most statements whose summaries a commit's message names.
const SUMMARY_COUNT_MAX: usize = 3;

/// The changes of one transaction over the snapshot at which it began.
#[derive(Clone)]
pub(crate) struct Transaction {
    pub(crate) overlay: Overlay,
    /// Whether BEGIN opened it, or a single statement.
    pub(crate) is_explicit: bool,
    definitions: BTreeMap<String, Option<Arc<TableDefinition>>>,
    dropped: BTreeSet<TableId>,
    changes: Vec<Change>,
    summaries: Vec<String>,
    /// The tables with constraints whose rows it changed.
    constrained: BTreeMap<TableId, Arc<TableDefinition>>,
    /// What there was besides rows when the running statement began.
    before: Option<Earlier>,
}

/// What a transaction had changed besides rows.
#[derive(Clone)]
struct Earlier {
    definitions: BTreeMap<String, Option<Arc<TableDefinition>>>,
    dropped: BTreeSet<TableId>,
    change_count: usize,
    summary_count: usize,
}

impl Transaction {
    pub(crate) fn new(reader: Arc<Reader>, is_explicit: bool) -> Self {
        Self {
            overlay: Overlay::new(reader),
            is_explicit,
            definitions: BTreeMap::new(),
            dropped: BTreeSet::new(),
            changes: Vec::new(),
            summaries: Vec::new(),
            constrained: BTreeMap::new(),
            before: None,
        }
    }

    /// Remembers what there is, for [`Transaction::undo`].
    pub(crate) fn mark(&mut self) {
        self.overlay.mark();
        self.before = Some(Earlier {
            definitions: self.definitions.clone(),
            dropped: self.dropped.clone(),
            change_count: self.changes.len(),
            summary_count: self.summaries.len(),
        });
    }

    /// Keeps what was changed since [`Transaction::mark`].
    pub(crate) fn keep(&mut self) {
        self.overlay.keep();
        self.before = None;
    }

    /// Takes back what was changed since [`Transaction::mark`].
    pub(crate) fn undo(&mut self) {
        self.overlay.undo();
        if let Some(before) = self.before.take() {
            self.definitions = before.definitions;
            self.dropped = before.dropped;
            self.changes.truncate(before.change_count);
            self.summaries.truncate(before.summary_count);
        }
    }

    /// The tables with constraints whose rows were changed, as they are defined now.
    pub(crate) fn constrained(&self) -> Vec<Arc<TableDefinition>> {
        let tables = self.constrained.values().filter(|table| !self.dropped.contains(&table.id));
        tables.map(|table| self.definition(&table.name).flatten().unwrap_or_else(|| Arc::clone(table))).collect()
    }

    /// What a table of this name was changed to: `Some(None)` where it was dropped, `None` where it was not touched.
    pub(crate) fn definition(&self, name: &str) -> Option<Option<Arc<TableDefinition>>> {
        self.definitions.get(name).cloned()
    }

    /// Tables declared or dropped so far.
    pub(crate) fn definitions(&self) -> impl Iterator<Item = (&str, Option<&Arc<TableDefinition>>)> {
        self.definitions.iter().map(|(name, definition)| (name.as_str(), definition.as_ref()))
    }

    /// The greatest number of a table that this transaction declared.
    pub(crate) fn last_defined_id(&self) -> Option<TableId> {
        let defined = self.definitions.values().flatten().map(|definition| definition.id);
        defined.chain(self.dropped.iter().copied()).max()
    }

    /// Declares a table, or gives it another shape.
    pub(crate) fn define(&mut self, definition: TableDefinition) {
        let row = Row::Table(definition.clone());
        self.changes.push(Change::Put { row, validity: Validity::always() });
        self.definitions.insert(definition.name.clone(), Some(Arc::new(definition)));
    }

    /// Drops a table, with what this transaction changed in its rows.
    pub(crate) fn drop_table(&mut self, definition: &TableDefinition) {
        let key = definition.name.clone();
        self.changes.push(Change::Delete { table: Table::Tables, key: key.clone(), validity: Validity::always() });
        self.definitions.insert(key, None);
        self.dropped.insert(definition.id);
    }

    /// Changes a row of a built-in table.
    pub(crate) fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Changes a row of a declared table; returns whether anything is different now.
    ///
    /// # Errors
    /// Those of [`Overlay::apply`].
    pub(crate) fn apply(&mut self, table: &TableDefinition, change: &RowChange) -> Result<bool, SqlError> {
        let has_constraints = table.has_unique_columns() || !table.checks.is_empty();
        if has_constraints && !self.constrained.contains_key(&table.id) {
            self.constrained.insert(table.id, Arc::new(table.clone()));
        }
        Ok(self.overlay.apply(table, change)?)
    }

    /// Adds to the commit's message what a statement did, in a few words without any value.
    pub(crate) fn summarise(&mut self, summary: String) {
        self.summaries.push(summary);
    }

    /// Commits; `None` where nothing changed.
    ///
    /// # Errors
    /// [`StoreError::WriteConflict`](grounds_store::StoreError::WriteConflict) where a later commit changed the same rows, and the others of
    /// [`Store::commit`].
    pub(crate) fn commit(self, store: &Store, at: Instant) -> Result<Option<Snapshot>, SqlError> {
        let base = self.overlay.reader().known_at();
        let mut tables = self.overlay.into_changes();
        tables.retain(|changes| !self.dropped.contains(&changes.table));
        if tables.is_empty() && self.changes.is_empty() {
            return Ok(None);
        }
        let message = message(&self.summaries);
        let batch = Batch { message, changes: self.changes, tables, base: Some(base), ..Batch::default() };
        Ok(Some(store.commit(&batch, at)?))
    }
}

fn message(summaries: &[String]) -> String {
    let more = summaries.len().saturating_sub(SUMMARY_COUNT_MAX);
    let named = summaries.iter().take(SUMMARY_COUNT_MAX).cloned().collect::<Vec<_>>().join("; ");
    if more == 0 { named } else { format!("{named}; and {more} more") }
}

/// A change that lets `key` hold `cells` during `validity`.
pub(crate) fn put(key: RowKey, cells: Vec<grounds_core::Cell>, validity: Validity) -> RowChange {
    RowChange { key, cells: Some(cells), validity }
}

/// A change that lets `key` hold nothing during `validity`.
pub(crate) fn remove(key: Vec<u8>, validity: Validity) -> RowChange {
    RowChange { key: RowKey::Known(key), cells: None, validity }
}
