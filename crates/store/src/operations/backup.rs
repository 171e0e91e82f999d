//! Copies of the truth at one snapshot, taken while writers go on, and workspaces made from them.

use std::io;
use std::path::Path;
use std::sync::Arc;

use grounds_core::{Disk, OpenMode, Snapshot};

use crate::disk::{SystemDisk, create_directory};
use crate::error::IoContext;
use crate::journal;
use crate::operations::truth_file::{NewTruthFile, copy_all, entry_count};
use crate::operations::{Counter, OnProgress};
use crate::schema::TRUTH_FILE;
use crate::{Examination, Store, StoreError};

/// What a backup holds, as it was read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupReport {
    /// The latest snapshot in it.
    pub snapshot: Snapshot,
    /// The hash of its last log entry, which stands for all of it; `None` where the log is empty.
    pub head: Option<String>,
    /// How many row pieces were read back.
    pub row_count: usize,
    /// How many originals were hashed.
    pub original_count: usize,
    /// Its size.
    pub byte_count: u64,
}

impl BackupReport {
    fn new(examination: &Examination, byte_count: u64) -> Self {
        Self {
            snapshot: examination.snapshot,
            head: examination.head.clone(),
            row_count: examination.row_count,
            original_count: examination.original_count,
            byte_count,
        }
    }
}

impl Store {
    /// Writes a copy of the truth as of the latest snapshot to `target`, a new file.
    ///
    /// Commits go on meanwhile and are not in it. The copy is made durable and read back whole, log chain and every row, before it gets its
    /// name; it is itself a truth file, without generations, which are derived, and without the audit of denials. An existing file is never
    /// replaced. A crash leaves at most a directory `target.new-…` that nothing looks at.
    ///
    /// Cost: reads the truth once and the copy once. The space that commits free meanwhile is not used again until it ends.
    ///
    /// # Errors
    /// [`StoreError::AlreadyThere`] (another name), [`StoreError::Corrupt`] where the workspace is damaged, [`StoreError::Io`].
    pub fn backup(&self, target: &Path, on_progress: OnProgress<'_>) -> Result<BackupReport, StoreError> {
        let disk = &self.inner().disk;
        if disk.exists(target).on("read", target)? {
            return Err(StoreError::AlreadyThere { path: target.to_owned() });
        }
        let (transaction, _) = self.inner().begin_read()?;
        let file = NewTruthFile::beside(disk, target)?;
        let total = entry_count(&transaction)?;
        file.write(|to| copy_all(&transaction, to, &mut Counter::new("copying", total, on_progress)))?;
        drop(transaction);
        let examination = file.verify(on_progress)?;
        let report = BackupReport::new(&examination, file.byte_count()?);
        file.name(target)?;
        Ok(report)
    }

    /// Makes a workspace in `directory` of this machine's disk from a backup; see [`Store::restore_on`].
    ///
    /// # Errors
    /// As [`Store::restore_on`].
    pub fn restore(backup: &Path, directory: &Path, on_progress: OnProgress<'_>) -> Result<BackupReport, StoreError> {
        Self::restore_on(&(Arc::new(SystemDisk) as Arc<dyn Disk>), backup, directory, on_progress)
    }

    /// Makes a workspace in `directory` from `backup`, a file that [`Store::backup`] wrote with any format.
    ///
    /// The file is copied, and the copy read back whole before it gets its name. The backup itself is not changed.
    ///
    /// # Errors
    /// [`StoreError::AlreadyAWorkspace`], [`StoreError::NoBackup`] (other paths), [`StoreError::Foreign`], [`StoreError::NewerFormat`],
    /// [`StoreError::Corrupt`] where the backup is damaged, [`StoreError::Io`].
    pub fn restore_on(
        disk: &Arc<dyn Disk>,
        backup: &Path,
        directory: &Path,
        on_progress: OnProgress<'_>,
    ) -> Result<BackupReport, StoreError> {
        let target = directory.join(TRUTH_FILE);
        let already = || StoreError::AlreadyAWorkspace { directory: directory.to_owned() };
        if disk.exists(&target).on("read", &target)? {
            return Err(already());
        }
        match disk.open(backup, OpenMode::Read) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StoreError::NoBackup { path: backup.to_owned() });
            }
            other => drop(other.on("read", backup)?),
        }
        create_directory(disk.as_ref(), directory)?;
        let file = NewTruthFile::beside(disk, &target)?;
        let mut counter = Counter::new("copying", 1, on_progress);
        file.copy_from(backup)?;
        counter.add_one();
        let examination = file.verify(on_progress).map_err(|error| match error {
            StoreError::Foreign { .. } | StoreError::NotAWorkspace { .. } => {
                StoreError::Foreign { path: backup.to_owned() }
            }
            StoreError::NewerFormat { found, supported, .. } => {
                StoreError::NewerFormat { path: backup.to_owned(), found, supported }
            }
            other => other,
        })?;
        let report = BackupReport::new(&examination, file.byte_count()?);
        // What a workspace that was here before left is not of this one.
        crate::journal::forget(disk.as_ref(), directory)?;
        // One that is there without a truth belongs to none.
        journal::forget(disk.as_ref(), directory)?;
        file.name(&target).map_err(|error| match error {
            StoreError::AlreadyThere { .. } => already(),
            other => other,
        })?;
        Ok(report)
    }
}
