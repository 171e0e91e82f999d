//! Creating and opening a workspace, and telling apart everything that is not one.

use std::io;
use std::path::Path;
use std::sync::Arc;

use grounds_core::{Disk, DiskFile, OpenMode};
use redb::{Database, ReadableDatabase};

use crate::disk::{
    EngineFile, SystemDisk, check_bookkeeping, create_directory, read_file, remove_file_if_there, sync_directory,
};
use crate::error::{EngineContext, IoContext, contain};
use crate::examine::changes;
use crate::journal;
use crate::log;
use crate::schema::{FORMAT, HEADER, HEADER_FORMAT, HEADER_MAGIC, LOCK_FILE, LOG, MAGIC, TRUTH_FILE, UNIQUE_VALUES};
use crate::truth::TruthTables;
use crate::{Store, StoreConfig, StoreError};

/// The first bytes of every redb file.
const ENGINE_MAGIC: &[u8] = b"redb\x1a\x0a\xa9\x0d\x0a";

impl Store {
    /// Makes an empty workspace in `directory` of this machine's disk, and opens it; see [`Store::create_on`].
    ///
    /// # Errors
    /// As [`Store::create_on`].
    pub fn create(directory: &Path, config: StoreConfig) -> Result<Store, StoreError> {
        Self::create_on(Arc::new(SystemDisk), directory, config)
    }

    /// Makes an empty workspace in `directory` of `disk`, which is created with its parents where it does not exist, and opens it.
    ///
    /// The truth file is complete before it gets its name, so a crash leaves nothing that looks like a workspace. When this returns, the
    /// workspace is durable with its directory.
    ///
    /// # Errors
    /// [`StoreError::AlreadyAWorkspace`] (the caller can open it instead), [`StoreError::Io`].
    pub fn create_on(disk: Arc<dyn Disk>, directory: &Path, config: StoreConfig) -> Result<Store, StoreError> {
        let path = directory.join(TRUTH_FILE);
        let already = || StoreError::AlreadyAWorkspace { directory: directory.to_owned() };
        if disk.exists(&path).on("read", &path)? {
            return Err(already());
        }
        create_directory(disk.as_ref(), directory)?;
        let unfinished = directory.join(format!("{TRUTH_FILE}.new-{}", std::process::id()));
        remove_file_if_there(disk.as_ref(), &unfinished)?;
        write_empty_truth(disk.open(&unfinished, OpenMode::CreateNew).on("create", &unfinished)?)?;
        // What a workspace that was here before left is not of this one.
        journal::forget(disk.as_ref(), directory)?;
        // Linking fails where the name is taken, even by a process that came a moment ago; renaming would replace its file.
        match disk.link(&unfinished, &path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                remove_file_if_there(disk.as_ref(), &unfinished)?;
                return Err(already());
            }
            // Some file systems have no links.
            Err(_) => disk.rename(&unfinished, &path).on("create", &path)?,
            Ok(()) => remove_file_if_there(disk.as_ref(), &unfinished)?,
        }
        sync_directory(disk.as_ref(), directory)?;
        Self::open_on(disk, directory, config)
    }

    /// Opens the workspace in `directory` of this machine's disk; see [`Store::open_on`].
    ///
    /// # Errors
    /// As [`Store::open_on`].
    pub fn open(directory: &Path, config: StoreConfig) -> Result<Store, StoreError> {
        Self::open_on(Arc::new(SystemDisk), directory, config)
    }

    /// Opens the workspace in `directory` of `disk`, and locks it until the handle and its readers are dropped.
    ///
    /// Verifies the header, the end of the log, the engine's list of free pages, and, up to [`StoreConfig::page_check_bytes_max`], every page. After a crash
    /// the last durable commit is the latest.
    ///
    /// # Errors
    /// [`StoreError::NotAWorkspace`] and [`StoreError::Foreign`] (the caller's choice of directory),
    /// [`StoreError::NewerFormat`] (update Grounds), [`StoreError::Locked`] (try again later),
    /// [`StoreError::Corrupt`] (restore a copy), [`StoreError::Io`].
    pub fn open_on(disk: Arc<dyn Disk>, directory: &Path, config: StoreConfig) -> Result<Store, StoreError> {
        let path = directory.join(TRUTH_FILE);
        let file = open_truth(disk.as_ref(), directory, &path)?;
        let byte_count = file.len().on("read", &path)?;
        check_engine_magic(file.as_ref(), byte_count, &path)?;
        let checks_all = byte_count <= config.page_check_bytes_max;
        if !checks_all {
            check_bookkeeping(file.as_ref(), byte_count, &path)?;
        }
        let database = contain("the truth file", || {
            redb::Builder::new()
                .set_cache_size(config.cache_bytes_max)
                .set_check_integrity_on_open(checks_all)
                // It opens what is there: the bytes checked above are those of a database, not of an empty file.
                .create_with_backend(EngineFile::new(file))
                .map_err(|error| opening_error(error, directory, &path))
        })?;
        contain("the truth file", || {
            if check_header(&database, &path)? < FORMAT || lacks_a_table(&database)? {
                upgrade(&database)?;
            }
            journal::recover(disk.as_ref(), directory, &database)
        })?;
        say_who_holds(disk.as_ref(), directory, &config);
        Ok(Store::new(disk, directory, config, database))
    }
}

/// Opens and locks the truth file.
fn open_truth(disk: &dyn Disk, directory: &Path, path: &Path) -> Result<Box<dyn DiskFile>, StoreError> {
    let file = match disk.open(path, OpenMode::Write) {
        Ok(file) => file,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory
            ) =>
        {
            return Err(StoreError::NotAWorkspace { directory: directory.to_owned() });
        }
        Err(source) => return Err(StoreError::Io { action: "open", path: path.to_owned(), source }),
    };
    match file.try_lock() {
        Ok(true) => Ok(file),
        Ok(false) => Err(locked(disk, directory)),
        // A file system without locks: whoever keeps a workspace there sees to it that it is opened once.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
        Err(source) => Err(StoreError::Io { action: "lock", path: path.to_owned(), source }),
    }
}

/// Leaves the name of whoever opened the workspace for those who find it open. It tells, and protects nothing: the lock does.
fn say_who_holds(disk: &dyn Disk, directory: &Path, config: &StoreConfig) {
    let path = directory.join(LOCK_FILE);
    // Not being able to is no reason not to open.
    let _ = match &config.holder {
        Some(holder) => disk.open(&path, OpenMode::Create).and_then(|file| {
            file.set_len(0)?;
            file.write_at(0, holder.as_bytes())
        }),
        None => disk.remove_file(&path),
    };
}

fn locked(disk: &dyn Disk, directory: &Path) -> StoreError {
    let said = read_file(disk, &directory.join(LOCK_FILE)).ok();
    let holder = said.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|holder| !holder.is_empty());
    StoreError::Locked { directory: directory.to_owned(), holder }
}

/// Makes a workspace of an earlier format one of this format: it has more tables, and everything that was there as it was.
fn upgrade(database: &Database) -> Result<(), StoreError> {
    let mut transaction = database.begin_write().while_("upgrading the truth file")?;
    transaction.set_two_phase_commit(true);
    transaction.set_quick_repair(true);
    {
        let mut tables = TruthTables::new(&transaction);
        tables.open_all()?;
        let is_earlier = header_format(tables.header.read()?)?.is_none_or(|format| format < FORMAT);
        if is_earlier {
            tables.header.insert(HEADER_FORMAT, FORMAT.to_le_bytes().as_slice())?;
            changes::write_built_in(&mut tables)?;
        }
    }
    transaction.commit().while_("upgrading the truth file")
}

/// Whether the workspace is from before there were unique values, the youngest of the tables.
fn lacks_a_table(database: &Database) -> Result<bool, StoreError> {
    match database.begin_read().while_("opening a table of the truth")?.open_table(UNIQUE_VALUES) {
        Ok(_) => Ok(false),
        Err(redb::TableError::TableDoesNotExist(_)) => Ok(true),
        Err(error) => Err(error).while_("opening a table of the truth"),
    }
}

fn header_format(header: &impl redb::ReadableTable<&'static str, &'static [u8]>) -> Result<Option<u32>, StoreError> {
    let bytes = header.get(HEADER_FORMAT).while_("reading the header")?;
    Ok(bytes.and_then(|bytes| bytes.value().try_into().ok()).map(u32::from_le_bytes))
}

/// Reads the header and the end of the log; returns the format.
fn check_header(database: &Database, path: &Path) -> Result<u32, StoreError> {
    let transaction = database.begin_read().while_("reading the header")?;
    let foreign = || StoreError::Foreign { path: path.to_owned() };
    let header = match transaction.open_table(HEADER) {
        Err(redb::TableError::TableDoesNotExist(_) | redb::TableError::TableTypeMismatch { .. }) => {
            return Err(foreign());
        }
        other => other.while_("opening the header")?,
    };
    let field = |name: &str| {
        Ok::<_, StoreError>(header.get(name).while_("reading the header")?.map(|bytes| bytes.value().to_vec()))
    };
    if field(HEADER_MAGIC)?.as_deref() != Some(MAGIC) {
        return Err(foreign());
    }
    let Some(found) = header_format(&header)? else {
        return Err(StoreError::corrupt("the format version is missing", "the header"));
    };
    if found > FORMAT {
        return Err(StoreError::NewerFormat { path: path.to_owned(), found, supported: FORMAT });
    }
    let log = transaction.open_table(LOG).while_("opening the log")?;
    log::last(&log, &header)?;
    Ok(found)
}

fn write_empty_truth(file: Box<dyn DiskFile>) -> Result<(), StoreError> {
    let database = redb::Builder::new().create_with_backend(EngineFile::new(file)).while_("creating the truth file")?;
    let transaction = database.begin_write().while_("creating the truth file")?;
    {
        let mut tables = TruthTables::new(&transaction);
        tables.open_all()?;
        tables.header.insert(HEADER_MAGIC, MAGIC)?;
        tables.header.insert(HEADER_FORMAT, FORMAT.to_le_bytes().as_slice())?;
    }
    transaction.commit().while_("creating the truth file")
}

fn check_engine_magic(file: &dyn DiskFile, byte_count: u64, path: &Path) -> Result<(), StoreError> {
    let start_count = usize::try_from(byte_count).map_or(ENGINE_MAGIC.len(), |count| count.min(ENGINE_MAGIC.len()));
    let mut start = vec![0; start_count];
    file.read_at(0, &mut start).on("read", path)?;
    if start == ENGINE_MAGIC {
        return Ok(());
    }
    if ENGINE_MAGIC.starts_with(&start) {
        return Err(StoreError::corrupt("the file ends too early", path.display().to_string()));
    }
    Err(StoreError::Foreign { path: path.to_owned() })
}

fn opening_error(error: redb::DatabaseError, directory: &Path, path: &Path) -> StoreError {
    let place = || path.display().to_string();
    match error {
        redb::DatabaseError::DatabaseAlreadyOpen | redb::DatabaseError::LockProtocolMismatch => {
            StoreError::Locked { directory: directory.to_owned(), holder: None }
        }
        redb::DatabaseError::UpgradeRequired(found) => {
            StoreError::corrupt(format!("the engine's file format {found} is not one that Grounds wrote"), place())
        }
        redb::DatabaseError::RepairAborted => StoreError::corrupt("the file cannot be repaired", place()),
        redb::DatabaseError::Storage(redb::StorageError::Corrupted(what)) => StoreError::corrupt(what, place()),
        redb::DatabaseError::Storage(redb::StorageError::Io(source)) => match source.kind() {
            io::ErrorKind::UnexpectedEof => StoreError::corrupt("the file ends too early", place()),
            io::ErrorKind::InvalidData => StoreError::corrupt(source.to_string(), place()),
            _ => StoreError::Io { action: "open", path: path.to_owned(), source },
        },
        other => StoreError::Engine { action: "opening the truth file", source: Box::new(other.into()) },
    }
}
