//! Rows into the open transaction: what a table demands of them, and what happens where a key is taken.

use std::ops::ControlFlow;
use std::sync::Arc;

use grounds_core::{
    Cell, Change, LabelRow, MatterRow, PrincipalRow, Row, RowChange, RowKey, Table, TableDefinition, Validity,
};
use grounds_store::{Clash, KeyRange, KnownTime, built_in_cells, encode_key, encode_key_cells};

use crate::catalog::built_in_table;
use crate::statement::target::BUILT_IN;
use crate::transaction::{put, remove};
use crate::types::sql_name;
use crate::{Session, SqlError, cell_text};
use grounds_store::StoreError;

/// Writes rows of one table in the open transaction of a session.
pub(crate) struct Writer<'a> {
    pub(crate) session: &'a mut Session,
    pub(crate) definition: Arc<TableDefinition>,
    /// What was written, where it is asked for.
    pub(crate) written: Option<Vec<Vec<Cell>>>,
}

/// What a key holds when.
pub(crate) type Held = Vec<(Validity, Vec<Cell>)>;

/// A piece that another row cannot stand beside.
pub(crate) struct Taken {
    pub(crate) key: Vec<u8>,
    pub(crate) validity: Validity,
    pub(crate) cells: Vec<Cell>,
    /// The columns in which it has the same values.
    pub(crate) columns: Vec<usize>,
}

impl<'a> Writer<'a> {
    /// A writer that keeps nothing of what it writes.
    pub(crate) fn new(session: &'a mut Session, definition: &Arc<TableDefinition>) -> Self {
        Self { session, definition: Arc::clone(definition), written: None }
    }

    /// Keeps what it writes from now on, where `is_wanted`.
    pub(crate) fn keeping(mut self, is_wanted: bool) -> Self {
        self.written = is_wanted.then(Vec::new);
        self
    }
}

impl Writer<'_> {
    /// Whether the table has a primary key.
    pub(crate) fn has_key(&self) -> bool {
        !self.definition.primary_key.is_empty()
    }

    /// The key of a row.
    pub(crate) fn key(&self, cells: &[Cell]) -> RowKey {
        match self.has_key() {
            true => RowKey::Known(encode_key(&self.definition, cells)),
            false => RowKey::New,
        }
    }

    /// What a key holds now, changes included.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn held(&mut self, key: &[u8]) -> Result<Held, SqlError> {
        let definition = Arc::clone(&self.definition);
        let transaction = self.session.open_transaction()?;
        if definition.id == BUILT_IN {
            let mut held = Held::new();
            let table = built_in_table(&definition.name).unwrap_or(Table::Principals);
            transaction.overlay.reader().visit_built_in(table, KnownTime::AtSnapshot, &mut |piece| {
                if encode_key_cells(&[Cell::Text(piece.key)]) == key {
                    held.push((piece.validity, row_cells(&piece.row)));
                }
                Ok(ControlFlow::Continue(()))
            })?;
            return Ok(held);
        }
        if let Some(pieces) = transaction.overlay.held(definition.id, key) {
            return Ok(pieces.into_iter().map(|piece| (piece.validity, piece.cells.to_vec())).collect());
        }
        let mut held = Held::new();
        let reader = transaction.overlay.reader();
        reader.visit_rows(&definition, KeyRange::One(key), KnownTime::AtSnapshot, &mut |piece| {
            if piece.key == key {
                held.push((piece.validity, piece.cells));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(held)
    }

    /// What a row would share days with.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn conflicts(&mut self, cells: &[Cell], validity: Validity) -> Result<Held, SqlError> {
        let RowKey::Known(key) = self.key(cells) else { return Ok(Held::new()) };
        let mut held = self.held(&key)?;
        held.retain(|(other, _)| other.overlaps(validity));
        Ok(held)
    }

    /// What a new row cannot stand beside: pieces of its key, and those that hold what is unique.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn taken(&mut self, cells: &[Cell], validity: Validity) -> Result<Vec<Taken>, SqlError> {
        let mut taken = Vec::new();
        let own = match self.key(cells) {
            RowKey::Known(key) => Some(key),
            RowKey::New => None,
        };
        if let Some(key) = &own {
            for (validity, cells) in self.conflicts(cells, validity)? {
                let columns = self.definition.primary_key.clone();
                taken.push(Taken { key: key.clone(), validity, cells, columns });
            }
        }
        if self.definition.has_unique_columns() {
            let definition = Arc::clone(&self.definition);
            let clashes =
                self.session.open_transaction()?.overlay.clashes(&definition, own.as_deref(), cells, validity)?;
            taken.extend(clashes.into_iter().map(|clash| {
                let Clash { key, validity, cells, columns } = clash;
                Taken { key, validity, cells, columns }
            }));
        }
        Ok(taken)
    }

    /// Writes a row whose key is free, or is to be overwritten, during `validity`.
    ///
    /// # Errors
    /// [`SqlError::NotNull`], [`SqlError::WrongValue`], and those of the store.
    pub(crate) fn put(&mut self, key: RowKey, cells: Vec<Cell>, validity: Validity) -> Result<(), SqlError> {
        self.check(&cells)?;
        if let Some(written) = &mut self.written {
            written.push(cells.clone());
        }
        self.apply(&put(key, cells, validity))
    }

    /// Lets a key hold nothing during `validity`.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn remove(&mut self, key: Vec<u8>, validity: Validity) -> Result<(), SqlError> {
        self.apply(&remove(key, validity))
    }

    fn apply(&mut self, change: &RowChange) -> Result<(), SqlError> {
        let definition = Arc::clone(&self.definition);
        let transaction = self.session.open_transaction()?;
        if definition.id == BUILT_IN {
            transaction.change(built_in_change(&definition, change)?);
            return Ok(());
        }
        transaction.apply(&definition, change)?;
        Ok(())
    }

    /// Checks a row against what its table demands.
    ///
    /// # Errors
    /// [`SqlError::NotNull`], [`SqlError::WrongValue`]
    pub(crate) fn check(&self, cells: &[Cell]) -> Result<(), SqlError> {
        for (at, (cell, column)) in cells.iter().zip(&self.definition.columns).enumerate() {
            let is_needed = !column.nullable || self.definition.primary_key.contains(&at);
            if is_needed && matches!(cell, Cell::Null) {
                return Err(SqlError::NotNull { table: self.definition.name.clone(), column: column.name.clone() });
            }
            if !cell.fits(column.column_type) {
                return Err(SqlError::WrongValue {
                    column: column.name.clone(),
                    value: cell_text::format(cell, column.column_type),
                    expected: sql_name(column.column_type),
                });
            }
        }
        Ok(())
    }

    /// The error of a key that is taken.
    pub(crate) fn duplicate(&self, cells: &[Cell]) -> SqlError {
        SqlError::DuplicateKey { table: self.definition.name.clone(), key: self.key_text(cells) }
    }

    /// The error of a row that stands in the way.
    pub(crate) fn not_free(&self, cells: &[Cell], taken: &Taken) -> SqlError {
        if taken.columns == self.definition.primary_key {
            return self.duplicate(cells);
        }
        let names = taken.columns.iter().map(|position| self.definition.columns[*position].name.as_str());
        SqlError::Store(StoreError::NotUnique {
            table: self.definition.name.clone(),
            columns: names.collect::<Vec<_>>().join(", "),
            values: self.values_text(cells, &taken.columns),
        })
    }

    /// A row's key as SQL writes it.
    pub(crate) fn key_text(&self, cells: &[Cell]) -> String {
        self.values_text(cells, &self.definition.primary_key)
    }

    fn values_text(&self, cells: &[Cell], positions: &[usize]) -> String {
        let part = |position: &usize| {
            let column_type = self.definition.columns[*position].column_type;
            let text = cells.get(*position).map(|cell| cell_text::format(cell, column_type)).unwrap_or_default();
            if matches!(cells.get(*position), Some(Cell::Text(_))) { format!("'{text}'") } else { text }
        };
        format!("({})", positions.iter().map(part).collect::<Vec<_>>().join(", "))
    }
}

/// The cells of a built-in row that SQL may change.
fn row_cells(row: &Row) -> Vec<Cell> {
    match row {
        Row::Principal(_) | Row::Matter(_) | Row::Label(_) => built_in_cells(row),
        _ => Vec::new(),
    }
}

/// A change to a row of a built-in table.
fn built_in_change(definition: &TableDefinition, change: &RowChange) -> Result<Change, SqlError> {
    let validity = change.validity;
    let table = built_in_table(&definition.name).unwrap_or(Table::Principals);
    let Some(cells) = &change.cells else {
        // Statements that remove select the row by its key as the store has it: the name.
        let key = match &change.key {
            RowKey::Known(key) => String::from_utf8_lossy(key).into_owned(),
            RowKey::New => String::new(),
        };
        return Ok(Change::Delete { table, key, validity });
    };
    let text = |at: usize| match cells.get(at) {
        Some(Cell::Text(text)) => text.clone(),
        _ => String::new(),
    };
    if table == Table::Matters {
        return Ok(Change::Put { row: Row::Matter(MatterRow { name: text(0), source: text(1) }), validity });
    }
    let list = |at: usize, column: &str, example: &str| -> Result<Vec<String>, SqlError> {
        let items: Result<Vec<String>, _> = serde_json::from_str(&text(at));
        let mut items = items.map_err(|_| SqlError::WrongValue {
            column: column.to_owned(),
            value: text(at),
            expected: format!("JSON, a list such as {example}"),
        })?;
        items.sort();
        items.dedup();
        Ok(items)
    };
    if table == Table::Labels {
        let gold = list(3, "gold", "[\"gdpr/art_33\"]")?;
        let row = LabelRow { name: text(0), task: text(1), text: text(2), gold, author: text(4) };
        return Ok(Change::Put { row: Row::Label(row), validity });
    }
    let labels = list(1, "labels", "[\"public\", \"internal\"]")?;
    Ok(Change::Put { row: Row::Principal(PrincipalRow { name: text(0), labels }), validity })
}
