//! The handle: create, open, commit, read, seal, and look after one workspace.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use grounds_core::Disk;
use grounds_core::{Batch, Instant, Snapshot};
use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable};

use crate::background::Background;
use crate::cells::RowCache;
#[cfg(feature = "columns")]
use crate::columns::ColumnEngine;
use crate::commit;
use crate::denial::{Denial, Denials};
use crate::error::{EngineContext, contain};
use crate::journal::Journal;
use crate::log::{self, LogEntry, StoredEntry};
use crate::schema::{HEADER, LOCK_FILE, LOG, ORIGINALS, TEXT_DIRECTORY};
use crate::text::TextEngine;
use crate::writer::Writer;
use crate::{Reader, StoreConfig, StoreError};

/// One open workspace. Cheap to share between threads; every call may come from any of them.
///
/// At most one handle on a workspace exists on a machine at a time; opening a second one is refused with
/// [`StoreError::Locked`]. The workspace is free again when the handle and all its readers are dropped.
pub struct Store {
    inner: Arc<Inner>,
}

/// What a handle and its readers share.
pub(crate) struct Inner {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) directory: PathBuf,
    pub(crate) config: StoreConfig,
    pub(crate) text: TextEngine,
    pub(crate) denials: Denials,
    #[cfg(feature = "columns")]
    pub(crate) columns: ColumnEngine,
    pub(crate) database: Database,
    pub(crate) writer: Writer,
    pub(crate) cached_rows: RowCache,
    pub(crate) background: Background,
    /// The last snapshot whose log entry was compared with the header.
    pub(crate) verified: AtomicU64,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
        // Who has it open next writes its own.
        let _ = self.disk.remove_file(&self.directory.join(LOCK_FILE));
    }
}

impl Store {
    /// A handle on an open and verified truth file.
    pub(crate) fn new(disk: Arc<dyn Disk>, directory: &Path, config: StoreConfig, database: Database) -> Self {
        let text = TextEngine::new(Arc::clone(&disk), directory.join(TEXT_DIRECTORY));
        #[cfg(feature = "columns")]
        let columns = ColumnEngine::new(Arc::clone(&disk), directory);
        let denials = Denials::new(Arc::clone(&disk), directory);
        let writer = Writer::new(Journal::new(Arc::clone(&disk), directory));
        let directory = directory.to_owned();
        let cached_rows = RowCache::new(config.row_cache_bytes_max);
        let inner = Inner {
            disk,
            directory,
            config,
            text,
            #[cfg(feature = "columns")]
            columns,
            denials,
            database,
            writer,
            cached_rows,
            background: Background::default(),
            verified: AtomicU64::new(0),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The directory of the workspace.
    pub fn directory(&self) -> &Path {
        &self.inner.directory
    }

    /// The snapshot of the last commit; 0 in an empty workspace.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Io`], [`StoreError::Engine`], as for every method that reads.
    pub fn latest(&self) -> Result<Snapshot, StoreError> {
        Ok(self.inner.begin_read()?.1)
    }

    /// Writes `batch` as the next snapshot, all or nothing, and returns that snapshot.
    ///
    /// It is durable when this returns: the journal, or both phases of the engine's commit, have reached the disk. From then on every reader
    /// of the new snapshot sees all of it, in tables and in search; no reader sees it before. A batch that changes nothing returns the latest
    /// snapshot and leaves no trace in the log. Batches that come while others are being made durable share the next sync; each is a
    /// snapshot of its own, and one that is refused fails alone. Readers do not wait.
    ///
    /// A commit that leaves more unsealed than [`StoreConfig::tail_passage_count_max`] or `tail_row_count_max` has a new generation built, beside
    /// it or before it returns as [`StoreConfig::seals_in_background`] says. Generations are derived, so failing to build one does not fail
    /// the commit: the next one tries again. Dropping the handle waits for one that is being built.
    ///
    /// # Errors
    /// [`StoreError::WriteConflict`] (the caller can read again and retry); [`StoreError::EmptyValidity`], [`StoreError::NotNull`],
    /// [`StoreError::WrongCell`], [`StoreError::UnknownTable`], [`StoreError::WrongDefinition`] (the caller can correct the batch);
    /// [`StoreError::HashMismatch`], [`StoreError::SpanOutside`], [`StoreError::TableIdTaken`], [`StoreError::WrongCellCount`],
    /// [`StoreError::WrongKey`] (a mistake in the program that made it); [`StoreError::Io`] and [`StoreError::Engine`] (space, device).
    /// Nothing is changed, except that after a failure of the device only reopening tells, and every later commit until then is
    /// [`StoreError::WriterStopped`].
    pub fn commit(&self, batch: &Batch, at: Instant) -> Result<Snapshot, StoreError> {
        commit::check(batch)?;
        let committed = self.inner.commit(batch, at)?;
        let Some(entry) = &committed.entry else { return self.latest() };
        if self.inner.is_seal_due(entry, committed.has_passages) {
            if self.inner.config.seals_in_background {
                Background::ask(&self.inner, Inner::seal_what_is_due);
            } else {
                self.inner.seal_what_is_due();
            }
        }
        Ok(Snapshot(entry.snapshot))
    }

    /// A view of everything as known at `known_at`; 0 sees nothing.
    ///
    /// # Errors
    /// [`StoreError::FutureSnapshot`] (the caller can ask for an earlier one), [`StoreError::Corrupt`], [`StoreError::Io`],
    /// [`StoreError::Engine`].
    pub fn read(&self, known_at: Snapshot) -> Result<Reader, StoreError> {
        let (transaction, latest) = self.inner.begin_read()?;
        if known_at > latest {
            return Err(StoreError::FutureSnapshot { asked: known_at, latest });
        }
        Ok(Reader::new(Arc::clone(&self.inner), transaction, known_at, latest))
    }

    /// A view of the latest snapshot: [`Store::read`] of [`Store::latest`] in one step.
    ///
    /// Cost: about a microsecond.
    ///
    /// # Errors
    /// As [`Store::latest`].
    pub fn read_latest(&self) -> Result<Reader, StoreError> {
        self.inner.read_latest()
    }

    /// Every commit, the oldest first. The chain of hashes is verified on the way.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Io`], [`StoreError::Engine`].
    pub fn log(&self) -> Result<Vec<LogEntry>, StoreError> {
        Ok(self.inner.log_entries()?.into_iter().map(StoredEntry::into_public).collect())
    }

    /// What principals asked for by name and were denied, the oldest first: one entry for each reader and name.
    ///
    /// Kept in the file `denials` beside the truth, so that a denial makes no snapshot; an entry is durable before the reader that was denied
    /// gets its answer. It tells what is hidden, so it is the owner's to read.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] with the line that is not what was written, [`StoreError::Io`].
    pub fn denials(&self) -> Result<Vec<Denial>, StoreError> {
        self.inner.denials.denials()
    }

    /// The original bytes with this BLAKE3 hash (64 hexadecimal digits), or `None` where there are none.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where the bytes kept under the name have another hash; [`StoreError::Io`],
    /// [`StoreError::Engine`].
    pub fn original(&self, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let (transaction, _) = self.inner.begin_read()?;
        original(&transaction, hash)
    }

    /// Builds the text generation up to the latest snapshot, swaps it in, and removes older ones. Does nothing where the
    /// latest snapshot is already sealed.
    ///
    /// Searches go on meanwhile and return the same before and after. A crash leaves the old generation or the new one.
    ///
    /// # Errors
    /// [`StoreError::Text`] and [`StoreError::Io`] (space, device), [`StoreError::Corrupt`].
    pub fn seal(&self) -> Result<(), StoreError> {
        self.inner.seal()
    }

    /// Builds the column generation up to the latest snapshot, swaps it in, and removes older ones when nobody reads them any more. Does
    /// nothing where the latest snapshot is already sealed.
    ///
    /// Commits and reads go on meanwhile. A crash leaves the old generation or the new one. What did not change since the generation
    /// before is taken over as it is.
    ///
    /// # Errors
    /// [`StoreError::Columns`] and [`StoreError::Io`] (space, device), [`StoreError::Corrupt`].
    #[cfg(feature = "columns")]
    pub fn seal_columns(&self) -> Result<(), StoreError> {
        self.inner.seal_columns(false)
    }

    /// As [`Store::seal_columns`], but nothing is taken over: every file is written from truth.
    ///
    /// # Errors
    /// As [`Store::seal_columns`].
    #[cfg(feature = "columns")]
    pub fn rebuild_columns(&self) -> Result<(), StoreError> {
        self.inner.seal_columns(true)
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.inner.background.finish();
    }
}

impl Inner {
    /// Whether the commit of `entry` left more in a tail than it may hold.
    fn is_seal_due(self: &Arc<Self>, entry: &StoredEntry, has_passages: bool) -> bool {
        let is_text_due = || self.text.tail_passage_count(entry) > self.config.tail_passage_count_max as u64;
        #[cfg(feature = "columns")]
        if self.are_columns_due(entry) {
            return true;
        }
        has_passages && is_text_due()
    }

    /// Builds the generations whose tails are too long. Everything can be read without, so that failing is no matter: the next commit or search
    /// tries again.
    fn seal_what_is_due(self: &Arc<Self>) {
        let entry = || self.log_entry(self.begin_read()?.1);
        let Ok(Some(entry)) = entry() else { return };
        if self.text.tail_passage_count(&entry) > self.config.tail_passage_count_max as u64 {
            let _ = self.seal();
        }
        #[cfg(feature = "columns")]
        if self.are_columns_due(&entry) {
            let _ = self.seal_columns(false);
        }
    }

    /// Begins a read transaction; also returns the latest snapshot in it.
    pub(crate) fn begin_read(&self) -> Result<(ReadTransaction, Snapshot), StoreError> {
        contain("the log", || {
            let transaction = self.database.begin_read().while_("beginning to read")?;
            let log = transaction.open_table(LOG).while_("opening the log")?;
            let last = log.last().while_("reading the log")?.map_or(0, |(snapshot, _)| snapshot.value());
            // An entry never changes: one comparison with the header is enough.
            if last == 0 || self.verified.load(Ordering::Acquire) != last {
                let header = transaction.open_table(HEADER).while_("opening the header")?;
                log::last(&log, &header)?;
                self.verified.store(last, Ordering::Release);
            }
            Ok((transaction, Snapshot(last)))
        })
    }

    /// The log as stored, verified.
    pub(crate) fn log_entries(&self) -> Result<Vec<StoredEntry>, StoreError> {
        let (transaction, _) = self.begin_read()?;
        contain("the log", || log::entries(&transaction.open_table(LOG).while_("opening the log")?))
    }

    /// The log entry of `snapshot`; `None` for one that does not exist.
    pub(crate) fn log_entry(&self, snapshot: Snapshot) -> Result<Option<StoredEntry>, StoreError> {
        let (transaction, _) = self.begin_read()?;
        contain("the log", || {
            let log = transaction.open_table(LOG).while_("opening the log")?;
            let bytes = log.get(snapshot.0).while_("reading the log")?;
            bytes.map(|bytes| StoredEntry::decode(snapshot.0, bytes.value())).transpose()
        })
    }

    /// The hash of the log entry of `snapshot`.
    pub(crate) fn log_hash(&self, snapshot: u64) -> Result<Option<String>, StoreError> {
        Ok(self.log_entry(Snapshot(snapshot))?.map(|entry| entry.hash))
    }

    /// A reader of the latest snapshot.
    pub(crate) fn read_latest(self: &Arc<Self>) -> Result<Reader, StoreError> {
        let (transaction, latest) = self.begin_read()?;
        Ok(Reader::new(Arc::clone(self), transaction, latest, latest))
    }
}

/// The original bytes with this hash; `None` where there are none.
pub(crate) fn original(transaction: &ReadTransaction, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(name) = crate::encoding::from_hex(hash) else { return Ok(None) };
    contain("the originals", || {
        let table = transaction.open_table(ORIGINALS).while_("opening the originals")?;
        let Some(bytes) = table.get(&name).while_("reading an original")? else { return Ok(None) };
        if crate::encoding::hash(bytes.value()) != name {
            return Err(StoreError::corrupt("the bytes of an original do not match its name", hash));
        }
        Ok(Some(bytes.value().to_vec()))
    })
}

/// Locks `mutex`; a panic of another holder is no reason to stop, for guarded state is replaced whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
