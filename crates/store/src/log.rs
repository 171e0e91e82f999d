//! The log of commits: entries, the hash that chains them, and the check of the last one.

use grounds_core::{Instant, Snapshot};
use redb::ReadableTable;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::encoding::{Hash, from_hex};
use crate::error::EngineContext;
use crate::schema::HEADER_HEAD;
use crate::truth::TruthTables;

/// One commit, as the log shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// The snapshot it made.
    pub snapshot: Snapshot,
    /// When, by the clock of whoever committed.
    pub at: Instant,
    /// What was done, in one line.
    pub message: String,
    /// How many changes of its batch had an effect, and originals that were new.
    pub change_count: usize,
    /// BLAKE3 of everything above, of the rows opened and closed, and of the hash before; 64 hexadecimal digits.
    pub hash: String,
    /// The hash of the entry before; 64 zeros for the first.
    pub previous_hash: String,
}

/// A log entry as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredEntry {
    pub(crate) snapshot: u64,
    pub(crate) unix_seconds: i64,
    pub(crate) offset_minutes: i16,
    pub(crate) message: String,
    pub(crate) change_count: usize,
    /// One past the last row number in use.
    pub(crate) row_end: u64,
    /// One past the last content number in use.
    pub(crate) content_end: u64,
    /// How many contents of passages there are: with a generation's own count this tells the length of the tail.
    pub(crate) passage_content_count: u64,
    /// The hashes of the originals it added, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) originals: Vec<String>,
    /// The digest of the rows closed and opened; see [`EffectsDigest`].
    pub(crate) effects: String,
    pub(crate) previous_hash: String,
    pub(crate) hash: String,
}

impl StoredEntry {
    /// What the fields and the previous entry's hash say the hash must be.
    pub(crate) fn expected_hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.previous_hash.as_bytes());
        for number in
            [self.snapshot, self.row_end, self.content_end, self.passage_content_count, self.change_count as u64]
        {
            hasher.update(&number.to_le_bytes());
        }
        hasher.update(&self.unix_seconds.to_le_bytes());
        hasher.update(&self.offset_minutes.to_le_bytes());
        hasher.update(&(self.originals.len() as u64).to_le_bytes());
        for original in &self.originals {
            hasher.update(original.as_bytes());
        }
        hasher.update(self.effects.as_bytes());
        hasher.update(self.message.as_bytes());
        hasher.finalize().to_hex().to_string()
    }

    /// The entry as callers see it.
    pub(crate) fn into_public(self) -> LogEntry {
        LogEntry {
            snapshot: Snapshot(self.snapshot),
            at: Instant { unix_seconds: self.unix_seconds, offset_minutes: self.offset_minutes },
            message: self.message,
            change_count: self.change_count,
            hash: self.hash,
            previous_hash: self.previous_hash,
        }
    }

    /// Reads a stored entry and checks it against its own hash.
    pub(crate) fn decode(snapshot: u64, bytes: &[u8]) -> Result<Self, StoreError> {
        let damaged = |what: &str| StoreError::corrupt(what, format!("log entry {snapshot}"));
        let entry: StoredEntry =
            serde_json::from_slice(bytes).map_err(|_| damaged("the entry is not the JSON that was written"))?;
        if entry.snapshot != snapshot || entry.hash != entry.expected_hash() {
            return Err(damaged("the entry does not match its hash"));
        }
        Ok(entry)
    }
}

/// The hash before the first entry.
pub(crate) fn genesis_hash() -> String {
    "0".repeat(64)
}

/// Digests what a commit did to the rows, in a fixed order: those of built-in tables closed, then opened, each in order of number; then
/// those of declared tables, where there are any.
pub(crate) struct EffectsDigest(blake3::Hasher);

impl EffectsDigest {
    pub(crate) fn new() -> Self {
        Self(blake3::Hasher::new())
    }

    /// A row of a built-in table that is no longer known; in order of row number.
    pub(crate) fn closed(&mut self, row: u64) {
        self.0.update(b"c").update(&row.to_le_bytes());
    }

    /// A row of a built-in table that is known from now on; in order of row number.
    pub(crate) fn opened(&mut self, digest: &Hash) {
        self.0.update(b"o").update(digest);
    }

    /// A row that an erasure removed; in order of row number, and nothing else in the same commit.
    pub(crate) fn erased(&mut self, row: u64, digest: &Hash) {
        self.0.update(b"e").update(&row.to_le_bytes()).update(digest);
    }

    /// An original that an erasure removed; in order of hash, after the rows.
    pub(crate) fn erased_original(&mut self, hash: &Hash) {
        self.0.update(b"x").update(hash);
    }

    pub(crate) fn finish(mut self, cells: CellsDigest) -> String {
        if !cells.is_empty() {
            let (closed, opened) = cells.finish();
            self.0.update(b"t").update(&closed).update(&opened);
        }
        self.0.finalize().to_hex().to_string()
    }
}

/// Digests what a commit did to rows of declared tables. Opened rows are digested while they are written, however many there are.
pub(crate) struct CellsDigest {
    closed: Vec<u64>,
    opened: blake3::Hasher,
    opened_count: u64,
}

impl CellsDigest {
    pub(crate) fn new() -> Self {
        Self { closed: Vec::new(), opened: blake3::Hasher::new(), opened_count: 0 }
    }

    /// A row that is no longer known; in any order.
    pub(crate) fn closed(&mut self, row: u64) {
        self.closed.push(row);
    }

    /// A row that is known from now on; in order of row number.
    pub(crate) fn opened(&mut self, digest: &Hash) {
        self.opened.update(digest);
        self.opened_count += 1;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.closed.is_empty() && self.opened_count == 0
    }

    fn finish(mut self) -> (Hash, Hash) {
        self.closed.sort_unstable();
        let mut closed = blake3::Hasher::new();
        for row in self.closed {
            closed.update(&row.to_le_bytes());
        }
        (*closed.finalize().as_bytes(), *self.opened.finalize().as_bytes())
    }
}

/// The last entry, checked against its own hash and the head in the header; `None` in an empty workspace.
pub(crate) fn last(
    log: &impl ReadableTable<u64, &'static [u8]>,
    header: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<Option<StoredEntry>, StoreError> {
    let head = header.get(HEADER_HEAD).while_("reading the header")?.map(|head| head.value().to_vec());
    let last = log.last().while_("reading the log")?;
    let entry = last.map(|(snapshot, bytes)| StoredEntry::decode(snapshot.value(), bytes.value())).transpose()?;
    let found = entry.as_ref().and_then(|entry| from_hex(&entry.hash)).map(|hash| hash.to_vec());
    if head != found {
        return Err(StoreError::corrupt("the last entry of the log is not the one the header names", "the log"));
    }
    Ok(entry)
}

/// Every entry from the oldest, each checked against its own hash and the one before.
pub(crate) fn entries(log: &redb::ReadOnlyTable<u64, &'static [u8]>) -> Result<Vec<StoredEntry>, StoreError> {
    let mut entries = Vec::new();
    let mut previous_hash = genesis_hash();
    for item in log.range::<u64>(..).while_("reading the log")? {
        let (snapshot, bytes) = item.while_("reading the log")?;
        let entry = StoredEntry::decode(snapshot.value(), bytes.value())?;
        if entry.previous_hash != previous_hash || entry.snapshot != entries.len() as u64 + 1 {
            let place = format!("log entry {}", entry.snapshot);
            return Err(StoreError::corrupt("the entry does not follow the one before", place));
        }
        previous_hash.clone_from(&entry.hash);
        entries.push(entry);
    }
    Ok(entries)
}

/// Appends `entry` and moves the head to it.
pub(crate) fn append(tables: &mut TruthTables<'_>, entry: &StoredEntry) -> Result<(), StoreError> {
    let bytes = serde_json::to_vec(entry).expect("an entry holds only strings and numbers");
    let head = from_hex(&entry.hash).expect("an entry's hash is made by expected_hash");
    tables.log.insert(entry.snapshot, bytes.as_slice())?;
    tables.header.insert(HEADER_HEAD, head.as_slice())
}

/// The digest of one opened row.
pub(crate) fn row_digest(table: grounds_core::Table, key: &str, number: u64, head: &crate::encoding::RowHead) -> Hash {
    // `known_to` is what a later commit sets, so an open end stands in for it.
    let opened = crate::encoding::RowHead { known_to: None, ..head.clone() };
    encoded_row_digest(table, key, &opened.encode(table, key, number))
}

/// The digest of a row as it was written when it was opened.
pub(crate) fn encoded_row_digest(table: grounds_core::Table, key: &str, head: &[u8]) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[crate::schema::table_number(table)]);
    hasher.update(&(key.len() as u64).to_le_bytes());
    hasher.update(key.as_bytes());
    hasher.update(head);
    *hasher.finalize().as_bytes()
}
