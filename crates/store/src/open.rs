//! Creating and opening a workspace, and telling apart everything that is not one.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use redb::{Database, ReadableDatabase};

use crate::error::{EngineContext, IoContext, contain};
use crate::log;
use crate::schema::{
    CONTENTS, FORMAT, HEADER, HEADER_FORMAT, HEADER_MAGIC, LINKS_BY_TARGET, LOG, MAGIC, ORIGINALS, ROWS, TRUTH_FILE,
    UNITS_BY_ID, VERSIONS_BY_DOCUMENT,
};
use crate::store::{remove_if_there, sync_directory};
use crate::{Store, StoreConfig, StoreError};

/// The first bytes of every redb file.
const ENGINE_MAGIC: &[u8] = b"redb\x1a\x0a\xa9\x0d\x0a";

impl Store {
    /// Makes an empty workspace in `directory`, which is created with its parents where it does not exist, and opens it.
    ///
    /// The truth file is complete before it gets its name, so a crash leaves nothing that looks like a workspace.
    ///
    /// # Errors
    /// [`StoreError::AlreadyAWorkspace`] (the caller can open it instead), [`StoreError::Io`].
    pub fn create(directory: &Path, config: StoreConfig) -> Result<Store, StoreError> {
        let path = directory.join(TRUTH_FILE);
        let already = || StoreError::AlreadyAWorkspace { directory: directory.to_owned() };
        if path.exists() {
            return Err(already());
        }
        fs::create_dir_all(directory).on("create", directory)?;
        let unfinished = directory.join(format!("{TRUTH_FILE}.new-{}", std::process::id()));
        remove_if_there(&unfinished)?;
        write_empty_truth(&unfinished)?;
        // Linking fails where the name is taken, even by a process that came a moment ago; renaming would replace its file.
        let linked = fs::hard_link(&unfinished, &path);
        match linked {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                remove_if_there(&unfinished)?;
                return Err(already());
            }
            // Some file systems have no links.
            Err(_) => fs::rename(&unfinished, &path).on("create", &path)?,
            Ok(()) => remove_if_there(&unfinished)?,
        }
        sync_directory(directory)?;
        Self::open(directory, config)
    }

    /// Opens the workspace in `directory`.
    ///
    /// Verifies the header, the end of the log, and, up to [`StoreConfig::page_check_bytes_max`], every page. After a crash
    /// the last durable commit is the latest.
    ///
    /// # Errors
    /// [`StoreError::NotAWorkspace`] and [`StoreError::Foreign`] (the caller's choice of directory),
    /// [`StoreError::NewerFormat`] (update Grounds), [`StoreError::Locked`] (try again later),
    /// [`StoreError::Corrupt`] (restore a copy), [`StoreError::Io`].
    pub fn open(directory: &Path, config: StoreConfig) -> Result<Store, StoreError> {
        let path = directory.join(TRUTH_FILE);
        let byte_count = match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => metadata.len(),
            Ok(_) => return Err(StoreError::NotAWorkspace { directory: directory.to_owned() }),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Err(StoreError::NotAWorkspace { directory: directory.to_owned() });
            }
            Err(source) => return Err(StoreError::Io { action: "read", path, source }),
        };
        check_engine_magic(&path)?;
        let database = contain("the truth file", || {
            redb::Builder::new()
                .set_cache_size(config.cache_bytes_max)
                .set_check_integrity_on_open(byte_count <= config.page_check_bytes_max)
                .open(&path)
                .map_err(|error| opening_error(error, directory, &path))
        })?;
        contain("the truth file", || check_header(&database, &path))?;
        Ok(Store::new(directory, config, database))
    }
}

/// Reads the header and the end of the log.
fn check_header(database: &Database, path: &Path) -> Result<(), StoreError> {
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
    let format = field(HEADER_FORMAT)?.and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    match format {
        None => return Err(StoreError::corrupt("the format version is missing", "the header")),
        Some(found) if found > FORMAT => {
            return Err(StoreError::NewerFormat { path: path.to_owned(), found, supported: FORMAT });
        }
        Some(_) => {}
    }
    let log = transaction.open_table(LOG).while_("opening the log")?;
    log::last(&log, &header)?;
    Ok(())
}

fn write_empty_truth(path: &Path) -> Result<(), StoreError> {
    let database = Database::create(path).while_("creating the truth file")?;
    let transaction = database.begin_write().while_("creating the truth file")?;
    {
        let mut header = transaction.open_table(HEADER).while_("creating the header")?;
        header.insert(HEADER_MAGIC, MAGIC).while_("creating the header")?;
        header.insert(HEADER_FORMAT, FORMAT.to_le_bytes().as_slice()).while_("creating the header")?;
        transaction.open_table(LOG).while_("creating the log")?;
        transaction.open_table(ROWS).while_("creating the rows")?;
        transaction.open_table(CONTENTS).while_("creating the contents")?;
        transaction.open_table(ORIGINALS).while_("creating the originals")?;
        transaction.open_table(VERSIONS_BY_DOCUMENT).while_("creating an index")?;
        transaction.open_table(UNITS_BY_ID).while_("creating an index")?;
        transaction.open_table(LINKS_BY_TARGET).while_("creating an index")?;
    }
    transaction.commit().while_("creating the truth file")
}

fn check_engine_magic(path: &Path) -> Result<(), StoreError> {
    let mut start = Vec::new();
    let file = File::open(path).on("read", path)?;
    file.take(ENGINE_MAGIC.len() as u64).read_to_end(&mut start).on("read", path)?;
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
            StoreError::Locked { directory: directory.to_owned() }
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
