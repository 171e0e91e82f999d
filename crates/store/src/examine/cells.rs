//! Rows of declared tables against their definitions, each other, the log, and the lists of what each commit changed.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use grounds_core::{Row, Snapshot, Table, TableDefinition, TableId};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::Examination;
use crate::cells::{
    BUILT_IN, KnownTime, PartWriter, Place, decode_cells, decode_part, decode_row, encode_key, place_of, row_digest,
    split_engine_key,
};
use crate::encoding::Hash;
use crate::error::{EngineContext, contain};
use crate::log::CellsDigest;
use crate::operations::tombstone::Tombstone;
use crate::schema::CHANGES;
use crate::truth::TruthTables;
use crate::{Reader, StoreError};

/// What the rows say that each commit did.
#[derive(Default)]
pub(super) struct SeenCells {
    opened: BTreeMap<u64, Vec<(u64, Hash)>>,
    closed: BTreeMap<u64, Vec<u64>>,
    changes: Changes,
    /// The last key with its pieces, to compare them with each other.
    key: Option<(TableId, Vec<u8>)>,
    pieces: Vec<Place>,
}

/// For each table and snapshot, how many rows were opened and closed, and all of them in one number.
pub(super) type Changes = BTreeMap<(u32, u64), [(u64, u64); 2]>;

fn note_change(changes: &mut Changes, table: TableId, snapshot: u64, key: &[u8], number: u64, is_closed: bool) {
    let slot = &mut changes.entry((table.0, snapshot)).or_default()[usize::from(is_closed)];
    slot.0 += 1;
    slot.1 ^= xxh3_64_with_seed(key, number);
}

impl SeenCells {
    /// The digest of what `snapshot` did; leaves nothing of it.
    pub(super) fn take_digest(&mut self, snapshot: u64) -> CellsDigest {
        let mut digest = CellsDigest::new();
        self.closed.remove(&snapshot).into_iter().flatten().for_each(|number| digest.closed(number));
        let mut opened = self.opened.remove(&snapshot).unwrap_or_default();
        opened.sort_unstable();
        opened.iter().for_each(|(_, row)| digest.opened(row));
        digest
    }

    /// A row that was erased, which the log still vouches for.
    pub(super) fn place_erased(&mut self, number: u64, tombstone: &Tombstone) {
        self.opened.entry(tombstone.known_from).or_default().push((number, tombstone.digest));
        if let Some(to) = tombstone.known_to {
            self.closed.entry(to).or_default().push(number);
        }
    }

    /// Snapshots of which something is left.
    pub(super) fn snapshots(&self) -> impl Iterator<Item = &u64> {
        self.opened.keys().chain(self.closed.keys())
    }

    fn place(&mut self, engine_key: &[u8], bytes: &[u8], place: Place, examination: &mut Examination) {
        let Some((table, key, number)) = split_engine_key(engine_key) else { return };
        self.opened.entry(place.known_from.0).or_default().push((number, row_digest(engine_key, bytes)));
        note_change(&mut self.changes, table, place.known_from.0, key, number, false);
        if let Some(to) = place.known_to {
            self.closed.entry(to.0).or_default().push(number);
            note_change(&mut self.changes, table, to.0, key, number, true);
            if to <= place.known_from {
                examination.truth("a row is closed before it is known", place_of(engine_key));
            }
        }
        if place.validity.to.is_some_and(|to| to <= place.validity.from) {
            examination.truth("a row is valid on no day", place_of(engine_key));
        }
        if self.key.as_ref().is_none_or(|(last_table, last_key)| (*last_table, last_key.as_slice()) != (table, key)) {
            self.pieces.clear();
            self.key = Some((table, key.to_owned()));
        }
        if self.pieces.iter().any(|other| share_a_point(other, &place)) {
            examination.truth("two rows hold on one day at one snapshot", place_of(engine_key));
        }
        self.pieces.push(place);
    }
}

/// Examines every row of every declared table.
pub(super) fn examine(reader: &Reader, examination: &mut Examination) -> Result<SeenCells, StoreError> {
    let definitions = match definitions(reader) {
        Err(StoreError::Corrupt { .. }) => None, // Has its own finding among the built-in rows.
        other => Some(other?),
    };
    let mut seen = SeenCells::default();
    let rows = contain("the cells table", || {
        for item in redb::ReadableTable::iter(reader.cells()).while_("reading rows")? {
            let (engine_key, bytes) = item.while_("reading rows")?;
            let (engine_key, bytes) = (engine_key.value(), bytes.value());
            examination.row_count += 1;
            match decode_row(engine_key, bytes) {
                Err(error) => examination.note(Err(error))?,
                Ok((place, cells)) => {
                    seen.place(engine_key, bytes, place, examination);
                    if let Some(definitions) = &definitions
                        && let Some(what) = wrong_with(definitions, engine_key, cells)
                    {
                        examination.truth(what, place_of(engine_key));
                    }
                }
            }
        }
        Ok(())
    });
    examination.note(rows)?;
    if stored_changes(reader).ok().as_ref() != Some(&seen.changes) {
        let what = "the lists of what commits changed in declared tables are not what the rows say";
        examination.derived(what, "the changes table");
    }
    Ok(seen)
}

/// The widest definition of each table there ever was.
fn definitions(reader: &Reader) -> Result<HashMap<TableId, TableDefinition>, StoreError> {
    let mut definitions: HashMap<TableId, TableDefinition> = HashMap::new();
    reader.visit_built_in(Table::Tables, KnownTime::All, &mut |piece| {
        if let Row::Table(definition) = piece.row
            && definitions.get(&definition.id).is_none_or(|other| other.columns.len() <= definition.columns.len())
        {
            definitions.insert(definition.id, definition);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(definitions)
}

/// What does not fit between a row and its table.
fn wrong_with(
    definitions: &HashMap<TableId, TableDefinition>,
    engine_key: &[u8],
    cells: &[u8],
) -> Option<&'static str> {
    let Some((table, key, _)) = split_engine_key(engine_key) else { return Some("a key is too short") };
    let Some(definition) = definitions.get(&table) else {
        return Some("a row belongs to a table that was never declared");
    };
    let Some(cells) = decode_cells(cells, definition.columns.len()) else { return Some("a row's bytes are no cells") };
    if cells.len() > definition.columns.len() {
        return Some("a row has more cells than its table has columns");
    }
    if cells.iter().zip(&definition.columns).any(|(cell, column)| !cell.fits(column.column_type)) {
        return Some("a cell is not of its column's type");
    }
    let is_own = definition.primary_key.is_empty() || encode_key(definition, &cells) == key;
    (!is_own).then_some("a row is stored under a key that is not its own")
}

fn share_a_point(a: &Place, b: &Place) -> bool {
    a.validity.overlaps(b.validity)
        && a.known_to.is_none_or(|to| b.known_from < to)
        && b.known_to.is_none_or(|to| a.known_from < to)
}

/// What the lists of changes say.
fn stored_changes(reader: &Reader) -> Result<Changes, StoreError> {
    let mut found = Changes::new();
    contain("the changes table", || {
        let table = reader.transaction().open_table(CHANGES).while_("opening the changes")?;
        for item in redb::ReadableTable::iter(&table).while_("reading changes")? {
            let (key, bytes) = item.while_("reading changes")?;
            let (table, snapshot, _) = key.value();
            if table == BUILT_IN.0 {
                continue;
            }
            for row in decode_part(key.value(), bytes.value())? {
                note_change(&mut found, TableId(table), snapshot, &row.key, row.number, row.is_closed);
            }
        }
        Ok(())
    })?;
    Ok(found)
}

/// Whether the lists of changes say something else than the rows.
pub(super) fn has_wrong_changes(reader: &Reader) -> Result<bool, StoreError> {
    let mut expected = Changes::new();
    visit_places(reader, |table, key, number, place| {
        note_change(&mut expected, table, place.known_from.0, key, number, false);
        if let Some(to) = place.known_to {
            note_change(&mut expected, table, to.0, key, number, true);
        }
        Ok(())
    })?;
    match stored_changes(reader) {
        Err(StoreError::Corrupt { .. }) => Ok(true),
        stored => Ok(stored? != expected),
    }
}

/// Writes the lists of changes of declared tables anew, as the rows say.
pub(super) fn rebuild_changes(reader: &Reader, tables: &mut TruthTables<'_>) -> Result<(), StoreError> {
    tables.changes.retain(|(table, ..)| table == BUILT_IN.0)?;
    let mut writers: BTreeMap<(TableId, Snapshot), PartWriter> = BTreeMap::new();
    visit_places(reader, |table, key, number, place| {
        let mut add = |snapshot: Snapshot, is_closed: bool| {
            let writer = writers.entry((table, snapshot)).or_insert_with(|| PartWriter::new(table, snapshot));
            writer.add(tables, key, number, is_closed)
        };
        add(place.known_from, false)?;
        place.known_to.map_or(Ok(()), |to| add(to, true))
    })?;
    writers.into_values().try_for_each(|writer| writer.finish(tables))
}

/// Hands the place of every row of every declared table to `visit`, with its table, key and number.
fn visit_places(
    reader: &Reader,
    mut visit: impl FnMut(TableId, &[u8], u64, Place) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    contain("the cells table", || {
        for item in redb::ReadableTable::iter(reader.cells()).while_("reading rows")? {
            let (engine_key, bytes) = item.while_("reading rows")?;
            let (place, _) = decode_row(engine_key.value(), bytes.value())?;
            if let Some((table, key, number)) = split_engine_key(engine_key.value()) {
                visit(table, key, number, place)?;
            }
        }
        Ok(())
    })
}
