//! Whether a workspace is what was promised: everything acknowledged, nothing else but what was in flight, and all of it whole.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use grounds_core::{Cell, Disk, DocumentId, OpenMode};
use grounds_store::{KeyRange, KnownTime, MemoryDisk, Reader, Store, StoreConfig, StoreError};

use super::row_search_problem;
use super::script::{DIRECTORY, ERASED, Ledger, MARKS, batch_of, original_of, place_of, row_count_of};
use super::support::{day, noon, query};

/// Why a workspace is not what was promised.
#[derive(Debug)]
pub(crate) enum Problem {
    /// It says so itself.
    Told(StoreError),
    /// It says something that is not so.
    Wrong(String),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Problem::Told(error)
    }
}

/// The store as it is opened for a look: it does not seal by itself.
pub(crate) fn quiet() -> StoreConfig {
    StoreConfig::new()
}

pub(crate) fn open(disk: &MemoryDisk, config: StoreConfig) -> Result<Store, StoreError> {
    Store::open_on(Arc::new(disk.clone()), Path::new(DIRECTORY), config)
}

fn wrong<T>(what: impl Into<String>) -> Result<T, Problem> {
    Err(Problem::Wrong(what.into()))
}

/// Checks what a crash left: opens it, reads everything, examines it, and commits once more. Returns how many commits are there.
///
/// `hashes` is the chain of the run that the ledger is of, as far as it went.
pub(crate) fn check_survivor(disk: &MemoryDisk, ledger: &Ledger, hashes: Option<&[String]>) -> Result<usize, Problem> {
    let store = match open(disk, quiet()) {
        Err(StoreError::NotAWorkspace { .. }) if !ledger.is_created => return Ok(0),
        result => result?,
    };
    let names = check_store(&store, ledger, hashes)?;
    let examination = store.examine()?;
    if !examination.is_clean() {
        return wrong(format!("{:?}", examination.findings));
    }
    if let Some((name, snapshot)) = ledger.backups.last() {
        check_backup(disk, name, *snapshot, &names)?;
    }
    let snapshot = store.commit(&batch_of("after0"), noon())?;
    drop(store);
    let store = open(disk, quiet())?;
    if store.latest()? != snapshot || snapshot.0 < names.len() as u64 + 1 {
        return wrong("the commit after the crash is not there");
    }
    drop(store);
    if ledger.is_erased && has_erased_bytes(disk)? {
        return wrong("a file still holds bytes that were erased");
    }
    Ok(names.len())
}

/// Every file under a directory.
pub(crate) fn files_in(disk: &MemoryDisk, directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in disk.list(directory).expect("it is there") {
        let path = directory.join(&entry.name);
        if entry.is_directory { files.extend(files_in(disk, &path)) } else { files.push(path) }
    }
    files
}

pub(crate) fn read_file(disk: &MemoryDisk, path: &Path) -> std::io::Result<Vec<u8>> {
    let file = disk.open(path, OpenMode::Read)?;
    let mut bytes = vec![0; usize::try_from(file.len()?).expect("in memory")];
    file.read_at(0, &mut bytes).map(|()| bytes)
}

fn has_erased_bytes(disk: &MemoryDisk) -> Result<bool, Problem> {
    let erased = format!("by {ERASED}\"").into_bytes();
    for path in files_in(disk, Path::new(DIRECTORY)) {
        let bytes = read_file(disk, &path).map_err(|error| Problem::Wrong(error.to_string()))?;
        if bytes.windows(erased.len()).any(|window| window == erased) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Restores a backup elsewhere and compares it with the commits it was made from.
fn check_backup(disk: &MemoryDisk, name: &str, snapshot: u64, names: &[String]) -> Result<(), Problem> {
    let disk: Arc<dyn Disk> = Arc::new(disk.duplicate());
    let directory = Path::new("restored");
    Store::restore_on(&disk, Path::new(name), directory, &mut |_| ())?;
    let restored = Store::open_on(disk, directory, quiet())?;
    let log = restored.log()?;
    if log.len() as u64 != snapshot || log.iter().zip(names).any(|(entry, name)| entry.message != *name) {
        return wrong(format!("the backup of snapshot {snapshot} holds {} commits, or others", log.len()));
    }
    Ok(())
}

/// Reads everything and compares it with the ledger; returns the names of the commits that are there, in order.
pub(crate) fn check_store(store: &Store, ledger: &Ledger, hashes: Option<&[String]>) -> Result<Vec<String>, Problem> {
    let log = store.log()?;
    let (erasures, names): (Vec<String>, Vec<String>) =
        log.iter().map(|entry| entry.message.clone()).partition(|message| message.starts_with("erase: "));
    if erasures.len() > usize::from(ledger.is_erasure_attempted) || erasures.len() < usize::from(ledger.is_erased) {
        return wrong(format!("the log has {} erasures", erasures.len()));
    }
    for (snapshot, name) in &ledger.acknowledged {
        let found = usize::try_from(*snapshot)
            .ok()
            .and_then(|snapshot| log.get(snapshot.checked_sub(1)?))
            .map(|entry| &entry.message);
        if found != Some(name) {
            return wrong(format!("{name} was acknowledged as {snapshot}, and {found:?} is there"));
        }
    }
    let there: BTreeSet<&String> = names.iter().collect();
    if there.len() != names.len() || !there.iter().all(|name| ledger.attempted.contains(name)) {
        return wrong(format!("the log has {names:?}, attempted were {:?}", ledger.attempted));
    }
    if let Some(hashes) = hashes
        && log.iter().zip(hashes).any(|(entry, hash)| entry.hash != *hash)
    {
        return wrong("the chain of hashes is another");
    }
    let reader = store.read(store.latest()?)?;
    check_rows(store, &reader, &names, !erasures.is_empty())?;
    for name in &ledger.attempted {
        check_commit(store, &reader, name, there.contains(name))?;
    }
    Ok(names)
}

/// What all commits change, and the numbers of what each adds.
fn check_rows(store: &Store, reader: &Reader, names: &[String], is_erased: bool) -> Result<(), Problem> {
    let counter = reader.document(&DocumentId("counter".to_owned()))?.map(|stored| stored.row.title);
    if counter.as_ref() != names.last() {
        return wrong(format!("the counter says {counter:?} after {names:?}"));
    }
    let documents = reader.documents(None)?.len();
    if documents != names.len() + usize::from(!names.is_empty()) {
        return wrong(format!("{documents} documents after {} commits", names.len()));
    }
    let matters: Vec<String> = reader.matters()?.into_iter().map(|stored| stored.row.name).collect();
    let kept = names.iter().filter(|name| !is_erased || *name != ERASED);
    if matters.iter().collect::<BTreeSet<_>>() != kept.collect() {
        return wrong(format!("the matters are {matters:?} after {names:?}"));
    }
    // An earlier snapshot still reads as it did.
    if let Some(middle) = names.get(names.len() / 2) {
        let known_at = grounds_core::Snapshot(names.len() as u64 / 2 + 1);
        let counter = store.read(known_at)?.document(&DocumentId("counter".to_owned()))?;
        if counter.as_ref().map(|stored| &stored.row.title) != Some(middle) {
            return wrong(format!("the counter of snapshot {known_at} is not {middle}"));
        }
    }
    let mut rows = Vec::new();
    if let Some(table) = reader.table(MARKS)? {
        reader.visit_rows(&table, KeyRange::All, KnownTime::AtSnapshot, &mut |piece| {
            rows.push(piece.cells);
            Ok(ControlFlow::Continue(()))
        })?;
    }
    let expected: usize = names.iter().map(|name| row_count_of(name)).sum();
    if rows.len() != expected + usize::from(!names.is_empty()) {
        return wrong(format!("{} rows of the declared table after {names:?}", rows.len()));
    }
    for row in rows {
        let [Cell::Text(key), Cell::Text(by), Cell::Vector(place)] = row.as_slice() else {
            return wrong(format!("a row reads {row:?}"));
        };
        let is_right = if key == "counter" { Some(by) == names.last() } else { key.starts_with(&format!("{by}/")) };
        if !is_right || *place != place_of(by) {
            return wrong(format!("the row {key} is by {by} at {place:?}"));
        }
    }
    // The first commit and the last one, whose rows are in the oldest file and in the newest, or in the tail.
    for name in names.first().into_iter().chain(names.last()) {
        let expected = row_count_of(name) + usize::from(Some(name) == names.last());
        if let Some(problem) = row_search_problem(reader, name, expected)? {
            return wrong(problem);
        }
    }
    Ok(())
}

/// One commit: everything of it is there, or nothing.
fn check_commit(store: &Store, reader: &Reader, name: &str, is_there: bool) -> Result<(), Problem> {
    let bytes = original_of(name);
    let original = store.original(blake3::hash(&bytes).to_hex().as_str())?;
    if original != is_there.then_some(bytes) {
        return wrong(format!("the original of {name}"));
    }
    let found = reader.search(&query(name), day(0))?;
    let documents: Vec<&str> = found.hits.iter().map(|hit| hit.passage.row.document.0.as_str()).collect();
    let expected = format!("d{name}");
    if documents != if is_there { vec![expected.as_str()] } else { Vec::new() } {
        return wrong(format!("a search for {name} finds {documents:?}"));
    }
    Ok(())
}
