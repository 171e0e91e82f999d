//! What is done with a workspace as a whole: restoring, importing and erasing. Backup and export are the store's.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use grounds_core::{Cell, ColumnType, DocumentId, Instant, Row, Table, TableDefinition, days_of};
use grounds_store::{
    BackupReport, EraseRequest, EraseTarget, Erasure, ExportReport, KeyRange, KnownTime, OnProgress, Reader, Store,
    StoreConfig, encode_key_cells,
};

use crate::error::GroundsError;
use crate::workspace::Workspace;

impl Workspace {
    /// Makes a workspace in `directory` from a backup.
    ///
    /// # Errors
    /// Those of [`Store::restore`].
    pub fn restore(backup: &Path, directory: &Path, on_progress: OnProgress<'_>) -> Result<BackupReport, GroundsError> {
        Ok(Store::restore(backup, directory, on_progress)?)
    }

    /// Makes a workspace in `directory` from an export.
    ///
    /// # Errors
    /// Those of [`Store::import`].
    pub fn import(source: &Path, directory: &Path, on_progress: OnProgress<'_>) -> Result<ExportReport, GroundsError> {
        Ok(Store::import(source, directory, on_progress)?)
    }

    /// Removes bytes for good from this workspace, which is closed for it.
    ///
    /// # Errors
    /// Those of [`Store::erase`].
    pub fn erase(
        self,
        request: &EraseRequest,
        at: Instant,
        on_progress: OnProgress<'_>,
    ) -> Result<Erasure, GroundsError> {
        let directory = self.store().directory().to_owned();
        drop(self);
        Ok(Store::erase(&directory, StoreConfig::new(), request, at, on_progress)?)
    }

    /// The document called `name`, by its name or a short title, now or in the past, as something to erase.
    ///
    /// # Errors
    /// [`GroundsError::UnknownDocument`].
    pub fn erasable_document(&self, name: &str) -> Result<EraseTarget, GroundsError> {
        let reader = self.latest_reader()?;
        let id = DocumentId(name.to_owned());
        if !reader.history(Table::Documents, name)?.is_empty() {
            return Ok(EraseTarget::Document(id));
        }
        let documents = reader.documents(None)?;
        let called = documents.into_iter().find(|stored| stored.row.short_titles.iter().any(|title| title == name));
        let found = called.ok_or_else(|| GroundsError::UnknownDocument { name: name.to_owned() })?;
        Ok(EraseTarget::Document(found.row.id))
    }

    /// The row of `table` with this key, one text for each key column, as something to erase. A table may be built in, or declared now or in the
    /// past; in one without a primary key a row is known by its number.
    ///
    /// # Errors
    /// [`GroundsError::NotFound`] for a table that never was; [`GroundsError::Key`] for texts that are no key of it.
    pub fn erasable_rows(&self, table: &str, key: &[String]) -> Result<Vec<EraseTarget>, GroundsError> {
        if let Some(table) = Table::ALL.into_iter().find(|known| known.name() == table) {
            let [key] = key else {
                return Err(GroundsError::Key { message: format!("a key of {} is one text", table.name()) });
            };
            return Ok(vec![EraseTarget::Row { table, key: key.clone() }]);
        }
        let reader = self.latest_reader()?;
        let mut targets = Vec::new();
        for definition in definitions(&reader, table)? {
            let target = declared_row(&definition, key)?;
            let mut is_there = false;
            let mut visit = |_| {
                is_there = true;
                Ok(ControlFlow::Break(()))
            };
            reader.visit_rows(&definition, KeyRange::One(&target), KnownTime::All, &mut visit)?;
            if is_there {
                targets.push(EraseTarget::TableRow { table: definition.id, key: target });
            }
        }
        if targets.is_empty() {
            return Err(GroundsError::NotFound { what: "row of this table", name: key.join(", ") });
        }
        Ok(targets)
    }

    fn latest_reader(&self) -> Result<Reader, GroundsError> {
        Ok(self.store().read(self.store().latest()?)?)
    }
}

/// Every table that was ever declared under this name, each in its widest shape.
fn definitions(reader: &Reader, name: &str) -> Result<Vec<TableDefinition>, GroundsError> {
    let mut found: BTreeMap<_, TableDefinition> = BTreeMap::new();
    reader.visit_built_in(Table::Tables, KnownTime::All, &mut |piece| {
        if let Row::Table(definition) = piece.row
            && definition.name == name
            && found.get(&definition.id).is_none_or(|held| held.columns.len() <= definition.columns.len())
        {
            found.insert(definition.id, definition);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    if found.is_empty() {
        return Err(GroundsError::NotFound { what: "table", name: name.to_owned() });
    }
    Ok(found.into_values().collect())
}

/// The bytes of the key that these texts are.
fn declared_row(definition: &TableDefinition, texts: &[String]) -> Result<Vec<u8>, GroundsError> {
    let wrong = |message: String| GroundsError::Key { message };
    if definition.primary_key.is_empty() {
        let number = match texts {
            [number] => number.parse::<u64>().ok(),
            _ => None,
        };
        let number = number.ok_or_else(|| wrong(format!("rows of {} are known by one number", definition.name)))?;
        return Ok(number.to_be_bytes().to_vec());
    }
    if texts.len() != definition.primary_key.len() {
        let count = definition.primary_key.len();
        return Err(wrong(format!("a key of {} has {count} parts, not {}", definition.name, texts.len())));
    }
    let columns = definition.primary_key.iter().map(|position| &definition.columns[*position]);
    let cell = |(column, text): (&grounds_core::ColumnDefinition, &String)| {
        cell_of(column.column_type, text)
            .ok_or_else(|| wrong(format!("`{text}` is no value of the key column {}", column.name)))
    };
    Ok(encode_key_cells(&columns.zip(texts).map(cell).collect::<Result<Vec<_>, _>>()?))
}

/// The value that `text` is in a column of this type; `None` where it is none.
fn cell_of(column_type: ColumnType, text: &str) -> Option<Cell> {
    let cell = match column_type {
        ColumnType::Boolean => Cell::Boolean(text.parse().ok()?),
        ColumnType::Integer => Cell::Integer(text.parse().ok()?),
        ColumnType::Double => Cell::Double(text.parse().ok()?),
        ColumnType::Decimal { scale, .. } => Cell::Decimal(decimal(text, usize::try_from(scale).ok()?)?),
        ColumnType::Text | ColumnType::Json => Cell::Text(text.to_owned()),
        ColumnType::Date => Cell::Date(days_of(text.parse().ok()?)),
        ColumnType::Instant => {
            let at: Instant = text.parse().ok()?;
            Cell::Instant(at.unix_seconds.checked_mul(1_000_000)?)
        }
        ColumnType::Timestamp | ColumnType::Binary | ColumnType::Vector { .. } => return None,
    };
    cell.fits(column_type).then_some(cell)
}

/// A decimal number as a whole number of its last place.
fn decimal(text: &str, scale: usize) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    if digits.is_empty() || fraction.len() > scale || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{whole}{fraction:0<scale$}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_cells_of_their_column() {
        let money = ColumnType::Decimal { precision: 6, scale: 2 };
        assert_eq!(cell_of(money, "-12.5"), Some(Cell::Decimal(-1250)));
        assert_eq!(cell_of(money, "12"), Some(Cell::Decimal(1200)));
        for wrong in ["1.234", "1.-2", "x", "", "99999999"] {
            assert_eq!(cell_of(money, wrong), None, "{wrong}");
        }
        assert_eq!(cell_of(ColumnType::Date, "1970-01-02"), Some(Cell::Date(1)));
        assert_eq!(cell_of(ColumnType::Integer, "seven"), None);
        assert_eq!(cell_of(ColumnType::Boolean, "true"), Some(Cell::Boolean(true)));
    }
}
