//! The journal: a write-ahead file that makes small commits durable with one sync, until the engine writes them out itself.
//!
//! A group of commits is applied to the engine without making it durable, its physical changes are written here and synced, and only then
//! do readers see it. A checkpoint, one durable commit of the engine, makes everything before it unnecessary, and the journal starts anew
//! at its beginning. What is in the file from before is told apart by its snapshots, which the engine already has.

mod record;
mod recover;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use grounds_core::{Disk, DiskFile, OpenMode};

use crate::StoreError;
use crate::disk::{remove_file_if_there, sync_directory};
use crate::error::IoContext;
use crate::schema::JOURNAL_FILE;

pub(crate) use record::Record;
pub(crate) use recover::recover;

/// The file is made longer by this much at a time. Bytes that are there already are written faster: the file system has nothing of its own to
/// write with them.
const GROWTH_BYTES: usize = 1 << 20;

/// The journal of an open workspace.
pub(crate) struct Journal {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    file: Option<Box<dyn DiskFile>>,
    /// How long the file is.
    byte_count: u64,
    /// Where the next record goes; 0 where the engine has everything.
    offset: u64,
    /// Commits in it since it started anew.
    commit_count: u64,
    record: Vec<u8>,
}

impl Journal {
    pub(crate) fn new(disk: Arc<dyn Disk>, directory: &Path) -> Self {
        let path = directory.join(JOURNAL_FILE);
        Self { disk, path, file: None, byte_count: 0, offset: 0, commit_count: 0, record: Vec::new() }
    }

    /// Whether it holds commits that are durable nowhere else.
    pub(crate) fn is_needed(&self) -> bool {
        self.offset > 0
    }

    /// Commits in it that the engine has yet to make durable.
    pub(crate) fn commit_count(&self) -> u64 {
        self.commit_count
    }

    /// Whether a record of this size can be added while the file stays within `byte_count_max`.
    pub(crate) fn has_room(&self, record: &Record<'_>, byte_count_max: u64) -> bool {
        self.offset + record.byte_count() <= byte_count_max
    }

    /// Makes the names of the files beside it durable, and its own where it is there.
    pub(crate) fn sync_names(&self) -> Result<(), StoreError> {
        self.path.parent().map_or(Ok(()), |directory| sync_directory(self.disk.as_ref(), directory))
    }

    /// Adds a record; it is durable when this returns.
    ///
    /// After an error nobody knows whether it is: nothing may be added any more.
    pub(crate) fn append(&mut self, record: &Record<'_>) -> Result<(), StoreError> {
        let mut bytes = std::mem::take(&mut self.record);
        record.encode(&mut bytes);
        let end = self.offset + bytes.len() as u64;
        let (offset, path) = (self.offset, self.path.clone());
        let is_new = self.file.is_none() && !self.disk.exists(&path).on("read", &path)?;
        let needs_growth = self.file.is_none() || end > self.byte_count;
        if needs_growth {
            self.grow(end)?;
        }
        let Some(file) = &self.file else { unreachable!("grow() opens it") };
        file.write_at(offset, &bytes).and_then(|()| file.sync()).on("write", &path)?;
        if is_new {
            self.sync_names()?;
        }
        self.record = bytes;
        self.offset = end;
        self.commit_count += record.snapshots.1.0 - record.snapshots.0.0 + 1;
        Ok(())
    }

    /// Opens the file, and makes it at least `end` long.
    fn grow(&mut self, end: u64) -> Result<(), StoreError> {
        if self.file.is_none() {
            let file = self.disk.open(&self.path, OpenMode::Create).on("open", &self.path)?;
            self.byte_count = file.len().on("read", &self.path)?;
            self.file = Some(file);
        }
        let Some(file) = &self.file else { unreachable!("opened just above") };
        let zeros = vec![0; GROWTH_BYTES];
        while self.byte_count < end {
            file.write_at(self.byte_count, &zeros).on("write", &self.path)?;
            self.byte_count += zeros.len() as u64;
        }
        Ok(())
    }

    /// Starts anew: the engine has everything.
    pub(crate) fn restart(&mut self) {
        (self.offset, self.commit_count) = (0, 0);
    }

    /// Removes the file, and with it the bytes of everything that was ever in it: the engine has everything.
    pub(crate) fn remove(&mut self) -> Result<(), StoreError> {
        self.restart();
        self.file = None;
        remove_file_if_there(self.disk.as_ref(), &self.path)
    }
}

/// Removes the journal in `directory`, durably, for a truth that it does not belong to or that has everything in it.
pub(crate) fn forget(disk: &dyn Disk, directory: &Path) -> Result<(), StoreError> {
    let path = directory.join(JOURNAL_FILE);
    if disk.exists(&path).on("read", &path)? {
        remove_file_if_there(disk, &path)?;
        sync_directory(disk, directory)?;
    }
    Ok(())
}
