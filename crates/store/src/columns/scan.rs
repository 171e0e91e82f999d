//! What a reader has to read of a table: files, rows of them to leave out, and rows that are in none.

use std::sync::Arc;

use grounds_core::Snapshot;

use crate::built_in::TableRef;
use crate::cells::RowPiece;
use crate::columns::file::ColumnFile;
use crate::columns::generation::GenerationTable;
use crate::columns::manifest::TableName;
use crate::columns::tail::Tail;
use crate::columns::times::Share;
use crate::{Reader, StoreError};

/// The rows of a table known at a reader's snapshot: those of `files` but the masked ones, and [`ColumnScan::tail`].
#[derive(Clone, Debug)]
pub struct ColumnScan {
    /// The snapshot up to which files hold everything.
    pub sealed: Snapshot,
    /// Files that may hold rows known at the reader's snapshot.
    pub files: Vec<ScannedFile>,
    pub(crate) tail: Arc<Tail>,
}

impl ColumnScan {
    /// Rows known at the reader's snapshot that are in no file, in order of number.
    pub fn tail(&self) -> impl Iterator<Item = &RowPiece> {
        self.tail.delta.opened.iter().filter(|piece| piece.known_to.is_none())
    }
}

/// One file of a [`ColumnScan`].
#[derive(Clone, Debug)]
pub struct ScannedFile {
    /// The file, verified.
    pub file: Arc<ColumnFile>,
    /// Positions of rows to leave out, in order: they were closed after the file was written.
    pub masked: Arc<Vec<u32>>,
    /// Whether the file's own `system_from` and `system_to` leave a doubt about the others; never [`Share::Nothing`].
    pub known: Share,
}

impl Reader {
    /// What to read of `table` for the rows known at this reader's snapshot; `None` where there is no generation that has it, and
    /// [`Reader::visit_rows`] or [`Reader::visit_built_in`] must be asked instead.
    ///
    /// Also `None` where the reader's principal may see some of the rows only, or none. Exact at every snapshot, also at those before the generation. Where none is there although more rows are stored than
    /// [`StoreConfig::tail_row_count_max`](crate::StoreConfig::tail_row_count_max), it is built first.
    ///
    /// Cost: what was committed since the generation; of each file its bytes once for each open store, to compare them with their hash.
    /// A generation that turns out to be damaged is given up, and the answer is `None`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Io`], [`StoreError::Engine`]: truth cannot be read.
    pub fn column_scan(&self, table: TableRef<'_>) -> Result<Option<ColumnScan>, StoreError> {
        let is_whole = match table {
            TableRef::Declared(definition) => self.may_read(definition),
            // Rows of built-in tables are visible one by one.
            TableRef::BuiltIn(_) => self.principal().is_none(),
        };
        if !is_whole {
            return Ok(None);
        }
        let Some(generation) = self.inner().generation_for_scan()? else { return Ok(None) };
        let name = TableName::of(table);
        let Some(sealed) = generation.tables.get(&name) else { return Ok(None) };
        if let TableRef::Declared(definition) = table
            && !sealed.agrees_with(definition)
        {
            return Ok(None);
        }
        let tail = self.inner().columns.delta(self, table, generation.snapshot())?;
        let closed: Vec<u64> = tail.delta.closed.iter().map(|piece| piece.number).collect();
        match files(self, sealed, &closed) {
            Ok(files) => Ok(Some(ColumnScan { sealed: generation.snapshot(), files, tail })),
            Err(_) => {
                self.inner().columns.discard(&generation);
                Ok(None)
            }
        }
    }
}

/// The files that a reader needs, without the rows closed since they were written; `closed` are numbers of those closed since the generation.
fn files(reader: &Reader, table: &GenerationTable, closed: &[u64]) -> Result<Vec<ScannedFile>, StoreError> {
    let mut scanned = Vec::with_capacity(table.files.len());
    let mut found_count = 0;
    for file in &table.files {
        let known = file.times().known_at(reader.known_at());
        if known == Share::Nothing {
            continue;
        }
        file.metadata()?;
        let mut masked: Vec<u32> =
            file.closed()?.iter().filter(|row| row.known_to <= reader.known_at()).map(|row| row.position).collect();
        if !closed.is_empty() {
            let found = file.positions(closed)?;
            found_count += found.len();
            masked.extend(found.into_iter().map(|(_, position)| position));
            masked.sort_unstable();
        }
        if masked.len() as u64 == file.row_count() {
            continue;
        }
        scanned.push(ScannedFile { file: Arc::clone(file), masked: Arc::new(masked), known });
    }
    if found_count != closed.len() {
        return Err(StoreError::corrupt("a row is missing in the column data", "the columns directory"));
    }
    Ok(scanned)
}

impl TableName {
    pub(crate) fn of(table: TableRef<'_>) -> Self {
        match table {
            TableRef::BuiltIn(table) => TableName::BuiltIn(table),
            TableRef::Declared(definition) => TableName::Declared(definition.id),
        }
    }
}
