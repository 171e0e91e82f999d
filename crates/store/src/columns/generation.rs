//! An open generation: its manifest, and its files, none of which has been read yet.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use grounds_core::{ColumnDefinition, Disk, OpenMode, Snapshot, TableDefinition};

use crate::StoreError;
use crate::columns::file::{ColumnFile, Home};
use crate::columns::manifest::{Manifest, ManifestTable, TableName};
use crate::error::IoContext;

/// An open generation.
#[derive(Debug)]
pub(crate) struct Generation {
    pub(crate) manifest: Manifest,
    pub(crate) home: Arc<Home>,
    pub(crate) tables: HashMap<TableName, GenerationTable>,
}

/// One table of it.
#[derive(Debug)]
pub(crate) struct GenerationTable {
    pub(crate) columns: Vec<ColumnDefinition>,
    pub(crate) files: Vec<Arc<ColumnFile>>,
}

impl GenerationTable {
    /// Whether its files hold what `definition` says: columns of the same names and types, and all that must not be absent.
    pub(crate) fn agrees_with(&self, definition: &TableDefinition) -> bool {
        let mut pairs = self.columns.iter().zip(&definition.columns);
        let mut added = definition.columns.iter().skip(self.columns.len());
        pairs.all(|(own, other)| own.name == other.name && own.column_type == other.column_type)
            && added.all(|column| column.nullable)
    }
}

impl Generation {
    /// Opens the generation that `manifest` names. Files that `previous` has too are not verified again.
    ///
    /// # Errors
    /// A file is missing or has another length; the caller then does without, and builds another.
    pub(crate) fn open(
        disk: &Arc<dyn Disk>,
        columns_directory: &Path,
        manifest: Manifest,
        previous: Option<&Generation>,
    ) -> Result<Self, StoreError> {
        let path = columns_directory.join(&manifest.directory);
        let home = Arc::new(Home { disk: Arc::clone(disk), path, is_superseded: AtomicBool::new(false) });
        let mut tables = HashMap::with_capacity(manifest.tables.len());
        for table in &manifest.tables {
            check_lengths(&home, table)?;
            let before = previous.and_then(|previous| previous.tables.get(&table.table));
            let same = |name: &str, hash: &str| {
                let mut files = before.iter().flat_map(|before| &before.files);
                files.find(|file| file.entry.name == name && file.entry.hash == hash)
            };
            let open = |entry: &crate::columns::manifest::ManifestFile| {
                let same = same(&entry.name, &entry.hash).map(Arc::as_ref);
                Arc::new(ColumnFile::new(entry.clone(), Arc::clone(&home), same))
            };
            let files = table.files.iter().map(open).collect();
            tables.insert(table.table, GenerationTable { columns: table.columns.clone(), files });
        }
        Ok(Self { manifest, home, tables })
    }

    /// Whether every file is what was written.
    pub(crate) fn is_whole(&self) -> bool {
        let mut files = self.tables.values().flat_map(|table| &table.files);
        files.all(|file| file.metadata().is_ok() && file.closed().is_ok() && file.are_companions_whole())
    }

    /// The snapshot up to which it holds everything.
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot(self.manifest.snapshot)
    }
}

fn check_lengths(home: &Home, table: &ManifestTable) -> Result<(), StoreError> {
    for file in &table.files {
        let closed = file.closed.as_ref().map(|closed| (closed.name.as_str(), closed.byte_count));
        let beside = file.companions.iter().map(|companion| (companion.name.as_str(), companion.byte_count));
        for (name, byte_count) in std::iter::once((file.name.as_str(), file.byte_count)).chain(closed).chain(beside) {
            let path = home.path.join(name);
            let found = home.disk.open(&path, OpenMode::Read).and_then(|file| file.len()).on("read", &path)?;
            if found != byte_count {
                let place = path.display().to_string();
                return Err(StoreError::corrupt("a file of column data is not what was written", place));
            }
        }
    }
    Ok(())
}
