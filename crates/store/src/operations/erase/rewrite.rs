//! The truth without what is erased, and with the log entry that tells of it.

use grounds_core::{Instant, Snapshot, TableId};
use redb::WriteTransaction;

use crate::cells::{BUILT_IN, PartWriter, decode_part, unique};
use crate::commit::load_catalogue;
use crate::error::{EngineContext, contain};
use crate::log::{self, StoredEntry, append};
use crate::operations::erase::EraseRequest;
use crate::operations::erase::find::Found;
use crate::operations::tombstone::{self, Tombstone};
use crate::operations::truth_file::{copy_table, entry_count};
use crate::operations::{Counter, OnProgress};
use crate::schema::{
    CELLS, CHANGES, CONTENTS, ERASED_ORIGINALS, ERASED_ROWS, HEADER, LINKS_BY_TARGET, LOG, ORIGINALS, ROWS,
    UNITS_BY_ID, VERSIONS_BY_DOCUMENT,
};
use crate::truth::TruthTables;
use crate::{Reader, StoreError};

/// Writes everything that `reader` has but `found` to `to`, and logs the erasure; returns its snapshot.
pub(super) fn write(
    reader: &Reader,
    to: &WriteTransaction,
    found: &Found,
    request: &EraseRequest,
    at: Instant,
    on_progress: OnProgress<'_>,
) -> Result<Snapshot, StoreError> {
    let from = reader.transaction();
    let mut counter = Counter::new("rewriting", entry_count(from)?, on_progress);
    let counter = &mut counter;
    copy_table(from, to, HEADER, counter, |_, _| Ok(true))?;
    copy_table(from, to, LOG, counter, |_, _| Ok(true))?;
    copy_table(from, to, ROWS, counter, |(_, _, number), _| Ok(!found.rows.contains_key(&number)))?;
    copy_table(from, to, CONTENTS, counter, |number, _| Ok(!found.contents.contains(&number)))?;
    copy_table(from, to, ORIGINALS, counter, |name, _| Ok(!found.originals.contains(name)))?;
    copy_table(from, to, VERSIONS_BY_DOCUMENT, counter, |(_, key), ()| Ok(!found.versions.contains(key)))?;
    let is_part = |key: &str| key.split_once('/').is_some_and(|(version, _)| found.versions.contains(version));
    copy_table(from, to, UNITS_BY_ID, counter, |(_, _, key), ()| Ok(!is_part(key)))?;
    copy_table(from, to, LINKS_BY_TARGET, counter, |(_, _, key), ()| Ok(!is_part(key)))?;
    copy_table(from, to, CELLS, counter, |key, _| {
        Ok(crate::cells::split_engine_key(key).is_none_or(|(_, _, number)| !found.rows.contains_key(&number)))
    })?;
    copy_table(from, to, CHANGES, counter, |(table, _, _), _| {
        Ok(table != BUILT_IN.0 && !found.tables.contains(&table))
    })?;
    copy_table(from, to, ERASED_ROWS, counter, |_, _| Ok(true))?;
    copy_table(from, to, ERASED_ORIGINALS, counter, |_, _| Ok(true))?;
    let mut tables = TruthTables::new(to);
    tables.open_all()?;
    write_changes(reader, &mut tables, found)?;
    // Made anew: an entry holds values, also those that are erased.
    let catalogue = load_catalogue(&mut tables, reader.latest_known())?;
    unique::add_all(&mut tables, &catalogue)?;
    log_erasure(reader, &mut tables, found, request, at)
}

/// Writes the lists of changed rows of the tables that lose some, without those.
fn write_changes(reader: &Reader, tables: &mut TruthTables<'_>, found: &Found) -> Result<(), StoreError> {
    let changes = reader.transaction().open_table(CHANGES).while_("opening the changes")?;
    for table in found.tables.iter().chain([&BUILT_IN.0]) {
        let mut part: Option<(u64, PartWriter)> = None;
        contain("the changes table", || {
            for item in changes.range((*table, 0, 0)..=(*table, u64::MAX, u32::MAX)).while_("reading changes")? {
                let (key, bytes) = item.while_("reading changes")?;
                let (_, snapshot, _) = key.value();
                for row in decode_part(key.value(), bytes.value())? {
                    if found.rows.contains_key(&row.number) {
                        continue;
                    }
                    if let Some((_, finished)) = part.take_if(|(held, _)| *held != snapshot) {
                        finished.finish(tables)?;
                    }
                    let (_, writer) =
                        part.get_or_insert_with(|| (snapshot, PartWriter::new(TableId(*table), Snapshot(snapshot))));
                    writer.add(tables, &row.key, row.number, row.is_closed)?;
                }
            }
            part.take().map_or(Ok(()), |(_, finished)| finished.finish(tables))
        })?;
    }
    Ok(())
}

fn log_erasure(
    reader: &Reader,
    tables: &mut TruthTables<'_>,
    found: &Found,
    request: &EraseRequest,
    at: Instant,
) -> Result<Snapshot, StoreError> {
    let log = reader.transaction().open_table(LOG).while_("opening the log")?;
    let header = reader.transaction().open_table(HEADER).while_("opening the header")?;
    let Some(previous) = log::last(&log, &header)? else {
        return Err(StoreError::NothingToErase { what: "an empty workspace".to_owned() });
    };
    let snapshot = previous.snapshot + 1;
    for (number, row) in &found.rows {
        let tombstone = Tombstone { erased_at: snapshot, ..*row };
        tables.erased_rows.insert(*number, tombstone.encode(*number).as_slice())?;
    }
    for name in &found.originals {
        tables.erased_originals.insert((name, snapshot), ())?;
    }
    let rows = found.rows.iter().map(|(number, row)| (*number, &row.digest));
    let mut entry = StoredEntry {
        snapshot,
        unix_seconds: at.unix_seconds,
        offset_minutes: at.offset_minutes,
        message: format!("erase: {} (asked by {})", request.reason, request.asked_by),
        change_count: found.rows.len() + found.originals.len(),
        row_end: previous.row_end,
        content_end: previous.content_end,
        passage_content_count: previous.passage_content_count,
        originals: Vec::new(),
        effects: tombstone::effects(rows, found.originals.iter()),
        previous_hash: previous.hash,
        hash: String::new(),
    };
    entry.hash = entry.expected_hash();
    append(tables, &entry)?;
    Ok(Snapshot(snapshot))
}
