//! Which rows each commit opened and closed, by table, so that what is newer than a generation is found without a scan.

use grounds_core::{Snapshot, Table, TableId};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::cells::row::{push_number, take_number};
use crate::error::{EngineContext, contain};
use crate::schema::{CHANGES, table_number, table_of};
use crate::truth::TruthTables;
use crate::{Reader, StoreError};

/// A row piece that a commit opened or closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChangedRow {
    pub(crate) key: Vec<u8>,
    pub(crate) number: u64,
    /// Whether the commit closed it; else it opened it.
    pub(crate) is_closed: bool,
}

/// A part is written when it has this many bytes.
const PART_BYTES: usize = 32 << 10;
const CHECKSUM_BYTES: usize = 8;

/// Collects what one commit does to one table, and writes it in parts.
pub(crate) struct PartWriter {
    table: TableId,
    snapshot: Snapshot,
    part: u32,
    bytes: Vec<u8>,
    last_key: Vec<u8>,
    last_number: u64,
}

impl PartWriter {
    pub(crate) fn new(table: TableId, snapshot: Snapshot) -> Self {
        Self { table, snapshot, part: 0, bytes: Vec::new(), last_key: Vec::new(), last_number: 0 }
    }

    /// Notes one row; keys that begin alike after each other take little room.
    pub(crate) fn add(
        &mut self,
        tables: &mut TruthTables<'_>,
        key: &[u8],
        number: u64,
        is_closed: bool,
    ) -> Result<(), StoreError> {
        let shared = self.last_key.iter().zip(key).take_while(|(a, b)| a == b).count();
        push_number(&mut self.bytes, (shared as u128) << 1 | u128::from(is_closed));
        push_number(&mut self.bytes, (key.len() - shared) as u128);
        self.bytes.extend(&key[shared..]);
        let step = i128::from(number) - i128::from(self.last_number);
        push_number(&mut self.bytes, ((step << 1) ^ (step >> 127)).cast_unsigned());
        self.last_key.truncate(shared);
        self.last_key.extend(&key[shared..]);
        self.last_number = number;
        if self.bytes.len() >= PART_BYTES { self.write(tables) } else { Ok(()) }
    }

    /// Writes what is left.
    pub(crate) fn finish(mut self, tables: &mut TruthTables<'_>) -> Result<(), StoreError> {
        if self.bytes.is_empty() { Ok(()) } else { self.write(tables) }
    }

    fn write(&mut self, tables: &mut TruthTables<'_>) -> Result<(), StoreError> {
        let key = (self.table.0, self.snapshot.0, self.part);
        let checksum = checksum(key, &self.bytes);
        self.bytes.extend(checksum.to_le_bytes());
        tables.changes.insert(key, self.bytes.as_slice())?;
        self.part += 1;
        self.bytes.clear();
        self.last_key.clear();
        self.last_number = 0;
        Ok(())
    }
}

/// The number under which the changes to built-in tables are kept: no declared table has it.
pub(crate) const BUILT_IN: TableId = TableId(0);

/// A row of a built-in table that a commit opened or closed.
pub(crate) struct BuiltInChange {
    pub(crate) table: Table,
    pub(crate) key: String,
    pub(crate) number: u64,
    pub(crate) is_closed: bool,
}

/// Writes which rows of built-in tables a commit closed and opened: table, key, number, and whether it was closed.
pub(crate) fn write_built_in_changes<'k>(
    tables: &mut TruthTables<'_>,
    snapshot: Snapshot,
    changes: impl Iterator<Item = (Table, &'k str, u64, bool)>,
) -> Result<(), StoreError> {
    let mut parts = PartWriter::new(BUILT_IN, snapshot);
    let mut stored_key = Vec::new();
    for (table, key, number, is_closed) in changes {
        stored_key.clear();
        stored_key.push(table_number(table));
        stored_key.extend(key.as_bytes());
        parts.add(tables, &stored_key, number, is_closed)?;
    }
    parts.finish(tables)
}

/// Hands what commits after `since` did to rows of built-in tables to `visit`, up to the latest of the reader's transaction, in order of snapshot.
///
/// Commits of workspaces of format 1 did not note it; a text generation of this format is younger than any of them.
pub(crate) fn visit_built_in_changes(
    reader: &Reader,
    since: Snapshot,
    mut visit: impl FnMut(Snapshot, BuiltInChange) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    if since >= reader.latest_known() {
        return Ok(());
    }
    contain("the changes table", || {
        let changes = reader.transaction().open_table(CHANGES).while_("opening the changes")?;
        let range = (BUILT_IN.0, since.0 + 1, 0)..=(BUILT_IN.0, reader.latest_known().0, u32::MAX);
        for item in changes.range(range).while_("reading changes")? {
            let (part, bytes) = item.while_("reading changes")?;
            let part = part.value();
            for row in decode_part(part, bytes.value())? {
                let named = row
                    .key
                    .split_first()
                    .and_then(|(table, key)| Some((table_of(*table)?, std::str::from_utf8(key).ok()?.to_owned())));
                let Some((table, key)) = named else {
                    let place = format!("changes in snapshot {}", part.1);
                    return Err(StoreError::corrupt("a changed row has no table", place));
                };
                let change = BuiltInChange { table, key, number: row.number, is_closed: row.is_closed };
                visit(Snapshot(part.1), change)?;
            }
        }
        Ok(())
    })
}

fn checksum(key: (u32, u64, u32), bytes: &[u8]) -> u64 {
    let seed = key.1.rotate_left(32) ^ (u64::from(key.0) << 32 | u64::from(key.2));
    xxh3_64_with_seed(bytes, seed)
}

/// The rows of one part, in the order in which they were noted.
///
/// # Errors
/// [`StoreError::Corrupt`] where the bytes are not what was written under `key`.
pub(crate) fn decode_part(key: (u32, u64, u32), bytes: &[u8]) -> Result<Vec<ChangedRow>, StoreError> {
    let damaged = || {
        let place = format!("changes of declared table {} in snapshot {}, part {}", key.0, key.1, key.2);
        StoreError::corrupt("the list of changed rows is not what was written", place)
    };
    let (mut rest, stored) = bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or_else(damaged)?;
    if checksum(key, rest) != u64::from_le_bytes(*stored) {
        return Err(damaged());
    }
    let mut rows: Vec<ChangedRow> = Vec::new();
    while !rest.is_empty() {
        let row = take_row(&mut rest, rows.last()).ok_or_else(damaged)?;
        rows.push(row);
    }
    Ok(rows)
}

fn take_row(rest: &mut &[u8], last: Option<&ChangedRow>) -> Option<ChangedRow> {
    let first = take_number(rest)?;
    let shared = usize::try_from(first >> 1).ok()?;
    let length = usize::try_from(take_number(rest)?).ok()?;
    let (own, others) = rest.split_at_checked(length)?;
    *rest = others;
    let mut key = last.map_or(&[][..], |row| &row.key).get(..shared)?.to_vec();
    key.extend(own);
    let zigzag = take_number(rest)?;
    let step = (zigzag >> 1).cast_signed() ^ -((zigzag & 1).cast_signed());
    let number = u64::try_from(i128::from(last.map_or(0, |row| row.number)).checked_add(step)?).ok()?;
    Some(ChangedRow { key, number, is_closed: first & 1 == 1 })
}
