//! From a batch to the rows it opens and closes, the contents it adds, and its log entry: one write transaction.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use grounds_core::{Batch, Change, Instant, Row, Snapshot, Table, Validity, Version};
use jiff::civil::Date;
use redb::ReadableTable;

use crate::StoreError;
use crate::bitemporal::{Piece, cut, put, remove};
use crate::cells::{Catalogue, CellsWriter, write_built_in_changes, write_tables};
use crate::encoding::{Hash, RowHead, encode_row, from_hex, hash, hex};
use crate::error::EngineContext;
use crate::index::add_to_indexes;
use crate::log::{EffectsDigest, StoredEntry, append, encoded_row_digest, genesis_hash};
use crate::parallel::map_in_parallel;
use crate::schema::{table_number, table_of};
use crate::table::{Keys, visit_heads};
use crate::text::analyse::Language;
use crate::text::{NewPassage, PassageText};
use crate::truth::TruthTables;

/// What a commit did to the rows, for what is kept in memory.
pub(crate) struct Effects {
    pub(crate) snapshot: Snapshot,
    pub(crate) opened: Vec<OpenedRow>,
    pub(crate) closed: Vec<ClosedRow>,
}

impl Effects {
    /// Table, key and number of every row closed, then of every row opened, and whether it was closed.
    fn changes(&self) -> impl Iterator<Item = (Table, &str, u64, bool)> {
        let closed = self.closed.iter().map(|row| (row.table, row.key.as_str(), row.number, true));
        closed.chain(self.opened.iter().map(|row| (row.table, row.key.as_str(), row.number, false)))
    }

    fn touches(&self, table: Table) -> bool {
        self.opened.iter().any(|row| row.table == table) || self.closed.iter().any(|row| row.table == table)
    }
}

/// A row known from this commit on.
pub(crate) struct OpenedRow {
    pub(crate) table: Table,
    pub(crate) key: String,
    pub(crate) number: u64,
    pub(crate) head: RowHead,
}

/// A row no longer known.
pub(crate) struct ClosedRow {
    pub(crate) table: Table,
    pub(crate) key: String,
    pub(crate) number: u64,
}

/// What is known of the truth between two commits, so that the next one need not read it.
#[derive(Clone, Default)]
pub(crate) struct Head {
    /// The last log entry.
    pub(crate) entry: Option<StoredEntry>,
    /// The declared tables known then.
    pub(crate) catalogue: Arc<Catalogue>,
}

/// Writes `batch` into `tables` as the commit after `head`, which then is what follows; `None` where the batch changes nothing.
///
/// After an error the transaction must be given up: some of the batch may have been written. `on_numbered` is told, before anything is
/// written, of passages that are new and how many there will be.
pub(crate) fn write<'b>(
    tables: &mut TruthTables<'_>,
    (batch, at): (&'b Batch, Instant),
    head: &mut Head,
    on_numbered: impl FnOnce(Vec<NewPassage<'b>>, u64),
) -> Result<Option<Effects>, StoreError> {
    let mut pending = Pending::new(batch.base);
    let encoded = map_in_parallel(&batch.changes, ENCODED_ALONE_BELOW, EncodedRow::of);
    for (change, encoded) in batch.changes.iter().zip(encoded) {
        pending.apply(tables.rows.read()?, change, encoded)?;
    }
    let mut digest = EffectsDigest::new();
    let previous = head.entry.as_ref();
    let snapshot = Snapshot(previous.map_or(0, |entry| entry.snapshot) + 1);
    let mut numbers = Numbers {
        row: previous.map_or(0, |entry| entry.row_end),
        content: previous.map_or(0, |entry| entry.content_end),
        passage_content: previous.map_or(0, |entry| entry.passage_content_count),
    };
    pending.number_contents(&mut numbers);
    on_numbered(pending.new_passages(), numbers.passage_content);
    let effects = pending.write(tables, snapshot, &mut numbers, &mut digest)?;
    write_built_in_changes(tables, snapshot, effects.changes())?;
    let catalogue = match effects.touches(Table::Tables) {
        false => Arc::clone(&head.catalogue),
        true => {
            let next = load_catalogue(tables, snapshot)?;
            next.check_follows(&head.catalogue)?;
            Arc::new(next)
        }
    };
    let mut cells = CellsWriter::new(snapshot, batch.base, &mut numbers.row);
    write_tables(&mut cells, tables, (&catalogue, &head.catalogue), batch)?;
    let (cells, cells_change_count) = (cells.digest, cells.change_count);
    let originals = write_originals(tables, batch)?;
    if effects.opened.is_empty() && effects.closed.is_empty() && originals.is_empty() && cells.is_empty() {
        return Ok(None);
    }
    let mut entry = StoredEntry {
        snapshot: snapshot.0,
        unix_seconds: at.unix_seconds,
        offset_minutes: at.offset_minutes,
        message: batch.message.clone(),
        change_count: pending.change_count + cells_change_count + originals.len(),
        row_end: numbers.row,
        content_end: numbers.content,
        passage_content_count: numbers.passage_content,
        originals,
        effects: digest.finish(cells),
        previous_hash: previous.map_or_else(genesis_hash, |entry| entry.hash.clone()),
        hash: String::new(),
    };
    entry.hash = entry.expected_hash();
    append(tables, &entry)?;
    *head = Head { entry: Some(entry), catalogue };
    Ok(Some(effects))
}

/// The declared tables known at `snapshot`.
pub(crate) fn load_catalogue(tables: &mut TruthTables<'_>, snapshot: Snapshot) -> Result<Catalogue, StoreError> {
    let TruthTables { rows, contents, .. } = tables;
    Catalogue::load(rows.read()?, contents.read()?, snapshot)
}

/// The next numbers to give out.
struct Numbers {
    row: u64,
    content: u64,
    passage_content: u64,
}

impl Numbers {
    fn take(number: &mut u64) -> u64 {
        *number += 1;
        *number - 1
    }
}

/// The keys a batch touches, as they will be.
struct Pending<'batch> {
    keys: BTreeMap<(u8, String), KeyState<'batch>>,
    change_count: usize,
    /// The snapshot the batch was made from, where it says so.
    base: Option<Snapshot>,
}

/// One key: what is stored and open, and what it will hold.
#[derive(Default)]
struct KeyState<'batch> {
    stored: Vec<(u64, RowHead)>,
    pieces: Vec<Piece>,
    contents: Vec<Content<'batch>>,
}

/// One of a key's contents.
struct Content<'batch> {
    hash: Hash,
    owner: String,
    /// `None` while it is new and no piece needs it.
    number: Option<u64>,
    /// What is to be written; `None` where it is stored.
    new: Option<(Vec<u8>, &'batch Row)>,
}

/// A row to put, as far as it can be prepared without the tables.
struct EncodedRow {
    key: String,
    json: Vec<u8>,
    hash: Hash,
}

impl EncodedRow {
    /// `None` for a change that puts no row.
    fn of(change: &Change) -> Option<Self> {
        let Change::Put { row, .. } = change else { return None };
        let json = encode_row(row);
        Some(Self { key: row.key(), hash: hash(&json), json })
    }
}

/// Fewer changes are encoded by one thread.
const ENCODED_ALONE_BELOW: usize = 2_048;
/// Fewer texts are hashed by one thread.
const HASHED_ALONE_BELOW: usize = 64;

/// The content number of a version, its text, and the language of its document.
type NumberedText<'batch> = (u64, &'batch str, Language);

impl<'batch> Pending<'batch> {
    fn new(base: Option<Snapshot>) -> Self {
        Self { keys: BTreeMap::new(), change_count: 0, base }
    }

    fn apply(
        &mut self,
        rows: &impl ReadableTable<(u8, &'static str, u64), &'static [u8]>,
        change: &'batch Change,
        encoded: Option<EncodedRow>,
    ) -> Result<(), StoreError> {
        let changed = match change {
            Change::Put { row, validity } => {
                let encoded = encoded.or_else(|| EncodedRow::of(change)).expect("what puts a row is encoded");
                self.put(rows, (row, encoded), *validity)?
            }
            Change::CloseVersion { version, from } => self.close_version(rows, &version.0, *from)?,
            Change::Delete { table, key, validity } => {
                remove(&mut self.state(rows, *table, key.clone())?.pieces, *validity)
            }
        };
        self.change_count += usize::from(changed);
        Ok(())
    }

    fn put(
        &mut self,
        rows: &impl ReadableTable<(u8, &'static str, u64), &'static [u8]>,
        (row, encoded): (&'batch Row, EncodedRow),
        validity: Validity,
    ) -> Result<bool, StoreError> {
        let EncodedRow { key, json, hash: content_hash } = encoded;
        let table = row.table();
        if validity.to.is_some_and(|to| to <= validity.from) {
            let interval = format!("{} .. {}", validity.from, validity.to.unwrap_or(Date::MAX));
            return Err(StoreError::EmptyValidity { table: table.name().to_owned(), key, interval });
        }
        let state = self.state(rows, table, key)?;
        let known = state.contents.iter().position(|content| content.hash == content_hash);
        let content = known.unwrap_or_else(|| {
            let owner = match row {
                Row::Version(version) => version.document.0.clone(),
                _ => String::new(),
            };
            state.contents.push(Content { hash: content_hash, owner, number: None, new: Some((json, row)) });
            state.contents.len() - 1
        });
        Ok(put(&mut state.pieces, content, validity))
    }

    fn close_version(
        &mut self,
        rows: &impl ReadableTable<(u8, &'static str, u64), &'static [u8]>,
        version: &str,
        from: Date,
    ) -> Result<bool, StoreError> {
        let mut changed = cut(&mut self.state(rows, Table::Versions, version.to_owned())?.pieces, from);
        for table in [Table::Units, Table::Passages, Table::Links] {
            let mut keys = Vec::new();
            visit_heads(rows, table, Keys::OfVersion(version), |key, _, head| {
                if head.known_to.is_none() && keys.last().is_none_or(|last| last != key) {
                    keys.push(key.to_owned());
                }
                Ok(())
            })?;
            for key in keys {
                self.state(rows, table, key)?;
            }
            let number = table_number(table);
            let range = (number, format!("{version}/"))..(number, format!("{version}0"));
            for (_, state) in self.keys.range_mut(range) {
                changed |= cut(&mut state.pieces, from);
            }
        }
        Ok(changed)
    }

    /// The state of a key, read from the tables when it is first touched.
    fn state(
        &mut self,
        rows: &impl ReadableTable<(u8, &'static str, u64), &'static [u8]>,
        table: Table,
        key: String,
    ) -> Result<&mut KeyState<'batch>, StoreError> {
        use std::collections::btree_map::Entry;
        match self.keys.entry((table_number(table), key)) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let mut state = KeyState::default();
                let mut last_change = Snapshot(0);
                visit_heads(rows, table, Keys::One(&entry.key().1), |_, number, head| {
                    last_change = last_change.max(head.known_from).max(head.known_to.unwrap_or_default());
                    state.add_stored(number, head);
                    Ok(())
                })?;
                if self.base.is_some_and(|base| last_change > base) {
                    let (table, key) = (table.name().to_owned(), entry.key().1.clone());
                    return Err(StoreError::WriteConflict { table, key, snapshot: last_change });
                }
                Ok(entry.insert(state))
            }
        }
    }

    /// Gives numbers to the contents that will be written, in the order of their keys.
    fn number_contents(&mut self, numbers: &mut Numbers) {
        let passages = table_number(Table::Passages);
        for ((table, _), state) in &mut self.keys {
            state.keep_unchanged();
            for piece in state.pieces.iter().filter(|piece| piece.row.is_none()) {
                let content = &mut state.contents[piece.content];
                if content.number.is_none() {
                    content.number = Some(Numbers::take(&mut numbers.content));
                    numbers.passage_content += u64::from(*table == passages);
                }
            }
        }
    }

    /// The new passages whose version and document are new too: the texts that can be told without reading any.
    fn new_passages(&self) -> Vec<NewPassage<'batch>> {
        let only = |table: Table, key: &str| match self
            .keys
            .get(&(table_number(table), key.to_owned()))?
            .contents
            .as_slice()
        {
            [Content { number: Some(number), new: Some((_, row)), .. }] => Some((*number, *row)),
            _ => None,
        };
        let text_of = |version: &str| -> Option<NumberedText<'batch>> {
            let Some((number, Row::Version(version))) = only(Table::Versions, version) else { return None };
            let Some((_, Row::Document(document))) = only(Table::Documents, &version.document.0) else { return None };
            Some((number, version.text.as_str(), Language::of(&document.language)))
        };
        let passages = table_number(Table::Passages);
        let mut found = Vec::new();
        let mut held: Option<(&str, Option<NumberedText<'batch>>)> = None;
        for (_, state) in self.keys.range((passages, String::new())..(passages + 1, String::new())) {
            for content in &state.contents {
                let (Some(passage), Some((_, Row::Passage(row)))) = (content.number, content.new.as_ref()) else {
                    continue;
                };
                let key = row.version.0.as_str();
                if held.is_none_or(|(held, _)| held != key) {
                    held = Some((key, text_of(key)));
                }
                let Some((_, Some((version, version_text, language)))) = held else { continue };
                let text = PassageText { version, passage, language };
                found.push(NewPassage { text, row, version_text });
            }
        }
        found
    }

    /// Writes what differs from what is stored.
    fn write(
        &mut self,
        tables: &mut TruthTables<'_>,
        snapshot: Snapshot,
        numbers: &mut Numbers,
        digest: &mut EffectsDigest,
    ) -> Result<Effects, StoreError> {
        let mut effects = Effects { snapshot, opened: Vec::new(), closed: Vec::new() };
        let mut opened = Vec::new();
        for ((table, key), state) in &mut self.keys {
            let table = table_of(*table).expect("state() makes these numbers from tables");
            for (number, head) in &state.stored {
                if state.pieces.iter().all(|piece| piece.row != Some(*number)) {
                    let closed = RowHead { known_to: Some(snapshot), ..head.clone() }.encode(table, key, *number);
                    tables.rows.insert((table_number(table), key.as_str(), *number), closed.as_slice())?;
                    effects.closed.push(ClosedRow { table, key: key.clone(), number: *number });
                }
            }
            for piece in state.pieces.iter().filter(|piece| piece.row.is_none()) {
                let content = &mut state.contents[piece.content];
                let content_number = content.number.expect("number_contents() came before");
                if let Some((json, row)) = content.new.take() {
                    tables.contents.insert(content_number, json.as_slice())?;
                    add_to_indexes(tables, row, key)?;
                }
                let head = RowHead {
                    validity: piece.validity,
                    known_from: snapshot,
                    known_to: None,
                    content: content_number,
                    content_hash: content.hash,
                    owner: content.owner.clone(),
                };
                let number = Numbers::take(&mut numbers.row);
                let bytes = head.encode(table, key, number);
                tables.rows.insert((table_number(table), key.as_str(), number), bytes.as_slice())?;
                opened.push(encoded_row_digest(table, key, &bytes));
                effects.opened.push(OpenedRow { table, key: key.clone(), number, head });
            }
        }
        effects.closed.sort_unstable_by_key(|row| row.number);
        effects.closed.iter().for_each(|row| digest.closed(row.number));
        opened.iter().for_each(|row| digest.opened(row));
        Ok(effects)
    }
}

impl KeyState<'_> {
    fn add_stored(&mut self, number: u64, head: RowHead) {
        let known = self.contents.iter().position(|content| content.hash == head.content_hash);
        let content = known.unwrap_or_else(|| {
            let (hash, number) = (head.content_hash, Some(head.content));
            self.contents.push(Content { hash, owner: head.owner.clone(), number, new: None });
            self.contents.len() - 1
        });
        if head.known_to.is_none() {
            self.pieces.push(Piece { validity: head.validity, content, row: Some(number) });
            self.stored.push((number, head));
        }
    }

    /// Takes a stored row for a piece that says the same: a batch may undo its own change.
    fn keep_unchanged(&mut self) {
        for (number, head) in &self.stored {
            if self.pieces.iter().any(|piece| piece.row == Some(*number)) {
                continue;
            }
            let same = |piece: &&mut Piece| {
                piece.row.is_none()
                    && piece.validity == head.validity
                    && self.contents[piece.content].hash == head.content_hash
            };
            if let Some(piece) = self.pieces.iter_mut().find(same) {
                piece.row = Some(*number);
            }
        }
    }
}

/// Keeps the originals that are new; returns their hashes in order.
fn write_originals(tables: &mut TruthTables<'_>, batch: &Batch) -> Result<Vec<String>, StoreError> {
    let mut new = BTreeMap::new();
    for original in &batch.originals {
        let name = from_hex(&original.hash).filter(|name| *name == hash(&original.bytes)).ok_or_else(|| {
            let found = hex(&hash(&original.bytes));
            StoreError::HashMismatch { what: "an original".to_owned(), given: original.hash.clone(), found }
        })?;
        if tables.originals.read()?.get(&name).while_("reading the originals")?.is_none() {
            new.insert(name, original.bytes.as_slice());
        }
    }
    for (name, bytes) in &new {
        tables.originals.insert(name, bytes)?;
    }
    Ok(new.keys().map(hex).collect())
}

/// Checks what a batch says about its own bytes before anything is written.
///
/// A version's hash must be that of its text, and spans must lie in a text of their version on character boundaries. Rows
/// whose version is not in the batch are taken as they are; `examine` checks them against what is stored.
pub(crate) fn check(batch: &Batch) -> Result<(), StoreError> {
    let versions: Vec<&Version> = batch.changes.iter().filter_map(put_version).collect();
    let hashes = map_in_parallel(&versions, HASHED_ALONE_BELOW, |version| hex(&hash(version.text.as_bytes())));
    let mut texts: HashMap<&str, Vec<&str>> = HashMap::new();
    for (version, found) in versions.into_iter().zip(hashes) {
        if found != version.text_hash {
            let what = format!("the text of version {}", version.id);
            return Err(StoreError::HashMismatch { what, given: version.text_hash.clone(), found });
        }
        texts.entry(&version.id.0).or_default().push(&version.text);
    }
    for change in &batch.changes {
        let Change::Put { row, .. } = change else { continue };
        let (version, spans) = match row {
            Row::Unit(unit) => (&unit.version, vec![unit.span, unit.body]),
            Row::Passage(passage) => (&passage.version, vec![passage.span]),
            Row::Link(link) => (&link.from_version, vec![link.span]),
            _ => continue,
        };
        let Some(texts) = texts.get(version.0.as_str()) else { continue };
        if !texts.iter().any(|text| spans.iter().all(|span| span.of(text).is_some())) {
            return Err(StoreError::SpanOutside { table: row.table().name(), key: row.key() });
        }
    }
    Ok(())
}

/// The version that a change puts.
fn put_version(change: &Change) -> Option<&Version> {
    match change {
        Change::Put { row: Row::Version(version), .. } => Some(version),
        _ => None,
    }
}
