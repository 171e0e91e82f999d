//! Removing bytes for good: a new truth file without them in place of the old one, and a log entry that tells of it.

mod find;
mod rewrite;

use std::path::Path;
use std::sync::Arc;

use grounds_core::{Disk, DocumentId, Instant, Snapshot, Table, TableId};

use crate::disk::{SystemDisk, remove_directory_if_there, remove_file_if_there, sync_directory};
use crate::error::IoContext;
use crate::journal;
use crate::operations::OnProgress;
use crate::operations::erase::find::Found;
use crate::operations::truth_file::{NewTruthFile, UNFINISHED, unfinished_name};
use crate::schema::TRUTH_FILE;
use crate::{Store, StoreConfig, StoreError};

/// One thing to erase, with its whole history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EraseTarget {
    /// A document with all versions, their units, passages and links, and their originals where no other document has the same.
    Document(DocumentId),
    /// A row of the built-in tables `rules`, `matters`, `answers`, `principals`, `labels` or `models`.
    Row {
        /// The table.
        table: Table,
        /// The row's key.
        key: String,
    },
    /// A row of a declared table.
    TableRow {
        /// The table.
        table: TableId,
        /// The row's key, see [`RowKey::Known`](grounds_core::RowKey::Known).
        key: Vec<u8>,
    },
    /// The bytes of an original, by their BLAKE3 hash (64 hexadecimal digits), whoever refers to them.
    Original(String),
}

/// What is to be erased, and what is logged about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EraseRequest {
    /// What.
    pub targets: Vec<EraseTarget>,
    /// Whether kept answers that quote an erased document go too.
    pub with_answers: bool,
    /// Who asked. Logged, and never erased: it should not repeat what is erased.
    pub asked_by: String,
    /// Why. Logged, as `asked_by` is.
    pub reason: String,
}

/// What was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// The snapshot whose log entry tells of it.
    pub snapshot: Snapshot,
    /// What is gone.
    pub extent: ErasureExtent,
}

/// What an erasure takes, and what else quotes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureExtent {
    /// How many row pieces.
    pub row_count: usize,
    /// How many originals.
    pub original_count: usize,
    /// Names of kept answers that quote an erased document; gone too where [`EraseRequest::with_answers`] says so.
    pub answers: Vec<String>,
    /// Names of rule files that quote an erased document. They stay.
    pub rule_files: Vec<String>,
}

/// Directories of derived data, which may hold anything that truth ever held.
const DERIVED_DIRECTORIES: [&str; 3] = [crate::schema::TEXT_DIRECTORY, "columns", "vectors"];

impl Store {
    /// What [`Store::erase`] would take. Changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NothingToErase`], [`StoreError::NotErasable`] (the caller's choice); [`StoreError::Corrupt`], [`StoreError::Io`].
    pub fn erasure_extent(&self, request: &EraseRequest) -> Result<ErasureExtent, StoreError> {
        Ok(Found::collect(&self.inner().read_latest()?, request)?.into_extent())
    }

    /// Removes bytes from the workspace in `directory` of this machine's disk; see [`Store::erase_on`].
    ///
    /// # Errors
    /// As [`Store::erase_on`].
    pub fn erase(
        directory: &Path,
        config: StoreConfig,
        request: &EraseRequest,
        at: Instant,
        on_progress: OnProgress<'_>,
    ) -> Result<Erasure, StoreError> {
        Self::erase_on(&(Arc::new(SystemDisk) as Arc<dyn Disk>), directory, config, request, at, on_progress)
    }

    /// Removes the bytes of what `request` names from truth, its history and everything derived from it.
    ///
    /// The workspace must not be open. A new truth file is written without the bytes, read back whole, and put in place of the old one, so a
    /// crash leaves the old workspace or the new one. Generations are removed and built again when they are needed. What is not erased reads
    /// as before at every date and snapshot. The log keeps its chain: each erased row leaves its number, the commits that wrote and closed it,
    /// and its digest, so that the examination can still check every commit.
    ///
    /// Out of reach are backups and exports, other documents, rules and matters that repeat the words, names in the log's messages and in the
    /// audit of denials, and what the device keeps of files that were removed.
    ///
    /// Cost: reads the truth, writes it, and reads it back.
    ///
    /// # Errors
    /// [`StoreError::NothingToErase`], [`StoreError::NotErasable`] (the caller's choice); those of [`Store::open`];
    /// [`StoreError::Corrupt`] where the workspace is damaged; nothing is erased then.
    pub fn erase_on(
        disk: &Arc<dyn Disk>,
        directory: &Path,
        config: StoreConfig,
        request: &EraseRequest,
        at: Instant,
        on_progress: OnProgress<'_>,
    ) -> Result<Erasure, StoreError> {
        let store = Store::open_on(Arc::clone(disk), directory, config)?;
        let target = directory.join(TRUTH_FILE);
        // Opening has brought everything in it into the truth.
        journal::forget(disk.as_ref(), directory)?;
        // What a crash left there may hold what is to be erased.
        remove_leftovers(disk.as_ref(), directory)?;
        let reader = store.inner().read_latest()?;
        let found = Found::collect(&reader, request)?;
        let file = NewTruthFile::beside(disk, &target)?;
        let snapshot = file.write(|to| rewrite::write(&reader, to, &found, request, at, on_progress))?;
        file.verify(on_progress)?;
        drop(reader);
        // Before the truth is replaced: a crash in between leaves the old workspace, and nothing of it that is only derived. What names a generation
        // goes first, and durably: half a generation must not be taken for one that is damaged.
        for name in DERIVED_DIRECTORIES {
            let derived = directory.join(name);
            if disk.exists(&derived).on("look for", &derived)? {
                remove_file_if_there(disk.as_ref(), &derived.join("current"))?;
                sync_directory(disk.as_ref(), &derived)?;
            }
        }
        for name in DERIVED_DIRECTORIES {
            remove_directory_if_there(disk.as_ref(), &directory.join(name))?;
        }
        sync_directory(disk.as_ref(), directory)?;
        // Whoever opens the new truth may have begun a journal when this handle, which still locks the old one, is dropped.
        store.inner().abandon();
        file.replace(&target)?;
        drop(store);
        Ok(Erasure { snapshot, extent: found.into_extent() })
    }
}

/// Removes what operations that were cut off left in the workspace's directory.
fn remove_leftovers(disk: &dyn Disk, directory: &Path) -> Result<(), StoreError> {
    // The engine has all that was in it since the workspace was opened.
    journal::forget(disk, directory)?;
    let own = unfinished_name(Path::new(TRUTH_FILE));
    for entry in disk.list(directory).on("list", directory)? {
        let is_ours = entry.name.starts_with(TRUTH_FILE) && entry.name.contains(UNFINISHED);
        if !is_ours || Path::new(&entry.name) == own {
            continue;
        }
        let path = directory.join(&entry.name);
        if entry.is_directory {
            remove_directory_if_there(disk, &path)?;
        } else {
            remove_file_if_there(disk, &path)?;
        }
    }
    Ok(())
}
