//! After a crash: what the journal holds and the engine does not is applied again.

use std::io;
use std::path::Path;

use grounds_core::Disk;
use redb::{Database, ReadableDatabase, ReadableTable};

use crate::StoreError;
use crate::disk::read_file;
use crate::encoding::hex;
use crate::error::{EngineContext, IoContext};
use crate::journal::record::{FoundRecord, find_records};
use crate::log::{self, StoredEntry, genesis_hash};
use crate::schema::{HEADER, JOURNAL_FILE, LOG};
use crate::truth::TruthTables;

/// Applies the commits in the journal of `directory` that come after the engine's last one, and makes them durable there.
///
/// # Errors
/// [`StoreError::Corrupt`] where commits are missing between those that are there, or are not those of this truth.
pub(crate) fn recover(disk: &dyn Disk, directory: &Path, database: &Database) -> Result<(), StoreError> {
    let path = directory.join(JOURNAL_FILE);
    let journal = match read_file(disk, &path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        bytes => bytes.on("read", &path)?,
    };
    let last = last_entry(database)?;
    let records = records_after(&journal, last.as_ref().map_or(0, |entry| entry.snapshot))?;
    if records.is_empty() {
        return Ok(());
    }
    let mut transaction = database.begin_write().while_("applying the journal")?;
    transaction.set_two_phase_commit(true);
    transaction.set_quick_repair(true);
    {
        let mut tables = TruthTables::new(&transaction);
        let mut previous = last.map_or_else(genesis_hash, |entry| entry.hash);
        for record in records {
            let damaged =
                |what: &str| StoreError::corrupt(what, format!("the journal, snapshot {}", record.snapshots.0));
            tables
                .apply_redo(&journal[record.body.clone()])?
                .ok_or_else(|| damaged("a record is not what was written"))?;
            for snapshot in record.snapshots.0..=record.snapshots.1 {
                let entry = entry_of(&mut tables, snapshot)?.ok_or_else(|| damaged("a record lacks its log entry"))?;
                if entry.previous_hash != previous {
                    return Err(damaged("the journal does not continue this truth"));
                }
                previous = entry.hash;
            }
            if previous != hex(&record.log_hash) {
                return Err(damaged("a record's log entry is not the one it names"));
            }
        }
        let TruthTables { log, header, .. } = &mut tables;
        log::last(log.read()?, header.read()?)?;
    }
    transaction.commit().while_("applying the journal")
}

fn last_entry(database: &Database) -> Result<Option<StoredEntry>, StoreError> {
    let transaction = database.begin_read().while_("reading the log")?;
    let log = transaction.open_table(LOG).while_("opening the log")?;
    log::last(&log, &transaction.open_table(HEADER).while_("opening the header")?)
}

fn entry_of(tables: &mut TruthTables<'_>, snapshot: u64) -> Result<Option<StoredEntry>, StoreError> {
    let bytes = tables.log.read()?.get(snapshot).while_("reading the log")?;
    bytes.map(|bytes| StoredEntry::decode(snapshot, bytes.value())).transpose()
}

/// One copy of each record after `snapshot`, in order.
///
/// A record is written when the one before is durable. So where one is missing and a later one is there, the missing one was durable once
/// and is damaged; where none is later, it was never acknowledged.
fn records_after(journal: &[u8], snapshot: u64) -> Result<Vec<FoundRecord>, StoreError> {
    let mut records = find_records(journal);
    records.retain(|record| record.snapshots.1 > snapshot);
    records.sort_by_key(|record| record.snapshots);
    records.dedup_by_key(|record| record.snapshots);
    let mut next = snapshot + 1;
    for record in &records {
        if record.snapshots.0 != next {
            let what = format!("the commits from {next} on are damaged, and later ones are there");
            return Err(StoreError::corrupt(what, "the journal"));
        }
        next = record.snapshots.1 + 1;
    }
    Ok(records)
}
