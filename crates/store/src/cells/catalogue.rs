//! The declared tables that are known at the latest snapshot: what a commit checks rows against.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use grounds_core::{ColumnType, IndexDefinition, Row, Snapshot, Table, TableDefinition, TableId};
use redb::ReadableTable;

use crate::StoreError;
use crate::table::{Keys, content, decode_row, visit_heads};

/// The declared tables known at one snapshot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalogue {
    tables: BTreeMap<TableId, Declared>,
    /// The greatest number that a table ever had.
    last_id: u32,
}

/// A declared table.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub(crate) definition: Arc<TableDefinition>,
    /// The commit that gave it this shape.
    pub(crate) known_from: Snapshot,
}

impl Catalogue {
    /// Reads it from the built-in table `tables`, up to `snapshot`.
    pub(crate) fn load(
        rows: &impl ReadableTable<(u8, &'static str, u64), &'static [u8]>,
        contents: &impl ReadableTable<u64, &'static [u8]>,
        snapshot: Snapshot,
    ) -> Result<Self, StoreError> {
        let mut found = Vec::new();
        visit_heads(rows, Table::Tables, Keys::All, |key, _, head| {
            if head.known_from <= snapshot {
                found.push((key.to_owned(), head));
            }
            Ok(())
        })?;
        // Of a name declared in several pieces of valid time the latest counts, and comes last.
        found.sort_by(|(key_a, a), (key_b, b)| (key_a, a.validity).cmp(&(key_b, b.validity)));
        let mut catalogue = Self::default();
        let mut by_name: BTreeMap<String, Declared> = BTreeMap::new();
        for (key, head) in found {
            let bytes = content(contents, Table::Tables, &key, &head)?;
            let Ok(Row::Table(definition)) = decode_row(Table::Tables, &bytes) else {
                let place = crate::encoding::place(Table::Tables, &key);
                return Err(StoreError::corrupt("a content is not a row", place));
            };
            catalogue.last_id = catalogue.last_id.max(definition.id.0);
            if head.is_known_at(snapshot) {
                by_name.insert(key, Declared { definition: Arc::new(definition), known_from: head.known_from });
            }
        }
        for declared in by_name.into_values() {
            let id = declared.definition.id;
            if let Some(other) = catalogue.tables.insert(id, declared) {
                return Err(StoreError::TableIdTaken { table: other.definition.name.clone(), id: id.0 });
            }
        }
        Ok(catalogue)
    }

    /// The table with this number.
    pub(crate) fn get(&self, id: TableId) -> Option<&Declared> {
        self.tables.get(&id)
    }

    /// Every table.
    pub(crate) fn definitions(&self) -> impl Iterator<Item = &Arc<TableDefinition>> {
        self.tables.values().map(|declared| &declared.definition)
    }

    /// A number that no table ever had.
    pub(crate) fn next_id(&self) -> TableId {
        TableId(self.last_id + 1)
    }

    /// Checks that this catalogue may follow `before`: a number means one table for ever, and what is stored stays readable.
    pub(crate) fn check_follows(&self, before: &Catalogue) -> Result<(), StoreError> {
        for Declared { definition, .. } in self.tables.values() {
            let wrong = |what| StoreError::WrongDefinition { table: definition.name.clone(), what };
            check_definition(definition).map_err(wrong)?;
            match before.get(definition.id) {
                None if definition.id.0 <= before.last_id => {
                    return Err(StoreError::TableIdTaken { table: definition.name.clone(), id: definition.id.0 });
                }
                Some(old) if !is_extended_by(&old.definition, definition) => {
                    return Err(wrong("columns may only be added, and the primary key stays as it is"));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// What is wrong with a definition by itself.
fn check_definition(definition: &TableDefinition) -> Result<(), &'static str> {
    let columns = &definition.columns;
    if definition.id.0 == 0 {
        return Err("tables are numbered from 1");
    }
    if columns.is_empty() {
        return Err("it has no column");
    }
    let mut names = HashSet::new();
    if !columns.iter().all(|column| names.insert(column.name.as_str())) {
        return Err("two columns have one name");
    }
    let is_possible = |column_type: ColumnType| match column_type {
        ColumnType::Decimal { precision, scale } => {
            (1..=38).contains(&precision) && scale >= 0 && scale.unsigned_abs() <= precision
        }
        ColumnType::Vector { dimension } => dimension > 0,
        _ => true,
    };
    if !columns.iter().all(|column| is_possible(column.column_type)) {
        return Err(
            "a decimal column has 1 to 38 digits, at most as many of them after the point; a vector has a number",
        );
    }
    let mut positions = HashSet::new();
    if !definition.primary_key.iter().all(|position| *position < columns.len() && positions.insert(*position)) {
        return Err("the primary key names a column that is not there, or one twice");
    }
    let mut names = HashSet::new();
    if !definition.indexes.iter().all(|index| names.insert(index.name.as_str())) {
        return Err("two indexes have one name");
    }
    let is_possible = |index: &IndexDefinition| {
        let mut positions = HashSet::new();
        !index.columns.is_empty()
            && index.columns.iter().all(|position| *position < columns.len() && positions.insert(*position))
    };
    if !definition.indexes.iter().all(is_possible) {
        return Err("an index names no column, one that is not there, or one twice");
    }
    Ok(())
}

/// Whether rows written for `old` can be read with `new`.
fn is_extended_by(old: &TableDefinition, new: &TableDefinition) -> bool {
    let same_type = |(at, column): (usize, &grounds_core::ColumnDefinition)| {
        new.columns.get(at).is_some_and(|other| other.column_type == column.column_type)
    };
    old.primary_key == new.primary_key && old.columns.iter().enumerate().all(same_type)
}
