//! Ports: what the engine asks of the outside, passed in and never global.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::error::{Hint, Kind};

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// It must exist; it is only read.
    Read,
    /// It must exist; it is read and written.
    Write,
    /// It must not exist; it is read and written.
    CreateNew,
    /// It is made where it does not exist, and read and written; what it holds is kept.
    Create,
}

/// A file of a [`Disk`]. Every call may come from any thread.
pub trait DiskFile: Send + Sync + std::fmt::Debug {
    /// Its length in bytes.
    ///
    /// # Errors
    /// As the operating system says; so in every method here.
    fn len(&self) -> io::Result<u64>;

    /// Whether it holds no bytes.
    ///
    /// # Errors
    /// As [`DiskFile::len`].
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Makes it this long: what is cut off is lost, what is added reads as zeros.
    ///
    /// # Errors
    /// No space.
    fn set_len(&self, byte_count: u64) -> io::Result<()>;

    /// Fills `bytes` from `offset`.
    ///
    /// # Errors
    /// `UnexpectedEof` where the file ends before.
    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()>;

    /// Writes all of `bytes` at `offset`, making the file longer where needed. Seen by every later read at once; durable only after
    /// [`DiskFile::sync`]; a crash before may keep any part of it, in any order.
    ///
    /// # Errors
    /// No space. Some of the bytes may have been written.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Makes everything written so far durable, and the length with it.
    ///
    /// # Errors
    /// The device failed: what was written since the last successful call may or may not be there after a crash.
    fn sync(&self) -> io::Result<()>;

    /// Takes the file for this handle alone until it is dropped; `false` where another handle has it.
    ///
    /// # Errors
    /// The file system has no locks.
    fn try_lock(&self) -> io::Result<bool>;
}

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DirectoryEntry {
    /// The name, without its directory.
    pub name: String,
    /// Whether it is a directory itself.
    pub is_directory: bool,
}

/// Where files are kept: the only way to a disk that the store has.
///
/// Names made, changed or removed are durable only after [`Disk::sync_directory`] of the directory that holds them; a file's bytes only
/// after [`DiskFile::sync`].
pub trait Disk: Send + Sync + std::fmt::Debug {
    /// Opens a file.
    ///
    /// # Errors
    /// `NotFound`, `AlreadyExists`, and what else the operating system says; so in every method here.
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn DiskFile>>;

    /// Whether there is a file or directory of this name.
    ///
    /// # Errors
    /// The directory cannot be read.
    fn exists(&self, path: &Path) -> io::Result<bool>;

    /// The names in a directory, in order.
    ///
    /// # Errors
    /// `NotFound`.
    fn list(&self, directory: &Path) -> io::Result<Vec<DirectoryEntry>>;

    /// Makes a directory and those above it; no error where it exists.
    ///
    /// # Errors
    /// No space; no permission.
    fn create_directory(&self, directory: &Path) -> io::Result<()>;

    /// Gives a file or directory another name, replacing a file of that name. After a crash there is the old name or the new one.
    ///
    /// # Errors
    /// `NotFound`.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Gives a file a second name.
    ///
    /// # Errors
    /// `AlreadyExists`; `Unsupported` where the file system has no links.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// `NotFound`.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory with all it holds.
    ///
    /// # Errors
    /// `NotFound`.
    fn remove_directory(&self, directory: &Path) -> io::Result<()>;

    /// Makes the names in a directory durable.
    ///
    /// # Errors
    /// The device failed.
    fn sync_directory(&self, directory: &Path) -> io::Result<()>;

    /// The path under which other libraries may open the file themselves, for reading only (memory maps); `None` where it is no file of the
    /// operating system.
    fn system_path(&self, path: &Path) -> Option<PathBuf>;
}

/// What a text is to an embedding model; some are told by a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmbedRole {
    /// What is asked.
    Question,
    /// What answers.
    Passage,
}

/// What turns texts into vectors: a model in process, or an endpoint. Texts that mean the same are near, by cosine.
pub trait Embed: Send + Sync + std::fmt::Debug {
    /// What tells this model from every other: whatever changes a vector changes it. Vectors of two ids are never compared.
    fn id(&self) -> &str;

    /// How many numbers a vector has.
    fn dimension(&self) -> usize;

    /// A vector for each text, in their order; finite numbers. What is longer than the model reads is cut off.
    ///
    /// The same texts in the same order have the same vectors, to the last bit on one machine; in other company a vector may differ in its last bits.
    ///
    /// # Errors
    /// As the model says.
    fn embed(&self, texts: &[&str], role: EmbedRole) -> Result<Vec<Vec<f32>>, EmbedError>;
}

/// Why texts have no vectors, in the words of the model that failed.
#[derive(Debug, Error)]
#[error("the embedding model failed")]
pub struct EmbedError {
    /// Who can do something about it.
    pub kind: Kind,
    /// What to do next.
    pub hint: Hint,
    /// What went wrong.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}
