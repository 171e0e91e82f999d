//! Rows, contents, originals and secondary indexes against the log and each other.

use std::collections::{BTreeMap, HashMap, HashSet};

use grounds_core::{Row, Span, Table, Version};

use super::Examination;
use super::cells::SeenCells;
use super::erased::Erased;
use crate::encoding::{Hash, RowHead, hash, hex, place};
use crate::error::{EngineContext, contain};
use crate::index::{ReadIndexes, add_to_indexes};
use crate::log::{EffectsDigest, StoredEntry, row_digest};
use crate::operations::Counter;
use crate::schema::{ORIGINALS, table_of};
use crate::table::{content, decode_row};
use crate::truth::TruthTables;
use crate::{Reader, StoreError};

/// What is kept of the rows while they go by.
#[derive(Default)]
struct Seen {
    /// For each snapshot the rows it opened and closed, by number.
    opened: BTreeMap<u64, Vec<(u64, Hash)>>,
    closed: BTreeMap<u64, Vec<u64>>,
    cells: SeenCells,
    originals: HashSet<String>,
    erased: Erased,
    /// The last key with its pieces, to compare them with each other.
    key: Option<(Table, String)>,
    pieces: Vec<RowHead>,
    versions: HashMap<String, Vec<RowHead>>,
    /// The texts of the last version looked at.
    texts: Option<(String, Vec<(RowHead, String)>)>,
}

/// Examines everything in the truth file but the log's own chain.
pub(super) fn examine(
    reader: &Reader,
    entries: Option<&[StoredEntry]>,
    cells: SeenCells,
    counter: &mut Counter<'_>,
    examination: &mut Examination,
) -> Result<(), StoreError> {
    let mut seen = Seen { cells, ..Seen::default() };
    let rows = each_row(reader, |table, key, number, head| {
        examination.row_count += 1;
        counter.add_one();
        let head = match head {
            Ok(head) => head,
            Err(error) => return examination.note(Err(error)),
        };
        seen.place(table, key, number, &head, examination);
        let row = content(reader.contents()?, table, key, &head).and_then(|bytes| {
            decode_row(table, &bytes).map_err(|_| StoreError::corrupt("a content is not a row", place(table, key)))
        });
        match row {
            Ok(row) => examine_row(reader, &mut seen, key, &head, &row, examination),
            Err(error) => examination.note(Err(error)),
        }
    });
    examination.note(rows)?;
    seen.compare_pieces(examination);
    let erased = Erased::read(reader).map(|erased| seen.place_erased(erased));
    examination.note(erased)?;
    examine_originals(reader, &mut seen, entries.unwrap_or_default(), counter, examination)?;
    if let Some(entries) = entries {
        seen.compare_with_log(entries, examination);
    }
    let missing = missing_index_entries(reader);
    match missing {
        Ok(missing) => {
            for (row, key) in missing {
                examination.derived("a row is not in the index that leads to it", place(row.table(), &key));
            }
            Ok(())
        }
        Err(error) => examination.note(Err(error)),
    }
}

/// Hands every row head to `visit`, or why it cannot be read.
fn each_row(
    reader: &Reader,
    mut visit: impl FnMut(Table, &str, u64, Result<RowHead, StoreError>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    contain("the rows table", || {
        for item in reader.rows()?.range::<(u8, &str, u64)>(..).while_("reading rows")? {
            let (stored_key, bytes) = item.while_("reading rows")?;
            let (table, key, number) = stored_key.value();
            let Some(table) = table_of(table) else {
                return Err(StoreError::corrupt(format!("there is no table {table}"), format!("row {number}")));
            };
            visit(table, key, number, RowHead::decode(table, key, number, bytes.value()))?;
        }
        Ok(())
    })
}

impl Seen {
    fn place(&mut self, table: Table, key: &str, number: u64, head: &RowHead, examination: &mut Examination) {
        self.opened.entry(head.known_from.0).or_default().push((number, row_digest(table, key, number, head)));
        if let Some(to) = head.known_to {
            self.closed.entry(to.0).or_default().push(number);
            if to <= head.known_from {
                examination.truth("a row is closed before it is known", place(table, key));
            }
        }
        if head.validity.to.is_some_and(|to| to <= head.validity.from) {
            examination.truth("a row is valid on no day", place(table, key));
        }
        if self.key.as_ref().is_none_or(|(last_table, last_key)| (*last_table, last_key.as_str()) != (table, key)) {
            self.compare_pieces(examination);
            self.key = Some((table, key.to_owned()));
        }
        self.pieces.push(head.clone());
        if table == Table::Versions {
            self.versions.entry(key.to_owned()).or_default().push(head.clone());
        }
    }

    /// Pieces of one key must not share a day at a snapshot.
    fn compare_pieces(&mut self, examination: &mut Examination) {
        let pieces = std::mem::take(&mut self.pieces);
        let Some((table, key)) = &self.key else { return };
        for (at, piece) in pieces.iter().enumerate() {
            for other in &pieces[at + 1..] {
                if share_a_point(piece, other) {
                    examination.truth("two rows hold on one day at one snapshot", place(*table, key));
                }
            }
        }
    }

    /// Lets what is left of erased rows stand in for them.
    fn place_erased(&mut self, erased: Erased) {
        for (number, tombstone) in erased.rows() {
            if tombstone.is_declared {
                self.cells.place_erased(*number, tombstone);
                continue;
            }
            self.opened.entry(tombstone.known_from).or_default().push((*number, tombstone.digest));
            if let Some(to) = tombstone.known_to {
                self.closed.entry(to).or_default().push(*number);
            }
        }
        self.erased = erased;
    }

    fn compare_with_log(&mut self, entries: &[StoredEntry], examination: &mut Examination) {
        for entry in entries {
            let mut digest = EffectsDigest::new();
            let mut closed = self.closed.remove(&entry.snapshot).unwrap_or_default();
            closed.sort_unstable();
            closed.into_iter().for_each(|number| digest.closed(number));
            let mut opened = self.opened.remove(&entry.snapshot).unwrap_or_default();
            opened.sort_unstable();
            opened.iter().for_each(|(_, row)| digest.opened(row));
            for (number, row) in self.erased.rows_at(entry.snapshot) {
                digest.erased(number, row);
            }
            self.erased.originals_at(entry.snapshot).for_each(|hash| digest.erased_original(hash));
            if digest.finish(self.cells.take_digest(entry.snapshot)) != entry.effects {
                let what = "the rows that the commit wrote are not those it logged";
                examination.truth(what, format!("log entry {}", entry.snapshot));
            }
        }
        for snapshot in self.opened.keys().chain(self.closed.keys()).chain(self.cells.snapshots()) {
            examination.truth("rows belong to a commit that is not in the log", format!("log entry {snapshot}"));
        }
    }
}

fn share_a_point(a: &RowHead, b: &RowHead) -> bool {
    a.validity.overlaps(b.validity)
        && a.known_to.is_none_or(|to| b.known_from < to)
        && b.known_to.is_none_or(|to| a.known_from < to)
}

fn examine_row(
    reader: &Reader,
    seen: &mut Seen,
    key: &str,
    head: &RowHead,
    row: &Row,
    examination: &mut Examination,
) -> Result<(), StoreError> {
    if row.key() != key {
        examination.truth("a row is stored under a key that is not its own", place(row.table(), key));
    }
    match row {
        Row::Version(version) => {
            if hex(&hash(version.text.as_bytes())) != version.text_hash {
                examination.truth("a version's text does not match its hash", place(Table::Versions, key));
            }
            if version.document.0 != head.owner {
                examination.truth("a version is filed under another document", place(Table::Versions, key));
            }
            seen.originals.insert(version.original_hash.clone());
            Ok(())
        }
        Row::Unit(unit) => {
            examine_spans(reader, seen, &unit.version.0, &[unit.span, unit.body], (row, key, head), examination)
        }
        Row::Passage(passage) => {
            examine_spans(reader, seen, &passage.version.0, &[passage.span], (row, key, head), examination)
        }
        Row::Link(link) => {
            examine_spans(reader, seen, &link.from_version.0, &[link.span], (row, key, head), examination)
        }
        _ => Ok(()),
    }
}

/// Spans must lie in every text of their version that they are visible with.
fn examine_spans(
    reader: &Reader,
    seen: &mut Seen,
    version: &str,
    spans: &[Span],
    (row, key, head): (&Row, &str, &RowHead),
    examination: &mut Examination,
) -> Result<(), StoreError> {
    if seen.texts.as_ref().is_none_or(|(held, _)| held != version) {
        let mut texts = Vec::new();
        for head in seen.versions.get(version).into_iter().flatten() {
            // A damaged version has its own finding.
            if let Ok(version) = crate::table::row::<Version>(reader.contents()?, version, head) {
                texts.push((head.clone(), version.text));
            }
        }
        seen.texts = Some((version.to_owned(), texts));
    }
    if !seen.versions.contains_key(version) {
        examination.truth(format!("a row belongs to version {version}, which is not stored"), place(row.table(), key));
        return Ok(());
    }
    let texts = seen.texts.as_ref().map(|(_, texts)| texts.as_slice()).unwrap_or_default();
    let mut visible_with = texts.iter().filter(|(version_head, _)| share_a_point(version_head, head));
    if visible_with.any(|(_, text)| spans.iter().any(|span| span.of(text).is_none())) {
        let what = "a span is outside the text of its version or goes through a character";
        examination.truth(what, place(row.table(), key));
    }
    Ok(())
}

fn examine_originals(
    reader: &Reader,
    seen: &mut Seen,
    entries: &[StoredEntry],
    counter: &mut Counter<'_>,
    examination: &mut Examination,
) -> Result<(), StoreError> {
    let table = reader.transaction().open_table(ORIGINALS).while_("opening the originals")?;
    let mut kept = HashSet::new();
    let result = contain("the originals", || {
        for item in table.range::<&[u8; 32]>(..).while_("reading the originals")? {
            let (name, bytes) = item.while_("reading the originals")?;
            examination.original_count += 1;
            counter.add_one();
            let digits = hex(name.value());
            if hash(bytes.value()) != *name.value() {
                examination.truth("the bytes of an original do not match its name", format!("original {digits}"));
            }
            kept.insert(digits);
        }
        Ok(())
    });
    examination.note(result)?;
    seen.originals.extend(entries.iter().flat_map(|entry| entry.originals.iter().cloned()));
    let is_missing = |digits: &&String| !kept.contains(*digits) && !seen.erased.has_original(digits);
    let mut missing: Vec<&String> = seen.originals.iter().filter(is_missing).collect();
    missing.sort_unstable();
    for digits in missing {
        examination.truth("an original is missing", format!("original {digits}"));
    }
    Ok(())
}

/// The rows that no secondary index leads to.
pub(super) fn missing_index_entries(reader: &Reader) -> Result<Vec<(Row, String)>, StoreError> {
    let indexes = ReadIndexes::open(reader.transaction())?;
    let mut missing = Vec::new();
    let mut looked_at: Option<(Table, u64)> = None;
    each_row(reader, |table, key, _, head| {
        let Ok(head) = head else { return Ok(()) };
        let is_indexed = matches!(table, Table::Versions | Table::Units | Table::Links);
        if !is_indexed || looked_at.replace((table, head.content)) == Some((table, head.content)) {
            return Ok(());
        }
        // A damaged content has its own finding.
        let Ok(bytes) = content(reader.contents()?, table, key, &head) else { return Ok(()) };
        let Ok(row) = decode_row(table, &bytes) else { return Ok(()) };
        if !indexes.has(&row, key)? {
            missing.push((row, key.to_owned()));
        }
        Ok(())
    })?;
    Ok(missing)
}

/// Adds what is missing.
pub(super) fn add_index_entries(tables: &mut TruthTables<'_>, missing: &[(Row, String)]) -> Result<(), StoreError> {
    missing.iter().try_for_each(|(row, key)| add_to_indexes(tables, row, key))
}
