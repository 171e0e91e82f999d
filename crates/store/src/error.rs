//! What can go wrong in the store, and who can do something about it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use grounds_core::{Hint, Kind, Snapshot};
use thiserror::Error;

/// Why the store could not do what was asked. Nothing was changed, except where a variant says otherwise.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no workspace in the directory. The caller can create one or name another directory.
    #[error("{directory} is not a workspace", directory = .directory.display())]
    NotAWorkspace {
        /// The directory that was to be opened.
        directory: PathBuf,
    },
    /// The directory already is a workspace and is left alone. The caller can open it.
    #[error("{directory} already is a workspace", directory = .directory.display())]
    AlreadyAWorkspace {
        /// The directory that was to be created.
        directory: PathBuf,
    },
    /// There is a file or directory of this name already, and it is left alone. The caller can name another.
    #[error("{path} exists already and is left alone", path = .path.display())]
    AlreadyThere {
        /// The file or directory that was to be written.
        path: PathBuf,
    },
    /// There is no such backup or export. The caller can name another path.
    #[error("{path} is not there to be read", path = .path.display())]
    NoBackup {
        /// The file or directory that was to be read.
        path: PathBuf,
    },
    /// A file of an export is not what was written. The user can export again, or see what changed the file.
    #[error("{file}, line {line}: {what}")]
    BadExport {
        /// The file, in the export.
        file: String,
        /// The line, from 1; 0 where it is the file as a whole.
        line: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// There is nothing to erase under this name, now or in the past. The caller can look it up.
    #[error("{what} is not in the workspace, and never was")]
    NothingToErase {
        /// What was asked for.
        what: String,
    },
    /// Rows of this table are not erased alone. The caller can erase the document that they belong to.
    #[error("rows of table {table} are not erased one by one")]
    NotErasable {
        /// The table.
        table: &'static str,
    },
    /// The file has the right name, but Grounds did not write it.
    #[error("{path} was not written by Grounds", path = .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer Grounds wrote the file. The user can update Grounds.
    #[error("{path} has format {found}; this version of Grounds reads formats up to {supported}", path = .path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The format it has.
        found: u32,
        /// The newest format that can be read.
        supported: u32,
    },
    /// Stored bytes are not what was written. Restore a copy, or let `grounds doctor` say what is affected.
    #[error("stored data is damaged: {what} ({place})")]
    Corrupt {
        /// What is wrong.
        what: String,
        /// Where: a file, or a table and a key.
        place: String,
    },
    /// Another process, or another handle in this one, has the workspace open. It is free again when that one ends.
    #[error("{directory} is in use by {}", .holder.as_deref().unwrap_or("another process"), directory = .directory.display())]
    Locked {
        /// The workspace.
        directory: PathBuf,
        /// Who has it open, as that one said in [`StoreConfig::holder`](crate::StoreConfig::holder).
        holder: Option<String>,
    },
    /// An earlier write failed, and whether it took effect is known only after reopening; until then nothing is written. Readers go on.
    #[error("nothing more can be written since a write failed: {reason}")]
    WriterStopped {
        /// What failed.
        reason: String,
    },
    /// The snapshot has not been reached yet. The caller can ask for an earlier one.
    #[error("snapshot {asked} does not exist yet: the latest is {latest}")]
    FutureSnapshot {
        /// What was asked for.
        asked: Snapshot,
        /// The latest there is.
        latest: Snapshot,
    },
    /// Nobody of that name may read at that snapshot. The owner of the workspace can add the principal.
    #[error("there is no principal `{name}` at snapshot {known_at}")]
    UnknownPrincipal {
        /// The name as given.
        name: String,
        /// The snapshot that was to be read.
        known_at: Snapshot,
    },
    /// A change is valid on no day: its interval ends on or before the day it begins. The caller can correct it.
    #[error("the row {key} of table {table} would be valid on no day: its interval {interval} is empty")]
    EmptyValidity {
        /// The table.
        table: String,
        /// The row's key.
        key: String,
        /// The interval as given.
        interval: String,
    },
    /// A row that the batch changes was changed by a commit after the snapshot that the batch was made from. The caller can read the
    /// latest snapshot and try again.
    #[error("the row {key} of table {table} was changed by another transaction (snapshot {snapshot})")]
    WriteConflict {
        /// The table.
        table: String,
        /// The row's key, as a person reads it.
        key: String,
        /// The commit that changed it.
        snapshot: Snapshot,
    },
    /// A change names a declared table that is not known, or no longer. The caller can declare it first.
    #[error("there is no declared table with the number {id}")]
    UnknownTable {
        /// The table's number.
        id: u32,
    },
    /// A declared table has a number that belongs, or once belonged, to another. A mistake in the program that made the batch.
    #[error("the number {id} of table {table} belongs to another table")]
    TableIdTaken {
        /// The table.
        table: String,
        /// The number.
        id: u32,
    },
    /// A table cannot be declared, or changed, this way. The caller can correct the definition.
    #[error("the table {table} cannot be declared so: {what}")]
    WrongDefinition {
        /// The table.
        table: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A row has more or fewer cells than its table has columns. A mistake in the program that made the batch.
    #[error("a row of table {table} has {given} cells, but the table has {wanted} columns")]
    WrongCellCount {
        /// The table.
        table: String,
        /// How many cells the row has.
        given: usize,
        /// How many columns the table has.
        wanted: usize,
    },
    /// A column cannot hold the value. The caller can correct it.
    #[error("the column {column} of table {table} holds {wanted}, not {given}")]
    WrongCell {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What was given: a kind of value.
        given: &'static str,
        /// What the column holds.
        wanted: String,
    },
    /// A column that may not be empty was given no value. The caller can give one.
    #[error("the column {column} of table {table} may not be NULL")]
    NotNull {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// Two rows would hold the same values on one day in columns that are unique. The caller can give others.
    #[error("the table {table} already has a row with ({columns}) = {values}")]
    NotUnique {
        /// The table.
        table: String,
        /// The columns, as a list.
        columns: String,
        /// The values, as a person reads them.
        values: String,
    },
    /// The key of a change is not one of its row. A mistake in the program that made the batch.
    #[error("the key {key} of table {table} is not that of the row: {what}")]
    WrongKey {
        /// The table.
        table: String,
        /// The key, as a person reads it.
        key: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A batch holds bytes whose BLAKE3 hash is not the one they come with. A mistake in the program that made the batch.
    #[error("{what} has the BLAKE3 hash {found}, but was given as {given}")]
    HashMismatch {
        /// The original or the version.
        what: String,
        /// The hash as given.
        given: String,
        /// The hash of the bytes.
        found: String,
    },
    /// A batch holds a row whose span is outside its version's text or splits a character. A mistake in the program that
    /// made the batch.
    #[error("the row {key} of table {table} has a span outside the text of its version or through a character")]
    SpanOutside {
        /// The table.
        table: &'static str,
        /// The row's key.
        key: String,
    },
    /// The operating system refused. Whoever administers the machine can help: space, permissions, the device.
    #[error("cannot {action} {path}: {source}", path = .path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The storage engine refused; after [`Store::commit`](crate::Store::commit), reopening tells whether it took effect.
    #[error("the storage engine failed while {action}: {source}")]
    Engine {
        /// What was going on.
        action: &'static str,
        /// What the engine said.
        source: Box<redb::Error>,
    },
    /// Column data, which is derived, could not be built or read; truth is untouched.
    #[cfg(feature = "columns")]
    #[error("column data failed while {action}: {source}")]
    Columns {
        /// What was going on.
        action: &'static str,
        /// What the Parquet library said.
        source: Box<parquet::errors::ParquetError>,
    },
    /// The text index, which is derived data, could not be built or read; truth is untouched.
    #[error("the text index failed while {action}: {source}")]
    Text {
        /// What was going on.
        action: &'static str,
        /// What the index said.
        source: Box<tantivy::TantivyError>,
    },
}

impl StoreError {
    /// Who can do something about it.
    pub fn kind(&self) -> Kind {
        match self {
            StoreError::NotAWorkspace { .. }
            | StoreError::AlreadyAWorkspace { .. }
            | StoreError::AlreadyThere { .. }
            | StoreError::NoBackup { .. }
            | StoreError::NothingToErase { .. }
            | StoreError::NotErasable { .. }
            | StoreError::FutureSnapshot { .. }
            | StoreError::UnknownPrincipal { .. }
            | StoreError::EmptyValidity { .. }
            | StoreError::WriteConflict { .. }
            | StoreError::UnknownTable { .. }
            | StoreError::WrongDefinition { .. }
            | StoreError::WrongCell { .. }
            | StoreError::NotNull { .. }
            | StoreError::NotUnique { .. } => Kind::User,
            StoreError::NewerFormat { .. } => Kind::Config,
            StoreError::Locked { .. }
            | StoreError::WriterStopped { .. }
            | StoreError::Io { .. }
            | StoreError::Text { .. } => Kind::Unavailable,
            StoreError::Foreign { .. } | StoreError::Corrupt { .. } | StoreError::BadExport { .. } => Kind::Corrupt,
            #[cfg(feature = "columns")]
            StoreError::Columns { .. } => Kind::Unavailable,
            StoreError::Engine { source, .. } => match source.as_ref() {
                redb::Error::Io(_) | redb::Error::PreviousIo | redb::Error::Backend(_) => Kind::Unavailable,
                redb::Error::ValueTooLarge(_) => Kind::User,
                _ => Kind::Bug,
            },
            StoreError::HashMismatch { .. }
            | StoreError::SpanOutside { .. }
            | StoreError::TableIdTaken { .. }
            | StoreError::WrongCellCount { .. }
            | StoreError::WrongKey { .. } => Kind::Bug,
        }
    }

    /// What the reader can do next, where the message does not say it all.
    pub fn hint(&self) -> Option<Hint> {
        let hint = match self {
            StoreError::NotAWorkspace { .. } => "make one with `grounds init`, or name the folder that holds it",
            StoreError::UnknownPrincipal { .. } => {
                "the owner of the workspace can add one with `grounds principals add`"
            }
            StoreError::NotErasable { .. } => "erase the whole document with `grounds erase --document NAME`",
            StoreError::Foreign { .. } => "restore the workspace from a copy; nothing was changed",
            StoreError::NewerFormat { .. } => "update Grounds; nothing was changed",
            StoreError::Corrupt { .. } => "run `grounds doctor` to see what is affected, and restore from a copy",
            StoreError::Locked { .. } => "wait until the other `grounds` command ends, then try again",
            StoreError::WriteConflict { .. } => "read the latest snapshot and try again",
            #[cfg(feature = "columns")]
            StoreError::Columns { .. } => "column data is derived: `grounds generations --rebuild` builds it anew",
            StoreError::WriterStopped { .. } => {
                "free some space or look after the device, then open the workspace again: what was durable is there"
            }
            StoreError::Text { .. } => "the text index is derived: `grounds doctor --repair` builds it anew",
            StoreError::Engine { source, .. } if matches!(source.as_ref(), redb::Error::PreviousIo) => {
                "an earlier write failed: free some space, then open the workspace again"
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }

    /// Names a stored thing that is not what was written.
    pub(crate) fn corrupt(what: impl Into<String>, place: impl Into<String>) -> Self {
        StoreError::Corrupt { what: what.into(), place: place.into() }
    }
}

/// Says what was going on when the storage engine failed.
pub(crate) trait EngineContext<T> {
    /// Turns the engine's error into the store's.
    fn while_(self, action: &'static str) -> Result<T, StoreError>;
}

impl<T, E: Into<redb::Error>> EngineContext<T> for Result<T, E> {
    fn while_(self, action: &'static str) -> Result<T, StoreError> {
        self.map_err(|error| match error.into() {
            redb::Error::Corrupted(what) => StoreError::corrupt(what, action),
            // A table of another kind or type than it was made, or a lock that a panic over damaged pages left behind.
            error @ (redb::Error::TableTypeMismatch { .. }
            | redb::Error::TypeDefinitionChanged { .. }
            | redb::Error::TableIsMultimap(_)
            | redb::Error::TableIsNotMultimap(_)
            | redb::Error::LockPoisoned(_)) => StoreError::corrupt(error.to_string(), action),
            redb::Error::Io(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
                StoreError::corrupt("the file ends too early", action)
            }
            source => StoreError::Engine { action, source: Box::new(source) },
        })
    }
}

/// Says what was going on when the text index failed.
pub(crate) trait TextContext<T> {
    /// Turns the index's error into the store's.
    fn while_(self, action: &'static str) -> Result<T, StoreError>;
}

impl<T> TextContext<T> for tantivy::Result<T> {
    fn while_(self, action: &'static str) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Text { action, source: Box::new(source) })
    }
}

/// Says what was going on when column data failed.
#[cfg(feature = "columns")]
pub(crate) trait ParquetContext<T> {
    /// Turns the library's error into the store's.
    fn while_(self, action: &'static str) -> Result<T, StoreError>;
}

#[cfg(feature = "columns")]
impl<T> ParquetContext<T> for Result<T, parquet::errors::ParquetError> {
    fn while_(self, action: &'static str) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Columns { action, source: Box::new(source) })
    }
}

/// Says on what path the operating system refused.
pub(crate) trait IoContext<T> {
    /// Turns the operating system's error into the store's.
    fn on(self, action: &'static str, path: &Path) -> Result<T, StoreError>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn on(self, action: &'static str, path: &Path) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Io { action, path: path.to_owned(), source })
    }
}

/// Runs `work`, and reports a panic in it as damage at `place`.
///
/// The engines trust the structure of their pages and may panic over damaged ones (redb documents it for a plain open).
/// Only calls into them are wrapped, so that a mistake of ours still shows as what it is.
pub(crate) fn contain<T>(place: &'static str, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(StoreError::corrupt("the engine found a page that it cannot have written", place)))
}
